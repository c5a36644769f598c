# Copyright the carryall authors.  See LICENSE.
"""Deadlines for thousands of connections at the price of one timer.

A timer per request would be made and cancelled for nothing nearly every time.  Instead each
connection keeps its next deadline as a plain attribute, and a Sweeper looks at all of them once a
second: a deadline is met late by at most that much, and setting one costs an assignment.

Tests:    tests/core/net/test_deadlines.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger

__all__ = ['GRANULARITY', 'NEVER', 'Sweeper', 'sweeper_of']

GRANULARITY = 1.0  # seconds between two sweeps, and so the most by which a deadline is met late

NEVER = float('inf')    # the time of what does not come

log = get_logger('deadlines')


class Sweeper(object):
    """Looks once every *granularity* seconds for members whose ``deadline`` has passed.

    A member has ``deadline`` (loop time in seconds, or None) and ``deadline_expired(now)``.  The
    timer runs only while there are members, so that a loop without connections sleeps.

    Args:     wall: a function that gives the time of day; then a sweep comes at the begin of each
              of its seconds.

    Attributes:
        now: the loop's time at the last sweep or ``add``.  With members it is at most *granularity*
            old, and a cheap base for deadlines; without members it does not change.
    """

    __slots__ = ('now', '_clock', '_granularity', '_members', '_timer', '_wall')

    def __init__(self, clock, granularity=GRANULARITY, wall=None):
        # type: (Any, float, Any) -> None
        self._clock = clock
        self._granularity = granularity
        self._wall = wall
        self._members = set()       # type: Set[Any]
        self._timer = None          # type: Any
        self.now = clock.time()     # type: float

    def __len__(self):
        return len(self._members)

    def add(self, member):
        # type: (Any) -> None
        """Watches *member* from now on."""
        self._members.add(member)
        if self._timer is None:
            self.now = self._clock.time()
            self._timer = self._clock.call_later(self._pause(), self._sweep)

    def discard(self, member):
        # type: (Any) -> None
        """Watches it no longer."""
        self._members.discard(member)

    def _sweep(self):
        # type: () -> None
        now = self._clock.time()
        self.now = now
        expired = [member for member in self._members if member.deadline is not None
                   and member.deadline <= now]
        for member in expired:
            try:
                member.deadline_expired(now)
            except FAILURES:
                log.exception('a deadline could not be enforced')
        self._timer = self._clock.call_later(self._pause(), self._sweep) if self._members else None

    def _pause(self):
        # type: () -> float
        """Seconds until the next sweep."""
        if self._wall is None:
            return self._granularity
        return self._granularity - self._wall() % self._granularity

def sweeper_of(clock):
    # type: (Any) -> Sweeper
    """The one Sweeper of a loop, made when it is first asked for.

    It sweeps whenever a second of the wall clock begins, if the clock has a ``wall()``.
    """
    found = getattr(clock, 'sweeper', None)
    if found is None:
        found = Sweeper(clock, wall=getattr(clock, 'wall', None))
        clock.sweeper = found
    return found



TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Set
