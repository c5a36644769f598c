# Copyright the carryall authors.  See LICENSE.
"""The messages of PostgreSQL's protocol 3.0, octets to values and back.

Source:   PostgreSQL 15, chapter 55, "Frontend/Backend Protocol".
Tests:    tests/protocols/postgresql/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.compat import range, to_bytes
from carryall.core.database import DataError, ProgrammingError
from carryall.protocols.postgresql.errors import PostgreSQLError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Tuple

__all__ = ['Framing', 'MessageCursor', 'SSL_REQUEST', 'VERSION_3_0', 'bind', 'cancel_request',
           'data_row', 'error_fields', 'message', 'parse', 'query', 'row_description', 'startup',
           'word']

VERSION_3_0 = 3 << 16
SSL_CODE = (1234 << 16) + 5679
CANCEL_CODE = (1234 << 16) + 5678

_LENGTH = struct.Struct('!i')
_SHORT = struct.Struct('!h')
_COUNT = struct.Struct('!H')
_WORD = struct.Struct('!i')
_COLUMN = struct.Struct('!ihihih')
_read_length = _LENGTH.unpack_from

MAX_VALUES = 65535          # of one statement
MAX_BODY = 0x3fffffff       # octets of one message, as the server has it

SSL_REQUEST = struct.pack('!ii', 8, SSL_CODE)
SYNC = b'S\x00\x00\x00\x04'
TERMINATE = b'X\x00\x00\x00\x04'
COPY_DONE = b'c\x00\x00\x00\x04'
DESCRIBE_PORTAL = b'D\x00\x00\x00\x06P\x00'
EXECUTE_ALL = b'E\x00\x00\x00\x09\x00\x00\x00\x00\x00'


# -- to the server ---------------------------------------------------------------

def message(kind, body):
    # type: (bytes, bytes) -> bytes
    """One message; DataError if the server would not take so long a one."""
    if len(body) > MAX_BODY:
        raise DataError(u'%d octets are too many for the server' % len(body), None, '54000')
    return kind + _LENGTH.pack(len(body) + 4) + body


def _text(value):
    # type: (Any) -> bytes
    """A text that ends in NUL; ProgrammingError if it has one within, or is no text."""
    try:
        octets = to_bytes(value)
    except UnicodeError as exc:
        raise ProgrammingError(u'a text for the server has a lone surrogate', exc, '22021')
    if b'\0' in octets:
        raise ProgrammingError(u'a text for the server has a NUL', None, '22021')
    return octets + b'\0'


def word(number):
    # type: (int) -> bytes
    """An integer of 4 octets."""
    return _WORD.pack(number)


def startup(parameters):
    # type: (Sequence[Tuple[str, str]]) -> bytes
    """StartupMessage."""
    body = _WORD.pack(VERSION_3_0)
    for name, value in parameters:
        body += _text(name) + _text(value)
    body += b'\0'
    return _LENGTH.pack(len(body) + 4) + body


def cancel_request(process, secret):
    # type: (int, bytes) -> bytes
    """CancelRequest."""
    body = _WORD.pack(CANCEL_CODE) + _WORD.pack(process) + secret
    return _LENGTH.pack(len(body) + 4) + body


def query(text):
    # type: (str) -> bytes
    """Query: one or several statements, without parameters."""
    return message(b'Q', _text(text))


def parse(text, types):
    # type: (str, Sequence[int]) -> bytes
    """A Parse message, into the unnamed statement; type 0 lets the server choose."""
    if len(types) > MAX_VALUES:
        raise ProgrammingError(u'%d parameters are too many' % len(types), None, '54000')
    body = b'\0' + _text(text) + _COUNT.pack(len(types))
    return message(b'P', body + struct.pack('!%dI' % len(types), *types))


def bind(values):
    # type: (Sequence[Any]) -> bytes
    """Bind of the unnamed statement to the unnamed portal; texts both ways, None for NULL."""
    parts = [b'\0\0\0\0' + _COUNT.pack(len(values))]
    for value in values:
        if value is None:
            parts.append(b'\xff\xff\xff\xff')
        else:
            parts.append(_LENGTH.pack(len(value)))
            parts.append(value)
    parts.append(b'\0\0')
    return message(b'B', b''.join(parts))


# -- from the server -------------------------------------------------------------

class Framing(object):
    """Cuts a stream into messages.

    Attributes:
        limit: octets of one message.
    """

    def __init__(self, limit):
        # type: (int) -> None
        self.limit = limit
        self._parts = []            # type: List[bytes]
        self._held = 0
        self._wanted = 5            # octets of the next message, as far as that is known

    @property
    def held(self):
        # type: () -> int
        """Octets that are no whole message yet."""
        return self._held

    def feed(self, data):
        # type: (bytes) -> List[Tuple[bytes, bytes]]
        """(kind, body) of each message that *data* completes.

        Raises:   PostgreSQLError: a length is impossible.
        """
        self._parts.append(data)
        self._held += len(data)
        if self._held < self._wanted:
            return []
        data = b''.join(self._parts) if len(self._parts) > 1 else data
        found = []
        place = 0
        end = len(data)
        wanted = 5
        while end - place >= 5:
            length = _read_length(data, place + 1)[0]
            if not 4 <= length <= self.limit:
                raise PostgreSQLError(u'a message of the server has %d octets' % length)
            stop = place + 1 + length
            if stop > end:
                wanted = length + 1
                break
            found.append((data[place:place + 1], data[place + 5:stop]))
            place = stop
        rest = data[place:]
        self._parts = [rest] if rest else []
        self._held = len(rest)
        self._wanted = wanted
        return found


class MessageCursor(object):
    """Reads the fields of one message."""

    def __init__(self, body):
        # type: (bytes) -> None
        self._body = body
        self._place = 0

    def octets(self, count):
        # type: (int) -> bytes
        """The next *count* octets."""
        begin = self._place
        if count < 0 or begin + count > len(self._body):
            raise PostgreSQLError(u'a message of the server is too short')
        self._place = begin + count
        return self._body[begin:begin + count]

    def word(self):
        # type: () -> int
        """The next integer of 4 octets."""
        return _WORD.unpack(self.octets(4))[0]

    def short(self):
        # type: () -> int
        """The next integer of 2 octets."""
        return _SHORT.unpack(self.octets(2))[0]

    def text(self):
        # type: () -> str
        """The next text, up to its NUL."""
        end = self._body.find(b'\0', self._place)
        if end < 0:
            raise PostgreSQLError(u'a text in a message of the server has no end')
        found = self._body[self._place:end]
        self._place = end + 1
        return found.decode('utf-8', 'replace')

    def rest(self):
        # type: () -> bytes
        """The octets that are left."""
        return self._body[self._place:]


def error_fields(body):
    # type: (bytes) -> Dict[bytes, str]
    """The fields of an ErrorResponse or a NoticeResponse, by their letters."""
    cursor = MessageCursor(body)
    fields = {}             # type: Dict[bytes, str]
    while True:
        letter = cursor.octets(1)
        if letter == b'\0':
            return fields
        fields[letter] = cursor.text()


def row_description(body):
    # type: (bytes) -> List[Tuple[str, int]]
    """(name, number of its type) of each column."""
    cursor = MessageCursor(body)
    columns = []
    count = cursor.short()
    if count < 0:
        raise PostgreSQLError(u'the server describes %d columns' % count)
    for _ in range(count):
        name = cursor.text()
        columns.append((name, _COLUMN.unpack(cursor.octets(18))[2] & 0xffffffff))
    if cursor.rest():
        raise PostgreSQLError(u'the server describes columns with octets behind them')
    return columns


def data_row(body, readers):
    # type: (bytes, Sequence[Any]) -> Tuple[Any, ...]
    """The values of one row.

    Args:     readers: of each column, the function that makes a value of its octets.
    """
    place = 2
    row = []                    # type: List[Any]
    try:
        for read in readers:
            length = _read_length(body, place)[0]
            place += 4
            if length < 0:
                if length != -1:
                    raise PostgreSQLError(u'a value of the server has %d octets' % length)
                row.append(None)
            else:
                stop = place + length
                row.append(read(body[place:stop]))
                place = stop
    except (struct.error, ValueError, TypeError, ArithmeticError) as exc:
        # py2: the text of the error has the octets of the server in it
        raise PostgreSQLError(u'a row of the server cannot be read: %r' % (exc,), cause=exc)
    if place != len(body):
        raise PostgreSQLError(u'a row of the server has other columns than it was said to have')
    return tuple(row)
