# Copyright the carryall authors.  See LICENSE.
"""DB-API 2.0 (PEP 249) over any DatabaseConnection: calls that block while the loop turns.

A connection belongs to the thread that made it; the loop turns in its calls, and not in between.
``carryall.pep249`` is the module for programs.

Transactions:  one begins with the first statement, and ends with ``commit`` or ``rollback``, unless
               ``autocommit`` is true.  On SQLite it begins with the first statement that changes
               something, as with Python's own module.
Rows:          ``execute`` fetches all of them.  ``cursor(size=1000)`` makes a cursor that fetches
               so many at a time, and only reads.
Source:   PEP 249.
Tests:    tests/house/test_pep249.py
"""
from __future__ import absolute_import, division, print_function

import datetime

from carryall.core.compat import PY2
from carryall.core.database.dberrors import (DatabaseError, DataError, Error, IntegrityError,
                                             InterfaceError, InternalError, NotSupportedError,
                                             OperationalError, ProgrammingError, Warning)
from carryall.core.database.pepcursor import FetchingCursor
from carryall.core.database.rows import NUMBERS, OCTETS, ROWIDS, TEXTS, TIMES
from carryall.core.database.sqltext import first_word
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
    from carryall.core.database.dbconnection import DatabaseConnection
    from carryall.core.database.rows import Rows

__all__ = ['BINARY', 'Binary', 'DATETIME', 'Date', 'DateFromTicks', 'NUMBER', 'ROWID', 'STRING',
           'SyncConnection', 'SyncCursor', 'Time', 'TimeFromTicks', 'Timestamp',
           'TimestampFromTicks', 'Warning', 'as_text']

# Statements that change nothing in SQLite
READS = ('SELECT', 'VALUES', 'EXPLAIN', 'PRAGMA')

_PROCEDURE = Pattern(r'[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?\Z')

STRING = TEXTS
BINARY = OCTETS
NUMBER = NUMBERS
DATETIME = TIMES
ROWID = ROWIDS

if PY2:
    class Binary(bytes):
        """Octets: a plain ``str`` is text, as PEP 249 has it."""
else:
    Binary = bytes              # type: ignore

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
DateFromTicks = datetime.date.fromtimestamp
TimestampFromTicks = datetime.datetime.fromtimestamp


def TimeFromTicks(ticks):
    # type: (float) -> datetime.time
    """The time of day of a number of seconds since 1970, of this machine's zone."""
    return datetime.datetime.fromtimestamp(ticks).time()


def as_text(value):
    # type: (Any) -> Any
    """A parameter of a program: on Python 2 a plain ``str`` is text.

    Raises:   ProgrammingError: it is not UTF-8.
    """
    if not PY2 or type(value) is not bytes:
        return value
    try:
        return value.decode('utf-8')
    except UnicodeError as exc:
        raise ProgrammingError(u'a str is not UTF-8; octets are Binary(...)', exc)


def _given(parameters):
    # type: (Any) -> Any
    if not PY2:
        return parameters
    if hasattr(parameters, 'keys'):
        return dict((name, as_text(parameters[name])) for name in parameters)
    return [as_text(value) for value in parameters]


class SyncConnection(object):
    """A connection of PEP 249.

    Args:     loop: it turns while a call blocks.
              connection: an open DatabaseConnection.
              give_back: called at the end.

    Attributes:
        autocommit: each statement is a transaction by itself.
    """

    Error = Error
    Warning = Warning
    InterfaceError = InterfaceError
    DatabaseError = DatabaseError
    DataError = DataError
    OperationalError = OperationalError
    IntegrityError = IntegrityError
    InternalError = InternalError
    ProgrammingError = ProgrammingError
    NotSupportedError = NotSupportedError

    def __init__(self, loop, connection, give_back):
        # type: (Any, DatabaseConnection, Callable[[], None]) -> None
        self.autocommit = False
        self._loop = loop
        self._connection = connection           # type: Any
        self._give_back = give_back
        self._begun = False

    def cursor(self, size=None):
        # type: (Optional[int]) -> SyncCursor
        """A new cursor.

        Args:     size: rows that it fetches at a time; None for all.
        """
        self.connection()
        return SyncCursor(self, size)

    def connection(self):
        # type: () -> Any
        """The DatabaseConnection; InterfaceError if it was given back."""
        if self._connection is None:
            raise InterfaceError(u'the connection is closed')
        return self._connection

    def wait(self, future):
        # type: (Any) -> Any
        """The result of *future*."""
        return self._loop.run_until(future)

    def begin_for(self, query):
        # type: (str) -> None
        """Begins a transaction if there is none and the statement needs one."""
        connection = self.connection()
        if self._begun or self.autocommit:
            return
        if connection.dialect == 'sqlite' and first_word(query) in READS:
            return
        self.begin()

    def begin(self):
        # type: () -> None
        """Begins a transaction, unless one is under way."""
        if not self._begun:
            self.wait(self.connection().begin())
            self._begun = True

    def commit(self):
        # type: () -> None
        """Ends the transaction, and keeps its changes."""
        connection = self.connection()
        if self._begun:
            self._begun = False
            self.wait(connection.commit())

    def rollback(self):
        # type: () -> None
        """Ends the transaction without its changes."""
        connection = self.connection()
        if self._begun:
            self._begun = False
            self.wait(connection.rollback())

    def close(self):
        # type: () -> None
        """Gives the connection back; what was not committed is lost.  A second time is an error."""
        connection = self.connection()
        self._connection = None
        try:
            if self._begun and not connection.gone:
                self.wait(connection.rollback())
        finally:
            self._give_back()

    def __enter__(self):
        # type: () -> SyncConnection
        return self

    def __exit__(self, kind, _exc, _traceback):
        # type: (Any, Any, Any) -> None
        """Commits, or rolls back after an exception, and closes."""
        if self._connection is None:
            return
        try:
            if kind is None:
                self.commit()
        finally:
            self.close()


