# Copyright the carryall authors.  See LICENSE.
"""Crypto: the one contract for hashes, HMAC, key derivation,
random octets and comparing in constant time.

    crypto = crypto_of(loop)                # what this runtime has: the loop brings it
    crypto.hmac('sha256', key, data)
    crypto.pbkdf2('sha256', password, salt, 600000, 32)

``StandardCrypto`` below needs the standard library alone, and runs everywhere.
``carryall.runtimes.crypto`` adds the functions of a runtime.  On Jython these are the JDK's, where
PBKDF2 in Python would take minutes.  If hashlib has no scrypt, that of the package ``cryptography``
is used.  Names of hashes are those of hashlib: 'md5', 'sha1', 'sha256', 'sha3_256' ...

Not here: AEAD ciphers, signatures and key agreement;
they come with the first protocol that needs them (SSH).
Tests:    tests/core/test_crypto.py, tests/runtimes/crypto/ (the same vectors over every provider)
"""
from __future__ import absolute_import, division, print_function

import binascii
import hashlib
import hmac
import os

from carryall.core.compat import byte2int, constant_time_equal, int2byte, int_from_bytes, range
from carryall.core.errors import Unsupported

__all__ = ['Crypto', 'STANDARD', 'StandardCrypto', 'crypto_of']

# -- limits ------------------------------------------------------------------
MAX_ITERATIONS = 100000000      # rounds of PBKDF2: a minute or so of one core
# Memory that one scrypt may take: 128 * N * r octets (RFC 7914 section 2)
MAX_SCRYPT_BYTES = 256 << 20
MAX_DERIVED = 1024              # octets of a derived key

# Of hashlib where it is; the order is from old to new.
NAMES = ('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3_224', 'sha3_256', 'sha3_384',
         'sha3_512')
BLOCK_BYTES = {'md5': 64, 'sha1': 64, 'sha224': 64, 'sha256': 64, 'sha384': 128, 'sha512': 128,
               'sha3_224': 144, 'sha3_256': 136, 'sha3_384': 104, 'sha3_512': 72}


class Crypto(object):
    """The cryptographic functions that a protocol may use; everything takes and gives exact bytes,
    and may be called on any thread.

    Attributes:
        provider: where it comes from, for a person to read.
    """

    provider = u''

    def hashes(self):
        # type: () -> Tuple[str, ...]
        """The names of the hashes that are there."""
        raise NotImplementedError

    def why_no_scrypt(self):
        # type: () -> Optional[str]
        """Why ``scrypt`` is missing, a sentence's second half; None if it is there."""
        raise NotImplementedError

    def new_hash(self, name, data=b''):
        # type: (str, bytes) -> Any
        """An object with ``update(bytes)``, ``digest()`` and ``digest_size``; Unsupported for a
        hash that is missing."""
        raise NotImplementedError

    def hash(self, name, data):
        # type: (str, bytes) -> bytes
        """The digest of *data*; Unsupported for a hash that is missing."""
        return self.new_hash(name, data).digest()

    def hmac(self, name, key, data):
        # type: (str, bytes, bytes) -> bytes
        """The keyed digest of *data* (RFC 2104)."""
        raise NotImplementedError

    def pbkdf2(self, name, password, salt, iterations, length):
        # type: (str, bytes, bytes, int, int) -> bytes
        """A key of *length* octets from a password (RFC 8018 section 5.2); slow on purpose:
        call it in a thread.

        Raises:   ValueError: a number out of bounds.
        """
        raise NotImplementedError

    def scrypt(self, password, salt, n, r, p, length):
        # type: (bytes, bytes, int, int, int, int) -> bytes
        """A key of *length* octets from a password,
        which takes 128 * n * r octets of memory (RFC 7914).

        Raises:   Unsupported: this runtime has no scrypt.  ValueError: a number out of bounds.
        """
        raise Unsupported(u'scrypt: %s' % self.why_no_scrypt())

    def random(self, count):
        # type: (int) -> bytes
        """*count* octets that no one can guess, from the system."""
        return os.urandom(count)

    def equal(self, left, right):
        # type: (bytes, bytes) -> bool
        """Compares secrets in a time that does not tell where they differ."""
        return constant_time_equal(left, right)

    # -- for anyone who implements it --------------------------------------------------------------

    @staticmethod
    def check_pbkdf2(iterations, length):
        # type: (int, int) -> None
        """ValueError for numbers out of bounds."""
        if not 1 <= iterations <= MAX_ITERATIONS:
            raise ValueError('PBKDF2 takes 1 to %d iterations, not %d'
                             % (MAX_ITERATIONS, iterations))
        if not 1 <= length <= MAX_DERIVED:
            raise ValueError('a derived key has 1 to %d octets, not %d' % (MAX_DERIVED, length))

    @staticmethod
    def check_scrypt(n, r, p, length):
        # type: (int, int, int, int) -> None
        """ValueError for numbers out of bounds (RFC 7914 section 6)."""
        if n < 2 or n & (n - 1) or r < 1 or p < 1 or r * p >= 1 << 30 \
                or 128 * n * r > MAX_SCRYPT_BYTES or p > 1024:
            raise ValueError('scrypt cannot take n=%d r=%d p=%d' % (n, r, p))
        if not 1 <= length <= MAX_DERIVED:
            raise ValueError('a derived key has 1 to %d octets, not %d' % (MAX_DERIVED, length))


