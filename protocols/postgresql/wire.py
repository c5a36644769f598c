# Copyright the carryall authors.  See LICENSE.
"""The messages of PostgreSQL's protocols 3.0 and 3.2, octets to values and back.

Source:   PostgreSQL 15 and 18, chapter 55, "Frontend/Backend Protocol".
Tests:    tests/protocols/postgresql/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import re
import struct

from carryall.core.compat import range, to_bytes
from carryall.core.database import DataError, ProgrammingError
from carryall.core.patterns import Pattern
from carryall.protocols.postgresql.errors import PostgreSQLError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Tuple

__all__ = ['Framing', 'MessageCursor', 'NULL', 'SSL_REQUEST', 'VERSION_3_0', 'VERSION_3_2', 'bind',
           'bind_head', 'bind_tail', 'cancel_request', 'close_portal', 'close_statement', 'copied',
           'copied_lines', 'data_row', 'describe_portal', 'error_fields', 'execute', 'message',
           'negotiated_version', 'parse', 'query', 'row_description', 'startup', 'value', 'word']

VERSION_3_0 = 3 << 16
VERSION_3_2 = VERSION_3_0 + 2
SSL_CODE = (1234 << 16) + 5679
CANCEL_CODE = (1234 << 16) + 5678

_LENGTH = struct.Struct('!i')
_SHORT = struct.Struct('!h')
_COUNT = struct.Struct('!H')
_WORD = struct.Struct('!i')
_COLUMN = struct.Struct('!ihihih')
_HEAD = struct.Struct('!Bi')
_COPY_DATA = 100            # the letter d
_read_length = _LENGTH.unpack_from
_read_head = _HEAD.unpack_from
# Between two lines of a copy: the end of one, and the head of a message below 65536 octets
_BETWEEN_LINES = b'\nd\0\0'
_HEADS = Pattern(b'\nd\0\0..', re.DOTALL)
MAX_LINES = 1 << 24         # octets in which each head has a NUL

MAX_VALUES = 65535          # of one statement
MAX_BODY = 0x3fffffff       # octets of one message, as the server has it

SSL_REQUEST = struct.pack('!ii', 8, SSL_CODE)
SYNC = b'S\x00\x00\x00\x04'
TERMINATE = b'X\x00\x00\x00\x04'
COPY_DONE = b'c\x00\x00\x00\x04'
DESCRIBE_PORTAL = b'D\x00\x00\x00\x06P\x00'
EXECUTE_ALL = b'E\x00\x00\x00\x09\x00\x00\x00\x00\x00'
EXECUTE_ALL_SYNC = EXECUTE_ALL + SYNC
NULL = b'\xff\xff\xff\xff'
TEXTS = b'\x00\x00'         # no codes of formats: all are texts
TEXT = 0
BINARY = 1


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


def startup(parameters, version=VERSION_3_0):
    # type: (Sequence[Tuple[str, str]], int) -> bytes
    """StartupMessage."""
    body = _WORD.pack(version)
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


def parse(text, types, name=b''):
    # type: (str, Sequence[int], bytes) -> bytes
    """A Parse message; type 0 lets the server choose.

    Args:     name: of the statement; none for the unnamed one.
    """
    if len(types) > MAX_VALUES:
        raise ProgrammingError(u'%d parameters are too many' % len(types), None, '54000')
    body = name + b'\0' + _text(text) + _COUNT.pack(len(types))
    return message(b'P', body + struct.pack('!%dI' % len(types), *types))


def value(octets):
    # type: (bytes) -> bytes
    """A parameter with its length, as Bind has it."""
    return _LENGTH.pack(len(octets)) + octets


def bind_head(formats, name=b'', portal=b''):
    # type: (Sequence[int], bytes, bytes) -> bytes
    """The part of a Bind before the values, whose formats are given one by one."""
    if len(formats) > MAX_VALUES:
        raise ProgrammingError(u'%d parameters are too many' % len(formats), None, '54000')
    codes = TEXTS
    if BINARY in formats:
        codes = _COUNT.pack(len(formats)) + struct.pack('!%dh' % len(formats), *formats)
    return portal + b'\0' + name + b'\0' + codes + _COUNT.pack(len(formats))


def bind_tail(formats):
    # type: (Sequence[int]) -> bytes
    """The part of a Bind behind the values: the formats that the columns are to have."""
    if BINARY not in formats:
        return TEXTS
    if TEXT not in formats:
        return b'\0\x01\0\x01'
    return _COUNT.pack(len(formats)) + struct.pack('!%dh' % len(formats), *formats)


def bind(head, values, tail=TEXTS):
    # type: (bytes, Sequence[bytes], bytes) -> bytes
    """A Bind message of the values, each with its length before it."""
    return message(b'B', head + b''.join(values) + tail)


def describe_portal(portal):
    # type: (bytes) -> bytes
    """Describe of a portal with a name."""
    return message(b'D', b'P' + portal + b'\0')


def execute(portal, limit):
    # type: (bytes, int) -> bytes
    """Execute of a portal, for at most *limit* rows."""
    return message(b'E', portal + b'\0' + _WORD.pack(limit))


def close_portal(portal):
    # type: (bytes) -> bytes
    """Close of a portal."""
    return message(b'C', b'P' + portal + b'\0')


def close_statement(name):
    # type: (bytes) -> bytes
    """Close of a prepared statement."""
    return message(b'C', b'S' + name + b'\0')


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

    def join(self, data):
        # type: (bytes) -> Any
        """The octets held, with *data* behind them; None if that is no whole message yet.

        The caller gives the rest back with ``keep``.
        """
        if self._held:
            self._parts.append(data)
            self._held += len(data)
            if self._held < self._wanted:
                return None
            data = b''.join(self._parts)
        self._parts = []
        self._held = 0
        return data

    def keep(self, data, place):
        # type: (bytes, int) -> None
        """Holds the octets of *data* from *place* on, where a message begins."""
        rest = data[place:] if place else data
        self._held = len(rest)
        self._parts = [rest] if rest else []
        self._wanted = 5
        if self._held >= 5:
            self._wanted = self.length(rest, 0) + 1

    def length(self, data, place):
        # type: (bytes, int) -> int
        """The length of the message that begins at *place*: all of it but its letter.

        Raises:   PostgreSQLError: it is impossible.
        """
        length = _read_length(data, place + 1)[0]
        if not 4 <= length <= self.limit:
            raise PostgreSQLError(u'a message of the server has %d octets' % length)
        return length

    def feed(self, data):
        # type: (bytes) -> List[Tuple[bytes, bytes]]
        """(kind, body) of each message that *data* completes.

        Raises:   PostgreSQLError: a length is impossible.
        """
        found = []                  # type: List[Tuple[bytes, bytes]]
        joined = self.join(data)
        if joined is None:
            return found
        place = 0
        end = len(joined)
        while end - place >= 5:
            stop = place + 1 + self.length(joined, place)
            if stop > end:
                break
            found.append((joined[place:place + 1], joined[place + 5:stop]))
            place = stop
        self.keep(joined, place)
        return found


def copied(data, place, end):
    # type: (bytes, int, int) -> Tuple[List[bytes], int]
    """The octets of the CopyData messages from *place* on, and the place behind the last that is
    whole."""
    pieces = []                     # type: List[bytes]
    add = pieces.append
    read = _read_head
    last = end - 5
    while place <= last:
        kind, length = read(data, place)
        stop = place + 1 + length
        if kind != _COPY_DATA or stop > end or length < 4:
            break
        add(data[place + 5:stop])
        place = stop
    return pieces, place


def copied_lines(data, place, end):
    # type: (bytes, int, int) -> Tuple[List[bytes], int]
    """As ``copied``, for a copy in text, where each message is a line or several.

    Text has no NUL, so the head of the next message shows itself behind the end of a line.  All
    heads are taken out in one call.  The lengths are looked at where a run begins and ends.
    """
    last = data.rfind(_BETWEEN_LINES, place, end)
    if last < 0 or end - place > MAX_LINES:
        return copied(data, place, end)
    stop = last + 1
    if last + 6 <= end:
        behind = last + 2 + _read_length(data, last + 2)[0]
        if stop < behind <= end:
            stop = behind
    first = data.find(_BETWEEN_LINES, place, stop)
    if first != place + _read_length(data, place + 1)[0]:
        return copied(data, place, end)
    octets = _HEADS.sub(b'\n', data[place + 5:stop])
    if b'\0' in octets:
        return copied(data, place, end)     # long lines, or a notice between them
    return [octets], stop


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
    # type: (bytes) -> List[Tuple[str, int, int]]
    """(name, number of its type, TEXT or BINARY) of each column."""
    cursor = MessageCursor(body)
    columns = []
    count = cursor.short()
    if count < 0:
        raise PostgreSQLError(u'the server describes %d columns' % count)
    for _ in range(count):
        name = cursor.text()
        fields = _COLUMN.unpack(cursor.octets(18))
        if fields[5] not in (TEXT, BINARY):
            raise PostgreSQLError(u'a column of the server has the format %d' % fields[5])
        columns.append((name, fields[2] & 0xffffffff, fields[5]))
    if cursor.rest():
        raise PostgreSQLError(u'the server describes columns with octets behind them')
    return columns


def negotiated_version(body):
    # type: (bytes) -> Tuple[int, List[str]]
    """The newest minor version of the server, and the options that it does not know."""
    cursor = MessageCursor(body)
    minor = cursor.word()
    count = cursor.word()
    if not 0 <= minor <= 0xffffffff or not 0 <= count <= len(body):
        raise PostgreSQLError(u'the server negotiates no version')
    # The minor version alone, or the whole word: servers say either.
    return minor & 0xffff, [cursor.text() for _ in range(count)]


def data_row(data, place, end, readers):
    # type: (bytes, int, int, Sequence[Any]) -> Tuple[Any, ...]
    """The values of the row whose message has its body from *place* to *end*.

    Args:     readers: of each column, the function that makes a value of its octets.
    """
    row = []                    # type: List[Any]
    try:
        count = _COUNT.unpack_from(data, place)[0]
        place += 2
        for read in readers:
            length = _read_length(data, place)[0]
            place += 4
            if length < 0:
                if length != -1:
                    raise PostgreSQLError(u'a value of the server has %d octets' % length)
                row.append(None)
            else:
                stop = place + length
                if stop > end:
                    break
                row.append(read(data[place:stop]))
                place = stop
    except (struct.error, ValueError, TypeError, ArithmeticError) as exc:
        # py2: the text of the error has the octets of the server in it
        raise PostgreSQLError(u'a row of the server cannot be read: %r' % (exc,), cause=exc)
    if place != end or count != len(readers):
        raise PostgreSQLError(u'a row of the server has other columns than it was said to have')
    return tuple(row)
