# Copyright the carryall authors.  See LICENSE.
"""The pool over a file of SQLite, with real threads."""
from __future__ import absolute_import, division, print_function

import threading

import pytest

from carryall import runtimes
from carryall.core.database import Pool, PoolSettings, StatementCancelled
from carryall.core.errors import Cancelled
from carryall.core.future import coroutine, gather, sleep
from tests.runtimes.database import providers
from tests.runtimes.database.test_sqlite import ENDLESS


class Bench(object):
    """A pool with one table of ten rows."""

    def __init__(self, loop, tmpdir):
        self.loop = loop
        driver = providers.driver_of('sqlite', loop, tmpdir)
        self.pool = Pool(loop, driver, PoolSettings(max_connections=3))
        self.run(self.pool.run_operation(u'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)'))
        self.run(self.pool.run_many(u'INSERT INTO t (id, n) VALUES (?, 0)',
                                    [(number,) for number in range(1, 11)]))

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def number(self, key=1):
        """The number in one row."""
        return self.run(self.pool.run_query(u'SELECT n FROM t WHERE id = ?', (key,))).value()


@pytest.fixture
def bench(tmpdir):
    loop = runtimes.choose()
    made = Bench(loop, tmpdir)
    yield made
    made.run(made.pool.close())
    loop.close()


def _add_one(transaction, key):
    transaction.execute(u'SELECT n FROM t WHERE id = ?', (key,))
    number, = transaction.fetchone()
    transaction.execute(u'UPDATE t SET n = ? WHERE id = ?', (number + 1, key))
    return number + 1


def test_queries_at_once_are_all_answered(bench):
    queries = [bench.pool.run_query(u'SELECT id FROM t WHERE id = ?', (number % 10 + 1,))
               for number in range(100)]
    assert [rows.value() for rows in bench.run(gather(queries))] == list(range(1, 11)) * 10


def test_interactions_at_once_lose_nothing(bench):
    bench.run(gather([bench.pool.run_interaction(_add_one, 1) for _ in range(30)]))
    assert bench.number() == 30


def test_an_interaction_runs_in_another_thread(bench):
    name = bench.run(bench.pool.run_interaction(lambda _: threading.current_thread().name))
    assert name != threading.current_thread().name


def test_an_interaction_that_fails_leaves_nothing(bench):
    def fail(transaction):
        _add_one(transaction, 1)
        raise KeyError('mine')

    with pytest.raises(KeyError):
        bench.run(bench.pool.run_interaction(fail))
    assert bench.number() == 0


def test_a_connection_is_not_poisoned_by_an_error(bench):
    def swallow(transaction):
        with pytest.raises(Exception):
            transaction.execute(u'SELEC')

    for _ in range(6):
        bench.run(bench.pool.run_interaction(swallow))
    assert bench.run(bench.pool.run_interaction(_add_one, 2)) == 1


def test_a_cancelled_interaction_leaves_nothing(bench):
    begun = threading.Event()

    def endless(transaction):
        _add_one(transaction, 1)
        begun.set()
        transaction.execute(ENDLESS)

    work = bench.pool.run_interaction(endless)
    bench.run(bench.loop.run_in_thread(begun.wait, 10.0))
    work.cancel()
    with pytest.raises(Cancelled):
        bench.run(work)
    assert bench.number() == 0


def test_a_cancelled_query_does_not_interrupt_the_next(bench):
    pool = Pool(bench.loop, bench.pool.lender.driver, PoolSettings(max_connections=1))
    bench.run(pool.start())
    found = []
    for _ in range(5):
        cancelled = pool.run_query(ENDLESS)
        bench.run(sleep(bench.loop, 0.01))
        cancelled.cancel()
        found.append(bench.run(pool.run_query(u'SELECT COUNT(*) FROM t')).value())
    bench.run(pool.close())
    assert found == [10] * 5


def test_a_connection_with_a_call_under_way_is_dirty(bench):
    connection = bench.run(bench.pool.lender.acquire())
    asked = connection.execute(u'SELECT 1')
    while_asked = connection.dirty
    bench.run(asked)
    assert (while_asked, connection.dirty) == (True, False)
    bench.pool.lender.release(connection)


def test_an_interaction_that_takes_too_long_leaves_nothing(bench):
    def endless(transaction):
        _add_one(transaction, 1)
        try:
            transaction.execute(ENDLESS)
        except StatementCancelled:
            return u'swallowed'

    with pytest.raises(StatementCancelled):
        bench.run(bench.pool.with_options(timeout=0.2).run_interaction(endless))
    assert bench.number() == 0


def test_a_session_commits_when_it_is_told(bench):
    def work(session):
        _add_one(session.cursor(), 1)
        session.commit()
        _add_one(session.cursor(), 1)
        raise KeyError('mine')

    with pytest.raises(KeyError):
        bench.run(bench.pool.run_with_connection(work))
    assert bench.number() == 1


def test_rows_are_streamed_in_parts(bench):
    parts = []
    bench.run(bench.pool.stream(u'SELECT id FROM t', (), lambda rows: parts.append(len(rows)), 4))
    assert parts == [4, 4, 2]


def test_nested_steps_that_fail_are_undone(bench):
    @coroutine
    def inner(transaction):
        yield transaction.execute(u'UPDATE t SET n = 100')
        raise KeyError('mine')

    @coroutine
    def outer(transaction):
        yield transaction.execute(u'UPDATE t SET n = 7')
        with pytest.raises(KeyError):
            yield transaction.nested(inner)

    bench.run(bench.pool.transaction(outer))
    assert bench.number() == 7


def test_closing_leaves_no_threads(bench):
    bench.run(bench.pool.close())
    left = [thread for thread in threading.enumerate()
            if thread.name.startswith('carryall-database')]
    for thread in left:
        thread.join(5.0)
    assert not [thread for thread in left if thread.is_alive()]
