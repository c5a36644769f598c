# Copyright the carryall authors.  See LICENSE.
"""The clock: seconds as a float, never back."""
from __future__ import absolute_import, division, print_function

from carryall.runtimes.clock import monotonic


def test_monotonic_never_goes_back_and_moves():
    first = monotonic()
    assert isinstance(first, float)
    before = first
    steps = 0
    while steps < 5:
        now = monotonic()
        assert now >= before
        steps += now > before
        before = now
