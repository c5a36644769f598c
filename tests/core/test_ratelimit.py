# Copyright the carryall authors.  See LICENSE.
"""Token buckets: single, by key, and in octets."""
from __future__ import absolute_import, division, print_function

from carryall.core.net.ip import source_of
from carryall.core.ratelimit import (BURST_SECONDS, KeyedRateLimit, OctetRate, RateLimit,
                                     longest_wait)
from carryall.core.testing import VirtualLoop

SOURCES = ['2001:db8::1', '2001:db8::2', '192.0.2.7', '::ffff:192.0.2.7']


def taken(limit, times):
    return sum(limit.take() for _ in range(times))


def test_a_burst_is_taken_at_once():
    assert taken(RateLimit(VirtualLoop(), 10.0, 20.0), 1000) == 20


def test_time_gives_back_the_rate():
    loop = VirtualLoop()
    limit = RateLimit(loop, 10.0, 20.0)
    taken(limit, 20)
    loop.advance(1.0)
    assert taken(limit, 1000) == 10


def test_a_pause_saves_up_no_more_than_the_burst():
    loop = VirtualLoop()
    limit = RateLimit(loop, 10.0, 20.0)
    loop.advance(1000.0)
    assert taken(limit, 1000) == 20


def test_a_refused_request_takes_nothing():
    loop = VirtualLoop()
    limit = RateLimit(loop, 1.0, 1.0)
    limit.take()
    for _ in range(5):
        loop.advance(0.25)
        got = limit.take()
    assert got is False, 'the fourth took the unit, the fifth found a quarter of one'


def test_several_units_are_taken_whole_or_not_at_all():
    limit = RateLimit(VirtualLoop(), 1.0, 5.0)
    limit.take(3.0)
    assert limit.take(3.0) is False
    assert limit.take(2.0) is True


def test_spending_counts_beyond_the_bound():
    limit = RateLimit(VirtualLoop(), 10.0, 10.0)
    assert limit.spend(10) == 0.0
    assert limit.spend(20) == 2.0
    assert limit.left() == -20.0


def test_spending_waits_longer_for_what_was_spent_before():
    loop = VirtualLoop()
    limit = RateLimit(loop, 100.0, 100.0)
    begun = loop.time()
    for _ in range(20):
        loop.advance(limit.spend(50))
    assert loop.time() - begun == 9.0, '1000 units, of which 100 at once'


def test_the_time_until_units_come_back_is_told():
    limit = RateLimit(VirtualLoop(), 10.0, 20.0)
    assert limit.seconds_until(20.0) == 0.0
    limit.take(15.0)
    assert limit.seconds_until(20.0) == 1.5


def test_each_key_has_its_own_units():
    limit = KeyedRateLimit(VirtualLoop(), 1.0, 2.0)
    assert [limit.take(key) for key in 'aaabb'] == [True, True, False, True, True]


def test_the_key_that_was_quiet_for_longest_is_forgotten_first():
    limit = KeyedRateLimit(VirtualLoop(), 1.0, 1.0, max_keys=2)
    for key in 'abac':
        limit.take(key)
    assert limit.take('a') is False, 'a was heard after b, which had to go'
    assert limit.take('b') is True


def test_no_more_keys_are_kept_than_asked_for():
    limit = KeyedRateLimit(VirtualLoop(), 1.0, 1.0, max_keys=50)
    for number in range(1000):
        limit.take(number)
    assert len(limit) == 50


def test_the_addresses_of_one_source_share_their_units():
    limit = KeyedRateLimit(VirtualLoop(), 1.0, 1.0)
    assert [limit.take(source_of(host)) for host in SOURCES] == [True, False, True, False]


def test_octets_begin_without_a_burst():
    assert OctetRate(VirtualLoop(), 1000.0).spend(500) == 0.5


def test_octets_of_a_quiet_stream_are_ahead_by_the_burst():
    loop = VirtualLoop()
    rate = OctetRate(loop, 1000.0)
    loop.advance(100.0)
    assert rate.spend(1000 * BURST_SECONDS) == 0.0
    assert rate.spend(500) == 0.5


def test_a_full_rate_of_octets_begins_with_a_burst():
    assert OctetRate(VirtualLoop(), 1000.0, 0.5, full=True).spend(500) == 0.0


def test_of_several_limits_the_longest_wait_counts():
    loop = VirtualLoop()
    wait = longest_wait([OctetRate(loop, 1e9), OctetRate(loop, 100.0)], 1000)
    assert wait == 10.0


def test_all_of_several_limits_are_spent():
    loop = VirtualLoop()
    first = OctetRate(loop, 100.0)
    longest_wait([first, OctetRate(loop, 1.0)], 100)
    assert first.left() == -100.0


def test_without_limits_there_is_no_wait():
    assert longest_wait([], 1000) == 0.0
