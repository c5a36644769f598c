# Copyright the carryall authors.  See LICENSE.
"""ServedDirectory: the identities of the clients of a directory, and their passwords.

A DN logs in with a value of its userPassword.  Accounts of carryall log in by the DN
``uid=NAME,ou=accounts,SUFFIX``, or by their name through SASL; those of ``--admin`` by
``cn=NAME,SUFFIX``, and they may do everything.

Tests:    tests/services/ldap/test_ldapservice.py
"""
from __future__ import absolute_import, division, print_function

import base64

from carryall.core.auth.checkqueue import CheckQueue
from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.crypto import crypto_of
from carryall.core.future import Return, as_future, coroutine, failed
from carryall.protocols.ldap import (ADD, ANONYMOUS, REPLACE, AddRequest, Change, Identity,
                                     LDAPError, ModifyRequest, errors, format_value, parse_dn)
from carryall.services.ldap.passwordschemes import hash_password, is_hashed, matches_any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from carryall.protocols.ldap import Directory

__all__ = ['ACCOUNTS_OU', 'ServedDirectory']

CHECKS_AT_ONCE = 2          # passwords that are checked on threads at the same time
CHECKS_WAITING = 256
MADE_UP_OCTETS = 12         # of a password that is made up: 16 characters
PASSWORD = u'userpassword'
ACCOUNTS_OU = u'accounts'
OWN_RIGHTS = u'the password of an account is not kept in the directory'


