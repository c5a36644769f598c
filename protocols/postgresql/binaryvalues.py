# Copyright the carryall authors.  See LICENSE.
"""The values of PostgreSQL in their binary form, as results of prepared statements have it.

A value is the same as in the text form (``pgvalues``).  Types whose text is read faster (numeric,
json), or says more (float4, which shows its seven digits alone), are asked for as text.
Source:   PostgreSQL 15, the functions *_recv and *_send of src/backend/utils/adt.
Tests:    tests/protocols/postgresql/test_binaryvalues.py
"""
from __future__ import absolute_import, division, print_function

import datetime
import struct
import uuid

from carryall.core.compat import range
from carryall.core.database.sqlvalues import utc
from carryall.protocols.postgresql.pgvalues import (BOOL, BYTEA, DATE, ELEMENTS, FLOAT8, INT2,
                                                    INT4, INT8, MAX_DEPTH, OID, TEXT, TIME,
                                                    TIMESTAMP, TIMESTAMPTZ, UUID, read_text)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple

__all__ = ['BINARY_READERS', 'FIXED', 'day_text', 'moment_text']

_DAY_MICROSECONDS = 86400 * 1000000
_EPOCH_JULIAN = 2451545     # the Julian day of 2000-01-01, from which PostgreSQL counts
_EPOCH_ORDINAL = 730120     # the same day of datetime
_EPOCH = datetime.datetime(2000, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=utc)
_TIMEDELTA = datetime.timedelta

_ARRAY_HEAD = struct.Struct('!iiI')
_DIMENSION = struct.Struct('!ii')
_read_length = struct.Struct('!i').unpack_from


def read_day(days):
    # type: (int) -> Any
    """The date so many days behind 2000-01-01; text if datetime has none."""
    try:
        return datetime.date.fromordinal(days + _EPOCH_ORDINAL)
    except (ValueError, OverflowError):
        return day_text(days)


