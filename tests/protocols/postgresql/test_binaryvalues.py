# Copyright the carryall authors.  See LICENSE.
"""Values of PostgreSQL in their binary form."""
from __future__ import absolute_import, division, print_function

import datetime
import struct
import uuid

import pytest

from carryall.core.database.sqlvalues import utc
from carryall.protocols.postgresql.binaryvalues import BINARY_READERS, day_text, moment_text
from carryall.protocols.postgresql.pgvalues import READERS

MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, 600000)
SECONDS_2020 = 631249445600000          # microseconds from 2000 to MOMENT


def number(letter, value):
    """A number in binary."""
    return struct.pack('!' + letter, value)


def array(kind, sizes, *elements):
    """An array."""
    body = struct.pack('!iiI', len(sizes), 0, kind)
    body += b''.join(struct.pack('!ii', size, 1) for size in sizes)
    return body + b''.join(b'\xff\xff\xff\xff' if each is None
                           else struct.pack('!i', len(each)) + each for each in elements)


READ = [
    (16, b'\x01', True), (16, b'\0', False), (17, b'\x00\xff', b'\x00\xff'),
    (21, number('h', -5), -5), (23, number('i', -5), -5), (20, number('q', 2 ** 40), 2 ** 40),
    (26, number('I', 2 ** 32 - 1), 2 ** 32 - 1), (701, number('d', 1.5), 1.5),
    (1082, number('i', 7306), datetime.date(2020, 1, 2)),
    (1082, number('i', -730119), datetime.date(1, 1, 1)),
    (1083, number('q', 11045600000), datetime.time(3, 4, 5, 600000)),
    (1083, number('q', 86400000000), u'24:00:00'),
    (1114, number('q', SECONDS_2020), MOMENT),
    (1184, number('q', SECONDS_2020), MOMENT.replace(tzinfo=utc)),
    (1114, number('q', 2 ** 63 - 1), u'infinity'), (1114, number('q', -2 ** 63), u'-infinity'),
    (1082, number('i', 2 ** 31 - 1), u'infinity'), (1082, number('i', -2 ** 31), u'-infinity'),
    (1082, number('i', -746117), u'0044-03-15 BC'),
    (2950, b'\0' * 15 + b'\x0f', uuid.UUID(int=15)),
    (1007, array(23, []), []),
    (1007, array(23, [3], number('i', 1), None, number('i', -3)), [1, None, -3]),
    (1009, array(25, [2, 2], b'a', b'b', b'', None), [[u'a', u'b'], [u'', None]]),
]


@pytest.mark.parametrize('kind, octets, value', READ)
def test_a_value_is_read(kind, octets, value):
    assert BINARY_READERS[kind](octets) == value


@pytest.mark.parametrize('days, text', [
    (-746117, u'0044-03-15 BC'), (-730120, u'0001-12-31 BC'), (-730119, u'0001-01-01'),
    (59, u'2000-02-29'), (60, u'2000-03-01'), (-1, u'1999-12-31'), (2921939, u'9999-12-31'),
    (2921940, u'10000-01-01'), (-730485, u'0001-01-01 BC'), (-730426, u'0001-02-29 BC')])
def test_a_day_is_written_as_the_server_does(days, text):
    assert day_text(days) == text


def test_each_day_of_a_calendar_is_that_of_datetime():
    epoch = datetime.date(2000, 1, 1)
    wrong = [days for days in range(-3000, 3000)
             if day_text(days) != (epoch + datetime.timedelta(days)).isoformat()]
    assert wrong == []


@pytest.mark.parametrize('microseconds, zone, text', [
    (252455616000000000, u'', u'10000-01-01 00:00:00'),
    (252455616000000000 + 45123456, u'+00', u'10000-01-01 00:00:45.123456+00'),
    (-63114076800000000 - 400000, u'+00', u'0001-12-31 23:59:59.6+00 BC')])
def test_a_moment_is_written_as_the_server_does(microseconds, zone, text):
    if text.startswith(u'0001'):
        microseconds = -730119 * 86400000000 - 400000
    assert moment_text(microseconds, zone) == text


@pytest.mark.parametrize('octets', [
    b'', b'\0' * 11, array(25, []), array(23, [2], number('i', 1)), array(23, [0]),
    array(23, [1], number('i', 1)) + b'x', array(23, [1], b'abc'), array(23, [-1]),
    array(23, [1] * 7, number('i', 1)), array(23, [2 ** 31 - 1] * 6, number('i', 1)),
    array(23, [1])[:-4] + b'\xff\xff\xff\xff' + b'\xff\xff\xff\xfe'])
def test_an_array_in_another_form_is_refused(octets):
    with pytest.raises((ValueError, struct.error)):
        BINARY_READERS[1007](octets)


def test_types_that_are_read_in_binary_have_a_text_form():
    assert [kind for kind in BINARY_READERS if kind not in READERS] == []
