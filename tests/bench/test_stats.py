# Copyright the carryall authors.  See LICENSE.
"""The arithmetic of the measurements."""
from __future__ import absolute_import, division, print_function

import pytest

from bench import stats


@pytest.mark.parametrize('values, expected', [([3], 3), ([3, 1, 2], 2), ([4, 1, 3, 2], 2.5)])
def test_the_median_is_the_middle(values, expected):
    assert stats.median(values) == expected


def test_ratios_are_taken_round_by_round():
    # Both sides were halved in the second round: the ratio must not notice.
    assert stats.ratios([200.0, 100.0], [100.0, 50.0]) == [2.0, 2.0]


def test_a_round_that_lacks_a_side_is_left_out():
    assert stats.ratios([200.0, None, 90.0], [100.0, 50.0, None]) == [2.0]


def test_spread_gives_median_and_extremes():
    assert stats.spread([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)
    assert stats.spread([]) is None


def test_a_percentile_is_a_measured_value():
    values = list(range(100, 0, -1))
    assert stats.percentile(values, 0.99) == 100
    assert stats.percentile(values, 0.5) == 51
    assert stats.percentile([7], 0.99) == 7
