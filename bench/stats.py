# Copyright the carryall authors.  See LICENSE.
"""Medians, and ratios taken round by round, so that what slows the machine in one round slows both
sides."""
from __future__ import absolute_import, division, print_function


def median(values):
    """The median of a non-empty list."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2.0


def ratios(ours, theirs):
    """ours over theirs, round by round; rounds that lack either side are left out."""
    return [a / b for a, b in zip(ours, theirs) if a and b]


def spread(values):
    """(median, lowest, highest) of a list, or None when it is empty."""
    if not values:
        return None
    return median(values), min(values), max(values)


def percentile(values, part):
    """The value below which that part (0..1) of a non-empty list lies, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
