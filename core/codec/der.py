# Copyright the carryall authors.  See LICENSE.
"""DER, as far as certificates and keys need it (X.690 section 8 and 10).

    sequence(integer(5), oid('1.2.840.10045.4.3.2'))        to octets
    reader = Reader(octets); reader.enter(SEQUENCE).integer()

The reader is bounded by the octets it has, refuses lengths that are not minimal,
and never recurses by itself.

Tests:    tests/core/codec/test_der.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import byte2int, int2byte, int_from_bytes, iterbytes
from carryall.core.errors import RemoteProtocolError

__all__ = ['BIT_STRING', 'BOOLEAN', 'GENERALIZED_TIME', 'INTEGER', 'NULL', 'OCTET_STRING', 'OID',
           'PRINTABLE', 'Reader', 'SEQUENCE', 'SET', 'UTC_TIME', 'UTF8', 'bit_string', 'context',
           'encode', 'integer', 'octet_string', 'oid', 'sequence']

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OID = 0x06
UTF8 = 0x0C
PRINTABLE = 0x13
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30
SET = 0x31

MAX_LENGTH_OCTETS = 4       # of a length: no object of ours comes near 4 GiB
MAX_OID_OCTETS = 64


# -- writing -----------------------------------------------------------------

def encode(tag, *contents):
    # type: (int, *bytes) -> bytes
    """One object with the tag octet *tag*."""
    body = b''.join(contents)
    size = len(body)
    if size < 0x80:
        length = int2byte(size)
    else:
        octets = unsigned(size)
        length = int2byte(0x80 | len(octets)) + octets
    return int2byte(tag) + length + body


def sequence(*contents):
    # type: (*bytes) -> bytes
    """SEQUENCE of what is encoded already."""
    return encode(SEQUENCE, *contents)


def unsigned(number):
    # type: (int) -> bytes
    """The octets of a number from 0 on, the most significant first, at least one."""
    text = '%x' % number
    return b''.join(int2byte(int(pair, 16)) for pair in _pairs('0' * (len(text) % 2) + text))


def _pairs(text):
    # type: (str) -> List[str]
    return [text[index:index + 2] for index in range(0, len(text), 2)]


def integer(number):
    # type: (int) -> bytes
    """INTEGER of a number from 0 on."""
    octets = unsigned(number)
    return encode(INTEGER, b'\0' + octets if byte2int(octets[:1]) & 0x80 else octets)


def bit_string(octets):
    # type: (bytes) -> bytes
    """BIT STRING of whole octets."""
    return encode(BIT_STRING, b'\0', octets)


def octet_string(octets):
    # type: (bytes) -> bytes
    """OCTET STRING."""
    return encode(OCTET_STRING, octets)


def context(number, *contents):
    # type: (int, *bytes) -> bytes
    """A constructed object with the context-specific tag *number*."""
    return encode(0xA0 | number, *contents)


def oid(dotted):
    # type: (str) -> bytes
    """OBJECT IDENTIFIER."""
    arcs = [int(arc) for arc in dotted.split('.')]
    return encode(OID, _arc(40 * arcs[0] + arcs[1]), *[_arc(arc) for arc in arcs[2:]])


def _arc(number):
    # type: (int) -> bytes
    octets = int2byte(number & 0x7F)
    while number > 0x7F:
        number >>= 7
        octets = int2byte(0x80 | number & 0x7F) + octets
    return octets


# -- reading -----------------------------------------------------------------

class Reader(object):
    """Reads one object after the other.

    Raises:   RemoteProtocolError: not DER, or not what was asked for.
    """

    __slots__ = ('_data', '_at')

    def __init__(self, data):
        # type: (bytes) -> None
        self._data = data
        self._at = 0

    def __len__(self):
        return len(self._data) - self._at

    def peek(self):
        # type: () -> Optional[int]
        """The tag octet of the next object; None at the end."""
        return byte2int(self._data[self._at:self._at + 1]) if len(self) else None

    def next(self):
        # type: () -> Tuple[int, bytes, bytes]
        """The next object: its tag octet, its contents, and all its octets."""
        data = self._data
        start = self._at
        if start + 2 > len(data):
            raise RemoteProtocolError(u'DER ends early')
        tag = byte2int(data[start:start + 1])
        length = byte2int(data[start + 1:start + 2])
        at = start + 2
        if length & 0x80:
            count = length & 0x7F
            octets = data[at:at + count]
            if not 0 < count <= MAX_LENGTH_OCTETS or len(octets) != count:
                raise RemoteProtocolError(u'a length of DER has %d octets' % count)
            length = int_from_bytes(octets)
            at += count
            if length < 0x80 or length >> 8 * (count - 1) == 0:
                raise RemoteProtocolError(u'a length of DER is not minimal')
        end = at + length
        if end > len(data):
            raise RemoteProtocolError(u'DER ends early')
        self._at = end
        return tag, data[at:end], data[start:end]

    def take(self, tag):
        # type: (int) -> bytes
        """The contents of the next object, which must have that tag octet."""
        found, contents, _ = self.next()
        if found != tag:
            raise RemoteProtocolError(u'DER has tag 0x%02x where 0x%02x belongs' % (found, tag))
        return contents

    def maybe(self, tag):
        # type: (int) -> Optional[bytes]
        """As ``take``; None if the next object is another, or there is none."""
        return self.take(tag) if self.peek() == tag else None

    def enter(self, tag):
        # type: (int) -> Reader
        """A Reader of the contents of the next object."""
        return Reader(self.take(tag))

    def integer(self):
        # type: () -> int
        """INTEGER from 0 on."""
        contents = self.take(INTEGER)
        if not contents or byte2int(contents[:1]) & 0x80:
            raise RemoteProtocolError(u'an INTEGER is empty or negative')
        return int_from_bytes(contents)

    def oid(self):
        # type: () -> str
        """OBJECT IDENTIFIER, dotted."""
        contents = self.take(OID)
        if not contents or len(contents) > MAX_OID_OCTETS or byte2int(contents[-1:]) & 0x80:
            raise RemoteProtocolError(u'an OBJECT IDENTIFIER is malformed')
        arcs = []
        number = 0
        for octet in iterbytes(contents):
            value = byte2int(octet)
            number = number << 7 | value & 0x7F
            if not value & 0x80:
                arcs.append(number)
                number = 0
        first = min(arcs[0] // 40, 2)
        return '.'.join(str(arc) for arc in [first, arcs[0] - 40 * first] + arcs[1:])

    def end(self):
        # type: () -> None
        """Nothing may be left."""
        if len(self):
            raise RemoteProtocolError(u'DER has %d octets too many' % len(self))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple
