# Copyright the carryall authors.  See LICENSE.
"""Values of userPassword: made, and checked in every form."""
from __future__ import absolute_import, division, print_function

import base64

import pytest

from carryall.core.crypto import STANDARD
from carryall.services.ldap.passwordschemes import hash_password, is_hashed, matches_any

@pytest.mark.parametrize('value', [b'secret', b'{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
                                   b'{sha}5en6G6MezRroT3XKqkdPOmY/BfQ=',
                                   b'{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ=='])
def test_a_value_of_others_is_checked(value):
    assert matches_any(b'secret', [b'x', value], STANDARD)
    assert not matches_any(b'Secret', [b'x', value], STANDARD)


@pytest.mark.parametrize('name, digest', [
    (b'SSHA', 'sha1'), (b'SSHA256', 'sha256'), (b'SSHA512', 'sha512'), (b'SMD5', 'md5')])
def test_a_salted_digest_is_checked(name, digest):
    octets = STANDARD.hash(digest, b'secret' + b'salt') + b'salt'
    value = b'{' + name + b'}' + base64.b64encode(octets)
    assert matches_any(b'secret', [value], STANDARD)
    assert not matches_any(b'secre', [value], STANDARD)


def test_a_value_that_is_made_is_checked_and_says_nothing():
    value = hash_password(b'secret', STANDARD, 1000)
    assert value.startswith(b'{PBKDF2-SHA256}1000$') and is_hashed(value)
    assert value != hash_password(b'secret', STANDARD, 1000)
    assert matches_any(b'secret', [value], STANDARD)
    assert not matches_any(b'other', [value], STANDARD)


@pytest.mark.parametrize('value', [
    b'', b'{CRYPT}xyz', b'{NONE}x', b'{SSHA}', b'{SSHA}x', b'{SHA}' + b'A' * 8, b'{SSHA}!!!',
    b'{PBKDF2-SHA256}x$y$z', b'{PBKDF2-SHA256}99999999999$YQ$YQ', b'{PBKDF2-SHA256}1$YQ$',
    b'{PBKDF2-SHA256}1000', b'x' * 2000, b'{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ='])
def test_a_malformed_value_matches_nothing(value):
    assert not matches_any(b'secret', [value], STANDARD)


@pytest.mark.parametrize('value, hashed', [(b'{SSHA}x', True), (b'secret', False), (b'{}', False),
                                           (b'{x', False)])
def test_a_scheme_stands_in_braces(value, hashed):
    assert is_hashed(value) is hashed
