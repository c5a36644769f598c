# Copyright the carryall authors.  See LICENSE.
"""Stores: versions of tables, and databases that are refused."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.app.datastore import DataStore, StoreSchema, Table, version_of
from carryall.core.database import ForeignDatabase, ProgrammingError
from carryall.core.errors import Unsupported
from carryall.core.future import gather

FIRST = [u'CREATE TABLE notes (id {serial}, body {text})']
SECOND = [u'ALTER TABLE notes ADD COLUMN image {blob}', u'CREATE INDEX bodies ON notes (id)']
OLD = StoreSchema('notes', [Table('notes', ['id', 'body'], ['id'], 'id')], [FIRST])
NEW = StoreSchema('notes', [Table('notes', ['id', 'body', 'image'], ['id'], 'id')],
                  [FIRST, SECOND])
WRONG = StoreSchema('notes', NEW.tables, [FIRST, SECOND + [u'CREATE NONSENSE']])
OTHER = StoreSchema('marks', [Table('marks', ['id'], ['id'])],
                    [[u'CREATE TABLE marks (id {integer} PRIMARY KEY)']])


class Bench(object):
    """A loop, and the location of a file that does not exist yet."""

    def __init__(self, loop, tmpdir):
        self.loop = loop
        self.path = tmpdir.join('store.db')
        self.location = u'sqlite:%s' % self.path
        try:
            loop.database_driver(self.location)
        except Unsupported as exc:
            pytest.skip(str(exc))
        self.opened = []

    def open(self, schema, location=None):
        """An open store."""
        store = DataStore(schema, location or self.location)
        self.loop.run_until(store.open(self.loop))
        self.opened.append(store)
        return store

    def ask(self, store, query, parameters=()):
        """The rows of a query."""
        return self.loop.run_until(store.pool.run_query(query, parameters))

    def close(self):
        """Closes all stores."""
        self.loop.run_until(gather([store.close() for store in self.opened]))


@pytest.fixture
def bench(tmpdir):
    loop = runtimes.choose()
    made = Bench(loop, tmpdir)
    yield made
    made.close()
    loop.close()


def test_a_new_store_has_its_tables(bench):
    assert bench.ask(bench.open(NEW), u'SELECT id, body, image FROM notes') == []


def test_a_new_store_has_the_newest_version(bench):
    store = bench.open(NEW)
    version = bench.loop.run_until(store.pool.transaction(version_of, 'sqlite', 'notes'))
    assert version == 2


def test_a_store_in_memory_has_its_tables(bench):
    assert bench.ask(bench.open(NEW, u'memory:'), u'SELECT id FROM notes') == []


def test_an_older_store_is_brought_up_to_date(bench):
    old = bench.open(OLD)
    bench.ask(old, u'INSERT INTO notes (body) VALUES (?)', (u'kept',))
    bench.loop.run_until(old.close())
    assert bench.ask(bench.open(NEW), u'SELECT body, image FROM notes') == [(u'kept', None)]


def test_a_newer_store_is_refused(bench):
    bench.loop.run_until(bench.open(NEW).close())
    with pytest.raises(ForeignDatabase):
        bench.open(OLD)


def test_a_version_that_fails_leaves_the_one_before(bench):
    bench.loop.run_until(bench.open(OLD).close())
    with pytest.raises(ProgrammingError):
        bench.open(WRONG)
    assert bench.ask(bench.open(OLD), u'SELECT * FROM notes').columns == (u'id', u'body')


def test_a_database_of_another_program_is_refused(bench):
    loop = bench.loop
    other = loop.run_until(loop.database_driver(bench.location).connect(loop))
    loop.run_until(other.execute(u'CREATE TABLE things (a INTEGER)'))
    loop.run_until(other.close())
    with pytest.raises(ForeignDatabase):
        bench.open(NEW)


def test_a_file_that_is_no_database_is_refused(bench, expect_log):
    expect_log('cannot connect')
    bench.path.write_binary(b'no database at all, but a text\n' * 50)
    with pytest.raises(ForeignDatabase):
        bench.open(NEW)


def test_two_stores_share_a_database(bench):
    bench.open(NEW)
    assert bench.ask(bench.open(OTHER), u'SELECT name FROM carryall_schema ORDER BY name') == [
        (u'marks',), (u'notes',)]


def test_two_processes_may_open_a_store_at_once(bench):
    stores = [DataStore(NEW, bench.location) for _ in range(3)]
    bench.opened += stores
    bench.loop.run_until(gather([store.open(bench.loop) for store in stores]))
    assert bench.ask(stores[0], u'SELECT count(*) FROM carryall_schema').value() == 1


def test_commits_reach_the_disk(bench):
    store = bench.open(NEW)
    modes = [bench.ask(store, u'PRAGMA ' + name).value() for name in (u'journal_mode',
                                                                      u'synchronous')]
    assert modes == [u'wal', 2]


def test_a_closed_store_has_no_pool(bench):
    store = bench.open(NEW)
    bench.loop.run_until(store.close())
    assert store.pool is None


def test_closing_twice_does_no_harm(bench):
    store = bench.open(NEW)
    bench.loop.run_until(store.close())
    assert bench.loop.run_until(store.close()) is None
