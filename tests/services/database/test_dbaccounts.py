# Copyright the carryall authors.  See LICENSE.
"""Accounts in a database."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.app.datastore import DataStore
from carryall.core.auth import verifiers
from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.errors import Unsupported, UsageError
from carryall.services.database.dbaccounts import STORE, DatabaseAccounts


class Bench(object):
    """Accounts in memory, with one that is there."""

    def __init__(self):
        self.loop = runtimes.choose()
        self.store = DataStore(STORE, u'memory:')
        try:
            self.run(self.store.open(self.loop))
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))
        self.accounts = DatabaseAccounts(self.store)
        self.set(u'anna', b'secret')

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def set(self, name, password):
        """Sets a password."""
        return self.run(self.accounts.set_password(name, password, self.loop, 'scram-sha-256'))

    def check(self, name, password):
        """The name of the account, if the password is right."""
        return self.run(self.accounts.check(UsernamePassword(name, password), self.loop))

    def close(self):
        """Ends it all."""
        self.run(self.store.close())
        self.loop.close()


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.setattr(verifiers, 'ITERATIONS', 10)
    made = Bench()
    yield made
    made.close()


def test_a_right_password_is_taken(bench):
    assert bench.check(u'anna', b'secret') == u'anna'


@pytest.mark.parametrize('name, password', [(u'anna', b'wrong'), (u'bert', b'secret'),
                                            (u'anna', b'x' * 5000)])
def test_a_wrong_login_is_refused(bench, name, password):
    with pytest.raises(LoginFailed):
        bench.check(name, password)


def test_a_password_is_replaced(bench):
    bench.set(u'anna', b'other')
    assert bench.check(u'anna', b'other') == u'anna'


def test_an_account_is_removed(bench):
    assert bench.run(bench.accounts.remove(u'anna')) is True
    assert bench.run(bench.accounts.names()) == []


def test_accounts_are_listed(bench):
    assert bench.run(bench.accounts.names()) == [u'anna']


def test_a_name_that_is_none_is_refused(bench):
    with pytest.raises(UsageError):
        bench.accounts.set_password(u'', b'x', bench.loop)


def test_a_database_that_fails_judges_no_one(bench):
    bench.run(bench.store.pool.run_operation(u'DROP TABLE accounts'))
    with pytest.raises(LoginUnavailable):
        bench.check(u'anna', b'secret')


def test_the_verifier_is_no_password(bench):
    rows = bench.run(bench.store.pool.run_query(u'SELECT verifier FROM accounts'))
    assert b'secret' not in rows.value().encode('utf-8')


def test_keys_are_of_the_scheme_that_was_asked_for(bench):
    rows = bench.run(bench.store.pool.run_query(u'SELECT verifier FROM accounts'))
    assert u'scram-sha-256' in rows.value().lower()
