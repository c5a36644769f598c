# Copyright the carryall authors.  See LICENSE.
"""Futures, chains, coroutines."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Cancelled, TimedOut
from carryall.core.future import (Future, Return, as_future, completed, coroutine, failed,
                                  gather, sleep, with_timeout)
from carryall.core.testing import VirtualLoop


def test_result_and_error():
    future = Future()
    assert not future.done()
    with pytest.raises(RuntimeError):
        future.result()
    future.set_result(7)
    assert future.done() and future.result() == 7 and future.exception() is None
    with pytest.raises(RuntimeError):
        future.set_result(8)
    broken = failed(KeyError('x'))
    assert isinstance(broken.exception(), KeyError)
    with pytest.raises(KeyError):
        broken.result()


def test_stop_iteration_becomes_an_error_that_a_generator_passes_on():
    late = Future()
    late.set_exception(StopIteration())
    for broken in (late, failed(StopIteration())):
        assert isinstance(broken.exception(), RuntimeError)


def test_callbacks_run_in_order_and_at_once_when_done():
    future = Future()
    seen = []
    for number in range(3):
        future.add_done_callback(lambda done, number=number: seen.append((number, done.result())))
    future.set_result('r')
    future.add_done_callback(lambda done: seen.append('late'))
    assert seen == [(0, 'r'), (1, 'r'), (2, 'r'), 'late']


def test_a_removed_callback_is_not_called():
    future = Future()
    seen = []
    future.add_done_callback(seen.append)
    future.remove_done_callback(seen.append)
    future.set_result(1)
    assert seen == []


def test_a_failing_callback_does_not_stop_the_others(expect_log):
    expect_log('a callback of a future failed')
    future = Future()
    seen = []
    future.add_done_callback(lambda done: 1 // 0)
    future.add_done_callback(lambda done: seen.append(done))
    future.set_result(1)
    assert seen == [future]


def test_then_passes_results_errors_and_futures_on():
    assert completed(2).then(lambda value: value * 3).result() == 6
    assert isinstance(completed(0).then(lambda value: 1 // value).exception(), ZeroDivisionError)
    assert failed(KeyError()).then(lambda value: 'no', lambda exc: 'yes').result() == 'yes'
    assert isinstance(failed(KeyError()).then(lambda value: 'no').exception(), KeyError)
    inner = Future()
    outer = completed(1).then(lambda value: inner)
    assert not outer.done()
    inner.set_result('in')
    assert outer.result() == 'in'


def test_a_chain_of_ten_thousand_needs_no_stack():
    first = Future()
    last = first
    for _ in range(10000):
        last = last.then(lambda value: value + 1)
    first.set_result(0)
    assert last.result() == 10000


def test_cancel_reaches_the_work_and_silences_a_late_result():
    stopped = []
    future = Future(stopped.append)
    chained = future.then(lambda value: value)
    assert chained.cancel() and future.cancelled() and stopped == [future]
    assert isinstance(chained.exception(), Cancelled) and not chained.cancel()
    future.set_result('too late')
    assert future.cancelled()


def test_gather_keeps_the_order_and_ends_with_the_first_error():
    one = Future()
    two = Future()
    both = gather([one, two])
    two.set_result(2)
    one.set_result(1)
    assert both.result() == [1, 2]
    assert gather([]).result() == []
    waiting = Future()
    broken = gather([waiting, failed(KeyError())])
    assert isinstance(broken.exception(), KeyError) and waiting.cancelled()


def test_sleep_and_timeout_on_a_virtual_clock():
    loop = VirtualLoop()
    nap = sleep(loop, 5.0)
    loop.advance(4.9)
    assert not nap.done()
    loop.advance(0.2)
    assert nap.done()
    never = Future()
    bounded = with_timeout(loop, never, 3.0)
    loop.advance(3.1)
    assert isinstance(bounded.exception(), TimedOut) and never.cancelled()
    assert with_timeout(loop, completed(1), 3.0).result() == 1


def test_coroutine_results_errors_and_cleanup():
    @coroutine
    def add(left, right):
        one = yield left
        try:
            two = yield right
        except KeyError:
            two = 100
        raise Return(one + two)

    late = Future()
    total = add(completed(1), late)
    assert not total.done()
    late.set_exception(KeyError())
    assert total.result() == 101

    seen = []

    @coroutine
    def stuck():
        try:
            yield Future()
        finally:
            seen.append('cleaned')

    assert stuck().cancel() and seen == ['cleaned']


def test_a_coroutine_over_many_ready_futures_needs_no_stack():
    @coroutine
    def count():
        total = 0
        for number in range(20000):
            total += yield completed(1)
        raise Return(total)

    assert count().result() == 20000


def test_a_coroutine_that_yields_nonsense_is_told():
    @coroutine
    def wrong():
        yield 7

    assert isinstance(wrong().exception(), TypeError)


def test_a_coroutine_that_is_no_generator_returns_its_value():
    assert coroutine(lambda: 3)().result() == 3
    assert as_future(3).result() == 3
    assert as_future(completed(4)).result() == 4


def test_a_coroutine_cancelled_when_its_future_is_done_gets_what_it_waited_for():
    first = Future()
    seen = []

    @coroutine
    def work():
        seen.append((yield first))      # it may be a connection, which no one else would give back

    running = work()
    # A callback that was added before the coroutine's own cancels it in the moment the future
    # completes.
    first._callbacks.insert(0, lambda _: running.cancel())
    first.set_result(1)
    assert running.cancelled() and seen == [1]
