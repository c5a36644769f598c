# Copyright the carryall authors.  See LICENSE.
"""L14: what is queued during a turn runs in the next; timers are never early, tie in order,
and are cheap to cancel."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from tests.contract.support import connected, settle, turn, until

MANY = 20000                # of timers: work that grows with their square would take minutes


def test_l14_queued_during_a_turn_runs_in_the_next(loop):
    order = []

    def first():
        order.append('first')
        loop.call_soon(order.append, 'queued by first')

    loop.call_soon(first)
    loop.call_soon(order.append, 'second')
    turn(loop)
    assert order == ['first', 'second']
    turn(loop)
    assert order == ['first', 'second', 'queued by first']


def test_l14_in_the_order_in_which_they_were_queued(loop):
    order = []
    for number in range(100):
        loop.call_soon(order.append, number)
    turn(loop)
    assert order == list(range(100))


def test_l14_a_callback_that_queues_itself_for_ever_keeps_nothing_out(machine):
    pair = connected(machine)
    alive = [True]

    def again():
        if alive[0]:
            machine.call_soon(again)

    again()
    rang = []
    machine.call_later(0.005, rang.append, 1)
    pair.client.transport.write(b'through')
    until(machine, lambda: pair.server.data == b'through' and rang)
    alive[0] = False


def test_l14_cancelled_callbacks_do_not_run(loop):
    ran = []
    handle = loop.call_soon(ran.append, 'no')
    loop.call_soon(ran.append, 'yes')
    assert not handle.cancelled()
    handle.cancel()
    handle.cancel()
    assert handle.cancelled()
    turn(loop, 2)
    assert ran == ['yes']


def test_l14_the_clock_never_goes_back(loop):
    seen = [loop.time()]

    def look():
        seen.append(loop.time())

    for _ in range(200):
        loop.call_soon(look)
        loop.call_later(0.0001, look)
    until(loop, lambda: len(seen) == 401)
    assert seen == sorted(seen) and isinstance(seen[0], float)


def test_l14_timers_are_never_early(loop):
    early = []
    count = [0]

    def check(when):
        count[0] += 1
        if loop.time() < when:
            early.append(when - loop.time())

    for number in range(100):
        when = loop.time() + number * 0.00037
        loop.call_at(when, check, when)
        loop.call_later(number * 0.00041, check, loop.time() + number * 0.00041 - 1e-9)
    until(loop, lambda: count[0] == 200)
    assert early == []


def test_l14_ties_run_in_the_order_in_which_they_were_made(loop):
    order = []
    when = loop.time() + 0.01
    for number in range(50):
        loop.call_at(when, order.append, number)
    loop.call_at(when - 0.005, order.append, 'before')
    loop.call_at(when + 0.001, order.append, 'after')
    until(loop, lambda: len(order) == 52)
    assert order == ['before'] + list(range(50)) + ['after']


@pytest.mark.parametrize('delay', [0, -1, -1000.0])
def test_l14_a_time_that_has_passed_is_the_next_turn(loop, delay):
    order = []
    loop.call_later(delay, order.append, 'timer')
    assert order == []
    until(loop, lambda: order)


def test_l14_a_timer_made_in_a_timer(loop):
    order = []

    def first():
        order.append(1)
        loop.call_later(0, order.append, 2)
        assert order == [1]

    loop.call_later(0, first)
    until(loop, lambda: order == [1, 2])


def test_l14_cancelled_timers_do_not_run(loop):
    ran = []
    handles = [loop.call_later(0.001 * number, ran.append, number) for number in range(10)]
    for number in (0, 3, 9):
        handles[number].cancel()
        handles[number].cancel()
        assert handles[number].cancelled()
    until(loop, lambda: len(ran) == 7)
    settle(loop, 3)
    assert ran == [1, 2, 4, 5, 6, 7, 8]
    handles[1].cancel()                 # harmless: it has run


def test_l14_a_timer_cancelled_by_another_of_the_same_moment(loop):
    ran = []
    when = loop.time() + 0.005
    loop.call_at(when, lambda: second.cancel())
    second = loop.call_at(when, ran.append, 'cancelled')
    loop.call_at(when, ran.append, 'kept')
    until(loop, lambda: 'kept' in ran)
    settle(loop, 2)
    assert ran == ['kept']


@pytest.mark.limit(60)
def test_l14_many_timers_run_in_their_order(loop):
    ran = []
    now = loop.time()
    moments = [now + (number * 7919 % MANY) * 1e-6 for number in range(MANY)]
    for when in moments:
        loop.call_at(when, ran.append, when)
    until(loop, lambda: len(ran) == MANY)
    assert ran == sorted(moments)


@pytest.mark.limit(60)
def test_l14_cancelled_timers_do_not_pile_up(machine):
    # What an idle timer that is reset at each command does.
    if not hasattr(machine, '_timers'):
        pytest.skip('its timers are those of the host loop')
    keep = machine.call_later(3600, list)
    for _ in range(50000):
        machine.call_later(1800, list).cancel()
    assert len(machine._timers) < 5000, 'cancelled timers are kept'
    keep.cancel()


def test_l14_a_cancelled_timer_does_not_hold_what_it_was_given(loop):
    import weakref

    class Big(object):
        pass

    big = Big()
    ref = weakref.ref(big)
    handle = loop.call_later(3600, list, big)
    handle.cancel()
    assert big not in handle.args and ref() is big


def test_l14_events_and_timers_share_the_turns(machine):
    # A peer that never falls silent must not keep timers out.
    pair = connected(machine)

    def flood():
        if not pair.server.transport.is_closing():
            pair.server.data = b''
            pair.client.transport.write(b'x' * 10000)
            machine.call_soon(flood)

    flood()
    ticks = []

    def tick():
        ticks.append(1)
        if len(ticks) < 10:
            machine.call_later(0.001, tick)

    tick()
    until(machine, lambda: len(ticks) == 10)
    pair.server.transport.abort()
    until(machine, lambda: pair.server.state == 'lost')


def test_l14_run_until_gives_results_and_errors(loop):
    future = Future()
    loop.call_later(0.001, future.set_result, 'late')
    assert loop.run_until(future) == 'late'
    assert loop.run_until(future) == 'late'
    broken = Future()
    loop.call_soon(broken.set_exception, KeyError('x'))
    with pytest.raises(KeyError):
        loop.run_until(broken)
