# Copyright the carryall authors.  See LICENSE.
"""Digest on the server's side: challenges, nonces that need no memory, and the arithmetic (RFC
7616).

Wire:     ``WWW-Authenticate: Digest realm="x", qop="auth", algorithm=SHA-256, nonce="...",
          charset="UTF-8"`` ``Authorization: Digest username="anna", realm="x", nonce="...",
          uri="/a", nc=00000001, cnonce="...", qop=auth, algorithm=SHA-256, response="..."``
Nonces:   the time, random octets, and an HMAC of both with a key of this process.  The HMAC proves
          that a nonce is ours, so unused ones take no memory.  For nonces with which a client has
          proved its password the used counts (nc) are remembered, at most MAX_NONCES.  So a
          replayed request finds its count taken.  When one must be forgotten, all nonces that are
          as old and not remembered become stale.
Not here: auth-int, -sess, userhash, RFC 2069 (no qop), which no client in use needs;
                Authentication-Info.
Tests:    tests/protocols/http/auth/test_digestauth.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
from collections import OrderedDict

from carryall.core.crypto import STANDARD
from carryall.core.codec.numbers import hexadecimal
from carryall.protocols.http.fields.grammar import split_target
from carryall.protocols.http.fields.fieldsyntax import parse_extended, quote

__all__ = ['ALGORITHMS', 'Answer', 'Digest', 'FRESH', 'STALE', 'WRONG', 'digest_key']

# -- limits ------------------------------------------------------------------
# That a nonce can be used; the RFC is silent.  Later the client is told "stale" and tries again.
NONCE_SECONDS = 300.0
MAX_NONCES = 4096           # whose counts are remembered; the RFC is silent
# Counts below the highest that are still accepted: browsers use several connections at once.
WINDOW = 128
MAX_COUNT = 0xffffffff      # nc-value = 8LHEX        (RFC 7616 section 3.4)
MAX_CNONCE = 256            # octets; the RFC is silent
RANDOM_BYTES = 12           # in each nonce
MAC_BYTES = 16              # of the HMAC in each nonce

# The names on the wire, the best first, and those of hashlib.
ALGORITHMS = (b'SHA-256', b'MD5')
_HASHES = {b'SHA-256': 'sha256', b'MD5': 'md5'}
_SPELLED = dict((name.lower(), name) for name in ALGORITHMS)

FRESH = 'fresh'
STALE = 'stale'
WRONG = 'wrong'

_NEEDED = (b'realm', b'nonce', b'uri', b'response', b'nc', b'cnonce', b'qop')


def digest_key(algorithm, name, realm, password, crypto=STANDARD):
    # type: (bytes, bytes, bytes, bytes, Crypto) -> bytes
    """H(A1) in hexadecimal, which a server keeps in place of the password (RFC 7616 section 3.4.2).

    For this realm it gives the same access as the password.
    """
    return _hexadecimal(crypto.hash(_HASHES[algorithm], name + b':' + realm + b':' + password))


class Answer(object):
    """The client's answer to a challenge; all fields are bytes, *count* a number."""

    __slots__ = ('name', 'algorithm', 'nonce', 'uri', 'response', 'count', '_count_text', 'cnonce')

    def __init__(self, name, parameters, algorithm, count):
        # type: (bytes, Dict[bytes, bytes], bytes, int) -> None
        self.name = name
        self.algorithm = algorithm
        self.nonce = parameters[b'nonce']
        self.uri = parameters[b'uri']
        self.response = parameters[b'response']
        self.cnonce = parameters[b'cnonce']
        self.count = count
        self._count_text = parameters[b'nc']

    def __repr__(self):
        return '<Answer with %r>' % (self.algorithm,)

    def expected(self, method, key, crypto):
        # type: (bytes, bytes, Crypto) -> bytes
        """The response that a client with *key* (see ``digest_key``) gives (RFC 7616 section
        3.4.1).
        """
        name = _HASHES[self.algorithm]
        request = _hexadecimal(crypto.hash(name, method + b':' + self.uri))
        return _hexadecimal(crypto.hash(name,
                                        b':'.join((key, self.nonce, self._count_text, self.cnonce,
                                                   b'auth', request))))


