# Copyright the carryall authors.  See LICENSE.
"""Transactions as a program sees them: with Futures on the loop, or blocking in a thread.

``AsyncTransaction`` is what ``Pool.transaction`` gives, on any driver.  ``BlockingTransaction`` is
what ``Pool.run_interaction`` gives: a cursor of PEP 249 with savepoints, and no ``commit``, because
the end of the function is that.  ``BlockingSession`` is what ``Pool.run_with_connection`` gives.
Tests:    tests/core/database/test_interaction.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.database.dbconnection import STREAM_ROWS, checked_name
from carryall.core.database.dberrors import InterfaceError, StatementCancelled
from carryall.core.future import as_future, failed
from carryall.core.logs import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Optional, Sequence
    from carryall.core.database.dbconnection import BlockingConnection, DatabaseConnection
    from carryall.core.database.rows import Rows
    from carryall.core.future import Future

__all__ = ['AsyncTransaction', 'BlockingSession', 'BlockingTransaction', 'interact', 'with_session']

log = get_logger('database')


class AsyncTransaction(object):
    """A transaction of a DatabaseConnection; of no use after its end.

    Args:     style: of parameters.
              timeout: of each statement, in seconds; None for none.

    Attributes:
        dialect: that of the driver.
    """

    def __init__(self, connection, style=None, timeout=None):
        # type: (DatabaseConnection, Optional[str], Optional[float]) -> None
        self._connection = connection           # type: Any
        self._style = style
        self._timeout = timeout
        self._points = 0
        self.dialect = connection.dialect

    def _open(self):
        # type: () -> Any
        if self._connection is None:
            raise InterfaceError(u'the transaction is over')
        return self._connection

    def execute(self, query, parameters=()):
        # type: (str, Any) -> Future
        """A Future of the Rows of one statement."""
        return self._open().execute(query, parameters, self._timeout, self._style)

    def execute_many(self, query, parameters):
        # type: (str, Any) -> Future
        """Executes one statement for each of *parameters*; a Future of the number of rows."""
        return self._open().execute_many(query, parameters, self._timeout, self._style)

    def execute_each(self, statements):
        # type: (Sequence[Any]) -> Future
        """Executes pairs of a query and its parameters, each for itself; a Future of their Rows and
        Errors, see ``DatabaseConnection.execute_each``."""
        return self._open().execute_each(statements, self._timeout)

    def stream(self, query, parameters=(), size=STREAM_ROWS):
        # type: (str, Any, int) -> Future
        """A Future of the RowStream of one statement."""
        return self._open().stream(query, parameters, size, self._style)

    def nested(self, steps, *args):
        # type: (Callable[..., Any], *Any) -> Future
        """Calls ``steps(self, *args)``; a Future of its result.

        If that fails, the changes since are undone, and the transaction goes on.
        """
        connection = self._open()
        self._points += 1
        name = 'carryall_%d' % self._points

        def undo(exc):
            # type: (BaseException) -> Any
            back = connection.rollback_to(name).then(lambda _: connection.release(name))
            return back.then(lambda _: failed(exc))

        def keep(result):
            # type: (Any) -> Any
            return connection.release(name).then(lambda _: result)

        def begun(_):
            # type: (Any) -> Any
            try:
                steps_done = as_future(steps(self, *args))
            except FAILURES as exc:
                steps_done = failed(exc)
            return steps_done.then(keep, undo)

        return connection.savepoint(name).then(begun)

    def end(self):
        # type: () -> None
        """From now on it is of no use."""
        self._connection = None


class BlockingTransaction(object):
    """A cursor of PEP 249 inside a transaction; for the thread that it is given to.

    Attributes:
        description, rowcount, lastrowid: as PEP 249 says.
    """

    arraysize = 1

    def __init__(self, blocking, style=None):
        # type: (BlockingConnection, Optional[str]) -> None
        self._blocking = blocking               # type: Any
        self._style = style
        self._rows = None           # type: Any
        self._place = 0
        self.description = None     # type: Any
        self.rowcount = -1
        self.lastrowid = None       # type: Any

    def _open(self):
        # type: () -> Any
        if self._blocking is None:
            raise InterfaceError(u'the transaction is over')
        return self._blocking

    def query(self, query, parameters=()):
        # type: (str, Any) -> Rows
        """The rows of one statement."""
        return self._open().execute(query, parameters, self._style)

    def execute(self, query, parameters=()):
        # type: (str, Any) -> BlockingTransaction
        """Executes one statement, whose rows are fetched afterwards."""
        rows = self.query(query, parameters)
        self._rows = rows
        self._place = 0
        self.description = [(name, None, None, None, None, None, None)
                            for name in rows.columns] or None
        self.rowcount = -1 if rows.count is None else rows.count
        self.lastrowid = rows.last_id
        return self

    def executemany(self, query, parameters):
        # type: (str, Any) -> BlockingTransaction
        """Executes one statement for each of *parameters*."""
        count = self._open().execute_many(query, parameters, self._style)
        self._rows = None
        self.description = None
        self.lastrowid = None
        self.rowcount = -1 if count is None else count
        return self

    def _fetch(self, size):
        # type: (Any) -> List[Any]
        if self._rows is None or self.description is None:
            raise InterfaceError(u'no statement has given rows')
        begin = self._place
        end = len(self._rows) if size is None else min(begin + size, len(self._rows))
        self._place = end
        return list(self._rows[begin:end])

    def fetchone(self):
        # type: () -> Any
        """The next row, or None."""
        found = self._fetch(1)
        return found[0] if found else None

    def fetchmany(self, size=None):
        # type: (Optional[int]) -> List[Any]
        """The next *size* rows."""
        return self._fetch(self.arraysize if size is None else size)

    def fetchall(self):
        # type: () -> List[Any]
        """The rest of the rows."""
        return self._fetch(None)

    def __iter__(self):
        # type: () -> Iterator[Any]
        return iter(self.fetchall())

    def savepoint(self, name):
        # type: (str) -> None
        """Marks a point to which the transaction can go back."""
        self._open().savepoint(checked_name(name))

    def release(self, name):
        # type: (str) -> None
        """Forgets a savepoint, and keeps the changes since."""
        self._open().release(checked_name(name))

    def rollback_to(self, name):
        # type: (str) -> None
        """Undoes the changes since a savepoint."""
        self._open().rollback_to(checked_name(name))

    def close(self):
        # type: () -> None
        """Forgets the rows."""
        self._rows = None
        self.description = None

    def end(self):
        # type: () -> None
        """From now on it is of no use."""
        self._blocking = None


class BlockingSession(object):
    """A connection of PEP 249 that a thread has for the time of one function.

    What is not committed at the end of the function is committed then, or rolled back if it fails.
    """

    def __init__(self, blocking, style=None):
        # type: (BlockingConnection, Optional[str]) -> None
        self._blocking = blocking               # type: Any
        self._style = style
        self._cursors = []          # type: List[BlockingTransaction]

    def cursor(self):
        # type: () -> BlockingTransaction
        """A new cursor."""
        made = BlockingTransaction(self._blocking, self._style)
        self._cursors.append(made)
        return made

    def commit(self):
        # type: () -> None
        """Commits; the next transaction begins at once."""
        check_wanted(self._blocking)
        self._blocking.commit()
        self._blocking.begin()

    def rollback(self):
        # type: () -> None
        """Rolls back; the next transaction begins at once."""
        self._blocking.rollback()
        self._blocking.begin()

    def end(self):
        # type: () -> None
        """From now on it is of no use."""
        for cursor in self._cursors:
            cursor.end()
        self._blocking = None


def check_wanted(blocking):
    # type: (Any) -> None
    """StatementCancelled if no one waits for the result any more: then nothing may be kept."""
    if not blocking.wanted():
        raise StatementCancelled(u'the transaction was given up')


def interact(blocking, isolation, read_only, style, function, args, named):
    # type: (Any, Any, bool, Any, Any, Any, Any) -> Any
    """Calls ``function(BlockingTransaction, ...)`` in a transaction; in the connection's thread."""
    return _inside(blocking, isolation, read_only, BlockingTransaction(blocking, style), function,
                   args, named)


def with_session(blocking, isolation, read_only, style, function, args, named):
    # type: (Any, Any, bool, Any, Any, Any, Any) -> Any
    """Calls ``function(BlockingSession, ...)``; in the connection's thread."""
    return _inside(blocking, isolation, read_only, BlockingSession(blocking, style), function,
                   args, named)


def _inside(blocking, isolation, read_only, lent, function, args, named):
    # type: (Any, Any, bool, Any, Any, Any, Any) -> Any
    blocking.begin(isolation, read_only)
    try:
        result = function(lent, *args, **named)
        check_wanted(blocking)
        blocking.commit()
        return result
    finally:
        lent.end()
        if blocking.in_transaction and not blocking.gone:
            try:
                blocking.rollback()
            except FAILURES:
                log.info('a connection cannot roll back, and is given up')
