# Copyright the carryall authors.  See LICENSE.
"""SQLite by the standard library's module, on CPython and PyPy.

Tests:    tests/runtimes/database/
"""
from __future__ import absolute_import, division, print_function

import sqlite3

from carryall.core.compat import PY2
from carryall.core.database.dberrors import Error
from carryall.core.database.sqltext import first_word
from carryall.core.database.sqlvalues import stored
from carryall.runtimes.database.dbapi import DBAPIConnection, plain_row, text_of
from carryall.runtimes.database.sqlitecodes import (code_of_text, prepare, sqlite_error,
                                                   with_path)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['SQLiteConnection', 'open_sqlite']

BUSY_SECONDS = 5.0          # how long a statement waits for the lock of another connection
# pypy: a connection has no interrupt(); this many steps of the virtual machine, about 1 ms, go by
# between two looks whether to go on.
STEPS = 20000


def open_sqlite(path, busy_seconds=BUSY_SECONDS, durable=False):
    # type: (str, float, bool) -> SQLiteConnection
    """Opens the database in the file *path*; ':memory:' for one in memory.

    Args:     busy_seconds: how long a statement waits for the lock of another connection.
              durable: commits reach the disk, and readers do not wait for a writer (WAL).
    Raises:   ForeignDatabase: the file is no database.  OperationalError: it cannot be opened.
    """
    try:
        raw = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    except sqlite3.Error as exc:
        text = text_of(exc)
        raise sqlite_error(_code(exc), u'%s: %s' % (path, text), exc)
    connection = SQLiteConnection(raw)
    try:
        prepare(connection.execute, durable, busy_seconds)
    except Error as exc:
        connection.close()
        raise with_path(exc, path)
    return connection


def _code(exc):
    # type: (BaseException) -> int
    """The result code of an exception; 0 if it has none."""
    known = getattr(exc, 'sqlite_errorcode', None)      # from CPython 3.11 on
    if known is not None:
        return known
    # py2: pypy: only the text tells the extended code.
    return code_of_text(text_of(exc)) or getattr(exc, 'error_code', 0)


class SQLiteConnection(DBAPIConnection):
    """A connection of the module sqlite3 that begins no transaction by itself."""

    whole_statements = True

    def __init__(self, raw):
        # type: (Any) -> None
        DBAPIConnection.__init__(self, raw, sqlite3, 'sqlite')
        self._stop = False
        if not hasattr(raw, 'interrupt'):
            raw.set_progress_handler(self._should_stop, STEPS)

    def _should_stop(self):
        # type: () -> bool
        stop = self._stop
        self._stop = False
        return stop

    def begin_raw(self, isolation, read_only):
        # Who will write takes the lock now: two who have read can both not go on to write.
        self.raw.execute('BEGIN' if read_only else 'BEGIN IMMEDIATE')

    def commit_raw(self):
        self.raw.execute('COMMIT')

    def rollback_raw(self):
        # A full disk and some other errors have ended the transaction by themselves, and then
        # ROLLBACK is an error.  In a transaction BEGIN is one, and outside of it does no harm.
        try:
            self.raw.execute('BEGIN')
        except sqlite3.OperationalError:
            pass
        self.raw.execute('ROLLBACK')

    def end_statement(self, worked):
        """Nothing: without a transaction each statement is one."""

    if PY2:
        def converter(self, cursor):
            return plain_row

        def adapted(self, parameters):
            if isinstance(parameters, dict):
                return dict((name, _buffered(parameters[name])) for name in parameters)
            return [_buffered(value) for value in parameters]
    else:
        def converter(self, cursor):
            return None

        def adapted(self, parameters):
            if isinstance(parameters, dict):
                return dict((name, stored(parameters[name])) for name in parameters)
            return [stored(value) for value in parameters]

    def types_of(self, cursor):
        return ()           # its columns have none

    def last_id_of(self, cursor, text):
        return cursor.lastrowid if first_word(text) in ('INSERT', 'REPLACE') else None

    def error(self, exc):
        if isinstance(exc, sqlite3.Error):
            code = _code(exc)
            if code:
                return sqlite_error(code, text_of(exc), exc)
            if type(exc) is sqlite3.OperationalError:
                return sqlite_error(1, text_of(exc), exc)       # py2: a plain SQLITE_ERROR
        if isinstance(exc, UnicodeError):
            return sqlite_error(20, text_of(exc), exc)
        return DBAPIConnection.error(self, exc)

    def lost(self):
        return False

    def interrupt(self):
        if hasattr(self.raw, 'interrupt'):
            self.raw.interrupt()
        else:
            self._stop = True


if PY2:
    def _buffered(value):
        # type: (Any) -> Any
        kept = stored(value)
        # py2: octets are text to sqlite3, unless they come as a buffer.
        return buffer(kept) if isinstance(kept, bytes) else kept        # noqa: F821
