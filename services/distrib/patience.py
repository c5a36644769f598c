# Copyright the carryall authors.  See LICENSE.
"""How long a personal server may take to begin its answer: only the time counts in which it is its turn.

A client that sends a large body slowly is no fault of the server that asks for it; for such clients the front end has its
own limits.

Tests:    tests/services/distrib/test_subscription.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import TimedOut
from carryall.core.future import Future

__all__ = ['WatchedBody', 'in_its_turn']


class WatchedBody(object):
    """A body as a source for the personal server, and since when it is that server's turn.

    Attributes:
        since: loop time at which it was given what it had asked for; None while it waits for octets of the client.
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


def in_its_turn(clock, answer, seconds, body):
    # type: (Any, Future, float, WatchedBody) -> Future
    """As *answer*, but TimedOut after *seconds* in which it was the server's turn; then *answer* is cancelled."""
    bounded = Future(lambda _: answer.cancel())
    timers = []                         # type: List[Any]

    def look():
        # type: () -> None
        left = seconds if body.since is None else body.since + seconds - clock.time()
        if left > 0.0:
            timers[:] = [clock.call_later(left, look)]
        elif not bounded.done():
            bounded.set_exception(TimedOut(u'it took too long'))
            answer.cancel()

    def arrived(_):
        # type: (Future) -> None
        for timer in timers:
            timer.cancel()
        if bounded.done():
            return
        if answer.exception() is not None:
            bounded.set_exception(answer.exception())
        else:
            bounded.set_result(answer.result())

    look()
    answer.add_done_callback(arrived)
    return bounded


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
