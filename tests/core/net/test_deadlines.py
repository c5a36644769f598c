# Copyright the carryall authors.  See LICENSE.
"""The Sweeper."""
from __future__ import absolute_import, division, print_function

from carryall.core.net.deadlines import Sweeper, sweeper_of
from carryall.core.testing import VirtualLoop


class Member(object):
    def __init__(self, sweeper, deadline):
        self.sweeper = sweeper
        self.deadline = deadline
        self.expired = []
        sweeper.add(self)

    def deadline_expired(self, now):
        self.expired.append(now)
        self.sweeper.discard(self)


def test_no_sooner_and_hardly_later():
    loop = VirtualLoop()
    sweeper = Sweeper(loop)
    early = Member(sweeper, loop.now + 2.5)
    late = Member(sweeper, loop.now + 9)
    never = Member(sweeper, None)
    loop.advance(2.4)
    assert not early.expired
    loop.advance(1.2)
    assert len(early.expired) == 1 and early.expired[0] <= 1000.0 + 3.5 and not late.expired
    loop.advance(100)
    assert len(late.expired) == 1 and not never.expired


def test_a_sweep_comes_when_a_second_of_the_wall_begins():
    loop = VirtualLoop()
    loop.advance(0.3 - loop.wall() % 1.0 + 1.0)
    sweeper = Sweeper(loop, wall=loop.wall)
    Member(sweeper, None)
    began = sweeper.now
    loop.advance(0.6)
    assert sweeper.now == began
    loop.advance(0.1001)
    assert abs(sweeper.now - began - 0.7) < 0.001
    loop.advance(0.99)
    assert abs(sweeper.now - began - 0.7) < 0.001
    loop.advance(0.02)
    assert abs(sweeper.now - began - 1.7) < 0.001


def test_the_timer_rests_without_members():
    loop = VirtualLoop()
    sweeper = Sweeper(loop)
    assert not loop._timers
    member = Member(sweeper, None)
    assert loop._timers and len(sweeper) == 1
    sweeper.discard(member)
    loop.advance(5)
    assert not loop._timers
    Member(sweeper, None)
    assert loop._timers and sweeper.now == loop.now


def test_one_that_fails_does_not_keep_the_others(expect_log):
    expect_log('a deadline could not be enforced')
    loop = VirtualLoop()
    sweeper = Sweeper(loop)
    bad = Member(sweeper, loop.now)
    good = Member(sweeper, loop.now)
    bad.deadline_expired = lambda now: 1 // 0
    loop.advance(1.1)
    assert len(good.expired) == 1


def test_a_loop_has_one_sweeper():
    loop = VirtualLoop()
    assert sweeper_of(loop) is sweeper_of(loop)
