# Copyright the carryall authors.  See LICENSE.
"""The providers of the crypto contract, each by the same vectors."""
from __future__ import absolute_import, division, print_function

import hashlib

import pytest

from carryall import runtimes
from carryall.core.crypto import STANDARD, Crypto, StandardCrypto, crypto_of
from carryall.core.errors import Unsupported
from carryall.runtimes.crypto import provider
from carryall.runtimes.crypto.library import LibraryCrypto
from tests.runtimes.crypto import vectors
from tests.support import interpreter


@pytest.mark.parametrize('check', vectors.CHECKS, ids=[check.__name__ for check in vectors.CHECKS])
def test_each_provider_passes_the_vectors(check):
    check(provider())


def test_each_loop_carries_one():
    loop = runtimes.choose()
    try:
        assert isinstance(crypto_of(loop), Crypto) and crypto_of(loop) is not STANDARD
        assert crypto_of(loop).provider == provider().provider
        assert crypto_of(loop).provider == (u'JCE' if interpreter.JYTHON else u'hashlib')
    finally:
        loop.close()


def test_every_provider_agrees_with_the_standard_library():
    ours = provider()
    for name in STANDARD.hashes():
        assert ours.hash(name, b'x' * 1000) == STANDARD.hash(name, b'x' * 1000)
        for key in (b'', b'k', b'\0', b'k' * 300):
            assert ours.hmac(name, key, b'data') == STANDARD.hmac(name, key, b'data'), (name, key)
        for password in (b'', b'pw', b'\xff\xfe', u'\u20ac'.encode('utf-8'), b'a\0b'):
            assert ours.pbkdf2(name, password, b'salt', 3, 50) == STANDARD.pbkdf2(
                name, password, b'salt', 3, 50), name


def test_scrypt_from_elsewhere(monkeypatch):
    """If hashlib has none, the package cryptography has it, or the reason names it."""
    monkeypatch.delattr(hashlib, 'scrypt', raising=False)
    library = LibraryCrypto()
    if library.why_no_scrypt() is None:
        vectors.check_scrypt(library)
    else:
        assert 'cryptography' in library.why_no_scrypt()
        with pytest.raises(Unsupported):
            library.scrypt(b'', b'', 16, 1, 1, 64)
    assert StandardCrypto().why_no_scrypt() is not None
