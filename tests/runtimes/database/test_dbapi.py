# Copyright the carryall authors.  See LICENSE.
"""Connections of modules of DB-API 2.0 that differ from each other."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.database import (ConnectionGone, DatabaseLocked, OperationalError,
                                    SerializationFailure, UniqueViolation)
from carryall.core.errors import UsageError
from carryall.core.database.sqltext import first_word
from carryall.runtimes.database.dbapi import DBAPIConnection, counts_rows


class Module(object):
    """A module whose connections do what a test tells them."""

    __name__ = 'module'
    apilevel = '2.0'
    paramstyle = 'pyformat'

    class Error(Exception):
        """The root of its errors."""

    class OperationalError(Error):
        """One of its errors."""

    Warning = Warning

    def connect(self, *args, **named):
        """Says with what it was called."""
        raise self.OperationalError('%r %r' % (args, sorted(named)))


class Raw(object):
    """A connection of that module, and its own cursor."""

    description = None
    rowcount = 3
    closed = 0

    def __init__(self, fault=None, rollback_fault=None):
        self.fault = fault
        self.rollback_fault = rollback_fault
        self.said = []

    def cursor(self):
        """The cursor."""
        return self

    def execute(self, text, parameters):
        """Fails if it was told so."""
        self.said.append((text, parameters))
        if self.fault is not None:
            raise self.fault

    def commit(self):
        """Notes it."""
        self.said.append('commit')

    def rollback(self):
        """Fails if it was told so."""
        self.said.append('rollback')
        if self.rollback_fault is not None:
            raise self.rollback_fault

    def close(self):
        """Nothing."""


def _connection(fault=None, rollback_fault=None):
    return DBAPIConnection(Raw(fault, rollback_fault), Module(), 'postgres')


def _with(name, value, message='no'):
    exc = Module.Error(message)
    setattr(exc, name, value)
    return exc


@pytest.mark.parametrize('fault, kind', [
    (_with('pgcode', '23505'), UniqueViolation), (_with('sqlstate', '40001'), SerializationFailure),
    (_with('pgcode', None, {'C': '55P03', 'M': 'locked'}), DatabaseLocked),
    (Module.OperationalError('no'), OperationalError), (_with('pgcode', '57P01'), ConnectionGone)])
def test_the_error_of_a_module_becomes_ours(fault, kind):
    with pytest.raises(kind) as caught:
        _connection(fault).execute(u'SELECT 1')
    assert type(caught.value) is kind


def test_the_parameters_have_the_style_of_the_module():
    connection = _connection()
    connection.execute(u'UPDATE t SET a = ?', (1,))
    assert connection.raw.said[0] == (u'UPDATE t SET a = %(p1)s', {'p1': 1})


def test_a_statement_is_committed():
    connection = _connection()
    connection.execute(u'UPDATE t SET a = 1')
    assert connection.raw.said[-1] == 'commit'


def test_a_statement_in_a_transaction_is_not_committed():
    connection = _connection()
    connection.begin()
    connection.execute(u'UPDATE t SET a = 1')
    assert 'commit' not in connection.raw.said


def test_a_statement_that_fails_is_rolled_back():
    connection = _connection(Module.Error('no'))
    with pytest.raises(Exception):
        connection.execute(u'SELECT 1')
    assert connection.raw.said[-1] == 'rollback'


def test_a_connection_that_cannot_roll_back_is_gone():
    connection = _connection(Module.Error('no'), Module.Error('no'))
    with pytest.raises(Exception):
        connection.execute(u'SELECT 1')
    assert connection.gone


def test_a_connection_that_says_it_is_closed_is_gone():
    connection = _connection(Module.Error('no'))
    connection.raw.closed = 1
    with pytest.raises(ConnectionGone):
        connection.execute(u'SELECT 1')


def test_the_level_of_isolation_is_the_first_statement():
    connection = _connection()
    connection.begin(u'serializable', True)
    assert connection.raw.said == [
        (u'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY', ())]


@pytest.mark.parametrize('query, word', [
    (u' select 1', 'SELECT'), (u'-- x\n insert', 'INSERT'), (u'/* a */ update', 'UPDATE'),
    (u'', '')])
def test_the_first_word_of_a_statement_is_found(query, word):
    assert first_word(query) == word


@pytest.mark.parametrize('query, counts', [
    (u'INSERT INTO t', True), (u'SELECT 1', False), (u'CREATE TABLE t', False),
    (u'WITH a AS (SELECT 1) DELETE FROM t', True), (u'WITH a AS (SELECT 1) SELECT 1', False)])
def test_only_changes_count_rows(query, counts):
    assert counts_rows(query) is counts


def test_a_module_is_connected_with_its_arguments():
    loop = runtimes.choose()
    driver = loop.database_module(Module(), 'host', user='anna')
    with pytest.raises(OperationalError) as caught:
        loop.run_until(driver.connect(loop))
    loop.close()
    assert caught.value.message == u"('host',) ['user']"


@pytest.mark.parametrize('module', ['carryall.no_such_module', 'carryall'])
def test_a_module_that_is_none_is_refused(module):
    loop = runtimes.choose()
    with pytest.raises(UsageError):
        loop.database_module(module)
    loop.close()


@pytest.mark.parametrize('location', [u'', u'file.db', u'sqlite:', u'sqlite::memory:', u'x:y'])
def test_a_location_that_is_none_is_refused(location):
    loop = runtimes.choose()
    with pytest.raises(UsageError):
        loop.database_driver(location)
    loop.close()
