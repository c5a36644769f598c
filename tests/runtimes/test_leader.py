# Copyright the carryall authors.  See LICENSE.
"""Leader: bounded calls, on every runtime (law L13)."""
from __future__ import absolute_import, division, print_function

import os
import random
import signal
import threading
import time

import pytest

from carryall import runtimes
from carryall.core.compat import ON_JYTHON, SimpleQueue
from carryall.core.errors import Unsupported
from carryall.core.future import Future, gather, sleep, with_timeout
from carryall.core.testing import VirtualLoop
from carryall.runtimes import leader

WAIT_SECONDS = 20.0
MANY = 150                  # jobs, of which about half take too long
BOUND = 0.002               # seconds, so that a job ends while another thread looks at it

on_unix = pytest.mark.skipif(os.name != 'posix' or ON_JYTHON, reason='a signal is raised by kill()')


@pytest.fixture
def loop():
    """A loop of this runtime."""
    made = runtimes.choose()
    yield made
    made.close()


class Call(object):
    """One bounded call, and the threads that it has seen.

    Attributes:
        returned: a Future of what the job has returned.
        late:     a Future that is done when the job takes too long.
    """

    def __init__(self, loop, job):
        self._loop = loop
        self._job = job
        self.returned = Future()
        self.late = Future()
        self.threads = []

    def begin(self):
        """Has the loop call the job."""
        self._loop.call_bounded(self._run, self._then, self._late)

    def _run(self):
        self.threads.append(threading.current_thread())
        return self._job()

    def _then(self, result):
        self.threads.append(threading.current_thread())
        self.returned.set_result(result)

    def _late(self):
        self.threads.append(threading.current_thread())
        self.late.set_result(None)


class Ended(BaseException):
    """No failure of a callback."""


def _raise(error):
    raise error


def _wait(loop, future):
    return loop.run_until(with_timeout(loop, future, WAIT_SECONDS))


def test_a_quick_job_needs_one_thread(loop):
    call = Call(loop, lambda: 5)
    call.begin()
    assert _wait(loop, call.returned) == 5
    assert call.threads[0] is call.threads[1]
    assert call.threads[0] is not threading.current_thread()


def test_the_loop_goes_on_while_a_job_blocks(loop):
    blocked = SimpleQueue()
    call = Call(loop, blocked.get)
    call.begin()
    _wait(loop, call.late)
    assert not call.returned.done()
    other = Call(loop, lambda: 'other')
    other.begin()
    assert _wait(loop, other.returned) == 'other'
    blocked.put('at last')
    assert _wait(loop, call.returned) == 'at last'
    assert call.threads[0] is not call.threads[1]
    assert call.threads[2] is not call.threads[0]


def test_a_job_that_ends_late_does_not_take_the_loop_from_another(loop, monkeypatch):
    blocked = SimpleQueue()
    alive = []
    late = Call(loop, blocked.get)
    late.late.add_done_callback(
        lambda _: monkeypatch.setattr(leader, 'BOUND_SECONDS', 1.0))

    def end_other():
        blocked.put('late')
        late.threads[0].join(WAIT_SECONDS)
        alive.append(late.threads[0].is_alive())

    late.begin()
    _wait(loop, late.late)
    other = Call(loop, end_other)
    other.begin()
    _wait(loop, gather([late.returned, other.returned]))
    assert alive == [False]
    assert other.threads[0] is other.threads[1] and not other.late.done()


def test_a_call_of_the_turn_in_which_the_loop_stops_is_made_in_the_next_run(loop):
    call = Call(loop, lambda: 5)
    call.begin()
    loop.stop()
    loop.run()
    loop.call_soon(loop.stop)
    loop.run()
    assert _wait(loop, call.returned) == 5


def test_several_jobs_may_block_at_once(loop):
    blocked = SimpleQueue()
    calls = [Call(loop, blocked.get) for _ in range(3)]
    for call in calls:
        call.begin()
        _wait(loop, call.late)
    for number in range(3):
        blocked.put(number)
    assert sorted(_wait(loop, call.returned) for call in calls) == [0, 1, 2]


