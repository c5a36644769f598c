# Copyright the carryall authors.  See LICENSE.
"""The parameters of statements: values of Python as Bind carries them.

Integers, floats, bool and octets go in binary, all other values as text.  The type of a text, a
list or a dict is left to the server: it is what the statement makes of it.
Source:   PostgreSQL 15, section 55.7 and section 8.15.2, "Array Value Input".
Tests:    tests/protocols/postgresql/test_bindvalues.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import datetime
import json
import struct
import uuid
from decimal import Decimal

from carryall.core.compat import int_types, text_type
from carryall.core.database import DataError, ProgrammingError
from carryall.protocols.postgresql.pgvalues import (BOOL, BYTEA, DATE, FLOAT8, INT4, INT8,
                                                    MAX_DEPTH, NUMERIC, TIME, TIMESTAMP,
                                                    TIMESTAMPTZ, UNKNOWN, UUID)
from carryall.protocols.postgresql.wire import BINARY, NULL, TEXT, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['formats_of', 'written', 'written_all']

BINARY_TYPES = (BOOL, BYTEA, INT4, INT8, FLOAT8)

_ONE_INT4 = struct.Struct('!ii').pack
_ONE_INT8 = struct.Struct('!iq').pack
_ONE_FLOAT8 = struct.Struct('!id').pack
_TRUE = b'\0\0\0\x01\x01'
_FALSE = b'\0\0\0\x01\0'


def formats_of(kinds):
    # type: (Tuple[int, ...]) -> List[int]
    """The format in which parameters of these types are written."""
    return [BINARY if kind in BINARY_TYPES else TEXT for kind in kinds]


def written_all(parameters):
    # type: (Any) -> Tuple[Tuple[int, ...], List[bytes]]
    """The types of *parameters*, and their octets."""
    if len(parameters) == 1:
        kind, octets = written(parameters[0])
        return (kind,), [octets]
    kinds = []                      # type: List[int]
    values = []                     # type: List[bytes]
    for parameter in parameters:
        kind, octets = written(parameter)
        kinds.append(kind)
        values.append(octets)
    return tuple(kinds), values


def written(parameter):
    # type: (Any) -> Tuple[int, bytes]
    """(number of its type, octets with their length) of a parameter.

    Raises:   DataError: a text has a NUL.  ProgrammingError: a value of another type.
    """
    write = _WRITERS.get(type(parameter))
    if write is not None:
        return write(parameter)
    for kind, write in _BASES:
        if isinstance(parameter, kind):
            return write(parameter)
    raise ProgrammingError(u'a parameter cannot be a %s' % type(parameter).__name__)


def _null(_):
    # type: (Any) -> Tuple[int, bytes]
    return UNKNOWN, NULL


def _text(parameter):
    # type: (str) -> Tuple[int, bytes]
    if u'\0' in parameter:
        raise DataError(u'PostgreSQL has no text with a NUL', None, '22021')
    try:
        return UNKNOWN, value(parameter.encode('utf-8'))
    except UnicodeError as exc:
        raise DataError(u'a text has a lone surrogate', exc, '22021')


def _bool(parameter):
    # type: (bool) -> Tuple[int, bytes]
    return BOOL, _TRUE if parameter else _FALSE


def _integer(parameter):
    # type: (int) -> Tuple[int, bytes]
    if -2147483648 <= parameter <= 2147483647:
        return INT4, _ONE_INT4(4, parameter)
    if -9223372036854775808 <= parameter <= 9223372036854775807:
        return INT8, _ONE_INT8(8, parameter)
    return NUMERIC, value(str(parameter).encode('ascii'))


def _float(parameter):
    # type: (float) -> Tuple[int, bytes]
    return FLOAT8, _ONE_FLOAT8(8, parameter)


def _octets(parameter):
    # type: (Any) -> Tuple[int, bytes]
    return BYTEA, value(bytes(parameter))


def _view(parameter):
    # type: (memoryview) -> Tuple[int, bytes]
    return BYTEA, value(parameter.tobytes())


def _decimal(parameter):
    # type: (Decimal) -> Tuple[int, bytes]
    return NUMERIC, value(str(parameter).encode('ascii'))


def _moment(parameter):
    # type: (Any) -> Tuple[int, bytes]
    kind = TIMESTAMP if parameter.tzinfo is None else TIMESTAMPTZ
    return kind, value(parameter.isoformat(' ').encode('ascii'))


def _date(parameter):
    # type: (Any) -> Tuple[int, bytes]
    return DATE, value(parameter.isoformat().encode('ascii'))


def _time(parameter):
    # type: (Any) -> Tuple[int, bytes]
    return TIME, value(parameter.isoformat().encode('ascii'))


def _uuid(parameter):
    # type: (Any) -> Tuple[int, bytes]
    return UUID, value(str(parameter).encode('ascii'))


def _array(parameter):
    # type: (Any) -> Tuple[int, bytes]
    return UNKNOWN, value(_array_octets(parameter, 1))


def _array_octets(elements, depth):
    # type: (Any, int) -> bytes
    if depth > MAX_DEPTH:
        raise DataError(u'an array has at most %d dimensions' % MAX_DEPTH, None, '54000')
    return b'{' + b','.join([_element(each, depth) for each in elements]) + b'}'


def _element(element, depth):
    # type: (Any, int) -> bytes
    if isinstance(element, (list, tuple)):
        return _array_octets(element, depth + 1)
    kind, octets = written(element)
    if octets == NULL:
        return b'NULL'
    if kind == BOOL:
        return b't' if element else b'f'
    if kind in (INT4, INT8):
        return str(element).encode('ascii')
    if kind == FLOAT8:
        return repr(element).encode('ascii')
    # The text of a value; its length stands before it.
    text = b'\\x' + binascii.hexlify(octets[4:]) if kind == BYTEA else octets[4:]
    return b'"' + text.replace(b'\\', b'\\\\').replace(b'"', b'\\"') + b'"'


def _json(parameter):
    # type: (Dict[str, Any]) -> Tuple[int, bytes]
    try:
        return UNKNOWN, value(json.dumps(parameter).encode('ascii'))
    except (TypeError, ValueError) as exc:
        raise ProgrammingError(u'a parameter is no JSON: %s' % (exc,), exc)


_WRITERS = {
    type(None): _null, text_type: _text, bool: _bool, float: _float, bytes: _octets,
    bytearray: _octets, memoryview: _view, Decimal: _decimal, datetime.datetime: _moment,
    datetime.date: _date, datetime.time: _time, uuid.UUID: _uuid, list: _array, tuple: _array,
    dict: _json,
}                                   # type: Dict[Any, Any]
_WRITERS.update((_kind, _integer) for _kind in int_types)
# For values of derived classes; a bool is an integer, and a datetime is a date.
_BASES = [(bool, _bool), (datetime.datetime, _moment)] + [
    pair for pair in _WRITERS.items() if pair[0] not in (bool, datetime.datetime)]
