# Copyright the carryall authors.  See LICENSE.
"""Values of PostgreSQL in their text form."""
from __future__ import absolute_import, division, print_function

import datetime
from decimal import Decimal

import pytest

from carryall.core.database import DataError, ProgrammingError
from carryall.core.database.sqlvalues import utc
from carryall.protocols.postgresql.pgvalues import READERS, read_text, written

MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, 600000)

WRITTEN = [
    (None, (0, None)), (u'\xe4', (0, b'\xc3\xa4')), (True, (16, b't')), (5, (23, b'5')),
    (2 ** 40, (20, b'1099511627776')), (2 ** 70, (1700, b'1180591620717411303424')),
    (1.5, (701, b'1.5')), (b'\x00\xff', (17, b'\\x00ff')), (Decimal('1.10'), (1700, b'1.10')),
    (MOMENT, (1114, b'2020-01-02 03:04:05.600000')),
    (MOMENT.replace(tzinfo=utc), (1184, b'2020-01-02 03:04:05.600000+00:00')),
    (datetime.date(2020, 1, 2), (1082, b'2020-01-02')), (datetime.time(3, 4), (1083, b'03:04:00')),
    (bytearray(b'a'), (17, b'\\x61')), (memoryview(b'a'), (17, b'\\x61')),
]

READ = [
    (16, b't', True), (17, b'\\x00ff', b'\x00\xff'), (23, b'-5', -5), (701, b'1.5', 1.5),
    (1700, b'1.10', Decimal('1.10')), (1082, b'2020-01-02', datetime.date(2020, 1, 2)),
    (1083, b'03:04:05.6', datetime.time(3, 4, 5, 600000)),
    (1114, b'2020-01-02 03:04:05.6', MOMENT),
    (1184, b'2020-01-02 05:34:05.6+02:30', MOMENT.replace(tzinfo=utc)),
    (1184, b'2020-01-01 22:04:05.6-05', MOMENT.replace(tzinfo=utc)),
    (1114, b'infinity', u'infinity'), (1082, b'0044-03-15 BC', u'0044-03-15 BC'),
    (1083, b'24:00:00', u'24:00:00'), (25, b'\xc3\xa4', u'\xe4'), (114, b'{}', u'{}'),
]


@pytest.mark.parametrize('value, pair', WRITTEN)
def test_a_parameter_is_written(value, pair):
    assert written(value) == pair


@pytest.mark.parametrize('kind, octets, value', READ)
def test_a_value_is_read(kind, octets, value):
    assert READERS.get(kind, read_text)(octets) == value


def test_a_text_with_a_nul_is_refused():
    with pytest.raises(DataError):
        written(u'a\x00')


def test_a_value_of_another_type_is_refused():
    with pytest.raises(ProgrammingError):
        written([])


def test_octets_in_another_form_are_refused():
    with pytest.raises(ValueError):
        READERS[17](b'abc')
