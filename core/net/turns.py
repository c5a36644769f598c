# Copyright the carryall authors.  See LICENSE.
"""Turns: divides the time of the loop among the connections that have more to do than fits in one
turn (law L21).

A peer may send ten thousand commands in one piece.  To answer them all at once would keep every
other connection waiting.  So whatever takes pieces of work out of what has come counts them,
and asks::

    steps += 1
    if steps >= FREE_STEPS and more_is_here and turn_is_over(self.transport, steps, self._go_on):
        ...                             # break, and read no more until it is called

    def _go_on(self):
        self._take(MAX_STEPS)           # the number from which steps are counted on

A peer that sends one command at a time, or a few, is never asked.  One that goes on later gets time
instead of a number of
steps: what a turn allows for all is divided among those that wait, one after the other.  In each
turn the new data of other connections comes first, then their replies, and the shares last.  What a
turn allows is short, because another client waits for the rest of it.  A server of commands under a
flood is as fast with 0.15 ms as with 0.5 ms, on CPython and PyPy.

Tests:    tests/core/net/test_turns.py, tests/contract/test_l21_shares.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.future import Future, Return

__all__ = ['FIRST_SECONDS', 'FREE_STEPS', 'LONG_PIECE', 'MAX_STEPS', 'Turns', 'spread',
           'turn_is_over', 'waits_in_a_crowd']

FREE_STEPS = 4              # of one connection before the clock is looked at
LONG_PIECE = 4096           # octets; a client that waits for its answers says less at once
MAX_STEPS = 16              # of one connection when its data comes, as deep as clients pipeline
FIRST_SECONDS = 0.001       # for those from FREE_STEPS on
ROUND_SECONDS = 0.00015     # of each turn, for all that wait together; ours (bench/fairness.py)
LEAST_SECONDS = 0.0001      # for one of them, so that its replies still leave together


class Turns(object):
    """The connections of one loop that have more to do.

    Args:     time: the clock of the loop.
              call_soon: queues a callback for the next turn, best for its end; one at a time.
              report: called with a place and an exception that escaped there.
    """

    __slots__ = ('time', '_call_soon', '_report', '_waiting', '_queued', '_first_until', '_until')

    def __init__(self,
                 time,          # type: Callable[[], float]
                 call_soon,     # type: Callable[..., Any]
                 report         # type: Callable[[str, BaseException], None]
                 ):
        # type: (...) -> None
        self.time = time
        self._call_soon = call_soon
        self._report = report
        self._waiting = deque()         # type: deque  # of (what to call, the transport)
        self._queued = False            # whether a round will come, or runs
        self._first_until = 0.0         # when the share of the data that has just come ends
        # When the share of the connection that goes on ends; long ago while none does.
        self._until = 0.0

    def over(self, steps):
        # type: (int) -> bool
        """True if the connection that runs now has used its share of this turn.

        Args:     steps: of this turn, FREE_STEPS at least and counted one by one; from MAX_STEPS on
                  it has waited before.
        """
        now = self.time()
        if steps >= MAX_STEPS:
            return now >= self._until
        if steps == FREE_STEPS:
            self._first_until = now + FIRST_SECONDS / (1 + len(self._waiting))
            return False
        return now >= self._first_until

    @property
    def crowded(self):
        # type: () -> bool
        """True if connections wait; then work that is known to be long waits with them before it
        begins."""
        return bool(self._waiting)

    def wait(self, go_on, transport):
        # type: (Callable[[], Optional[float]], Any) -> None
        """Calls *go_on* when it is the turn of this connection.

        What escapes from it aborts *transport* (law L6).  It returns None, or the seconds of a turn
        that what it has begun will take elsewhere.
        """
        self._waiting.append((go_on, transport))
        if not self._queued:
            self._queued = True
            self._call_soon(self._round)

    def _round(self):
        # type: () -> None
        """Lets those that wait have their shares, as far as the time of this turn reaches."""
        waiting = self._waiting
        now = self.time()
        end = now + ROUND_SECONDS
        share = max(ROUND_SECONDS / len(waiting), LEAST_SECONDS)
        try:
            for _ in range(len(waiting)):
                self._until = now + share
                end -= self._go_on(*waiting.popleft())
                now = self.time()
                if now >= end:
                    break
        finally:
            self._until = 0.0
            self._queued = bool(waiting)
            if waiting:
                self._call_soon(self._round)

    def _go_on(self, go_on, transport):
        # type: (Callable[[], Optional[float]], Any) -> float
        try:
            return go_on() or 0.0
        except FAILURES as exc:
            self._report('data_received of %s' % (transport,), exc)
            transport.abort()
        return 0.0


def spread(turns, work):
    # type: (Optional[Turns], Iterator[Any]) -> Future
    """Runs the generator *work*, which yields between its steps,
    over as many turns as it takes (law L21).

    Returns:  a Future of what *work* raises a ``Return`` with; done already if *turns* is None, or
              if there was little to do and no connection waits for its turn.
              To cancel it closes the generator.
    """
    return _Spread(turns, work).future


class _Spread(object):
    """One generator under way."""

    __slots__ = ('future', '_turns', '_work')

    def __init__(self, turns, work):
        # type: (Optional[Turns], Iterator[Any]) -> None
        self._turns = turns
        self._work = work
        self.future = Future(lambda _: self.abort())
        if turns is not None and turns.crowded:
            turns.wait(self._rested, self)
        else:
            self._go_on(0)

    def _rested(self):
        # type: () -> None
        if not self.future.done():
            self._go_on(MAX_STEPS)

    def _go_on(self, steps):
        # type: (int) -> None
        turns = self._turns
        try:
            for _ in self._work:
                steps += 1
                if steps >= FREE_STEPS and turns is not None and turns.over(steps):
                    turns.wait(self._rested, self)
                    return
        except Return as done:
            self.future.set_result(done.value)
        except FAILURES as exc:
            self.future.set_exception(exc)
        else:
            self.future.set_result(None)

    def abort(self):
        # type: () -> None
        """Closes the work: the rest is not wanted."""
        self._work.close()              # type: ignore


def turn_is_over(transport, steps, go_on):
    # type: (Any, int, Callable[[], None]) -> bool
    """True if the connection of *transport* has used its share of this turn; then *go_on* is called
    in a later one (law L21).

    It is false on a transport that belongs to no loop of ours.

    Args:     steps: as for ``Turns.over``.
    """
    turns = transport.get_extra_info('turns')
    if turns is None or not turns.over(steps):
        return False
    turns.wait(go_on, transport)
    return True


def waits_in_a_crowd(transport, go_on):
    # type: (Any, Callable[[], None]) -> bool
    """Has the connection of *transport* wait before its first step, if others wait already.

    For one that sends a LONG_PIECE: it pipelines, and many such may come in one turn.

    Returns:  whether it waits; then *go_on* is called in a later turn.
    """
    turns = transport.get_extra_info('turns')
    if turns is None or not turns.crowded:
        return False
    turns.wait(go_on, transport)
    return True


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, Optional
