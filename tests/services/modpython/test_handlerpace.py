# Copyright the carryall authors.  See LICENSE.
"""Paces."""
from __future__ import absolute_import, division, print_function

from carryall.services.modpython.handlerpace import (ENOUGH, FIRST_DEBT, FULL, MAX_PACES,
                                                     SLOW_SECONDS, Pace, Paces)


def _noted(pace, seconds, times=1):
    for _ in range(times):
        pace.note(seconds)
    return pace.is_quick


def test_a_handler_is_quick_after_some_quick_calls():
    pace = Pace()
    assert not _noted(pace, 0.0, ENOUGH - 1)
    assert _noted(pace, 0.0)


def test_one_slow_call_among_many_quick_ones_does_not_count():
    pace = Pace()
    _noted(pace, 0.0, FULL)
    assert _noted(pace, SLOW_SECONDS * 2)


def test_a_handler_that_is_often_slow_is_not_quick():
    pace = Pace()
    _noted(pace, 0.0, FULL)
    assert not _noted(pace, SLOW_SECONDS * 2, 4)


def test_a_handler_that_kept_the_loop_must_be_quick_for_longer_each_time():
    pace = Pace()
    _noted(pace, 0.0, ENOUGH)
    pace.be_slow()
    assert not _noted(pace, 0.0, FIRST_DEBT)
    assert _noted(pace, 0.0, ENOUGH)
    pace.be_slow()
    assert not _noted(pace, 0.0, FIRST_DEBT * 2)
    assert _noted(pace, 0.0, ENOUGH)


def test_a_handler_may_be_stuck_a_few_times():
    paces = Paces(8)
    pace = paces.of('a')
    pace.stuck = 1
    assert not paces.refuses(pace)
    pace.stuck = 2
    assert paces.refuses(pace)


def test_the_number_of_known_handlers_is_bounded():
    paces = Paces(8)
    for number in range(MAX_PACES):
        paces.of(number)
    assert paces.of('more') is not paces.of('more')
    assert paces.of(5) is paces.of(5)
