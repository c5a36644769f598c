# Copyright the carryall authors.  See LICENSE.
"""Locks by name."""
from __future__ import absolute_import, division, print_function

import threading

from carryall.runtimes.clock import monotonic
from carryall.runtimes.host.namedlocks import NamedLocks


def test_another_name_does_not_wait():
    locks = NamedLocks(monotonic)
    assert locks.acquire('a')
    assert locks.acquire('b')


def test_a_name_is_forgotten_behind_its_release():
    locks = NamedLocks(monotonic)
    locks.acquire('a')
    locks.release('a')
    assert len(locks) == 0


def test_a_wait_has_an_end():
    locks = NamedLocks(monotonic, seconds=0.01)
    locks.acquire('a')
    assert not locks.acquire('a')


def test_few_wait_for_one_name():
    locks = NamedLocks(monotonic, waiting=0)
    locks.acquire('a')
    assert not locks.acquire('a')


def test_a_released_lock_goes_to_one_of_those_that_wait():
    locks = NamedLocks(monotonic)
    locks.acquire('a')
    inside = []

    def work():
        assert locks.acquire('a')
        inside.append(1)
        inside.append(len(inside))
        locks.release('a')

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    locks.release('a')
    for thread in threads:
        thread.join()
    assert inside == [1, 1, 1, 3]
