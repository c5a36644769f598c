# Copyright the carryall authors.  See LICENSE.
"""Leader: bounded calls, on every runtime (law L13)."""
from __future__ import absolute_import, division, print_function

import threading

import pytest

from carryall import runtimes
from carryall.core.compat import SimpleQueue
from carryall.core.errors import Unsupported
from carryall.core.future import Future, with_timeout
from carryall.core.testing import VirtualLoop

WAIT_SECONDS = 20.0


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


def test_a_job_that_fails_is_logged(loop, expect_log):
    def fail():
        raise SystemExit(3)

    expect_log('a bounded call failed')
    call = Call(loop, fail)
    call.begin()
    assert _wait(loop, call.returned) is None


def test_the_loop_ends_while_a_job_blocks(loop):
    blocked = SimpleQueue()
    call = Call(loop, blocked.get)
    call.begin()
    _wait(loop, call.late)
    loop.close()
    blocked.put(1)              # its thread ends, and finds no loop
    assert loop.closed


def test_an_exception_that_ends_the_turns_reaches_the_caller_of_run(loop):
    class Ended(BaseException):
        """No failure of a callback."""

    def end():
        raise Ended()

    call = Call(loop, lambda: 1)
    call.begin()
    _wait(loop, call.returned)
    loop.call_soon(end)
    with pytest.raises(Ended):
        loop.run()


def test_the_virtual_loop_has_none():
    with pytest.raises(Unsupported):
        VirtualLoop().call_bounded(None, None, None)
