# Copyright the carryall authors.  See LICENSE.
"""Turns: work beyond a share goes on in a later turn, for a share of time."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Return
from carryall.core.net.turns import (FIRST_SECONDS, FREE_STEPS, LEAST_SECONDS, MAX_STEPS,
                                     ROUND_SECONDS, Turns,
                                 spread, turn_is_over, waits_in_a_crowd)


class Clock(object):
    """Time that passes when told, and turns that are taken when told."""

    def __init__(self):
        self.now = 1000.0
        self.queued = []
        self.failures = []
        self.turns = Turns(lambda: self.now, self.queued.append,
                           lambda where, exc: self.failures.append((where, exc)))

    def turn(self):
        """One turn: what is queued now."""
        queued = list(self.queued)
        self.queued[:] = []
        for callback in queued:
            callback()


class Worker(object):
    """A transport and its protocol, with pieces of work that take *seconds* each."""

    def __init__(self, clock, pieces, seconds):
        self.clock = clock
        self.pieces = pieces
        self.seconds = seconds
        self.done = []              # pieces of each time
        self.aborted = False

    def get_extra_info(self, name, default=None):
        return self.clock.turns if name == 'turns' else default

    def abort(self):
        self.aborted = True

    def come(self, steps=0):
        """Work comes, or goes on."""
        self.done.append(0)
        while self.pieces:
            self.pieces -= 1
            self.clock.now += self.seconds
            self.done[-1] += 1
            steps += 1
            if steps >= FREE_STEPS and self.pieces and turn_is_over(self, steps, self.go_on):
                break

    def go_on(self):
        self.come(MAX_STEPS)


def test_a_short_pipeline_is_done_at_once():
    clock = Clock()
    worker = Worker(clock, MAX_STEPS, FIRST_SECONDS / 100)
    worker.come()
    assert worker.done == [MAX_STEPS]
    assert not clock.queued


def test_steps_are_bounded_where_they_cost_nothing():
    clock = Clock()
    worker = Worker(clock, 1000, 0.0)
    worker.come()
    assert worker.done == [MAX_STEPS]
    clock.turn()
    assert worker.done == [MAX_STEPS, 1000 - MAX_STEPS], 'time did not pass'


def test_steps_that_take_long_are_fewer():
    clock = Clock()
    worker = Worker(clock, 7, FIRST_SECONDS)
    worker.come()
    assert worker.done == [FREE_STEPS + 1]
    clock.turn()
    clock.turn()
    assert worker.done == [FREE_STEPS + 1, 1, 1]
    clock.turn()
    assert not clock.queued, 'nobody waits'


def test_the_time_of_a_turn_is_divided_among_those_that_wait():
    clock = Clock()
    piece = LEAST_SECONDS / 10
    workers = [Worker(clock, 10000, piece) for _ in range(60)]
    for worker in workers:
        worker.come()
    rounds = 0
    while min(len(worker.done) for worker in workers) < 4:
        before = clock.now
        clock.turn()
        assert clock.now - before <= ROUND_SECONDS + LEAST_SECONDS, \
            'one turn takes no longer, however many wait'
        rounds += 1
    shares = [sum(worker.done[1:4]) for worker in workers]
    assert max(shares) - min(shares) <= 3, 'all alike'
    assert rounds < 60 * 3 * LEAST_SECONDS / ROUND_SECONDS * 1.5


def test_one_that_waits_alone_has_it_all():
    clock = Clock()
    worker = Worker(clock, 1000, ROUND_SECONDS / 50)
    worker.come()
    clock.turn()
    assert abs(worker.done[1] - 50) <= 1


def test_new_data_gets_less_while_many_wait():
    clock = Clock()
    for _ in range(9):
        Worker(clock, 1000, 0.0).come()
    worker = Worker(clock, 1000, FIRST_SECONDS / 20)
    worker.come()
    assert worker.done == [FREE_STEPS + 2], 'a tenth of the time'


def test_one_that_breaks_is_aborted_and_the_others_go_on():
    clock = Clock()
    workers = [Worker(clock, 20, 0.0) for _ in range(3)]
    for worker in workers:
        worker.come()
    workers[1].go_on = None
    clock.turns._waiting[1] = (lambda: 1 // 0, workers[1])
    clock.turn()
    assert [worker.pieces for worker in workers] == [0, 4, 0]
    assert [worker.aborted for worker in workers] == [False, True, False]
    assert type(clock.failures[0][1]) is ZeroDivisionError


def test_an_interrupt_loses_no_worker():
    clock = Clock()
    workers = [Worker(clock, 20, 0.0) for _ in range(2)]
    for worker in workers:
        worker.come()

    def interrupted():
        raise KeyboardInterrupt

    clock.turns._waiting.appendleft((interrupted, workers[0]))
    with pytest.raises(KeyboardInterrupt):
        clock.turn()
    clock.turn()
    assert [worker.pieces for worker in workers] == [0, 0]


def test_a_foreign_transport_has_no_turns():
    class Foreign(object):
        @staticmethod
        def get_extra_info(_name, default=None):
            return default

    assert not turn_is_over(Foreign(), 10 * MAX_STEPS, None)


def test_work_that_is_done_elsewhere_is_charged_to_the_round():
    clock = Clock()
    begun = []

    def begin():
        begun.append(clock.now)
        return ROUND_SECONDS / 2

    for _ in range(6):
        clock.turns.wait(begin, Worker(clock, 0, 0.0))
    clock.turn()
    assert len(begun) == 2
    clock.turn()
    assert len(begun) == 4


def test_one_that_says_much_waits_for_those_that_wait():
    clock = Clock()
    worker = Worker(clock, 5, 0.0)
    assert not waits_in_a_crowd(worker, worker.come), 'no other waits'
    Worker(clock, 20, 0.0).come()
    assert waits_in_a_crowd(worker, worker.come)
    assert worker.done == []
    clock.turn()
    assert worker.done == [5]


def counting(clock, count, seconds, seen):
    """Work of *count* steps; raises its answer."""
    try:
        for _ in range(count):
            clock.now += seconds
            seen.append(clock.now)
            yield
    finally:
        seen.append('closed')
    raise Return('answer')


def test_little_work_is_done_at_once():
    clock = Clock()
    seen = []
    future = spread(clock.turns, counting(clock, FREE_STEPS, 0.0, seen))
    assert future.result() == 'answer'
    assert not clock.queued


def test_much_work_is_spread_over_turns():
    clock = Clock()
    seen = []
    future = spread(clock.turns, counting(clock, 100, ROUND_SECONDS, seen))
    for _ in range(90):
        assert not future.done()
        before = len(seen)
        clock.turn()
        assert len(seen) <= before + 1
    while not future.done():
        clock.turn()
    assert future.result() == 'answer'
    assert not clock.queued


def test_long_work_does_not_begin_before_those_that_wait():
    clock = Clock()
    seen = []
    Worker(clock, 1000, ROUND_SECONDS).come()
    futures = [spread(clock.turns, counting(clock, 2, ROUND_SECONDS, seen)) for _ in range(3)]
    assert seen == []
    futures[1].cancel()
    for _ in range(20):
        clock.turn()
    assert [future.done() for future in futures] == [True] * 3
    assert futures[2].result() == 'answer'


def test_without_turns_work_is_done_at_once():
    clock = Clock()
    seen = []
    assert spread(None, counting(clock, 1000, 1.0, seen)).result() == 'answer'


def test_work_that_fails_fails_its_future():
    def failing():
        for _ in range(100):
            yield
        raise KeyError('a fault')

    clock = Clock()
    future = spread(clock.turns, failing())
    while clock.queued:
        clock.turn()
    assert type(future.exception()) is KeyError


def test_abandoned_work_is_closed():
    clock = Clock()
    seen = []
    future = spread(clock.turns, counting(clock, 100, ROUND_SECONDS, seen))
    future.cancel()
    assert seen[-1] == 'closed'
    clock.turn()
    assert not clock.queued
    assert not clock.failures
