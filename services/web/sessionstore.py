# Copyright the carryall authors.  See LICENSE.
"""SessionTable: sessions in a database, which survive a restart (feature WEB-12).

    store = DataStore(STORE, u'sqlite:/var/lib/sessions.db')
    store.start(loop)
    sessions = Sessions(SessionTable(store, loop), loop)

Servers that share the database share the sessions.  The table has hashes of the ids and the values;
its reader cannot take over a session.

If the database cannot be used, requests with a session are answered with 503.
Tests:    tests/services/web/test_sessionstore.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.datastore import StoreSchema, Table
from carryall.core.compat import native
from carryall.core.database import Error
from carryall.core.future import Return, coroutine
from carryall.core.logs import get_logger
from carryall.core.ratelimit import RateLimit
from carryall.protocols.http import HTTPError

__all__ = ['MAX_ROWS', 'STORE', 'SessionTable']

# -- limits ------------------------------------------------------------------
MAX_ROWS = 100000           # sessions that are kept
SAVES_BETWEEN = 100         # saves from one look for old rows to the next
FAULTS_TOLD = 0.1           # a second at most, in the log

STORE = StoreSchema('sessions', [
    Table('sessions', ['id', 'data', 'expires', 'account'], ['id'])], [
        [u'CREATE TABLE sessions (id {key} PRIMARY KEY, data {blob} NOT NULL, '
         u'expires {real} NOT NULL, account {text})',
         u'CREATE INDEX sessions_by_time ON sessions (expires)']])

FIND = u'SELECT data FROM sessions WHERE id = ? AND expires >= ?'
REMOVE = u'DELETE FROM sessions WHERE id = ?'
ADD = u'INSERT INTO sessions (id, data, expires, account) VALUES (?, ?, ?, ?)'
DROP_OLD = u'DELETE FROM sessions WHERE expires < ?'
COUNT = u'SELECT count(*) FROM sessions'
# Those without a login go first, so that strangers who fill the table end no login.
DROP_STRANGERS = (u'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions '
                  u'WHERE account IS NULL ORDER BY expires LIMIT ?)')
DROP_ANY = (u'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions '
            u'ORDER BY expires LIMIT ?)')

log = get_logger('web')


class SessionTable(object):
    """A store of Sessions in the table of a database.

    Args:     store: a DataStore that was started.
              loop: for its wall clock.
              most: rows that are kept, about.
    """

    def __init__(self, store, loop, most=MAX_ROWS):
        # type: (DataStore, Any, int) -> None
        self._store = store
        self._wall = loop.wall
        self._most = most
        self._saves = 0
        self._told = RateLimit(loop, FAULTS_TOLD, 1)

    def load(self, key):
        # type: (bytes) -> Future
        """A Future of the octets of *key*; of None if there are none, or no longer."""
        return self._store.query(FIND, (native(key), self._wall())).then(_first, self._failed)

    def save(self, key, data, seconds, user):
        # type: (bytes, bytes, float, Optional[Text]) -> Future
        """Keeps *data* for so many seconds; a Future that is done when it is on the disk."""
        now = self._wall()
        row = (native(key), data, now + seconds, user)
        self._saves += 1
        looks = self._saves % SAVES_BETWEEN == 0
        return self._store.change(_replace, row, now if looks else None, self._most).then(
            None, self._failed)

    def remove(self, key):
        # type: (bytes) -> Future
        """Forgets *key*; a Future that is done when that is on the disk."""
        return self._store.write(REMOVE, (native(key),)).then(None, self._failed)

    def close(self):
        # type: () -> Future
        """Closes the database; a Future."""
        return self._store.close()

    def _failed(self, error):
        # type: (BaseException) -> Any
        """Makes an answer of an error of the database."""
        if not isinstance(error, Error):
            raise error
        if self._told.take():
            log.error('sessions: %s', error)
        raise HTTPError(u'the sessions cannot be used at the moment', reply=503)


def _first(rows):
    # type: (Any) -> Optional[bytes]
    return bytes(rows[0][0]) if rows else None


@coroutine
def _replace(transaction, row, now, most):
    # type: (Any, Tuple[Any, ...], Optional[float], int) -> Any
    """Writes a row; looks for old ones too, unless *now* is None."""
    yield transaction.execute(REMOVE, row[:1])
    yield transaction.execute(ADD, row)
    if now is None:
        raise Return(None)
    yield transaction.execute(DROP_OLD, (now,))
    for statement in (DROP_STRANGERS, DROP_ANY):
        found = yield transaction.execute(COUNT)
        count = found.value()
        if count > most:
            yield transaction.execute(statement, (count - most,))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Text, Tuple
    from carryall.app.datastore import DataStore
    from carryall.core.future import Future
