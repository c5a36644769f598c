# Copyright the carryall authors.  See LICENSE.
"""The parameters of statements."""
from __future__ import absolute_import, division, print_function

import datetime
import uuid
from decimal import Decimal

import pytest

from carryall.core.database import DataError, ProgrammingError
from carryall.core.database.sqlvalues import utc
from carryall.protocols.postgresql.bindvalues import formats_of, written, written_all
from carryall.protocols.postgresql.wire import NULL, value

MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, 600000)
WRITTEN = [
    (None, (0, NULL)), (u'\xe4', (0, value(b'\xc3\xa4'))), (True, (16, value(b'\x01'))),
    (False, (16, value(b'\0'))), (5, (23, value(b'\0\0\0\x05'))),
    (-2 ** 31, (23, value(b'\x80\0\0\0'))), (2 ** 40, (20, value(b'\0\0\x01\0\0\0\0\0'))),
    (2 ** 70, (1700, value(b'1180591620717411303424'))),
    (1.5, (701, value(b'?\xf8\0\0\0\0\0\0'))), (b'\x00\xff', (17, value(b'\x00\xff'))),
    (Decimal('1.10'), (1700, value(b'1.10'))),
    (MOMENT, (1114, value(b'2020-01-02 03:04:05.600000'))),
    (MOMENT.replace(tzinfo=utc), (1184, value(b'2020-01-02 03:04:05.600000+00:00'))),
    (datetime.date(2020, 1, 2), (1082, value(b'2020-01-02'))),
    (datetime.time(3, 4), (1083, value(b'03:04:00'))),
    (bytearray(b'a'), (17, value(b'a'))), (memoryview(b'a'), (17, value(b'a'))),
    (uuid.UUID(int=15), (2950, value(b'00000000-0000-0000-0000-00000000000f'))),
    ([1, None, True], (0, value(b'{1,NULL,t}'))), ((), (0, value(b'{}'))),
    ([u'a"b\\', b'\xff', 1.5], (0, value(b'{"a\\"b\\\\","\\\\xff",1.5}'))),
    ([[1, 2], [3, 4]], (0, value(b'{{1,2},{3,4}}'))), ([Decimal('1.1')], (0, value(b'{"1.1"}'))),
    ({u'a': [1]}, (0, value(b'{"a": [1]}'))),
]


class Name(type(u'')):
    """A text of a class of its own."""


@pytest.mark.parametrize('parameter, pair', WRITTEN)
def test_a_parameter_is_written(parameter, pair):
    assert written(parameter) == pair


def test_a_value_of_a_derived_class_is_written_as_its_base():
    assert written(Name(u'a')) == (0, value(b'a'))


def test_bindvalues_have_types_and_octets():
    assert written_all([5, None]) == ((23, 0), [value(b'\0\0\0\x05'), NULL])


def test_formats_go_by_the_types():
    assert formats_of((23, 0, 1700, 17)) == [1, 0, 0, 1]


@pytest.mark.parametrize('parameter', [u'a\0', [u'a\0'], [[[[[[[1]]]]]]]])
def test_a_value_that_the_server_has_not_is_refused(parameter):
    with pytest.raises(DataError):
        written(parameter)


@pytest.mark.parametrize('parameter', [object(), [object()], {u'a': object()}])
def test_a_value_of_another_type_is_refused(parameter):
    with pytest.raises(ProgrammingError):
        written(parameter)


def test_a_list_in_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(DataError):
        written(endless)