class Digest(object):
    """One realm's challenges and answers.

    Args:     realm: bytes, without control characters.
              clock: anything with ``time()``.
              algorithms: those of ALGORITHMS that have keys.
              crypto: see core/crypto.py.
              seconds: that a nonce can be used.
    Raises:   LocalProtocolError: a control character in the realm.
    """

    def __init__(self, realm, clock, algorithms=ALGORITHMS, crypto=STANDARD, seconds=NONCE_SECONDS,
                 max_nonces=MAX_NONCES):
        # type: (bytes, Any, Sequence[bytes], Crypto, float, int) -> None
        self.realm = realm
        self.algorithms = tuple(name for name in ALGORITHMS if name in algorithms)
        self._clock = clock
        self._crypto = crypto
        self._lifetime = seconds * 1000
        self._secret = crypto.random(32)
        self._quoted = quote(realm)
        self._counts = _Counts(max_nonces)

    # -- asking ------------------------------------------------------------------------------------

    def challenges(self, stale=False):
        # type: (bool) -> List[bytes]
        """The values of WWW-Authenticate, one for each algorithm, the best first (RFC 7616 section
        3.7).
        """
        nonce = self._new_nonce()
        return [b''.join((b'Digest realm=', self._quoted, b', qop="auth", algorithm=', name,
                          b', nonce="', nonce,
                          b'", charset="UTF-8"', b', stale=true' if stale else b'')) for name
                in self.algorithms]

    def _now(self):
        # type: () -> int
        return int(self._clock.time() * 1000 // 1)

    def _new_nonce(self):
        # type: () -> bytes
        stamp = (b'%016x' % self._now()) + self._crypto.random(RANDOM_BYTES)
        return base64.urlsafe_b64encode(stamp + self._mac(stamp))

    def _mac(self, stamp):
        # type: (bytes) -> bytes
        return self._crypto.hmac('sha256', self._secret, stamp)[:MAC_BYTES]

    # -- judging -----------------------------------------------------------------------------------

    def read(self, parameters, target):
        # type: (Dict[bytes, bytes], bytes) -> Optional[Answer]
        """The answer in the parameters of Digest credentials, for a request with *target*; None if
        it does not answer a challenge of ours.
        """
        if any(name not in parameters for name in _NEEDED) or parameters[b'realm'] != self.realm:
            return None
        algorithm = _SPELLED.get(parameters.get(b'algorithm', b'MD5').lower())
        if algorithm not in self.algorithms or parameters[b'qop'].lower() != b'auth':
            return None
        count = parameters[b'nc']
        number = hexadecimal(count, MAX_COUNT) if len(count) == 8 else None
        if not number or not parameters[b'cnonce'] or len(parameters[b'cnonce']) > MAX_CNONCE:
            return None
        name = _name_in(parameters)
        if name is None or not _is_of(parameters[b'uri'], target):
            return None
        return Answer(name, parameters, algorithm, number)

    def judge(self, answer, method, key):
        # type: (Answer, bytes, bytes) -> str
        """Judges an answer: FRESH, the client knows *key*; STALE, it does, but must answer again
        with a new nonce; or WRONG.

        Args:     key: of the account, see ``digest_key``; for an unknown name a ``decoy``.
        """
        expected = answer.expected(method, key, self._crypto)
        if not self._crypto.equal(expected, answer.response.lower()):
            return WRONG
        issued = self._issued(answer.nonce)
        if issued is None or self._now() - issued > self._lifetime:
            return STALE
        return FRESH if self._counts.take(answer.nonce, issued, answer.count) else STALE

    def decoy(self, name):
        # type: (bytes) -> bytes
        """A secret key for an unknown name, so that judging takes as long as for a known one."""
        return _hexadecimal(self._crypto.hmac('sha256', self._secret, b'decoy:' + name))

    def _issued(self, nonce):
        # type: (bytes) -> Optional[int]
        """The time at which we made *nonce*, in milliseconds of the clock; None if we did not."""
        try:
            octets = base64.urlsafe_b64decode(nonce)
        except (binascii.Error, TypeError, ValueError):     # py2: TypeError
            return None
        stamp = octets[:-MAC_BYTES]
        mac = octets[-MAC_BYTES:]
        if len(stamp) != 16 + RANDOM_BYTES or base64.urlsafe_b64encode(octets) != nonce:
            return None
        if not self._crypto.equal(self._mac(stamp), mac):
            return None
        return hexadecimal(stamp[:16], (1 << 63) - 1)


def _name_in(parameters):
    # type: (Dict[bytes, bytes]) -> Optional[bytes]
    """The name, plain or in the form of RFC 8187 (RFC 7616 section 3.4); None if it is hashed,
    missing or duplicate.
    """
    plain = parameters.get(b'username')
    extended = parameters.get(b'username*')
    if parameters.get(b'userhash',
                      b'false').lower() != b'false' or (plain is None) == (extended is None):
        return None
    if extended is None:
        return plain
    text = parse_extended(extended)
    return None if text is None else text.encode('utf-8')


def _is_of(uri, target):
    # type: (bytes, bytes) -> bool
    """True if the uri of an answer is the target of its request (RFC 7616 section 3.4.6)."""
    if uri == target:
        return True
    # A proxy may have changed one form to the other (RFC 9112 section 3.2.2), so path and query are
    # compared alone.
    return ((target[:1] != b'/') != (uri[:1] != b'/') and b'*' not in (uri, target)
            and split_target(uri) == split_target(target))


class _Counts(object):
    """The used counts of nonces; see *Nonces* above."""

    def __init__(self, maximum):
        # type: (int) -> None
        self._maximum = maximum
        # issued, highest count, those below it
        self._seen = OrderedDict()      # type: Dict[bytes, Tuple[int, int, int]]
        self._floor = -1                # a nonce issued no later and not remembered is stale

    def take(self, nonce, issued, count):
        # type: (bytes, int, int) -> bool
        """Notes the use of a count; False if it was used before, or that is unknown."""
        found = self._seen.get(nonce)
        if found is None:
            if issued <= self._floor:
                return False
            while len(self._seen) >= self._maximum:
                oldest = next(iter(self._seen))
                self._floor = max(self._floor, self._seen.pop(oldest)[0])
            self._seen[nonce] = (issued, count, 1)
            return True
        _, highest, below = found
        if count > highest:
            shift = min(count - highest, WINDOW)
            below = (below << shift | 1) & ((1 << WINDOW) - 1)
            highest = count
        else:
            bit = 1 << (highest - count) if highest - count < WINDOW else 0
            if not bit or below & bit:
                return False
            below |= bit
        self._seen[nonce] = (issued, highest, below)
        return True


def _hexadecimal(digest):
    # type: (bytes) -> bytes
    return binascii.hexlify(digest)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from carryall.core.crypto import Crypto
