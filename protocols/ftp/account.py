# Copyright the carryall authors.  See LICENSE.
"""Who may log in, and what they then have: the contract between a server and its accounts.

Tests:    tests/services/ftp/test_ftpaccounts.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed
from carryall.core.future import failed

__all__ = ['ALL_LETTERS', 'Account', 'Accounts', 'READ_LETTERS']

# What an account may do, one letter each:
#   e enter folders   l list   r read   a append   d delete   f rename   m make folders   w store   M change modes   T times
ALL_LETTERS = b'elradfmwMT'
READ_LETTERS = b'elr'


class Account(object):
    """One user, logged in.

    Attributes:
        name: text.
        files: the FileSystem that is its root.
        letters: of ALL_LETTERS.
        home: the folder that it begins in.
        anonymous: whether it is nobody in particular; *trace* is then what was given as the password.
        welcome: lines of bytes that it is greeted with.
        rates: (up, down), lists of Rate that its transfers share with others.
    """

    def __init__(self, name, files, letters=ALL_LETTERS, home=(), anonymous=False, trace=u'', welcome=()):
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
        """Whether it may do what this letter stands for."""
        return letter in self.letters


class Accounts(object):
    """The contract; this class itself lets nobody in."""

    def prompt(self, name):
        # type: (str) -> bytes
        """What is asked of who says to be *name*, for the reply 331; the same for names that there are not."""
        return b'Password required.'

    def login(self, loop, name, password, host):
        # type: (Any, str, bytes, str) -> Future
        """A Future of the Account; LoginFailed, whatever the cause, or LoginUnavailable if nobody can tell now."""
        return failed(LoginFailed(u'there are no accounts'))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple
    from carryall.core.future import Future
