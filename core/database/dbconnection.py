# Copyright the carryall authors.  See LICENSE.
"""The contract of databases: drivers, and the connections that they open.

    driver = loop.database_driver(u'sqlite:/var/lib/app.db')
    connection = yield driver.connect(loop)
    rows = yield connection.execute(u'SELECT name FROM people WHERE age > ?', (30,))
    yield connection.close()

Two kinds of connection keep it.  ``DatabaseConnection`` is that of a program: each call gives a
Future, and nothing blocks.  ``BlockingConnection`` is that of a driver which blocks; it lives in a
thread of its own, and ``carryall.runtimes.database`` makes a DatabaseConnection of it.

Outside of ``begin`` and ``commit`` each statement is a transaction by itself.
Tests:    tests/core/database/, tests/runtimes/database/ (the contract over each provider)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.database.dberrors import (Error, NotSupportedError, OperationalError,
                                             ProgrammingError)
from carryall.core.future import Return, coroutine
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, List, Optional, Sequence
    from carryall.core.database.rows import Rows
    from carryall.core.future import Future

__all__ = ['BlockingConnection', 'CONNECT_SECONDS', 'DatabaseConnection', 'Driver', 'ISOLATION',
           'RowStream', 'checked_isolation', 'checked_name']

CONNECT_SECONDS = 30.0      # how long it may take to open a connection
STREAM_ROWS = 1000          # rows that a stream fetches at a time
EACH = 'carryall_each'      # the savepoint of one statement among several

READ_COMMITTED = u'read committed'
REPEATABLE_READ = u'repeatable read'
SERIALIZABLE = u'serializable'
ISOLATION = (READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE)

# Names of savepoints become part of a statement.
_NAME = Pattern(r'[A-Za-z_][A-Za-z0-9_]{0,62}\Z')


def checked_name(name):
    # type: (str) -> str
    """*name*, which may stand in a statement.

    Raises:   ProgrammingError: it has other characters than letters, digits and _.
    """
    if not _NAME.match(name):
        raise ProgrammingError(u'%r is no name of a savepoint' % (name,))
    return name


def checked_isolation(isolation):
    # type: (Optional[str]) -> Optional[str]
    """*isolation* in lower case; ProgrammingError for a level that is unknown."""
    if isolation is None:
        return None
    plain = isolation.lower().replace(u'_', u' ')
    if plain not in ISOLATION:
        raise ProgrammingError(u'there is no level of isolation %s; there are: %s'
                               % (isolation, u', '.join(ISOLATION)))
    return plain


class Driver(object):
    """Opens connections to one database.

    Attributes:
        dialect: 'sqlite', 'postgres', 'h2' ...; '' if it is unknown.
        name: of the database, for a log: without a password.
        single: the database ends with its connection (one in memory), so there may be only one.
    """

    dialect = ''
    name = u''
    single = False

    def connect(self, loop, timeout=CONNECT_SECONDS):
        # type: (Any, float) -> Future
        """A Future of a DatabaseConnection; it fails with an Error of ``dberrors``.

        Args:     timeout: in seconds.
        """
        raise NotImplementedError


class DatabaseConnection(object):
    """An open connection; it belongs to the thread of its loop.

    One call at a time: the next one waits until the one before has ended.

    Attributes:
        dialect: that of the driver.
        gone: the connection is closed, or has turned out to be broken.
        dirty: it may be inside a transaction, or a call was given up: ``reset`` is due.
    """

    dialect = ''
    gone = False                # type: Any  # a property in some drivers
    dirty = False               # type: Any

    def execute(self, query, parameters=(), timeout=None, style=None):
        # type: (str, Any, Optional[float], Optional[str]) -> Future
        """Executes one statement; a Future of ``Rows``.

        Args:     parameters: a sequence, or a mapping for parameters with names.
                  timeout: in seconds; then it fails with StatementCancelled.
                  style: of the parameters in *query*, see ``sqltext``.
        """
        raise NotImplementedError

    def execute_many(self, query, parameters, timeout=None, style=None):
        # type: (str, Iterable[Any], Optional[float], Optional[str]) -> Future
        """Executes one statement for each of *parameters*, all or none; a Future of the number of
        rows, or of None if that is unknown."""
        raise NotImplementedError

    @coroutine
    def execute_each(self, statements, timeout=None):
        # type: (Iterable[Any], Optional[float]) -> Any
        """Executes statements in a transaction, each for itself: one that fails has no effect, and
        those behind it go on.

        Args:     statements: pairs of a query and its parameters.
                  timeout: in seconds, of each statement.
        Returns:  a Future of a list: the Rows of each statement, or its Error.  An OperationalError
                  ends it, and the transaction should be rolled back.
        """
        outcomes = []               # type: List[Any]
        for query, parameters in statements:
            yield self.savepoint(EACH)
            try:
                outcome = yield self.execute(query, parameters, timeout)
            except OperationalError:
                raise
            except Error as exc:
                outcome = exc
            if isinstance(outcome, Error):
                yield self.rollback_to(EACH)
            yield self.release(EACH)
            outcomes.append(outcome)
        raise Return(outcomes)

    def stream(self, query, parameters=(), size=STREAM_ROWS, style=None):
        # type: (str, Any, int, Optional[str]) -> Future
        """Executes one statement whose rows are fetched *size* at a time; a Future of a
        ``RowStream``.  Begin a transaction first."""
        raise NotImplementedError

    def begin(self, isolation=None, read_only=False):
        # type: (Optional[str], bool) -> Future
        """Begins a transaction.

        Args:     isolation: one of ISOLATION; that of the database if left out.
        """
        raise NotImplementedError

    def commit(self):
        # type: () -> Future
        """Ends the transaction and keeps its changes."""
        raise NotImplementedError

    def rollback(self):
        # type: () -> Future
        """Ends the transaction without its changes; nothing happens outside of one."""
        raise NotImplementedError

    def savepoint(self, name):
        # type: (str) -> Future
        """Marks a point of the transaction to which it can go back."""
        return self.execute(u'SAVEPOINT ' + checked_name(name))

    def release(self, name):
        # type: (str) -> Future
        """Forgets the savepoint *name*, and keeps the changes since."""
        return self.execute(u'RELEASE SAVEPOINT ' + checked_name(name))

    def rollback_to(self, name):
        # type: (str) -> Future
        """Undoes the changes since the savepoint *name*, which stays."""
        return self.execute(u'ROLLBACK TO SAVEPOINT ' + checked_name(name))

    def call(self, function, *args):
        # type: (Callable[..., Any], *Any) -> Future
        """Calls ``function(blocking, *args)`` where it may block; a Future of the result.

        *blocking* is a BlockingConnection.  NotSupportedError if this driver never blocks.
        """
        raise NotSupportedError(u'this driver has no calls that block')

    def ping(self):
        # type: () -> Future
        """Asks the server for a sign of life; a Future of None."""
        return self.execute(u'SELECT 1').then(_nothing)

    def reset(self):
        # type: () -> Future
        """Rolls back, and waits for whatever is under way; then the connection is as new."""
        raise NotImplementedError

    def interrupt(self):
        # type: () -> None
        """Cancels the statement that is under way, if the driver can."""
        raise NotImplementedError

    def close(self):
        # type: () -> Future
        """Closes; a Future of None, which never fails."""
        raise NotImplementedError


class RowStream(object):
    """The rows of a statement, some at a time.

    Attributes:
        columns: the names of the columns.
    """

    columns = ()                # type: Sequence[str]

    def fetch(self):
        # type: () -> Future
        """A Future of the next rows, a list that is empty at the end."""
        raise NotImplementedError

    def close(self):
        # type: () -> Future
        """Gives up the rest."""
        raise NotImplementedError


class BlockingConnection(object):
    """A connection whose calls block; all of them but ``interrupt`` come from one thread.

    Errors are those of ``dberrors``.

    Attributes:
        dialect: that of the driver.
        gone: it is closed, or broken.
        in_transaction: between ``begin`` and its end.
        waiting: the Future of the call that is under way, if there is one.
        whole_statements: a statement that fails has no effect, and its transaction goes on.
    """

    dialect = ''
    gone = False
    in_transaction = False
    waiting = None              # type: Any
    whole_statements = False

    def execute(self, query, parameters=(), style=None):
        # type: (str, Any, Optional[str]) -> Rows
        """Executes one statement."""
        raise NotImplementedError

    def execute_many(self, query, parameters, style=None):
        # type: (str, Iterable[Any], Optional[str]) -> Optional[int]
        """Executes one statement for each of *parameters*, all or none; the number of rows."""
        raise NotImplementedError

    def execute_each(self, statements):
        # type: (Iterable[Any]) -> List[Any]
        """As of a DatabaseConnection."""
        outcomes = []               # type: List[Any]
        for query, parameters in statements:
            if not self.whole_statements:
                self.savepoint(EACH)
            try:
                outcome = self.execute(query, parameters)       # type: Any
            except OperationalError:
                raise
            except Error as exc:
                outcome = exc
            if not self.whole_statements:
                if isinstance(outcome, Error):
                    self.rollback_to(EACH)
                self.release(EACH)
            outcomes.append(outcome)
        return outcomes

    def open_stream(self, query, parameters, size, style=None):
        # type: (str, Any, int, Optional[str]) -> BlockingStream
        """Executes a statement whose rows are fetched *size* at a time."""
        raise NotImplementedError

    def begin(self, isolation=None, read_only=False):
        # type: (Optional[str], bool) -> None
        """Begins a transaction."""
        raise NotImplementedError

    def commit(self):
        # type: () -> None
        """Ends the transaction and keeps its changes."""
        raise NotImplementedError

    def rollback(self):
        # type: () -> None
        """Ends the transaction without its changes."""
        raise NotImplementedError

    def savepoint(self, name):
        # type: (str) -> None
        """Marks a point of the transaction to which it can go back."""
        self.execute(u'SAVEPOINT ' + checked_name(name))

    def release(self, name):
        # type: (str) -> None
        """Forgets the savepoint *name*, and keeps the changes since."""
        self.execute(u'RELEASE SAVEPOINT ' + checked_name(name))

    def rollback_to(self, name):
        # type: (str) -> None
        """Undoes the changes since the savepoint *name*, which stays."""
        self.execute(u'ROLLBACK TO SAVEPOINT ' + checked_name(name))

    def wanted(self):
        # type: () -> bool
        """False if no one waits any more for the call that is under way."""
        return self.waiting is None or not self.waiting.done()

    def interrupt(self):
        # type: () -> None
        """Cancels the statement that is under way, from any thread; does nothing if it cannot."""

    def close(self):
        # type: () -> None
        """Closes; raises nothing."""
        raise NotImplementedError


class BlockingStream(object):
    """The rows of a statement of a BlockingConnection.

    Attributes:
        columns: the names of the columns.
    """

    columns = ()                # type: Sequence[str]

    def fetch(self):
        # type: () -> List[Any]
        """The next rows; none at the end."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Gives up the rest."""
        raise NotImplementedError


def _nothing(_):
    # type: (Any) -> None
    """Takes the place of a result that is not asked for."""
