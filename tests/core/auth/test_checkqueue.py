# Copyright the carryall authors.  See LICENSE.
"""Costly checks, shared out among those who ask for them."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.credentials import LoginUnavailable
from carryall.core.auth.checkqueue import CheckQueue, FairQueue
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop


class ManualLoop(VirtualLoop):
    """Its threads do nothing until they are told to."""

    def __init__(self):
        VirtualLoop.__init__(self)
        self.begun = []

    def run_in_thread(self, function, *args):
        future = Future()
        self.begun.append((future, function, args))
        return future

    def work(self):
        """Does the oldest piece of work."""
        future, function, args = self.begun.pop(0)
        future.set_result(function(*args))


def test_sources_are_served_in_rotation():
    loop = ManualLoop()
    order = []
    checks = CheckQueue(1, 10)
    for host in ('192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'):
        checks.run(loop, host, order.append, host)
    while loop.begun:
        loop.work()
    assert order == ['192.0.2.1', '192.0.2.1', '192.0.2.2', '2001:db8::1', '192.0.2.1',
                     '2001:db8::2']


def test_a_newcomer_gets_a_place_of_the_source_that_has_most():
    loop = ManualLoop()
    checks = CheckQueue(1, 4)
    crowd = [checks.run(loop, '192.0.2.1', int) for _ in range(5)]
    newcomers = [checks.run(loop, '192.0.2.%d' % number, int) for number in (2, 3)]
    assert [isinstance(each.exception(), LoginUnavailable) for each in crowd] \
        == [False, False, False, True, True]
    late = checks.run(loop, '192.0.2.1', int)
    assert isinstance(late.exception(), LoginUnavailable)
    while loop.begun:
        loop.work()
    assert [each.result() for each in newcomers] == [0, 0]


def test_addresses_of_one_subscriber_are_one_source():
    loop = ManualLoop()
    checks = CheckQueue(1, 2)
    found = [checks.run(loop, '2001:db8::%x' % number, int) for number in range(4)]
    assert [each.done() for each in found] == [False, False, False, True]
    assert not checks.run(loop, '2001:db8:0:1::1', int).done()
    assert found[2].done()


def test_cancelled_work_takes_no_place():
    loop = ManualLoop()
    checks = CheckQueue(1, 2)
    running, first, second = [checks.run(loop, '', int) for _ in range(3)]
    first.cancel()
    third = checks.run(loop, '', int)
    assert not third.done()
    while loop.begun:
        loop.work()
    assert [each.done() for each in (running, second, third)] == [True] * 3


def test_a_refused_client_may_ask_again_at_once():
    """The callback of the refusal asks again, while the newcomer enters."""
    queue = FairQueue(2)
    first, second, back, newcomer = [(Future(),) for _ in range(4)]
    answers = []
    second[0].add_done_callback(lambda _: answers.append(queue.enter('192.0.2.1', back)))
    assert queue.enter('192.0.2.1', first)
    assert queue.enter('192.0.2.1', second)
    assert queue.enter('192.0.2.2', newcomer)
    assert answers == [False]
    assert len(queue) == 2
    assert [queue.take(), queue.take(), queue.take()] == [first, newcomer, None]


def test_a_failure_gives_its_place_back():
    loop = ManualLoop()
    checks = CheckQueue(1, 1)
    first = checks.run(loop, '', int)
    second = checks.run(loop, '', int)
    loop.begun.pop(0)[0].set_exception(RuntimeError('torn'))
    loop.work()
    with pytest.raises(RuntimeError):
        first.result()
    assert second.result() == 0


def test_a_source_runs_as_many_pieces_as_it_may():
    loop = ManualLoop()
    order = []
    checks = CheckQueue(2, 10, of_source=1)
    for host in ('192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.2'):
        checks.run(loop, host, order.append, host)
    assert [args for _, _, args in loop.begun] == [('192.0.2.1',), ('192.0.2.2',)]
    while loop.begun:
        loop.work()
    assert order == ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2']


def test_a_place_stays_free_while_only_a_full_source_waits():
    loop = ManualLoop()
    checks = CheckQueue(2, 10, of_source=1)
    crowd = [checks.run(loop, '192.0.2.1', int) for _ in range(3)]
    newcomer = checks.run(loop, '192.0.2.2', int)
    assert len(loop.begun) == 2
    loop.work()
    loop.work()
    assert newcomer.done()
    while loop.begun:
        loop.work()
    assert [each.result() for each in crowd] == [0, 0, 0]
