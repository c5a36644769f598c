# Copyright the carryall authors.  See LICENSE.
"""Values of PostgreSQL in their text form."""
from __future__ import absolute_import, division, print_function

import datetime
import uuid
from decimal import Decimal

import pytest

from carryall.core.database.sqlvalues import utc
from carryall.protocols.postgresql.pgvalues import READERS, parsed_array, read_text

MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, 600000)

READ = [
    (16, b't', True), (17, b'\\x00ff', b'\x00\xff'), (23, b'-5', -5), (701, b'1.5', 1.5),
    (1700, b'1.10', Decimal('1.10')), (1082, b'2020-01-02', datetime.date(2020, 1, 2)),
    (1083, b'03:04:05.6', datetime.time(3, 4, 5, 600000)),
    (1114, b'2020-01-02 03:04:05.6', MOMENT),
    (1184, b'2020-01-02 05:34:05.6+02:30', MOMENT.replace(tzinfo=utc)),
    (1184, b'2020-01-01 22:04:05.6-05', MOMENT.replace(tzinfo=utc)),
    (1114, b'infinity', u'infinity'), (1082, b'0044-03-15 BC', u'0044-03-15 BC'),
    (1083, b'24:00:00', u'24:00:00'), (25, b'\xc3\xa4', u'\xe4'), (114, b'{}', u'{}'),
    (2950, b'00000000-0000-0000-0000-00000000000f', uuid.UUID(int=15)),
    (1007, b'{1,NULL,-3}', [1, None, -3]), (1009, b'{}', []),
    (1009, b'{a,"b,\\"\\\\}","",NULL,"NULL"}', [u'a', u'b,"\\}', u'', None, u'NULL']),
    (1007, b'[0:1][2:3]={{1,2},{3,4}}', [[1, 2], [3, 4]]),
    (1009, b'{{a,b},{"c d",e}}', [[u'a', u'b'], [u'c d', u'e']]),
]


@pytest.mark.parametrize('kind, octets, value', READ)
def test_a_value_is_read(kind, octets, value):
    assert READERS.get(kind, read_text)(octets) == value


@pytest.mark.parametrize('octets', [
    b'', b'1', b'{', b'{1', b'{1,', b'}', b'{1}2', b'{1}{2}', b'{"a', b'{"a\\', b'[0:1]', b'[x',
    b'{' * 7 + b'}' * 7, b'{1}}'])
def test_an_array_in_another_form_is_refused(octets):
    with pytest.raises(ValueError):
        parsed_array(octets, int)


def test_octets_in_another_form_are_refused():
    with pytest.raises(ValueError):
        READERS[17](b'abc')