def read_clock(microseconds):
    # type: (int) -> Any
    """The time of a day; 24:00:00 is text."""
    seconds, micro = divmod(microseconds, 1000000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    if hour == 24 and not (minute or second or micro):
        return u'24:00:00'
    return datetime.time(hour, minute, second, micro)


def read_timestamp(microseconds):
    # type: (int) -> Any
    """The moment so long behind 2000-01-01, without a zone; text if datetime has none."""
    try:
        return _EPOCH + _TIMEDELTA(0, 0, microseconds)
    except OverflowError:
        return moment_text(microseconds)


def read_timestamptz(microseconds):
    # type: (int) -> Any
    """The same in universal time."""
    try:
        return _EPOCH_UTC + _TIMEDELTA(0, 0, microseconds)
    except OverflowError:
        return moment_text(microseconds, u'+00')


def day_text(days):
    # type: (int) -> str
    """A date as the server writes it: beyond the year 9999, before the year 1, or infinity."""
    if days in (2147483647, -2147483648):
        return u'infinity' if days > 0 else u'-infinity'
    year, month, day = _calendar(days)
    if year > 0:
        return u'%04d-%02d-%02d' % (year, month, day)
    return u'%04d-%02d-%02d BC' % (1 - year, month, day)


def moment_text(microseconds, zone=u''):
    # type: (int, str) -> str
    """A timestamp as the server writes it."""
    if microseconds in (9223372036854775807, -9223372036854775808):
        return u'infinity' if microseconds > 0 else u'-infinity'
    days, rest = divmod(microseconds, _DAY_MICROSECONDS)
    seconds, micro = divmod(rest, 1000000)
    day, space, era = day_text(days).partition(u' ')
    part = (u'.%06d' % micro).rstrip(u'0') if micro else u''
    return u'%s %02d:%02d:%02d%s%s%s%s' % (day, seconds // 3600, seconds // 60 % 60, seconds % 60,
                                           part, zone, space, era)


def _calendar(days):
    # type: (int) -> Tuple[int, int, int]
    """Year (0 is 1 BC), month and day of the Gregorian calendar."""
    # Days since the first of March of the year 0: each cycle of 400 years has as many.
    cycles, rest = divmod(days + _EPOCH_ORDINAL + 305, 146097)
    year = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
    rest -= 365 * year + year // 4 - year // 100
    month = (5 * rest + 2) // 153
    day = rest - (153 * month + 2) // 5 + 1
    if month < 10:
        return cycles * 400 + year, month + 3, day
    return cycles * 400 + year + 1, month - 9, day


def read_uuid(octets):
    # type: (bytes) -> Any
    """A UUID of its 16 octets."""
    return uuid.UUID(bytes=octets)


# Number of a type -> letter of ``struct``, octets, how the number becomes the value: %s stands for
# it, and READ for the function.
FIXED = {
    BOOL: ('B', 1, '%s != 0', None), INT2: ('h', 2, '%s', None), INT4: ('i', 4, '%s', None),
    INT8: ('q', 8, '%s', None), OID: ('I', 4, '%s', None), FLOAT8: ('d', 8, '%s', None),
    DATE: ('i', 4, 'READ(%s)', read_day), TIME: ('q', 8, 'READ(%s)', read_clock),
    TIMESTAMP: ('q', 8, 'READ(%s)', read_timestamp),
    TIMESTAMPTZ: ('q', 8, 'READ(%s)', read_timestamptz),
    UUID: ('16s', 16, 'READ(%s)', read_uuid),
}                                   # type: Dict[int, Tuple[str, int, str, Any]]


def _reader_of(kind):
    # type: (int) -> Callable[[bytes], Any]
    letter, size, _, convert = FIXED[kind]
    unpack = struct.Struct('!' + letter).unpack
    if convert is None:
        convert = bool if kind == BOOL else _same

    def read(octets):
        # type: (bytes) -> Any
        return convert(unpack(octets)[0])
    return read


def _same(found):
    # type: (Any) -> Any
    return found


def _reader_of_arrays(element, read):
    # type: (int, Callable[[bytes], Any]) -> Callable[[bytes], Any]
    def read_array(octets):
        # type: (bytes) -> List[Any]
        return _array(octets, element, read)
    return read_array


def _array(octets, element, read):
    # type: (bytes, int, Callable[[bytes], Any]) -> List[Any]
    dimensions, _, kind = _ARRAY_HEAD.unpack_from(octets, 0)
    if not 0 <= dimensions <= MAX_DEPTH or kind != element:
        raise ValueError('an array of another kind')
    sizes = []
    place = 12
    count = 1 if dimensions else 0
    for _ in range(dimensions):
        size = _DIMENSION.unpack_from(octets, place)[0]
        if size < 1:
            raise ValueError('an array has a dimension of %d' % size)
        sizes.append(size)
        count *= size
        place += 8
    if count * 4 > len(octets):
        raise ValueError('an array has fewer elements than it says')
    found = []                      # type: List[Any]
    for _ in range(count):
        length = _read_length(octets, place)[0]
        place += 4
        if length == -1:
            found.append(None)
            continue
        stop = place + length
        if length < 0 or stop > len(octets):
            raise ValueError('an element of an array has %d octets' % length)
        found.append(read(octets[place:stop]))
        place = stop
    if place != len(octets):
        raise ValueError('an array has more elements than it says')
    for size in sizes[:0:-1]:
        found = [found[begin:begin + size] for begin in range(0, len(found), size)]
    return found


# Number of a type -> the function that reads its binary form
BINARY_READERS = dict((_kind, _reader_of(_kind)) for _kind in FIXED)
BINARY_READERS[BYTEA] = bytes
BINARY_READERS.update(
    (_kind, _reader_of_arrays(_element, BINARY_READERS.get(_element, read_text)))
    for _kind, _element in ELEMENTS.items()
    if _element in BINARY_READERS or _element in (TEXT, 1042, 1043, 19))
