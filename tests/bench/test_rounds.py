# Copyright the carryall authors.  See LICENSE.
"""Results and their comparison."""
from __future__ import absolute_import, division, print_function

from bench.rounds import Result, compare


def result(name, rounds):
    """A result of (rate, CPU seconds) rounds of one second each."""
    made = Result(name, 'cpython')
    for count, cpu in rounds:
        made.take(count, 1.0, cpu, 0, 0.0)
    return made


def test_a_round_is_a_rate_and_a_cost():
    made = result('uvicorn', [(40000, 1.0)])
    assert made.rate == [40000.0]
    assert made.cpu == [25.0], 'microseconds of CPU for each answer'
    assert made.busy == [1.0]


def test_a_round_without_an_answer_has_no_cost():
    made = result('uvicorn', [(0, 1.0)])
    assert made.rate == [0.0] and made.cpu == [None]


def test_above_one_is_better_in_both_ratios():
    theirs = result('uvicorn', [(100, 1.0), (50, 1.0)])
    ours = result('carryall', [(200, 1.0), (100, 1.0)])
    rate, cpu = compare([theirs, ours], 'uvicorn')['carryall']
    assert rate == (2.0, 2.0, 2.0)
    assert cpu == (2.0, 2.0, 2.0)


def test_nothing_to_compare_with():
    assert compare([result('carryall', [(1, 1.0)])], 'uvicorn')['carryall'] == (None, None)


def test_a_failed_round_keeps_its_place():
    theirs = result('uvicorn', [(100, 1.0), (100, 1.0), (100, 1.0)])
    ours = Result('carryall', 'cpython')
    ours.take(200, 1.0, 1.0, 0)
    ours.miss('wrk said nothing')
    ours.take(400, 1.0, 1.0, 0)
    assert compare([theirs, ours], 'uvicorn')['carryall'][0] == (3.0, 2.0, 4.0)
    assert ours.note == 'wrk said nothing'
