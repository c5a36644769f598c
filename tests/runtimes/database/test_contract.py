# Copyright the carryall authors.  See LICENSE.
"""The contract of connections over each provider of this runtime."""
from __future__ import absolute_import, division, print_function

import threading

import pytest

from carryall import runtimes
from carryall.core.database import (ConnectionGone, DatabaseError, DataError, IntegrityError,
                                    InternalError, InterfaceError, ProgrammingError,
                                    UniqueViolation)
from carryall.core.future import gather
from carryall.runtimes.database import dbapi
from tests.runtimes.database import providers
from tests.support import interpreter

TABLE = (u'CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL, age INTEGER, '
         u'picture %s)')
TEXTS = [u'', u'anna', u'\xe4\u20ac', u'\U0001f600', u"it's \"quoted\" ? :x %s", u'x' * 90]
OCTETS = [b'', b'\x00', bytes(bytearray(range(256)))]
NUMBERS = [0, 1, -1, 2 ** 31 - 1, -2 ** 31]


@pytest.fixture(params=providers.NAMES)
def opened(request, tmpdir):
    """The loop, and a connection to a database with one empty table."""
    loop = runtimes.choose()
    driver = providers.driver_of(request.param, loop, tmpdir)
    connection = loop.run_until(driver.connect(loop))
    binary = u'VARBINARY(1000)' if request.param == 'h2' else u'BLOB'
    loop.run_until(connection.execute(TABLE % binary))
    yield loop.run_until, connection
    loop.run_until(connection.close())
    loop.close()


def _insert(run, connection, name=u'anna', age=30, number=1):
    return run(connection.execute(u'INSERT INTO people (id, name, age) VALUES (?, ?, ?)',
                                  (number, name, age)))


def _count(run, connection):
    return run(connection.execute(u'SELECT count(*) FROM people')).value()


def test_a_query_gives_its_rows(opened):
    run, connection = opened
    _insert(run, connection)
    assert run(connection.execute(u'SELECT name, age FROM people')) == [(u'anna', 30)]


def test_a_query_gives_the_names_of_its_columns(opened):
    run, connection = opened
    rows = run(connection.execute(u'SELECT name, age FROM people'))
    assert [name.lower() for name in rows.columns] == [u'name', u'age']


def test_a_query_gives_the_number_of_its_rows(opened):
    run, connection = opened
    _insert(run, connection)
    assert run(connection.execute(u'SELECT name FROM people')).count == 1


@pytest.mark.parametrize('statement, count', [
    (u'INSERT INTO people (id, name) VALUES (7, \'bert\')', 1),
    (u'UPDATE people SET age = 31', 1), (u'UPDATE people SET age = 31 WHERE id = 99', 0),
    (u'DELETE FROM people', 1)])
def test_a_change_gives_the_number_of_rows(opened, statement, count):
    run, connection = opened
    _insert(run, connection)
    assert run(connection.execute(statement)).count == count


def test_a_statement_that_changes_no_rows_has_no_number(opened):
    run, connection = opened
    _insert(run, connection)
    assert run(connection.execute(u'CREATE TABLE other (a INTEGER)')).count is None


@pytest.mark.parametrize('text', TEXTS)
def test_text_comes_back(opened, text):
    run, connection = opened
    _insert(run, connection, text)
    assert run(connection.execute(u'SELECT name FROM people')) == [(text,)]


@pytest.mark.parametrize('octets', OCTETS)
def test_octets_come_back(opened, octets):
    run, connection = opened
    run(connection.execute(u'INSERT INTO people (id, name, picture) VALUES (1, ?, ?)',
                           (u'a', octets)))
    found = run(connection.execute(u'SELECT picture FROM people')).value()
    assert (type(found), found) == (bytes, octets)


@pytest.mark.parametrize('number', NUMBERS)
def test_a_number_comes_back(opened, number):
    run, connection = opened
    _insert(run, connection, age=number)
    assert run(connection.execute(u'SELECT age FROM people')).value() == number


def test_null_comes_back(opened):
    run, connection = opened
    _insert(run, connection, age=None)
    assert run(connection.execute(u'SELECT age FROM people')).value() is None


def test_parameters_may_have_names(opened):
    run, connection = opened
    _insert(run, connection)
    rows = run(connection.execute(u'SELECT age FROM people WHERE name = :name OR name = :name',
                                  {'name': u'anna'}))
    assert rows.value() == 30


def test_parameters_may_have_another_style(opened):
    run, connection = opened
    _insert(run, connection)
    rows = run(connection.execute(u'SELECT age FROM people WHERE name = %s', (u'anna',),
                                  style='format'))
    assert rows.value() == 30


def test_a_wrong_statement_is_a_programming_error(opened):
    run, connection = opened
    with pytest.raises(DatabaseError):
        run(connection.execute(u'SELEC name'))


def test_a_wrong_number_of_parameters_is_a_programming_error(opened):
    run, connection = opened
    with pytest.raises(ProgrammingError):
        run(connection.execute(u'SELECT ?', ()))


def test_a_duplicate_key_is_an_integrity_error(opened):
    run, connection = opened
    _insert(run, connection)
    with pytest.raises(IntegrityError):
        _insert(run, connection)


def test_a_missing_value_is_an_integrity_error(opened):
    run, connection = opened
    with pytest.raises(IntegrityError) as caught:
        _insert(run, connection, None)
    assert not isinstance(caught.value, UniqueViolation)


def test_a_connection_works_on_after_an_error(opened):
    run, connection = opened
    _insert(run, connection)
    with pytest.raises(IntegrityError):
        _insert(run, connection)
    assert _count(run, connection) == 1


