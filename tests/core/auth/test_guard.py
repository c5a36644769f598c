# Copyright the carryall authors.  See LICENSE.
"""Delays and bans after failed log-ins."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.guard import LoginGuard
from carryall.core.testing import VirtualLoop

HOST = '192.0.2.1'


@pytest.fixture
def loop():
    return VirtualLoop()


def fail(guard, times, host=HOST):
    return [guard.failed(host) for _ in range(times)]


def test_the_delay_grows_and_is_bounded(loop):
    guard = LoginGuard(loop, delay=0.5, ban_after=0)
    assert fail(guard, 9) == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 16.0, 16.0]
    guard.succeeded(HOST)
    assert fail(guard, 2) == [0.5, 1.0] and guard.failures == 11
    assert not guard.refused(HOST) and guard.bans == 0 and guard.attempts == 3


def test_a_ban_begins_and_ends(loop, expect_log):
    expect_log(r'192\.0\.2\.1 is shut out for 600 seconds: 10 logins failed')
    guard = LoginGuard(loop)
    fail(guard, 9)
    assert not guard.refused(HOST)
    fail(guard, 1)
    assert guard.refused(HOST) and not guard.refused('192.0.2.2') and guard.bans == 1
    loop.advance(599.0)
    assert guard.refused(HOST)
    loop.advance(1.0)
    assert not guard.refused(HOST)
    assert guard.failed(HOST) == 1.0, 'all is forgotten'
    assert not guard.refused(HOST)


def test_an_account_of_ones_own_does_not_help(loop, expect_log):
    """Guess, log in, guess, log in ...: a success takes nothing from the count."""
    expect_log(r'shut out')
    guard = LoginGuard(loop)
    for number in range(10):
        assert not guard.refused(HOST), number
        guard.failed(HOST)
        guard.succeeded(HOST)
    assert guard.refused(HOST)


def test_many_people_behind_one_address_are_not_banned(loop):
    """One mistake a minute for two hours, each followed by a success."""
    guard = LoginGuard(loop)
    for _ in range(120):
        guard.failed(HOST)
        guard.succeeded(HOST)
        loop.advance(60.0)
        assert not guard.refused(HOST)


def test_one_subscriber_of_ipv6_is_one(loop, expect_log):
    expect_log(r'shut out')
    guard = LoginGuard(loop)
    for number in range(10):
        guard.failed('2001:db8:0:1::%x' % number)
    assert guard.refused('2001:db8:0:1:ffff::1') and not guard.refused('2001:db8:0:2::1')


def test_one_address_in_both_families(loop, expect_log):
    expect_log(r'shut out')
    guard = LoginGuard(loop)
    fail(guard, 5)
    fail(guard, 5, '::ffff:192.0.2.1')
    assert guard.refused(HOST) and guard.refused('::ffff:192.0.2.1')


def test_a_unix_socket_is_delayed_and_never_banned(loop):
    guard = LoginGuard(loop)
    assert fail(guard, 20, '')[:3] == [1.0, 2.0, 4.0]
    assert not guard.refused('')


def test_the_tables_are_bounded_and_bans_last(loop, expect_log):
    expect_log(r'shut out')
    guard = LoginGuard(loop, max_sources=50)
    fail(guard, 10)
    for number in range(1000):
        guard.failed('10.0.%d.%d' % (number // 256, number % 256))
    assert len(guard._records) == 50
    assert guard.refused(HOST), 'a flood of other addresses lifts the ban'
    for number in range(60):
        fail(guard, 10, '198.51.100.%d' % number)
    assert len(guard._banned) == 50
    guard.succeeded('203.0.113.1')
    assert not guard.refused('203.0.113.1')


def test_guessing_after_a_ban_is_banned_again(loop, expect_log):
    """A source that goes on after its ban is banned again, and still once for the log's sake."""
    expect_log(r'shut out')
    guard = LoginGuard(loop)
    fail(guard, 14)
    assert guard.bans == 1, 'failures of connections that were open already'
    loop.advance(700.0)
    fail(guard, 10)
    assert guard.bans == 2 and guard.refused(HOST)
