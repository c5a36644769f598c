# Copyright the carryall authors.  See LICENSE.
"""The part of a cursor that is the same over every database."""
from __future__ import absolute_import, division, print_function

from carryall.core.database.pepcursor import FetchingCursor


class Numbers(FetchingCursor):
    """Gives the numbers below seven."""

    def __init__(self):
        self._left = list(range(7))

    def fetch_rows(self, limit):
        found = self._left[:limit]
        self._left = self._left[len(found):]
        return found


def test_rows_come_one_by_one_then_many_then_all():
    cursor = Numbers()
    assert cursor.fetchone() == 0
    assert cursor.fetchmany() == [1]
    assert cursor.fetchmany(2) == [2, 3]
    assert cursor.fetchall() == [4, 5, 6]
    assert cursor.fetchone() is None
    assert cursor.fetchmany(5) == []


def test_a_cursor_can_be_iterated():
    cursor = Numbers()
    cursor.arraysize = 3
    assert cursor.fetchmany() == [0, 1, 2]
    assert list(cursor) == [3, 4, 5, 6]
