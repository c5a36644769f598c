# Copyright the carryall authors.  See LICENSE.
"""Statements through a proxy that lends its sessions by turns; the location is given.

Several connections ask the same few statements again and again, in transactions and outside.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.core.database import Error, Pool, PoolSettings
from carryall.core.future import coroutine, gather

ROUNDS = 40
CALLS = 12

loop = runtimes.choose()


@coroutine
def refused(location):
    """Says how a connection is refused."""
    try:
        connection = yield database_driver(loop, location).connect(loop)
        yield connection.close()
        print('taken')
    except Error as exc:
        print('refused: %s' % exc.message)


@coroutine
def ask(pool, number):
    """One statement, or a transaction of two."""
    if number % 3:
        rows = yield pool.run_query(u'SELECT ? + %d' % (number % 5), (number,))
        assert rows == [(number + number % 5,)], rows
    else:
        yield pool.transaction(steps)


@coroutine
def steps(transaction):
    """Two statements."""
    yield transaction.execute(u'SELECT 1')
    yield transaction.execute(u'SELECT ? + 1', (5,))


@coroutine
def work(location):
    """All of it."""
    yield refused(location + '?options=-c%20geqo%3Doff')
    yield refused(location + '?min_protocol_version=3.2')
    # Such a proxy keeps no statement for a client.
    pool = Pool(loop, database_driver(loop, location + '?statements=0'),
                PoolSettings(max_connections=4))
    for _ in range(ROUNDS):
        yield gather([ask(pool, number) for number in range(CALLS)])
    yield pool.close()
    print('asked: %d' % (ROUNDS * CALLS))


loop.run_until(work(sys.argv[1]))
loop.close()
print('over')
