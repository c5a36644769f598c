# Copyright the carryall authors.  See LICENSE.
"""X.509 certificates, to show and to bind to (RFC 5280, RFC 5929).

Not here: trust; the provider of TLS decides on that.

Tests:    tests/core/tls/test_certificates.py, tests/runtimes/tls/test_providers.py
"""
from __future__ import absolute_import, division, print_function

import calendar
import hashlib
import re

from carryall.core.compat import byte2int, int_from_bytes, iterbytes
from carryall.core.errors import RemoteProtocolError
from carryall.core.net.ip import canonical
from carryall.core.records import namedtuple
from carryall.core.codec.der import (BIT_STRING, BOOLEAN, GENERALIZED_TIME, INTEGER, OCTET_STRING,
                                     Reader, SEQUENCE, SET,
                                        UTC_TIME)

__all__ = ['Certificate', 'end_point_binding', 'fingerprint', 'parse']

MAX_NAMES = 1000            # subject alternative names that are read

SUBJECT_ALT_NAME = '2.5.29.17'
BASIC_CONSTRAINTS = '2.5.29.19'
# RFC 4519 section 2: attribute types and the short names they are written with
_ATTRIBUTES = {'2.5.4.3': 'CN', '2.5.4.6': 'C', '2.5.4.7': 'L', '2.5.4.8': 'ST', '2.5.4.10': 'O',
               '2.5.4.11': 'OU', '0.9.2342.19200300.100.1.25': 'DC',
               '1.2.840.113549.1.9.1': 'emailAddress', '2.5.4.5': 'serialNumber'}
_KEYS = {'1.2.840.113549.1.1.1': 'RSA', '1.2.840.10045.2.1': 'EC', '1.3.101.112': 'Ed25519',
         '1.3.101.113': 'Ed448', '1.2.840.113549.1.1.10': 'RSA-PSS'}
_CURVES = {'1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.34': 'P-384', '1.3.132.0.35': 'P-521'}
# RFC 5929 section 4.1: the hash of the signature, but SHA-256 in place of MD5 or SHA-1; none for a
# signature without a single hash
_SIGNATURES = {
    '1.2.840.113549.1.1.4': ('md5WithRSAEncryption', 'sha256'),
    '1.2.840.113549.1.1.5': ('sha1WithRSAEncryption', 'sha256'),
    '1.2.840.113549.1.1.11': ('sha256WithRSAEncryption', 'sha256'),
    '1.2.840.113549.1.1.12': ('sha384WithRSAEncryption', 'sha384'),
    '1.2.840.113549.1.1.13': ('sha512WithRSAEncryption', 'sha512'),
    '1.2.840.10045.4.1': ('ecdsa-with-SHA1', 'sha256'),
    '1.2.840.10045.4.3.2': ('ecdsa-with-SHA256', 'sha256'),
    '1.2.840.10045.4.3.3': ('ecdsa-with-SHA384', 'sha384'),
    '1.2.840.10045.4.3.4': ('ecdsa-with-SHA512', 'sha512'),
    '1.3.101.112': ('Ed25519', None), '1.3.101.113': ('Ed448', None),
    '1.2.840.113549.1.1.10': ('RSASSA-PSS', None)}

_UTC = re.compile(br'([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})Z\Z')
_GENERALIZED = re.compile(br'([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})Z\Z')


class Certificate(namedtuple('Certificate', 'subject issuer serial not_before not_after names key '
                                            'signature authority der')):
    """The contents of a certificate.

    subject, issuer:        text, as ``CN=host.example, O=Example`` in the order of the certificate.
    serial:                 a number.
    not_before, not_after:  seconds since 1970, UTC.
    names:                  host names and IP addresses it is for, as text.
    key:                    'RSA 2048', 'EC P-256', 'Ed25519' ...
    signature:              the algorithm it is signed with.
    authority:              whether it may sign others.
    """

    __slots__ = ()


def parse(der):
    # type: (bytes) -> Certificate
    """Reads a certificate; RemoteProtocolError if it is none."""
    outer = Reader(der)
    whole = outer.enter(SEQUENCE)
    outer.end()
    body = whole.enter(SEQUENCE)
    signature = whole.enter(SEQUENCE).oid()
    body.maybe(0xA0)                        # the version
    serial = body.take(INTEGER)
    if not serial:
        raise RemoteProtocolError(u'the serial number of the certificate is empty')
    body.take(SEQUENCE)                     # the signature algorithm once more
    issuer = _name(body.enter(SEQUENCE))
    validity = body.enter(SEQUENCE)
    not_before = _moment(validity)
    not_after = _moment(validity)
    subject = _name(body.enter(SEQUENCE))
    key = _key(body.enter(SEQUENCE))
    names = []                              # type: List[str]
    authority = False
    while body.peek() in (0xA1, 0x81, 0xA2, 0x82):
        body.next()
    extensions = body.maybe(0xA3)
    if extensions is not None:
        names, authority = _extensions(Reader(extensions).enter(SEQUENCE))
    return Certificate(subject, issuer, int_from_bytes(serial), not_before, not_after, names, key,
                       _SIGNATURES.get(signature, (signature, None))[0], authority, der)


