# Copyright the carryall authors.  See LICENSE.
"""Record data whose fields depend on each other: APL, HIP, IPSECKEY, AMTRELAY, LOC, NSAP, WKS, CAA.

Each is one Field that reads all that is left.

Tests:    tests/protocols/dns/test_rdata.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import struct

from carryall.core.codec.numbers import decimal
from carryall.core.compat import int2byte, range
from carryall.core.errors import LocalProtocolError
from carryall.core.net import ip
from carryall.protocols.dns.domainname import format_name
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.presentation import MAX_STRING, Word, Words, from_hex
from carryall.protocols.dns.rdatafields import Address4, Address6, Field, Name, Reader, ascii_text

__all__ = ['AddressPrefixes', 'AMTRelay', 'Gateway', 'HostIdentity', 'Location', 'NSAP',
           'Services', 'Tag']

# -- limits ------------------------------------------------------------------
MAX_PORT = 65535            # of WKS; the bitmap then has 8,192 octets

GATEWAYS = {1: Address4(), 2: Address6(), 3: Name()}


class AddressPrefixes(Field):
    """Prefixes of addresses, such as ``1:192.0.2.0/24 !2:2001:db8::/32`` (RFC 3123)."""

    def parse(self, words):
        return b''.join([_prefix(word.text) for word in words.rest()])

    def take(self, reader):
        start = reader.at
        while reader.at < reader.end:
            family = reader.uint16()
            bits = reader.uint8()
            count = reader.uint8() & 127
            data = reader.take(count)
            size = {1: 4, 2: 16}.get(family)
            if size is None or bits > size * 8 or count > size or data[-1:] == b'\0':
                raise DNSError(u'a malformed prefix of addresses')
        return reader.data[start:reader.at]

    def show(self, data):
        reader = Reader(data)
        found = []
        while reader.at < reader.end:
            family = reader.uint16()
            bits = reader.uint8()
            count = reader.uint8()
            size = 4 if family == 1 else 16
            address = reader.take(count & 127).ljust(size, b'\0')
            found.append(u'%s%d:%s/%d' % (u'!' if count & 128 else u'', family, ip.text(address),
                                          bits))
        return u' '.join(found)


def _prefix(text):
    # type: (str) -> bytes
    negated = text.startswith(u'!')
    family, _, rest = text[1 if negated else 0:].partition(u':')
    host, _, bits = rest.partition(u'/')
    address = ip.packed(str(host.encode('ascii', 'replace').decode('ascii')))
    number, size = {u'1': (1, 4), u'2': (2, 16)}.get(family, (0, 0))
    length = decimal(bits.encode('ascii', 'replace'), size * 8)
    if address is None or len(address) != size or length is None or len(bits) > 3:
        raise LocalProtocolError(u'"%s" is no prefix such as 1:192.0.2.0/24' % text[:60])
    address = address.rstrip(b'\0')
    count = len(address) | (128 if negated else 0)
    return struct.pack('!HBB', number, length, count) + address


class HostIdentity(Field):
    """The data of HIP: algorithm, identity tag, key and rendezvous servers (RFC 8005)."""

    def parse(self, words):
        algorithm = words.number(255)
        tag = from_hex(words.text())
        key = Words([words.take()]).base64()
        if len(tag) > MAX_STRING or not tag or not key:
            raise LocalProtocolError(u'a tag of 1 to %d octets and a key' % MAX_STRING)
        names = [words.name() for _ in range(len(words))]
        return struct.pack('!BBH', len(tag), algorithm, len(key)) + tag + key + b''.join(names)

    def take(self, reader):
        head = reader.take(4)
        size, _, count = struct.unpack('!BBH', head)
        data = head + reader.take(size) + reader.take(count)
        while reader.at < reader.end:
            data += reader.name()
        return data

    def show(self, data):
        reader = Reader(data)
        size, algorithm, count = struct.unpack('!BBH', reader.take(4))
        found = [u'%d' % algorithm, ascii_text(binascii.hexlify(reader.take(size))).upper(),
                 ascii_text(base64.b64encode(reader.take(count)))]
        while reader.at < reader.end:
            found.append(format_name(reader.name()))
        return u' '.join(found)


class Gateway(Field):
    """The data of IPSECKEY (RFC 4025)."""

    def parse(self, words):
        precedence = words.number(255)
        kind = words.number(3)
        algorithm = words.number(255)
        return struct.pack('!BBB', precedence, kind, algorithm) + _parse_gateway(kind, words) \
            + words.base64()

    def take(self, reader):
        head = reader.take(3)
        return head + _take_gateway(bytearray(head)[1], reader) + reader.rest()

    def show(self, data):
        precedence, kind, algorithm = bytearray(data[:3])
        reader = Reader(data, 3)
        gateway = _show_gateway(kind, _take_gateway(kind, reader))
        key = ascii_text(base64.b64encode(reader.rest()))
        return (u'%d %d %d %s %s' % (precedence, kind, algorithm, gateway, key)).rstrip()


class AMTRelay(Field):
    """The data of AMTRELAY (RFC 8777)."""

    def parse(self, words):
        precedence = words.number(255)
        discovery = words.number(1)
        kind = words.number(3)
        return struct.pack('!BB', precedence, discovery << 7 | kind) + _parse_gateway(kind, words)

    def take(self, reader):
        head = reader.take(2)
        return head + _take_gateway(bytearray(head)[1] & 127, reader)

    def show(self, data):
        precedence, second = bytearray(data[:2])
        return u'%d %d %d %s' % (precedence, second >> 7, second & 127,
                                 _show_gateway(second & 127, data[2:]))


def _parse_gateway(kind, words):
    # type: (int, Words) -> bytes
    if kind in GATEWAYS:
        return GATEWAYS[kind].parse(words)
    if words.text() != u'.':
        raise LocalProtocolError(u'the gateway of type 0 is a dot')
    return b''


def _take_gateway(kind, reader):
    # type: (int, Reader) -> bytes
    if kind in GATEWAYS:
        return GATEWAYS[kind].take(reader)
    if kind:
        raise DNSError(u'a gateway has an unknown type')
    return b''


def _show_gateway(kind, data):
    # type: (int, bytes) -> str
    return GATEWAYS[kind].show(data) if kind in GATEWAYS else u'.'


class Location(Field):
    """Latitude, longitude, altitude, size and precision (RFC 1876)."""

    def parse(self, words):
        latitude = _angle(words, u'N', u'S', 90)
        longitude = _angle(words, u'E', u'W', 180)
        altitude = _centimetres(words.text()) + 10000000
        sizes = [100, 1000000, 1000]                        # centimetres; section 3
        for at in range(3):
            if len(words):
                sizes[at] = _centimetres(words.text())
        if not 0 <= altitude < 1 << 32 or min(sizes) < 0:
            raise LocalProtocolError(u'an altitude or size out of bounds')
        return struct.pack('!BBBBIII', 0, _exponent(sizes[0]), _exponent(sizes[1]),
                           _exponent(sizes[2]), latitude, longitude, altitude)

    def take(self, reader):
        data = reader.take(16)
        octets = bytearray(data)
        if octets[0] or any(octets[at] >> 4 > 9 or octets[at] & 15 > 9 for at in (1, 2, 3)):
            raise DNSError(u'a location of an unknown version, or with a malformed size')
        return data

    def show(self, data):
        _, size, across, down, latitude, longitude, altitude = struct.unpack('!BBBBIII', data)
        return u' '.join([_shown_angle(latitude, u'N', u'S'), _shown_angle(longitude, u'E', u'W'),
                          _metres(altitude - 10000000)]
                         + [_metres((each >> 4) * 10 ** (each & 15))
                            for each in (size, across, down)])


def _angle(words, positive, negative, most):
    # type: (Words, str, str, int) -> int
    """Thousandths of a second of arc, from degrees, minutes, seconds and a direction."""
    parts = [words.number(most)]
    thousandths = 0
    word = words.text()
    if word.upper() not in (positive, negative):
        minutes = decimal(word.encode('ascii', 'replace'), 59)
        if minutes is None or len(word) > 2:
            raise LocalProtocolError(u'"%s" is no number of minutes' % word[:40])
        parts.append(minutes)
        word = words.text()
    if word.upper() not in (positive, negative):
        thousandths = _fraction(word, 3)
        if not 0 <= thousandths < 60000:
            raise LocalProtocolError(u'"%s" is no number of seconds' % word[:40])
        word = words.text()
    if word.upper() not in (positive, negative):
        raise LocalProtocolError(u'"%s" is neither %s nor %s' % (word[:40], positive, negative))
    total = parts[0] * 3600000 + (parts[1] * 60000 if len(parts) > 1 else 0) + thousandths
    if total > most * 3600000:
        raise LocalProtocolError(u'an angle of more than %d degrees' % most)
    return (1 << 31) + (total if word.upper() == positive else -total)


def _fraction(text, places):
    # type: (str, int) -> int
    """A decimal number times a power of ten."""
    sign = -1 if text.startswith(u'-') else 1
    whole, _, part = text.lstrip(u'-').partition(u'.')
    units = decimal(whole.encode('ascii', 'replace'), 10 ** 9 - 1)
    parts = decimal(part.ljust(places, u'0').encode('ascii', 'replace'), 10 ** places - 1)
    if units is None or parts is None or len(whole) > 9 or len(part) > places:
        raise LocalProtocolError(u'"%s" is no decimal number' % text[:40])
    return sign * (units * 10 ** places + parts)


def _centimetres(text):
    # type: (str) -> int
    return _fraction(text[:-1] if text[-1:] in u'mM' else text, 2)


def _exponent(centimetres):
    # type: (int) -> int
    """A size as one digit and a power of ten."""
    power = 0
    while centimetres > 9:
        centimetres //= 10
        power += 1
    if power > 9:
        raise LocalProtocolError(u'a size of more than 90,000 kilometres')
    return centimetres << 4 | power


def _shown_angle(value, positive, negative):
    # type: (int, str, str) -> str
    value -= 1 << 31
    direction = negative if value < 0 else positive
    value = abs(value)
    return u'%d %d %d.%03d %s' % (value // 3600000, value // 60000 % 60, value // 1000 % 60,
                                  value % 1000, direction)


def _metres(centimetres):
    # type: (int) -> str
    sign = u'-' if centimetres < 0 else u''
    centimetres = abs(centimetres)
    return u'%s%d.%02dm' % (sign, centimetres // 100, centimetres % 100)


class NSAP(Field):
    """An OSI address: 0x and digits, which dots may separate (RFC 1706)."""

    def parse(self, words):
        text = words.text()
        if text[:2].lower() != u'0x':
            raise LocalProtocolError(u'"%s" does not begin with 0x' % text[:40])
        return from_hex(text[2:].replace(u'.', u''))

    def take(self, reader):
        return reader.rest()

    def show(self, data):
        return u'0x' + ascii_text(binascii.hexlify(data))


class Services(Field):
    """The protocol and the ports of WKS (RFC 1035 section 3.4.2)."""

    def parse(self, words):
        word = words.text()
        protocol = {u'TCP': 6, u'UDP': 17}.get(word.upper())
        if protocol is None:
            protocol = Words([Word(word)]).number(255)
        bits = bytearray()
        while len(words):
            port = words.number(MAX_PORT)
            bits.extend(b'\0' * (port // 8 + 1 - len(bits)))
            bits[port // 8] |= 0x80 >> port % 8
        return int2byte(protocol) + bytes(bits)

    def take(self, reader):
        data = reader.take(1) + reader.rest()
        if len(data) > 1 + (MAX_PORT + 1) // 8:
            raise DNSError(u'a bitmap of more than 65,536 ports')
        return data

    def show(self, data):
        octets = bytearray(data)
        ports = [8 * at + bit for at, octet in enumerate(octets[1:]) for bit in range(8)
                 if octet & 0x80 >> bit]
        return u' '.join(u'%d' % number for number in [octets[0]] + ports)


class Tag(Field):
    """The tag of CAA: letters and digits behind their length (RFC 8659)."""

    def parse(self, words):
        text = words.text()
        if not 0 < len(text) <= MAX_STRING or not text.isalnum() or max(text) > u'\x7f':
            raise LocalProtocolError(u'"%s" is no tag' % text[:40])
        return int2byte(len(text)) + text.encode('ascii')

    def take(self, reader):
        count = reader.uint8()
        data = reader.take(count)
        if not data or not data.isalnum():
            raise DNSError(u'a malformed tag')
        return int2byte(count) + data

    def show(self, data):
        return ascii_text(data[1:])
