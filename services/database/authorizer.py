# Copyright the carryall authors.  See LICENSE.
"""The tables of identities of Twisted's ``enterprise.dbcred``, as a checker (DBA-06).

    twisted_identities   (identity_name, password)
    twisted_services     (service_name)
    twisted_perspectives (identity_name, perspective_name, service_name, perspective_type)

The password is the MD5 of the password in base64, as those tables have it.  Accounts of ours are
safer: ``dbaccounts``.
Tests:    tests/services/database/test_authorizer.py
"""
from __future__ import absolute_import, division, print_function

import base64

from carryall.core.auth.checkers import Checker
from carryall.core.auth.credentials import LoginFailed, UsernamePassword
from carryall.core.compat import to_bytes
from carryall.core.crypto import crypto_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
    from carryall.core.database import Pool
    from carryall.core.future import Future

__all__ = ['DatabaseAuthorizer', 'TABLES', 'hashed']

TABLES = (
    u'CREATE TABLE twisted_identities (identity_name VARCHAR(64) PRIMARY KEY, '
    u'password VARCHAR(64))',
    u'CREATE TABLE twisted_services (service_name VARCHAR(64) PRIMARY KEY)',
    u'CREATE TABLE twisted_perspectives (identity_name VARCHAR(64) NOT NULL, '
    u'perspective_name VARCHAR(64) NOT NULL, service_name VARCHAR(64) NOT NULL, '
    u'perspective_type VARCHAR(64))',
)

IDENTITY = u'SELECT password FROM twisted_identities WHERE identity_name = ?'
PERSPECTIVES = (u'SELECT service_name, perspective_name FROM twisted_perspectives '
                u'WHERE identity_name = ? ORDER BY service_name, perspective_name')
NO_ONE = b'sixteen octets !'         # no password has this md5


def _octets(kept):
    # type: (Any) -> bytes
    """The md5 of the table; 1.2 wrote the base64 with an end of line."""
    try:
        return base64.b64decode(to_bytes(kept))
    except (TypeError, ValueError):     # not base64: no password fits
        return NO_ONE


def hashed(password, loop=None):
    # type: (bytes, Any) -> bytes
    """The password as the table has it."""
    return base64.b64encode(crypto_of(loop).hash('md5', password))


class DatabaseAuthorizer(Checker):
    """Accounts of the tables of identities.

    Args:     pool: of the database that has the tables.
    """

    kinds = (UsernamePassword,)

    def __init__(self, pool):
        # type: (Pool) -> None
        self._pool = pool

    def check(self, credentials, loop):
        crypto = crypto_of(loop)
        given = crypto.hash('md5', credentials.password)
        return self.check_hash(credentials.username, lambda known: crypto.equal(known, given))

    def check_hash(self, name, fits):
        # type: (str, Callable[[bytes], bool]) -> Future
        """A Future of *name* if ``fits(md5 of its password)`` is true; LoginFailed if not."""
        def judge(rows):
            # type: (Any) -> str
            # An unknown name is judged as well, and takes as long.
            right = fits(_octets(rows[0][0]) if rows else NO_ONE)
            if not right or not rows:
                raise LoginFailed(u'there is no such identity, or the password is wrong')
            return name

        return self._pool.run_query(IDENTITY, (name,)).then(judge)

    def add_identity(self, name, password, perspectives=()):
        # type: (str, bytes, Any) -> Future
        """Adds an identity.

        Args:     perspectives: (service, name) of each of its perspectives.
        """
        def steps(transaction):
            # type: (Any) -> Any
            added = transaction.execute(
                u'INSERT INTO twisted_identities (identity_name, password) VALUES (?, ?)',
                (name, hashed(password).decode('ascii')))
            rows = [(name, perspective, service) for service, perspective in perspectives]
            return added.then(lambda _: transaction.execute_many(
                u'INSERT INTO twisted_perspectives (identity_name, perspective_name, '
                u'service_name) VALUES (?, ?, ?)', rows)).then(lambda _: None)
        return self._pool.transaction(steps)

    def remove_identity(self, name):
        # type: (str) -> Future
        """Removes an identity and its perspectives; a Future of true if it was there."""
        def steps(transaction):
            # type: (Any) -> Any
            removed = transaction.execute(
                u'DELETE FROM twisted_perspectives WHERE identity_name = ?', (name,))
            return removed.then(lambda _: transaction.execute(
                u'DELETE FROM twisted_identities WHERE identity_name = ?', (name,))).then(
                    lambda rows: bool(rows.count))
        return self._pool.transaction(steps)

    def perspectives_of(self, name):
        # type: (str) -> Future
        """A Future of (service, perspective) of an identity."""
        return self._pool.run_query(PERSPECTIVES, (name,)).then(list)
