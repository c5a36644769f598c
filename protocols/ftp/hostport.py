# Copyright the carryall authors.  See LICENSE.
"""HOST-PORT: addresses of data connections in commands and replies (RFC 959, 1639, 2428).

Wire:     PORT 132,235,1,2,24,131            227 Entering Passive Mode (132,235,1,2,24,131)
          EPRT |2|1080::8:800:200C:417A|5282| 229 Entering Extended Passive Mode (|||6446|)
          LPRT 4,4,10,0,0,1,2,8,1            228 Entering Long Passive Mode (4,4,10,0,0,1,2,8,1)
Tests:    tests/protocols/ftp/test_hostport.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net import ip
from carryall.core.compat import byte2int, int2byte, iterbytes, native
from carryall.core.codec.numbers import decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

__all__ = ['family_of', 'format_eprt', 'format_epsv', 'format_long', 'format_port', 'parse_eprt',
           'parse_epsv_reply', 'parse_long', 'parse_pasv_reply', 'parse_port', 'plain4']

# RFC 2428 section 2, the numbers of the IANA's list of address families
IPV4 = 1
IPV6 = 2
LONG = {4: 4, 6: 16}        # RFC 1639 section 2: version of IP -> octets of an address


def family_of(host):
    # type: (str) -> int
    """1 for a numeric IPv4 address, 2 for one of IPv6 (RFC 2428 section 2)."""
    return IPV6 if ':' in host else IPV4


def plain4(host):
    # type: (str) -> str
    """*host*, or the IPv4 address that is mapped into it (``::ffff:192.0.2.1``)."""
    octets = ip.packed(host.partition('%')[0])
    if octets is not None and len(octets) == 16 and octets[:12] == b'\0' * 10 + b'\xff\xff':
        return ip.text(octets[12:])
    return host


def _numbers(data, least, most):
    # type: (bytes, int, int) -> Optional[List[int]]
    """The octets between commas, *least* to *most* of them; None if one is malformed."""
    parts = data.split(b',', most)
    if not least <= len(parts) <= most:
        return None
    found = []
    for part in parts:
        number = decimal(part.strip(b' '), 255)
        if number is None:
            return None
        found.append(number)
    return found


def parse_port(data):
    # type: (bytes) -> Optional[Tuple[str, int]]
    """(host, port) of ``h1,h2,h3,h4,p1,p2``; None if malformed (RFC 959 section 4.1.2)."""
    numbers = _numbers(data, 6, 6)
    if numbers is None:
        return None
    return '%d.%d.%d.%d' % tuple(numbers[:4]), numbers[4] << 8 | numbers[5]


def format_port(host, port):
    # type: (str, int) -> bytes
    """``h1,h2,h3,h4,p1,p2`` of an IPv4 address."""
    return native(host).replace('.', ',').encode('ascii') + b',%d,%d' % (port >> 8, port & 255)


def parse_eprt(data):
    # type: (bytes) -> Optional[Tuple[int, str, int]]
    """(family, host, port) of ``|1|132.235.1.2|6275|``; None if malformed (RFC 2428 section 2).

    The host is '' if the family is unknown, which has a reply of its own.
    """
    mark = data[:1]
    parts = data.split(mark, 4) if mark and b'!' <= mark <= b'~' else []
    if len(parts) != 5 or parts[4]:
        return None
    family = decimal(parts[1], 65535)
    port = decimal(parts[3], 65535)
    if not family or not port:
        return None
    if family not in (IPV4, IPV6):
        return family, '', port
    try:
        host = ip.canonical(native(parts[2].decode('ascii')))
    except UnicodeError:
        return None
    if host is None or family_of(host) != family:
        return None
    return family, host, port


def format_eprt(host, port):
    # type: (str, int) -> bytes
    """``|family|host|port|``; a scope is left out, it has a meaning on this machine only."""
    return b'|%d|%s|%d|' % (family_of(host), native(host).partition('%')[0].encode('ascii'), port)


def format_epsv(port):
    # type: (int) -> bytes
    """``(|||port|)`` (RFC 2428 section 3)."""
    return b'(|||%d|)' % port


def parse_epsv_reply(text):
    # type: (bytes) -> Optional[int]
    """The port in the text of a 229; None if it is missing (RFC 2428 section 3)."""
    inside = text.rpartition(b'(')[2].partition(b')')[0]
    mark = inside[:1]
    parts = inside.split(mark, 4) if mark else []
    if len(parts) != 5 or parts[4] or not b'!' <= mark <= b'~':
        return None
    return decimal(parts[3], 65535) or None


def parse_pasv_reply(text):
    # type: (bytes) -> Optional[Tuple[str, int]]
    """(host, port) in the text of a 227; None if they are missing.

    The numbers may stand anywhere, with or without brackets (RFC 1123 section 4.1.2.6).
    """
    start = 0
    while start < len(text):
        if not text[start:start + 1].isdigit():
            start += 1
            continue
        end = start
        while end < len(text) and text[end:end + 1] in b'0123456789,' and end - start < 24:
            end += 1
        found = parse_port(text[start:end])
        if found is not None and found[1]:
            return found
        start = end
    return None


def parse_long(data):
    # type: (bytes) -> Optional[Tuple[int, str, int]]
    """(version of IP, host, port) of LPRT's numbers; None if malformed.

    The host is '' if the family is unknown.
    """
    numbers = _numbers(data, 5, 40)
    if numbers is None or len(numbers) < 2 + numbers[1]:
        return None
    version = numbers[0]
    size = numbers[1]
    rest = numbers[2 + size:]
    if len(rest) != 1 + rest[0] if rest else True:
        return None
    if LONG.get(version) != size or rest[0] != 2:
        return version, '', 0
    host = ip.text(b''.join([int2byte(number) for number in numbers[2:2 + size]]))
    return version, host, rest[1] << 8 | rest[2]


def format_long(host, port):
    # type: (str, int) -> bytes
    """The numbers of LPRT and 228 for an address (RFC 1639 section 2)."""
    octets = ip.packed(host.partition('%')[0]) or b''
    numbers = [4 if len(octets) == 4 else 6, len(octets)]
    numbers += [byte2int(octet) for octet in iterbytes(octets)]
    return b','.join([b'%d' % number for number in numbers + [2, port >> 8, port & 255]])
