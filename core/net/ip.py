# Copyright the carryall authors.  See LICENSE.
"""Numeric IP addresses: text to octets and back,
the same on every runtime and without asking the system.

Tests:    tests/core/net/test_ip.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.compat import native

__all__ = ['MAPPED', 'canonical', 'is_loopback', 'local_for', 'packed', 'source_of', 'text']

# -- limits ------------------------------------------------------------------
MAX_SOURCES = 512           # addresses whose keys are kept
MAX_HOST = 64               # characters of the longest of them

MAPPED = b'\0' * 10 + b'\xff\xff'       # RFC 4291 section 2.5.5.2: an IPv4 address inside of IPv6

# address -> key of the client
_sources = {}               # type: Dict[str, Optional[str]]


def packed(host):
    # type: (str) -> Optional[bytes]
    """The 4 or 16 octets of a numeric address without scope;
    None if *host* is none (RFC 4291 section 2.2)."""
    if ':' in host:
        return _packed6(host)
    return _packed4(host)


def _packed4(host):
    # type: (str) -> Optional[bytes]
    parts = host.split('.')
    if len(parts) != 4:
        return None
    for part in parts:
        # ASCII digits alone, and no leading zero: some readers take 010 for eight.
        if not part or len(part) > 3 or part.strip('0123456789') or part[0] == '0' and part != '0' \
                or int(part) > 255:
            return None
    return struct.pack('!4B', *[int(part) for part in parts])


def _packed6(host):
    # type: (str) -> Optional[bytes]
    tail = b''
    if '.' in host:                         # ::ffff:192.0.2.1
        host, _, dotted = host.rpartition(':')
        tail = _packed4(dotted) or b''
        if not tail or not host:
            return None
        if host.endswith(':'):              # the second colon of ::
            host += ':'
    left, gap, right = host.partition('::')
    if '::' in right or right.startswith(':'):
        return None
    head = _groups(left)
    rest = _groups(right)
    if head is None or rest is None:
        return None
    missing = 16 - len(head) - len(rest) - len(tail)
    if missing < 2 if gap else missing != 0:
        return None
    return head + b'\0' * missing + rest + tail


def _groups(listed):
    # type: (str) -> Optional[bytes]
    """The octets of groups between colons; b'' for none, None if one is wrong."""
    octets = []
    for group in listed.split(':') if listed else ():
        if not 1 <= len(group) <= 4 or group.strip('0123456789abcdefABCDEF'):
            return None
        octets.append(struct.pack('!H', int(group, 16)))
    return b''.join(octets) if len(octets) <= 8 else None


def text(octets):
    # type: (bytes) -> str
    """The canonical text of 4 or 16 octets (RFC 5952 section 4)."""
    if len(octets) == 4:
        return '%d.%d.%d.%d' % struct.unpack('!4B', octets)
    if octets[:12] == MAPPED:
        return '::ffff:' + text(octets[12:])
    groups = ['%x' % group for group in struct.unpack('!8H', octets)]
    start, length = _longest_zeros(groups)
    if length < 2:
        return ':'.join(groups)
    return ':'.join(groups[:start]) + '::' + ':'.join(groups[start + length:])


def _longest_zeros(groups):
    # type: (List[str]) -> Tuple[int, int]
    """(start, length) of the longest run of zero groups, the first of equal ones."""
    best = (0, 0)
    start = 0
    while start < 8:
        end = start
        while end < 8 and groups[end] == '0':
            end += 1
        if end - start > best[1]:
            best = (start, end - start)
        start = end + 1
    return best


def canonical(host):
    # type: (str) -> Optional[str]
    """*host* in canonical text if it is a numeric address (``%scope`` may follow IPv6),
    else None."""
    plain, percent, scope = host.partition('%')
    octets = packed(plain)
    if octets is None or percent and (len(octets) == 4 or not scope):
        return None
    return native(text(octets)) + percent + scope


def is_loopback(host):
    # type: (str) -> bool
    """True if the numeric *host* is of this machine alone: 127/8, ::1,
    or the former mapped into IPv6."""
    octets = packed(host.partition('%')[0])
    if octets is None:
        return False
    if len(octets) == 16 and octets[:12] == MAPPED:
        octets = octets[12:]
    return octets[:1] == b'\x7f' if len(octets) == 4 else octets == b'\0' * 15 + b'\1'


def source_of(host):
    # type: (str) -> Optional[str]
    """The key of a client for all counts, from its numeric address; None if that is malformed.

    For IPv4 (mapped into IPv6 or not) it is the address itself.  For IPv6 it is the /64, which
    belongs to one subscriber (RFC 6177, RFC 7934).
    """
    found = _sources.get(host, '')
    if found == '':
        found = _source_of(host)
        if len(_sources) >= MAX_SOURCES:
            _sources.clear()
        if len(host) <= MAX_HOST:
            _sources[host] = found
    return found


def _source_of(host):
    # type: (str) -> Optional[str]
    if ':' not in host:
        return host if _packed4(host) is not None else None
    octets = _packed6(host.partition('%')[0])
    if octets is None:
        return None
    return text(octets[12:]) if octets[:12] == MAPPED else text(octets[:8] + b'\0' * 8) + '/64'


def local_for(host):
    # type: (str) -> str
    """The numeric address to open a socket on for packets to the numeric *host*."""
    version = 1 if ':' in host else 0
    return (('127.0.0.1', '::1') if is_loopback(host) else ('0.0.0.0', '::'))[version]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Tuple
