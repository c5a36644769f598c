# Copyright the carryall authors.  See LICENSE.
"""Cancel-Lock and Cancel-Key: the poster of an article may take it back (RFC 8315).

    key = key_of(crypto, secret, b'ann', b'<1@example>')
    lock = lock_of(crypto, key)             # b'sha256:...', for Cancel-Lock
    opens(crypto, b'sha256:' + key, lock)   # True

Tests:    tests/protocols/nntp/test_cancellock.py
"""
from __future__ import absolute_import, division, print_function

import base64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

__all__ = ['key_of', 'lock_of', 'opens']

# -- limits ------------------------------------------------------------------
MAX_ELEMENTS = 32           # of a field that are looked at; default, the RFC is silent

# peer: sha1 is what most articles before 2017 have; RFC 8315 section 3 forbids to make more.
SCHEMES = {b'sha256': 'sha256', b'sha512': 'sha512', b'sha1': 'sha1'}


def key_of(crypto, secret, user, message_id):
    # type: (Any, bytes, bytes, bytes) -> bytes
    """The key of an article, in base64 (RFC 8315 section 4).

    Args:     crypto: the loop's.
              secret: of the server; at least 32 octets.
              user: the account that posts.
    """
    return base64.b64encode(crypto.hmac('sha256', secret, user + message_id))


def lock_of(crypto, key):
    # type: (Any, bytes) -> bytes
    """The element of Cancel-Lock that *key* opens."""
    return b'sha256:' + base64.b64encode(crypto.hash('sha256', key))


def opens(crypto, keys, locks):
    # type: (Any, bytes, bytes) -> bool
    """True if some element of a Cancel-Key opens one of a Cancel-Lock (RFC 8315 section 3.5)."""
    shut = _elements(locks)
    for element in _elements(keys):
        scheme, _, key = element.partition(b':')
        name = SCHEMES.get(scheme.lower())
        if name is None:
            continue
        made = base64.b64encode(crypto.hash(name, key))
        for lock in shut:
            kind, _, digest = lock.partition(b':')
            if kind.lower() == scheme.lower() and crypto.equal(digest, made):
                return True
    return False


def _elements(value):
    # type: (bytes) -> List[bytes]
    """The words of a field, without comments in parentheses."""
    return [each for each in value.split() if each[:1] != b'('][:MAX_ELEMENTS]
