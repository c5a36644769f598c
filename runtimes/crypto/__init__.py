# Copyright the carryall authors.  See LICENSE.
"""Providers of the crypto contract (``carryall.core.crypto``): the standard library,
``cryptography``, and JCE on the JVM.

Each loop carries one as ``loop.crypto``; ``provider()`` is what it carries.

Tests:    tests/runtimes/crypto/
"""
from __future__ import absolute_import, division, print_function

from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.core.crypto import Crypto

__all__ = ['provider']


def provider():
    # type: () -> Crypto
    """The best that this runtime has; making it costs no import of what is not used."""
    if ON_JVM:
        from carryall.runtimes.crypto.jce import JavaCrypto
        return JavaCrypto()
    from carryall.runtimes.crypto.library import LibraryCrypto
    return LibraryCrypto()