class ServedDirectory(object):
    """The service of an LDAPServer.

    Args:     directory: a Directory.
              loop: the loop.
              portal: of the accounts, for SASL and their DNs; None without accounts.
              guard: a LoginGuard, or None.
              admins: names of the accounts that may do everything.
              rounds: of PBKDF2, for passwords that are hashed here.
    """

    def __init__(self, directory, loop, portal, guard, admins, rounds):
        # type: (Directory, Any, Any, Any, Any, int) -> None
        self.directory = directory
        self.portal = portal
        self.guard = guard
        self._loop = loop
        self._rounds = rounds
        self._checks = CheckQueue(CHECKS_AT_ONCE, CHECKS_WAITING)
        self._crypto = crypto_of(loop)
        self._decoy = b''
        self._admins = frozenset(admins)
        self._names = {}            # type: Dict[str, str]  # key of a DN: name of an account
        for suffix, _ in directory.suffixes:
            for name in admins:
                dn = u'cn=%s,%s' % (name, suffix)
                self._names[directory.key_of(dn)] = name

    # -- who it is ---------------------------------------------------------------------------------

    def bind(self, dn, password, host):
        # type: (str, bytes, str) -> Any
        """A Future of the Identity of a DN and its password; it fails with LDAPError."""
        try:
            key = self.directory.key_of(dn)
        except LDAPError as exc:
            return failed(exc)
        name = self._account_of(key)
        if name is not None and self.portal is not None:
            credentials = UsernamePassword(name, password)
            credentials.host = host
            found = self.portal.login(self._loop, credentials)
            return found.then(lambda session: self._identity(session.name, dn, key), _refused)
        entry = self.directory.tree.entries.get(key)
        values = [] if entry is None else entry.values(PASSWORD)
        checked = self._checks.run(self._loop, host, self._check, (password, values))
        return checked.then(lambda right: self._judged(right, dn if entry is None else entry.dn,
                                                       key), _refused)

    def _check(self, pair):
        # type: (Tuple[bytes, List[bytes]]) -> bool
        """On a thread.  Without an entry it takes as long as with one."""
        password, values = pair
        if not values:
            if not self._decoy:
                self._decoy = hash_password(self._crypto.random(16), self._crypto, self._rounds)
            matches_any(password, [self._decoy], self._crypto)
            return False
        return matches_any(password, values, self._crypto)

    @staticmethod
    def _judged(right, dn, key):
        # type: (bool, str, str) -> Any
        if not right:
            raise LDAPError(u'', errors.INVALID_CREDENTIALS)
        return Identity(dn, key, False, u'')

    def _account_of(self, key):
        # type: (str) -> Optional[str]
        """The name of the account that a DN stands for; None if it stands for none."""
        name = self._names.get(key)
        if name is not None:
            return name
        for suffix, suffix_key in self.directory.suffixes:
            tail = u',ou=%s,%s' % (ACCOUNTS_OU, suffix_key)
            if suffix and key.endswith(tail) and key.startswith(u'uid='):
                parts = parse_dn(key)
                if len(parts) == len(parse_dn(tail[1:])) + 1:
                    return parts[0][0][1].decode('utf-8', 'replace')
        return None

    def _identity(self, name, dn, key):
        # type: (str, str, str) -> Any
        return Identity(dn, key, name in self._admins, name)

    def identity(self, session):
        # type: (Any) -> Any
        """The Identity of an account that has logged in by SASL."""
        name = session.name
        suffix = self.directory.suffixes[0][0]
        rdn = u'cn=%s' if name in self._admins else u'uid=%%s,ou=%s' % ACCOUNTS_OU
        dn = u'%s,%s' % (rdn % format_value(name.encode('utf-8')), suffix)
        return self._identity(name, dn, self.directory.key_of(dn))

    def authorize(self, who, authzid):
        # type: (Any, bytes) -> Any
        """The Identity that a request asks to act as (RFC 4370): for administrators alone."""
        if authzid == b'':
            return ANONYMOUS
        try:
            text = authzid.decode('utf-8')
            dn = text[3:] if text[:3] == u'dn:' else u''
            key = self.directory.key_of(dn)
        except (UnicodeError, LDAPError):
            key = u''
        if key and key == who.key:
            return who
        if not key or not who.admin or key not in self.directory.tree.entries:
            raise LDAPError(u'acting as this identity is not permitted',
                            errors.AUTHORIZATION_DENIED)
        return Identity(dn, key, False, u'')

    # -- passwords ---------------------------------------------------------------------------------

    def protected(self, request):
        # type: (Any) -> Any
        """The request with its clear passwords hashed, or a Future of it."""
        clear = []                  # type: List[bytes]
        for name, values, adds in _passwords_of(request, self.directory.schema):
            if adds:
                clear += [value for value in values if not is_hashed(value)]
        if not clear:
            return request
        work = self._checks.run(self._loop, '', self._hash_all, clear)
        return work.then(lambda hashed: self._replaced(request, dict(zip(clear, hashed))),
                         _refused)

    def _hash_all(self, passwords):
        # type: (List[bytes]) -> List[bytes]
        """On a thread."""
        return [hash_password(each, self._crypto, self._rounds) for each in passwords]

    def _replaced(self, request, hashed):
        # type: (Any, Dict[bytes, bytes]) -> Any
        def safe(name, values):
            # type: (str, List[bytes]) -> List[bytes]
            if self.directory.schema.key_of(name) != PASSWORD:
                return values
            return [hashed.get(value, value) for value in values]
        if isinstance(request, AddRequest):
            return AddRequest(request.dn, [(name, safe(name, values))
                                           for name, values in request.attributes])
        return ModifyRequest(request.dn, [Change(operation, name, safe(name, values))
                                          for operation, name, values in request.changes])

    @coroutine
    def change_password(self, who, dn, old, new):
        # type: (Any, str, Optional[bytes], Optional[bytes]) -> Any
        """Changes the password of an entry; a Future of the new one, if it was made up."""
        key = self.directory.key_of(dn)
        if self._account_of(key) is not None:
            raise LDAPError(OWN_RIGHTS, errors.UNWILLING_TO_PERFORM)
        entry = self.directory.tree.entries.get(key)
        if entry is None:
            raise LDAPError(u'there is no such entry', errors.NO_SUCH_OBJECT)
        self.directory.access.check_changed(who, entry, [PASSWORD])
        if old is not None:
            right = yield self._checks.run(self._loop, '', self._check,
                                           (old, entry.values(PASSWORD)))
            if not right:
                raise LDAPError(u'the old password is not the right one',
                                errors.UNWILLING_TO_PERFORM)
        made = None                 # type: Optional[bytes]
        if not new:
            made = base64.urlsafe_b64encode(self._crypto.random(MADE_UP_OCTETS))
            new = made
        hashed = yield self._checks.run(self._loop, '', self._hash_all, [new])
        request = ModifyRequest(entry.dn, [Change(REPLACE, u'userPassword', hashed)])
        yield as_future(self.directory.modify(request, who))
        raise Return(made)


def _passwords_of(request, schema):
    # type: (Any, Any) -> Any
    """(name, values, whether they are new) of each userPassword in a request."""
    if isinstance(request, AddRequest):
        rows = [(name, values, True) for name, values in request.attributes]
    else:
        rows = [(change.attribute, change.values, change.operation in (ADD, REPLACE))
                for change in request.changes]
    return [row for row in rows if schema.key_of(row[0]) == PASSWORD]


def _refused(exc):
    # type: (BaseException) -> Any
    if isinstance(exc, LoginUnavailable):
        exc = LDAPError(u'passwords cannot be checked at the moment', errors.UNAVAILABLE)
    elif isinstance(exc, LoginFailed):
        exc = LDAPError(u'', errors.INVALID_CREDENTIALS)
    return failed(exc)
