# Copyright the carryall authors.  See LICENSE.
"""The records of FastCGI 1.0 (sections 3 to 5, and 8), and the pairs inside them.

Wire:     version 1, type, request (16 bits), length of the content (16 bits), length of the
          padding, a reserved octet; content; padding.  A stream is records of one type, and ends
          with an empty one.
Tests:    tests/protocols/fastcgi/test_wire.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.protocols.fastcgi.errors import FastCGIError

__all__ = ['ABORT_REQUEST', 'BEGIN_REQUEST', 'CANT_MPX_CONN', 'DATA', 'END_REQUEST', 'GET_VALUES',
           'GET_VALUES_RESULT', 'KEEP_CONN', 'OVERLOADED', 'PARAMS', 'REQUEST_COMPLETE',
           'RESPONDER', 'RecordReader', 'STDERR', 'STDIN', 'STDOUT', 'UNKNOWN_ROLE',
           'UNKNOWN_TYPE', 'begin_body', 'end_body', 'format_pairs', 'format_record',
           'format_stream', 'parse_begin', 'parse_end', 'parse_pairs']

VERSION = 1
HEADER_BYTES = 8
MAX_CONTENT = 65535         # octets of one record
# Octets of the records of a stream, so that each is a multiple of eight and needs no padding
STREAM_BYTES = 65528
MAX_NAME = 0x7fffffff       # octets of a name or a value
MAX_PAIRS = 512             # formatted pairs that are kept
MAX_PAIR = 256              # octets of the longest of them

# -- types of records (section 8) --------------------------------------------
BEGIN_REQUEST = 1
ABORT_REQUEST = 2
END_REQUEST = 3
PARAMS = 4
STDIN = 5
STDOUT = 6
STDERR = 7
DATA = 8
GET_VALUES = 9
GET_VALUES_RESULT = 10
UNKNOWN_TYPE = 11

# -- roles, flags, and the ends of requests (sections 5.1 and 5.5) -----------
RESPONDER = 1
KEEP_CONN = 1
REQUEST_COMPLETE = 0
CANT_MPX_CONN = 1
OVERLOADED = 2
UNKNOWN_ROLE = 3

_HEADER = struct.Struct('>BBHHBx')
_BEGIN = struct.Struct('>HB5x')
_END = struct.Struct('>IB3x')
_LONG = struct.Struct('>I')


# (name, value) -> both as a pair on the wire
_pairs = {}                 # type: Dict[Tuple[bytes, bytes], bytes]


class RecordReader(object):
    """Splits what comes into records."""

    __slots__ = ('_pieces', '_held', '_needed')

    def __init__(self):
        # type: () -> None
        self._pieces = []           # type: List[bytes]     # of a record that is not complete
        self._held = 0              # octets of them
        self._needed = 0            # octets up to the end of what is known of that record

    def receive_data(self, data):
        # type: (bytes) -> Iterator[Tuple[int, int, bytes]]
        """Yields (type, request, content) of each record that is complete.

        Raises:   FastCGIError: another version, behind the records that stand before it.
        """
        if self._held:
            # Joined once for a record, however many pieces it comes in
            self._pieces.append(data)
            self._held += len(data)
            if self._held < self._needed:
                return
            data = b''.join(self._pieces)
            self._pieces = []
            self._held = 0
        at = 0
        size = len(data)
        self._needed = HEADER_BYTES
        try:
            while size - at >= HEADER_BYTES:
                # A slice, for Jython copies all of *data* for its unpack_from
                version, kind, request, length, padding = _HEADER.unpack(
                    data[at:at + HEADER_BYTES])
                if version != VERSION:
                    raise FastCGIError(u'version %d of FastCGI' % version)
                end = at + HEADER_BYTES + length
                if end + padding > size:
                    self._needed = end + padding - at
                    break
                content = data[at + HEADER_BYTES:end]
                at = end + padding
                yield kind, request, content
        finally:
            if at < size:
                self._pieces = [data[at:]]
                self._held = size - at

    def is_empty(self):
        # type: () -> bool
        """True if no record has begun."""
        return not self._held


def format_record(kind, request, content=b''):
    # type: (int, int, bytes) -> bytes
    """One record, padded to a multiple of eight octets (section 3.3)."""
    padding = -len(content) % 8
    return b''.join((_HEADER.pack(VERSION, kind, request, len(content), padding), content,
                     b'\0' * padding))


def format_stream(kind, request, data):
    # type: (int, int, bytes) -> bytes
    """The records for *data*, without the empty one that ends the stream."""
    if len(data) <= STREAM_BYTES:
        return format_record(kind, request, data) if data else b''
    return b''.join([format_record(kind, request, data[at:at + STREAM_BYTES])
                     for at in range(0, len(data), STREAM_BYTES)])


# -- pairs (section 3.4) -----------------------------------------------------

def format_pairs(pairs):
    # type: (Iterable[Tuple[bytes, bytes]]) -> bytes
    """Names and values."""
    known = _pairs.get
    return b''.join([known(pair) or _format_pair(pair) for pair in pairs])


def _format_pair(pair):
    # type: (Tuple[bytes, bytes]) -> bytes
    """One pair; most come again with the next request, and are kept."""
    name, value = pair
    found = b''.join((_length(len(name)), _length(len(value)), name, value))
    if len(found) <= MAX_PAIR:
        if len(_pairs) >= MAX_PAIRS:
            _pairs.clear()
        _pairs[pair] = found
    return found


def _length(number):
    # type: (int) -> bytes
    if number < 128:
        return bytes(bytearray((number,)))
    return _LONG.pack(number | 0x80000000)


def parse_pairs(data):
    # type: (bytes) -> List[Tuple[bytes, bytes]]
    """The names and values in *data*.

    Raises:   FastCGIError: they do not end with it.
    """
    found = []
    at = 0
    while at < len(data):
        name, at = _parse_length(data, at)
        value, at = _parse_length(data, at)
        middle = at + name
        end = middle + value
        if end > len(data):
            raise FastCGIError(u'a pair is longer than its record')
        found.append((data[at:middle], data[middle:end]))
        at = end
    return found


def _parse_length(data, at):
    # type: (bytes, int) -> Tuple[int, int]
    """(length, place behind it)."""
    first = data[at:at + 1]
    if not first:
        raise FastCGIError(u'a pair ends in its lengths')
    if first < b'\x80':
        return ord(first), at + 1
    if at + 4 > len(data):
        raise FastCGIError(u'a pair ends in its lengths')
    return _LONG.unpack_from(data, at)[0] & MAX_NAME, at + 4


# -- contents ----------------------------------------------------------------

def begin_body(role=RESPONDER, flags=KEEP_CONN):
    # type: (int, int) -> bytes
    """The content of BEGIN_REQUEST (section 5.1)."""
    return _BEGIN.pack(role, flags)


def parse_begin(content):
    # type: (bytes) -> Tuple[int, int]
    """(role, flags).

    Raises:   FastCGIError: of another length.
    """
    if len(content) != _BEGIN.size:
        raise FastCGIError(u'a BEGIN_REQUEST of %d octets' % len(content))
    return _BEGIN.unpack(content)       # type: ignore


def end_body(status=0, protocol_status=REQUEST_COMPLETE):
    # type: (int, int) -> bytes
    """The content of END_REQUEST (section 5.5)."""
    return _END.pack(status, protocol_status)


def parse_end(content):
    # type: (bytes) -> Tuple[int, int]
    """(exit status of the program, the end of the request); the rest is garbage of some peers.

    Raises:   FastCGIError: of another length.
    """
    if len(content) != _END.size:
        raise FastCGIError(u'an END_REQUEST of %d octets' % len(content))
    return _END.unpack(content)         # type: ignore


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterable, Iterator, List, Tuple