class SyncCursor(FetchingCursor):
    """A cursor of PEP 249.

    Attributes:
        description, rowcount, lastrowid, arraysize: as PEP 249 says; ``lastrowid`` is SQLite's.
    """

    def __init__(self, connection, size):
        # type: (SyncConnection, Optional[int]) -> None
        self.connection = connection
        self.description = None     # type: Any
        self.rowcount = -1
        self.lastrowid = None       # type: Any
        self._size = size
        self._rows = None           # type: Any  # those that were fetched
        self._place = 0
        self._stream = None         # type: Any
        self._open = True

    def _check(self):
        # type: () -> Any
        connection = self.connection.connection()
        if not self._open:
            raise InterfaceError(u'the cursor is closed')
        return connection

    def _forget(self):
        # type: () -> None
        """Forgets the statement before."""
        self.description = None
        self.rowcount = -1
        self.lastrowid = None
        self._rows = None
        self._place = 0
        stream, self._stream = self._stream, None
        if stream is not None:
            self.connection.wait(stream.close())

    def execute(self, operation, parameters=()):
        # type: (str, Any) -> SyncCursor
        """Executes one statement."""
        connection = self._check()
        self._forget()
        parameters = _given(parameters)
        if self._size is not None:
            self.connection.begin()
            stream = self.connection.wait(connection.stream(operation, parameters, self._size))
            self._stream = stream
            self._rows = []
            self._describe(stream.columns, ())
            return self
        self.connection.begin_for(operation)
        rows = self.connection.wait(connection.execute(operation, parameters))
        self._take(rows)
        return self

    def _take(self, rows):
        # type: (Rows) -> None
        self._describe(rows.columns, rows.types)
        self._rows = rows if rows.columns else None
        self.rowcount = -1 if rows.count is None else rows.count
        self.lastrowid = rows.last_id

    def _describe(self, columns, types):
        # type: (Any, Any) -> None
        kinds = list(types) + [None] * len(columns)
        self.description = [(name, kind, None, None, None, None, None)
                            for name, kind in zip(columns, kinds)] or None

    def executemany(self, operation, seq_of_parameters):
        # type: (str, Any) -> SyncCursor
        """Executes one statement for each set of parameters."""
        connection = self._check()
        self._forget()
        self.connection.begin_for(operation)
        count = self.connection.wait(connection.execute_many(
            operation, [_given(each) for each in seq_of_parameters]))
        self.rowcount = -1 if count is None else count
        return self

    def callproc(self, procname, parameters=()):
        # type: (str, Any) -> Any
        """Calls a function of the database, whose result is fetched; the parameters."""
        if not _PROCEDURE.match(procname):
            raise ProgrammingError(u'%r is no name of a function' % (procname,))
        self.execute(u'SELECT %s(%s)' % (procname, u', '.join(u'?' for _ in parameters)),
                     parameters)
        return parameters

    def nextset(self):
        # type: () -> None
        """None: a statement has one set of rows."""
        self._fetchable()

    # -- rows --------------------------------------------------------------------------------------

    def _fetchable(self):
        # type: () -> List[Any]
        self._check()
        if self._rows is None:
            raise InterfaceError(u'no statement has given rows')
        return self._rows

    def fetch_rows(self, limit):
        found = []                  # type: List[Any]
        while True:
            rows = self._fetchable()
            end = len(rows) if limit is None else self._place + limit - len(found)
            found += rows[self._place:end]
            self._place = min(end, len(rows))
            if self._stream is None or limit is not None and len(found) >= limit:
                return found
            self._rows = self.connection.wait(self._stream.fetch())
            self._place = 0
            if not self._rows:
                stream, self._stream = self._stream, None
                self.connection.wait(stream.close())

    def close(self):
        # type: () -> None
        """Forgets the rows; no call works afterwards."""
        self._check()
        self._forget()
        self._open = False

    def __enter__(self):
        # type: () -> SyncCursor
        return self

    def __exit__(self, *_exc_info):
        # type: (*Any) -> None
        self.close()
