# Copyright the carryall authors.  See LICENSE.
"""SQLite on every runtime: faults of files, locks, cancelled statements, values."""
from __future__ import absolute_import, division, print_function

import datetime
from decimal import Decimal

import pytest

from carryall import runtimes
from carryall.core.database import (DatabaseLocked, DataError, ForeignDatabase, OperationalError,
                                    StatementCancelled, StorageFull, UniqueViolation)
from carryall.core.errors import Cancelled, Unsupported

ENDLESS = (u'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) '
           u'SELECT count(*) FROM n')


@pytest.fixture
def loop():
    made = runtimes.choose()
    yield made
    made.close()


def _connect(loop, path, **options):
    try:
        driver = loop.database_driver(u'sqlite:%s' % path, **options)
    except Unsupported as exc:
        pytest.skip(str(exc))
    return loop.run_until(driver.connect(loop))


@pytest.fixture
def connection(loop, tmpdir):
    made = _connect(loop, tmpdir.join('test.db'))
    loop.run_until(made.execute(u'CREATE TABLE t (id INTEGER PRIMARY KEY, a)'))
    yield made
    loop.run_until(made.close())


@pytest.mark.parametrize('value, kept', [
    (True, 1), (1.5, 1.5), (2 ** 63 - 1, 2 ** 63 - 1), (Decimal('1.10'), u'1.10'),
    (datetime.datetime(2020, 1, 2, 3, 4, 5), u'2020-01-02 03:04:05'), (u'a\x00b', u'a\x00b')])
def test_a_value_is_stored_the_same_everywhere(loop, connection, value, kept):
    loop.run_until(connection.execute(u'INSERT INTO t (a) VALUES (?)', (value,)))
    assert loop.run_until(connection.execute(u'SELECT a FROM t')).value() == kept


def test_the_key_of_a_new_row_is_told(loop, connection):
    loop.run_until(connection.execute(u'INSERT INTO t (id) VALUES (5)'))
    assert loop.run_until(connection.execute(u'INSERT INTO t (a) VALUES (1)')).last_id == 6


def test_an_integer_that_is_too_long_is_a_data_error(loop, connection):
    with pytest.raises(DataError):
        loop.run_until(connection.execute(u'SELECT ?', (2 ** 63,)))


def test_a_duplicate_key_has_a_class_of_its_own(loop, connection):
    loop.run_until(connection.execute(u'INSERT INTO t (id) VALUES (5)'))
    with pytest.raises(UniqueViolation):
        loop.run_until(connection.execute(u'INSERT INTO t (id) VALUES (5)'))


def test_a_statement_that_takes_too_long_is_cancelled(loop, connection):
    with pytest.raises(StatementCancelled):
        loop.run_until(connection.execute(ENDLESS, timeout=0.1))
    loop.run_until(connection.reset())
    assert loop.run_until(connection.execute(u'SELECT 1')).value() == 1


def test_a_cancelled_future_cancels_its_statement(loop, connection):
    endless = connection.execute(ENDLESS)
    loop.call_later(0.1, endless.cancel)
    with pytest.raises(Cancelled):
        loop.run_until(endless)
    assert loop.run_until(connection.execute(u'SELECT 1')).value() == 1


def test_a_lock_of_another_connection_is_waited_for_no_longer_than_asked(loop, tmpdir, connection):
    other = _connect(loop, tmpdir.join('test.db'), busy_seconds=0.1)
    loop.run_until(connection.begin())
    with pytest.raises(DatabaseLocked):
        loop.run_until(other.begin())
    loop.run_until(other.close())


def test_a_reader_needs_no_lock(loop, tmpdir, connection):
    other = _connect(loop, tmpdir.join('test.db'), busy_seconds=0.1)
    loop.run_until(connection.begin())
    loop.run_until(other.begin(read_only=True))
    rows = loop.run_until(other.execute(u'SELECT count(*) FROM t'))
    loop.run_until(other.close())
    assert rows.value() == 0


def test_a_file_of_another_program_is_refused(loop, tmpdir):
    tmpdir.join('other.db').write_binary(b'This is a text and no database.\n' * 100)
    with pytest.raises(ForeignDatabase):
        _connect(loop, tmpdir.join('other.db'))


def test_a_folder_that_does_not_exist_is_refused(loop, tmpdir):
    with pytest.raises(OperationalError):
        _connect(loop, tmpdir.join('missing', 'test.db'))


def test_a_full_database_is_a_class_of_its_own(loop, connection):
    pages = loop.run_until(connection.execute(u'PRAGMA page_count')).value()
    loop.run_until(connection.execute(u'PRAGMA max_page_count = %d' % (pages + 2)))
    with pytest.raises(StorageFull):
        loop.run_until(connection.execute(u'INSERT INTO t (a) VALUES (?)', (b'x' * 100000,)))


def test_committed_rows_outlive_a_full_database(loop, connection):
    loop.run_until(connection.execute(u'INSERT INTO t (a) VALUES (1)'))
    pages = loop.run_until(connection.execute(u'PRAGMA page_count')).value()
    loop.run_until(connection.execute(u'PRAGMA max_page_count = %d' % (pages + 2)))
    loop.run_until(connection.begin())
    with pytest.raises(StorageFull):
        loop.run_until(connection.execute(u'INSERT INTO t (a) VALUES (?)', (b'x' * 100000,)))
    loop.run_until(connection.reset())
    assert loop.run_until(connection.execute(u'SELECT a FROM t')) == [(1,)]


def test_foreign_keys_are_enforced(loop, connection):
    loop.run_until(connection.execute(u'CREATE TABLE u (t INTEGER REFERENCES t (id))'))
    with pytest.raises(Exception) as caught:
        loop.run_until(connection.execute(u'INSERT INTO u (t) VALUES (99)'))
    assert caught.value.sqlstate == '23503'
