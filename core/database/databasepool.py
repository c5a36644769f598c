# Copyright the carryall authors.  See LICENSE.
"""Pool: queries and transactions over connections that are opened, shared and replaced (DBA-01).

    pool = Pool(loop, loop.database_driver(u'sqlite:/var/lib/app.db'))
    rows = yield pool.run_query(u'SELECT name FROM people WHERE age > ?', (30,))
    yield pool.run_operation(u'UPDATE people SET age = ? WHERE name = ?', (31, u'anna'))

Each of these is a transaction by itself.  Several statements in one::

    def raise_age(transaction, name):               # in the connection's thread: it may block
        transaction.execute(u'SELECT age FROM people WHERE name = ?', (name,))
        age, = transaction.fetchone()
        transaction.execute(u'UPDATE people SET age = ? WHERE name = ?', (age + 1, name))
        return age + 1
    age = yield pool.run_interaction(raise_age, u'anna')

    @coroutine
    def raise_age(transaction, name):               # on the loop: with any driver
        rows = yield transaction.execute(u'SELECT age FROM people WHERE name = ?', (name,))
        ...
    age = yield pool.transaction(raise_age, u'anna')

``pool.with_options(isolation=u'serializable', retries=3)`` is the same pool with other options.
The names with capitals are those that Twisted gave them.  Cancelling a Future cancels the work: a
statement is interrupted, and its connection rolled back.
Tests:    tests/core/database/test_databasepool.py, tests/runtimes/database/test_interactions.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.database.connectionlender import ConnectionLender
from carryall.core.database.dbconnection import checked_isolation
from carryall.core.database.dberrors import SerializationFailure, StatementCancelled
from carryall.core.database.interaction import AsyncTransaction, interact, with_session
from carryall.core.errors import TimedOut
from carryall.core.future import Return, as_future, coroutine, failed, with_timeout
from carryall.core.records import Record, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
    from carryall.core.database.dbconnection import Driver
    from carryall.core.future import Future

__all__ = ['Pool', 'QueryOptions']

OPTION_ROWS = (
    ('timeout', None, u'seconds for each statement, or for a whole interaction; None for no limit'),
    ('style', None, u'of parameters in queries; None: qmark, or named for a mapping'),
    ('isolation', None, u'level of isolation; None: that of the database'),
    ('read_only', False, u'transactions change nothing'),
    ('retries', 0, u'how often a transaction is tried again after a SerializationFailure'),
)


class QueryOptions(Record):
    """How a pool executes what it is given."""

    __slots__ = names_of(OPTION_ROWS)
    rows = OPTION_ROWS

    def checked(self, values):
        values['isolation'] = checked_isolation(values['isolation'])
        return Record.checked(self, values)


class Pool(object):
    """Executes statements on connections of one driver.

    Args:     settings: a PoolSettings.
              options: a QueryOptions.
              name: for the log and metrics; that of the driver if left out.
    """

    def __init__(self, loop, driver, settings=None, options=None, name=u''):
        # type: (Any, Driver, Any, Any, Any) -> None
        self.lender = ConnectionLender(loop, driver, settings, name)
        self.options = options or QueryOptions()

    def with_options(self, **chosen):
        # type: (**Any) -> Pool
        """The same pool with other QueryOptions."""
        other = Pool.__new__(type(self))
        other.lender = self.lender
        other.options = self.options.replace(**chosen)
        return other

    @property
    def dialect(self):
        # type: () -> str
        """The dialect of the database."""
        return self.lender.driver.dialect

    def start(self):
        # type: () -> Future
        """Opens a connection, so that faults show; a Future of None."""
        return self.lender.open_least()

    def close(self, seconds=10.0):
        # type: (float) -> Future
        """Waits *seconds* for what is under way, and closes all connections; a Future of None."""
        return self.lender.close(seconds)

    # -- single statements -------------------------------------------------------------------------

    @coroutine
    def run_query(self, query, parameters=()):
        # type: (str, Any) -> Any
        """A Future of the Rows of one statement."""
        connection = yield self.lender.acquire()
        try:
            rows = yield connection.execute(query, parameters, self.options.timeout,
                                            self.options.style)
        finally:
            self.lender.release(connection)
        raise Return(rows)

    def run_operation(self, query, parameters=()):
        # type: (str, Any) -> Future
        """Executes one statement; a Future of the number of rows that it has changed."""
        return self.run_query(query, parameters).then(lambda rows: rows.count)

    @coroutine
    def run_many(self, query, parameters):
        # type: (str, Any) -> Any
        """Executes one statement for each of *parameters*, all or none; a Future of the number of
        rows."""
        connection = yield self.lender.acquire()
        try:
            count = yield connection.execute_many(query, parameters, self.options.timeout,
                                                  self.options.style)
        finally:
            self.lender.release(connection)
        raise Return(count)

    # -- transactions ------------------------------------------------------------------------------

    def run_interaction(self, function, *args, **named):
        # type: (Callable[..., Any], *Any, **Any) -> Future
        """Calls ``function(transaction, ...)`` in a thread, in a transaction that is committed at
        its end, and rolled back if it fails; a Future of its result."""
        return self._retried(lambda: self._call(interact, function, args, named))

    def run_with_connection(self, function, *args, **named):
        # type: (Callable[..., Any], *Any, **Any) -> Future
        """As run_interaction, with a connection: it has ``cursor``, ``commit``, ``rollback``."""
        return self._call(with_session, function, args, named)

    @coroutine
    def _call(self, around, function, args, named):
        # type: (Any, Any, Any, Any) -> Any
        options = self.options
        connection = yield self.lender.acquire()
        try:
            called = connection.call(around, options.isolation, options.read_only, options.style,
                                     function, args, named)
            if options.timeout is not None:
                called = with_timeout(
                    self.lender.loop, called, options.timeout,
                    u'the interaction took longer than %g seconds' % options.timeout)
            result = yield called
        except TimedOut as exc:
            raise StatementCancelled(exc.message, exc)
        finally:
            self.lender.release(connection)
        raise Return(result)

    def transaction(self, steps, *args, **named):
        # type: (Callable[..., Any], *Any, **Any) -> Future
        """Calls ``steps(transaction, ...)`` on the loop; a Future of its result.

        *steps* gives a value, a Future or a coroutine.  Its changes are committed at its end, and
        rolled back if it fails.
        """
        return self._retried(lambda: self._transaction(steps, args, named))

    @coroutine
    def _transaction(self, steps, args, named):
        # type: (Any, Any, Any) -> Any
        options = self.options
        connection = yield self.lender.acquire()
        transaction = AsyncTransaction(connection, options.style, options.timeout)
        try:
            yield connection.begin(options.isolation, options.read_only)
            result = yield as_future(steps(transaction, *args, **named))
            transaction.end()
            yield connection.commit()
        finally:
            transaction.end()
            self.lender.release(connection)
        raise Return(result)

    @coroutine
    def _retried(self, attempt):
        # type: (Callable[[], Future]) -> Any
        left = self.options.retries
        while True:
            try:
                result = yield attempt()
            except SerializationFailure:
                if not left:
                    raise
                left -= 1
            else:
                raise Return(result)

    def stream(self, query, parameters, take, size=1000):
        # type: (str, Any, Callable[[Any], Any], int) -> Future
        """Calls ``take(rows)`` for each *size* rows of a statement, and waits for what it gives; a
        Future of None."""
        return self.transaction(_stream_into, self, query, parameters, take, size)

    # -- as Twisted called them --------------------------------------------------------------------

    runQuery = run_query
    runOperation = run_operation
    runInteraction = run_interaction
    runWithConnection = run_with_connection

    def query(self, callback, errback, *args):
        # type: (Any, Any, *Any) -> Future
        """As ``run_query``, with callbacks."""
        return self.run_query(*args).then(callback, errback)

    def operation(self, callback, errback, *args):
        # type: (Any, Any, *Any) -> Future
        """As ``run_operation``, with callbacks."""
        return self.run_operation(*args).then(callback, errback)

    def interaction(self, interaction, callback, errback, *args, **named):
        # type: (Any, Any, Any, *Any, **Any) -> Future
        """As ``run_interaction``, with callbacks."""
        return self.run_interaction(interaction, *args, **named).then(callback, errback)


@coroutine
def _stream_into(transaction, pool, query, parameters, take, size):
    # type: (AsyncTransaction, Pool, str, Any, Any, int) -> Any
    stream = yield transaction.stream(query, parameters, size)
    while True:
        rows = yield stream.fetch()
        if not rows:
            break
        try:
            taken = as_future(take(rows))
        except FAILURES as exc:
            taken = failed(exc)
        yield taken
    yield stream.close()
