# Copyright the carryall authors.  See LICENSE.
"""Octets a second."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import VirtualLoop
from carryall.protocols.ftp.rates import BURST_SECONDS, Rate


def test_a_rate_is_kept_over_time():
    loop = VirtualLoop()
    rate = Rate(1000.0, loop)
    begun = loop.time()
    sent = 0
    while sent < 10000:
        sent += 500
        loop.advance(rate.spend(500))
    assert abs(loop.time() - begun - 10.0) <= BURST_SECONDS + 0.01, loop.time() - begun
    loop.advance(100.0)
    assert rate.spend(int(1000 * BURST_SECONDS)) == 0.0, 'half a second is saved up'
    assert rate.spend(1000) > 0.9, 'what was saved is bounded'
