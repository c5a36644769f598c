# Copyright the carryall authors.  See LICENSE.
"""The values without parts in a tap, and the numbers between them (app/tapcodec.py has the whole
grammar).

Tests:    tests/app/test_tapcodec.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import struct

from carryall.core.compat import int2byte, int_from_bytes, int_types, text_type
from carryall.core.errors import CarryallError
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

__all__ = ['MAX_INTEGER', 'NAN', 'TapError', 'alike', 'format_integer', 'format_number',
           'format_scalar', 'format_text', 'parse_integer', 'parse_text']

# -- limits ------------------------------------------------------------------
MAX_INTEGER = 65536         # bytes of one integer

NAN = b'\x7f\xf8\0\0\0\0\0\0'
_SURROGATE = Pattern(b'\xed[\xa0-\xbf]')     # in UTF-8 nothing else has these two bytes in a row


class TapError(CarryallError):
    """The tap cannot be written or read; the text is a sentence with the reason."""


def format_scalar(value, cls):
    # type: (Any, type) -> bytes
    """The bytes of a value without parts."""
    if value is None:
        return b'N'
    if cls is bool:
        return b'T' if value else b'F'
    if cls in int_types:
        data = format_integer(value)
        if len(data) > MAX_INTEGER:
            raise TapError(u'an integer in a tap has at most %d bytes' % MAX_INTEGER)
        return b'i' + format_number(len(data)) + data
    if cls is float:
        return b'd' + (struct.pack('>d', value) if value == value else NAN)
    if cls is bytes:
        return b'b' + format_number(len(value)) + value
    if cls is text_type:
        data = format_text(value)
        return b'u' + format_number(len(data)) + data
    raise TapError(u'a tap cannot hold a value of class %s' % cls.__name__)


def format_number(number):
    # type: (int) -> bytes
    """Unsigned LEB128: seven bits a byte, the lowest first, the top bit set on all but the last."""
    octets = []         # type: List[bytes]
    while number > 127:
        octets.append(int2byte(number & 127 | 128))
        number >>= 7
    return b''.join(octets) + int2byte(number)


def format_integer(number):
    # type: (int) -> bytes
    """Two's complement, big-endian, as short as the sign allows; 0 is one byte."""
    size = (number if number >= 0 else ~number).bit_length() // 8 + 1
    if number < 0:
        number += 1 << (8 * size)
    return binascii.unhexlify((u'%0*x' % (2 * size, number)).encode('ascii'))


def parse_integer(data):
    # type: (bytes) -> int
    """The integer that `format_integer` wrote; TapError if it is not as short as it can be."""
    top = data[:1]
    rest = data[1:2]
    if not data \
            or (rest and (top == b'\0' and rest < b'\x80' or top == b'\xff' and rest >= b'\x80')):
        raise TapError(u'the tap is damaged: an integer is longer than it needs to be')
    number = int_from_bytes(data)
    return int(number - (1 << (8 * len(data))) if top >= b'\x80' else number)


def format_text(text):
    # type: (str) -> bytes
    """UTF-8; TapError for half a surrogate pair, which some runtimes allow and UTF-8 does not."""
    try:
        data = text.encode('utf-8')
        # jython: half a pair may be encoded as a question mark; 2.7 writes its three bytes;
        # 3.x raises.
        broken = _SURROGATE.search(data) or data.decode('utf-8') != text
    except UnicodeError:
        broken = True
    if broken:
        raise TapError(u'a text holds half a surrogate pair, which a tap cannot keep')
    return data


def parse_text(data):
    # type: (bytes) -> str
    """Strict UTF-8."""
    try:
        text = data.decode('utf-8')
    except UnicodeError:
        raise TapError(u'the tap is damaged: a text is not UTF-8')
    # jython: octets that are not UTF-8 may decode to U+FFFD without an error.
    if _SURROGATE.search(data) or text.encode('utf-8') != data:
        raise TapError(u'the tap is damaged: a text is not UTF-8')
    return text


def alike(key):
    # type: (Any) -> Any
    """A key that is equal for two keys that some runtime takes for equal: on 2.x bytes and their
    text."""
    if isinstance(key, bytes):
        return key.decode('latin-1')
    if isinstance(key, tuple):
        return tuple(alike(part) for part in key)
    return key
