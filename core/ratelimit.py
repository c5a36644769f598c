# Copyright the carryall authors.  See LICENSE.
"""RateLimit: a token bucket, the one way in which carryall bounds how much comes in how long.

    limit = RateLimit(loop, 10.0, burst=20.0)       # 10 units a second, 20 of them at once
    limit.take()                # True and one unit less; False, and nothing is taken
    limit.spend(4096)           # always counted; the seconds until more may follow

`take` is for what can be refused: a query, a packet, a message.  `spend` is for what has happened
already: octets that came or were written.  A KeyedRateLimit has a RateLimit for each key, and
forgets the key that was quiet for longest when there are too many.

The caller says what a unit is.  Times are of the clock that is handed in.

Tests:    tests/core/test_ratelimit.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Optional

__all__ = ['KeyedRateLimit', 'OctetRate', 'RateLimit', 'longest_wait']

# -- limits ------------------------------------------------------------------
MAX_KEYS = 4096             # keys that are remembered; default
BURST_SECONDS = 1.0         # that a stream may be ahead by; default


class RateLimit(object):
    """One bound, which any number of users may share.

    Args:     clock: anything with ``time()``.
              rate:  units a second.
              burst: units at once, after a pause.
              left:  units at the start; *burst* unless given.
    """

    __slots__ = ('clock', 'rate', '_burst', '_left', '_then')

    def __init__(self, clock, rate, burst, left=None):
        # type: (Any, float, float, Optional[float]) -> None
        self.clock = clock
        self.rate = float(rate)
        self._burst = float(burst)
        self._left = self._burst if left is None else left
        self._then = clock.time()

    def take(self, units=1.0):
        # type: (float) -> bool
        """Takes *units*; False, and nothing is taken, if fewer are left."""
        left = self.left()
        if left < units:
            return False
        self._left = left - units
        return True

    def spend(self, units):
        # type: (float) -> float
        """Counts *units*, also beyond the bound; the seconds until more may follow."""
        self._left = self.left() - units
        return max(0.0, -self._left / self.rate)

    def seconds_until(self, units):
        # type: (float) -> float
        """The time until so many may be taken, if none are taken meanwhile."""
        return max(0.0, (units - self.left()) / self.rate)

    def left(self):
        # type: () -> float
        """The units that may be taken now; below zero if more were spent."""
        now = self.clock.time()
        self._left = min(self._burst, self._left + (now - self._then) * self.rate)
        self._then = now
        return self._left


class KeyedRateLimit(object):
    """The same RateLimit for each key; a key that was forgotten begins again with a full burst.

    Args:     clock, rate, burst: as RateLimit has them.
              max_keys: keys that are remembered; beyond, the one that was quiet for longest goes.
    """

    __slots__ = ('_clock', '_rate', '_burst', '_max_keys', '_limits')

    def __init__(self, clock, rate, burst, max_keys=MAX_KEYS):
        # type: (Any, float, float, int) -> None
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._max_keys = max_keys
        self._limits = OrderedDict()    # type: Dict[Any, RateLimit]  # quiet for longest first

    def __len__(self):
        return len(self._limits)

    def take(self, key, units=1.0):
        # type: (Any, float) -> bool
        """As RateLimit's, for *key*."""
        limits = self._limits
        limit = limits.pop(key, None)
        if limit is None:
            limit = RateLimit(self._clock, self._rate, self._burst)
            while len(limits) >= self._max_keys:
                del limits[next(iter(limits))]
        limits[key] = limit
        return limit.take(units)


class OctetRate(RateLimit):
    """A bound in octets on a stream, or on several together.

    Args:     octets: a second.
              burst_seconds: a stream that was quiet may be ahead by what it carries in so long.
              full: whether it begins with a burst.
    """

    __slots__ = ()

    def __init__(self, clock, octets, burst_seconds=BURST_SECONDS, full=False):
        # type: (Any, float, float, bool) -> None
        RateLimit.__init__(self, clock, octets, octets * burst_seconds, None if full else 0.0)


def longest_wait(limits, units):
    # type: (Iterable[RateLimit], float) -> float
    """Counts *units* on all of them; the seconds until the last of them lets more follow."""
    wait = 0.0
    for limit in limits:
        wait = max(wait, limit.spend(units))
    return wait
