# Copyright the carryall authors.  See LICENSE.
"""The article database: an article log, with its index and overview in a database.

    articles = ArticleDatabase(loop, DataStore(STORE, u'sqlite:news.db'), ArticleLog('articles'))
    groups = yield articles.load()

An article is first appended to the log, then named in the index, and accepted after that.  Articles
that come while others are on their way share one write, one fsync and one transaction.

What is served is the database's; the log has octets alone.  Text in the database is that of ISO
8859-1, which loses no octet.

Tests:    tests/services/news/test_articledatabase.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict, deque

from carryall.app.datastore import StoreSchema, Table
from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError
from carryall.core.future import Future, Return, completed, coroutine, failed
from carryall.core.logs import get_logger
from carryall.protocols.nntp import ArticleStore, Found, Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from carryall.app.datastore import DataStore
    from carryall.protocols.nntp import Filed

__all__ = ['ArticleDatabase', 'STORE']

# -- limits ------------------------------------------------------------------
BATCH = 500                 # articles of one transaction
BATCH_OCTETS = 16 << 20     # of these, in the log
MAX_WAITING = 10000         # articles that wait; what comes then is put off
MAX_WAITING_OCTETS = 64 << 20
AHEAD = 32                  # articles read at once for a client that reads one after the other
AHEAD_OCTETS = 1 << 20      # of these
CACHE_OCTETS = 8 << 20      # of articles read ahead, for all clients
MAX_READERS = 1000          # groups whose last number is remembered, to notice such clients

STORE = StoreSchema('news', [
    Table('news_groups', ['name', 'status', 'next_number', 'description', 'moderator', 'created',
                          'creator'], ['name']),
    Table('news_articles', ['serial', 'message_id', 'arrived', 'log_file', 'place', 'octets',
                            'overview'], ['serial']),
    Table('news_places', ['group_name', 'number', 'serial'], ['group_name', 'number']),
], [[
    u'CREATE TABLE news_groups (name {key} PRIMARY KEY, status {text} NOT NULL,'
    u' next_number {integer} NOT NULL, description {text}, moderator {text}, created {integer},'
    u' creator {text})',
    u'CREATE TABLE news_articles (serial {integer} PRIMARY KEY, message_id {key} NOT NULL UNIQUE,'
    u' arrived {real} NOT NULL, log_file {integer}, place {integer}, octets {integer},'
    u' overview {text})',
    u'CREATE INDEX news_articles_arrived ON news_articles (arrived)',
    u'CREATE TABLE news_places (group_name {key} NOT NULL, number {integer} NOT NULL,'
    u' serial {integer} NOT NULL, PRIMARY KEY (group_name, number))',
    u'CREATE INDEX news_places_serial ON news_places (serial)',
]])

_ARTICLE = (u'INSERT INTO news_articles (serial, message_id, arrived, log_file, place, octets,'
            u' overview) VALUES (?, ?, ?, ?, ?, ?, ?)')
_PLACE = u'INSERT INTO news_places (group_name, number, serial) VALUES (?, ?, ?)'
_NEXT = u'UPDATE news_groups SET next_number = ? WHERE name = ? AND next_number < ?'
_GROUP = (u'INSERT INTO news_groups (name, status, next_number, description, moderator, created,'
          u' creator) VALUES (?, ?, ?, ?, ?, ?, ?)')
_MARKS = (u'SELECT group_name, count(*), min(number), max(number) FROM news_places'
          u' GROUP BY group_name')
_KNOWN = u'SELECT 1 FROM news_articles WHERE message_id = ?'
_FOUND = (u'SELECT p.number, a.message_id, a.log_file, a.place, a.octets FROM news_places p'
          u' JOIN news_articles a ON a.serial = p.serial'
          u' WHERE p.group_name = ? AND p.number BETWEEN ? AND ? ORDER BY p.number LIMIT ?')
_BY_ID = (u'SELECT log_file, place FROM news_articles WHERE message_id = ?'
          u' AND log_file IS NOT NULL')
_ROWS = (u'SELECT p.number, a.overview FROM news_places p'
         u' JOIN news_articles a ON a.serial = p.serial'
         u' WHERE p.group_name = ? AND p.number BETWEEN ? AND ? ORDER BY p.number LIMIT ?')
_ROW_BY_ID = (u'SELECT overview FROM news_articles WHERE message_id = ?'
              u' AND log_file IS NOT NULL')
_AFTER = (u'SELECT p.number, a.overview FROM news_places p'
          u' JOIN news_articles a ON a.serial = p.serial'
          u' WHERE p.group_name = ? AND p.number > ? ORDER BY p.number LIMIT 1')
_BEFORE = (u'SELECT p.number, a.overview FROM news_places p'
           u' JOIN news_articles a ON a.serial = p.serial'
           u' WHERE p.group_name = ? AND p.number < ? ORDER BY p.number DESC LIMIT 1')
_SINCE = u'SELECT min(serial) FROM news_articles WHERE arrived >= ?'
_NEWER = (u'SELECT serial, message_id FROM news_articles WHERE serial > ? AND arrived >= ?'
          u' AND log_file IS NOT NULL ORDER BY serial LIMIT ?')
_GROUPS_OF = (u'SELECT serial, group_name FROM news_places WHERE serial BETWEEN ? AND ?')
_GONE = (u'UPDATE news_articles SET log_file = NULL, place = NULL, overview = NULL'
         u' WHERE serial = ?')


def spelled(data):
    # type: (bytes) -> str
    """Octets as the database has them."""
    return data.decode('latin-1')


def octets_of(text):
    # type: (str) -> bytes
    """The octets of a text of the database."""
    return text.encode('latin-1')


class StoreBusy(CarryallError):
    """More articles wait than may."""


class ArticleDatabase(ArticleStore):
    """The articles of a server.

    Args:     data: a DataStore with STORE, open.
              articles: an ArticleLog or MemoryLog.
    """

    def __init__(self, loop, data, articles):
        # type: (Any, DataStore, Any) -> None
        self._loop = loop
        self._data = data
        self._log = articles
        self._serial = 0
        self._waiting = deque()     # type: deque  # of (Filed, Future)
        self._octets = 0
        self._busy = False
        self._idle = None           # type: Optional[Future]
        self._ahead = OrderedDict()         # type: Any  # (group, number) -> Found
        self._ahead_octets = 0
        self._last = OrderedDict()          # type: Any  # group -> number that was asked for last

    @coroutine
    def load(self):
        # type: () -> Any
        """A Future of all Groups with their marks."""
        found = yield self._data.query(u'SELECT max(serial) FROM news_articles')
        self._serial = found.value() or 0
        rows = yield self._data.query(
            u'SELECT name, status, next_number, description, moderator, created, creator'
            u' FROM news_groups ORDER BY name')
        groups = OrderedDict()      # type: Any
        for name, status, number, description, moderator, created, creator in rows:
            group = Group(octets_of(name), octets_of(status), octets_of(description or u''),
                          octets_of(moderator or u''), created or 0, octets_of(creator or u''))
            group.next = number
            group.low = number
            group.high = number - 1
            groups[name] = group
        marks = yield self._data.query(_MARKS)
        for name, count, low, high in marks:
            group = groups.get(name)
            if group is not None:
                group.count = count
                group.low = low
                group.next = max(group.next, high + 1)
                group.high = group.next - 1
        raise Return(list(groups.values()))

    # -- writing -------------------------------------------------------------

    def add(self, filed):
        if len(self._waiting) >= MAX_WAITING \
                or self._waiting and self._octets + len(filed.octets) > MAX_WAITING_OCTETS:
            return failed(StoreBusy(u'%d articles wait already' % len(self._waiting)))
        future = Future()
        self._waiting.append((filed, future))
        self._octets += len(filed.octets)
        if not self._busy:
            self._busy = True
            self._loop.call_soon(self._write_all)   # what comes in this turn goes along
        return future

    @coroutine
    def _write_all(self):
        # type: () -> Any
        while self._waiting:
            batch = []              # type: List[Tuple[Filed, Future]]
            octets = 0
            while self._waiting and len(batch) < BATCH and (not batch or octets < BATCH_OCTETS):
                filed, future = self._waiting.popleft()
                octets += len(filed.octets)
                self._octets -= len(filed.octets)
                batch.append((filed, future))
            try:
                yield self._write([filed for filed, _ in batch])
                fault = None        # type: Any
            except FAILURES as exc:
                fault = exc
            for _, future in batch:
                if future.done():
                    continue
                if fault is None:
                    future.set_result(None)
                else:
                    future.set_exception(fault)
        self._busy = False
        idle, self._idle = self._idle, None
        if idle is not None:
            idle.set_result(None)

    @coroutine
    def _write(self, batch):
        # type: (Sequence[Filed]) -> Any
        """Keeps these articles, all or none."""
        places = yield self._loop.run_in_thread(self._log.append,
                                                [filed.octets for filed in batch])
        articles = []               # type: List[Any]
        rows = []                   # type: List[Any]
        marks = {}                  # type: Dict[str, int]
        for filed, (number, place) in zip(batch, places):
            self._serial += 1
            articles.append((self._serial, spelled(filed.message_id), filed.arrived, number, place,
                             len(filed.octets), spelled(filed.row)))
            for group, at in filed.places:
                name = spelled(group.name)
                rows.append((name, at, self._serial))
                marks[name] = max(at + 1, marks.get(name, 0))
        yield self._data.change(_insert, articles, rows,
                                [(mark, name, mark) for name, mark in sorted(marks.items())])

    def close(self):
        # type: () -> Future
        """A Future of None, once all that waits is kept."""
        if self._busy:
            if self._idle is None:
                self._idle = Future()
            return self._idle.then(lambda _: self._log.close())
        self._log.close()
        return completed(None)

    def forbid(self, message_id, arrived):
        self._serial += 1
        return self._data.change(_forbid, self._serial, spelled(message_id), arrived)

    def remove(self, message_id):
        self._ahead.clear()
        self._ahead_octets = 0
        return self._data.change(_remove, spelled(message_id))

    def save_group(self, group):
        return self._data.change(_save_group, (
            spelled(group.name), spelled(group.status), group.next, spelled(group.description),
            spelled(group.moderator), group.created, spelled(group.creator)))

    def remove_group(self, name):
        self._ahead.clear()
        self._ahead_octets = 0
        return self._data.change(_remove_group, spelled(name))

    # -- reading -------------------------------------------------------------

    def knows(self, message_id):
        return self._data.query(_KNOWN, (spelled(message_id),)).then(lambda rows: len(rows) > 0)

    @coroutine
    def by_number(self, group, number):
        # Clients that read a group ask for one number after the other.
        found = self._ahead.pop((group, number), None)
        is_next = self._last.pop(group, 0) == number - 1
        self._last[group] = number
        if len(self._last) > MAX_READERS:
            self._last.popitem(last=False)
        if found is not None:
            self._ahead_octets -= len(found.octets)
            raise Return(found)
        count = AHEAD if is_next else 1
        rows = yield self._data.query(
            _FOUND, (spelled(group), number, number + count - 1, count))
        wanted = []                 # type: List[Any]
        size = 0
        for row in rows:
            size += row[4]
            if row[2] is None or wanted and size > AHEAD_OCTETS:
                break
            wanted.append(row)
        if not wanted or wanted[0][0] != number:
            raise Return(None)
        octets = yield self._loop.run_in_thread(self._log.read, [row[2:4] for row in wanted])
        found = [Found(row[0], octets_of(row[1]), each) for row, each in zip(wanted, octets)]
        for each in found[1:]:
            self._keep_ahead(group, each)
        raise Return(found[0])

    def _keep_ahead(self, group, found):
        # type: (bytes, Found) -> None
        old = self._ahead.pop((group, found.number), None)
        if old is not None:
            self._ahead_octets -= len(old.octets)
        self._ahead[(group, found.number)] = found
        self._ahead_octets += len(found.octets)
        while self._ahead_octets > CACHE_OCTETS:
            _, old = self._ahead.popitem(last=False)
            self._ahead_octets -= len(old.octets)

    @coroutine
    def by_id(self, message_id):
        rows = yield self._data.query(_BY_ID, (spelled(message_id),))
        if not rows:
            raise Return(None)
        octets = yield self._loop.run_in_thread(self._log.read, [tuple(rows[0])])
        raise Return(Found(0, message_id, octets[0]))

    def rows(self, group, low, high, most):
        return self._data.query(_ROWS, (spelled(group), low, high, most)).then(_overview)

    def row_by_id(self, message_id):
        return self._data.query(_ROW_BY_ID, (spelled(message_id),)).then(
            lambda rows: octets_of(rows[0][0]) if rows else None)

    def neighbour(self, group, number, step):
        query = _AFTER if step > 0 else _BEFORE
        return self._data.query(query, (spelled(group), number)).then(
            lambda rows: _overview(rows)[0] if rows else None)

    @coroutine
    def newer(self, since, after, most):
        if after is None:
            first = yield self._data.query(_SINCE, (since,))
            if first.value() is None:
                raise Return([])
            after = first.value() - 1
        rows = yield self._data.query(_NEWER, (after, since, most))
        if not rows:
            raise Return([])
        places = yield self._data.query(_GROUPS_OF, (rows[0][0], rows[-1][0]))
        groups = {}                 # type: Dict[int, List[bytes]]
        for serial, name in places:
            groups.setdefault(serial, []).append(octets_of(name))
        raise Return([(serial, octets_of(message_id), groups.get(serial, []))
                      for serial, message_id in rows])

    # -- expiry --------------------------------------------------------------

    @coroutine
    def expire(self, before, forgotten, max_octets):
        # type: (Optional[float], float, Optional[int]) -> Any
        """Takes old articles away; a Future of {group: (count, low)} for groups that lost some,
        with 0 for a low mark without articles.

        Args:     before: seconds since 1970; older articles go.  None: none go by age.
                  forgotten: the same, of articles that are no longer known.
                  max_octets: of all articles; the oldest go if there are more.  None: no bound.
        """
        lost = {}                   # type: Dict[bytes, Tuple[int, int]]
        excess = 0
        if max_octets is not None:
            found = yield self._data.query(
                u'SELECT sum(octets) FROM news_articles WHERE log_file IS NOT NULL')
            excess = (found.value() or 0) - max_octets
        after = 0
        while True:
            names, after, freed = yield self._data.change(_expire, before, excess, after)
            if not after:
                break
            excess -= freed
            for name in names:
                found = yield self._data.query(
                    u'SELECT count(*), min(number) FROM news_places WHERE group_name = ?', (name,))
                lost[octets_of(name)] = found[0][0], found[0][1] or 0
        yield self._data.write(u'DELETE FROM news_articles WHERE log_file IS NULL AND arrived < ?',
                               (forgotten,))
        # What is being written meanwhile goes into this file, or a later one.
        present = self._log.present
        rows = yield self._data.query(
            u'SELECT DISTINCT log_file FROM news_articles WHERE log_file IS NOT NULL')
        used = set(row[0] for row in rows)
        yield self._loop.run_in_thread(self._log.keep_only, used, present)
        self._ahead.clear()
        self._ahead_octets = 0
        raise Return(lost)


def _overview(rows):
    # type: (Any) -> List[Tuple[int, bytes]]
    return [(number, row.encode('latin-1')) for number, row in rows]


# -- changes, each within a transaction ----------------------------------------

@coroutine
def _insert(transaction, articles, rows, marks):
    # type: (Any, Any, Any, Any) -> Any
    yield transaction.execute_many(_ARTICLE, articles)
    if rows:
        yield transaction.execute_many(_PLACE, rows)
        yield transaction.execute_many(_NEXT, marks)


@coroutine
def _forbid(transaction, serial, message_id, arrived):
    # type: (Any, int, str, float) -> Any
    found = yield transaction.execute(_KNOWN, (message_id,))
    if not found:
        yield transaction.execute(_ARTICLE,
                                  (serial, message_id, arrived, None, None, 0, None))


@coroutine
def _remove(transaction, message_id):
    # type: (Any, str) -> Any
    found = yield transaction.execute(
        u'SELECT serial FROM news_articles WHERE message_id = ? AND log_file IS NOT NULL',
        (message_id,))
    if not found:
        raise Return([])
    serial = found.value()
    places = yield transaction.execute(
        u'SELECT group_name, number FROM news_places WHERE serial = ?', (serial,))
    gone = [tuple(row) for row in places]
    yield transaction.execute(u'DELETE FROM news_places WHERE serial = ?', (serial,))
    yield transaction.execute(_GONE, (serial,))
    answer = []                     # type: List[Any]
    for name, number in gone:
        low = yield transaction.execute(
            u'SELECT min(number) FROM news_places WHERE group_name = ?', (name,))
        answer.append((octets_of(name), number, low.value() or 0))
    raise Return(answer)


@coroutine
def _save_group(transaction, row):
    # type: (Any, Any) -> Any
    yield transaction.execute(u'DELETE FROM news_groups WHERE name = ?', (row[0],))
    yield transaction.execute(_GROUP, row)


@coroutine
def _remove_group(transaction, name):
    # type: (Any, str) -> Any
    # The octets of those articles go that are in no other group.
    yield transaction.execute(
        u'UPDATE news_articles SET log_file = NULL, place = NULL, overview = NULL'
        u' WHERE serial IN (SELECT serial FROM news_places WHERE group_name = ?)'
        u' AND NOT EXISTS (SELECT 1 FROM news_places o WHERE o.serial = news_articles.serial'
        u' AND o.group_name <> ?)', (name, name))
    yield transaction.execute(u'DELETE FROM news_places WHERE group_name = ?', (name,))
    yield transaction.execute(u'DELETE FROM news_groups WHERE name = ?', (name,))


@coroutine
def _expire(transaction, before, excess, after):
    # type: (Any, Optional[float], int, int) -> Any
    """Takes up to BATCH articles away, the oldest first.

    Returns:  a Future of (names of their groups, the last serial number, octets); the number is 0
              if none had to go.

    Args:     excess: octets that have to go, whatever their age.
              after: the last serial number of the call before.
    """
    rows = yield transaction.execute(
        u'SELECT serial, arrived, octets FROM news_articles WHERE log_file IS NOT NULL'
        u' AND serial > ? ORDER BY serial LIMIT ?', (after, BATCH))
    last = 0
    freed = 0
    for serial, arrived, octets in rows:
        is_old = before is not None and arrived < before
        if not is_old and freed >= excess:
            break
        last = serial
        freed += octets
    if not last:
        raise Return(([], 0, 0))
    names = yield transaction.execute(
        u'SELECT DISTINCT group_name FROM news_places WHERE serial <= ?', (last,))
    found = [row[0] for row in names]
    yield transaction.execute(u'DELETE FROM news_places WHERE serial <= ?', (last,))
    yield transaction.execute(
        u'UPDATE news_articles SET log_file = NULL, place = NULL, overview = NULL'
        u' WHERE serial <= ? AND serial > ? AND log_file IS NOT NULL', (last, after))
    raise Return((found, last, freed))
