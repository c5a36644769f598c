# Copyright the carryall authors.  See LICENSE.
"""L13: one thread runs every callback; call_soon_threadsafe is the only door from another."""
from __future__ import absolute_import, division, print_function

import threading

import pytest

from carryall.core.errors import LoopClosed
from carryall.core.future import Future, gather
from carryall.core.testing import StrictProtocol
from tests.contract.support import connected, new_loop, until

THREADS = 4
CALLS = 1000


def test_l13_calls_from_four_threads_are_all_run_in_order_on_the_loop_thread(machine):
    seen = dict((number, []) for number in range(THREADS))
    where = set()

    def note(number, call):
        seen[number].append(call)
        where.add(threading.current_thread().ident)

    def caller(number):
        for call in range(CALLS):
            machine.call_soon_threadsafe(note, number, call)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    until(machine, lambda: all(len(calls) == CALLS for calls in seen.values()))
    for thread in threads:
        thread.join()
    for number in range(THREADS):
        assert seen[number] == list(range(CALLS))
    assert where == set([threading.current_thread().ident])


def test_l13_a_call_wakes_a_loop_that_waits_for_ever(machine):
    # No timer and no traffic: only the call can end the wait.
    done = Future()
    started = threading.Event()

    def caller():
        started.wait()
        machine.call_soon_threadsafe(done.set_result, 7)

    thread = threading.Thread(target=caller)
    thread.start()
    machine.call_soon(started.set)
    assert machine.run_until(done) == 7
    thread.join()


def test_l13_one_wake_up_after_the_other(machine):
    for number in range(200):
        done = Future()
        thread = threading.Thread(target=machine.call_soon_threadsafe,
                                  args=(done.set_result, number))
        thread.start()
        assert machine.run_until(done) == number
        thread.join()


def test_l13_every_callback_of_a_connection_on_one_thread(machine):
    where = set()

    class Noting(StrictProtocol):
        def _enter(self, name, *states):
            where.add(threading.current_thread().ident)
            StrictProtocol._enter(self, name, *states)

    pair = connected(machine, server=Noting, client=Noting)
    pair.client.transport.write(b'x' * 300000)
    until(machine, lambda: len(pair.server.data) == 300000)
    pair.client.transport.close()
    until(machine, lambda: pair.client.state == 'lost' and pair.server.state == 'lost')
    assert where == set([threading.current_thread().ident])


def test_l13_run_in_thread_gives_the_result(loop):
    assert loop.run_until(loop.run_in_thread(lambda one, two: one + two, 3, 4)) == 7


def test_l13_run_in_thread_gives_the_error(loop):
    with pytest.raises(ZeroDivisionError):
        loop.run_until(loop.run_in_thread(lambda: 1 // 0))


def test_l13_run_in_thread_is_another_thread_and_its_callback_is_not(machine):
    where = []
    future = machine.run_in_thread(lambda: threading.current_thread().ident)
    future.add_done_callback(lambda _: where.append(threading.current_thread().ident))
    assert machine.run_until(future) != threading.current_thread().ident
    assert where == [threading.current_thread().ident]


def test_l13_start_thread_runs_the_function_on_another_thread(machine):
    done = Future()
    machine.start_thread(lambda: machine.call_soon_threadsafe(
        done.set_result, threading.current_thread().ident))
    assert machine.run_until(done) != threading.current_thread().ident


def test_l13_more_threads_than_the_pool_has_can_be_started(machine):
    doors = [threading.Event() for _ in range(20)]
    inside = []
    done = Future()

    def enter(door):
        inside.append(door)
        if len(inside) == len(doors):
            machine.call_soon_threadsafe(done.set_result, None)
        door.wait(10)

    for door in doors:
        machine.start_thread(enter, door)
    machine.run_until(done)
    for door in doors:
        door.set()
    assert len(inside) == len(doors)


def test_l13_blocking_calls_do_not_hold_up_the_loop_or_each_other(machine):
    doors = [threading.Event() for _ in range(5)]
    futures = [machine.run_in_thread(door.wait) for door in doors]
    ran = []
    machine.call_soon(ran.append, 1)
    until(machine, lambda: ran)
    assert not any(future.done() for future in futures)
    for door in reversed(doors):
        door.set()
    machine.run_until(gather(futures))


def test_l13_more_blocking_calls_than_threads(machine):
    results = machine.run_until(gather([machine.run_in_thread(lambda number: number * 2, number)
                                        for number in range(200)]))
    assert results == [number * 2 for number in range(200)]


def test_l13_a_cancelled_call_in_a_thread_is_silent(machine):
    door = threading.Event()
    future = machine.run_in_thread(door.wait)
    assert future.cancel()
    door.set()
    assert machine.run_until(machine.run_in_thread(lambda: 5)) == 5


def test_l13_a_call_after_the_close_is_refused(backend):
    loop = new_loop(backend)
    loop.close()
    with pytest.raises(LoopClosed):
        loop.call_soon_threadsafe(lambda: None)


def test_l13_without_a_thread_a_call_fails_later(machine, monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    start = threading.Thread.start
    monkeypatch.setattr(threading.Thread, 'start', refuse)
    future = machine.run_in_thread(lambda: 'done')
    monkeypatch.setattr(threading.Thread, 'start', start)
    with pytest.raises(RuntimeError):
        machine.run_until(future)
    assert machine.run_until(machine.run_in_thread(lambda: 'done')) == 'done'
