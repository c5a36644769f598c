# Copyright the carryall authors.  See LICENSE.
"""The parameters of SVCB and HTTPS records (RFC 9460, 9461, 9540, 9848).

    1 svc.example. alpn="h2,h3" port="8443" ipv4hint="192.0.2.1" ech="AQID"

Tests:    tests/protocols/dns/test_rdata.py
"""
from __future__ import absolute_import, division, print_function

import base64
import struct

from carryall.core.codec.numbers import decimal, decimal_text
from carryall.core.compat import int2byte
from carryall.core.errors import LocalProtocolError
from carryall.core.net import ip
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.presentation import (MAX_STRING, from_base64, quoted_octets,
                                                 unescaped)
from carryall.protocols.dns.rdatafields import Field, Reader, ascii_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Tuple

__all__ = ['KEYS', 'Parameters', 'parameters_in']

MANDATORY, ALPN, NO_DEFAULT_ALPN, PORT, IPV4HINT, ECH, IPV6HINT, DOHPATH, OHTTP = range(9)
KEYS = {u'mandatory': MANDATORY, u'alpn': ALPN, u'no-default-alpn': NO_DEFAULT_ALPN,
        u'port': PORT, u'ipv4hint': IPV4HINT, u'ech': ECH, u'ipv6hint': IPV6HINT,
        u'dohpath': DOHPATH, u'ohttp': OHTTP}
_NAMES = dict((number, name) for name, number in KEYS.items())
_WITHOUT_VALUE = (NO_DEFAULT_ALPN, OHTTP)
MAX_KEY = 65534             # RFC 9460 section 14.3: 65535 is reserved


class Parameters(Field):
    """All parameters, in the order of their numbers."""

    def parse(self, words):
        found = {}                      # type: Dict[int, bytes]
        pending = words.rest()
        at = 0
        while at < len(pending):
            word = pending[at]
            at += 1
            name, equals, text = word.text.partition(u'=')
            if equals and not text and at < len(pending) and pending[at].quoted:
                text = pending[at].text         # key="..." is two words
                at += 1
            number = _key(name)
            if number in found:
                raise LocalProtocolError(u'the parameter %s is a duplicate' % name[:40])
            found[number] = _value(number, text, bool(equals))
        data = b''.join([struct.pack('!HH', number, len(found[number])) + found[number]
                         for number in sorted(found)])
        _check_mandatory(found, LocalProtocolError)
        return data

    def take(self, reader):
        start = reader.at
        found = {}                      # type: Dict[int, bytes]
        last = -1
        while reader.at < reader.end:
            number = reader.uint16()
            value = reader.take(reader.uint16())
            if number <= last:
                raise DNSError(u'service parameters are out of order')
            last = number
            _check_value(number, value)
            found[number] = value
        _check_mandatory(found, DNSError)
        return reader.data[start:reader.at]

    def show(self, data):
        return u' '.join(_shown(number, value) for number, value in parameters_in(data))


def parameters_in(data):
    # type: (bytes) -> List[Tuple[int, bytes]]
    """(number, value) of each parameter."""
    reader = Reader(data)
    found = []
    while reader.at < reader.end:
        number = reader.uint16()
        found.append((number, reader.take(reader.uint16())))
    return found


def _key(name):
    # type: (str) -> int
    number = KEYS.get(name.lower())
    if number is None:
        number = decimal_text(name[3:], MAX_KEY)
        if name[:3].lower() != u'key' or number is None:
            raise LocalProtocolError(u'"%s" is no service parameter' % name[:40])
    return number


