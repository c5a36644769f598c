# Copyright the carryall authors.  See LICENSE.
"""The values of PostgreSQL in their text form, as results have it at first.

Integers, floats, Decimal, bool, text, octets, UUIDs, dates and times are values of Python, arrays
of them lists.  All other types (json, intervals ...) are text.  A moment beyond what datetime has
(infinity, BC) is text, too.
Source:   PostgreSQL 15, chapter 8; src/include/catalog/pg_type.dat for the numbers of types.
Tests:    tests/protocols/postgresql/test_pgvalues.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import datetime
import uuid
from decimal import Decimal

from carryall.core.codec.numbers import decimal
from carryall.core.database.sqlvalues import utc
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple

__all__ = ['ELEMENTS', 'READERS', 'read_text']

BOOL = 16
BYTEA = 17
INT8 = 20
INT2 = 21
INT4 = 23
TEXT = 25
OID = 26
FLOAT4 = 700
FLOAT8 = 701
DATE = 1082
TIME = 1083
TIMESTAMP = 1114
TIMESTAMPTZ = 1184
NUMERIC = 1700
UUID = 2950
UNKNOWN = 0

# Number of the type of an array -> that of its elements
ELEMENTS = {
    1000: BOOL, 1001: BYTEA, 1003: 19, 1005: INT2, 1007: INT4, 1009: TEXT, 1014: 1042, 1015: 1043,
    1016: INT8, 1021: FLOAT4, 1022: FLOAT8, 1028: OID, 1115: TIMESTAMP, 1182: DATE, 1183: TIME,
    1185: TIMESTAMPTZ, 1231: NUMERIC, 199: 114, 3807: 3802, 2951: UUID,
}
MAX_DEPTH = 6               # dimensions of an array

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


def _read_uuid(octets):
    # type: (bytes) -> Any
    return uuid.UUID(octets.decode('ascii'))


def _reader_of_arrays(read):
    # type: (Callable[[bytes], Any]) -> Callable[[bytes], Any]
    def read_array(octets):
        # type: (bytes) -> List[Any]
        return parsed_array(octets, read)
    return read_array


def parsed_array(octets, read):
    # type: (bytes, Callable[[bytes], Any]) -> List[Any]
    """The elements of an array, lists of lists if it has several dimensions.

    Args:     read: makes an element of its octets.
    Raises:   ValueError: it is none.
    """
    place = octets.index(b'=') + 1 if octets[:1] == b'[' else 0     # bounds other than 1
    open_lists = []                 # type: List[List[Any]]
    end = len(octets)
    while place < end:
        mark = octets[place:place + 1]
        if mark == b'{':
            made = []               # type: List[Any]
            if open_lists:
                open_lists[-1].append(made)
            elif place and octets[place - 1:place] != b'=':
                break
            open_lists.append(made)
            if len(open_lists) > MAX_DEPTH:
                break
            place += 1
        elif mark == b'}' and open_lists:
            whole = open_lists.pop()
            place += 1
            if not open_lists:
                if place != end:
                    break
                return whole
        elif mark == b',':
            place += 1
        elif not open_lists:
            break
        elif mark == b'"':
            element, place = _quoted_element(octets, place + 1)
            open_lists[-1].append(read(element))
        else:
            stop = _element_end(octets, place)
            element = octets[place:stop]
            open_lists[-1].append(None if element.upper() == b'NULL' else read(element))
            place = stop
    raise ValueError('an array has another form')


def _element_end(octets, place):
    # type: (bytes, int) -> int
    comma = octets.find(b',', place)
    brace = octets.find(b'}', place, comma if comma >= 0 else len(octets))
    if brace >= 0:
        return brace
    if comma < 0:
        raise ValueError('an array has no end')
    return comma


def _quoted_element(octets, place):
    # type: (bytes, int) -> Tuple[bytes, int]
    """The element whose quote was just before *place*, and the place behind its other quote."""
    parts = []                      # type: List[bytes]
    while True:
        quote = octets.find(b'"', place)
        if quote < 0:
            raise ValueError('an element of an array has no end')
        escape = octets.find(b'\\', place, quote)
        if escape < 0:
            parts.append(octets[place:quote])
            return b''.join(parts), quote + 1
        parts.append(octets[place:escape])
        parts.append(octets[escape + 1:escape + 2])
        place = escape + 2


# Number of a type -> the function that reads it; all others are text.
READERS = {
    BOOL: _read_bool, BYTEA: _read_bytea, INT8: int, INT2: int, INT4: int, OID: int, 28: int,
    FLOAT4: float, FLOAT8: float, NUMERIC: _read_decimal, DATE: _read_date, TIME: _read_time,
    TIMESTAMP: _read_moment, TIMESTAMPTZ: _read_moment, UUID: _read_uuid,
}                                   # type: Dict[int, Any]
READERS.update((_array, _reader_of_arrays(READERS.get(_element, read_text)))
               for _array, _element in ELEMENTS.items())
