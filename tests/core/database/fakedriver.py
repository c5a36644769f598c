# Copyright the carryall authors.  See LICENSE.
"""A driver in memory whose connections do what a test tells them."""
from __future__ import absolute_import, division, print_function

from carryall.core.database import ConnectionGone, DatabaseConnection, Driver, Rows
from carryall.core.future import Future, completed, failed


class FakeDriver(Driver):
    """Opens FakeConnections; `faults` are the errors of the next attempts, None for success."""

    dialect = 'fake'
    name = u'a fake'

    def __init__(self, slow=False):
        self.connections = []
        self.faults = []
        self.attempts = []          # the Futures that a slow driver has not answered
        self._slow = slow

    def connect(self, loop, timeout=30.0):
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return failed(fault)
        connection = FakeConnection()
        self.connections.append(connection)
        if self._slow:
            self.attempts.append(Future())
            return self.attempts[-1]
        return completed(connection)


class FakeConnection(DatabaseConnection):
    """Answers each statement with `answer`: Rows, an error, or a Future."""

    dialect = 'fake'

    def __init__(self):
        self.said = []
        self.answer = Rows([(1,)], ('n',), 1)
        self.reset_answer = None
        self.ping_answer = None
        self.closed = 0

    def execute(self, query, parameters=(), timeout=None, style=None):
        self.said.append(query)
        if self.gone:
            return failed(ConnectionGone(u'gone'))
        if query in self.faults:
            self.dirty = True
            return failed(self.faults.pop(query))
        if isinstance(self.answer, Exception):
            return failed(self.answer)
        return self.answer if isinstance(self.answer, Future) else completed(self.answer)

    @property
    def faults(self):
        """Errors of single statements."""
        return self.__dict__.setdefault('_faults', {})

    def begin(self, isolation=None, read_only=False):
        fault = self.faults.pop('BEGIN', None)
        if fault is not None:
            return failed(fault)
        self.dirty = True
        return self._done('BEGIN %s %s' % (isolation, read_only))

    def commit(self):
        fault = self.faults.pop('COMMIT', None)
        if fault is not None:
            return failed(fault)
        self.dirty = False
        return self._done('COMMIT')

    def rollback(self):
        self.dirty = False
        return self._done('ROLLBACK')

    def _done(self, word):
        self.said.append(word)
        return completed(None)

    def reset(self):
        self.said.append('RESET')
        if self.reset_answer is not None:
            return self.reset_answer
        self.dirty = False
        return completed(None)

    def ping(self):
        self.said.append('PING')
        return completed(None) if self.ping_answer is None else self.ping_answer

    def interrupt(self):
        self.said.append('INTERRUPT')

    def close(self):
        self.closed += 1
        self.gone = True
        return completed(None)