def _value(number, text, given):
    # type: (int, str, bool) -> bytes
    """The octets of a value."""
    if number in _WITHOUT_VALUE:
        if text:
            raise LocalProtocolError(u'%s has no value' % _NAMES[number])
        return b''
    if number <= DOHPATH and not text:
        raise LocalProtocolError(u'%s needs a value' % _NAMES[number])
    if number == MANDATORY:
        keys = [_key(name) for name in text.split(u',')]
        if len(set(keys)) != len(keys) or MANDATORY in keys:
            raise LocalProtocolError(u'mandatory lists a key twice, or itself')
        return b''.join([struct.pack('!H', key) for key in sorted(keys)])
    if number == ALPN:
        found = [unescaped(each) for each in _split_commas(unescaped(text).decode('latin-1'))]
        if any(not 0 < len(each) <= MAX_STRING for each in found):
            raise LocalProtocolError(u'a protocol of alpn has 1 to %d octets' % MAX_STRING)
        return b''.join([int2byte(len(each)) + each for each in found])
    if number == PORT:
        port = decimal(text.encode('ascii', 'replace'), 65535)
        if port is None or len(text) > 5:
            raise LocalProtocolError(u'"%s" is no port' % text[:40])
        return struct.pack('!H', port)
    if number in (IPV4HINT, IPV6HINT):
        size = 4 if number == IPV4HINT else 16
        addresses = [ip.packed(str(each.encode('ascii', 'replace').decode('ascii')))
                     for each in text.split(u',')]
        data = b''.join([each or b'' for each in addresses])
        if any(each is None or len(each) != size for each in addresses):
            raise LocalProtocolError(u'"%s" is no list of addresses' % text[:60])
        return data
    if number == ECH:
        return from_base64(text)
    return unescaped(text)


def _split_commas(text):
    # type: (str) -> List[str]
    """The items of a list in which a backslash protects a comma (RFC 9460 appendix A.1)."""
    found = [u'']
    at = 0
    while at < len(text):
        if text[at] == u',':
            found.append(u'')
        else:
            step = 2 if text[at] == u'\\' else 1
            found[-1] += text[at:at + step]
            at += step - 1
        at += 1
    return found


def _check_value(number, value):
    # type: (int, bytes) -> None
    """DNSError if a value has the wrong form (RFC 9460 section 7)."""
    wrong = False
    if number in _WITHOUT_VALUE:
        wrong = bool(value)
    elif number == MANDATORY:
        keys = struct.unpack('!%dH' % (len(value) // 2), value[:len(value) // 2 * 2])
        wrong = not value or len(value) % 2 == 1 or list(keys) != sorted(set(keys)) or 0 in keys
    elif number == ALPN:
        reader = Reader(value)
        wrong = not value
        while reader.at < reader.end:
            wrong = not reader.take(reader.uint8()) or wrong
    elif number == PORT:
        wrong = len(value) != 2
    elif number in (IPV4HINT, IPV6HINT):
        wrong = not value or len(value) % (4 if number == IPV4HINT else 16) > 0
    if wrong:
        raise DNSError(u'the service parameter %d is malformed' % number)


def _check_mandatory(found, error):
    # type: (Dict[int, bytes], type) -> None
    """Demands all keys that the record calls mandatory (RFC 9460 section 8)."""
    value = found.get(MANDATORY, b'')
    for key in struct.unpack('!%dH' % (len(value) // 2), value):
        if key not in found:
            raise error(u'the mandatory parameter %d is missing' % key)
    if NO_DEFAULT_ALPN in found and ALPN not in found:
        raise error(u'no-default-alpn without alpn')


def _shown(number, value):
    # type: (int, bytes) -> str
    name = _NAMES.get(number) or u'key%d' % number
    if number in _WITHOUT_VALUE or number > OHTTP and not value:
        return name
    if number == MANDATORY:
        keys = struct.unpack('!%dH' % (len(value) // 2), value)
        text = u','.join(_NAMES.get(key) or u'key%d' % key for key in keys)
    elif number == ALPN:
        reader = Reader(value)
        items = []
        while reader.at < reader.end:
            item = reader.take(reader.uint8())
            items.append(item.replace(b'\\', b'\\\\').replace(b',', b'\\,'))
        return u'%s=%s' % (name, quoted_octets(b','.join(items)))
    elif number == PORT:
        text = u'%d' % struct.unpack('!H', value)[0]
    elif number in (IPV4HINT, IPV6HINT):
        size = 4 if number == IPV4HINT else 16
        text = u','.join(u'%s' % ip.text(value[at:at + size])
                         for at in range(0, len(value), size))
    elif number == ECH:
        text = ascii_text(base64.b64encode(value))
    else:
        return u'%s=%s' % (name, quoted_octets(value))
    return u'%s="%s"' % (name, text)
