# Copyright the carryall authors.  See LICENSE.
"""A connection of any DB-API 2.0 module (PEP 249) as a BlockingConnection.

What the modules do differently is made one here: the style of parameters, the classes of errors,
the number of rows, when a transaction begins.  A module's own connection is never shared between
threads, so its ``threadsafety`` does not matter.

Tests:    tests/runtimes/database/test_dbapi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, PY2, text_type
from carryall.core.database import dberrors
from carryall.core.database.dbconnection import (BlockingConnection, BlockingStream,
                                                 checked_isolation)
from carryall.core.database.dberrors import (ConnectionGone, DataError, InterfaceError,
                                             error_of)
from carryall.core.database.rows import NUMBERS, OCTETS, ROWIDS, TEXTS, TIMES, Rows
from carryall.core.database.sqltext import first_word, parsed
from carryall.core.logs import get_logger
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

__all__ = ['DBAPIConnection', 'DIALECTS', 'counts_rows', 'plain_row', 'text_of']

MAX_ROWS = 1000000          # of one statement that is not streamed

# module -> dialect
DIALECTS = {'sqlite3': 'sqlite', 'psycopg': 'postgres', 'psycopg2': 'postgres',
            'pg8000': 'postgres', 'pgdb': 'postgres', 'MySQLdb': 'mysql', 'pymysql': 'mysql',
            'mysql': 'mysql', 'cx_Oracle': 'oracle', 'oracledb': 'oracle'}

# Of PEP 249, the narrowest first.
CLASSES = ('DataError', 'OperationalError', 'IntegrityError', 'InternalError', 'ProgrammingError',
           'NotSupportedError', 'DatabaseError', 'InterfaceError', 'Error')
# Octets come in one of these, by the module.
if PY2:
    BUFFERS = (buffer, memoryview)          # noqa: F821
else:
    BUFFERS = (memoryview,)
# Type objects of PEP 249
TYPES = (('STRING', TEXTS), ('NUMBER', NUMBERS), ('DATETIME', TIMES), ('BINARY', OCTETS),
         ('ROWID', ROWIDS))
CHANGING = ('INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'MERGE', 'COPY')

_WITH_CHANGES = Pattern(r'\b(?:INSERT|UPDATE|DELETE|MERGE)\b', 2)       # re.IGNORECASE

log = get_logger('runtimes.database')


def counts_rows(query):
    # type: (str) -> bool
    """True if the number of rows that a driver tells after the statement means anything."""
    word = first_word(query)
    return word in CHANGING or word == 'WITH' and _WITH_CHANGES.search(query) is not None


def text_of(exc):
    # type: (BaseException) -> Any
    """The text of an exception; octets of another encoding than UTF-8 are replaced."""
    try:
        text = text_type(exc)
    except UnicodeError:            # py2: a message of octets
        text = str(exc)             # type: ignore
    return text if isinstance(text, text_type) else text.decode('utf-8', 'replace')


def plain_row(row):
    # type: (Any) -> Any
    """*row* as a tuple, whose octets are bytes."""
    for value in row:
        if isinstance(value, BUFFERS):
            return tuple([_octets(each) for each in row])
    return tuple(row)


def _octets(value):
    # type: (Any) -> Any
    if not isinstance(value, BUFFERS):
        return value
    return value.tobytes() if isinstance(value, memoryview) else bytes(value)


class DBAPIConnection(BlockingConnection):
    """One connection of a DB-API 2.0 module.

    Args:     raw: the module's own connection.
              module: the module.
              dialect: '' if it is unknown.
    """

    def __init__(self, raw, module, dialect=''):
        # type: (Any, Any, str) -> None
        self.raw = raw
        self.module = module
        self.dialect = dialect
        self.paramstyle = module.paramstyle
        self._errors = self._error_classes()

    def _error_classes(self):
        # type: () -> List[Any]
        return [(getattr(self.module, name), vars(dberrors)[name]) for name in CLASSES
                if hasattr(self.module, name)]

    # -- what a driver does otherwise --------------------------------------------------------------

    def begin_raw(self, isolation, read_only):
        # type: (Optional[str], bool) -> None
        """Begins a transaction: a module does so with the first statement by itself."""
        if isolation is not None or read_only:
            words = u''
            if isolation is not None:
                words = u' ISOLATION LEVEL ' + isolation.upper()
            self.statement(u'SET TRANSACTION%s%s' % (words, u' READ ONLY' if read_only else u''))

    def commit_raw(self):
        # type: () -> None
        """Commits."""
        self.raw.commit()

    def rollback_raw(self):
        # type: () -> None
        """Rolls back."""
        self.raw.rollback()

    def end_statement(self, worked):
        # type: (bool) -> None
        """Ends the transaction that a statement outside of one has begun."""
        if worked:
            self.commit_raw()
        else:
            self.rollback_raw()

    def converter(self, cursor):
        # type: (Any) -> Optional[Callable[[Any], Any]]
        """Makes one row of the module one of ours; None if they are alike."""
        binary = getattr(self.module, 'BINARY', None)
        for column in cursor.description:
            if column[1] is None or column[1] == binary:
                return plain_row        # it has octets, or the module tells no types
        return None

    def adapted(self, parameters):
        # type: (Any) -> Any
        """The parameters of one statement as the module takes them."""
        binary = getattr(self.module, 'Binary', None)
        if binary is None:
            return parameters
        if isinstance(parameters, dict):
            return dict((name, binary(parameters[name]) if isinstance(parameters[name], bytes)
                         else parameters[name]) for name in parameters)
        return tuple([binary(value) if isinstance(value, bytes) else value
                      for value in parameters])

    def error(self, exc):
        # type: (BaseException) -> BaseException
        """The error of ``dberrors`` for an exception of the module; others stay as they are."""
        state = self.state_of(exc)
        if state is not None:
            return error_of(state, text_of(exc), exc)
        for theirs, ours in self._errors:
            if isinstance(exc, theirs):
                return ours(text_of(exc), exc)
        if isinstance(exc, OverflowError):
            return dberrors.DataError(text_of(exc), exc)
        return exc

    def state_of(self, exc):
        # type: (BaseException) -> Optional[str]
        """The SQLSTATE of an exception, if the module tells it."""
        known = getattr(exc, 'sqlstate', None) or getattr(exc, 'pgcode', None)
        if known is None and exc.args and isinstance(exc.args[0], dict):
            known = exc.args[0].get('C')            # pg8000
        return known if isinstance(known, (str, text_type)) and len(known) == 5 else None

    def lost(self):
        # type: () -> bool
        """True if the module says that the connection is closed, or that it cannot roll back."""
        return bool(getattr(self.raw, 'closed', False))

    # -- BlockingConnection ------------------------------------------------------------------------

    def statement(self, text, parameters=()):
        # type: (str, Any) -> Any
        """Executes one statement as it is; its cursor."""
        cursor = self.raw.cursor()
        cursor.execute(text, self.adapted(parameters))
        return cursor

    def execute(self, query, parameters=(), style=None):
        self._check_open()
        text, given = parsed(query, style, parameters).for_driver(self.paramstyle, parameters)
        try:
            cursor = self.statement(text, given)
            rows = self.result(cursor, text)
            cursor.close()
        except FAILURES as exc:
            raise self._failed(exc)
        self._ended(True)
        return rows

    def execute_many(self, query, parameters, style=None):
        self._check_open()
        style, sets = _sets(style, parameters)
        if not sets:
            return 0
        statement = parsed(query, style)
        try:
            text, given = statement.for_driver(self.paramstyle, sets[0])
            rest = [statement.ordered(self.paramstyle, each) for each in sets[1:]]
            own = not self.in_transaction
            if own:
                self.begin()
            cursor = self.raw.cursor()
            cursor.executemany(text, [self.adapted(each) for each in [given] + rest])
            count = self.count_of(cursor, text)
            cursor.close()
            if own:
                self.commit()
        except FAILURES as exc:
            if self.in_transaction and own:
                self._undo()
            raise self._failed(exc)
        return count

    def open_stream(self, query, parameters, size, style=None):
        self._check_open()
        text, given = parsed(query, style, parameters).for_driver(self.paramstyle, parameters)
        try:
            cursor = self.statement(text, given)
        except FAILURES as exc:
            raise self._failed(exc)
        return _DBAPIStream(self, cursor, size)

    def result(self, cursor, text):
        # type: (Any, str) -> Rows
        """The rows of a statement that was executed."""
        if cursor.description is None:
            return Rows((), (), self.count_of(cursor, text), self.last_id_of(cursor, text))
        fetched = cursor.fetchmany(MAX_ROWS + 1)
        if len(fetched) > MAX_ROWS:
            raise DataError(u'the statement gives more than %d rows: stream them' % MAX_ROWS, None,
                            '54000')
        convert = self.converter(cursor)
        if convert is not None:
            fetched = [convert(row) for row in fetched]
        return Rows(fetched, column_names(cursor), len(fetched), None, self.types_of(cursor))

    def types_of(self, cursor):
        # type: (Any) -> Any
        """The types of the columns, as Rows has them."""
        return [self._type_of(column[1]) for column in cursor.description]

    def _type_of(self, code):
        # type: (Any) -> Optional[str]
        if code is None:
            return None
        for name, ours in TYPES:
            if code == getattr(self.module, name, None):
                return ours
        return None

    def count_of(self, cursor, text):
        # type: (Any, str) -> Optional[int]
        """The number of rows that a statement has changed."""
        count = cursor.rowcount
        return count if count is not None and count >= 0 and counts_rows(text) else None

    def last_id_of(self, cursor, text):
        # type: (Any, str) -> Any
        """The key of the row that was inserted last, if the driver tells it."""
        return None

    def begin(self, isolation=None, read_only=False):
        self._check_open()
        if self.in_transaction:
            raise dberrors.InternalError(u'a transaction is under way already', None, '25001')
        try:
            self.begin_raw(checked_isolation(isolation), read_only)
        except FAILURES as exc:
            raise self._failed(exc)
        self.in_transaction = True

    def commit(self):
        self._check_open()
        if not self.in_transaction:
            raise dberrors.InternalError(u'no transaction is under way', None, '25P01')
        try:
            self.commit_raw()
        except FAILURES as exc:
            error = self._translated(exc)
            self._undo()
            raise error
        self.in_transaction = False

    def rollback(self):
        self._check_open()
        try:
            self.in_transaction = False
            self.rollback_raw()
        except FAILURES as exc:
            # A connection that cannot do that much is of no use.
            self.gone = True
            raise self._translated(exc)

    def _undo(self):
        # type: () -> None
        """Rolls back after a failure, which is what the caller learns."""
        self.in_transaction = False
        try:
            self.rollback_raw()
        except FAILURES as exc:
            self.gone = True
            log.info('the connection cannot roll back, and is given up: %s', text_of(exc))

    def _ended(self, worked):
        # type: (bool) -> None
        if not self.in_transaction:
            try:
                self.end_statement(worked)
            except FAILURES as exc:
                error = self._translated(exc)
                self._undo()
                raise error

    def _failed(self, exc):
        # type: (BaseException) -> BaseException
        """The error to raise for *exc*; a statement outside of a transaction is rolled back."""
        error = self._translated(exc)
        if not self.in_transaction and not self.gone:
            try:
                self.end_statement(False)
            except FAILURES as second:
                self.gone = True
                log.info('the connection cannot roll back, and is given up: %s', text_of(second))
        return error

    def _translated(self, exc):
        # type: (BaseException) -> BaseException
        error = exc if isinstance(exc, dberrors.Error) else self.error(exc)
        if not self.gone and (isinstance(error, ConnectionGone) or self.lost()):
            self.gone = True
        if self.gone and not isinstance(error, ConnectionGone):
            return ConnectionGone(text_of(error), exc)
        return error

    def _check_open(self):
        # type: () -> None
        if self.gone:
            raise ConnectionGone(u'the connection is closed')

    def interrupt(self):
        cancel = getattr(self.raw, 'cancel', None)
        if cancel is not None and not self.gone:
            try:
                cancel()
            except FAILURES as exc:
                log.info('a statement could not be cancelled: %s', text_of(exc))

    def close(self):
        self.gone = True
        try:
            self.raw.close()
        except FAILURES as exc:
            log.info('a connection could not be closed: %s', text_of(exc))


class _DBAPIStream(BlockingStream):
    """The rows of a cursor, some at a time."""

    def __init__(self, connection, cursor, size):
        # type: (DBAPIConnection, Any, int) -> None
        if cursor.description is None:
            raise InterfaceError(u'the statement gives no rows')
        self._connection = connection
        self._cursor = cursor
        self._size = size
        self._convert = connection.converter(cursor)
        self.columns = column_names(cursor)

    def fetch(self):
        try:
            fetched = self._cursor.fetchmany(self._size)
        except FAILURES as exc:
            raise self._connection._translated(exc)
        convert = self._convert
        return list(fetched) if convert is None else [convert(row) for row in fetched]

    def close(self):
        try:
            self._cursor.close()
        except FAILURES as exc:
            raise self._connection._translated(exc)


def column_names(cursor):
    # type: (Any) -> List[Any]
    """The names of the columns of a cursor, as text."""
    return [column[0] if isinstance(column[0], text_type) else column[0].decode('utf-8', 'replace')
            for column in cursor.description]


def _sets(style, parameters):
    # type: (Any, Any) -> Any
    """The style of many sets of parameters, and the sets."""
    sets = list(parameters)
    if style is None and sets and hasattr(sets[0], 'keys'):
        style = 'named'
    return style, sets
