# Copyright the carryall authors.  See LICENSE.
"""The writer of a store: many small changes share one transaction, and so one sync of the disk.

    writer = StoreWriter(loop, pool, u'news')
    rows = yield writer.write(u'INSERT INTO articles (id, subject) VALUES (?, ?)', (1, u'hello'))
    count = yield writer.change(steps, u'hello')        # steps(transaction, u'hello')

A Future is done when its change is on the disk.  While one transaction is being committed, the
changes that come collect, and the next transaction has all of them, up to BATCH.  So one client
that waits for each of its changes has the speed of the disk, and a thousand clients have a thousand
times that.

Changes are made in the order of the calls, one after the other, each whole or not at all:

    an error of one change     is its own; the others of its transaction go on
    no connection, or a lock   all changes of the transaction are refused
    a lost connection          the transaction is made again, once; if its commit was under way, its
                               changes may count or not, and all fail with ConnectionGone
    a full disk, and the like  each change is tried alone, and those that fail are refused
    another error of a commit  all changes of the transaction fail, and may count or not

Refused changes are not in the database, but for the two cases of a commit.  The next change is
tried as any other.  So a store goes on by itself once the disk has room, or the lock is gone.
Limits:   PoolSettings.max_waiting changes, and MAX_OCTETS of their parameters, wait; what comes
          then fails with PoolExhausted.
Tests:    tests/app/test_storewriter.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES, text_type
from carryall.core.database import (ConnectionGone, Error, IntegrityError, InterfaceError,
                                    OperationalError, PoolExhausted, SerializationFailure,
                                    StatementCancelled, StorageFull)
from carryall.core.errors import TimedOut
from carryall.core.future import Future, Return, completed, coroutine, failed, with_timeout
from carryall.core.logs import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Optional, Sequence
    from carryall.core.database import Pool

__all__ = ['StoreWriter']

# -- limits ------------------------------------------------------------------
BATCH = 500                     # changes in one transaction
MAX_OCTETS = 64 * 1024 * 1024   # of the parameters of the changes that wait
CHANGE_SECONDS = 30.0           # for one change, so that the others go on
PLAIN = 16                      # octets that a number counts
TELL_SECONDS = 60.0             # between two warnings that changes are refused

# Errors of a commit after which nothing of the transaction counts
UNDONE = (IntegrityError, SerializationFailure, StorageFull)
# Errors that tell nothing of the store
OF_ONE = (StatementCancelled, SerializationFailure)

log = get_logger('store')


class _Change(object):
    """One change that waits, or is under way.

    Attributes:
        statement: (query, parameters), or None.
        steps, args: what is called with the transaction, if there is no statement.
        future: of its outcome.
        octets: of its parameters.
    """

    __slots__ = ('statement', 'steps', 'args', 'future', 'octets')

    def __init__(self, statement, steps, args, octets):
        # type: (Any, Any, Any, int) -> None
        self.statement = statement
        self.steps = steps
        self.args = args
        self.future = Future()
        self.octets = octets


class _Attempt(object):
    """One attempt to make some changes in one transaction.

    Attributes:
        begun: the transaction was begun.
        committing: all of them are made, and the commit is next or was tried.
        error: the reason why none of them counts, or None.
    """

    __slots__ = ('changes', 'begun', 'committing', 'error')

    def __init__(self, changes):
        # type: (Sequence[_Change]) -> None
        self.changes = changes
        self.begun = False
        self.committing = False
        self.error = None           # type: Any

    @property
    def lost(self):
        # type: () -> bool
        """True if the connection was lost on the way; a commit may count all the same."""
        return self.begun and isinstance(self.error, ConnectionGone)

    @property
    def may_be_of_one(self):
        # type: () -> bool
        """True if none of the changes counts, and the fault may be that of one of them."""
        if self.committing:
            return isinstance(self.error, UNDONE)
        return self.begun and self.error is not None and not self.lost


class StoreWriter(object):
    """Makes changes, many in one transaction.

    Args:     pool: of the database.
              name: of the store, for the log.

    Attributes:
        fault: the reason why changes were refused last, or None if they are kept.
        transactions: those that were committed.
    """

    def __init__(self, loop, pool, name):
        # type: (Any, Pool, str) -> None
        self.fault = None           # type: Optional[str]
        self.transactions = 0
        self._loop = loop
        self._pool = pool
        self._name = name
        self._waiting = deque()     # type: deque
        self._octets = 0
        self._busy = False
        self._closed = False
        self._told = None           # type: Optional[float]  # when changes were refused
        self._idle = []             # type: List[Future]  # to be done when nothing waits

    def write(self, query, parameters=()):
        # type: (str, Any) -> Future
        """Executes one statement; a Future of its Rows, once it is on the disk."""
        return self._add((query, parameters), None, (), _octets_of(parameters))

    def write_many(self, query, parameters):
        # type: (str, Any) -> Future
        """Executes one statement for each of *parameters*, all or none; a Future of the number of
        rows, or of None if that is unknown."""
        sets = list(parameters)
        octets = sum(_octets_of(each) for each in sets)
        return self._add(None, _execute_many, (query, sets), octets)

    def change(self, steps, *args):
        # type: (Callable[..., Any], *Any) -> Future
        """Calls ``steps(transaction, *args)``; a Future of its result, once that is on the disk.

        *steps* gives a value, a Future or a coroutine, and waits for its transaction alone: other
        changes wait for it.  It may be called more than once.
        """
        return self._add(None, steps, args, _octets_of(args))

    @property
    def waiting(self):
        # type: () -> int
        """Changes that have not begun."""
        return len(self._waiting)

    def _add(self, statement, steps, args, octets):
        # type: (Any, Any, Any, int) -> Future
        if self._closed:
            return failed(InterfaceError(u'the store %s is closed' % self._name))
        if len(self._waiting) >= self._pool.lender.settings.max_waiting \
                or self._octets + octets > MAX_OCTETS and self._waiting:
            return failed(PoolExhausted(u'%d changes of the store %s wait already'
                                        % (len(self._waiting), self._name)))
        change = _Change(statement, steps, args, octets)
        self._waiting.append(change)
        self._octets += octets
        if not self._busy:
            self._busy = True
            # In the next turn: what comes until then shares the transaction.
            self._loop.call_soon(self._begin)
        return change.future

    def close(self):
        # type: () -> Future
        """Takes no more changes; a Future of None, once those that wait are done."""
        self._closed = True
        if not self._busy:
            return completed(None)
        self._idle.append(Future())
        return self._idle[-1]

    # -- transactions ------------------------------------------------------------------------------

    def _begin(self):
        # type: () -> None
        changes = []                # type: List[_Change]
        while self._waiting and len(changes) < BATCH:
            change = self._waiting.popleft()
            self._octets -= change.octets
            if not change.future.done():        # cancelled before its turn
                changes.append(change)
        if changes:
            self._make(changes).add_done_callback(lambda making: self._made(changes, making))
            return
        self._busy = False
        idle, self._idle = self._idle, []
        for future in idle:
            future.set_result(None)

    def _made(self, changes, making):
        # type: (Sequence[_Change], Future) -> None
        if making.exception() is not None:      # a fault of ours: no one may wait for ever
            self._refuse(changes, OperationalError(u'the changes failed: %s' % making.exception(),
                                                   making.exception()))
        self._loop.call_soon(self._begin)

    @coroutine
    def _make(self, changes):
        # type: (List[_Change]) -> Any
        """Makes *changes*; a Future of None when all of their Futures are done."""
        attempt = yield self._attempt(changes)
        if attempt.lost and not attempt.committing:
            attempt = yield self._attempt(changes)
        if attempt.may_be_of_one and len(changes) > 1:
            for change in changes:
                alone = yield self._attempt([change])
                self._refuse([change], alone.error)
        else:
            self._refuse(changes, attempt.error)

    @coroutine
    def _attempt(self, changes):
        # type: (List[_Change]) -> Any
        """Makes *changes* in one transaction, and tells them if that works; a Future of the
        _Attempt."""
        attempt = _Attempt([change for change in changes if not change.future.done()])
        if not attempt.changes:
            raise Return(attempt)
        try:
            outcomes = yield self._pool.transaction(self._steps, attempt)
        except Error as exc:
            attempt.error = exc
        except FAILURES as exc:
            attempt.error = OperationalError(u'the transaction failed: %s' % exc, exc)
        if attempt.error is None:
            self._works()
            _tell(attempt.changes, outcomes)
        raise Return(attempt)

    @coroutine
    def _steps(self, transaction, attempt):
        # type: (Any, _Attempt) -> Any
        attempt.begun = True
        outcomes = []               # type: List[Any]
        for part in _parts(attempt.changes):
            if part[0].statement is not None:
                some = yield transaction.execute_each([each.statement for each in part])
                outcomes += some
            else:
                outcome = yield self._called(transaction, part[0])
                outcomes.append(outcome)
        attempt.committing = True
        raise Return(outcomes)

    @coroutine
    def _called(self, transaction, change):
        # type: (Any, _Change) -> Any
        """Calls the steps of a change; a Future of a _Result or an exception."""
        called = transaction.nested(change.steps, *change.args)
        try:
            result = yield with_timeout(self._loop, called, CHANGE_SECONDS)
        except TimedOut as exc:
            error = StatementCancelled(u'the change took longer than %g seconds' % CHANGE_SECONDS,
                                       exc)
            change.future.set_exception(error)
            # What it has left behind is unknown: the others are made without it.
            raise error
        except OperationalError:
            raise
        except FAILURES as exc:
            raise Return(exc)
        raise Return(_Result(result))

    def _works(self):
        # type: () -> None
        self.transactions += 1
        if self.fault is not None:
            log.info('store %s: changes are kept again', self._name)
            self.fault = None

    def _refuse(self, changes, error):
        # type: (Sequence[_Change], Any) -> None
        """Tells *changes* that they were not made; None: they were."""
        if error is None:
            return
        if isinstance(error, OperationalError) and not isinstance(error, OF_ONE):
            self.fault = u'changes cannot be kept: %s' % error
            now = self._loop.time()
            if self._told is None or now - self._told >= TELL_SECONDS:
                self._told = now
                log.warning('store %s: %s', self._name, self.fault)
        _fail(changes, error)


class _Result(object):
    """The result of steps, which may be an exception by itself."""

    __slots__ = ('value',)

    def __init__(self, value):
        # type: (Any) -> None
        self.value = value


def _tell(changes, outcomes):
    # type: (Sequence[_Change], Sequence[Any]) -> None
    for change, outcome in zip(changes, outcomes):
        if isinstance(outcome, BaseException):
            _fail([change], outcome)
        elif not change.future.done():
            change.future.set_result(outcome.value if isinstance(outcome, _Result) else outcome)


def _fail(changes, error):
    # type: (Sequence[_Change], Any) -> None
    for change in changes:
        if not change.future.done():
            change.future.set_exception(error)


def _parts(changes):
    # type: (Sequence[_Change]) -> Iterator[List[_Change]]
    """*changes* in their order: statements that follow each other together, steps alone."""
    part = []                   # type: List[_Change]
    for change in changes:
        if part and (change.statement is None or part[0].statement is None):
            yield part
            part = []
        part.append(change)
    if part:
        yield part


def _execute_many(transaction, query, sets):
    # type: (Any, str, Any) -> Future
    return transaction.execute_many(query, sets)


def _octets_of(parameters):
    # type: (Any) -> int
    """About how much memory *parameters* need."""
    values = parameters.values() if hasattr(parameters, 'values') else parameters
    return sum(len(value) if isinstance(value, (bytes, text_type)) else PLAIN for value in values)
