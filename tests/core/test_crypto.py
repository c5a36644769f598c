# Copyright the carryall authors.  See LICENSE.
"""The crypto contract by the standard library; the same vectors run over every provider in
tests/runtimes/crypto."""
from __future__ import absolute_import, division, print_function

import hashlib

import pytest

from carryall.core import crypto
from carryall.core.crypto import BLOCK_BYTES, STANDARD, Crypto, StandardCrypto, crypto_of
from carryall.core.errors import Unsupported
from carryall.core.testing import VirtualLoop
from tests.runtimes.crypto import vectors


@pytest.mark.parametrize('check', vectors.CHECKS, ids=[check.__name__ for check in vectors.CHECKS])
def test_the_standard_crypto_passes_the_vectors(check):
    check(STANDARD)


def test_pbkdf2_in_python_gives_the_same():
    """The fallback of a Python without hashlib.pbkdf2_hmac."""
    for name in ('sha1', 'sha256', 'sha512'):
        for password, salt, rounds, length in ((b'password', b'salt', 2, 20), (b'', b'', 1, 7),
                                               (b'p' * 200, b's' * 99, 3, 150)):
            slow = crypto._slow_pbkdf2(getattr(hashlib, name), BLOCK_BYTES[name], password, salt,
                                       rounds, length)
            assert slow == STANDARD.pbkdf2(name, password, salt, rounds, length), (name, password)


def test_numbers_out_of_bounds():
    for rounds, length in ((0, 20), (-1, 20), (1, 0), (1, 1025), (10 ** 9, 20)):
        with pytest.raises(ValueError):
            STANDARD.pbkdf2('sha1', b'p', b's', rounds, length)
    for n, r, p in ((0, 1, 1), (1, 1, 1), (3, 1, 1), (16, 0, 1), (16, 1, 0), (1 << 24, 8, 1),
                    (16, 1, 2000)):
        with pytest.raises(ValueError):
            Crypto.check_scrypt(n, r, p, 32)


def test_a_missing_algorithm_is_named(monkeypatch):
    with pytest.raises(Unsupported) as caught:
        STANDARD.hash('whirlpool', b'')
    assert 'whirlpool' in caught.value.message
    with pytest.raises(Unsupported):
        STANDARD.hash('__name__', b'')
    monkeypatch.delattr(hashlib, 'scrypt', raising=False)
    with pytest.raises(Unsupported) as caught:
        StandardCrypto().scrypt(b'', b'', 16, 1, 1, 64)
    assert 'hashlib' in caught.value.message


def test_the_loops_own_comes_first():
    class Loop(object):
        crypto = Crypto()

    assert crypto_of(Loop()) is Loop.crypto
    assert crypto_of(VirtualLoop()) is STANDARD and crypto_of(None) is STANDARD


def test_random_is_not_the_same_twice():
    assert len(STANDARD.random(0)) == 0 and len(STANDARD.random(33)) == 33
    assert STANDARD.random(16) != STANDARD.random(16)
