# Copyright the carryall authors.  See LICENSE.
"""Values as SQLite stores them, the same on every runtime.

It has integers, floats, text and octets.

    bool            1 or 0
    Decimal         its digits, as text
    datetime        'YYYY-MM-DD HH:MM:SS.ffffff', with '+HH:MM' behind it if it has a zone
    date, time      'YYYY-MM-DD', 'HH:MM:SS.ffffff'

``stored`` makes parameters so.  Such text sorts as what it stands for.
Tests:    tests/core/database/test_sqlvalues.py
"""
from __future__ import absolute_import, division, print_function

import datetime
from decimal import Decimal

from carryall.core.compat import int_types, text_type
from carryall.core.database.dberrors import DataError, ProgrammingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['MAX_INTEGER', 'MIN_INTEGER', 'stored', 'time_text', 'utc']

MIN_INTEGER = -(1 << 63)
MAX_INTEGER = (1 << 63) - 1

_ZERO = datetime.timedelta(0)


class _UTC(datetime.tzinfo):
    """Universal time.  py2: datetime has no zone of its own."""

    def utcoffset(self, moment):
        return _ZERO

    def dst(self, moment):
        return _ZERO

    def tzname(self, moment):
        return 'UTC'

    def __repr__(self):
        return 'utc'


utc = _UTC()


def time_text(value):
    # type: (Any) -> Any
    """A date, a time or both, as text."""
    if isinstance(value, datetime.datetime):
        return text_type(value.isoformat(' '))
    return text_type(value.isoformat())


def stored(value):
    # type: (Any) -> Any
    """*value* as None, an int, a float, text or bytes.

    Raises:   DataError: an integer of more than 64 bits.
              ProgrammingError: a value of another type.
    """
    if value is None or isinstance(value, (float, bytes, text_type)):
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int_types):
        if not MIN_INTEGER <= value <= MAX_INTEGER:
            raise DataError(u'an integer has more than 64 bits', None, '22003')
        return value
    if isinstance(value, Decimal):
        return text_type(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return time_text(value)
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value) if isinstance(value, bytearray) else value.tobytes()
    raise ProgrammingError(u'a parameter cannot be a %s' % type(value).__name__)
