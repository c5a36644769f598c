# Copyright the carryall authors.  See LICENSE.
"""Values as SQLite stores them."""
from __future__ import absolute_import, division, print_function

import datetime
from decimal import Decimal

import pytest

from carryall.core.database import DataError, ProgrammingError
from carryall.core.database.sqlvalues import MAX_INTEGER, MIN_INTEGER, stored, utc

MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, 6)
VALUES = [
    (None, None), (1, 1), (1.5, 1.5), (u'\xe4', u'\xe4'), (b'\xff', b'\xff'), (True, 1),
    (Decimal('1.10'), u'1.10'), (MOMENT, u'2020-01-02 03:04:05.000006'),
    (MOMENT.replace(tzinfo=utc), u'2020-01-02 03:04:05.000006+00:00'),
    (datetime.date(2020, 1, 2), u'2020-01-02'), (datetime.time(3, 4), u'03:04:00'),
    (bytearray(b'\x00'), b'\x00'), (memoryview(b'ab'), b'ab'),
    (MAX_INTEGER, MAX_INTEGER), (MIN_INTEGER, MIN_INTEGER),
]


@pytest.mark.parametrize('value, kept', VALUES)
def test_a_value_is_stored(value, kept):
    assert stored(value) == kept


@pytest.mark.parametrize('value, kept', VALUES)
def test_a_value_is_stored_as_one_of_five_types(value, kept):
    assert type(stored(value)) is type(kept)


@pytest.mark.parametrize('value', [MAX_INTEGER + 1, MIN_INTEGER - 1])
def test_an_integer_of_more_than_64_bits_is_refused(value):
    with pytest.raises(DataError):
        stored(value)


@pytest.mark.parametrize('value', [[], {}, object()])
def test_a_value_of_another_type_is_refused(value):
    with pytest.raises(ProgrammingError):
        stored(value)
