# Copyright the carryall authors.  See LICENSE.
"""Changes that share a transaction: their order, their errors, and what is refused."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.app import storewriter
from carryall.app.datastore import open_pool
from carryall.app.storewriter import StoreWriter
from carryall.core.database import (ConnectionGone, DatabaseLocked, IntegrityError,
                                    InterfaceError, OperationalError, Pool, PoolExhausted,
                                    PoolSettings, Rows, StatementCancelled, StorageFull,
                                    UniqueViolation)
from carryall.core.errors import Cancelled, Unsupported
from carryall.core.future import Future, Return, coroutine, failed, gather
from carryall.core.testing.fakeloop import VirtualLoop
from tests.core.database.fakedriver import FakeDriver


class Bench(object):
    """A writer over a driver in memory."""

    def __init__(self, **settings):
        self.loop = VirtualLoop()
        self.driver = FakeDriver()
        self.pool = Pool(self.loop, self.driver, PoolSettings(max_connections=1, **settings))
        self.pool.start()
        self.writer = StoreWriter(self.loop, self.pool, u'notes')

    @property
    def connection(self):
        """The connection that was opened last."""
        return self.driver.connections[-1]

    def turn(self):
        """Runs what is due."""
        self.loop.advance(0.0)

    def count(self, word):
        """How often *word* was said on all connections."""
        return sum(connection.said.count(word) for connection in self.driver.connections)


def begins(bench):
    """The number of transactions that were begun."""
    return bench.count('BEGIN None False')


def test_changes_of_one_turn_share_a_transaction():
    bench = Bench()
    for number in range(10):
        bench.writer.write(u'INSERT %d' % number)
    bench.turn()
    assert begins(bench) == 1


def test_changes_are_made_in_their_order():
    bench = Bench()
    wanted = [u'INSERT %d' % number for number in range(10)]
    for query in wanted:
        bench.writer.write(query)
    bench.turn()
    assert [query for query in bench.connection.said if query in wanted] == wanted


def test_nothing_is_acknowledged_before_the_commit():
    bench = Bench()
    bench.connection.answer = Future()
    writing = bench.writer.write(u'INSERT 1')
    bench.turn()
    assert not writing.done()


def test_changes_that_come_during_a_transaction_share_the_next():
    bench = Bench()
    bench.connection.answer = Future()
    bench.writer.write(u'INSERT 1')
    bench.turn()
    for number in range(5):
        bench.writer.write(u'INSERT %d' % number)
    answer = bench.connection.answer
    bench.connection.answer = Rows()
    answer.set_result(Rows())
    bench.turn()
    assert begins(bench) == 2


def test_a_batch_has_a_bound(monkeypatch):
    monkeypatch.setattr(storewriter, 'BATCH', 4)
    bench = Bench()
    for number in range(10):
        bench.writer.write(u'INSERT %d' % number)
    bench.turn()
    assert begins(bench) == 3


def test_an_error_of_one_change_is_its_own():
    bench = Bench()
    bench.connection.faults[u'INSERT 1'] = UniqueViolation(u'twice')
    first = bench.writer.write(u'INSERT 1')
    bench.writer.write(u'INSERT 2')
    bench.turn()
    assert isinstance(first.exception(), UniqueViolation)


def test_an_error_of_one_change_leaves_the_others():
    bench = Bench()
    bench.connection.faults[u'INSERT 1'] = UniqueViolation(u'twice')
    bench.writer.write(u'INSERT 1')
    other = bench.writer.write(u'INSERT 2')
    bench.turn()
    assert other.result() is not None


def test_an_error_of_one_change_is_undone_alone():
    bench = Bench()
    bench.connection.faults[u'INSERT 1'] = UniqueViolation(u'twice')
    bench.writer.write(u'INSERT 1')
    bench.writer.write(u'INSERT 2')
    bench.turn()
    assert bench.count('ROLLBACK TO SAVEPOINT carryall_each') == 1


def always(bench, query, error):
    """Has *query* fail with *error* again and again; a function that ends that."""
    execute = type(bench.connection).execute

    def failing(said, *args, **named):
        answer = execute(bench.connection, said, *args, **named)
        return failed(error) if said == query else answer

    bench.connection.execute = failing
    return lambda: delattr(bench.connection, 'execute')


def test_a_full_disk_refuses_what_does_not_fit(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    always(bench, u'INSERT 1', StorageFull(u'full'))
    writing = [bench.writer.write(u'INSERT %d' % number) for number in range(3)]
    bench.turn()
    assert [type(each.exception()) for each in writing] == [type(None), StorageFull, type(None)]


def test_after_a_full_disk_it_goes_on_by_itself(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    bench.connection.faults[u'INSERT 1'] = StorageFull(u'full')
    bench.writer.write(u'INSERT 1').add_done_callback(lambda future: future.exception())
    bench.turn()
    taken = bench.writer.write(u'INSERT 1')
    bench.turn()
    assert taken.exception() is None


def test_a_fault_is_told_while_it_lasts(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    bench.connection.faults[u'INSERT 1'] = StorageFull(u'full')
    bench.writer.write(u'INSERT 1')
    bench.turn()
    assert bench.writer.fault == u'changes cannot be kept: full'


def test_a_fault_is_over_with_the_next_change(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    bench.connection.faults[u'INSERT 1'] = StorageFull(u'full')
    bench.writer.write(u'INSERT 1')
    bench.turn()
    bench.writer.write(u'INSERT 1')
    bench.turn()
    assert bench.writer.fault is None


def test_a_fault_is_logged_once_a_minute(expect_log):
    seen = expect_log('changes cannot be kept')
    bench = Bench()
    always(bench, u'INSERT 1', StorageFull(u'full'))
    for _ in range(5):
        bench.writer.write(u'INSERT 1')
        bench.turn()
    assert len(seen) == 1


def test_a_lock_refuses_all_without_further_attempts(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    bench.connection.faults['BEGIN'] = DatabaseLocked(u'locked')
    writing = [bench.writer.write(u'INSERT %d' % number) for number in range(3)]
    bench.turn()
    assert [type(each.exception()) for each in writing] == [DatabaseLocked] * 3
    assert begins(bench) == 0


def test_a_lost_connection_is_made_up_for():
    bench = Bench()
    bench.connection.faults[u'INSERT 1'] = ConnectionGone(u'gone')
    writing = bench.writer.write(u'INSERT 1')
    bench.turn()
    assert writing.exception() is None


def test_a_connection_that_is_lost_twice_is_an_error(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    bench.connection.answer = ConnectionGone(u'gone')
    writing = bench.writer.write(u'INSERT 1')
    bench.turn()
    assert isinstance(writing.exception(), ConnectionGone)
    assert begins(bench) == 2


def test_a_connection_that_is_lost_at_the_commit_is_an_error(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    bench.connection.faults['COMMIT'] = ConnectionGone(u'gone')
    writing = [bench.writer.write(u'INSERT %d' % number) for number in range(3)]
    bench.turn()
    assert [type(each.exception()) for each in writing] == [ConnectionGone] * 3
    assert begins(bench) == 1


def test_a_constraint_at_the_commit_is_the_fault_of_one():
    bench = Bench()
    bench.connection.faults['COMMIT'] = IntegrityError(u'deferred')
    writing = [bench.writer.write(u'INSERT %d' % number) for number in range(3)]
    bench.turn()
    assert [each.exception() for each in writing] == [None, None, None]
    assert begins(bench) == 4


def test_steps_give_their_result():
    bench = Bench()
    changing = bench.writer.change(lambda transaction, a, b: a + b, 1, 2)
    bench.turn()
    assert changing.result() == 3


def test_steps_that_fail_are_undone():
    bench = Bench()

    @coroutine
    def steps(transaction):
        yield transaction.execute(u'INSERT 1')
        raise KeyError('missing')

    changing = bench.writer.change(steps)
    bench.turn()
    assert isinstance(changing.exception(), KeyError)
    assert bench.count('ROLLBACK TO SAVEPOINT carryall_1') == 1


def test_steps_that_fail_leave_the_others():
    bench = Bench()
    bench.writer.change(lambda transaction: 1 // 0)
    other = bench.writer.write(u'INSERT 1')
    bench.turn()
    assert other.exception() is None


def test_steps_may_give_an_exception():
    bench = Bench()
    changing = bench.writer.change(lambda transaction: KeyError('a value'))
    bench.turn()
    assert isinstance(changing.result(), KeyError)


def test_steps_that_take_too_long_are_given_up():
    bench = Bench()
    changing = bench.writer.change(lambda transaction: Future())
    bench.turn()
    bench.loop.advance(storewriter.CHANGE_SECONDS + 1)
    assert isinstance(changing.exception(), StatementCancelled)


def test_steps_that_take_too_long_leave_the_others():
    bench = Bench()
    bench.writer.change(lambda transaction: Future())
    other = bench.writer.write(u'INSERT 1')
    bench.turn()
    bench.loop.advance(storewriter.CHANGE_SECONDS + 1)
    assert other.exception() is None


def test_many_rows_are_one_change():
    bench = Bench()
    said = []

    def execute_many(query, parameters, timeout=None, style=None):
        said.append((query, parameters))
        return bench.connection.execute(query)

    bench.connection.execute_many = execute_many
    bench.writer.write_many(u'INSERT ?', iter([(1,), (2,)]))
    bench.turn()
    assert said == [(u'INSERT ?', [(1,), (2,)])]


def test_a_change_that_is_cancelled_before_its_turn_is_not_made():
    bench = Bench()
    writing = bench.writer.write(u'INSERT 1')
    writing.cancel()
    bench.turn()
    assert bench.count(u'INSERT 1') == 0
    assert isinstance(writing.exception(), Cancelled)


def test_too_many_changes_are_refused():
    bench = Bench(max_waiting=3)
    writing = [bench.writer.write(u'INSERT %d' % number) for number in range(4)]
    assert isinstance(writing[-1].exception(), PoolExhausted)


def test_too_many_octets_are_refused(monkeypatch):
    monkeypatch.setattr(storewriter, 'MAX_OCTETS', 100)
    bench = Bench()
    bench.writer.write(u'INSERT ?', (b'x' * 60,))
    assert isinstance(bench.writer.write(u'INSERT ?', (b'x' * 60,)).exception(), PoolExhausted)


def test_one_change_may_have_more_octets(monkeypatch):
    monkeypatch.setattr(storewriter, 'MAX_OCTETS', 100)
    bench = Bench()
    writing = bench.writer.write(u'INSERT ?', (b'x' * 600,))
    bench.turn()
    assert writing.exception() is None


def test_the_octets_of_changes_that_are_made_do_not_count(monkeypatch):
    monkeypatch.setattr(storewriter, 'MAX_OCTETS', 100)
    bench = Bench()
    for _ in range(5):
        bench.writer.write(u'INSERT ?', {'a': u'x' * 60})
        bench.turn()
    assert bench.writer.write(u'INSERT ?', (b'x',)).exception() is None


def test_a_closed_writer_takes_nothing():
    bench = Bench()
    bench.writer.close()
    assert isinstance(bench.writer.write(u'INSERT 1').exception(), InterfaceError)


def test_closing_waits_for_the_changes():
    bench = Bench()
    writing = bench.writer.write(u'INSERT 1')
    closing = bench.writer.close()
    assert not closing.done()
    bench.turn()
    assert closing.done()
    assert writing.exception() is None


def test_another_exception_is_an_operational_error(expect_log):
    expect_log('changes cannot be kept')
    bench = Bench()
    bench.connection.faults['COMMIT'] = ValueError('a driver that fails')
    writing = bench.writer.write(u'INSERT 1')
    bench.turn()
    assert isinstance(writing.exception(), OperationalError)


# -- over a real database ------------------------------------------------------------------------

class FileBench(object):
    """A writer over a file of SQLite."""

    def __init__(self, tmpdir):
        self.loop = runtimes.choose()
        self.run = self.loop.run_until
        self.pool = open_pool(self.loop, u'sqlite:%s' % tmpdir.join('notes.db'))
        self.run(self.pool.run_operation(u'CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)'))
        self.writer = StoreWriter(self.loop, self.pool, u'notes')

    def bodies(self):
        """All rows."""
        return [row[0] for row in self.run(self.pool.run_query(
            u'SELECT body FROM notes ORDER BY id'))]


@pytest.fixture
def files(tmpdir):
    try:
        made = FileBench(tmpdir)
    except Unsupported as exc:
        pytest.skip(str(exc))
    yield made
    made.run(made.writer.close())
    made.run(made.pool.close())
    made.loop.close()


INSERT = u'INSERT INTO notes (id, body) VALUES (?, ?)'


def test_a_thousand_changes_take_a_few_transactions(files):
    files.run(gather([files.writer.write(INSERT, (number, u'x')) for number in range(1000)]))
    assert len(files.bodies()) == 1000
    assert files.writer.transactions == 2


def test_a_duplicate_key_in_a_batch_is_refused_alone(files):
    writing = [files.writer.write(INSERT, (number, u'%d' % number)) for number in (1, 2, 2, 3)]
    with pytest.raises(UniqueViolation):
        files.run(writing[2])
    files.run(writing[3])
    assert files.bodies() == [u'1', u'2', u'3']


def test_steps_read_what_was_written_before_them(files):
    @coroutine
    def add(transaction):
        rows = yield transaction.execute(u'SELECT coalesce(max(id), 0) + 1 FROM notes')
        yield transaction.execute(INSERT, (rows.value(), u'body'))
        raise Return(rows.value())

    files.writer.write(INSERT, (7, u'first'))
    added = [files.writer.change(add) for _ in range(3)]
    assert [files.run(each) for each in added] == [8, 9, 10]


def test_steps_that_fail_in_a_batch_leave_nothing(files):
    @coroutine
    def half(transaction):
        yield transaction.execute(INSERT, (1, u'half'))
        raise KeyError('the other half')

    files.writer.change(half).add_done_callback(lambda future: future.exception())
    files.run(files.writer.write(INSERT, (2, u'whole')))
    assert files.bodies() == [u'whole']