def test_one_thread_at_a_time_runs_callbacks(loop):
    blocked = SimpleQueue()
    calls = []
    inside = []
    seen = []

    def callback():
        inside.append(1)
        seen.append(len(inside))
        inside.pop()
        if len(seen) < 2000:
            loop.call_soon(callback)

    for _ in range(5):
        call = Call(loop, blocked.get)
        calls.append(call)
        call.begin()
    loop.call_soon(callback)
    for call in calls[:4]:
        _wait(loop, call.late)
    for number in range(5):
        blocked.put(number)
    for call in calls:
        _wait(loop, call.returned)
    assert set(seen) == set([1])


@pytest.mark.parametrize('error', [ValueError(), SystemExit(3), Ended()])
def test_an_error_of_a_job_is_logged_and_ends_no_turns(loop, expect_log, error):
    expect_log('a bounded call failed')
    call = Call(loop, lambda: _raise(error))
    call.begin()
    assert _wait(loop, call.returned) is None
    blocked = SimpleQueue()
    late = Call(loop, lambda: _raise(blocked.get()))
    late.begin()
    _wait(loop, late.late)
    blocked.put(error)
    assert _wait(loop, late.returned) is None


def test_an_error_of_late_is_that_of_a_callback(loop):
    blocked = SimpleQueue()
    told = []
    loop.set_exception_handler(lambda _loop, _where, exc: told.append(exc))
    first = Call(loop, blocked.get)
    loop.call_bounded(blocked.get, first._then, lambda: _raise(ValueError()))
    other = Call(loop, lambda: 1)
    other.begin()
    assert _wait(loop, other.returned) == 1
    assert [type(exc) for exc in told] == [ValueError]
    loop.call_bounded(blocked.get, first._then, lambda: _raise(Ended()))
    with pytest.raises(Ended):
        loop.run()
    blocked.put(1)
    blocked.put(2)


def test_a_turn_in_which_the_loop_stops_is_finished(loop):
    blocked = SimpleQueue()
    seen = []

    def begin():
        loop.stop()
        seen.append('stop')

    ready = Call(loop, lambda: 1)
    ready.begin()
    _wait(loop, ready.returned)
    late = Call(loop, blocked.get)
    again = Call(loop, lambda: 1)
    again.begin()

    def queue(_returned):
        loop.call_soon(begin)
        late.begin()
        loop.call_soon(seen.append, 'behind')

    again.returned.add_done_callback(queue)
    loop.run()
    assert seen == ['stop', 'behind'] and late.late.done()
    blocked.put(3)
    assert _wait(loop, late.returned) == 3


def test_many_jobs_that_end_while_they_are_looked_at(loop, monkeypatch):
    monkeypatch.setattr(leader, 'BOUND_SECONDS', BOUND)
    numbers = random.Random(1)
    inside = threading.Lock()
    clashes = []
    posted = []
    calls = []

    def callback():
        if not inside.acquire(False):
            clashes.append(threading.current_thread())
            return
        inside.release()

    def job(number, seconds):
        loop.call_soon_threadsafe(posted.append, number)
        time.sleep(seconds)
        return number

    def begin_some(_returned=None):
        callback()
        for _ in range(min(3, MANY - len(calls))):
            number = len(calls)
            seconds = numbers.uniform(0, 4 * BOUND)
            call = Call(loop, lambda number=number, seconds=seconds: job(number, seconds))
            calls.append(call)
            call.late.add_done_callback(lambda _: callback())
            call.returned.add_done_callback(begin_some)
            call.begin()

    begin_some()
    while len(calls) < MANY:
        _wait(loop, calls[-1].returned)
    assert _wait(loop, gather([call.returned for call in calls])) == list(range(MANY))
    _wait(loop, sleep(loop, 0))         # a turn for the last that was posted
    assert not clashes and sorted(posted) == list(range(MANY))
    assert all(len(call.threads) == 2 + call.late.done() for call in calls)
    assert any(call.late.done() for call in calls)
    assert not all(call.late.done() for call in calls)


@on_unix
def test_a_signal_arrives_while_another_thread_takes_the_turns(loop):
    seen = []
    future = Future()

    def arrived():
        seen.append(threading.current_thread())
        future.set_result(None)

    loop.add_signal_handler('WINCH', arrived)
    call = Call(loop, lambda: 1)
    call.begin()
    call.returned.add_done_callback(lambda _: loop.call_later(
        0.01, os.kill, os.getpid(), signal.SIGWINCH))
    _wait(loop, future)
    assert seen == [call.threads[0]]
    assert loop.remove_signal_handler('WINCH')


