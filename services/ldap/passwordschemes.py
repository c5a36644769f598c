# Copyright the carryall authors.  See LICENSE.
"""Values of userPassword: checked in every form that directories have, made in one.

    {PBKDF2-SHA256}600000$SALT$KEY      what is made; also -SHA1 and -SHA512 are checked
    {SSHA} {SSHA256} {SSHA384} {SSHA512} {SMD5}     a digest with its salt (RFC 2307's and later)
    {SHA} {SHA256} {SHA512} {MD5}       without
    anything else                       a clear password (RFC 4519 section 2.41)

A value of an unknown scheme matches no password.  ``{CRYPT}`` is one: no runtime but some CPythons
has that function.

Tests:    tests/services/ldap/test_passwordschemes.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii

from carryall.core.auth.prep import prepared_password
from carryall.core.auth.verifiers import ITERATIONS
from carryall.core.codec.numbers import decimal
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

__all__ = ['MAX_ROUNDS', 'hash_password', 'is_hashed', 'matches_any']

MAX_ROUNDS = 10000000       # of PBKDF2 that a check may take
SALT_BYTES = 16
KEY_BYTES = 32
MAX_VALUE = 1024            # octets of a value that is looked at

_SCHEME = Pattern(br'\{([A-Za-z0-9-]{2,20})\}')
_DIGESTS = {b'SHA': 'sha1', b'SHA256': 'sha256', b'SHA384': 'sha384', b'SHA512': 'sha512',
            b'MD5': 'md5'}
_SALTED = {b'SSHA': 'sha1', b'SSHA256': 'sha256', b'SSHA384': 'sha384', b'SSHA512': 'sha512',
           b'SMD5': 'md5'}
_DERIVED = {b'PBKDF2': 'sha1', b'PBKDF2-SHA1': 'sha1', b'PBKDF2-SHA256': 'sha256',
            b'PBKDF2-SHA512': 'sha512'}
_SIZES = {'md5': 16, 'sha1': 20, 'sha256': 32, 'sha384': 48, 'sha512': 64}


def is_hashed(value):
    # type: (bytes) -> bool
    """True if a value names a scheme, and so is no clear password."""
    return _SCHEME.match(value) is not None


def hash_password(password, crypto, rounds=ITERATIONS):
    # type: (bytes, Any, int) -> bytes
    """The value to keep of a clear password; takes its time, so call it on a thread."""
    salt = crypto.random(SALT_BYTES)
    key = crypto.pbkdf2('sha256', prepared_password(password), salt, rounds, KEY_BYTES)
    return b'{PBKDF2-SHA256}%d$%s$%s' % (rounds, _adapted(salt), _adapted(key))


def matches_any(password, values, crypto):
    # type: (bytes, Sequence[bytes], Any) -> bool
    """True if a password is that of one of the values; takes its time, so call it on a thread."""
    found = False
    for value in values:
        if _matches(password, value, crypto):
            found = True
    return found


def _matches(password, value, crypto):
    # type: (bytes, bytes, Any) -> bool
    if len(value) > MAX_VALUE:
        return False
    scheme = _SCHEME.match(value)
    if scheme is None:
        return bool(crypto.equal(prepared_password(password), prepared_password(value)))
    name = scheme.group(1).upper()
    rest = value[scheme.end():]
    if name in _DERIVED:
        return _matches_derived(password, rest, _DERIVED[name], crypto)
    digest = _DIGESTS.get(name) or _SALTED.get(name)
    octets = _decoded(rest)
    if digest is None or octets is None or digest not in crypto.hashes():
        return False
    size = _SIZES[digest]
    salt = octets[size:]
    if bool(salt) != (name in _SALTED) or len(octets) < size:
        return False
    return bool(crypto.equal(crypto.hash(digest, password + salt), octets[:size]))


def _matches_derived(password, rest, digest, crypto):
    # type: (bytes, bytes, str, Any) -> bool
    parts = rest.split(b'$')
    rounds = decimal(parts[0], MAX_ROUNDS) if len(parts) == 3 else None
    if not rounds:
        return False
    salt, key = [_decoded(part.replace(b'.', b'+')) for part in parts[1:]]
    if salt is None or not key or len(key) > 64:
        return False
    for form in (prepared_password(password), password):
        if crypto.equal(crypto.pbkdf2(digest, form, salt, rounds, len(key)), key):
            return True
        if form == password:
            break
    return False


def _adapted(octets):
    # type: (bytes) -> bytes
    """Base64 with dots for plus signs and without padding, as this scheme has it."""
    return base64.b64encode(octets).rstrip(b'=').replace(b'+', b'.')


def _decoded(text):
    # type: (bytes) -> Optional[bytes]
    try:
        return base64.b64decode(text + b'=' * (-len(text) % 4))
    except (ValueError, TypeError, binascii.Error):
        return None
