# Copyright the carryall authors.  See LICENSE.
"""The time that a personal server takes to begin its answer;
only the time in which it is its turn counts.

A server must not fail because it asks for a large body that the client sends slowly.  For such
clients the front end has its own limits.
Tests:    tests/services/distrib/test_subscription.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['WatchedBody']


class WatchedBody(object):
    """A body as a source for the personal server, and the time since it is that server's turn.

    Attributes:
        since: loop time at which it was given the octets that it had asked for;
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
        """The rest of *seconds*, counting the time in which it is the server's turn."""
        return seconds if self.since is None else self.since + seconds - self._clock.time()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.core.future import Future
