# Copyright the carryall authors.  See LICENSE.
"""The lender of connections below a pool: it opens, lends, checks and closes them.

    connection = yield lender.acquire()
    try:
        ...
    finally:
        lender.release(connection)

Waiting:  in the order of the calls.  MAX_WAITING may wait, each for so many seconds.
Faults:   a connection that is gone is replaced.  One that may be in the midst of a transaction is
          rolled back before anybody else gets it, or closed.  When one turns out to be gone, all
          that are idle are asked for a sign of life before they are lent.
States of a connection:  opening, idle, checking, lent, resetting, closing.
Tests:    tests/core/database/test_connectionlender.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.database.dberrors import (ConnectionGone, ForeignDatabase, InterfaceError,
                                             PoolExhausted, ProgrammingError)
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Future, completed, failed, gather, with_timeout
from carryall.core.logs import get_logger
from carryall.core.metrics import metrics_of
from carryall.core.records import Record, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Set
    from carryall.core.database.dbconnection import DatabaseConnection, Driver

__all__ = ['ConnectionLender', 'PoolSettings']

FIRST_DELAY = 0.05          # seconds before another attempt to connect; twice as long each time
LAST_DELAY = 2.0
SWEEP_SECONDS = 5.0         # between two looks for connections that are idle or old
# Of what no second attempt can heal: logins, names of databases, statements.
FATAL_STATES = ('28', '3D', '42')

ROWS = (
    ('min_connections', 1, u'connections that stay open'),
    ('max_connections', 5, u'connections at the same time'),
    ('max_waiting', 10000, u'calls that may wait for a connection'),
    ('wait_seconds', 30.0, u'that a call waits for a connection'),
    ('patience_seconds', 2.0, u'that calls wait while no connection can be opened'),
    ('connect_seconds', 30.0, u'in which a connection must be open'),
    ('check_seconds', 30.0, u'without use, after which a connection is checked before use'),
    ('reset_seconds', 5.0, u'in which a connection must have rolled back, or have answered'),
    ('idle_seconds', 300.0, u'without use, after which a connection beyond the least is closed'),
    ('lifetime_seconds', 3600.0, u'after which a connection is replaced'),
)


class PoolSettings(Record):
    """Limits and times of a pool."""

    __slots__ = names_of(ROWS)
    rows = ROWS

    def checked(self, values):
        values = Record.checked(self, values)
        if not 1 <= values['max_connections'] or \
                values['min_connections'] > values['max_connections']:
            raise ValueError('a pool has at least one connection, and not more than its most')
        return values


class _Kept(object):
    """The times of a connection."""

    __slots__ = ('opened', 'used', 'losses')

    def __init__(self, now, losses):
        # type: (float, int) -> None
        self.opened = now
        self.used = now
        self.losses = losses


class _Counters(object):
    """The metrics of one pool."""

    def __init__(self, lender, loop, name):
        # type: (ConnectionLender, Any, str) -> None
        metrics = metrics_of(loop)
        metrics.gauge('database_pool_connections', 'Connections of a pool of a database.',
                      ('pool',)).labels(name).reads(lambda: lender.size)
        metrics.gauge('database_pool_lent', 'Connections that are in use.',
                      ('pool',)).labels(name).reads(lambda: lender.lent)
        metrics.gauge('database_pool_waiting', 'Calls that wait for a connection.',
                      ('pool',)).labels(name).reads(lambda: lender.waiting)
        self.opened = metrics.counter('database_pool_opened_total', 'Connections that were opened.',
                                      ('pool',)).labels(name)
        self.lost = metrics.counter('database_pool_lost_total',
                                    'Connections that broke, or could not be used again.',
                                    ('pool',)).labels(name)
        self.refused = metrics.counter('database_pool_refused_total',
                                       'Calls that got no connection.', ('pool',)).labels(name)


class ConnectionLender(object):
    """Lends the connections of one driver.

    Args:     loop: whose thread calls this.
              name: for the log and metrics.
    """

    def __init__(self, loop, driver, settings=None, name=u''):
        # type: (Any, Driver, Any, Any) -> None
        settings = settings or PoolSettings()
        if driver.single:
            settings = settings.replace(min_connections=1, max_connections=1)
        self.loop = loop
        self.driver = driver
        self.settings = settings
        self.name = name or driver.name
        self.closed = False
        self._known = {}            # type: Dict[DatabaseConnection, _Kept]
        self._idle = deque()        # type: deque  # used last at the right
        self._lent = set()          # type: Set[Any]
        self._waiting = deque()     # type: deque  # Futures
        self._opening = set()       # type: Set[Any]
        self._closing = set()       # type: Set[Any]
        self._failing = False       # the last attempt to connect has failed
        self._failing_since = None  # type: Any
        self._delay = FIRST_DELAY
        self._retry = None          # type: Any
        self._sweep = None          # type: Any
        # Connections that broke; the others that are idle may have broken with them.
        self._losses = 0
        self._counters = _Counters(self, loop, self.name)
        self._log = get_logger('database')

    @property
    def size(self):
        # type: () -> int
        """Connections that are open, or being opened."""
        return len(self._known) + len(self._opening)

    @property
    def lent(self):
        # type: () -> int
        """Connections that are in use."""
        return len(self._lent)

    @property
    def waiting(self):
        # type: () -> int
        """Calls that wait for a connection."""
        return len(self._waiting)

    # -- lending -----------------------------------------------------------------------------------

    def acquire(self):
        # type: () -> Future
        """A Future of a connection, to be released; cancelling it gives the place up.

        It fails with PoolExhausted, or with the error of connecting.
        """
        if self.closed:
            return failed(InterfaceError(u'the pool is closed'))
        if self._idle and not self._waiting and not self._is_doubtful(self._idle[-1]):
            connection = self._idle.pop()
            self._lent.add(connection)
            return completed(connection)
        if len(self._waiting) >= self.settings.max_waiting:
            self._counters.refused.value += 1
            return failed(PoolExhausted(u'%d calls wait for a connection to %s already'
                                        % (len(self._waiting), self.name)))
        future = Future(self._gave_up)
        timer = self.loop.call_later(self.settings.wait_seconds, self._waited_too_long, future)
        future.add_done_callback(lambda _: timer.cancel())
        self._waiting.append(future)
        self._serve()
        return future

    def _gave_up(self, future):
        # type: (Future) -> None
        if future in self._waiting:
            self._waiting.remove(future)

    def _waited_too_long(self, future):
        # type: (Future) -> None
        if future in self._waiting:
            self._waiting.remove(future)
            self._counters.refused.value += 1
            future.set_exception(PoolExhausted(
                u'all %d connections to %s were busy for %g seconds'
                % (self.size, self.name, self.settings.wait_seconds)))

    def release(self, connection):
        # type: (DatabaseConnection) -> None
        """Takes back a connection that was lent; once for each acquire."""
        if connection not in self._lent:
            raise InterfaceError(u'the connection was not lent by this pool')
        self._lent.discard(connection)
        self._take_back(connection)

    def _take_back(self, connection):
        # type: (DatabaseConnection) -> None
        if connection.gone:
            self._losses += 1
            self._lose(connection)
        elif connection.dirty:
            self._ask(connection, connection.reset())
        else:
            self._works(connection)
            self._put_back(connection)

    def _works(self, connection):
        # type: (DatabaseConnection) -> None
        known = self._known[connection]
        known.used = self.loop.time()
        known.losses = self._losses

    def _put_back(self, connection):
        # type: (DatabaseConnection) -> None
        if self.closed or self._is_old(connection):
            self._retire(connection)
        else:
            self._idle.append(connection)
            self._plan_sweep()
        self._serve()

    def _ask(self, connection, question):
        # type: (DatabaseConnection, Future) -> None
        """Puts the connection back if it answers in time, and closes it if not."""
        def answered(future):
            # type: (Future) -> None
            if future.exception() is None and not connection.gone and not connection.dirty:
                self._works(connection)
                self._put_back(connection)
            else:
                self._log.info('a connection to %s is given up: %s', self.name,
                               future.exception() or 'it is closed')
                self._lose(connection)

        with_timeout(self.loop, question, self.settings.reset_seconds,
                     u'it does not answer').add_done_callback(answered)

    def _is_doubtful(self, connection):
        # type: (DatabaseConnection) -> bool
        known = self._known[connection]
        return connection.gone or known.losses != self._losses \
            or self.loop.time() - known.used >= self.settings.check_seconds

    def _is_old(self, connection):
        # type: (DatabaseConnection) -> bool
        if self.driver.single:
            return False
        age = self.loop.time() - self._known[connection].opened
        return age >= self.settings.lifetime_seconds

    def _serve(self):
        # type: () -> None
        """Gives idle connections to those that wait, and opens others."""
        while self._waiting and self._idle:
            connection = self._idle.pop()
            if connection.gone:
                self._lose(connection)
            elif self._is_doubtful(connection):
                self._ask(connection, connection.ping())
            else:
                self._lent.add(connection)
                self._waiting.popleft().set_result(connection)
        self._open_more()

    # -- opening and closing -----------------------------------------------------------------------

    def _open_more(self):
        # type: () -> None
        # One by one: a driver may answer at once, and then less is missing.
        while self._retry is None and not self.closed and self._missing() > 0:
            self._open()

    def _missing(self):
        # type: () -> int
        """Connections that should be opened now."""
        wanted = len(self._waiting) - len(self._opening) - self._returning()
        if not self._failing:
            wanted = max(wanted, self.settings.min_connections - self.size)
        room = self.settings.max_connections - self.size
        return min(wanted, room, room + self.settings.max_connections - len(self._closing))

    def _returning(self):
        # type: () -> int
        """Connections that are being checked or reset."""
        return len(self._known) - len(self._idle) - len(self._lent)

    def _open(self):
        # type: () -> None
        opening = self.driver.connect(self.loop, self.settings.connect_seconds)
        self._opening.add(opening)
        opening.add_done_callback(self._opened)

    def _opened(self, opening):
        # type: (Future) -> None
        self._opening.discard(opening)
        if opening.exception() is not None:
            if not self.closed:
                self._not_opened(opening.exception())
            return
        connection = opening.result()
        self._failing = False
        self._failing_since = None
        self._delay = FIRST_DELAY
        self._counters.opened.value += 1
        self._known[connection] = _Kept(self.loop.time(), self._losses)
        self._put_back(connection)

    def _not_opened(self, exc):
        # type: (Any) -> None
        now = self.loop.time()
        if not self._failing:
            self._log.warning('cannot connect to %s: %s', self.name, exc)
        self._failing = True
        if self._failing_since is None:
            self._failing_since = now
        fatal = isinstance(exc, (UsageError, Unsupported, ForeignDatabase, ProgrammingError)) \
            or (getattr(exc, 'sqlstate', None) or '')[:2] in FATAL_STATES
        if fatal or now - self._failing_since >= self.settings.patience_seconds:
            # The next call is an attempt of its own.
            self._failing_since = None
            waiting, self._waiting = self._waiting, deque()
            self._counters.refused.value += len(waiting)
            for future in waiting:
                future.set_exception(exc)
        if self._waiting and self._retry is None:
            self._retry = self.loop.call_later(self._delay, self._try_again)
            self._delay = min(2 * self._delay, LAST_DELAY)

    def _try_again(self):
        # type: () -> None
        self._retry = None
        self._open_more()

    def _lose(self, connection):
        # type: (DatabaseConnection) -> None
        self._counters.lost.value += 1
        self._retire(connection)
        self._open_more()

    def _retire(self, connection):
        # type: (DatabaseConnection) -> Future
        """Closes; the place is free at once, for a thread that hangs may never end."""
        self._known.pop(connection, None)
        ending = connection.close()
        if not ending.done():
            self._closing.add(ending)
            ending.add_done_callback(self._is_closed)
        return ending

    def _is_closed(self, ending):
        # type: (Future) -> None
        self._closing.discard(ending)
        if self._waiting:
            self._open_more()

    def _plan_sweep(self):
        # type: () -> None
        if self._sweep is None and not self.closed and not self.driver.single:
            self._sweep = self.loop.call_later(SWEEP_SECONDS, self._swept)

    def _swept(self):
        # type: () -> None
        """Closes connections that are idle or old."""
        self._sweep = None
        now = self.loop.time()
        for connection in list(self._idle):
            surplus = self.size > self.settings.min_connections \
                and now - self._known[connection].used >= self.settings.idle_seconds
            if surplus or connection.gone or self._is_old(connection):
                self._idle.remove(connection)
                self._retire(connection)
        if self._idle:
            self._plan_sweep()

    def open_least(self):
        # type: () -> Future
        """Opens the connections that stay open; a Future of None, which fails if none could be."""
        if self.settings.min_connections <= self.size:
            return completed(None)
        return self.acquire().then(self.release)

    def close(self, seconds=10.0):
        # type: (float) -> Future
        """Lends no more, waits *seconds* for those in use, and closes all; a Future of None."""
        self.closed = True
        for timer in (self._retry, self._sweep):
            if timer is not None:
                timer.cancel()
        self._retry = None
        self._sweep = None
        waiting, self._waiting = self._waiting, deque()
        for future in waiting:
            future.set_exception(InterfaceError(u'the pool is closed'))
        for opening in list(self._opening):
            opening.cancel()
        while self._idle:
            self._retire(self._idle.pop())
        return self._all_closed(self.loop.time() + seconds)

    def _all_closed(self, deadline):
        # type: (float) -> Future
        left = deadline - self.loop.time()
        if left <= 0:
            for connection in list(self._lent):
                connection.interrupt()
            for connection in list(self._known):
                self._retire(connection)
            self._lent.clear()
        if not self._known and not self._closing:
            return completed(None)
        if not self._known:
            ended = gather(list(self._closing))
            if left <= 0:
                # A thread that hangs keeps no one.
                return with_timeout(self.loop, ended, 1.0).then(_nothing, _nothing)
            return with_timeout(self.loop, ended, left).then(
                lambda _: self._all_closed(deadline), lambda _: self._all_closed(deadline))
        waited = Future()
        self.loop.call_later(min(max(left, 0.0), 0.02), waited.set_result, None)
        return waited.then(lambda _: self._all_closed(deadline))


def _nothing(_):
    # type: (Any) -> None
    """Takes the place of a result that is not asked for."""
