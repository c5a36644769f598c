# Copyright the carryall authors.  See LICENSE.
"""hashlib, and the package ``cryptography`` for what it lacks: scrypt on PyPy and CPython 2.7.

Tests:    tests/runtimes/crypto/
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.crypto import StandardCrypto

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['LibraryCrypto']


class LibraryCrypto(StandardCrypto):
    """By the standard library first; ``cryptography`` is imported when it is first needed,
    for that takes a while."""

    def __init__(self):
        # type: () -> None
        StandardCrypto.__init__(self)
        self._scrypt = None             # type: Any
        self._looked = False

    def _foreign_scrypt(self):
        # type: () -> Any
        """The class Scrypt of ``cryptography``; None if there is none."""
        if not self._looked:
            self._looked = True
            try:
                from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
                # OpenSSL may have been built without it.
                Scrypt(salt=b'', length=16, n=2, r=1, p=1).derive(b'')
                self._scrypt = Scrypt
            except FAILURES:            # it is missing, broken, or too old: it is the same to us
                self._scrypt = None
        return self._scrypt

    def why_no_scrypt(self):
        reason = StandardCrypto.why_no_scrypt(self)     # type: Optional[str]
        if reason is None or self._foreign_scrypt() is not None:
            return None
        return reason + u', and the package "cryptography", which has it, is not installed'

    def scrypt(self, password, salt, n, r, p, length):
        if StandardCrypto.why_no_scrypt(self) is None or self._foreign_scrypt() is None:
            return StandardCrypto.scrypt(self, password, salt, n, r, p, length)
        self.check_scrypt(n, r, p, length)
        return self._foreign_scrypt()(salt=salt, length=length, n=n, r=r, p=p).derive(password)
