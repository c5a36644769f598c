# Copyright the carryall authors.  See LICENSE.
"""EDNS: the OPT record and its options (RFC 6891).

    edns = EDNS(payload=1232, options=[(COOKIE, octets)])
    edns.option(COOKIE)
    shown_option(EDE, octets)               # u'EDE: 18 (Prohibited)'

Tests:    tests/protocols/dns/test_ednsoptions.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import struct

from carryall.core.net import ip
from carryall.protocols.dns.errors import DNSError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple

__all__ = ['COOKIE', 'DO', 'EDE', 'EDNS', 'ERRORS', 'KEEPALIVE', 'NSID', 'PADDING', 'PAYLOAD',
           'SUBNET', 'extended_error', 'padding_for', 'parse_extended_error', 'parse_subnet',
           'shown_option']

# -- limits ------------------------------------------------------------------
MAX_OPTIONS = 64            # of one record; more are malformed; the RFC is silent
PAYLOAD = 1232              # octets over UDP that we announce; RFC 9715
MIN_PAYLOAD = 512           # RFC 6891 section 6.2.3

DO = 0x8000
NSID = 3                    # RFC 5001
SUBNET = 8                  # RFC 7871
EXPIRE = 9                  # RFC 7314
COOKIE = 10                 # RFC 7873
KEEPALIVE = 11              # RFC 7828
PADDING = 12                # RFC 7830
EDE = 15                    # RFC 8914

ERRORS = {0: u'Other Error', 1: u'Unsupported DNSKEY Algorithm', 2: u'Unsupported DS Digest Type',
          3: u'Stale Answer', 4: u'Forged Answer', 5: u'DNSSEC Indeterminate', 6: u'DNSSEC Bogus',
          7: u'Signature Expired', 8: u'Signature Not Yet Valid', 9: u'DNSKEY Missing',
          10: u'RRSIGs Missing', 11: u'No Zone Key Bit Set', 12: u'NSEC Missing',
          13: u'Cached Error', 14: u'Not Ready', 15: u'Blocked', 16: u'Censored', 17: u'Filtered',
          18: u'Prohibited', 19: u'Stale NXDOMAIN Answer', 20: u'Not Authoritative',
          21: u'Not Supported', 22: u'No Reachable Authority', 23: u'Network Error',
          24: u'Invalid Data'}

# Sizes of padded messages; RFC 8467 section 4.1
QUERY_BLOCK = 128
ANSWER_BLOCK = 468


class EDNS(object):
    """An OPT record.

    Attributes:
        payload: octets that its sender takes over UDP.
        version, flags: numbers; DO is a flag.
        options: (code, octets).
    """

    __slots__ = ('payload', 'version', 'flags', 'options')

    def __init__(self, payload=PAYLOAD, version=0, flags=0, options=()):
        # type: (int, int, int, object) -> None
        self.payload = payload
        self.version = version
        self.flags = flags
        self.options = list(options)        # type: ignore

    @classmethod
    def parse(cls, payload, ttl, data):
        # type: (int, int, bytes) -> EDNS
        """The fields of an OPT record; DNSError if an option passes its end."""
        found = cls(max(payload, MIN_PAYLOAD), ttl >> 16 & 255, ttl & 0xffff)
        at = 0
        while at < len(data):
            if len(data) - at < 4 or len(found.options) == MAX_OPTIONS:
                raise DNSError(u'the options of EDNS are malformed')
            code, count = struct.unpack('!HH', data[at:at + 4])
            at += 4
            if count > len(data) - at:
                raise DNSError(u'an option of EDNS passes the end of its record')
            found.options.append((code, data[at:at + count]))
            at += count
        return found

    def option(self, code):
        # type: (int) -> Optional[bytes]
        """The octets of the first option of this code, or None."""
        for found, data in self.options:
            if found == code:
                return data
        return None

    def format(self, rcode=0):
        # type: (int) -> bytes
        """The octets of the record; *rcode* has the upper bits of the response code."""
        data = b''.join([struct.pack('!HH', code, len(each)) + each
                         for code, each in self.options])
        return b'\0' + struct.pack('!HHBBHH', 41, self.payload, rcode, self.version, self.flags,
                                   len(data)) + data


def extended_error(code, text=u''):
    # type: (int, str) -> Tuple[int, bytes]
    """The option that gives a reason (RFC 8914)."""
    return EDE, struct.pack('!H', code) + text.encode('utf-8')


def parse_extended_error(data):
    # type: (bytes) -> Tuple[int, str]
    """(code, text) of a reason."""
    if len(data) < 2:
        raise DNSError(u'an extended error without a code')
    return struct.unpack('!H', data[:2])[0], data[2:].decode('utf-8', 'replace').rstrip(u'\0')


def parse_subnet(data):
    # type: (bytes) -> Tuple[str, int, int]
    """(address, source prefix, scope prefix) of a client subnet; it is read, and never used.

    Raises:   DNSError: RFC 7871 section 7.1.2 wants FORMERR.
    """
    if len(data) < 4:
        raise DNSError(u'a client subnet is too short')
    family, source, scope = struct.unpack('!HBB', data[:4])
    size = {1: 4, 2: 16}.get(family)
    address = data[4:]
    if size is None or source > size * 8 or len(address) != (source + 7) // 8:
        raise DNSError(u'a client subnet has a wrong size')
    spare = len(address) * 8 - source
    if spare and bytearray(address)[-1] & (1 << spare) - 1:
        raise DNSError(u'a client subnet has bits behind its prefix')
    return ip.text(address.ljust(size, b'\0')), source, scope


def padding_for(size, block):
    # type: (int, int) -> bytes
    """The data of a padding option that fills a message of *size* octets up to a block."""
    return b'\0' * (-(size + 4) % block)


def shown_option(code, data):
    # type: (int, bytes) -> str
    """An option as dig shows it."""
    digits = binascii.hexlify(data).decode('ascii')
    try:
        if code == EDE:
            number, text = parse_extended_error(data)
            shown = u'EDE: %d (%s)' % (number, ERRORS.get(number, u'Unknown'))
            return shown + (u': (%s)' % text if text else u'')
        if code == SUBNET:
            return u'CLIENT-SUBNET: %s/%d/%d' % parse_subnet(data)
    except DNSError:
        return u'OPT=%d: malformed, %s' % (code, digits)
    if code == COOKIE:
        return u'COOKIE: %s' % digits
    if code == NSID:
        text = data.decode('ascii', 'replace')
        return u'NSID: %s ("%s")' % (digits, text)
    if code == KEEPALIVE and len(data) == 2:
        return u'TCP KEEPALIVE: %.1f secs' % (struct.unpack('!H', data)[0] / 10.0)
    if code == PADDING:
        return u'PAD: (%d bytes)' % len(data)
    return (u'OPT=%d: %s' % (code, digits)).rstrip()
