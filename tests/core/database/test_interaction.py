# Copyright the carryall authors.  See LICENSE.
"""Transactions that block, over a connection that notes what it is told."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import (BlockingConnection, InterfaceError, Rows, StatementCancelled)
from carryall.core.database.interaction import BlockingTransaction, interact, with_session
from carryall.core.future import completed


class Noting(BlockingConnection):
    """Answers each query with three rows."""

    def __init__(self):
        self.said = []

    def execute(self, query, parameters=(), style=None):
        self.said.append(query)
        return Rows([(1,), (2,), (3,)], (u'n',), 3, 7)

    def execute_many(self, query, parameters, style=None):
        self.said.append(query)
        return len(parameters)

    def begin(self, isolation=None, read_only=False):
        self.said.append('BEGIN')
        self.in_transaction = True

    def commit(self):
        self.said.append('COMMIT')
        self.in_transaction = False

    def rollback(self):
        self.said.append('ROLLBACK')
        self.in_transaction = False


def _interact(blocking, function):
    return interact(blocking, None, False, None, function, (), {})


def _transaction():
    transaction = BlockingTransaction(Noting())
    return transaction.execute(u'SELECT n FROM t')


def test_an_interaction_is_committed():
    blocking = Noting()
    _interact(blocking, lambda transaction: transaction.execute(u'A'))
    assert blocking.said == ['BEGIN', u'A', 'COMMIT']


def test_an_interaction_that_fails_is_rolled_back():
    blocking = Noting()
    with pytest.raises(ZeroDivisionError):
        _interact(blocking, lambda transaction: 1 // 0)
    assert blocking.said == ['BEGIN', 'ROLLBACK']


def test_an_interaction_that_was_given_up_is_not_committed():
    blocking = Noting()
    blocking.waiting = completed(None)
    with pytest.raises(StatementCancelled):
        _interact(blocking, lambda transaction: transaction.execute(u'A'))
    assert blocking.said == ['BEGIN', u'A', 'ROLLBACK']


def test_a_transaction_is_of_no_use_after_its_end():
    kept = []
    _interact(Noting(), kept.append)
    with pytest.raises(InterfaceError):
        kept[0].execute(u'A')


def test_rows_are_fetched_one_by_one():
    transaction = _transaction()
    assert [transaction.fetchone() for _ in range(4)] == [(1,), (2,), (3,), None]


def test_rows_are_fetched_some_at_a_time():
    transaction = _transaction()
    assert [transaction.fetchmany(2) for _ in range(3)] == [[(1,), (2,)], [(3,)], []]


def test_the_rest_of_the_rows_is_fetched():
    transaction = _transaction()
    transaction.fetchone()
    assert transaction.fetchall() == [(2,), (3,)]


def test_a_transaction_is_iterated_over():
    assert list(_transaction()) == [(1,), (2,), (3,)]


def test_a_transaction_describes_its_columns():
    assert _transaction().description[0][0] == u'n'


def test_a_transaction_tells_the_number_of_rows():
    assert _transaction().rowcount == 3


def test_a_transaction_tells_the_last_key():
    assert _transaction().lastrowid == 7


def test_fetching_without_a_statement_is_an_error():
    with pytest.raises(InterfaceError):
        BlockingTransaction(Noting()).fetchone()


def test_fetching_after_close_is_an_error():
    transaction = _transaction()
    transaction.close()
    with pytest.raises(InterfaceError):
        transaction.fetchall()


def test_many_rows_are_counted():
    transaction = BlockingTransaction(Noting())
    assert transaction.executemany(u'A', [(1,), (2,)]).rowcount == 2


def test_savepoints_are_statements():
    blocking = Noting()
    transaction = BlockingTransaction(blocking)
    transaction.savepoint('a')
    transaction.rollback_to('a')
    transaction.release('a')
    assert blocking.said == [u'SAVEPOINT a', u'ROLLBACK TO SAVEPOINT a', u'RELEASE SAVEPOINT a']


def test_a_session_commits_and_begins_again():
    blocking = Noting()

    def work(session):
        session.cursor().execute(u'A')
        session.commit()
        session.cursor().execute(u'B')
        session.rollback()

    with_session(blocking, None, False, None, work, (), {})
    assert blocking.said == ['BEGIN', u'A', 'COMMIT', 'BEGIN', u'B', 'ROLLBACK', 'BEGIN', 'COMMIT']


def test_a_cursor_of_a_session_is_of_no_use_after_its_end():
    cursors = []
    with_session(Noting(), None, False, None, lambda session: cursors.append(session.cursor()),
                 (), {})
    with pytest.raises(InterfaceError):
        cursors[0].execute(u'A')
