# Copyright the carryall authors.  See LICENSE.
"""Verifiers: made, written, read back strictly, checked."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.auth import verifiers
from carryall.core.auth.verifiers import (SCHEMES, Pbkdf2Hash, ScramKeys, ScryptHash, decoy,
                                          make_verifier, parse_verifier, scram_keys)
from carryall.core.crypto import STANDARD
from carryall.core.errors import Unsupported
from tests.core.auth.kit import quick, quick_scram


@pytest.mark.parametrize('scheme', SCHEMES)
def test_each_scheme_verifies_its_password(scheme, monkeypatch):
    monkeypatch.setattr(verifiers, 'ITERATIONS', 20)
    monkeypatch.setattr(verifiers, 'ITERATIONS_SHA1', 20)
    monkeypatch.setattr(verifiers, 'SCRYPT_LN', 4)
    if scheme == 'scrypt' and STANDARD.why_no_scrypt() is not None:
        with pytest.raises(Unsupported):
            make_verifier(b'secret', STANDARD, scheme)
        return
    made = make_verifier(b'secret', STANDARD, scheme)
    assert made.scheme == scheme and made.verify(b'secret', STANDARD) and not made.verify(
        b'Secret', STANDARD)
    assert make_verifier(b'secret', STANDARD, scheme).text() != made.text(), \
        'the salt is the same twice'
    again = parse_verifier(made.text())
    assert again.text() == made.text() and again.verify(b'secret', STANDARD)
    nobody = decoy(STANDARD, made)
    assert not nobody.verify(b'secret', STANDARD) and nobody.text() != made.text()
    assert nobody.text().split(u'$')[:3] == made.text().split(u'$')[:3], 'it costs the same'
    assert u'secret' not in made.text()


def test_the_defaults_are_those_of_owasp():
    assert (verifiers.ITERATIONS, verifiers.ITERATIONS_SHA1) == (600000, 1300000)
    assert (verifiers.SCRYPT_LN, verifiers.SCRYPT_R, verifiers.SCRYPT_P) == (15, 8, 3)
    assert decoy(STANDARD).iterations == 600000


def test_the_vectors_of_the_rfcs_are_verified():
    """Of RFC 7914 section 12 and RFC 7677 section 3, in our spelling."""
    found = parse_verifier(u'$pbkdf2-sha256$i=1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw')
    assert isinstance(found, Pbkdf2Hash) and found.verify(b'passwd', STANDARD)
    keys = scram_keys(STANDARD, 'sha256', b'pencil',
                      b'[m\x99h\x9d\x12\x35\x8e\xec\xa0K\x14\x126\xfa\x81', 4096)
    assert keys.text() \
        == (u'$scram-sha-256$i=4096$W22ZaJ0SNY7soEsUEjb6gQ'
            u'$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY$'
            u'wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU')
    if STANDARD.why_no_scrypt() is None:
        assert parse_verifier(u'$scrypt$ln=4,r=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA').verify(
            b'', STANDARD) is False


def test_passwords_are_prepared():
    made = quick(u'caf\xe9'.encode('utf-8'))
    assert made.verify(u'cafe\u0301'.encode('utf-8'), STANDARD), 'the accent typed apart'


WRONG = [u'', u'x', u'$', u'$$', u'secret', u'$pbkdf2-sha256', u'$pbkdf2-sha256$i=1$AAAA',
         u'$pbkdf2-sha256$i=0$AAAA$' + u'A' * 43, u'$pbkdf2-sha256$i=01$AAAA$' + u'A' * 43,
         u'$pbkdf2-sha256$i=99999999$AAAA$' + u'A' * 43, u'$pbkdf2-sha256$x=1$AAAA$' + u'A' * 43,
         u'$pbkdf2-sha256$i=1,l=32$AAAA$' + u'A' * 43, u'$pbkdf2-sha256$i=1$$' + u'A' * 43,
         u'$pbkdf2-sha256$i=1$AAAA$', u'$pbkdf2-sha256$i=1$AAAA$AAAA',
         u'$pbkdf2-sha256$i=1$AAA$' + u'A' * 43 + u'=', u'$pbkdf2-sha256$i=1$AA.A$' + u'A' * 43,
         u'$pbkdf2-sha256$i=1$AAAA$' + u'A' * 42 + u'B', u'$pbkdf2-sha256$i=1$A$' + u'A' * 43,
         u'$pbkdf2-sha256$i=1$AAAA$%s$' % (u'A' * 43), u'$pbkdf2-sha1$i=1$AAAA$' + u'A' * 27,
         u'$6$salt$hash', u'$scrypt$ln=15,r=8$AAAA$' + u'A' * 43, u'$scrypt$r=8,ln=15,p=1$AAAA$'
         + u'A' * 43,
         u'$scrypt$ln=24,r=8,p=1$AAAA$' + u'A' * 43, u'$scrypt$ln=99,r=8,p=1$AAAA$' + u'A' * 43,
         u'$scram-sha-256$i=1$AAAA$%s$%s' % (u'A' * 27, u'A' * 43), u'$scram-sha-1$i=1$AAAA$%s'
         % (u'A' * 27),
         u'$pbkdf2-sha256$i=1$AAAA$' + u'A' * 600, u'$pbkdf2-sha256$i=\u0661$AAAA$' + u'A' * 43]


@pytest.mark.parametrize('number', range(len(WRONG)))
def test_wrong_texts_are_refused_and_not_shown(number):
    with pytest.raises(ValueError) as caught:
        parse_verifier(WRONG[number])
    assert u'AAAA' not in u'%s' % (caught.value,), 'a part of it shows'


def test_garbage_is_refused_with_value_error():
    rng = random.Random(7)
    good = quick(b'secret').text()
    for _ in range(500):
        text = list(good)
        for _ in range(rng.randrange(1, 4)):
            text[rng.randrange(len(text))] = rng.choice(u'$=,Aa1+/\xe9 \x00')
        try:
            found = parse_verifier(u''.join(text))
        except ValueError:
            continue
        assert found.text() == u''.join(text)


def test_scram_keys_check_a_clear_password():
    for name in ('sha1', 'sha256'):
        keys = quick_scram(b'pencil', name, 10)
        assert isinstance(keys, ScramKeys) and keys.verify(b'pencil', STANDARD) and not keys.verify(
            b'pencils', STANDARD)
        assert isinstance(parse_verifier(keys.text()), ScramKeys)
    assert ScryptHash.scheme in SCHEMES
