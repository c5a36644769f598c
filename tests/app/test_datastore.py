# Copyright the carryall authors.  See LICENSE.
"""Stores: versions of tables, and databases that are refused."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.app.datastore import (DataStore, StoreSchema, Table, durable_location,
                                    version_of)
from carryall.core.database import (DatabaseLocked, ForeignDatabase, InterfaceError,
                                    PoolSettings, ProgrammingError)
from carryall.core.errors import Unsupported, UsageError
from carryall.core.future import Return, coroutine, gather

FIRST = [u'CREATE TABLE notes (id {serial}, body {text})']
SECOND = [u'ALTER TABLE notes ADD COLUMN image {blob}', u'CREATE INDEX bodies ON notes (id)']
OLD = StoreSchema('notes', [Table('notes', ['id', 'body'], ['id'], 'id')], [FIRST])
NEW = StoreSchema('notes', [Table('notes', ['id', 'body', 'image'], ['id'], 'id')],
                  [FIRST, SECOND])
WRONG = StoreSchema('notes', NEW.tables, [FIRST, SECOND + [u'CREATE NONSENSE']])
OTHER = StoreSchema('marks', [Table('marks', ['id'], ['id'])],
                    [[u'CREATE TABLE marks (id {integer} PRIMARY KEY)']])


@pytest.mark.parametrize('location, durable', [
    (u'jdbc:h2:/a/b', u'jdbc:h2:/a/b;WRITE_DELAY=0'),
    (u'jdbc:h2:/a/b;MODE=MySQL', u'jdbc:h2:/a/b;MODE=MySQL;WRITE_DELAY=0'),
    (u'JDBC:H2:file:/a/b', u'JDBC:H2:file:/a/b;WRITE_DELAY=0'),
    (u'jdbc:h2:/a/b;write_delay=20', u'jdbc:h2:/a/b;write_delay=20'),
    (u'jdbc:h2:tcp://host/b', u'jdbc:h2:tcp://host/b'),
    (u'jdbc:derby:b', u'jdbc:derby:b'), (u'sqlite:/a/b', u'sqlite:/a/b'),
    (u'memory:', u'memory:')])
def test_h2_writes_what_it_commits_at_once(location, durable):
    assert durable_location(location) == durable


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


# -- as a service uses it ------------------------------------------------------------------------

INSERT = u'INSERT INTO notes (body) VALUES (?)'
BODIES = u'SELECT body FROM notes ORDER BY id'


def started(bench, schema=NEW, location=None):
    """A store that was started before the loop turns."""
    store = DataStore(schema, location or bench.location)
    bench.opened.append(store)
    store.start(bench.loop)
    return store


def test_a_store_is_open_when_it_has_started(bench):
    assert started(bench).pool is not None


def test_a_row_is_found_after_it_was_written(bench):
    store = started(bench)
    bench.loop.run_until(store.write(INSERT, (u'first',)))
    assert bench.loop.run_until(store.query(BODIES)) == [(u'first',)]


def test_a_row_is_found_after_it_was_written_in_memory(bench):
    store = started(bench, NEW, u'memory:')
    bench.loop.run_until(store.write(INSERT, (u'first',)))
    assert bench.loop.run_until(store.query(BODIES)) == [(u'first',)]


def test_many_rows_are_written_at_once(bench):
    store = started(bench)
    rows = [(u'%d' % number,) for number in range(50)]
    bench.loop.run_until(store.write_many(INSERT, rows))
    assert bench.loop.run_until(store.query(BODIES)) == rows


def test_rows_come_in_pieces(bench):
    store = started(bench)
    bench.loop.run_until(store.write_many(INSERT, [(u'%d' % each,) for each in range(50)]))
    sizes = []
    bench.loop.run_until(store.stream(BODIES, (), lambda rows: sizes.append(len(rows)), 20))
    assert sizes == [20, 20, 10]


def test_a_change_gives_its_result(bench):
    store = started(bench)

    @coroutine
    def add(transaction, body):
        yield transaction.execute(INSERT, (body,))
        rows = yield transaction.execute(u'SELECT count(*) FROM notes')
        raise Return(rows.value())

    assert bench.loop.run_until(store.change(add, u'first')) == 1


def test_a_newer_database_is_the_fault_of_the_user(bench):
    bench.loop.run_until(started(bench).close())
    with pytest.raises(UsageError) as caught:
        started(bench, OLD)
    assert u'it was used by a newer one' in caught.value.message


def test_a_text_as_a_database_is_the_fault_of_the_user(bench, expect_log):
    expect_log('cannot connect')
    bench.path.write_binary(b'no database at all, but a text\n' * 50)
    with pytest.raises(UsageError):
        started(bench)


def test_a_folder_as_a_database_is_the_fault_of_the_user(bench, tmpdir):
    with pytest.raises(UsageError):
        started(bench, NEW, u'sqlite:%s' % tmpdir)


def test_a_file_that_another_process_has_locked_is_told(bench, tmpdir, monkeypatch, expect_log):
    expect_log('cannot connect', required=False)
    bench.loop.run_until(started(bench).close())
    other = bench.loop.run_until(bench.loop.database_driver(bench.location).connect(bench.loop))
    bench.loop.run_until(other.execute(u'PRAGMA locking_mode = EXCLUSIVE'))
    bench.loop.run_until(other.begin())
    bench.loop.run_until(other.execute(INSERT, (u'kept',)))
    store = DataStore(NEW, bench.location, PoolSettings(patience_seconds=0.1))
    with pytest.raises(DatabaseLocked):
        store.start(bench.loop)
    bench.loop.run_until(other.rollback())
    bench.loop.run_until(other.close())


def test_calls_wait_while_a_store_is_being_opened(bench):
    store = DataStore(NEW, bench.location)
    bench.opened.append(store)

    @coroutine
    def on_a_turn():
        yield bench.loop.run_in_thread(int)
        store.start(bench.loop)
        assert store.pool is None
        yield store.write(INSERT, (u'early',))
        rows = yield store.query(BODIES)
        raise Return(rows)

    assert bench.loop.run_until(on_a_turn()) == [(u'early',)]


def test_calls_fail_if_a_store_cannot_be_opened_on_a_turn(bench, expect_log):
    expect_log('cannot be opened')
    bench.loop.run_until(started(bench).close())
    store = DataStore(OLD, bench.location)

    @coroutine
    def on_a_turn():
        yield bench.loop.run_in_thread(int)
        store.start(bench.loop)
        yield store.query(BODIES)

    with pytest.raises(ForeignDatabase):
        bench.loop.run_until(on_a_turn())


def test_a_store_that_could_not_be_opened_keeps_its_reason(bench, expect_log):
    expect_log('cannot be opened')
    bench.loop.run_until(started(bench).close())
    store = DataStore(OLD, bench.location)

    @coroutine
    def on_a_turn():
        yield bench.loop.run_in_thread(int)
        store.start(bench.loop)

    bench.loop.run_until(on_a_turn())
    with pytest.raises(ForeignDatabase):
        bench.loop.run_until(store.query(BODIES))


def test_closing_waits_for_what_was_written(bench):
    store = started(bench)
    writing = store.write(INSERT, (u'last',))
    bench.loop.run_until(store.close())
    assert writing.exception() is None
    assert bench.ask(bench.open(NEW), BODIES) == [(u'last',)]


def test_a_closed_store_takes_nothing(bench):
    store = started(bench)
    bench.loop.run_until(store.close())
    assert isinstance(store.write(INSERT, (u'late',)).exception(), InterfaceError)


def test_a_store_can_be_started_again(bench):
    store = started(bench)
    bench.loop.run_until(store.close())
    store.start(bench.loop)
    assert bench.loop.run_until(store.query(BODIES)) == []


def test_closing_while_a_store_is_being_opened_does_no_harm(bench):
    store = DataStore(NEW, bench.location)

    @coroutine
    def on_a_turn():
        yield bench.loop.run_in_thread(int)
        store.start(bench.loop)
        yield store.close()

    assert bench.loop.run_until(on_a_turn()) is None
