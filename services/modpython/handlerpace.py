# Copyright the carryall authors.  See LICENSE.
"""Paces: how long the handlers of a site take, and which are stuck.

Handlers that were quick are called on the loop's own thread, without a change of threads
(``Loop.call_bounded``).  One that is often slower is called on a thread of the service again.  So
is one that has kept the loop's thread for too long, and it must be quick for twice as often before
it comes back.  Of handlers that are stuck, only some may have threads.  Further requests for them
are answered with 503.

Tests:    tests/services/modpython/test_handlerpace.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['Pace', 'Paces', 'SLOW_SECONDS']

SLOW_SECONDS = 0.002        # a quick call is below it; a call by the loop should take no more
# Points: a quick call is one, up to FULL; a slow one takes SLOW_POINTS, so one in ten may be slow
FULL = 40
ENOUGH = 5                  # until a handler is called on the loop's thread
SLOW_POINTS = 10
# Quick calls in debt for one that kept the loop's thread; it is doubled each time, and halved by as
# many quick calls as are ALL_RIGHT
FIRST_DEBT = 20
MAX_DEBT = 10000
ALL_RIGHT = 200

# -- limits ------------------------------------------------------------------
MAX_PACES = 2000            # handlers that are known; of others nothing is remembered
STUCK_SHARE = 4             # a handler may have one in so many of the threads that may be stuck


class Pace(object):
    """One handler, or a module of the publisher.

    Attributes:
        is_quick: true if the loop's thread may call it.
        stuck:    calls that are given up and have not returned.
    """

    __slots__ = ('is_quick', 'stuck', '_points', '_debt', '_calls')

    def __init__(self):
        # type: () -> None
        self.is_quick = False
        self.stuck = 0
        self._points = 0
        self._debt = FIRST_DEBT
        self._calls = 0             # quick ones since the debt was changed

    def note(self, seconds):
        # type: (float) -> None
        """Notes a call; from any thread, where a lost count does no harm."""
        if seconds > SLOW_SECONDS:
            self._points -= SLOW_POINTS
            if self._points < ENOUGH:
                self.is_quick = False
            return
        if self._points < FULL:
            self._points += 1
            if self._points >= ENOUGH:
                self.is_quick = True
        self._calls += 1
        if self._calls >= ALL_RIGHT:
            self._calls = 0
            self._debt = max(FIRST_DEBT, self._debt // 2)

    def be_slow(self):
        # type: () -> None
        """Has threads of the service call it for a while: it has kept the loop's."""
        self.is_quick = False
        self._calls = 0
        self._points = min(self._points, -self._debt)
        self._debt = min(MAX_DEBT, self._debt * 2)


class Paces(object):
    """All handlers of one site.

    Args:     stuck: calls that may be stuck in all.
    """

    def __init__(self, stuck):
        # type: (int) -> None
        self._most = max(1, stuck // STUCK_SHARE)
        self._known = {}            # type: Dict[Any, Pace]

    def of(self, key):
        # type: (Any) -> Pace
        """The Pace of a handler."""
        found = self._known.get(key)
        if found is None:
            found = Pace()
            if len(self._known) < MAX_PACES:
                self._known[key] = found
        return found

    def refuses(self, pace):
        # type: (Pace) -> bool
        """True if too many calls of it are stuck."""
        return pace.stuck >= self._most


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
