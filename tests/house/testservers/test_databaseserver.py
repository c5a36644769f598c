# Copyright the carryall authors.  See LICENSE.
"""The fixture ``database``: the contract of databases over each provider of this runtime."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.compat import PY2
from carryall.core.database import (DatabaseError, IntegrityError, ProgrammingError,
                                    UniqueViolation)
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Return, coroutine
from carryall.pytest_plugin import (  # noqa: F401  fixtures
    database_module, pytest_configure, pytest_generate_tests)
from carryall.testservers import databaseserver
from carryall.testservers.databaseserver import PROVIDERS, DatabaseServer
from tests.support import interpreter

TABLE = u'CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL)'
INSERT = u'INSERT INTO people (id, name) VALUES (?, ?)'
COUNT = u'SELECT count(*) FROM people'


@pytest.fixture
def people(database_module):        # noqa: F811
    """The database, with one empty table."""
    database_module.reset()
    database_module.sql(TABLE)
    return database_module


class Stop(Exception):
    """Ends a transaction."""


def in_pool(database, work):
    """The result of ``work(pool)``, whose database has the table."""
    @coroutine
    def whole():
        yield pool.start()
        if database.provider == 'memory':       # another database than that of the fixture
            yield pool.run_operation(TABLE)
        result = yield work(pool)
        yield pool.close()
        raise Return(result)

    loop = runtimes.choose()
    try:
        pool = database.pool(loop, max_connections=2)
        return loop.run_until(whole())
    finally:
        loop.close()


def test_a_row_comes_back(people):
    people.sql(INSERT, (1, u'\xe4\u20ac'))
    assert people.sql(u'SELECT id, name FROM people') == [(1, u'\xe4\u20ac')]


def test_the_names_of_parameters_work_too(people):
    people.sql(u'INSERT INTO people (id, name) VALUES (:id, :name)', {'id': 2, 'name': u'bert'})
    assert people.sql(u'SELECT name FROM people WHERE id = :id', {'id': 2}).value() == u'bert'


def test_a_change_is_counted(people):
    people.sql(INSERT, (1, u'anna'))
    assert people.sql(u'UPDATE people SET name = ? WHERE id < ?', (u'b', 9)).count == 1


def kind_for(people, kind, plain):
    """The class of an error; of a module of which nothing is known *plain*."""
    return plain if people.provider == 'module' else kind


def test_a_duplicate_key_has_a_class_of_its_own(people):
    people.sql(INSERT, (1, u'anna'))
    with pytest.raises(kind_for(people, UniqueViolation, IntegrityError)):
        people.sql(INSERT, (1, u'again'))


def test_a_value_that_must_be_there_has_the_class_of_constraints(people):
    with pytest.raises(IntegrityError):
        people.sql(INSERT, (1, None))


@pytest.mark.parametrize('statement', [u'SELECT FROM WHERE', u'SELECT id FROM missing'])
def test_a_wrong_statement_has_the_same_class(people, statement):
    with pytest.raises(kind_for(people, ProgrammingError, DatabaseError)):
        people.sql(statement)


def test_a_transaction_counts(people):
    @coroutine
    def steps(transaction):
        yield transaction.execute(INSERT, (1, u'anna'))

    @coroutine
    def work(pool):
        yield pool.transaction(steps)
        rows = yield pool.run_query(COUNT)
        raise Return(rows.value())

    assert in_pool(people, work) == 1


def test_a_transaction_that_fails_leaves_nothing(people):
    @coroutine
    def steps(transaction):
        yield transaction.execute(INSERT, (1, u'anna'))
        raise Stop()

    @coroutine
    def work(pool):
        try:
            yield pool.transaction(steps)
        except Stop:
            pass
        rows = yield pool.run_query(COUNT)
        raise Return(rows.value())

    assert in_pool(people, work) == 0


def test_a_savepoint_takes_back_its_part(people):
    if PY2 and people.provider == 'module' and not interpreter.JYTHON:
        pytest.skip('sqlite3 of Python 2 commits before SAVEPOINT')

    @coroutine
    def inner(transaction):
        yield transaction.execute(INSERT, (2, u'bert'))
        raise Stop()

    @coroutine
    def steps(transaction):
        yield transaction.execute(INSERT, (1, u'anna'))
        try:
            yield transaction.nested(inner)
        except Stop:
            pass

    @coroutine
    def work(pool):
        yield pool.transaction(steps)
        rows = yield pool.run_query(u'SELECT id FROM people')
        raise Return(list(rows))

    assert in_pool(people, work) == [(1,)]


def test_rows_come_in_portions(people):
    @coroutine
    def work(pool):
        yield pool.transaction(
            lambda transaction: transaction.execute_many(INSERT, [(number, u'x')
                                                                  for number in range(25)]))
        sizes = []
        yield pool.stream(u'SELECT id FROM people ORDER BY id', (),
                          lambda rows: sizes.append(len(rows)), 10)
        raise Return(sizes)

    assert in_pool(people, work) == [10, 10, 5]


def test_tables_are_dropped(people):
    people.reset()
    with pytest.raises(DatabaseError):
        people.sql(COUNT)


def test_an_unknown_provider_is_told():
    with pytest.raises(UsageError):
        DatabaseServer(provider='nonsense')


def test_a_file_has_no_server_to_stop():
    with DatabaseServer(provider='sqlite') as database:
        with pytest.raises(Unsupported):
            database.stop()


def test_the_environment_chooses_a_provider(monkeypatch):
    monkeypatch.setenv('CARRYALL_DATABASE_PROVIDER', 'memory')
    assert DatabaseServer().provider == 'memory'


def test_each_runtime_has_postgresql():
    assert 'postgresql' in PROVIDERS


def test_a_program_without_postgresql_says_so(monkeypatch):
    monkeypatch.setattr(databaseserver, 'FIXTURES', ())
    with pytest.raises(Unsupported):
        DatabaseServer(provider='postgresql').start()
