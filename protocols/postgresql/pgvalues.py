# Copyright the carryall authors.  See LICENSE.
"""The values of PostgreSQL in their text form, both ways.

Integers, floats, Decimal, bool, text, octets, and dates and times are values of Python; all other
types (arrays, json, uuid, intervals ...) are read as text.  A moment beyond what datetime has
(infinity, BC) is text, too.
Source:   PostgreSQL 15, chapter 8; src/include/catalog/pg_type.dat for the numbers of types.
Tests:    tests/protocols/postgresql/test_pgvalues.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import datetime
from decimal import Decimal

from carryall.core.codec.numbers import decimal
from carryall.core.compat import int_types, text_type
from carryall.core.database import DataError, ProgrammingError
from carryall.core.database.sqlvalues import utc
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

__all__ = ['READERS', 'read_text', 'written']

BOOL = 16
BYTEA = 17
INT8 = 20
INT4 = 23
FLOAT8 = 701
DATE = 1082
TIME = 1083
TIMESTAMP = 1114
TIMESTAMPTZ = 1184
NUMERIC = 1700
UNKNOWN = 0

MAX_DIGITS = 999999         # of a part of a moment

_DAY = r'([0-9]{4})-([0-9][0-9])-([0-9][0-9])'
_CLOCK = r'([0-9][0-9]):([0-9][0-9]):([0-9][0-9])(?:\.([0-9]{1,6}))?'
_OFFSET = r'(?:([+-])([0-9][0-9])(?::?([0-9][0-9]))?(?::?([0-9][0-9]))?)?'
_MOMENT = Pattern(_DAY + ' ' + _CLOCK + _OFFSET + r'\Z')
_DATE = Pattern(_DAY + r'\Z')
_TIME = Pattern(_CLOCK + r'\Z')


def read_text(octets):
    # type: (bytes) -> str
    """A text."""
    return octets.decode('utf-8')


def _read_bool(octets):
    # type: (bytes) -> bool
    return octets == b't'


def _read_bytea(octets):
    # type: (bytes) -> bytes
    if octets[:2] != b'\\x':
        raise ValueError('octets do not come in hexadecimal')
    return binascii.unhexlify(octets[2:])


def _read_decimal(octets):
    # type: (bytes) -> Decimal
    return Decimal(octets.decode('ascii'))


def _number(digits):
    # type: (Any) -> int
    """The number of the digits that a pattern has found; 0 for none."""
    return decimal((digits or u'0').encode('ascii'), MAX_DIGITS) or 0


def _micro(digits):
    # type: (Any) -> int
    return _number((digits or u'').ljust(6, u'0'))


def _read_date(octets):
    # type: (bytes) -> Any
    text = octets.decode('utf-8')
    found = _DATE.match(text)
    return datetime.date(*[_number(part) for part in found.groups()]) if found else text


def _read_time(octets):
    # type: (bytes) -> Any
    text = octets.decode('utf-8')
    found = _TIME.match(text)
    if not found or found.group(1) == '24':
        return text
    return datetime.time(_number(found.group(1)), _number(found.group(2)),
                         _number(found.group(3)), _micro(found.group(4)))


def _read_moment(octets):
    # type: (bytes) -> Any
    text = octets.decode('utf-8')
    found = _MOMENT.match(text)
    if not found:
        return text
    moment = datetime.datetime(_number(found.group(1)), _number(found.group(2)),
                               _number(found.group(3)), _number(found.group(4)),
                               _number(found.group(5)), _number(found.group(6)),
                               _micro(found.group(7)))
    if found.group(8) is None:
        return moment
    offset = datetime.timedelta(hours=_number(found.group(9)),
                                minutes=_number(found.group(10)),
                                seconds=_number(found.group(11)))
    try:
        moment = moment - offset if found.group(8) == '+' else moment + offset
    except OverflowError:
        return text
    return moment.replace(tzinfo=utc)


# Number of a type -> the function that reads it; all others are text.
READERS = {
    BOOL: _read_bool, BYTEA: _read_bytea, INT8: int, 21: int, INT4: int, 26: int, 28: int,
    700: float, FLOAT8: float, NUMERIC: _read_decimal, DATE: _read_date, TIME: _read_time,
    TIMESTAMP: _read_moment, TIMESTAMPTZ: _read_moment,
}


def written(value):
    # type: (Any) -> Tuple[int, Any]
    """(number of its type, octets) of a parameter; None for NULL.

    Raises:   DataError: a text has a NUL.  ProgrammingError: a value of another type.
    """
    if value is None:
        return UNKNOWN, None
    if isinstance(value, text_type):
        if u'\0' in value:
            raise DataError(u'PostgreSQL has no text with a NUL', None, '22021')
        try:
            return UNKNOWN, value.encode('utf-8')
        except UnicodeError as exc:
            raise DataError(u'a text has a lone surrogate', exc, '22021')
    if isinstance(value, bool):
        return BOOL, b't' if value else b'f'
    if isinstance(value, int_types):
        return _integer_type(value), str(value).encode('ascii')
    if isinstance(value, float):
        return FLOAT8, repr(value).encode('ascii')
    if isinstance(value, (bytes, bytearray)):
        return BYTEA, b'\\x' + binascii.hexlify(bytes(value))
    if isinstance(value, memoryview):
        return BYTEA, b'\\x' + binascii.hexlify(value.tobytes())
    if isinstance(value, Decimal):
        return NUMERIC, str(value).encode('ascii')
    if isinstance(value, datetime.datetime):
        kind = TIMESTAMP if value.tzinfo is None else TIMESTAMPTZ
        return kind, value.isoformat(' ').encode('ascii')
    if isinstance(value, datetime.date):
        return DATE, value.isoformat().encode('ascii')
    if isinstance(value, datetime.time):
        return TIME, value.isoformat().encode('ascii')
    raise ProgrammingError(u'a parameter cannot be a %s' % type(value).__name__)


def _integer_type(value):
    # type: (int) -> int
    if -2147483648 <= value <= 2147483647:
        return INT4
    return INT8 if -9223372036854775808 <= value <= 9223372036854775807 else NUMERIC
