# Copyright the carryall authors.  See LICENSE.
"""Rows: a list of tuples that knows its columns."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import InterfaceError, Rows

ROWS = Rows([(u'anna', 30), (u'bert', 40)], (u'name', u'max(age)'), 2)


def test_rows_are_a_list_of_tuples():
    assert ROWS == [(u'anna', 30), (u'bert', 40)]


def test_a_named_row_has_its_columns_as_attributes():
    assert ROWS.named()[1].name == u'bert'


def test_a_named_row_gives_a_column_by_its_name():
    assert ROWS.named()[0][u'max(age)'] == 30


def test_a_named_row_gives_a_column_by_its_place():
    assert ROWS.named()[0][-1] == 30


def test_a_named_row_can_be_taken_apart():
    name, age = ROWS.named()[0]
    assert (name, age) == (u'anna', 30)


def test_a_named_row_has_the_length_of_its_columns():
    assert len(ROWS.named()[0]) == 2


def test_an_unknown_column_is_an_attribute_error():
    with pytest.raises(AttributeError):
        ROWS.named()[0].nothing


def test_a_named_row_shows_its_values():
    assert repr(Rows([(1,)], (u'n',)).named()[0]) == 'Row(n=1)'


def test_first_is_the_first_row():
    assert ROWS.first() == (u'anna', 30)


def test_first_of_no_rows_is_none():
    assert Rows().first() is None


def test_value_is_the_only_value():
    assert Rows([(5,)], (u'n',)).value() == 5


@pytest.mark.parametrize('rows', [Rows(), ROWS, Rows([(1, 2)], (u'a', u'b'))])
def test_value_of_anything_else_is_an_error(rows):
    with pytest.raises(InterfaceError):
        rows.value()
