# Copyright the carryall authors.  See LICENSE.
"""The pool by its former name."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.errors import Unsupported, UsageError
from carryall.services.database import Augmentation, ConnectionPool, safe
from tests.support import interpreter


@pytest.fixture
def pool(tmpdir):
    loop = runtimes.choose()
    try:
        made = ConnectionPool(loop, u'sqlite:%s' % tmpdir.join('test.db'), cp_min=1, cp_max=2,
                              cp_noisy=False, cp_reconnect=True)
    except Unsupported as exc:
        loop.close()
        pytest.skip(str(exc))
    yield made
    loop.run_until(made.close())
    loop.close()


def _run(pool, future):
    return pool.lender.loop.run_until(future)


def test_a_query_is_run(pool):
    assert _run(pool, pool.runQuery(u'SELECT 1')) == [(1,)]


def test_an_interaction_is_run(pool):
    def work(transaction):
        transaction.execute(u'CREATE TABLE t (a INTEGER)')
        transaction.execute(u'INSERT INTO t (a) VALUES (?)', (5,))
        return transaction.execute(u'SELECT a FROM t').fetchall()

    assert _run(pool, pool.runInteraction(work)) == [(5,)]


def test_the_number_of_connections_is_taken(pool):
    assert pool.lender.settings.max_connections == 2


def test_an_augmentation_asks_its_pool(pool):
    assert _run(pool, Augmentation(pool).runQuery(u'SELECT 2')) == [(2,)]


def test_an_augmentation_runs_operations(pool):
    made = Augmentation(pool)
    _run(pool, made.runOperation(u'CREATE TABLE t (a INTEGER)'))
    assert _run(pool, made.runInteraction(lambda transaction: transaction.query(
        u'SELECT count(*) FROM t').value())) == 0


def test_an_unknown_word_is_refused():
    loop = runtimes.choose()
    with pytest.raises(UsageError):
        ConnectionPool(loop, u'memory:', cp_nosuch=1)
    loop.close()


@pytest.mark.skipif(interpreter.JYTHON, reason='sqlite3 is not on Jython')
def test_a_module_is_taken_by_its_name(tmpdir):
    loop = runtimes.choose()
    made = ConnectionPool(loop, 'sqlite3', str(tmpdir.join('test.db')))
    assert loop.run_until(made.runQuery(u'SELECT ?', (1,))) == [(1,)]
    loop.run_until(made.close())
    loop.close()


@pytest.mark.skipif(interpreter.JYTHON, reason='sqlite3 is not on Jython')
def test_parameters_have_the_style_of_the_module(tmpdir, monkeypatch):
    from tests.runtimes.database import plainmodule
    monkeypatch.setattr(plainmodule, 'paramstyle', 'format')
    loop = runtimes.choose()
    made = ConnectionPool(loop, 'tests.runtimes.database.plainmodule',
                          str(tmpdir.join('test.db')))
    loop.close()
    assert made.options.style == 'format'


def test_safe_doubles_quotes():
    with pytest.warns(DeprecationWarning):
        assert safe(u"it's") == u"it''s"
