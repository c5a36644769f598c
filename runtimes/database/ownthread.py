# Copyright the carryall authors.  See LICENSE.
"""A connection that blocks, in a thread of its own: the DatabaseConnection over it.

Most drivers demand that the thread which opened a connection also uses and closes it.  So each
connection has one thread, which opens it, does one call after the other, closes it, and ends.

Tests:    tests/runtimes/database/
"""
from __future__ import absolute_import, division, print_function

import threading

from carryall.core.compat import FAILURES, Queue
from carryall.core.database.dbconnection import (CONNECT_SECONDS, STREAM_ROWS, DatabaseConnection,
                                                 Driver, RowStream)
from carryall.core.database.dberrors import (ConnectionGone, Error, OperationalError,
                                             StatementCancelled)
from carryall.core.errors import LoopClosed
from carryall.core.future import Future, completed, failed, gather
from carryall.core.logs import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List
    from carryall.core.database.dbconnection import BlockingConnection, BlockingStream

__all__ = ['OwnThreadDriver', 'OwnThreadConnection']

PRESS_SECONDS = 0.2         # between two interrupts of one call

log = get_logger('runtimes.database')


class OwnThreadDriver(Driver):
    """Makes DatabaseConnections of connections that block.

    Args:     open_blocking: opens a BlockingConnection; called in the thread that will own it.
              dialect, name, single: see ``Driver``.
    """

    def __init__(self, open_blocking, dialect, name, single=False):
        # type: (Callable[[], BlockingConnection], str, str, bool) -> None
        self._open = open_blocking
        self.dialect = dialect
        self.name = name
        self.single = single

    def connect(self, loop, timeout=CONNECT_SECONDS):
        connection = OwnThreadConnection(loop, self._open, self.dialect, self.name)
        return connection.opened(timeout)


