# Copyright the carryall authors.  See LICENSE.
"""Connections of JDBC that keep the database contract.

Tests:    tests/runtimes/database/test_jdbc.py
"""
from __future__ import absolute_import, division, print_function

from java.lang import Throwable

from carryall.core.database.sqltext import first_word
from carryall.core.errors import Unsupported
from carryall.runtimes.database import jdbc
from carryall.runtimes.database.dbapi import DBAPIConnection
from carryall.runtimes.database.jdbcjars import driver_for
from carryall.runtimes.database.ownthread import OwnThreadDriver
from carryall.runtimes.database.sqlitecodes import prepare, with_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict
    from carryall.core.database import Driver

__all__ = ['JDBCConnection', 'SQLiteJDBCConnection', 'sqlite_opener', 'url_driver']

BUSY_SECONDS = 5.0          # how long a statement waits for the lock of another connection


def url_driver(url, options):
    # type: (str, Dict[str, Any]) -> Driver
    """The driver for a URL of JDBC.

    Raises:   Unsupported: it is missing.
    """
    words = url.split(':')
    scheme = words[1].lower() if len(words) > 2 else ''
    driver_for(scheme)
    if scheme == 'sqlite':
        path = url[len('jdbc:sqlite:'):]
        return OwnThreadDriver(sqlite_opener(path, options), scheme, url, path == ':memory:')
    return OwnThreadDriver(lambda: JDBCConnection(jdbc.connect(url, **options)),
                           jdbc.dialect_of(url), url.partition('?')[0], False)


def sqlite_opener(path, options):
    # type: (str, Dict[str, Any]) -> Callable[[], SQLiteJDBCConnection]
    """Opens the database of SQLite in the file *path*.

    Raises:   Unsupported: the driver, or its native part, is missing.
    """
    driver_for('sqlite')
    busy_seconds = options.get('busy_seconds', BUSY_SECONDS)

    def open_blocking():
        # type: () -> SQLiteJDBCConnection
        try:
            raw = jdbc.connect('jdbc:sqlite:' + path, busy_timeout=int(busy_seconds * 1000))
        except jdbc.Error as exc:
            if isinstance(exc.cause, Throwable) and _lacks_library(exc.cause):
                raise Unsupported(
                    u'the native part of the driver of SQLite is missing for this machine '
                    u'(Debian: libxerial-sqlite-jdbc-jni); H2 needs none: jdbc:h2:PATH', exc.cause)
            raise
        connection = SQLiteJDBCConnection(raw)
        try:
            prepare(connection.execute, options.get('durable', False), busy_seconds)
        except jdbc.Error as exc:
            connection.close()
            raise with_path(exc, path)
        return connection
    return open_blocking


def _lacks_library(cause):
    # type: (Any) -> bool
    while cause is not None:
        if cause.getClass().getName() in ('java.lang.UnsatisfiedLinkError',
                                          'java.lang.NoClassDefFoundError',
                                          'org.sqlite.NativeLibraryNotFoundException'):
            return True
        cause = cause.getCause()
    return False


class JDBCConnection(DBAPIConnection):
    """A connection of JDBC."""

    def __init__(self, raw):
        # type: (Any) -> None
        DBAPIConnection.__init__(self, raw, jdbc, raw.dialect)

    def begin_raw(self, isolation, read_only):
        self.raw.begin(isolation, read_only)

    def converter(self, cursor):
        return None             # its cursors give values of Python

    def error(self, exc):
        if isinstance(exc, Throwable):
            return jdbc.error_of_java(exc)
        return DBAPIConnection.error(self, exc)


class SQLiteJDBCConnection(JDBCConnection):
    """A connection to SQLite, whose transactions are begun by statements."""

    whole_statements = True

    def __init__(self, raw):
        # type: (Any) -> None
        JDBCConnection.__init__(self, raw)
        raw.do(raw.raw.setAutoCommit, True)

    def begin_raw(self, isolation, read_only):
        # Who will write takes the lock now: two who have read can both not go on to write.
        self._plainly('BEGIN' if read_only else 'BEGIN IMMEDIATE')

    def commit_raw(self):
        self._plainly('COMMIT')

    def rollback_raw(self):
        # As with sqlite3: BEGIN is an error in a transaction, and ROLLBACK outside of one.
        try:
            self._plainly('BEGIN')
        except jdbc.Error:
            pass
        self._plainly('ROLLBACK')

    def _plainly(self, text):
        # type: (str) -> None
        statement = self.raw.raw.createStatement()
        try:
            self.raw.do(statement.execute, text)
        finally:
            statement.close()

    def end_statement(self, worked):
        """Nothing: without a transaction each statement is one."""

    def last_id_of(self, cursor, text):
        if first_word(text) not in ('INSERT', 'REPLACE'):
            return None
        return self.statement(u'SELECT last_insert_rowid()').fetchone()[0]
