# Copyright the carryall authors.  See LICENSE.
"""The pool: as many threads as work waits, up to its size, gone after close."""
from __future__ import absolute_import, division, print_function

import threading
import time

import pytest

from carryall.runtimes.pool import ThreadPool


@pytest.fixture
def pool():
    """A pool of three."""
    made = ThreadPool(3, 'carryall-test-pool')
    yield made
    made.close()
    _wait_for_the_end()


def _threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith(
        'carryall-test-pool')]


def _wait_for_the_end():
    """join() is refused for a thread that another one is just starting."""
    deadline = time.time() + 10
    while _threads() and time.time() < deadline:
        time.sleep(0.01)


def _wait_for(events):
    for event in events:
        event.wait(10)
        assert event.is_set()


def _wait_until_one_is_idle(pool):
    """The thread that has just set an event is still in its call."""
    deadline = time.time() + 10
    while not pool.idle and time.time() < deadline:
        time.sleep(0.001)


def test_pool_starts_threads_when_work_comes(pool):
    assert _threads() == []
    done = threading.Event()
    pool.submit(done.set)
    _wait_for([done])
    assert len(_threads()) == 1 and _threads()[0].daemon


def test_pool_uses_an_idle_thread_again(pool):
    for _ in range(20):
        done = threading.Event()
        pool.submit(done.set)
        _wait_for([done])
        _wait_until_one_is_idle(pool)
    assert len(_threads()) == 1


def test_pool_has_no_more_threads_than_its_size(pool):
    door = threading.Event()
    began = [threading.Event() for _ in range(3)]
    done = []

    def block(event):
        event.set()
        door.wait(10)

    for event in began:
        pool.submit(lambda event=event: block(event))
    _wait_for(began)
    last = threading.Event()
    for number in range(10):
        pool.submit(lambda number=number: done.append(number))
    pool.submit(last.set)
    assert len(_threads()) == 3 and done == []
    door.set()
    _wait_for([last])


def test_pool_runs_all_work(pool):
    done = []
    lock = threading.Lock()
    finished = threading.Event()

    def work(number):
        with lock:
            done.append(number)
            if len(done) == 500:
                finished.set()

    for number in range(500):
        pool.submit(lambda number=number: work(number))
    _wait_for([finished])
    assert sorted(done) == list(range(500))


def test_pool_logs_what_work_raises_and_lives(pool, expect_log):
    expect_log('a call in the thread pool failed')
    pool.submit(lambda: 1 // 0)
    done = threading.Event()
    pool.submit(done.set)
    _wait_for([done])
    pool.close()
    _wait_for_the_end()


def test_pool_closed_takes_no_work_and_its_threads_end(pool):
    done = threading.Event()
    pool.submit(done.set)
    _wait_for([done])
    pool.close()
    pool.close()
    with pytest.raises(RuntimeError):
        pool.submit(list)
    _wait_for_the_end()
    assert _threads() == []


def test_pool_join_waits_for_threads_that_leave_but_not_for_ever(pool):
    door = threading.Event()
    began = threading.Event()
    pool.submit(lambda: (began.set(), door.wait(10)))
    _wait_for([began])
    pool.close()
    pool.join(0.01)
    assert len(_threads()) == 1
    door.set()
    pool.join(10)
    assert _threads() == []


@pytest.mark.parametrize('drop', [True, False])
def test_pool_work_that_has_not_begun_when_it_closes(pool, drop):
    door = threading.Event()
    began = [threading.Event() for _ in range(3)]
    ran = []

    def block(event):
        event.set()
        door.wait(10)

    for event in began:
        pool.submit(lambda event=event: block(event))
    _wait_for(began)
    for _ in range(4):
        pool.submit(lambda: ran.append(1))
    pool.close(drop)
    door.set()
    _wait_for_the_end()
    assert ran == ([] if drop else [1] * 4)


def _fill(pool, count, door):
    began = [threading.Event() for _ in range(count)]

    def block(event):
        event.set()
        door.wait(30)

    for event in began:
        pool.submit(lambda event=event: block(event))
    return began


def test_pool_goes_on_though_all_its_calls_are_late(expect_log):
    expect_log('have not returned')
    pool = ThreadPool(2, 'carryall-test-pool', max_late=10, late_seconds=0.2)
    door = threading.Event()
    done = threading.Event()
    _wait_for(_fill(pool, 6, door))
    pool.submit(done.set)
    _wait_for([done])
    door.set()
    pool.close()
    _wait_for_the_end()


def test_pool_has_no_more_late_calls_than_it_may(expect_log):
    expect_log('have not returned')
    pool = ThreadPool(1, 'carryall-test-pool', max_late=2, late_seconds=0.1)
    door = threading.Event()
    began = _fill(pool, 5, door)
    _wait_for(began[:3])
    assert not began[3].wait(0.5)
    door.set()
    pool.close()
    _wait_for_the_end()


def test_pool_shrinks_to_its_size_when_late_calls_return(expect_log):
    expect_log('have not returned')
    pool = ThreadPool(1, 'carryall-test-pool', max_late=5, late_seconds=0.1)
    door = threading.Event()
    _wait_for(_fill(pool, 4, door))
    door.set()
    for _ in range(200):
        if len(_workers()) <= 1:
            break
        done = threading.Event()
        pool.submit(done.set)
        _wait_for([done])
    assert len(_workers()) <= 1
    pool.close()
    _wait_for_the_end()


def _workers():
    return [thread for thread in _threads() if not thread.name.endswith('-watch')]


def test_a_thread_that_cannot_be_started_is_not_counted(monkeypatch, expect_log):
    """The system may have no threads left for a while: the pool must not be smaller ever after."""
    expect_log('could not be started')
    pool = ThreadPool(size=2)
    start = threading.Thread.start

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, 'start', refuse)
    with pytest.raises(RuntimeError):
        pool.submit(lambda: None)
    monkeypatch.setattr(threading.Thread, 'start', start)
    begun = threading.Event()
    over = threading.Event()
    seen = []
    pool.submit(lambda: [begun.set(), over.wait(10)])
    assert begun.wait(10)
    monkeypatch.setattr(threading.Thread, 'start', refuse)
    pool.submit(lambda: seen.append(1))         # waits for the one that there is
    monkeypatch.setattr(threading.Thread, 'start', start)
    done = threading.Event()
    pool.submit(lambda: [seen.append(2), done.set()])
    assert done.wait(10), 'there is place for a second one'
    over.set()
    pool.close()
    assert seen[:2] == [1, 2]
