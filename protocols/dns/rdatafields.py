# Copyright the carryall authors.  See LICENSE.
"""The fields of record data: each knows its text and its octets.

    field.parse(words)      # text to octets
    field.take(reader)      # octets of a message to octets without pointers; checks them
    field.show(octets)      # to text

Tests:    tests/protocols/dns/test_rdata.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import calendar
import struct
from datetime import datetime, timedelta

from carryall.core.codec.numbers import decimal, hexadecimal
from carryall.core.compat import int2byte, int_from_bytes, range
from carryall.core.errors import LocalProtocolError
from carryall.core.net import ip
from carryall.protocols.dns.domainname import format_name, read_name
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.presentation import (MAX_STRING, Words, parse_seconds,
                                                 quoted_octets, unescaped)
from carryall.protocols.dns.recordtypes import type_name, type_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

__all__ = ['Address4', 'Address6', 'Base64', 'Bitmap', 'Counted', 'EUI', 'Field', 'Groups', 'Hex',
           'Hash', 'Mnemonic', 'Moment', 'Name', 'Number', 'Octets', 'Reader', 'RestText',
           'Salt', 'Seconds', 'String', 'Strings', 'TypeCode', 'ascii_text', 'bitmap_of',
           'types_in']

EPOCH = datetime(1970, 1, 1)
_FORMATS = {1: '!B', 2: '!H', 4: '!I', 8: '!Q'}
_BASE32 = u'0123456789ABCDEFGHIJKLMNOPQRSTUV'       # RFC 4648 section 7


class Reader(object):
    """A place in a message, and the end of the part that may be read."""

    __slots__ = ('data', 'octets', 'at', 'end', 'known')

    def __init__(self, data, at=0, end=None, octets=None, known=None):
        # type: (bytes, int, Optional[int], Any, Any) -> None
        self.data = data
        self.octets = bytearray(data) if octets is None else octets
        self.at = at
        self.end = len(data) if end is None else end
        self.known = {} if known is None else known     # type: Dict[int, bytes]

    def take(self, count):
        # type: (int) -> bytes
        """The next octets."""
        start = self.at
        if count > self.end - start:
            raise DNSError(u'record data is too short')
        self.at = start + count
        return self.data[start:start + count]

    def rest(self):
        # type: () -> bytes
        """All octets that are left."""
        return self.take(self.end - self.at)

    def uint8(self):
        # type: () -> int
        """The next octet."""
        return ord(self.take(1))

    def uint16(self):
        # type: () -> int
        """Two octets, big-endian."""
        return struct.unpack('!H', self.take(2))[0]

    def name(self):
        # type: () -> bytes
        """A name, without pointers."""
        name, self.at = read_name(self.data, self.octets, self.at, self.end, self.known)
        return name


class Field(object):
    """One field of record data."""

    # The name may be written as a pointer (RFC 3597 section 4)
    compressed = False

    def parse(self, words):
        # type: (Words) -> bytes
        """The octets of the next words."""
        raise NotImplementedError

    def take(self, reader):
        # type: (Reader) -> bytes
        """The octets at the reader."""
        raise NotImplementedError

    def show(self, data):
        # type: (bytes) -> str
        """The text of the octets."""
        raise NotImplementedError


class Number(Field):
    """A decimal number of 1, 2 or 4 octets."""

    def __init__(self, size):
        # type: (int) -> None
        self.size = size
        self.format = _FORMATS[size]

    def parse(self, words):
        return struct.pack(self.format, words.number((1 << 8 * self.size) - 1))

    def take(self, reader):
        return reader.take(self.size)

    def show(self, data):
        return u'%d' % struct.unpack(self.format, data)[0]


class Seconds(Number):
    """A number of seconds, whose text may have units."""

    def __init__(self):
        # type: () -> None
        Number.__init__(self, 4)

    def parse(self, words):
        return struct.pack('!I', parse_seconds(words.text()))


class Mnemonic(Number):
    """A number that may be written as a word.

    Args:     table: number of each word.
              named: the words are shown as well.
    """

    def __init__(self, size, table, named=False):
        # type: (int, Dict[str, int], bool) -> None
        Number.__init__(self, size)
        self._table = table
        self._shown = dict((number, word) for word, number in table.items()) if named else {}

    def parse(self, words):
        word = words.text()
        number = self._table.get(word.upper())
        if number is None:
            number = decimal(word.encode('ascii', 'replace'), (1 << 8 * self.size) - 1)
            if number is None or len(word) > 5:
                raise LocalProtocolError(u'"%s" is no mnemonic or number' % word[:40])
        return struct.pack(self.format, number)

    def show(self, data):
        number = struct.unpack(self.format, data)[0]
        return self._shown.get(number) or u'%d' % number


class TypeCode(Number):
    """The number of a record type."""

    def __init__(self):
        # type: () -> None
        Number.__init__(self, 2)

    def parse(self, words):
        return struct.pack('!H', type_number(words.text()))

    def show(self, data):
        return type_name(struct.unpack('!H', data)[0])


class Moment(Number):
    """A time of a signature: YYYYMMDDHHMMSS in UTC, or seconds since 1970 (RFC 4034
    section 3.2)."""

    def __init__(self):
        # type: () -> None
        Number.__init__(self, 4)

    def parse(self, words):
        text = words.text()
        number = decimal(text.encode('ascii', 'replace'), 10 ** 14 - 1)
        if number is None or len(text) > 14:
            raise LocalProtocolError(u'"%s" is no time' % text[:40])
        if len(text) < 14:
            return struct.pack('!I', number & 0xffffffff)
        # Year, month, day, hour, minute and second are digits of the number.
        parts = [number // 10 ** 10]
        parts += [number // 10 ** at % 100 for at in (8, 6, 4, 2, 0)]
        if not (1 <= parts[1] <= 12 and 1 <= parts[2] <= 31 and parts[0] >= 1970
                and parts[3] < 24 and parts[4] < 60 and parts[5] < 61):
            raise LocalProtocolError(u'"%s" is no time' % text)
        return struct.pack('!I', calendar.timegm(tuple(parts) + (0, 0, 0)) & 0xffffffff)

    def show(self, data):
        moment = EPOCH + timedelta(0, struct.unpack('!I', data)[0])
        return u'%04d%02d%02d%02d%02d%02d' % moment.timetuple()[:6]


class Address4(Field):
    """An IPv4 address."""

    def parse(self, words):
        text = words.text()
        data = ip.packed(_native(text))
        if data is None or len(data) != 4:
            raise LocalProtocolError(u'"%s" is no IPv4 address' % text[:40])
        return data

    def take(self, reader):
        return reader.take(4)

    def show(self, data):
        return u'%d.%d.%d.%d' % tuple(bytearray(data))


class Address6(Field):
    """An IPv6 address, shown as RFC 5952 says."""

    def parse(self, words):
        text = words.text()
        data = ip.packed(_native(text))
        if data is None or len(data) != 16:
            raise LocalProtocolError(u'"%s" is no IPv6 address' % text[:40])
        return data

    def take(self, reader):
        return reader.take(16)

    def show(self, data):
        return u'%s' % ip.text(data)


class Name(Field):
    """A domain name."""

    def __init__(self, compressed=False):
        # type: (bool) -> None
        self.compressed = compressed

    def parse(self, words):
        return words.name()

    def take(self, reader):
        return reader.name()

    def show(self, data):
        return format_name(data)


class String(Field):
    """A character string behind its length."""

    def parse(self, words):
        return words.string()

    def take(self, reader):
        count = reader.uint8()
        return int2byte(count) + reader.take(count)

    def show(self, data):
        return quoted_octets(data[1:])


class Strings(Field):
    """Character strings up to the end, at least *least* of them, at most *most*."""

    def __init__(self, least=1, most=None):
        # type: (int, Optional[int]) -> None
        self._least = least
        self._most = most

    def parse(self, words):
        if not self._least <= len(words) <= (self._most or len(words)):
            raise LocalProtocolError(u'%d strings are too few or too many' % len(words))
        return b''.join([words.string() for _ in range(len(words))])

    def take(self, reader):
        start = reader.at
        count = 0
        while reader.at < reader.end:
            reader.take(reader.uint8())
            count += 1
        if not self._least <= count <= (self._most or count):
            raise DNSError(u'%d strings are too few or too many' % count)
        return reader.data[start:reader.at]

    def show(self, data):
        reader = Reader(data)
        found = []
        while reader.at < reader.end:
            found.append(quoted_octets(reader.take(reader.uint8())))
        return u' '.join(found)


class RestText(Field):
    """A quoted string without a length, up to the end."""

    def parse(self, words):
        return unescaped(words.text())

    def take(self, reader):
        return reader.rest()

    def show(self, data):
        return quoted_octets(data)


class Octets(Field):
    """Octets up to the end: their text is that of a subclass."""

    def __init__(self, least=0):
        # type: (int) -> None
        self._least = least

    def take(self, reader):
        data = reader.rest()
        if len(data) < self._least:
            raise DNSError(u'record data is too short')
        return data

    def checked(self, data):
        # type: (bytes) -> bytes
        """The octets, if they are enough."""
        if len(data) < self._least:
            raise LocalProtocolError(u'%d octets are too few' % len(data))
        return data


class Hex(Octets):
    """Hexadecimal digits up to the end."""

    def parse(self, words):
        return self.checked(words.hex())

    def show(self, data):
        return ascii_text(binascii.hexlify(data)).upper()


class Base64(Octets):
    """Base 64 up to the end."""

    def parse(self, words):
        return self.checked(words.base64())

    def show(self, data):
        return ascii_text(base64.b64encode(data))


class Salt(Field):
    """Octets behind their length, in hexadecimal digits; a hyphen for none (RFC 5155)."""

    def parse(self, words):
        word = words.take()
        data = b'' if word.text == u'-' else Words([word]).hex()
        if len(data) > MAX_STRING:
            raise LocalProtocolError(u'a salt has at most %d octets' % MAX_STRING)
        return int2byte(len(data)) + data

    def take(self, reader):
        count = reader.uint8()
        return int2byte(count) + reader.take(count)

    def show(self, data):
        return ascii_text(binascii.hexlify(data[1:])).upper() or u'-'


class Hash(Salt):
    """The hash of a name behind its length, in base 32 (RFC 5155)."""

    def parse(self, words):
        text = words.text().upper()
        if not text or len(text) > 100 or text.strip(_BASE32):
            raise LocalProtocolError(u'"%s" is not in base 32' % text[:40])
        count = len(text) * 5 // 8
        number = 0
        for char in text:
            number = number * 32 + _BASE32.index(char)
        number >>= len(text) * 5 - count * 8
        return int2byte(count) + binascii.unhexlify((u'%0*x' % (2 * count, number)).encode('ascii'))

    def show(self, data):
        data = data[1:]
        if not data:
            return u'-'
        digits = (len(data) * 8 + 4) // 5
        number = int_from_bytes(data) << digits * 5 - len(data) * 8
        return u''.join(_BASE32[number >> 5 * at & 31] for at in range(digits - 1, -1, -1))


class Counted(Field):
    """Octets behind a length of two octets, in base 64 (RFC 2930)."""

    def parse(self, words):
        count = words.number(65535)
        data = Words([words.take()]).base64() if count else b''
        if len(data) != count:
            raise LocalProtocolError(u'%d octets, not %d' % (len(data), count))
        return struct.pack('!H', count) + data

    def take(self, reader):
        count = reader.uint16()
        return struct.pack('!H', count) + reader.take(count)

    def show(self, data):
        text = ascii_text(base64.b64encode(data[2:]))
        return (u'%d %s' % (len(data) - 2, text)).rstrip()


class EUI(Field):
    """An address of 6 or 8 octets between hyphens (RFC 7043)."""

    def __init__(self, size):
        # type: (int) -> None
        self._size = size

    def parse(self, words):
        text = words.text()
        parts = text.split(u'-')
        if len(parts) != self._size or any(len(part) != 2 or part.strip(u'0123456789abcdefABCDEF')
                                           for part in parts):
            raise LocalProtocolError(u'"%s" has not %d pairs of digits' % (text[:40], self._size))
        return binascii.unhexlify(u''.join(parts).encode('ascii'))

    def take(self, reader):
        return reader.take(self._size)

    def show(self, data):
        return u'-'.join(u'%02x' % code for code in bytearray(data))


class Groups(Field):
    """Four groups of 16 bits between colons (RFC 6742)."""

    def parse(self, words):
        text = words.text()
        parts = text.split(u':')
        numbers = [hexadecimal(part.encode('ascii', 'replace'), 0xffff) for part in parts]
        if len(parts) != 4 or None in numbers or any(len(part) > 4 for part in parts):
            raise LocalProtocolError(u'"%s" has not four groups of digits' % text[:40])
        return struct.pack('!4H', *numbers)

    def take(self, reader):
        return reader.take(8)

    def show(self, data):
        return u'%04x:%04x:%04x:%04x' % struct.unpack('!4H', data)


class Bitmap(Field):
    """Record types as windows of bits (RFC 4034 section 4.1.2)."""

    def parse(self, words):
        return bitmap_of([type_number(word.text) for word in words.rest()])

    def take(self, reader):
        start = reader.at
        last = -1
        while reader.at < reader.end:
            window = reader.uint8()
            count = reader.uint8()
            if window <= last or not 1 <= count <= 32:
                raise DNSError(u'a window of types is out of order, or of a wrong size')
            last = window
            reader.take(count)
        return reader.data[start:reader.at]

    def show(self, data):
        return u' '.join(type_name(number) for number in types_in(data))


def bitmap_of(numbers):
    # type: (Any) -> bytes
    """The windows of these record types."""
    windows = {}                # type: Dict[int, bytearray]
    for number in numbers:
        bits = windows.setdefault(number >> 8, bytearray(32))
        bits[(number & 255) >> 3] |= 0x80 >> (number & 7)
    found = []
    for window in sorted(windows):
        shown = bytes(windows[window]).rstrip(b'\0')
        found.append(int2byte(window) + int2byte(len(shown)) + shown)
    return b''.join(found)


def types_in(data):
    # type: (bytes) -> List[int]
    """The record types of windows."""
    found = []
    octets = bytearray(data)
    at = 0
    while at + 2 <= len(octets):
        base = octets[at] << 8
        count = octets[at + 1]
        for place in range(count):
            bits = octets[at + 2 + place]
            for bit in range(8):
                if bits & 0x80 >> bit:
                    found.append(base + place * 8 + bit)
        at += 2 + count
    return found


def ascii_text(data):
    # type: (bytes) -> str
    """ASCII octets as text."""
    return data.decode('ascii')


def _native(text):
    # type: (str) -> str
    """Text for a numeric address: what is not ASCII is none."""
    return str(text.encode('ascii', 'replace').decode('ascii'))
