# Copyright the carryall authors.  See LICENSE.
"""Octets a second."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import VirtualLoop
from carryall.protocols.ftp.rates import BURST_SECONDS, Rate, pause_for


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
    assert rate.spend(int(1000 * BURST_SECONDS)) == 0.0 and rate.spend(1000) > 0.9, \
        'what was saved is bounded'


def test_the_strictest_counts():
    loop = VirtualLoop()
    wait = pause_for([Rate(1e9, loop), Rate(100.0, loop)], 1000)
    assert 9.0 <= wait <= 10.0, wait
    assert pause_for([], 1000) == 0.0, 'no bound'
