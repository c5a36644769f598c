# Copyright the carryall authors.  See LICENSE.
"""LoginGuard: failed logins are delayed, and an address with too many is banned for a while (X-06).

    # before anything else: the protocol's own refusal, then close
    if guard.refused(host):
        ...
    guard.failed(host)                          # seconds to wait before the failure is answered
    guard.succeeded(host)

Call ``refused`` again when a login has succeeded.  An address that tries many passwords at once is
banned while they are checked, and must not learn which one was right.

A login that could not be checked (LoginUnavailable) is not told to the guard: it was not a guess.

Two numbers are kept for each source (``core.ip.source_of``: of IPv6 each /64, of which one
subscriber has all):

    in a row    failures since the last success.  The delay doubles with each: 1, 2, 4, 8, 16
                seconds and no more.
    in all      failures, of which one is forgotten every ``ban_seconds / ban_after`` seconds.  At
                ``ban_after`` the address is banned for ``ban_seconds``.  A success takes nothing
                from it.  Otherwise an attacker with one account could log in to it between tries.

Both tables are bounded; the address that was quiet for longest is forgotten first.  Bans lie in a
table of their own, so that a flood of addresses with one failure each does not lift them.

Tests:    tests/core/auth/test_guard.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.net.ip import source_of
from carryall.core.logs import get_logger
from carryall.core.ratelimit import RateLimit

__all__ = ['BAN_AFTER', 'BAN_SECONDS', 'LoginGuard']

# -- limits ------------------------------------------------------------------
DELAY_SECONDS = 1.0         # before the first failure is answered
MAX_DELAY_SECONDS = 16.0    # ours: mail clients give up at about 30
ATTEMPTS = 3                # failures that one connection may have
BAN_AFTER = 10              # failures
BAN_SECONDS = 600.0
MAX_SOURCES = 16384         # addresses that are remembered in each of the two tables

log = get_logger('auth.guard')


class _Record(object):
    """The failures of one address."""

    __slots__ = ('row', 'when', 'allowed')

    def __init__(self, now, allowed):
        # type: (float, Optional[RateLimit]) -> None
        self.row = 0
        self.when = now
        self.allowed = allowed      # failures until the ban


class LoginGuard(object):
    """Delays and bans; one for all servers that share their accounts.

    Args:     clock: anything with ``time()``.
              delay: seconds before the first failure is answered; DELAY_SECONDS unless given.
              attempts: failures after which a protocol closes a connection;
                        it reads the attribute, we only keep it.
              ban_after, ban_seconds: see above; ban_after 0: no one is banned.

    Attributes:
        failures, bans: how many there were, for metrics.
    """

    def __init__(self, clock, delay=None, attempts=ATTEMPTS, ban_after=BAN_AFTER,
                 ban_seconds=BAN_SECONDS, max_sources=MAX_SOURCES):
        # type: (Any, Optional[float], int, int, float, int) -> None
        self.delay = DELAY_SECONDS if delay is None else delay
        self.attempts = attempts
        self.ban_after = ban_after
        self.ban_seconds = ban_seconds
        self.failures = 0
        self.bans = 0
        self._clock = clock
        self._max_sources = max_sources
        self._records = OrderedDict()       # type: Dict[Any, _Record]
        # The time at which each ban ends.
        self._banned = OrderedDict()  # type: Dict[Any, float]

    def refused(self, host):
        # type: (str) -> bool
        """True if this address is banned now."""
        if not self._banned:
            return False
        source = source_of(host)
        until = self._banned.get(source)
        if until is None:
            return False
        if self._clock.time() < until:
            return True
        del self._banned[source]
        return False

    def failed(self, host):
        # type: (str) -> float
        """A login from there failed; the seconds to wait before it is answered."""
        self.failures += 1
        now = self._clock.time()
        source = source_of(host)
        record = self._records.pop(source, None) or _Record(now, self._allowed())
        if now - record.when >= self.ban_seconds:
            record.row = 0
        record.when = now
        record.row += 1
        self._put(self._records, source, record)
        # A client without an address (on a Unix socket) is never banned: that would ban all users
        # of this machine.
        if record.allowed is not None:
            record.allowed.spend(1.0)
            if record.allowed.left() <= 0.0 and source is not None:
                self._ban(host, source, now)
        return min(MAX_DELAY_SECONDS, self.delay * 2 ** min(record.row - 1, 16))

    def succeeded(self, host):
        # type: (str) -> None
        """A login from there succeeded."""
        record = self._records.get(source_of(host)) if self._records else None
        if record is not None:
            record.row = 0

    def _allowed(self):
        # type: () -> Optional[RateLimit]
        """The failures that one address may have; None without bans."""
        if not self.ban_after:
            return None
        return RateLimit(self._clock, float(self.ban_after) / self.ban_seconds, self.ban_after)

    def _ban(self, host, source, now):
        # type: (str, Any, float) -> None
        if self._banned.get(source, now) <= now:        # not banned, or no more
            self.bans += 1
            log.warning('%s is shut out for %g seconds: %d logins failed', host, self.ban_seconds,
                        self.ban_after)
        self._put(self._banned, source, now + self.ban_seconds)

    def _put(self, table, source, value):
        # type: (Dict[Any, Any], Any, Any) -> None
        """Adds it as the newest, and forgets the oldest if there are too many."""
        table.pop(source, None)
        while len(table) >= self._max_sources:
            del table[next(iter(table))]
        table[source] = value


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional
