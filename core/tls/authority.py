# Copyright the carryall authors.  See LICENSE.
"""Making certificates: one that signs itself,
or an authority for tests and what it signs (RFC 5280).  Requests for certificates (RFC 2986).

    pair = self_signed(['host.example', '127.0.0.1'], now)      pair.certificate and pair.key are
    PEM ca = authority('tests', now); site = ca.issue(['localhost'], now)

Keys are P-256, signatures ecdsa-with-SHA256;
serial numbers are random.  *now* is in seconds since 1970.

Tests:    tests/core/tls/test_authority.py
"""
from __future__ import absolute_import, division, print_function

import datetime
import hashlib
import os

from carryall.core.compat import int2byte, int_from_bytes, text_type
from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.core.net.ip import canonical
from carryall.core.records import namedtuple
from carryall.core.tls import p256, pem
from carryall.core.codec import der
from carryall.core.tls.certificates import parse
from carryall.core.tls.context import Identity, canonical_name

__all__ = ['Authority', 'Pair', 'authority', 'certificate_request', 'challenge_pair',
           'load_authority', 'new_key', 'private_number', 'self_signed']

DAYS = 397                  # the longest that browsers take of a server's certificate
AUTHORITY_DAYS = 3650
MAX_NAMES = 100             # of one certificate
MAX_COMMON_NAME = 64        # characters, RFC 5280 appendix A.1
EARLY_SECONDS = 3600  # a certificate is valid from an hour ago, for peers whose clocks are slow

_EC_KEY = der.sequence(der.oid('1.2.840.10045.2.1'), der.oid('1.2.840.10045.3.1.7'))
_ECDSA_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'))
_EXTENSION_REQUEST = der.oid('1.2.840.113549.1.9.14')       # RFC 2985 section 5.4.2
_ACME_IDENTIFIER = der.oid('1.3.6.1.5.5.7.1.31')            # RFC 8737 section 6.1
_SERVER_AUTH = der.oid('1.3.6.1.5.5.7.3.1')
_CLIENT_AUTH = der.oid('1.3.6.1.5.5.7.3.2')


class Pair(object):
    """A certificate and its key, as PEM."""

    __slots__ = ('certificate', 'key')

    def __init__(self, certificate, key):
        # type: (bytes, bytes) -> None
        self.certificate = certificate
        self.key = key

    def identity(self):
        # type: () -> Identity
        """For a TLSContext."""
        return Identity(self.certificate, self.key)


class Authority(Pair):
    """A Pair that signs others."""

    __slots__ = ('_signer',)

    def __init__(self, certificate, key, signer):
        # type: (bytes, bytes, _Signer) -> None
        Pair.__init__(self, certificate, key)
        self._signer = signer

    def issue(self, names, now, days=DAYS, common_name=None):
        # type: (Sequence[str], float, int, Optional[str]) -> Pair
        """A certificate for *names*, good for servers and for clients; its PEM holds the chain up
        to this authority."""
        made, _ = _make(names, now, days, common_name, self._signer)
        return Pair(made.certificate + self.certificate, made.key)


def self_signed(names, now, days=DAYS, common_name=None):
    # type: (Sequence[str], float, int, Optional[str]) -> Pair
    """A certificate for *names* (host names and IP addresses) that only who is told to will trust.

    Raises:   UsageError: a name that cannot be one.
    """
    return _make(names, now, days, common_name, None)[0]


def authority(common_name, now, days=AUTHORITY_DAYS):
    # type: (str, float, int) -> Authority
    """An authority; keep its key where no one else reads it."""
    made, signer = _make((), now, days, common_name, None, True)
    return Authority(made.certificate, made.key, signer)


def challenge_pair(name, digest, now):
    # type: (str, bytes, float) -> Pair
    """The certificate of a challenge tls-alpn-01 (RFC 8737 section 3).

    Args:     digest: SHA-256 of the key authorization.
    """
    proof = der.sequence(_ACME_IDENTIFIER, der.encode(der.BOOLEAN, b'\xff'),
                         der.octet_string(der.octet_string(digest)))
    return _make([name], now, DAYS, None, None, more=[proof])[0]


def new_key():
    # type: () -> Tuple[int, bytes]
    """A new private key: (number, PEM)."""
    private = p256.private_key(os.urandom)
    point = p256.point_octets(p256.public_point(private))
    return private, pem.encode('PRIVATE KEY', _private_key(private, point))


def certificate_request(names, private):
    # type: (Sequence[str], int) -> bytes
    """A request for a certificate for *names*, PKCS#10 in DER (RFC 2986 section 4).

    Raises:   UsageError: a name that cannot be one.
    """
    if not names or len(names) > MAX_NAMES:
        raise UsageError(u'a certificate is for 1 to %d names' % MAX_NAMES)
    wanted = der.sequence(der.sequence(der.oid('2.5.29.17'), der.octet_string(
        der.sequence(*[_alternative_name(name) for name in names]))))
    point = p256.point_octets(p256.public_point(private))
    body = der.sequence(
        der.integer(0), der.sequence(), der.sequence(_EC_KEY, der.bit_string(point)),
        der.context(0, der.sequence(_EXTENSION_REQUEST, der.encode(der.SET, wanted))))
    return der.sequence(body, _ECDSA_SHA256, der.bit_string(p256.sign(private, body)))


def private_number(key):
    # type: (bytes) -> int
    """The number of a private key of EC P-256, from its PEM (PKCS#8).

    Raises:   UsageError: it is of another kind.
    """
    try:
        keys = [one for label, one, _ in pem.blocks(key) if label == 'PRIVATE KEY']
        outer = der.Reader(keys[0]).enter(der.SEQUENCE)
        outer.integer()
        if outer.next()[2] != _EC_KEY:
            raise UsageError(u'the key must be one of EC P-256')
        inner = der.Reader(outer.take(der.OCTET_STRING)).enter(der.SEQUENCE)
        inner.integer()
        private = int_from_bytes(inner.take(der.OCTET_STRING) or b'\0')
    except (IndexError, RemoteProtocolError) as exc:
        raise UsageError(u'the key cannot be read: %s' % (exc,))
    if not 0 < private < p256.ORDER:
        raise UsageError(u'the key is out of range')
    return private


def load_authority(certificate, key):
    # type: (bytes, bytes) -> Authority
    """An authority out of the PEM of its certificate and its key, as ``authority`` made them.

    Raises:   UsageError: it is none, or its key is of a kind that cannot sign here.
    """
    try:
        data = pem.certificates(certificate)[0]
        body = der.Reader(data).enter(der.SEQUENCE).enter(der.SEQUENCE)
        for tag in (0xA0, der.INTEGER, der.SEQUENCE, der.SEQUENCE, der.SEQUENCE):
            body.take(tag)
        name = body.next()[2]
        private = private_number(key)
        if not parse(data).authority:
            raise UsageError(u'the authority must be allowed to sign')
    except (IndexError, RemoteProtocolError) as exc:
        raise UsageError(u'the authority cannot be read: %s' % (exc,))
    point = p256.point_octets(p256.public_point(private))
    if point not in data:
        raise UsageError(u"the authority's key does not belong to its certificate")
    return Authority(certificate, key, _Signer(private, name, hashlib.sha1(point).digest()))


# private: of its key; name: its subject in DER; key_id: of its public key.
_Signer = namedtuple('_Signer', 'private name key_id')


def _make(names,                # type: Sequence[str]
          now,                  # type: float
          days,                 # type: int
          common_name,          # type: Optional[str]
          signer,               # type: Optional[_Signer]
          is_authority=False,   # type: bool
          more=()               # type: Sequence[bytes]
          ):
    # type: (...) -> Tuple[Pair, _Signer]
    if len(names) > MAX_NAMES or not names and not is_authority:
        raise UsageError(u'a certificate is for 1 to %d names' % MAX_NAMES)
    alternative = [_alternative_name(name) for name in names]
    private = p256.private_key(os.urandom)
    point = p256.point_octets(p256.public_point(private))
    # RFC 5280 section 4.2.1.2: SHA-1 makes a name for the key here, and secures nothing
    itself = _Signer(private, _name(common_name or names[0]), hashlib.sha1(point).digest())
    signer = signer or itself
    body = der.sequence(
        der.context(0, der.integer(2)),                             # version 3
        der.integer(int_from_bytes(b'\x40' + os.urandom(15))),  # positive, and 120 bits of chance
        _ECDSA_SHA256, signer.name,
        der.sequence(_moment(now - EARLY_SECONDS), _moment(now + 86400 * days)), itself.name,
        der.sequence(_EC_KEY, der.bit_string(point)),
        der.context(3, _extensions(alternative, is_authority, itself.key_id, signer.key_id, more)))
    signature = p256.sign(signer.private, body)
    whole = der.sequence(body, _ECDSA_SHA256, der.bit_string(signature))
    return Pair(pem.encode(pem.CERTIFICATE, whole),
                pem.encode('PRIVATE KEY', _private_key(private, point))), itself