@on_unix
@pytest.mark.parametrize('blocks', [False, True])
def test_an_error_of_a_signal_ends_the_turns_before_run(loop, blocks):
    blocked = SimpleQueue()
    ended = []

    def raised(_number, _frame):
        threading.Timer(0.05, blocked.put, (1,)).start()
        raise Ended()

    def turn(_returned):
        os.kill(os.getpid(), signal.SIGWINCH)
        blocked.get()
        ended.append(1)

    before = signal.signal(signal.SIGWINCH, raised)
    try:
        call = Call(loop, lambda: blocks and turn(None))
        call.begin()
        if not blocks:
            call.returned.add_done_callback(turn)
        with pytest.raises(Ended):
            loop.run()
    finally:
        signal.signal(signal.SIGWINCH, before)
    assert ended or blocks
    assert not loop.running
    again = Call(loop, lambda: 2)
    again.begin()
    assert _wait(loop, again.returned) == 2


@on_unix
def test_a_second_such_signal_does_not_wait(loop):
    blocked = SimpleQueue()
    over = threading.Event()

    def raised(_number, _frame):
        threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGWINCH)).start()
        raise Ended()

    def turn(_returned):
        os.kill(os.getpid(), signal.SIGWINCH)
        blocked.get()
        loop.call_soon(over.set)    # of a turn that is none any more

    before = signal.signal(signal.SIGWINCH, raised)
    try:
        call = Call(loop, lambda: 1)
        call.begin()
        call.returned.add_done_callback(turn)
        with pytest.raises(Ended):
            loop.run()
        with pytest.raises(RuntimeError):
            loop.close()
    finally:
        signal.signal(signal.SIGWINCH, signal.SIG_IGN)
    taken = loop._leader._ended
    blocked.put(1)
    taken.get(True, WAIT_SECONDS)
    signal.signal(signal.SIGWINCH, before)
    assert not over.is_set()
    loop.running = False            # no one has it now: the fixture closes it


def test_calls_wait_while_the_system_has_no_thread(loop, monkeypatch, expect_log):
    expect_log('no thread')
    start_thread = leader.start_thread
    refused = []

    def start(function, args):
        if function.__name__ == '_lead_first' and len(refused) < 2:
            refused.append(function)
            raise Unsupported(u'no thread can be started')
        start_thread(function, args)

    monkeypatch.setattr(leader, 'start_thread', start)
    call = Call(loop, lambda: 7)
    call.begin()
    assert _wait(loop, call.returned) == 7
    assert len(refused) == 2


def test_a_call_is_never_made_without_a_watching_thread(loop, monkeypatch, expect_log):
    expect_log('no thread')
    start_thread = leader.start_thread
    blocked = SimpleQueue()
    first = Call(loop, blocked.get)
    first.begin()
    refused = []

    def start(function, args):
        if function.__name__ == '_watch' and len(refused) < 3:
            refused.append(function)
            raise Unsupported(u'no thread can be started')
        start_thread(function, args)

    monkeypatch.setattr(leader, 'start_thread', start)
    second = Call(loop, blocked.get)
    second.begin()
    _wait(loop, second.late)
    assert first.late.done() and len(refused) == 3
    with pytest.raises(Unsupported):
        monkeypatch.setattr(leader, 'start_thread', lambda *_args: _raise(Unsupported(u'none')))
        loop._leader._watches = False
        Call(loop, blocked.get).begin()
    monkeypatch.setattr(leader, 'start_thread', start_thread)
    blocked.put(1)
    blocked.put(1)
    _wait(loop, gather([first.returned, second.returned]))


def test_the_loop_ends_while_a_job_blocks(loop):
    blocked = SimpleQueue()
    call = Call(loop, blocked.get)
    call.begin()
    _wait(loop, call.late)
    loop.close()
    blocked.put(1)              # its thread ends, and finds no loop
    assert loop.closed


def test_an_exception_that_ends_the_turns_reaches_the_caller_of_run(loop):
    call = Call(loop, lambda: 1)
    call.begin()
    call.returned.add_done_callback(lambda _: loop.call_soon(_raise, Ended()))
    with pytest.raises(Ended):
        loop.run()


def test_the_virtual_loop_has_none():
    with pytest.raises(Unsupported):
        VirtualLoop().call_bounded(None, None, None)