def test_many_rows_are_inserted(opened):
    run, connection = opened
    rows = [(number, u'n%d' % number) for number in range(50)]
    assert run(connection.execute_many(u'INSERT INTO people (id, name) VALUES (?, ?)', rows)) == 50


def test_many_rows_are_inserted_all_or_none(opened):
    run, connection = opened
    with pytest.raises(IntegrityError):
        run(connection.execute_many(u'INSERT INTO people (id, name) VALUES (?, ?)',
                                    [(1, u'a'), (2, u'b'), (1, u'c')]))
    assert _count(run, connection) == 0


def test_many_of_none_change_nothing(opened):
    run, connection = opened
    assert run(connection.execute_many(u'INSERT INTO people (id) VALUES (?)', [])) == 0


def test_a_transaction_is_committed(opened):
    run, connection = opened
    run(connection.begin())
    _insert(run, connection)
    run(connection.commit())
    run(connection.rollback())
    assert _count(run, connection) == 1


def test_a_transaction_is_rolled_back(opened):
    run, connection = opened
    run(connection.begin())
    _insert(run, connection)
    run(connection.rollback())
    assert _count(run, connection) == 0


def test_a_second_begin_is_an_error(opened):
    run, connection = opened
    run(connection.begin())
    with pytest.raises(InternalError):
        run(connection.begin())


def test_a_commit_without_begin_is_an_error(opened):
    run, connection = opened
    with pytest.raises(InternalError):
        run(connection.commit())


def test_a_rollback_without_begin_does_nothing(opened):
    run, connection = opened
    run(connection.rollback())
    assert _count(run, connection) == 0


def test_a_transaction_goes_back_to_a_savepoint(opened):
    run, connection = opened
    if interpreter.PY2 and not connection.dialect:
        pytest.skip('sqlite3 of Python 2 commits before SAVEPOINT, unless it is told not to')
    run(connection.begin())
    _insert(run, connection)
    run(connection.savepoint('here'))
    _insert(run, connection, number=2)
    run(connection.rollback_to('here'))
    run(connection.commit())
    assert _count(run, connection) == 1


def test_the_name_of_a_savepoint_is_checked(opened):
    _, connection = opened
    with pytest.raises(ProgrammingError):
        connection.savepoint('a; DROP TABLE people')


def test_a_connection_in_a_transaction_is_dirty(opened):
    run, connection = opened
    run(connection.begin())
    _insert(run, connection)
    assert connection.dirty


def test_reset_rolls_back(opened):
    run, connection = opened
    run(connection.begin())
    _insert(run, connection)
    run(connection.reset())
    assert (_count(run, connection), connection.dirty) == (0, False)


def test_rows_are_streamed(opened):
    run, connection = opened
    run(connection.execute_many(u'INSERT INTO people (id, name) VALUES (?, ?)',
                                [(number, u'n') for number in range(5)]))
    run(connection.begin())
    stream = run(connection.stream(u'SELECT id FROM people ORDER BY id', (), 2))
    parts = [run(stream.fetch()) for _ in range(4)]
    run(stream.close())
    assert parts == [[(0,), (1,)], [(2,), (3,)], [(4,)], []]


def test_only_rows_are_streamed(opened):
    run, connection = opened
    run(connection.begin())
    with pytest.raises(InterfaceError):
        run(connection.stream(u'DELETE FROM people'))


def test_a_statement_with_too_many_rows_is_refused(opened, monkeypatch):
    run, connection = opened
    monkeypatch.setattr(dbapi, 'MAX_ROWS', 3)
    run(connection.execute_many(u'INSERT INTO people (id, name) VALUES (?, ?)',
                                [(number, u'n') for number in range(5)]))
    with pytest.raises(DataError):
        run(connection.execute(u'SELECT id FROM people'))
    assert len(run(connection.execute(u'SELECT id FROM people WHERE id < 3'))) == 3


def test_statements_are_executed_each_for_itself(opened):
    run, connection = opened
    if interpreter.PY2 and not connection.dialect:
        pytest.skip('sqlite3 of Python 2 commits before SAVEPOINT, unless it is told not to')
    insert = u'INSERT INTO people (id, name) VALUES (?, ?)'
    run(connection.begin())
    outcomes = run(connection.execute_each([(insert, (1, u'a')), (insert, (1, u'b')),
                                            (insert, (2, None)), (insert, (3, u'c'))]))
    run(connection.commit())
    assert [isinstance(each, IntegrityError) for each in outcomes] == [False, True, True, False]
    assert (outcomes[0].count, outcomes[3].count, _count(run, connection)) == (1, 1, 2)


def test_calls_wait_for_each_other(opened):
    run, connection = opened
    results = run(gather([connection.execute(u'SELECT %d' % number) for number in range(20)]))
    assert [rows.value() for rows in results] == list(range(20))


def test_a_ping_is_answered(opened):
    run, connection = opened
    assert run(connection.ping()) is None


def test_calls_are_done_in_a_thread_of_the_connection(opened):
    run, connection = opened
    first = run(connection.call(lambda blocking: threading.current_thread().name))
    assert first == run(connection.call(lambda blocking: threading.current_thread().name))
    assert first != threading.current_thread().name


def test_a_closed_connection_is_gone(opened):
    run, connection = opened
    run(connection.close())
    with pytest.raises(ConnectionGone):
        run(connection.execute(u'SELECT 1'))


def test_closing_twice_does_no_harm(opened):
    run, connection = opened
    run(connection.close())
    assert run(connection.close()) is None


def test_closing_ends_the_thread(opened):
    run, connection = opened
    thread = run(connection.call(lambda blocking: threading.current_thread()))
    run(connection.close())
    thread.join(5.0)
    assert not thread.is_alive()
