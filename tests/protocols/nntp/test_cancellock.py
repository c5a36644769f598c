# Copyright the carryall authors.  See LICENSE.
"""Cancel-Lock and Cancel-Key (RFC 8315)."""
from __future__ import absolute_import, division, print_function

from carryall.core.crypto import STANDARD
from carryall.protocols.nntp import cancellock


def test_the_example_of_the_rfc_holds():
    """RFC 8315 section 5: the key of an article by HMAC-SHA256, and its lock."""
    key = cancellock.key_of(STANDARD, b'ExampleSecret', b'', b'<12345@mid.example>')
    assert key == b'qv1VXHYiCGjkX/N1nhfYKcAeUn8bCVhrWhoKuBSnpMA='
    assert cancellock.lock_of(STANDARD, b'qv1VXHYiCGjkX/N1nhfYKcAeUn8bCVhrWhoKuBSnpMA=') \
        == b'sha256:s/pmK/3grrz++29ce2/mQydzJuc7iqHn1nqcJiQTPMc='


def test_a_key_opens_its_own_lock_alone():
    key = cancellock.key_of(STANDARD, b's' * 32, b'ann', b'<1@e>')
    other = cancellock.key_of(STANDARD, b's' * 32, b'bob', b'<1@e>')
    lock = b'sha1:x (a comment) ' + cancellock.lock_of(STANDARD, key)
    assert cancellock.opens(STANDARD, b'sha256:' + key, lock)
    assert not cancellock.opens(STANDARD, b'sha256:' + other, lock)
    assert not cancellock.opens(STANDARD, b'sha512:' + key, lock)
    assert not cancellock.opens(STANDARD, b'', lock)
    assert not cancellock.opens(STANDARD, b'sha256:' + key, b'')


def test_elements_behind_the_limit_are_not_looked_at():
    key = cancellock.key_of(STANDARD, b's' * 32, b'ann', b'<1@e>')
    lock = cancellock.lock_of(STANDARD, key)
    assert cancellock.opens(STANDARD, b'sha256:x ' * 31 + b'sha256:' + key, lock)
    assert not cancellock.opens(STANDARD, b'sha256:x ' * 32 + b'sha256:' + key, lock)
