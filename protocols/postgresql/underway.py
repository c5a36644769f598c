# Copyright the carryall authors.  See LICENSE.
"""Statements that are under way, and portals whose rows are fetched some at a time.

Tests:    tests/protocols/postgresql/test_client.py, tests/protocols/postgresql/test_prepared.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.database import Rows
from carryall.core.future import completed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.core.future import Future

__all__ = ['Portal', 'StatementUnderWay', 'UNKNOWN_STATEMENT', 'complete', 'is_stale', 'rows_of']

# The server no longer has a prepared statement as it was
UNKNOWN_STATEMENT = '26000'
CHANGED_STATEMENT = '0A000'


class StatementUnderWay(object):
    """A statement that is under way, or several that are one transaction.

    Attributes:
        prepared, values: how it was sent; None if it is not remembered.
        portal: the Portal whose rows it fetches.
        results: the Rows of those before the last, of several.
        parsed: the server has taken its Parse.
        commits: it is a COMMIT, which fails if the server rolls back.
    """

    __slots__ = ('future', 'names', 'read', 'rows', 'count', 'error', 'source', 'sink', 'simple',
                 'prepared', 'values', 'portal', 'results', 'parsed', 'commits')

    def __init__(self, future, read=None, names=(), prepared=None, values=None):
        # type: (Future, Any, Any, Any, Any) -> None
        self.future = future
        self.read = read            # the row reader; None before the columns are known
        self.names = names
        self.rows = []              # type: List[Any]
        self.count = None           # type: Any
        self.error = None           # type: Any
        self.source = None          # type: Any  # of COPY FROM STDIN: pieces to send
        self.sink = None            # type: Any  # of COPY TO STDOUT: called with each piece
        self.simple = False         # one message without Sync
        self.prepared = prepared
        self.values = values
        self.portal = None          # type: Any
        self.results = None         # type: Any
        self.parsed = False
        self.commits = False


class Portal(object):
    """The rows of a statement, some at a time; it lives until the transaction ends.

    Attributes:
        columns: the names of the columns.
        suspended: there may be more rows.
    """

    def __init__(self, client, name):
        # type: (Any, bytes) -> None
        self.columns = ()           # type: Any
        self.suspended = True
        self.read = None            # type: Any
        self.name = name
        self._client = client

    def fetch(self, count):
        # type: (int) -> Future
        """A Future of the next rows, at most *count*; none at the end."""
        if not self.suspended:
            return completed(Rows((), self.columns, 0))
        return self._client.fetch(self, count)

    def close(self):
        # type: () -> Future
        """Gives the rest up; a Future of None."""
        return self._client.close_portal(self)


def rows_of(statement):
    # type: (StatementUnderWay) -> Rows
    """The Rows of a statement that is complete."""
    count = statement.count
    if count is None and statement.names:
        count = len(statement.rows)
    return Rows(statement.rows, statement.names, count)


def complete(statement):
    # type: (StatementUnderWay) -> None
    """Gives the result of a statement to the one who asked."""
    future = statement.future
    if future.done():
        return
    if statement.error is not None:
        future.set_exception(statement.error)
    elif statement.results is not None:
        future.set_result(statement.results)
    else:
        future.set_result(rows_of(statement))


def is_stale(error):
    # type: (Any) -> bool
    """True if *error* says that the server cannot execute a prepared statement as it was."""
    state = getattr(error, 'sqlstate', None)
    if state == UNKNOWN_STATEMENT:
        return True
    return state == CHANGED_STATEMENT and error.fields.get(b'R') == u'RevalidateCachedQuery'
