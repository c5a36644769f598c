# Copyright the carryall authors.  See LICENSE.
"""The tables of identities as a checker."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.credentials import LoginFailed, UsernamePassword
from carryall.services.database.authorizer import TABLES, DatabaseAuthorizer
from tests.services.database.support import database

__all__ = ['database']


@pytest.fixture
def authorizer(database):
    for statement in TABLES:
        database.ask(statement)
    made = DatabaseAuthorizer(database.pool)
    database.run(made.add_identity(u'anna', b'secret', [(u'words', u'anna'), (u'news', u'a')]))
    return made


def _check(database, authorizer, name, password):
    return database.run(authorizer.check(UsernamePassword(name, password), database.loop))


def test_a_right_password_is_taken(database, authorizer):
    assert _check(database, authorizer, u'anna', b'secret') == u'anna'


@pytest.mark.parametrize('name, password', [(u'anna', b'wrong'), (u'bert', b'secret'),
                                            (u"' OR 1=1 --", b'secret')])
def test_a_wrong_login_is_refused(database, authorizer, name, password):
    with pytest.raises(LoginFailed):
        _check(database, authorizer, name, password)


def test_a_password_that_ends_in_a_line_end_is_taken(database, authorizer):
    database.ask(u"UPDATE twisted_identities SET password = password || char(10)")
    assert _check(database, authorizer, u'anna', b'secret') == u'anna'


def test_perspectives_are_told(database, authorizer):
    assert database.run(authorizer.perspectives_of(u'anna')) == [(u'news', u'a'),
                                                                 (u'words', u'anna')]


def test_an_identity_is_removed(database, authorizer):
    assert database.run(authorizer.remove_identity(u'anna')) is True
    assert database.ask(u'SELECT count(*) FROM twisted_perspectives').value() == 0


def test_an_identity_that_is_missing_is_not_removed(database, authorizer):
    assert database.run(authorizer.remove_identity(u'bert')) is False
