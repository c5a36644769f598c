# Copyright the carryall authors.  See LICENSE.
"""The pool over a driver in memory: what is said to a connection, and what comes back."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import (NotSupportedError, OperationalError, Pool, PoolSettings,
                                    ProgrammingError, QueryOptions, Rows, SerializationFailure)
from carryall.core.errors import Cancelled
from carryall.core.future import Future, Return, completed, coroutine
from carryall.core.testing.fakeloop import VirtualLoop
from tests.core.database.fakedriver import FakeDriver


class Bench(object):
    """A pool of one connection over a fake driver."""

    def __init__(self, **options):
        self.loop = VirtualLoop()
        self.driver = FakeDriver()
        self.pool = Pool(self.loop, self.driver, PoolSettings(max_connections=1),
                         QueryOptions(**options))
        self.pool.start()

    @property
    def connection(self):
        """The connection that was opened last."""
        return self.driver.connections[-1]


def test_a_query_gives_rows():
    assert Bench().pool.run_query(u'SELECT 1').result() == [(1,)]


def test_an_operation_gives_the_number_of_rows():
    bench = Bench()
    bench.connection.answer = Rows((), (), 7)
    assert bench.pool.run_operation(u'UPDATE t SET a = 1').result() == 7


def test_a_connection_comes_back_after_a_query():
    bench = Bench()
    bench.pool.run_query(u'SELECT 1')
    assert bench.pool.lender.lent == 0


def test_a_connection_comes_back_after_a_query_that_fails():
    bench = Bench()
    bench.connection.answer = ProgrammingError(u'no')
    bench.pool.run_query(u'SELEC')
    assert bench.pool.lender.lent == 0


def test_a_query_that_fails_tells_why():
    bench = Bench()
    bench.connection.answer = ProgrammingError(u'no')
    with pytest.raises(ProgrammingError):
        bench.pool.run_query(u'SELEC').result()


def test_a_cancelled_query_gives_its_connection_back():
    bench = Bench()
    bench.connection.answer = Future()
    bench.pool.run_query(u'SELECT 1').cancel()
    assert bench.pool.lender.lent == 0


def test_a_cancelled_query_that_waits_is_never_executed():
    bench = Bench()
    answer = Future()
    bench.connection.answer = answer
    bench.pool.run_query(u'SELECT 1')
    bench.pool.run_query(u'SELECT 2').cancel()
    answer.set_result(Rows())
    assert bench.connection.said == [u'SELECT 1']


def test_a_cancelled_query_is_cancelled():
    bench = Bench()
    bench.connection.answer = Future()
    query = bench.pool.run_query(u'SELECT 1')
    query.cancel()
    assert isinstance(query.exception(), Cancelled)


def test_a_transaction_is_committed():
    bench = Bench()
    bench.pool.transaction(lambda transaction: transaction.execute(u'A'))
    assert bench.connection.said == ['BEGIN None False', u'A', 'COMMIT']


def test_a_transaction_gives_the_result_of_its_steps():
    assert Bench().pool.transaction(lambda transaction: 5).result() == 5


def test_a_transaction_that_fails_is_reset():
    bench = Bench()
    bench.connection.faults[u'A'] = ProgrammingError(u'no')
    bench.pool.transaction(lambda transaction: transaction.execute(u'A'))
    assert bench.connection.said[-1] == 'RESET'


def test_a_transaction_whose_commit_fails_is_reset():
    bench = Bench()
    bench.connection.faults['COMMIT'] = OperationalError(u'no')
    failing = bench.pool.transaction(lambda transaction: 5)
    assert (type(failing.exception()), bench.connection.said[-1]) == (OperationalError, 'RESET')


def test_steps_that_raise_are_reset():
    bench = Bench()

    def steps(_):
        raise KeyError('mine')

    assert isinstance(bench.pool.transaction(steps).exception(), KeyError)
    assert bench.connection.said == ['BEGIN None False', 'RESET']


def test_a_transaction_is_of_no_use_after_its_end():
    kept = []
    Bench().pool.transaction(kept.append)
    with pytest.raises(Exception):
        kept[0].execute(u'A')


def test_options_reach_the_transaction():
    bench = Bench(isolation=u'SERIALIZABLE', read_only=True)
    bench.pool.transaction(lambda _: None)
    assert bench.connection.said[0] == 'BEGIN serializable True'


def test_a_pool_with_other_options_lends_the_same_connections():
    bench = Bench()
    bench.pool.with_options(read_only=True).transaction(lambda _: None)
    assert bench.connection.said[0] == 'BEGIN None True'


def test_an_unknown_isolation_is_refused():
    with pytest.raises(ProgrammingError):
        QueryOptions(isolation=u'chaos')


def test_a_conflict_is_tried_again_if_it_was_asked_for():
    bench = Bench(retries=2)
    bench.connection.faults['COMMIT'] = SerializationFailure(u'no')
    assert bench.pool.transaction(lambda _: 5).result() == 5


def test_a_conflict_is_not_tried_again_by_itself():
    bench = Bench()
    bench.connection.faults['COMMIT'] = SerializationFailure(u'no')
    assert isinstance(bench.pool.transaction(lambda _: 5).exception(), SerializationFailure)


def test_conflicts_are_tried_again_so_often():
    bench = Bench(retries=2)
    attempts = []

    def steps(_):
        attempts.append(1)
        raise SerializationFailure(u'no')

    failing = bench.pool.transaction(steps)
    assert (len(attempts), type(failing.exception())) == (3, SerializationFailure)


def test_nested_steps_are_kept():
    bench = Bench()
    bench.pool.transaction(lambda transaction: transaction.nested(
        lambda inner: inner.execute(u'A')))
    assert bench.connection.said[1:4] == [u'SAVEPOINT carryall_1', u'A',
                                          u'RELEASE SAVEPOINT carryall_1']


def test_nested_steps_that_fail_are_undone():
    bench = Bench()
    bench.connection.faults[u'A'] = ProgrammingError(u'no')

    @coroutine
    def steps(transaction):
        try:
            yield transaction.nested(lambda inner: inner.execute(u'A'))
        except ProgrammingError:
            raise Return(u'caught')

    assert bench.pool.transaction(steps).result() == u'caught'
    assert u'ROLLBACK TO SAVEPOINT carryall_1' in bench.connection.said


def test_a_driver_that_never_blocks_has_no_interactions():
    with pytest.raises(NotSupportedError):
        Bench().pool.run_interaction(lambda _: None).result()


def test_the_former_names_are_the_same_functions():
    assert (Pool.runQuery, Pool.runOperation, Pool.runInteraction, Pool.runWithConnection) == \
        (Pool.run_query, Pool.run_operation, Pool.run_interaction, Pool.run_with_connection)


def test_a_query_with_callbacks_calls_the_first():
    assert Bench().pool.query(len, None, u'SELECT 1').result() == 1


def test_an_operation_with_callbacks_calls_the_second_on_failure():
    bench = Bench()
    bench.connection.answer = ProgrammingError(u'no')
    assert bench.pool.operation(None, type, u'SELEC').result() is ProgrammingError


def test_a_future_of_the_driver_that_is_there_is_taken():
    bench = Bench()
    bench.connection.answer = completed(Rows([(2,)], (u'n',), 1))
    assert bench.pool.run_query(u'SELECT 2').result() == [(2,)]
