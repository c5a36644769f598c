# Copyright the carryall authors.  See LICENSE.
"""Account and Accounts: the contract of logins and of a user's permissions.

Tests:    tests/services/ftp/test_ftpaccounts.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed
from carryall.core.future import failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple

__all__ = ['ALL_LETTERS', 'Account', 'Accounts', 'READ_LETTERS']

# The permissions of an account, one letter each:
#   e enter directories   l list   r read      a append   d delete         f rename
#   m make directories    w store  M set mode  T set time
ALL_LETTERS = b'elradfmwMT'
READ_LETTERS = b'elr'


class Account(object):
    """A user that is logged in.

    Attributes:
        name: text.
        files: the FileSystem that is its root.
        letters: permissions, of ALL_LETTERS.
        home: the directory that it starts in.
        anonymous: True for an anonymous user; *trace* is then the password that was given.
        welcome: lines of bytes, shown after the login.
        rates: (up, down), lists of Rate that its transfers share with others.
    """

    def __init__(self, name, files, letters=ALL_LETTERS, home=(), anonymous=False, trace=u'',
                 welcome=()):
        # type: (str, Any, bytes, Tuple[bytes, ...], bool, str, Sequence[bytes]) -> None
        self.name = name
        self.files = files
        self.letters = letters
        self.home = home
        self.anonymous = anonymous
        self.trace = trace
        self.welcome = list(welcome)
        self.rates = ([], [])       # type: Tuple[List[Any], List[Any]]

    def may(self, letter):
        # type: (bytes) -> bool
        """True if the account has the permission *letter*."""
        return letter in self.letters


class Accounts(object):
    """The contract; the defaults refuse every login."""

    def prompt(self, name):
        # type: (str) -> bytes
        """The 331 prompt for *name*; identical for unknown names."""
        return b'User name okay, need password.'

    def login(self, loop, name, password, host):
        # type: (Any, str, bytes, str) -> Any
        """The Account, or a Future of it.

        It fails with LoginFailed for any reason, or with LoginUnavailable if the login cannot be
        verified now.
        """
        return failed(LoginFailed(u'there are no accounts'))
