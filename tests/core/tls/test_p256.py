# Copyright the carryall authors.  See LICENSE.
"""ECDSA over P-256 against the vectors of RFC 6979 section A.2.5."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.tls import p256
from carryall.core.codec import der

PRIVATE = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
POINT = (0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
         0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299)
VECTORS = [
    (b'sample', 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
     0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8),
    (b'test', 0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367,
     0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083)]


def test_the_public_point():
    assert p256.public_point(PRIVATE) == POINT
    assert p256.point_octets(POINT) == b'\x04' + p256.octets32(POINT[0]) + p256.octets32(POINT[1])
    assert len(p256.point_octets(POINT)) == 65


@pytest.mark.parametrize('message, r, s', VECTORS)
def test_a_signature_has_the_known_numbers(message, r, s):
    reader = der.Reader(p256.sign(PRIVATE, message)).enter(der.SEQUENCE)
    assert (reader.integer(), reader.integer()) == (r, s)


def test_the_order_times_the_base_is_nowhere():
    assert p256.public_point(p256.ORDER - 1)[0] == p256.public_point(1)[0]
    assert p256.public_point(2) != p256.public_point(1)


def test_a_private_key_is_in_its_range():
    given = [b'\xff' * 32, b'\0' * 32, b'\0' * 31 + b'\x05']
    assert p256.private_key(lambda count: given.pop(0)) == 5
