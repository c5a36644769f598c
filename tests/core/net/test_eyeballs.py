# Copyright the carryall authors.  See LICENSE.
"""Happy Eyeballs (RFC 8305) under the virtual clock."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Cancelled, Refused, TimedOut
from carryall.core.net.eyeballs import ATTEMPT_SECONDS, alternating, connect_first
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.core.net.transport import Address

SIX, SIX2, FOUR, FOUR2 = [Address(host, 80) for host in ('2001:db8::1', '2001:db8::2', '192.0.2.1',
                                                         '192.0.2.2')]


class Attempts(object):
    """Collects the attempts: (seconds since the start, address), and the future of each."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.begun = []
        self.futures = {}
        self.cancelled = []

    def __call__(self, address, seconds):
        self.begun.append((round(self.loop.now - 1000.0, 6), address))
        future = Future(lambda _: self.cancelled.append(address))
        self.futures[address] = future
        return future

    def race(self, *addresses):
        return connect_first(self.loop, self, addresses, self.loop.now + 30.0)


def test_the_kinds_alternate():
    assert alternating([SIX, SIX2, FOUR, FOUR2]) == [SIX, FOUR, SIX2, FOUR2]
    assert alternating([FOUR, SIX, SIX2]) == [FOUR, SIX, SIX2]
    assert alternating([FOUR]) == [FOUR]


def test_the_first_that_answers_wins_and_the_others_are_cancelled():
    attempts = Attempts()
    race = attempts.race(SIX, FOUR, SIX2)
    attempts.loop.advance(ATTEMPT_SECONDS - 0.01)
    assert attempts.begun == [(0.0, SIX)]
    attempts.loop.advance(0.01)
    assert attempts.begun == [(0.0, SIX), (ATTEMPT_SECONDS, FOUR)]
    attempts.futures[FOUR].set_result('connected')
    assert race.result() == 'connected' and attempts.cancelled == [SIX]
    attempts.loop.advance(10.0)
    assert len(attempts.begun) == 2


def test_a_refusal_begins_the_next_at_once():
    attempts = Attempts()
    race = attempts.race(SIX, FOUR, FOUR2)
    attempts.futures[SIX].set_exception(Refused(u'one'))
    assert attempts.begun == [(0.0, SIX), (0.0, FOUR)]
    attempts.loop.advance(ATTEMPT_SECONDS)
    assert attempts.begun[2:] == [(ATTEMPT_SECONDS, FOUR2)]
    attempts.futures[FOUR2].set_exception(Refused(u'two'))
    assert not race.done()
    attempts.futures[FOUR].set_exception(Refused(u'three'))
    assert str(race.exception()) == 'three'


def test_a_slow_one_may_still_win():
    attempts = Attempts()
    race = attempts.race(SIX, FOUR)
    attempts.loop.advance(1.0)
    attempts.futures[SIX].set_result('slow')
    assert race.result() == 'slow' and attempts.cancelled == [FOUR]


def test_cancelling_ends_all_of_it():
    attempts = Attempts()
    race = attempts.race(SIX, FOUR, SIX2)
    attempts.loop.advance(ATTEMPT_SECONDS)
    race.cancel()
    assert attempts.cancelled == [SIX, FOUR]
    attempts.loop.advance(10.0)
    assert len(attempts.begun) == 2
    with pytest.raises(Cancelled):
        race.result()


def test_a_fault_that_is_none_of_the_network_ends_it():
    attempts = Attempts()
    race = attempts.race(SIX, FOUR)
    attempts.futures[SIX].set_exception(ValueError('the factory failed'))
    assert isinstance(race.exception(), ValueError) and len(attempts.begun) == 1


def test_after_the_deadline_no_more_are_begun():
    attempts = Attempts()
    race = connect_first(attempts.loop, attempts, [SIX, FOUR], attempts.loop.now + 0.1)
    attempts.loop.advance(0.3)
    assert isinstance(race.exception(), TimedOut) and attempts.cancelled == [SIX]


def test_a_virtual_loop_does_it_too():
    from carryall.core.net.protocol import Protocol
    loop = VirtualLoop(names={'both.example': ['2001:db8::1', '192.0.2.1']})
    loop.listen_tcp(Protocol, '192.0.2.1', 80)
    future = loop.connect_tcp(Protocol, 'both.example', 80)
    loop.advance(1.0)
    assert future.done() and future.exception() is None
