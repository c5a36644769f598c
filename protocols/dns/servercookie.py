# Copyright the carryall authors.  See LICENSE.
"""Cookies of DNS: a client that sends the server's cookie back has its own address (RFC 7873).

    jar = CookieJar(secret, wall)
    jar.answer(octets, b'192.0.2.1')        # client and server cookie
    jar.valid(octets, b'192.0.2.1')

The server cookie has the form of RFC 9018, with SHA-256 in place of SipHash.  The former is in the
standard library, and only servers that share a secret have to agree.

Tests:    tests/protocols/dns/test_ednsoptions.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import struct

from carryall.core.crypto import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

__all__ = ['CookieJar', 'is_cookie']

# -- limits ------------------------------------------------------------------
CLIENT = 8                  # octets of a client cookie; RFC 7873 section 4
MAX_AGE = 3600              # seconds of a server cookie that is taken; RFC 9018 section 4.3
MAX_AHEAD = 300             # seconds that its time may lie in the future; the same
FRESH = 1800                # seconds until a client gets another; the same
KEPT = 4096                 # server cookies that are kept

_VERSION = b'\1\0\0\0'


def is_cookie(data):
    # type: (bytes) -> bool
    """True if the option has a length that RFC 7873 section 4 allows."""
    return len(data) == CLIENT or 16 <= len(data) <= 40


class CookieJar(object):
    """Makes and checks server cookies.

    Args:     secret: of 32 octets; random unless given.
              wall: a function that gives the seconds since 1970.
    """

    def __init__(self, wall, secret=None, crypto=STANDARD):
        # type: (Any, Any, Any) -> None
        self._wall = wall
        self._secret = secret or crypto.random(32)
        self._crypto = crypto
        self._kept = {}                 # type: Dict[Any, bytes]
        self._until = 0.0

    def _hash(self, client, stamp, host):
        # type: (bytes, bytes, bytes) -> bytes
        # The length is fixed for each kind of address, so that a plain hash after a secret is
        # enough: nothing can be appended.
        return hashlib.sha256(self._secret + client + _VERSION + stamp + host).digest()[:8]

    def answer(self, data, host):
        # type: (bytes, bytes) -> bytes
        """The cookie for a client that sent *data*: its own part, and the server's."""
        client = data[:CLIENT]
        now = self._wall()
        if now >= self._until or len(self._kept) >= KEPT:
            self._kept = {}
            self._until = now + FRESH
        key = (client, host)
        found = self._kept.get(key)
        if found is None:
            stamp = struct.pack('!I', int(now // 1) & 0xffffffff)
            found = client + _VERSION + stamp + self._hash(client, stamp, host)
            self._kept[key] = found
        return found

    def kept(self):
        # type: () -> int
        """The number of cookies that are kept."""
        return len(self._kept)

    def valid(self, data, host):
        # type: (bytes, bytes) -> bool
        """True if *data* has a server cookie of ours for this address."""
        if len(data) != 24 or data[8:12] != _VERSION:
            return False
        stamp = data[12:16]
        age = (int(self._wall() // 1) - struct.unpack('!I', stamp)[0]) & 0xffffffff
        if MAX_AGE < age < (1 << 32) - MAX_AHEAD:
            return False
        return self._crypto.equal(data[16:], self._hash(data[:CLIENT], stamp, host))
