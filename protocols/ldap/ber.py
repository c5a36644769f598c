# Copyright the carryall authors.  See LICENSE.
"""BER as LDAP restricts it (X.690, RFC 4511 section 5.1).

Lengths are definite, and tags are one octet.  A length may have more octets than it needs, as BER
permits; ours never has.  Octets are read from a bytearray, whose items are numbers on Python 2 too.

    tag, start, end = header(view, at, stop)

Nothing here recurses, and nothing reads behind *stop*.  Everything wrong is an LDAPError with the
code protocolError.

Not here: the DER of certificates (core/codec/der.py).
Tests:    tests/protocols/ldap/test_ber.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int2byte
from carryall.protocols.ldap.errors import LDAPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Tuple

__all__ = ['BOOLEAN', 'ENUMERATED', 'FALSE', 'INTEGER', 'NULL', 'OCTET_STRING', 'SEQUENCE', 'SET',
           'TRUE', 'boolean', 'enumerated', 'expect', 'header', 'integer', 'items', 'number',
           'octets', 'tlv', 'truth_of']

BOOLEAN = 0x01
INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
ENUMERATED = 0x0A
SEQUENCE = 0x30
SET = 0x31

MAX_LENGTH_OCTETS = 4       # of a length: no message comes near 4 GiB
MAX_INTEGER_OCTETS = 8      # maxInt is 2147483647 (RFC 4511 section 4.1.1)
LONG_TAG = 0x1F             # a tag of several octets, which LDAP has none of

TRUE = b'\x01\x01\xff'
FALSE = b'\x01\x01\x00'

_OCTETS = tuple(int2byte(number) for number in range(256))


# -- writing -----------------------------------------------------------------

def tlv(tag, body):
    # type: (int, bytes) -> bytes
    """One object with the tag octet *tag*."""
    size = len(body)
    if size < 0x80:
        return _OCTETS[tag] + _OCTETS[size] + body
    if size < 0x100:
        return _OCTETS[tag] + b'\x81' + _OCTETS[size] + body
    if size < 0x10000:
        return b''.join((_OCTETS[tag], b'\x82', _OCTETS[size >> 8], _OCTETS[size & 255], body))
    length = b''.join(_OCTETS[size >> shift & 255] for shift in (24, 16, 8, 0)).lstrip(b'\0')
    return b''.join((_OCTETS[tag], _OCTETS[0x80 | len(length)], length, body))


def _two_complement(value):
    # type: (int) -> bytes
    if -0x80 <= value < 0x80:
        return _OCTETS[value & 255]
    count = 2
    while not -1 << 8 * count - 1 <= value < 1 << 8 * count - 1:
        count += 1
    return b''.join(_OCTETS[value >> shift & 255] for shift in range(8 * (count - 1), -1, -8))


def integer(value, tag=INTEGER):
    # type: (int, int) -> bytes
    """INTEGER, of either sign."""
    return tlv(tag, _two_complement(value))


def enumerated(value):
    # type: (int) -> bytes
    """ENUMERATED."""
    return tlv(ENUMERATED, _two_complement(value))


def boolean(value):
    # type: (bool) -> bytes
    """BOOLEAN; true is 0xFF (RFC 4511 section 5.1)."""
    return TRUE if value else FALSE


# -- reading -----------------------------------------------------------------

def header(view, at, stop):
    # type: (Any, int, int) -> Tuple[int, int, int]
    """The tag octet of the object at *at*, where its contents start and where they end."""
    if at + 2 > stop:
        raise LDAPError(u'an object of BER ends early')
    tag = view[at]
    length = view[at + 1]
    at += 2
    if length & 0x80:
        count = length & 0x7F
        if not count:
            raise LDAPError(u'a length of BER is indefinite')
        behind = at + count
        if behind > stop:
            raise LDAPError(u'a length of BER ends early')
        length = 0
        for octet in view[at:behind]:
            length = length << 8 | octet
            if length >> 8 * MAX_LENGTH_OCTETS:
                raise LDAPError(u'a length of BER is 4 GiB or more')
        at = behind
    if tag & LONG_TAG == LONG_TAG:
        raise LDAPError(u'a tag of BER has several octets')
    if at + length > stop:
        raise LDAPError(u'an object of BER is longer than what surrounds it')
    return tag, at, at + length


def expect(view, at, stop, tag):
    # type: (Any, int, int, int) -> Tuple[int, int]
    """(start, end) of the contents of the object at *at*, whose tag octet must be *tag*."""
    found, start, end = header(view, at, stop)
    if found != tag:
        raise LDAPError(u'BER has the tag 0x%02x where 0x%02x belongs' % (found, tag))
    return start, end


def items(view, at, stop):
    # type: (Any, int, int) -> Iterator[Tuple[int, int, int]]
    """Yields (tag octet, start, end) of each object from *at* to *stop*."""
    while at < stop:
        found = header(view, at, stop)
        yield found
        at = found[2]


def octets(data, view, at, stop):
    # type: (bytes, Any, int, int) -> Tuple[bytes, int]
    """The OCTET STRING at *at*, and where the next object begins."""
    start, end = expect(view, at, stop, OCTET_STRING)
    return data[start:end], end


def number(view, start, end):
    # type: (Any, int, int) -> int
    """The value of an INTEGER or ENUMERATED with these contents."""
    if not 0 < end - start <= MAX_INTEGER_OCTETS:
        raise LDAPError(u'an INTEGER of BER has %d octets' % (end - start))
    value = view[start]
    if value & 0x80:
        value -= 0x100
    for octet in view[start + 1:end]:
        value = value << 8 | octet
    return value                        # type: ignore


def truth_of(view, start, end):
    # type: (Any, int, int) -> bool
    """The value of a BOOLEAN with these contents; what is not zero is true, as BER has it."""
    if end - start != 1:
        raise LDAPError(u'a BOOLEAN of BER has %d octets' % (end - start))
    return bool(view[start])