class StandardCrypto(Crypto):
    """By the standard library."""

    provider = u'hashlib'

    def __init__(self):
        # type: () -> None
        # A table, so that a name from outside never reaches getattr.
        self._constructors = dict((name, vars(hashlib)[name]) for name in NAMES
                                  if name in vars(hashlib))

    def hashes(self):
        return tuple(name for name in NAMES if name in self._constructors)

    def why_no_scrypt(self):
        if hasattr(hashlib, 'scrypt'):
            return None
        return u'the hashlib of this Python has none'

    def _constructor(self, name):
        # type: (str) -> Any
        constructor = self._constructors.get(name)
        if constructor is None:
            raise Unsupported(u'the hash %s: the hashlib of this Python has none' % name)
        return constructor

    def new_hash(self, name, data=b''):
        return self._constructor(name)(data)

    def hmac(self, name, key, data):
        return hmac.new(key, data, self._constructor(name)).digest()

    def pbkdf2(self, name, password, salt, iterations, length):
        self.check_pbkdf2(iterations, length)
        constructor = self._constructor(name)
        if hasattr(hashlib, 'pbkdf2_hmac'):
            try:
                return hashlib.pbkdf2_hmac(name, password, salt, iterations, length)
            except ValueError:          # pypy: its OpenSSL does not know SHA-3 by this name
                pass
        return _slow_pbkdf2(constructor, BLOCK_BYTES[name], password, salt, iterations, length)

    def scrypt(self, password, salt, n, r, p, length):
        self.check_scrypt(n, r, p, length)
        if not hasattr(hashlib, 'scrypt'):
            return Crypto.scrypt(self, password, salt, n, r, p, length)
        # OpenSSL counts its own needs too, and refuses at 32 MiB unless told.
        return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=128 * r * (n + p + 2)
                              + (1 << 20), dklen=length)


def _slow_pbkdf2(constructor, block_bytes, password, salt, iterations, length):
    # type: (Any, int, bytes, bytes, int, int) -> bytes
    """PBKDF2 in Python, where hashlib has none and nothing better was handed in (jython:
    without JCE)."""
    if len(password) > block_bytes:
        password = constructor(password).digest()
    padded = password + b'\0' * (block_bytes - len(password))
    inner = constructor(_xored(padded, 0x36))
    outer = constructor(_xored(padded, 0x5c))

    def keyed(data):
        # type: (bytes) -> bytes
        first = inner.copy()
        second = outer.copy()
        first.update(data)
        second.update(first.digest())
        return second.digest()

    derived = b''
    number = 0
    while len(derived) < length:
        number += 1
        block = keyed(salt + b''.join(int2byte(number >> shift & 255) for shift in (24, 16, 8, 0)))
        total = int_from_bytes(block)
        for _ in range(iterations - 1):
            block = keyed(block)
            total ^= int_from_bytes(block)
        derived += binascii.unhexlify((b'%0' + b'%dx' % (2 * len(block))) % total)
    return derived[:length]


def _xored(data, mask):
    # type: (bytes, int) -> bytes
    return b''.join(int2byte(byte2int(data[index:index + 1]) ^ mask) for index in range(len(data)))


STANDARD = StandardCrypto()


def crypto_of(loop):
    # type: (Any) -> Crypto
    """The provider of the loop's runtime; the standard library's where the loop (one of a test, or
    a guest) names none."""
    return getattr(loop, 'crypto', None) or STANDARD


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