def _private_key(private, point):
    # type: (int, bytes) -> bytes
    """PKCS#8 (RFC 5208 section 5) around the key of RFC 5915 section 3."""
    inner = der.sequence(der.integer(1), der.octet_string(p256.octets32(private)),
                         der.context(1, der.bit_string(point)))
    return der.sequence(der.integer(0), _EC_KEY, der.octet_string(inner))


def _extensions(alternative, is_authority, key_id, signer_id, more):
    # type: (Sequence[bytes], bool, bytes, bytes, Sequence[bytes]) -> bytes
    true = der.encode(der.BOOLEAN, b'\xff')
    found = [der.sequence(der.oid('2.5.29.14'), der.octet_string(der.octet_string(key_id))),
             der.sequence(der.oid('2.5.29.35'),
                          der.octet_string(der.sequence(der.encode(0x80, signer_id))))]
    if is_authority:
        found.append(der.sequence(der.oid('2.5.29.19'), true, der.octet_string(der.sequence(true))))
        usage = b'\x01\x06'                 # keyCertSign, cRLSign
    else:
        found.append(der.sequence(der.oid('2.5.29.19'), true, der.octet_string(der.sequence())))
        usage = b'\x07\x80'                 # digitalSignature
        found.append(der.sequence(der.oid('2.5.29.37'),
                                  der.octet_string(der.sequence(_SERVER_AUTH, _CLIENT_AUTH))))
    found.append(der.sequence(der.oid('2.5.29.15'), true,
                              der.octet_string(der.encode(der.BIT_STRING, usage))))
    if alternative:
        found.append(der.sequence(der.oid('2.5.29.17'),
                                  der.octet_string(der.sequence(*alternative))))
    return der.sequence(*(found + list(more)))


def _alternative_name(name):
    # type: (str) -> bytes
    address = canonical(name)
    if address is not None:
        return der.encode(0x87, _packed(address))
    try:
        octets = canonical_name(name if isinstance(name, text_type)
                                else name.decode('utf-8')).encode('ascii')
    except (UnicodeError, ValueError):
        octets = b''
    if not octets or len(octets) > 253 or octets.split(b'.')[0] == b'' or b' ' in octets:
        raise UsageError(u'"%s" is neither a host name nor an IP address' % name)
    return der.encode(0x82, octets)


def _packed(address):
    # type: (str) -> bytes
    if ':' not in address:
        return b''.join(int2byte(int(part)) for part in address.split('.'))
    head, _, tail = address.partition('::')
    before = [int(part, 16) for part in head.split(':') if part]
    after = [int(part, 16) for part in tail.split(':') if part]
    groups = before + [0] * (8 - len(before) - len(after)) + after
    return b''.join(int2byte(group >> 8) + int2byte(group & 0xFF) for group in groups)


def _name(common_name):
    # type: (str) -> bytes
    text = common_name if isinstance(common_name, text_type) else common_name.decode('utf-8')
    value = der.encode(der.UTF8, text[:MAX_COMMON_NAME].encode('utf-8'))
    return der.sequence(der.encode(der.SET, der.sequence(der.oid('2.5.4.3'), value)))


def _moment(seconds):
    # type: (float) -> bytes
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))
    text = '%04d%02d%02d%02d%02d%02dZ' % moment.timetuple()[:6]
    if moment.year < 2050:                     # RFC 5280 section 4.1.2.5
        return der.encode(der.UTC_TIME, text[2:].encode('ascii'))
    return der.encode(der.GENERALIZED_TIME, text.encode('ascii'))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Sequence, Tuple
