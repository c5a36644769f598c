# Copyright the carryall authors.  See LICENSE.
"""Verifiers: what is kept of a password so that it can be checked, and not learnt.

    $pbkdf2-sha256$i=600000$SALT$KEY            every runtime can make and check it: the default
    $scrypt$ln=15,r=8,p=3$SALT$KEY              costs an attacker memory too; not on Jython,
                                                for Java has no scrypt
    $scram-sha-256$i=600000$SALT$STORED$SERVER  the keys of SCRAM (RFC 5802 section 3): SCRAM
                                                without a clear password, and a
    $scram-sha-1$...                            clear password can be checked against it too

The form is that of the PHC strings: base64 without its padding, parameters as name=value.
Passwords are prepared with SASLprep first,
so that every way of typing an umlaut gives the same octets.

Tests:    tests/core/auth/test_verifiers.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import re

from carryall.core.auth.prep import prepared_password
from carryall.core.compat import byte2int, int2byte, native, range
from carryall.core.codec.numbers import decimal

__all__ = ['DEFAULT_SCHEME', 'ITERATIONS', 'MAX_TEXT', 'Pbkdf2Hash', 'SCHEMES', 'ScramKeys',
           'ScryptHash', 'decoy', 'decoy_keys', 'decoy_salt', 'make_verifier', 'parse_verifier',
           'scram_keys', 'xor']

# -- limits ------------------------------------------------------------------
ITERATIONS = 600000         # of PBKDF2-HMAC-SHA256; OWASP's Password Storage Cheat Sheet, 2023
ITERATIONS_SHA1 = 1300000   # of PBKDF2-HMAC-SHA1; the same
# 32 MiB; the same page gives it as equal to ln=17, p=1
SCRYPT_LN = 15
SCRYPT_R = 8
SCRYPT_P = 3
SALT_BYTES = 16             # OWASP and RFC 8018 section 4: at least 8
KEY_BYTES = 32
MAX_ITERATIONS = 10000000   # that we are willing to spend on a check
MAX_SALT = 64               # octets
MAX_KEY = 64                # octets
MAX_TEXT = 512              # characters of a verifier

_BASE64 = re.compile(r'[A-Za-z0-9+/]*\Z')
_DIGEST_BYTES = {'sha1': 20, 'sha256': 32}


class Pbkdf2Hash(object):
    """PBKDF2-HMAC-SHA256 of a password."""

    __slots__ = ('iterations', 'salt', 'key')

    scheme = 'pbkdf2-sha256'

    def __init__(self, iterations, salt, key):
        # type: (int, bytes, bytes) -> None
        self.iterations = iterations
        self.salt = salt
        self.key = key

    def text(self):
        # type: () -> str
        """As it stands in a file."""
        return u'$%s$i=%d$%s$%s' % (self.scheme, self.iterations, _encoded(self.salt),
                                    _encoded(self.key))

    def verify(self, password, crypto):
        # type: (bytes, Crypto) -> bool
        """True if this is the password; takes its time, so call it in a thread."""
        found = crypto.pbkdf2('sha256', prepared_password(password), self.salt, self.iterations,
                              len(self.key))
        return crypto.equal(found, self.key)

    def cost(self):
        # type: () -> Tuple
        """The cost of its check: equal for two verifiers that take equally long."""
        return self.scheme, self.iterations, len(self.key)

    def decoy(self, crypto):
        # type: (Crypto) -> Pbkdf2Hash
        """One that takes as long to check, and that no password matches."""
        return Pbkdf2Hash(self.iterations, crypto.random(len(self.salt)),
                          crypto.random(len(self.key)))

    def __repr__(self):
        return 'Pbkdf2Hash(i=%d, ***)' % self.iterations


class ScryptHash(object):
    """scrypt of a password (RFC 7914); n is 2 ** ln."""

    __slots__ = ('ln', 'r', 'p', 'salt', 'key')

    scheme = 'scrypt'

    def __init__(self, ln, r, p, salt, key):
        # type: (int, int, int, bytes, bytes) -> None
        self.ln = ln
        self.r = r
        self.p = p
        self.salt = salt
        self.key = key

    def text(self):
        # type: () -> str
        """As it stands in a file."""
        return u'$scrypt$ln=%d,r=%d,p=%d$%s$%s' % (self.ln, self.r, self.p, _encoded(self.salt),
                                                   _encoded(self.key))

    def verify(self, password, crypto):
        # type: (bytes, Crypto) -> bool
        """True if this is the password; Unsupported where the runtime has no scrypt."""
        found = crypto.scrypt(prepared_password(password), self.salt, 1 << self.ln, self.r, self.p,
                              len(self.key))
        return crypto.equal(found, self.key)

    def cost(self):
        # type: () -> Tuple
        """The cost of its check, as of Pbkdf2Hash."""
        return self.scheme, self.ln, self.r, self.p, len(self.key)

    def decoy(self, crypto):
        # type: (Crypto) -> ScryptHash
        """One that takes as long to check, and that no password matches."""
        return ScryptHash(self.ln, self.r, self.p, crypto.random(len(self.salt)),
                          crypto.random(len(self.key)))

    def __repr__(self):
        return 'ScryptHash(ln=%d, r=%d, p=%d, ***)' % (self.ln, self.r, self.p)


class ScramKeys(object):
    """The keys that a SCRAM server keeps of a password (RFC 5802 section 3).

    hash_name:  'sha1' or 'sha256'
    stored:     H(ClientKey)
    server:     ServerKey
    """

    __slots__ = ('hash_name', 'iterations', 'salt', 'stored', 'server')

    def __init__(self, hash_name, iterations, salt, stored, server):
        # type: (str, int, bytes, bytes, bytes) -> None
        self.hash_name = hash_name
        self.iterations = iterations
        self.salt = salt
        self.stored = stored
        self.server = server

    @property
    def scheme(self):
        # type: () -> str
        """Its name in a file."""
        return 'scram-sha-1' if self.hash_name == 'sha1' else 'scram-sha-256'

    def text(self):
        # type: () -> str
        """As it stands in a file."""
        return u'$%s$i=%d$%s$%s$%s' % (self.scheme, self.iterations, _encoded(self.salt),
                                       _encoded(self.stored),
                                      _encoded(self.server))

    def verify(self, password, crypto):
        # type: (bytes, Crypto) -> bool
        """True if this is the password; takes its time, so call it in a thread."""
        again = scram_keys(crypto, self.hash_name, password, self.salt, self.iterations)
        return crypto.equal(again.stored, self.stored)

    def cost(self):
        # type: () -> Tuple
        """The cost of its check, as of Pbkdf2Hash."""
        return self.scheme, self.iterations

    def decoy(self, crypto):
        # type: (Crypto) -> ScramKeys
        """One that takes as long to check, and that no password matches."""
        size = _DIGEST_BYTES[self.hash_name]
        return ScramKeys(self.hash_name, self.iterations, crypto.random(len(self.salt)),
                         crypto.random(size), crypto.random(size))

    def __repr__(self):
        return 'ScramKeys(%s, i=%d, ***)' % (self.hash_name, self.iterations)


# -- making ------------------------------------------------------------------

def _new_pbkdf2(password, crypto):
    # type: (bytes, Crypto) -> Pbkdf2Hash
    salt = crypto.random(SALT_BYTES)
    return Pbkdf2Hash(ITERATIONS, salt, crypto.pbkdf2('sha256', prepared_password(password), salt,
                                                      ITERATIONS, KEY_BYTES))


def _new_scrypt(password, crypto):
    # type: (bytes, Crypto) -> ScryptHash
    salt = crypto.random(SALT_BYTES)
    key = crypto.scrypt(prepared_password(password), salt, 1 << SCRYPT_LN, SCRYPT_R, SCRYPT_P,
                        KEY_BYTES)
    return ScryptHash(SCRYPT_LN, SCRYPT_R, SCRYPT_P, salt, key)


# Name in a file: what makes one of a password.  The first is the default.
_MAKERS = (
    ('pbkdf2-sha256', _new_pbkdf2),
    ('scrypt', _new_scrypt),
    ('scram-sha-256', lambda password, crypto: scram_keys(crypto, 'sha256', password)),
    ('scram-sha-1', lambda password, crypto: scram_keys(crypto, 'sha1', password)),
)
SCHEMES = tuple(name for name, _ in _MAKERS)
DEFAULT_SCHEME = SCHEMES[0]


def make_verifier(password, crypto, scheme=DEFAULT_SCHEME):
    # type: (bytes, Crypto, str) -> Any
    """A new verifier of *password*; Unsupported where the runtime cannot make one.

    Slow: call it in a thread.
    """
    return dict(_MAKERS)[scheme](password, crypto)


def scram_keys(crypto, hash_name, password, salt=None, iterations=None):
    # type: (Crypto, str, bytes, Optional[bytes], Optional[int]) -> ScramKeys
    """The keys of SCRAM for a clear password, with a new salt unless one is given.

    Slow: call it in a thread.
    """
    if salt is None:
        salt = crypto.random(SALT_BYTES)
    if iterations is None:
        iterations = ITERATIONS if hash_name == 'sha256' else ITERATIONS_SHA1
    salted = crypto.pbkdf2(hash_name, prepared_password(password), salt, iterations,
                           _DIGEST_BYTES[hash_name])
    stored = crypto.hash(hash_name, crypto.hmac(hash_name, salted, b'Client Key'))
    return ScramKeys(hash_name, iterations, salt, stored,
                     crypto.hmac(hash_name, salted, b'Server Key'))


def decoy(crypto, like=None):
    # type: (Crypto, Any) -> Any
    """A verifier that no password matches,
    and that takes as long to check as *like* (or as the default)."""
    if like is not None:
        return like.decoy(crypto)
    return Pbkdf2Hash(ITERATIONS, crypto.random(SALT_BYTES), crypto.random(KEY_BYTES))


def decoy_salt(crypto, secret, name):
    # type: (Crypto, bytes, str) -> bytes
    """A salt that looks random and is the same each time for a name: one that changed would tell
    that no one is there."""
    return crypto.hmac('sha256', secret, name.encode('utf-8'))[:SALT_BYTES]


def decoy_keys(crypto, hash_name, name, secret, iterations):
    # type: (Crypto, str, str, bytes, int) -> ScramKeys
    """ScramKeys that no one can match, for a name that does not exist."""
    size = _DIGEST_BYTES[hash_name]
    return ScramKeys(hash_name, iterations, decoy_salt(crypto, secret, name), crypto.random(size),
                     crypto.random(size))


def xor(left, right):
    # type: (bytes, bytes) -> bytes
    """Octet by octet; both are of one length."""
    return b''.join(int2byte(byte2int(left[index:index + 1]) ^ byte2int(right[index:index + 1]))
                    for index in range(len(left)))


# -- reading -----------------------------------------------------------------

def parse_verifier(text):
    # type: (str) -> Any
    """The verifier that *text* spells.

    Raises:   ValueError: it spells none; the message never holds a part of it.
    """
    if len(text) > MAX_TEXT:
        raise ValueError('a verifier has at most %d characters' % MAX_TEXT)
    fields = text.split(u'$')
    if len(fields) < 2 or fields[0]:
        raise ValueError('a verifier begins with $ and its scheme')
    scheme, fields = fields[1], fields[2:]
    if scheme == u'pbkdf2-sha256' and len(fields) == 3:
        iterations, = _numbers(fields[0], ('i',), MAX_ITERATIONS)
        return Pbkdf2Hash(iterations, _decoded(fields[1], MAX_SALT),
                          _decoded(fields[2], MAX_KEY, 16))
    if scheme == u'scrypt' and len(fields) == 3:
        ln, r, p = _numbers(fields[0], ('ln', 'r', 'p'), 1024)
        if ln > 24 or (128 * r) << ln > 256 << 20:
            raise ValueError('scrypt of that size takes more memory than we give')
        return ScryptHash(ln, r, p, _decoded(fields[1], MAX_SALT), _decoded(fields[2], MAX_KEY, 16))
    if scheme in (u'scram-sha-256', u'scram-sha-1') and len(fields) == 4:
        hash_name = 'sha256' if scheme == u'scram-sha-256' else 'sha1'
        size = _DIGEST_BYTES[hash_name]
        iterations, = _numbers(fields[0], ('i',), MAX_ITERATIONS)
        return ScramKeys(hash_name, iterations, _decoded(fields[1], MAX_SALT),
                         _decoded(fields[2], size, size), _decoded(fields[3], size, size))
    raise ValueError('the scheme is none of %s, or has other fields' % ', '.join(SCHEMES))


def _numbers(text, names, maximum):
    # type: (str, Tuple[str, ...], int) -> List[int]
    """The values of ``name=number,...``, which must come in this order."""
    parts = text.split(u',')
    found = []          # type: List[int]
    for name, part in zip(names, parts):
        key, _, value = part.partition(u'=')
        number = decimal(value.encode('ascii', 'replace'), maximum)
        if key != name or not number or value[:1] == u'0':
            raise ValueError('the parameters are not %s' % ','.join(
                '%s=...' % each for each in names))
        found.append(number)
    if len(parts) != len(names):
        raise ValueError('the parameters are not %s' % ','.join('%s=...' % each for each in names))
    return found


def _encoded(data):
    # type: (bytes) -> str
    return base64.b64encode(data).rstrip(b'=').decode('ascii')


def _decoded(text, maximum, minimum=1):
    # type: (str, int, int) -> bytes
    """Base64 without padding, of so many octets; strict: one spelling for each value."""
    if not _BASE64.match(text):
        raise ValueError('a field is not base64')
    try:
        data = base64.b64decode(native(text) + '=' * (-len(text) % 4))
    except (binascii.Error, TypeError):         # py2: TypeError
        raise ValueError('a field is not base64')
    if _encoded(data) != text or not minimum <= len(data) <= maximum:
        raise ValueError('a field has the wrong size')
    return data


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.core.crypto import Crypto
