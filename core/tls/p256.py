# Copyright the carryall authors.  See LICENSE.
"""ECDSA over the curve P-256 in Python alone (FIPS 186-4), to make keys and sign certificates.

No runtime's standard library does that, and ``carryall cert make`` and the tests need it.  Its time
depends on the key.  So it is used for the user's own certificates, and never for a peer.

Tests:    tests/core/tls/test_p256.py (vectors of RFC 6979 section A.2.5)
"""
from __future__ import absolute_import, division, print_function

import hashlib
import hmac

from carryall.core.compat import int_from_bytes
from carryall.core.codec.der import integer, sequence, unsigned

__all__ = ['ORDER', 'point_octets', 'private_key', 'public_point', 'sign']

_P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
      0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def octets32(number):
    # type: (int) -> bytes
    """A number below 2**256 as 32 octets."""
    octets = unsigned(number)
    return b'\0' * (32 - len(octets)) + octets


# Jacobian coordinates: (X, Y, Z) is the point (X / Z**2, Y / Z**3),
# and one inversion at the end is enough.

def _double(point):
    # type: (Tuple[int, int, int]) -> Tuple[int, int, int]
    x, y, z = point
    delta = z * z % _P
    gamma = y * y % _P
    beta = x * gamma % _P
    alpha = 3 * (x - delta) * (x + delta) % _P
    x3 = (alpha * alpha - 8 * beta) % _P
    z3 = ((y + z) * (y + z) - gamma - delta) % _P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % _P, z3


def _add(one, two):
    # type: (Tuple[int, int, int], Tuple[int, int, int]) -> Tuple[int, int, int]
    if not one[2]:
        return two
    if not two[2]:
        return one
    z1z1 = one[2] * one[2] % _P
    z2z2 = two[2] * two[2] % _P
    u1 = one[0] * z2z2 % _P
    u2 = two[0] * z1z1 % _P
    s1 = one[1] * two[2] * z2z2 % _P
    s2 = two[1] * one[2] * z1z1 % _P
    if u1 == u2:
        return _double(one) if s1 == s2 else (1, 1, 0)
    h = u2 - u1
    r = s2 - s1
    hh = h * h % _P
    hhh = h * hh % _P
    v = u1 * hh % _P
    x3 = (r * r - hhh - 2 * v) % _P
    return x3, (r * (v - x3) - s1 * hhh) % _P, h * one[2] * two[2] % _P


def public_point(private):
    # type: (int) -> Tuple[int, int]
    """The point of a private key: *private* times the base point."""
    total = (1, 1, 0)
    power = (_G[0], _G[1], 1)
    while private:
        if private & 1:
            total = _add(total, power)
        power = _double(power)
        private >>= 1
    inverse = pow(total[2], _P - 2, _P)
    square = inverse * inverse % _P
    return total[0] * square % _P, total[1] * square * inverse % _P


def point_octets(point):
    # type: (Tuple[int, int]) -> bytes
    """A point, uncompressed: 65 octets (SEC 1 section 2.3.3)."""
    return b'\x04' + octets32(point[0]) + octets32(point[1])


def private_key(random):
    # type: (Callable[[int], bytes]) -> int
    """A new private key; *random* gives that many unpredictable octets (``os.urandom``)."""
    while True:
        number = int_from_bytes(random(32))
        if 0 < number < ORDER:
            return number


def sign(private, message):
    # type: (int, bytes) -> bytes
    """ecdsa-with-SHA256 of *message*, in DER; the same for the same input (RFC 6979)."""
    digest = hashlib.sha256(message).digest()
    number = int_from_bytes(digest)
    for k in _nonces(private, number % ORDER):
        r = public_point(k)[0] % ORDER
        s = pow(k, ORDER - 2, ORDER) * (number + r * private) % ORDER
        if r and s:
            return sequence(integer(r), integer(s))
    raise AssertionError('unreachable: there is always another nonce')


def _nonces(private, number):
    # type: (int, int) -> Iterator[int]
    """RFC 6979 section 3.2."""
    seed = octets32(private) + octets32(number)
    key = b'\0' * 32
    value = b'\1' * 32
    for mark in (b'\0', b'\1'):
        key = hmac.new(key, value + mark + seed, hashlib.sha256).digest()
        value = hmac.new(key, value, hashlib.sha256).digest()
    while True:
        value = hmac.new(key, value, hashlib.sha256).digest()
        found = int_from_bytes(value)
        if 0 < found < ORDER:
            yield found
        key = hmac.new(key, value + b'\0', hashlib.sha256).digest()
        value = hmac.new(key, value, hashlib.sha256).digest()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterator, Tuple
