# Copyright the carryall authors.  See LICENSE.
"""Rate: octets a second, of one connection, one user, or the whole server.

Tests:    tests/protocols/ftp/test_rates.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.ratelimit import OctetRate, longest_wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable

__all__ = ['Rate', 'pause_for']

BURST_SECONDS = 0.5         # that a transfer may be ahead by


class Rate(OctetRate):
    """One bound, which any number of transfers may share; a small file goes at once.

    Args:     octets: a second.
              clock: anything with ``time()``.
    """

    __slots__ = ()

    def __init__(self, octets, clock):
        # type: (float, Any) -> None
        OctetRate.__init__(self, clock, octets, BURST_SECONDS, full=True)


def pause_for(rates, count):
    # type: (Iterable[Rate], int) -> float
    """Deprecated: `carryall.core.ratelimit.longest_wait`."""
    warnings.warn('carryall.protocols.ftp.rates.pause_for is'
                  ' carryall.core.ratelimit.longest_wait now', DeprecationWarning, 2)
    return longest_wait(rates, count)
