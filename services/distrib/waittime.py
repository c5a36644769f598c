# Copyright the carryall authors.  See LICENSE.
"""How long a personal server may take to begin its answer:
only the time counts in which it is its turn.

A client that sends a large body slowly is no fault of the server that asks for it; for such clients
the front end has its own limits.

Tests:    tests/services/distrib/test_subscription.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['WatchedBody']


class WatchedBody(object):
    """A body as a source for the personal server, and since when it is that server's turn.

    Attributes:
        since: loop time at which it was given what it had asked for;
               None while it waits for octets of the client.
    """

    def __init__(self, body, clock):
        # type: (Any, Any) -> None
        self.since = clock.time()       # type: Optional[float]
        self._body = body
        self._clock = clock

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the next octets."""
        self.since = None
        future = self._body.read(maximum)
        future.add_done_callback(self._given)
        return future

    def _given(self, _future):
        # type: (Any) -> None
        self.since = self._clock.time()

    def left(self, seconds):
        # type: (float) -> float
        """How many of so many *seconds* in which it is the server's turn are left."""
        return seconds if self.since is None else self.since + seconds - self._clock.time()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.core.future import Future
