# Copyright the carryall authors.  See LICENSE.
"""The challenge and response of Perspective Broker's login (0.19 of 2002 and later).

    respond(challenge, password) = md5(md5(password) + challenge)

MD5 is given by the protocol.  An eavesdropper on a login can test passwords against it offline, and
the md5 of a password is enough to log in.  So over a network use TLS, or SCRAM between two programs
with carryall.

Tests:    tests/protocols/pb/test_logins.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import Checker
from carryall.core.auth.credentials import Credentials, LoginFailed
from carryall.core.crypto import STANDARD
from carryall.core.future import completed, failed

__all__ = ['CHALLENGE_BYTES', 'HashedResponse', 'MD5Checker', 'respond']

CHALLENGE_BYTES = 16        # octets; all eras


def respond(challenge, password):
    # type: (bytes, bytes) -> bytes
    """The answer (16 octets) to a challenge."""
    return respond_hashed(challenge, STANDARD.hash('md5', password))


def respond_hashed(challenge, hashed):
    # type: (bytes, bytes) -> bytes
    """The answer (16 octets) to a challenge, from the md5 of the password (16 octets)."""
    return STANDARD.hash('md5', hashed + challenge)


class HashedResponse(Credentials):
    """A response that a store of md5 passwords can check; ``check`` is called with the 16 octets of
    the md5."""

    __slots__ = ('username', 'check')

    def __init__(self, username, check):
        # type: (str, Callable[[bytes], bool]) -> None
        Credentials.__init__(self)
        self.username = username
        self.check = check

    def __repr__(self):
        return 'HashedResponse(%r)' % (self.username,)


class MD5Checker(Checker):
    """Checks against accounts with the md5 of their passwords, as 0.19 kept them.

    Anyone who reads them can log in: use it only for accounts that exist already.

    Args:     accounts: {name (text): md5 (16 octets)}.
    """

    kinds = (HashedResponse,)

    def __init__(self, accounts):
        # type: (Dict[str, bytes]) -> None
        self._accounts = dict(accounts)
        if any(len(hashed) != 16 for hashed in self._accounts.values()):
            raise ValueError('an md5 has 16 octets')

    def check(self, credentials, loop):
        known = self._accounts.get(credentials.username)
        right = credentials.check(STANDARD.random(16) if known is None else known)
        if known is None or not right:
            return failed(LoginFailed(u'there is no such account' if known is None
                                      else u'the response is wrong'))
        return completed(credentials.username)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Dict
