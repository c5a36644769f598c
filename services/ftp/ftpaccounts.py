# Copyright the carryall authors.  See LICENSE.
"""FTPAccounts: anonymous users, those of a password file, and those with one-time passwords.

An anonymous user reads the root.  A user has the directory of that name below ``homes``, or
else the root.  The prompt for a password is the same for unknown names.

Tests:    tests/services/ftp/test_ftpaccounts.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.auth.checkers import AnonymousChecker
from carryall.core.auth.credentials import (Anonymous, LoginFailed, LoginUnavailable,
                                            UsernamePassword, usable_name)
from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import to_bytes
from carryall.core.future import failed
from carryall.protocols.ftp import ALL_LETTERS, READ_LETTERS, Account, Accounts
from carryall.services.ftp.jail import Jail
from carryall.services.ftp.readonly import ReadOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional

__all__ = ['FTPAccounts', 'FTPRealm', 'looks_like_mail']

# peer: older servers accept this name too.
ALSO_ANONYMOUS = u'ftp'


def looks_like_mail(password):
    # type: (bytes) -> bool
    """True if a password may be a mail address (RFC 1635); browsers send ``mozilla@``."""
    name, at, _ = password.partition(b'@')
    return bool(name and at) and b' ' not in password


class FTPRealm(Realm):
    """Makes the Account of a login.

    Args:     root: the directory that is served.
              homes: the directory of the users' own directories, or None.
              letters: permissions of users.
              symlinks, whole: of the jail.
              rates: (up, down), lists of Rate that all share.
              files: called with (name, anonymous), returns a FileSystem; None for a jail.
              strangers: permissions of anonymous users.
    """

    def __init__(self, root, homes=None, letters=ALL_LETTERS, symlinks='inside', whole=False,
                 rates=((), ()), files=None, strangers=READ_LETTERS):
        # type: (Any, Any, bytes, str, bool, Any, Any, bytes) -> None
        self._root = root
        self._homes = homes
        self._letters = letters
        self._symlinks = symlinks
        self._whole = whole
        self._rates = rates
        self._files = files
        self._strangers = strangers

    def avatar(self, name, credentials, mind):
        anonymous = isinstance(credentials, Anonymous)
        make = self._jail if self._files is None else self._files
        files = make(name, anonymous)
        if anonymous:
            if set(self._strangers) <= set(READ_LETTERS):
                files = ReadOnly(files)
            account = Account(name, files, self._strangers, anonymous=True,
                              trace=credentials.trace)
        else:
            account = Account(name, files, self._letters)
        account.rates = (list(self._rates[0]), list(self._rates[1]))
        return account

    def _jail(self, name, anonymous):
        # type: (str, bool) -> Jail
        root = self._root
        if self._homes is not None and not anonymous:
            if u'/' in name or u'\\' in name or name.startswith(u'.'):
                raise LoginFailed(u'the name cannot be that of a folder')
            own = os.path.join(to_bytes(self._homes), to_bytes(name))
            if os.path.isdir(own):
                root = own
        return Jail(root, self._symlinks, self._whole)


class FTPAccounts(Accounts):
    """The accounts of one service.

    Args:     realm: makes the Account of a name.
              checkers: of ``core.auth``, for names and passwords.
              anonymous: the name of anonymous users; None if they are refused.
              mail_wanted: True if they must give something like a mail address.
              otp: an OTPFile, for users with one-time passwords; None.
    """

    def __init__(self, realm, checkers=(), anonymous=None, mail_wanted=False, otp=None):
        # type: (Any, Iterable[Any], Optional[str], bool, Any) -> None
        checkers = list(checkers)
        if anonymous is not None:
            checkers.append(AnonymousChecker(anonymous))
        self._portal = Portal(realm, checkers)
        self._anonymous = anonymous
        self._mail_wanted = mail_wanted
        self._otp = otp

    def _is_anonymous(self, name):
        # type: (str) -> bool
        if self._anonymous is None:
            return False
        return name.lower() in (self._anonymous.lower(), ALSO_ANONYMOUS)

    def prompt(self, name):
        if self._is_anonymous(name):
            return b'Anonymous login okay, send your email address as password.'
        if self._otp is not None:
            return b'Response to %s required.' % self._otp.challenge(name).text()
        return Accounts.prompt(self, name)

    def login(self, loop, name, password, host):
        if self._is_anonymous(name):
            if self._mail_wanted and not looks_like_mail(password):
                return failed(LoginFailed(u'the password is not a mail address'))
            trace = password.decode('utf-8', 'replace')
            return self._portal.login(loop, Anonymous(trace)).then(lambda session: session.avatar)
        if not usable_name(name):
            return failed(LoginFailed(u'the name cannot be that of an account'))
        credentials = UsernamePassword(name, password)
        credentials.host = host
        if self._otp is not None:
            try:
                self._otp.check(name, password)
            except (LoginFailed, LoginUnavailable) as exc:
                return failed(exc)
            return self._portal.admit(loop, name, credentials).then(lambda session: session.avatar)
        return self._portal.login(loop, credentials).then(lambda session: session.avatar)
