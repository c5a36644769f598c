# Copyright the carryall authors.  See LICENSE.
"""The JDK's own crypto (JCE), for Jython: SHA-3, and PBKDF2 that is not made of Python.

Tests:    tests/runtimes/crypto/
"""
from __future__ import absolute_import, division, print_function

import binascii

from java.lang import Exception as JavaException, String
from java.math import BigInteger
from java.security import MessageDigest, NoSuchAlgorithmException
from javax.crypto import Mac, SecretKeyFactory
from javax.crypto.spec import PBEKeySpec, SecretKeySpec

from carryall.core.compat import int2byte, range
from carryall.core.crypto import NAMES, Crypto
from carryall.core.errors import Unsupported
from carryall.runtimes.jvm.octets import from_java, to_java

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

__all__ = ['JavaCrypto']

# hashlib's names: (MessageDigest's, Mac's, SecretKeyFactory's or None)
_JAVA_NAMES = {
    'md5': ('MD5', 'HmacMD5', None),
    'sha1': ('SHA-1', 'HmacSHA1', 'PBKDF2WithHmacSHA1'),
    'sha224': ('SHA-224', 'HmacSHA224', 'PBKDF2WithHmacSHA224'),
    'sha256': ('SHA-256', 'HmacSHA256', 'PBKDF2WithHmacSHA256'),
    'sha384': ('SHA-384', 'HmacSHA384', 'PBKDF2WithHmacSHA384'),
    'sha512': ('SHA-512', 'HmacSHA512', 'PBKDF2WithHmacSHA512'),
    'sha3_224': ('SHA3-224', 'HmacSHA3-224', None),
    'sha3_256': ('SHA3-256', 'HmacSHA3-256', None),
    'sha3_384': ('SHA3-384', 'HmacSHA3-384', None),
    'sha3_512': ('SHA3-512', 'HmacSHA3-512', None),
}


def _bytes(array):
    # type: (Any) -> bytes
    return from_java(array, len(array))


class _Digest(object):
    """A MessageDigest with the face of a hash of hashlib."""

    def __init__(self, digest):
        # type: (Any) -> None
        self._digest = digest
        self.digest_size = digest.getDigestLength()

    def update(self, data):
        # type: (bytes) -> None
        """Takes *data* in."""
        self._digest.update(to_java(data))

    def digest(self):
        # type: () -> bytes
        """The digest so far; more may follow, as with hashlib."""
        return _bytes(self._digest.clone().digest())


class JavaCrypto(Crypto):
    """By JCE."""

    provider = u'JCE'

    def __init__(self):
        # type: () -> None
        # Found when first asked for: Java loads all its providers for that.
        self._names = ()  # type: Tuple[str, ...]

    @staticmethod
    def _has(name):
        # type: (str) -> bool
        try:                            # SHA-3 came with Java 9, its Macs with 17
            MessageDigest.getInstance(_JAVA_NAMES[name][0])
            Mac.getInstance(_JAVA_NAMES[name][1])
        except NoSuchAlgorithmException:
            return False
        return True

    def hashes(self):
        if not self._names:
            self._names = tuple(name for name in NAMES if self._has(name))
        return self._names

    def why_no_scrypt(self):
        return u'Java has none (JCE offers PBKDF2 alone)'

    def _java_name(self, name, which):
        # type: (str, int) -> Any
        if name not in self.hashes():
            raise Unsupported(u'the hash %s: this Java has none' % name)
        return _JAVA_NAMES[name][which]

    def new_hash(self, name, data=b''):
        digest = _Digest(MessageDigest.getInstance(self._java_name(name, 0)))
        if data:
            digest.update(data)
        return digest

    def _mac(self, name, key):
        # type: (str, bytes) -> Any
        java_name = self._java_name(name, 1)
        mac = Mac.getInstance(java_name)
        # An empty key is refused by SecretKeySpec; one zero octet is the same key (RFC 2104:
        # padded with zeros).
        mac.init(SecretKeySpec(to_java(key or b'\0'), java_name))
        return mac

    def hmac(self, name, key, data):
        return _bytes(self._mac(name, key).doFinal(to_java(data)))

    def pbkdf2(self, name, password, salt, iterations, length):
        self.check_pbkdf2(iterations, length)
        factory = self._java_name(name, 2)
        text = _as_text(password)
        if factory is None or text is None or not salt or not password:
            return self._pbkdf2_by_mac(name, password, salt, iterations, length)
        spec = PBEKeySpec(String(text).toCharArray(), to_java(salt), iterations, 8 * length)
        try:
            return _bytes(SecretKeyFactory.getInstance(factory).generateSecret(spec).getEncoded())
        finally:
            spec.clearPassword()

    def _pbkdf2_by_mac(self, name, password, salt, iterations, length):
        # type: (str, bytes, bytes, int, int) -> bytes
        """For what SecretKeyFactory refuses: octets that are no UTF-8, an empty salt, another hash.

        Slower by half.
        """
        mac = self._mac(name, password)
        size = mac.getMacLength()
        derived = b''
        number = 0
        while len(derived) < length:
            number += 1
            tail = b''.join(int2byte(number >> shift & 255) for shift in (24, 16, 8, 0))
            block = mac.doFinal(to_java(salt + tail))
            total = BigInteger(1, block).abs()  # jython: a method's BigInteger arrives as long
            for _ in range(iterations - 1):
                block = mac.doFinal(block)
                total ^= BigInteger(1, block).abs()
            derived += binascii.unhexlify('%0*x' % (2 * size, total))
        return derived[:length]

    def equal(self, left, right):
        return bool(MessageDigest.isEqual(to_java(left), to_java(right)))


def _as_text(password):
    # type: (bytes) -> Any
    """The text that Java encodes to exactly these octets; None if there is none."""
    try:
        text = password.decode('utf-8')
        if text.encode('utf-8') != password or _bytes(String(text).getBytes('UTF-8')) != password:
            return None
    except (UnicodeError, JavaException):
        return None
    return text
