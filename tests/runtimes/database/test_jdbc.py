# Copyright the carryall authors.  See LICENSE.
"""DB-API 2.0 over JDBC: drivers, values, errors."""
from __future__ import absolute_import, division, print_function

import datetime
from decimal import Decimal

import pytest

from carryall import runtimes
from carryall.core.database import (DatabaseError, InterfaceError, ProgrammingError,
                                    UniqueViolation)
from carryall.core.database.sqlvalues import utc
from carryall.core.database.syncconnection import Binary
from carryall.core.errors import Unsupported
from tests.support import interpreter

pytestmark = pytest.mark.skipif(not interpreter.JYTHON, reason='JDBC is on Jython alone')

MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, 600000)
VALUES = [
    (u'NUMERIC(30, 10)', Decimal('12345678901234567890.0123456789')), (u'BOOLEAN', True),
    (u'BIGINT', 2 ** 62), (u'DOUBLE PRECISION', 1.5), (u'VARCHAR(20)', u'\xe4'),
    (u'VARBINARY(20)', Binary(b'\x00\xff')), (u'DATE', datetime.date(2020, 1, 2)),
    (u'TIME(6)', datetime.time(3, 4, 5)), (u'TIMESTAMP', MOMENT), (u'CLOB', u'long'),
    (u'TIMESTAMP WITH TIME ZONE', MOMENT.replace(tzinfo=utc)), (u'INTEGER', None),
]


@pytest.fixture
def h2():
    """A connection of H2, in memory."""
    from carryall.runtimes.database import jdbc
    try:
        made = jdbc.connect('jdbc:h2:mem:')
    except Unsupported as exc:
        pytest.skip(str(exc))
    yield made
    made.close()


@pytest.mark.parametrize('kind, value', VALUES)
def test_a_value_comes_back(h2, kind, value):
    cursor = h2.cursor()
    cursor.execute(u'CREATE TABLE t (a %s)' % kind)
    cursor.execute(u'INSERT INTO t (a) VALUES (?)', (value,))
    cursor.execute(u'SELECT a FROM t')
    assert cursor.fetchall() == [(value,)]


def test_changes_are_counted(h2):
    cursor = h2.cursor()
    cursor.execute(u'CREATE TABLE t (a INTEGER)')
    cursor.executemany(u'INSERT INTO t (a) VALUES (?)', [(1,), (2,), (3,)])
    assert cursor.rowcount == 3


def test_a_duplicate_key_has_a_class_of_its_own(h2):
    cursor = h2.cursor()
    cursor.execute(u'CREATE TABLE t (a INTEGER PRIMARY KEY)')
    cursor.execute(u'INSERT INTO t (a) VALUES (1)')
    with pytest.raises(UniqueViolation):
        cursor.execute(u'INSERT INTO t (a) VALUES (1)')


def test_an_error_has_a_state(h2):
    with pytest.raises(DatabaseError) as caught:
        h2.cursor().execute(u'SELECT nothing')
    assert caught.value.sqlstate == '42S22'


def test_a_rollback_takes_changes_back(h2):
    cursor = h2.cursor()
    cursor.execute(u'CREATE TABLE t (a INTEGER)')
    h2.commit()
    cursor.execute(u'INSERT INTO t (a) VALUES (1)')
    h2.rollback()
    cursor.execute(u'SELECT count(*) FROM t')
    assert cursor.fetchone() == (0,)


def test_a_closed_cursor_is_of_no_use(h2):
    cursor = h2.cursor()
    cursor.close()
    with pytest.raises(InterfaceError):
        cursor.execute(u'SELECT 1')


def test_a_cursor_without_rows_fetches_nothing(h2):
    with pytest.raises(InterfaceError):
        h2.cursor().fetchone()


@pytest.mark.parametrize('url', [u'jdbc:nosuch:x', u'jdbc:'])
def test_a_database_without_a_driver_is_refused(url):
    loop = runtimes.choose()
    with pytest.raises(Unsupported):
        loop.database_driver(url)
    loop.close()


def test_octets_of_a_blob_come_back(h2):
    cursor = h2.cursor()
    cursor.execute(u'CREATE TABLE t (a BLOB)')
    cursor.execute(u'INSERT INTO t (a) VALUES (?)', (Binary(b'\x00\xff'),))
    cursor.execute(u'SELECT a FROM t')
    assert cursor.fetchall() == [(b'\x00\xff',)]


def test_a_str_is_text(h2):
    cursor = h2.cursor()
    cursor.execute(u'SELECT CAST(? AS VARCHAR(9))', ('plain',))
    assert cursor.fetchone() == (u'plain',)


def test_a_str_of_octets_is_refused(h2):
    with pytest.raises(ProgrammingError):
        h2.cursor().execute(u'SELECT CAST(? AS VARCHAR(9))', (b'\xff',))


def test_a_function_is_called(h2):
    cursor = h2.cursor()
    cursor.callproc('lower', (u'ABC',))
    assert cursor.fetchall() == [(u'abc',)]


def test_a_statement_is_no_function(h2):
    with pytest.raises(ProgrammingError):
        h2.cursor().callproc('lower(1); SELECT ', ())


def test_closing_twice_is_an_error(h2):
    from carryall.runtimes.database import jdbc
    other = jdbc.connect('jdbc:h2:mem:')
    other.close()
    with pytest.raises(InterfaceError):
        other.close()
