# Copyright the carryall authors.  See LICENSE.
"""Rates: octets a second, of one connection, one user, or the whole server.

Tests:    tests/protocols/ftp/test_rates.py
"""
from __future__ import absolute_import, division, print_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

__all__ = ['Rate', 'pause_for']

BURST_SECONDS = 0.5         # what one may be ahead by


class Rate(object):
    """One bound, which any number of transfers may share.

    Args:     octets: a second.
              clock: anything with ``time()``.
    """

    __slots__ = ('octets', '_clock', '_free_at')

    def __init__(self, octets, clock):
        # type: (float, Any) -> None
        self.octets = octets
        self._clock = clock
        self._free_at = 0.0

    def spend(self, count):
        # type: (int) -> float
        """Note *count* octets; the seconds until more may follow."""
        now = self._clock.time()
        self._free_at = max(self._free_at, now - BURST_SECONDS) + count / self.octets
        return max(0.0, self._free_at - now)


def pause_for(rates, count):
    # type: (Iterable[Rate], int) -> float
    """Note *count* octets on all of them; the seconds until more may follow."""
    wait = 0.0
    for rate in rates:
        wait = max(wait, rate.spend(count))
    return wait
