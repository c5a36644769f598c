# Copyright the carryall authors.  See LICENSE.
"""Happy Eyeballs: connect to a name that has several addresses, of both kinds, without waiting for
the dead ones (RFC 8305 sections 4 and 5).

The addresses come best first, as the resolver sorted them (RFC 6724); the kinds are made to
alternate.  An attempt begins when the one before has failed, or has taken ATTEMPT_SECONDS; the
first that succeeds wins, and the others are cancelled.

Tests:    tests/core/net/test_eyeballs.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectFailed, TimedOut
from carryall.core.future import Future

__all__ = ['alternating', 'connect_first']

ATTEMPT_SECONDS = 0.25      # RFC 8305 section 5: the recommended Connection Attempt Delay


def alternating(addresses):
    # type: (Sequence[Address]) -> List[Address]
    """The addresses, the two kinds in turn, beginning with the kind of the first (RFC 8305 section
    4)."""
    first = [one for one in addresses if (':' in one.host) == (':' in addresses[0].host)]
    other = [one for one in addresses if (':' in one.host) != (':' in addresses[0].host)]
    mixed = []                  # type: List[Address]
    while first or other:
        mixed += first[:1] + other[:1]
        del first[:1], other[:1]
    return mixed


def connect_first(clock, attempt, addresses, deadline):
    # type: (Any, Callable[[Address, float], Future], Sequence[Address], float) -> Future
    """Connects to the first of *addresses* that answers.

    Args:     attempt: called with an Address and the seconds that are left;
              a Future that can be cancelled.
              deadline: on the clock, for all of it.
    Returns:  a Future of what the attempt gave; it fails with what the last one met.
    """
    return _Race(clock, attempt, alternating(addresses), deadline).future


class _Race(object):
    """One connect to several addresses."""

    def __init__(self, clock, attempt, addresses, deadline):
        # type: (Any, Callable[[Address, float], Future], List[Address], float) -> None
        self._clock = clock
        self._attempt = attempt
        self._waiting = addresses
        self._deadline = deadline
        self._under_way = []        # type: List[Future]
        self._timer = None          # type: Any
        self.future = Future(lambda _: self._end())
        self._next()

    def _next(self):
        # type: () -> None
        """Begins with the next address, and sees to the one after it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        address = self._waiting.pop(0)
        left = self._deadline - self._clock.time()
        if left <= 0:
            self._failed(TimedOut(u'cannot connect to %s: it took too long' % (address,)))
            return
        if self._waiting:
            self._timer = self._clock.call_later(ATTEMPT_SECONDS, self._next)
        one = self._attempt(address, left)
        self._under_way.append(one)
        one.add_done_callback(self._done)

    def _done(self, one):
        # type: (Future) -> None
        if self.future.done():
            return
        self._under_way.remove(one)
        fault = one.exception()
        if fault is None:
            self._end()
            self.future.set_result(one.result())
        elif isinstance(fault, ConnectFailed) and (self._waiting or self._under_way):
            if self._waiting:
                self._next()
        else:
            self._failed(fault)

    def _failed(self, fault):
        # type: (BaseException) -> None
        self._end()
        self.future.set_exception(fault)

    def _end(self):
        # type: () -> None
        """No more attempts; those under way are given up."""
        if self._timer is not None:
            self._timer.cancel()
        del self._waiting[:]
        others, self._under_way = self._under_way, []
        for one in others:
            one.remove_done_callback(self._done)
            one.cancel()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Sequence
    from carryall.core.net.transport import Address
