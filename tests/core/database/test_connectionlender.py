# Copyright the carryall authors.  See LICENSE.
"""The lender: the order of lending, and the connections that are replaced."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import (ConnectionGone, InterfaceError, OperationalError,
                                    PoolExhausted, PoolSettings)
from carryall.core.database.connectionlender import ConnectionLender
from carryall.core.errors import UsageError
from carryall.core.future import Future, failed
from carryall.core.metrics import metrics_of
from carryall.core.testing.fakeloop import VirtualLoop
from tests.core.database.fakedriver import FakeDriver


class Bench(object):
    """A lender over a fake driver on a fake clock."""

    def __init__(self, slow=False, **settings):
        self.loop = VirtualLoop()
        self.driver = FakeDriver(slow)
        self.lender = ConnectionLender(self.loop, self.driver, PoolSettings(**settings), u'fake')

    def take(self):
        """A connection, which must be there at once."""
        return self.lender.acquire().result()


def test_a_connection_is_opened_when_one_is_wanted():
    bench = Bench()
    bench.take()
    assert len(bench.driver.connections) == 1


def test_a_connection_is_lent_again():
    bench = Bench()
    first = bench.take()
    bench.lender.release(first)
    assert bench.take() is first


def test_no_more_connections_are_opened_than_allowed():
    bench = Bench(max_connections=2)
    futures = [bench.lender.acquire() for _ in range(5)]
    assert [future.done() for future in futures] == [True, True, False, False, False]


def test_calls_that_wait_are_served_in_order():
    bench = Bench(max_connections=1)
    connection = bench.take()
    second = bench.lender.acquire()
    third = bench.lender.acquire()
    bench.lender.release(connection)
    assert (second.done(), third.done()) == (True, False)


def test_a_later_call_does_not_go_first():
    bench = Bench(max_connections=1)
    connection = bench.take()
    order = []
    bench.lender.acquire().add_done_callback(lambda _: order.append(2))
    bench.lender.acquire().add_done_callback(lambda _: order.append(3))
    bench.lender.release(connection)
    bench.lender.release(connection)
    assert order == [2, 3]


def test_one_call_too_many_that_waits_is_refused():
    bench = Bench(max_connections=1, max_waiting=2)
    for _ in range(3):
        bench.lender.acquire()
    with pytest.raises(PoolExhausted):
        bench.lender.acquire().result()


def test_a_call_that_waits_too_long_is_refused():
    bench = Bench(max_connections=1, wait_seconds=3.0)
    bench.take()
    waiting = bench.lender.acquire()
    bench.loop.advance(3.1)
    assert isinstance(waiting.exception(), PoolExhausted)


def test_a_cancelled_call_waits_no_more():
    bench = Bench(max_connections=1)
    bench.take()
    bench.lender.acquire().cancel()
    assert bench.lender.waiting == 0


def test_a_connection_that_is_gone_is_replaced():
    bench = Bench()
    first = bench.take()
    first.gone = True
    bench.lender.release(first)
    assert bench.take() is not first


def test_a_connection_that_is_gone_is_closed():
    bench = Bench()
    first = bench.take()
    first.gone = True
    bench.lender.release(first)
    assert first.closed == 1


def test_a_dirty_connection_is_reset_before_it_is_lent():
    bench = Bench()
    first = bench.take()
    first.dirty = True
    bench.lender.release(first)
    assert (first.said, bench.take()) == (['RESET'], first)


def test_a_connection_whose_reset_fails_is_replaced():
    bench = Bench()
    first = bench.take()
    first.dirty = True
    first.reset_answer = failed(OperationalError(u'no'))
    bench.lender.release(first)
    assert bench.take() is not first


def test_a_connection_whose_reset_hangs_is_replaced():
    bench = Bench(max_connections=1, reset_seconds=2.0)
    first = bench.take()
    first.dirty = True
    first.reset_answer = Future()
    bench.lender.release(first)
    waiting = bench.lender.acquire()
    bench.loop.advance(2.1)
    assert waiting.result() is not first


def test_a_connection_that_was_idle_for_long_is_checked():
    bench = Bench(check_seconds=30.0)
    first = bench.take()
    bench.lender.release(first)
    bench.loop.advance(31.0)
    assert (bench.take(), first.said) == (first, ['PING'])


def test_an_idle_connection_that_does_not_answer_is_replaced():
    bench = Bench(check_seconds=30.0, reset_seconds=2.0)
    first = bench.take()
    bench.lender.release(first)
    first.ping_answer = Future()
    bench.loop.advance(31.0)
    waiting = bench.lender.acquire()
    bench.loop.advance(2.1)
    assert waiting.result() is not first


def test_idle_connections_are_checked_after_another_was_lost():
    bench = Bench(max_connections=2)
    first = bench.take()
    second = bench.take()
    bench.lender.release(first)
    second.gone = True
    bench.lender.release(second)
    bench.take()
    assert first.said == ['PING']


def test_surplus_connections_are_closed_when_they_are_idle():
    bench = Bench(min_connections=1, idle_seconds=10.0)
    for connection in [bench.take() for _ in range(4)]:
        bench.lender.release(connection)
    bench.loop.advance(20.0)
    assert bench.lender.size == 1


def test_an_old_connection_is_replaced():
    bench = Bench(lifetime_seconds=100.0)
    first = bench.take()
    bench.loop.advance(101.0)
    bench.lender.release(first)
    assert bench.take() is not first


def test_calls_outlast_a_short_failure_to_connect(expect_log):
    expect_log('cannot connect')
    bench = Bench(patience_seconds=2.0)
    bench.driver.faults = [OperationalError(u'no'), OperationalError(u'no')]
    waiting = bench.lender.acquire()
    bench.loop.advance(1.0)
    assert waiting.result() is bench.driver.connections[0]


def test_calls_learn_why_no_connection_can_be_opened(expect_log):
    expect_log('cannot connect')
    bench = Bench(patience_seconds=2.0)
    fault = OperationalError(u'no')
    bench.driver.faults = [fault] * 100
    waiting = bench.lender.acquire()
    bench.loop.advance(5.0)
    assert waiting.exception() is fault


@pytest.mark.parametrize('fault', [UsageError(u'no'),
                                   OperationalError(u'no', sqlstate='28P01')])
def test_a_fault_that_no_time_heals_is_told_at_once(fault, expect_log):
    expect_log('cannot connect')
    bench = Bench()
    bench.driver.faults = [fault]
    assert bench.lender.acquire().exception() is fault


def test_the_pool_heals_after_its_server_is_back(expect_log):
    expect_log('cannot connect')
    bench = Bench(patience_seconds=0.0)
    bench.driver.faults = [OperationalError(u'no')]
    assert bench.lender.acquire().exception() is not None
    assert bench.take() is bench.driver.connections[0]


def test_a_single_connection_is_never_given_up_for_its_age():
    bench = Bench()
    bench.driver.single = True
    lender = ConnectionLender(bench.loop, bench.driver, PoolSettings(lifetime_seconds=1.0))
    first = lender.acquire().result()
    bench.loop.advance(1000.0)
    lender.release(first)
    assert first.closed == 0


def test_a_connection_that_was_not_lent_is_refused():
    bench = Bench()
    first = bench.take()
    bench.lender.release(first)
    with pytest.raises(InterfaceError):
        bench.lender.release(first)


def test_a_closed_pool_lends_nothing():
    bench = Bench()
    bench.lender.close()
    with pytest.raises(InterfaceError):
        bench.lender.acquire().result()


def test_closing_closes_idle_connections():
    bench = Bench()
    first = bench.take()
    bench.lender.release(first)
    bench.lender.close()
    assert first.closed == 1


def test_closing_waits_for_connections_in_use():
    bench = Bench()
    first = bench.take()
    closing = bench.lender.close(10.0)
    bench.loop.advance(1.0)
    assert (closing.done(), first.closed) == (False, 0)


def test_closing_ends_when_the_last_connection_comes_back():
    bench = Bench()
    first = bench.take()
    closing = bench.lender.close(10.0)
    bench.lender.release(first)
    bench.loop.advance(0.1)
    assert closing.done()


def test_closing_gives_connections_up_after_its_time():
    bench = Bench()
    first = bench.take()
    closing = bench.lender.close(1.0)
    bench.loop.advance(3.0)
    assert (closing.done(), first.closed) == (True, 1)


def test_calls_that_wait_learn_that_the_pool_is_closed():
    bench = Bench(max_connections=1)
    bench.take()
    waiting = bench.lender.acquire()
    bench.lender.close()
    assert isinstance(waiting.exception(), InterfaceError)


def test_the_least_number_of_connections_stays_open():
    bench = Bench(min_connections=3)
    bench.lender.open_least()
    assert bench.lender.size == 3


def test_opening_the_least_tells_what_is_wrong(expect_log):
    expect_log('cannot connect')
    bench = Bench(patience_seconds=0.0)
    bench.driver.faults = [ConnectionGone(u'no')] * 3
    assert isinstance(bench.lender.open_least().exception(), ConnectionGone)


@pytest.mark.parametrize('settings', [dict(max_connections=0), dict(min_connections=6),
                                      dict(wait_seconds=-1.0)])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ValueError):
        PoolSettings(**settings)


def test_metrics_tell_of_the_pool():
    bench = Bench()
    bench.take()
    assert b'database_pool_lent{pool="fake"} 1' in metrics_of(bench.loop).text()


def test_connections_are_opened_for_all_calls_that_wait():
    bench = Bench(slow=True, max_connections=3)
    for _ in range(3):
        bench.lender.acquire()
    assert len(bench.driver.attempts) == 3


def test_a_connection_that_is_not_wanted_any_more_is_kept():
    bench = Bench(slow=True)
    waiting = bench.lender.acquire()
    waiting.cancel()
    bench.driver.attempts[0].set_result(bench.driver.connections[0])
    assert bench.take() is bench.driver.connections[0]