class OwnThreadConnection(DatabaseConnection):
    """A connection whose calls are done by one thread."""

    def __init__(self, loop, open_blocking, dialect, name):
        # type: (Any, Callable[[], BlockingConnection], str, str) -> None
        self.dialect = dialect
        self._loop = loop
        self._open = open_blocking
        self._name = name
        self._blocking = None       # type: Any
        self._calls = Queue()       # type: Any
        self._running = None        # type: Any  # the Future of the call that is under way
        self._ended = None          # type: Any  # a Future of the end of the thread
        self._unclean = False
        self._under_way = 0         # calls that the thread has not answered
        self._interrupts = []       # type: List[Any]  # Futures of threads that interrupt

    @property
    def dirty(self):
        # type: () -> bool
        """True if it may be inside a transaction, or a call is under way or was given up.

        A call that is cancelled is over for its caller before it is known as given up.
        """
        return self._unclean or self._under_way > 0

    # -- the thread --------------------------------------------------------------------------------

    def opened(self, timeout):
        # type: (float) -> Future
        """Starts the thread, which opens the connection; a Future of this object."""
        future = Future(lambda _: self.close())
        thread = threading.Thread(target=self._run, args=(future,),
                                  name='carryall-database-%s' % (self.dialect or 'connection'))
        thread.daemon = True
        try:
            thread.start()
        except FAILURES as exc:             # the system has no more threads
            self.gone = True
            self._ended = completed(None)
            return failed(OperationalError(u'no thread could be started for a connection', exc))
        timer = self._loop.call_later(timeout, self._too_slow, future, timeout)
        future.add_done_callback(lambda _: timer.cancel())
        return future

    def _too_slow(self, future, timeout):
        # type: (Future, float) -> None
        if not future.done():
            future.set_exception(ConnectionGone(u'%s did not answer in %g seconds'
                                                % (self._name, timeout)))
            self.close()

    def _run(self, future):
        # type: (Future) -> None
        """Opens, works and closes; the body of the thread."""
        try:
            self._blocking = self._open()
        except FAILURES as exc:
            self.gone = True
            self._post(self._not_opened, future, exc)
            self._calls.put(None)
        else:
            self._post(self._is_open, future)
        while True:
            call = self._calls.get()
            if call is None:
                break
            self._do(*call)
        if self._blocking is not None:
            self._blocking.close()
        self._post(self._finish)

    def _do(self, future, function, args):
        # type: (Future, Callable[..., Any], Any) -> None
        if future.done():               # given up before its turn came
            self._post(self._pass_over)
            return
        blocking = self._blocking
        self._running = future
        blocking.waiting = future
        result = None
        error = None
        try:
            result = function(blocking, *args)
        except FAILURES as exc:
            error = exc
        self._running = None
        blocking.waiting = None
        self._post(self._deliver, future, result, error)

    def _post(self, function, *args):
        # type: (Callable[..., Any], *Any) -> None
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except LoopClosed:              # no one is left to be told
            self._calls.put(None)

    # -- on the loop -------------------------------------------------------------------------------

    def _is_open(self, future):
        # type: (Future) -> None
        if not future.done():
            future.set_result(self)

    def _not_opened(self, future, error):
        # type: (Future, BaseException) -> None
        if not future.done():
            future.set_exception(error)

    def _finish(self):
        # type: () -> None
        self.gone = True
        if self._ended is None:
            self._ended = Future()
        if not self._ended.done():
            self._ended.set_result(None)

    def _pass_over(self):
        # type: () -> None
        self._under_way -= 1

    def _deliver(self, future, result, error):
        # type: (Future, Any, Any) -> None
        self._under_way -= 1
        blocking = self._blocking
        if blocking.gone:
            self.gone = True
        if blocking.in_transaction:
            self._unclean = True
        if future.done():
            return
        if error is None:
            future.set_result(result)
            return
        if not isinstance(error, Error) or isinstance(error, OperationalError):
            self._unclean = True        # what the driver has left behind is unknown
        future.set_exception(error)

    def _ask(self, function, *args):
        # type: (Callable[..., Any], *Any) -> Future
        """Has the thread call ``function(blocking, *args)``."""
        if self.gone or self._ended is not None:
            return failed(ConnectionGone(u'the connection to %s is closed' % self._name))
        future = Future(self._given_up)
        self._under_way += 1
        self._calls.put((future, function, args))
        return future

    def _given_up(self, future):
        # type: (Future) -> None
        """The caller waits for *future* no more."""
        self._unclean = True
        self._press(future)

    def _press(self, future):
        # type: (Future) -> None
        """Interrupts the call of *future* until it is over: one that is about to begin does not
        notice."""
        if self._running is future:
            self.interrupt()
            self._loop.call_later(PRESS_SECONDS, self._press, future)

    def _timed(self, future, timeout):
        # type: (Future, Any) -> Future
        if timeout is None or future.done():
            return future

        def expired():
            # type: () -> None
            if not future.done():
                future.set_exception(StatementCancelled(
                    u'the statement took longer than %g seconds' % timeout))
                self._given_up(future)

        timer = self._loop.call_later(timeout, expired)
        future.add_done_callback(lambda _: timer.cancel())
        return future

    # -- DatabaseConnection ------------------------------------------------------------------------

    def execute(self, query, parameters=(), timeout=None, style=None):
        return self._timed(self._ask(_execute, query, parameters, style), timeout)

    def execute_many(self, query, parameters, timeout=None, style=None):
        return self._timed(self._ask(_execute_many, query, parameters, style), timeout)

    def execute_each(self, statements, timeout=None):
        return self._timed(self._ask(_execute_each, statements), timeout)

    def stream(self, query, parameters=(), size=STREAM_ROWS, style=None):
        self._unclean = True
        return self._ask(_open_stream, query, parameters, size, style).then(
            lambda stream: _OwnThreadStream(self, stream))

    def begin(self, isolation=None, read_only=False):
        return self._ask(_begin, isolation, read_only)

    def commit(self):
        return self._ask(_commit).then(self._is_clean)

    def rollback(self):
        return self._ask(_rollback).then(self._is_clean)

    def call(self, function, *args):
        return self._ask(function, *args)

    def reset(self):
        return self._ask(_reset).then(self._is_quiet)

    def _is_quiet(self, _):
        # type: (Any) -> Any
        """Waits for the threads that interrupt: later, they would hit the call of another."""
        waited = [each for each in self._interrupts if not each.done()]
        self._interrupts = []
        return gather(waited).then(self._is_clean)

    def _is_clean(self, _):
        # type: (Any) -> None
        self._unclean = False

    def interrupt(self):
        blocking = self._blocking
        if blocking is not None:
            # It may have to connect for that.
            self._interrupts = [each for each in self._interrupts if not each.done()]
            self._interrupts.append(self._loop.run_in_thread(blocking.interrupt))

    def close(self):
        if self._ended is None:
            self._ended = Future()
            self._calls.put(None)
        return self._ended.then(_nothing)       # who cancels it does not cancel the others'


class _OwnThreadStream(RowStream):
    """A stream of a connection in a thread."""

    def __init__(self, connection, stream):
        # type: (OwnThreadConnection, BlockingStream) -> None
        self._connection = connection
        self._stream = stream
        self.columns = stream.columns

    def fetch(self):
        return self._connection.call(lambda _: self._stream.fetch())

    def close(self):
        return self._connection.call(lambda _: self._stream.close())


# Calls of the thread: the first argument is the BlockingConnection.

def _execute(blocking, query, parameters, style):
    # type: (Any, Any, Any, Any) -> Any
    return blocking.execute(query, parameters, style)


def _execute_many(blocking, query, parameters, style):
    # type: (Any, Any, Any, Any) -> Any
    return blocking.execute_many(query, parameters, style)


def _execute_each(blocking, statements):
    # type: (Any, Any) -> Any
    return blocking.execute_each(statements)


def _open_stream(blocking, query, parameters, size, style):
    # type: (Any, Any, Any, Any, Any) -> Any
    return blocking.open_stream(query, parameters, size, style)


def _begin(blocking, isolation, read_only):
    # type: (Any, Any, Any) -> None
    blocking.begin(isolation, read_only)


def _commit(blocking):
    # type: (Any) -> None
    blocking.commit()


def _rollback(blocking):
    # type: (Any) -> None
    blocking.rollback()


def _reset(blocking):
    # type: (Any) -> None
    """Leaves no transaction, and shows that the connection still works."""
    blocking.rollback()
    blocking.execute(u'SELECT 1')


def _nothing(_):
    # type: (Any) -> None
    """Takes the place of a result that is not asked for."""