def _name(reader):
    # type: (Reader) -> str
    parts = []
    while len(reader):
        attribute = reader.enter(SET).enter(SEQUENCE)
        kind = attribute.oid()
        _, value, _ = attribute.next()
        parts.append(u'%s=%s' % (_ATTRIBUTES.get(kind, kind), value.decode('utf-8', 'replace')))
    return u', '.join(parts)


def _moment(reader):
    # type: (Reader) -> int
    tag, contents, _ = reader.next()
    match = {UTC_TIME: _UTC, GENERALIZED_TIME: _GENERALIZED}.get(tag, _UTC).match(contents)
    if match is None:
        raise RemoteProtocolError(u'a time of the certificate is malformed')
    parts = [int(part) for part in match.groups()]
    if tag == UTC_TIME:                     # RFC 5280 section 4.1.2.5.1
        parts[0] += 1900 if parts[0] >= 50 else 2000
    year, month, day, hour, minute, second = parts
    # calendar takes some of what there is not, and breaks at the rest.
    if not (year and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        raise RemoteProtocolError(u'a day of the certificate does not exist')
    if hour > 23 or minute > 59 or second > 59:
        raise RemoteProtocolError(u'a time of day of the certificate does not exist')
    return calendar.timegm(tuple(parts) + (0, 0, 0))


def _key(reader):
    # type: (Reader) -> str
    algorithm = reader.enter(SEQUENCE)
    name = _KEYS.get(algorithm.oid(), 'unknown')
    if name == 'EC':
        curve = algorithm.oid()
        return 'EC %s' % _CURVES.get(curve, curve)
    if name == 'RSA':
        modulus = Reader(reader.take(BIT_STRING)[1:]).enter(SEQUENCE).integer()
        return 'RSA %d' % modulus.bit_length()
    return name


def _extensions(reader):
    # type: (Reader) -> Tuple[List[str], bool]
    names = []                              # type: List[str]
    authority = False
    while len(reader):
        extension = reader.enter(SEQUENCE)
        kind = extension.oid()
        extension.maybe(BOOLEAN)
        value = extension.take(OCTET_STRING)
        if kind == SUBJECT_ALT_NAME:
            names = _alternative_names(Reader(value).enter(SEQUENCE))
        elif kind == BASIC_CONSTRAINTS:
            authority = Reader(value).enter(SEQUENCE).maybe(BOOLEAN) == b'\xff'
    return names, authority


def _alternative_names(reader):
    # type: (Reader) -> List[str]
    names = []                              # type: List[str]
    while len(reader) and len(names) < MAX_NAMES:
        tag, contents, _ = reader.next()
        if tag == 0x82:                     # dNSName
            names.append(contents.decode('latin-1'))
        elif tag == 0x87 and len(contents) in (4, 16):      # iPAddress
            names.append(_address(contents))
    return names


def _address(octets):
    # type: (bytes) -> str
    values = [byte2int(octet) for octet in iterbytes(octets)]
    if len(values) == 4:
        return u'.'.join(u'%d' % value for value in values)
    groups = [u'%x' % (values[index] << 8 | values[index + 1]) for index in range(0, 16, 2)]
    return canonical(u':'.join(groups)) or u':'.join(groups)


def fingerprint(der):
    # type: (bytes) -> str
    """SHA-256 of a certificate, as ``AB:CD:...``."""
    digest = hashlib.sha256(der).hexdigest().upper()
    return ':'.join(digest[index:index + 2] for index in range(0, 64, 2))


def end_point_binding(der):
    # type: (bytes) -> Optional[bytes]
    """The channel binding tls-server-end-point of a server's certificate (RFC 5929 section 4.1).

    None where the signature has no single hash (Ed25519, RSASSA-PSS): the RFC defines none then.
    """
    try:
        whole = Reader(der).enter(SEQUENCE)
        whole.next()
        name = _SIGNATURES.get(whole.enter(SEQUENCE).oid(), (None, None))[1]
    except RemoteProtocolError:
        return None
    return hashlib.new(name, der).digest() if name else None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Tuple
