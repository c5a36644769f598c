# Copyright the carryall authors.  See LICENSE.
"""Who may come in: everybody as nobody in particular, those of a password file, those with one-time passwords.

Each has its own root: anonymous the site's, to be read; a user the folder of his name below ``homes`` if there is one, else
the site's.  Names are asked for their password alike, whether they exist or not.

Tests:    tests/services/ftp/test_ftpaccounts.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.auth.checkers import AnonymousChecker
from carryall.core.auth.credentials import Anonymous, LoginFailed, LoginUnavailable, UsernamePassword, usable_name
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

# peer: the second is what the servers of old took as well.
ALSO_ANONYMOUS = u'ftp'


def looks_like_mail(password):
    # type: (bytes) -> bool
    """Whether an anonymous user's password may be a mail address (RFC 1635); browsers send ``mozilla@``."""
    name, at, _ = password.partition(b'@')
    return bool(name and at) and b' ' not in password


class FTPRealm(Realm):
    """What accounts get.

    Args:     root: the folder that is served.
              homes: the folder of the users' own, or None.
              letters: what users may do.
              symlinks, whole: of the jail.
              rates: (up, down), lists of Rate that all share.
              files: called with (account's name, anonymous) for another FileSystem than a jail; None.
    """

    def __init__(self, root, homes=None, letters=ALL_LETTERS, symlinks='inside', whole=False, rates=((), ()), files=None):
        # type: (Any, Any, bytes, str, bool, Any, Any) -> None
        self._root = root
        self._homes = homes
        self._letters = letters
        self._symlinks = symlinks
        self._whole = whole
        self._rates = rates
        self._files = files

    def avatar(self, name, credentials, mind):
        anonymous = isinstance(credentials, Anonymous)
        files = self._files(name, anonymous) if self._files is not None else self._jail(name, anonymous)
        account = Account(name, ReadOnly(files) if anonymous else files, READ_LETTERS if anonymous else self._letters,
                          anonymous=anonymous, trace=credentials.trace if anonymous else u'')
        account.rates = (list(self._rates[0]), list(self._rates[1]))
        return account

    def _jail(self, name, anonymous):
        # type: (str, bool) -> Jail
        root = self._root
        if self._homes is not None and not anonymous:
            if u'/' in name or u'\\' in name or name.startswith(u'.'):
                raise LoginFailed(u'no folder can have that name')
            own = os.path.join(to_bytes(self._homes), to_bytes(name))
            if os.path.isdir(own):
                root = own
        return Jail(root, self._symlinks, self._whole)


class FTPAccounts(Accounts):
    """All ways in.

    Args:     realm: makes the Account of a name.
              checkers: of ``core.auth``, for names and passwords.
              anonymous: the name by which nobody in particular comes in; None: nobody does.
              mail_wanted: whether he has to give something like a mail address.
              otp: an OTPFile, for those whose passwords serve once; None.
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
        return self._anonymous is not None and name.lower() in (self._anonymous.lower(), ALSO_ANONYMOUS)

    def prompt(self, name):
        if self._is_anonymous(name):
            return b'Anonymous, are you? Then give your mail address as the password.'
        if self._otp is not None:
            return b'Response to %s required.' % self._otp.challenge(name).text()
        return Accounts.prompt(self, name)

    def login(self, loop, name, password, host):
        if self._is_anonymous(name):
            if self._mail_wanted and not looks_like_mail(password):
                return failed(LoginFailed(u'that is no mail address'))
            trace = password.decode('utf-8', 'replace')
            return self._portal.login(loop, Anonymous(trace)).then(lambda session: session.avatar)
        if not usable_name(name):
            return failed(LoginFailed(u'nobody can have that name'))
        credentials = UsernamePassword(name, password)
        credentials.host = host
        if self._otp is not None:
            try:
                self._otp.check(name, password)
            except (LoginFailed, LoginUnavailable) as exc:
                return failed(exc)
            return self._portal.admit(loop, name, credentials).then(lambda session: session.avatar)
        return self._portal.login(loop, credentials).then(lambda session: session.avatar)
