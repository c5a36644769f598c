# Copyright the carryall authors.  See LICENSE.
"""DB-API 2.0 (PEP 249) over JDBC, for Jython: the same values, counts and errors as elsewhere.

    connection = connect('jdbc:postgresql://127.0.0.1/app', user='app', password='...')

Jython's own module, zxJDBC, tells no number of rows, reads NUMERIC as a float, and gives most
errors one class.

Tests:    tests/runtimes/database/test_jdbc.py
"""
from __future__ import absolute_import, division, print_function

import datetime
from decimal import Decimal

from java.lang import Throwable
from java.math import BigDecimal, BigInteger
from java.sql import Blob, Clob, Connection as JavaConnection, SQLException, Types
from java.sql import Date as JavaDate, Time as JavaTime, Timestamp as JavaTimestamp
from java.time import LocalDate, LocalDateTime, LocalTime, OffsetDateTime, ZoneOffset
from org.python.core import PyArray

from carryall.core.compat import int_types, text_type
from carryall.core.database.dberrors import (ConnectionGone, DatabaseError, DatabaseLocked,
                                             DataError, Error, IntegrityError, InterfaceError,
                                             InternalError, NotSupportedError, OperationalError,
                                             ProgrammingError, Warning, error_of)
from carryall.core.database.pepcursor import FetchingCursor
from carryall.core.database.sqlvalues import MAX_INTEGER, MIN_INTEGER, stored, utc
from carryall.core.database.syncconnection import Binary, as_text
from carryall.core.patterns import Pattern
from carryall.runtimes.database.dbapi import counts_rows
from carryall.runtimes.database.jdbcjars import open_url
from carryall.runtimes.database.sqlitecodes import code_of_text, sqlite_error
from carryall.runtimes.jvm.octets import from_java, to_java

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

__all__ = ['BINARY', 'Binary', 'Connection', 'Cursor', 'DATETIME', 'DataError', 'DatabaseError',
           'Date', 'DateFromTicks', 'Error', 'IntegrityError', 'InterfaceError', 'InternalError',
           'NUMBER', 'NotSupportedError', 'OperationalError', 'ProgrammingError', 'ROWID',
           'STRING', 'Time', 'TimeFromTicks', 'Timestamp', 'TimestampFromTicks', 'Warning',
           'apilevel', 'connect', 'dialect_of', 'error_of_java', 'paramstyle', 'threadsafety']

apilevel = '2.0'
threadsafety = 1
paramstyle = 'qmark'

FETCH_ROWS = 1000           # that the driver asks for at a time
_PROCEDURE = Pattern(r'[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?\Z')

LEVELS = {u'read committed': JavaConnection.TRANSACTION_READ_COMMITTED,
          u'repeatable read': JavaConnection.TRANSACTION_REPEATABLE_READ,
          u'serializable': JavaConnection.TRANSACTION_SERIALIZABLE}

# What other databases say with states of their own
STATES = {'HYT00': DatabaseLocked, '90007': ConnectionGone, '90067': ConnectionGone,
          '90098': ConnectionGone, '90121': ConnectionGone, '90108': OperationalError}


class _Kind(object):
    """A type of PEP 249: equal to each of its codes."""

    def __init__(self, *codes):
        # type: (*int) -> None
        self._codes = codes

    def __eq__(self, other):
        # type: (Any) -> bool
        return other is self or other in self._codes

    def __ne__(self, other):
        # type: (Any) -> bool
        return not self == other

    def __hash__(self):
        # type: () -> int
        return id(self)


STRING = _Kind(Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR, Types.NCHAR, Types.NVARCHAR,
               Types.CLOB)
BINARY = _Kind(Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB)
NUMBER = _Kind(Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.REAL, Types.FLOAT,
               Types.DOUBLE, Types.NUMERIC, Types.DECIMAL, Types.BIT, Types.BOOLEAN)
DATETIME = _Kind(Types.DATE, Types.TIME, Types.TIMESTAMP, 2013, 2014)
ROWID = _Kind(Types.ROWID)

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
DateFromTicks = datetime.date.fromtimestamp
TimestampFromTicks = datetime.datetime.fromtimestamp


def TimeFromTicks(ticks):
    # type: (float) -> datetime.time
    """The time of day of a number of seconds since 1970, of this machine's zone."""
    return datetime.datetime.fromtimestamp(ticks).time()


