# Copyright the carryall authors.  See LICENSE.
"""Accounts in a database: names, and verifiers like those of a password file.

    store = DataStore(STORE, u'sqlite:/var/lib/accounts.db')
    yield store.open(loop)
    accounts = DatabaseAccounts(store)
    yield accounts.set_password(u'anna', b'secret', loop)
    portal = Portal(realm, [accounts])

Tests:    tests/services/database/test_dbaccounts.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.datastore import StoreSchema, Table
from carryall.core.auth.checkers import Checker
from carryall.core.auth.checkqueue import CheckQueue
from carryall.core.auth.credentials import (MAX_PASSWORD, LoginFailed, LoginUnavailable,
                                            UsernamePassword, usable_name)
from carryall.core.auth.verifiers import DEFAULT_SCHEME, decoy, make_verifier, parse_verifier
from carryall.core.crypto import crypto_of
from carryall.core.database import Error
from carryall.core.errors import UsageError
from carryall.core.future import failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.datastore import DataStore
    from carryall.core.future import Future

__all__ = ['DatabaseAccounts', 'STORE']

CHECKS_AT_ONCE = 4          # verifiers that are worked on at the same time
CHECKS_WAITING = 64         # log-ins that wait for their turn

STORE = StoreSchema('accounts', [Table('accounts', ['name', 'verifier'], ['name'])], [
    [u'CREATE TABLE accounts (name {key} PRIMARY KEY, verifier {text} NOT NULL)'],
])

FIND = u'SELECT verifier FROM accounts WHERE name = ?'


class DatabaseAccounts(Checker):
    """Accounts in the table of an open store."""

    kinds = (UsernamePassword,)

    def __init__(self, store):
        # type: (DataStore) -> None
        self._store = store
        self._checks = CheckQueue(CHECKS_AT_ONCE, CHECKS_WAITING)

    def check(self, credentials, loop):
        name = credentials.username
        if len(credentials.password) > MAX_PASSWORD:
            return failed(LoginFailed(u'the password is too long'))

        def unavailable(exc):
            # type: (BaseException) -> Any
            if isinstance(exc, Error):
                raise LoginUnavailable(u'the database of the accounts: %s' % exc)
            raise exc

        def judge(rows):
            # type: (Any) -> Any
            return self._checks.run(loop, credentials.host, _judge,
                                    rows[0][0] if rows else None, credentials.password,
                                    crypto_of(loop))

        def named(right):
            # type: (bool) -> str
            if not right:
                raise LoginFailed(u'there is no such account, or the password is wrong')
            return name

        return self._store.query(FIND, (name,)).then(judge).then(named, unavailable)

    def set_password(self, name, password, loop, scheme=DEFAULT_SCHEME):
        # type: (str, bytes, Any, str) -> Future
        """Makes the account, or gives it another password; a Future of None."""
        if not usable_name(name):
            raise UsageError(u'"%s" cannot be the name of an account' % name)
        made = loop.run_in_thread(make_verifier, password, crypto_of(loop), scheme)
        return made.then(lambda verifier: self._store.change(
            _replace, name, verifier.text()))

    def remove(self, name):
        # type: (str) -> Future
        """Removes an account; a Future of true if it was there."""
        return self._store.write(u'DELETE FROM accounts WHERE name = ?', (name,)).then(
            lambda rows: bool(rows.count))

    def names(self):
        # type: () -> Future
        """A Future of the names of all accounts, sorted."""
        return self._store.query(u'SELECT name FROM accounts').then(
            lambda rows: sorted(row[0] for row in rows))


def _judge(verifier, password, crypto):
    # type: (Any, bytes, Any) -> bool
    """True if the password is right; unknown names take as long."""
    if verifier is None:
        decoy(crypto).verify(password, crypto)
        return False
    return parse_verifier(verifier).verify(password, crypto)


def _replace(transaction, name, verifier):
    # type: (Any, str, str) -> Future
    removed = transaction.execute(u'DELETE FROM accounts WHERE name = ?', (name,))
    return removed.then(lambda _: transaction.execute(
        u'INSERT INTO accounts (name, verifier) VALUES (?, ?)', (name, verifier))).then(
            lambda _: None)