def connect(url, user=None, password=None, **properties):
    # type: (str, Any, Any, **Any) -> Connection
    """Connects to the database at a URL of JDBC.

    Raises:   Unsupported: there is no driver for it.  OperationalError and others.
    """
    given = dict(properties)
    if user is not None:
        given['user'] = user
    if password is not None:
        given['password'] = password
    try:
        raw = open_url(url, given)
    except Throwable as exc:
        error = error_of_java(exc)
        if type(error) is DatabaseError:        # without a state: the file, or the host
            error = OperationalError(error.message, exc)
        raise error
    return Connection(raw)


def error_of_java(exc):
    # type: (Any) -> BaseException
    """The error for an exception of Java."""
    if not isinstance(exc, SQLException):
        return OperationalError(_text(exc), exc)
    if hasattr(exc, 'getResultCode'):               # SQLite
        text = _text(exc)
        # "[SQLITE_BUSY]  The database file is locked (database is locked)"
        inner = text.rpartition(u' (')[2].rstrip(u')')
        code = exc.getResultCode().code
        return sqlite_error(code if code > 255 else code_of_text(inner) or code, text, exc)
    state = exc.getSQLState()
    if state is None:
        following = exc.getNextException()
        return DatabaseError(_text(exc), exc) if following is None else error_of_java(following)
    found = STATES.get(state)
    return found(_text(exc), exc, state) if found is not None else error_of(state, _text(exc), exc)


def _text(exc):
    # type: (Any) -> Any
    return exc.getMessage() or exc.getClass().getSimpleName()


def dialect_of(url):
    # type: (str) -> str
    """The dialect of the database at a URL of JDBC."""
    scheme = url.split(':')[1].lower()
    return 'postgres' if scheme == 'postgresql' else scheme


class Connection(object):
    """A connection of JDBC.

    Attributes:
        raw: the java.sql.Connection.
        dialect: 'sqlite', 'postgres', 'h2' ...
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

    def __init__(self, raw):
        # type: (Any) -> None
        self.raw = raw
        self.dialect = dialect_of(raw.getMetaData().getURL())
        self._default = raw.getTransactionIsolation()
        self._running = None        # type: Any
        self._open = True
        raw.setAutoCommit(False)

    def cursor(self):
        # type: () -> Cursor
        """A new cursor."""
        self.check_open()
        return Cursor(self)

    def check_open(self):
        # type: () -> None
        """InterfaceError if it was closed."""
        if not self._open:
            raise InterfaceError(u'the connection is closed')

    def commit(self):
        # type: () -> None
        """Commits."""
        self.check_open()
        self.do(self.raw.commit)

    def rollback(self):
        # type: () -> None
        """Rolls back."""
        self.check_open()
        self.do(self.raw.rollback)

    def begin(self, isolation, read_only):
        # type: (Any, bool) -> None
        """Sets the kind of the next transaction, which begins with its first statement."""
        self.check_open()
        self.do(self._set_kind, LEVELS.get(isolation, self._default), read_only)

    def _set_kind(self, level, read_only):
        # type: (int, bool) -> None
        if self.raw.getTransactionIsolation() != level:
            self.raw.setTransactionIsolation(level)
        if self.raw.isReadOnly() != read_only:
            self.raw.setReadOnly(read_only)

    def do(self, function, *args):
        # type: (Any, *Any) -> Any
        """Calls a function of Java; raises our errors."""
        try:
            return function(*args)
        except Throwable as exc:
            raise error_of_java(exc)

    def cancel(self):
        # type: () -> None
        """Cancels the statement that is under way, from any thread."""
        running = self._running
        if running is not None:
            running.cancel()

    @property
    def closed(self):
        # type: () -> bool
        """True if either side has closed it."""
        return not self._open or self.raw.isClosed()

    def close(self):
        # type: () -> None
        """Closes; what was not committed is lost.  A second time is an error."""
        self.check_open()
        self._open = False
        self.do(self._close)

    def _close(self):
        # type: () -> None
        try:
            if not self.raw.getAutoCommit():
                self.raw.rollback()
        finally:
            self.raw.close()


class Cursor(FetchingCursor):
    """A cursor of PEP 249."""

    def __init__(self, connection):
        # type: (Connection) -> None
        self.connection = connection
        self.description = None     # type: Any
        self.rowcount = -1
        self.lastrowid = None       # type: Any
        self._statement = None      # type: Any
        self._rows = None           # type: Any
        self._readers = []          # type: List[Any]
        self._open = True

    def execute(self, operation, parameters=()):
        # type: (str, Any) -> Cursor
        """Executes one statement."""
        self._begin()
        self.connection.do(self._execute, operation, parameters)
        return self

    def executemany(self, operation, seq_of_parameters):
        # type: (str, Any) -> Cursor
        """Executes one statement for each set of parameters."""
        self._begin()
        self.connection.do(self._execute_many, operation, seq_of_parameters)
        return self

    def callproc(self, procname, parameters=()):
        # type: (str, Any) -> Any
        """Calls a function of the database, whose result is fetched; the parameters."""
        if not _PROCEDURE.match(procname):
            raise ProgrammingError(u'%r is no name of a function' % (procname,))
        self.execute(u'SELECT %s(%s)' % (procname, u', '.join(u'?' for _ in parameters)),
                     parameters)
        return parameters

    def _begin(self):
        # type: () -> None
        self._check()
        self._release()
        self.description = None
        self.rowcount = -1
        self.lastrowid = None

    def _execute(self, operation, parameters):
        # type: (Any, Any) -> None
        statement = self.connection.raw.prepareStatement(operation)
        self._statement = statement
        # PostgreSQL's driver keeps all rows in memory unless it is told not to.
        statement.setFetchSize(FETCH_ROWS)
        _set_all(statement, parameters, self.connection.dialect)
        self.connection._running = statement
        try:
            has_rows = statement.execute()
        finally:
            self.connection._running = None
        if has_rows:
            self._rows = statement.getResultSet()
            self._describe(self._rows.getMetaData())
        else:
            # After other statements SQLite's driver gives the number of the one before.
            self.rowcount = statement.getUpdateCount() if counts_rows(operation) else -1
            self._release()

    def _execute_many(self, operation, seq_of_parameters):
        # type: (Any, Any) -> None
        statement = self.connection.raw.prepareStatement(operation)
        self._statement = statement
        for parameters in seq_of_parameters:
            _set_all(statement, parameters, self.connection.dialect)
            statement.addBatch()
        self.connection._running = statement
        try:
            counts = statement.executeBatch()
        finally:
            self.connection._running = None
        known = [count for count in counts if count >= 0]
        self.rowcount = sum(known) if len(known) == len(counts) else -1
        self._release()

    def _describe(self, meta):
        # type: (Any) -> None
        described = []
        self._readers = []
        for index in range(1, meta.getColumnCount() + 1):
            code = meta.getColumnType(index)
            described.append((meta.getColumnLabel(index), code, None, None, None, None, None))
            self._readers.append(_reader(code, meta.getColumnTypeName(index)))
        self.description = described

    def _check(self):
        # type: () -> None
        self.connection.check_open()
        if not self._open:
            raise InterfaceError(u'the cursor is closed')

    def _result(self):
        # type: () -> Any
        self._check()
        if self.description is None:
            raise InterfaceError(u'no statement has given rows')
        return self._rows

    def fetch_rows(self, limit):
        if self._result() is None:
            return []
        return self.connection.do(self._read, limit)

    def _read(self, limit):
        # type: (Optional[int]) -> List[Any]
        rows = self._rows
        columns = list(enumerate(self._readers, 1))
        found = []          # type: List[Any]
        while limit != len(found):
            if not rows.next():
                self._release()
                break
            found.append(tuple([read(rows, index) for index, read in columns]))
        return found

    def _release(self):
        # type: () -> None
        statement = self._statement
        self._statement = None
        self._rows = None
        if statement is not None:
            statement.close()

    def close(self):
        # type: () -> None
        """Closes; a second time is an error."""
        self._check()
        self._open = False
        self.connection.do(self._release)


# -- parameters ----------------------------------------------------------------

def _set_all(statement, parameters, dialect):
    # type: (Any, Any, str) -> None
    for index, value in enumerate(parameters, 1):
        _set(statement, index, stored(value) if dialect == 'sqlite' else value)


def _set(statement, index, value):
    # type: (Any, int, Any) -> None
    """Sets one parameter by the setter that its type needs."""
    value = as_text(value)
    if value is None:
        statement.setNull(index, Types.NULL)
    elif isinstance(value, text_type):
        statement.setString(index, value)
    elif isinstance(value, bool):
        statement.setBoolean(index, value)
    elif isinstance(value, int_types):
        if MIN_INTEGER <= value <= MAX_INTEGER:
            statement.setLong(index, value)
        else:
            statement.setBigDecimal(index, BigDecimal(str(value)))
    elif isinstance(value, float):
        statement.setDouble(index, value)
    elif isinstance(value, bytes):
        statement.setBytes(index, to_java(value))
    elif isinstance(value, Decimal):
        statement.setBigDecimal(index, BigDecimal(str(value)))
    else:
        statement.setObject(index, _java_value(value))


def _java_value(value):
    # type: (Any) -> Any
    if isinstance(value, datetime.datetime):
        local = LocalDateTime.of(value.year, value.month, value.day, value.hour, value.minute,
                                 value.second, value.microsecond * 1000)
        offset = value.utcoffset()
        if offset is None:
            return local
        seconds = offset.days * 86400 + offset.seconds
        return OffsetDateTime.of(local, ZoneOffset.ofTotalSeconds(seconds))
    if isinstance(value, datetime.date):
        return LocalDate.of(value.year, value.month, value.day)
    if isinstance(value, datetime.time):
        return LocalTime.of(value.hour, value.minute, value.second, value.microsecond * 1000)
    if isinstance(value, bytearray):
        return to_java(bytes(value))
    raise ProgrammingError(u'a parameter cannot be a %s' % type(value).__name__)


# -- results -------------------------------------------------------------------

def _reader(code, type_name):
    # type: (int, Any) -> Any
    """The function that reads a column of this type of a result."""
    if code == 2014 or type_name == 'timestamptz':
        return _read_moment
    if code == Types.TIMESTAMP:
        return _read_timestamp
    if code == Types.ARRAY:
        return _read_array
    return _read_any


def _read_any(rows, index):
    # type: (Any, int) -> Any
    return python_value(rows.getObject(index))


def _read_moment(rows, index):
    # type: (Any, int) -> Any
    moment = rows.getObject(index, OffsetDateTime)
    if moment is None:
        return None
    plain = moment.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
    return _datetime(plain).replace(tzinfo=utc)


def _read_timestamp(rows, index):
    # type: (Any, int) -> Any
    found = rows.getTimestamp(index)
    return None if found is None else _datetime(found.toLocalDateTime())


def _read_array(rows, index):
    # type: (Any, int) -> Any
    found = rows.getArray(index)
    return None if found is None else [python_value(each) for each in found.getArray()]


def _datetime(local):
    # type: (Any) -> datetime.datetime
    return datetime.datetime(local.getYear(), local.getMonthValue(), local.getDayOfMonth(),
                             local.getHour(), local.getMinute(), local.getSecond(),
                             local.getNano() // 1000)


def python_value(value):
    # type: (Any) -> Any
    """A value of Java as that of Python."""
    if value is None or isinstance(value, (bool, float, text_type)):
        return value
    if isinstance(value, int_types):
        return int(value)
    if isinstance(value, PyArray):
        return from_java(value, len(value))
    if isinstance(value, BigDecimal):
        return Decimal(value.toPlainString())
    if isinstance(value, BigInteger):
        return int(value.toString())
    if isinstance(value, JavaTimestamp):
        return _datetime(value.toLocalDateTime())
    if isinstance(value, JavaDate):
        local = value.toLocalDate()
        return datetime.date(local.getYear(), local.getMonthValue(), local.getDayOfMonth())
    if isinstance(value, JavaTime):
        nanos = value.toLocalTime().toNanoOfDay() + value.getTime() % 1000 * 1000000
        seconds, rest = divmod(nanos // 1000, 1000000)
        return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest)
    if isinstance(value, Blob):
        octets = value.getBytes(1, int(value.length()))
        return from_java(octets, len(octets))
    if isinstance(value, Clob):
        return value.getSubString(1, int(value.length()))
    return text_type(value.toString())          # json, uuid, interval ...
