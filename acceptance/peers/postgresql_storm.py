# Copyright the carryall authors.  See LICENSE.
"""Statements on the PostgreSQL at the location that is given, while its backends and it end.

Each row is inserted once; it counts as there if the insert was answered.  A failure has to be the
error of a connection that is gone.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.core.database import ConnectionGone, Pool, PoolSettings
from carryall.core.future import Return, coroutine, gather, sleep

ROUND = 200                 # inserts at the same time
OTHERS = (u'SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity '
          u"WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")

loop = runtimes.choose()
driver = database_driver(loop, sys.argv[1])
pool = Pool(loop, driver, PoolSettings(max_connections=4, patience_seconds=20.0))
answered = []
failed = []


@coroutine
def insert(number):
    """One row."""
    try:
        yield pool.run_query(u'INSERT INTO storm (id) VALUES (?)', (number,))
    except ConnectionGone:
        failed.append(number)
    else:
        answered.append(number)


def inserts(begin):
    """A Future of a round of them."""
    return gather([insert(number) for number in range(begin, begin + ROUND)])


@coroutine
def pipelined():
    """Many statements on one connection, none of which waits."""
    connection = yield driver.connect(loop)
    found = yield gather([connection.client.query(u'SELECT $1', (number,))
                          for number in range(1000)])
    yield connection.close()
    raise Return([rows.value() for rows in found] == list(range(1000)))


@coroutine
def work():
    """Pipelines, ends the backends in the midst of five rounds, waits for a restart."""
    right = yield pipelined()           # jython: a yield within a call loses the generator's frame
    print('pipelined: %r' % right)
    yield pool.run_query(u'DROP TABLE IF EXISTS storm')
    yield pool.run_query(u'CREATE TABLE storm (id INTEGER)')
    killer = Pool(loop, driver, PoolSettings(max_connections=1))
    yield killer.start()
    number = 0
    for _ in range(5):
        under_way = inserts(number)
        yield killer.run_query(OTHERS)
        yield under_way
        number += ROUND
    yield killer.close()
    lost = len(failed)
    print('restart')
    while len(failed) == lost:
        yield inserts(number)
        number += ROUND
        yield sleep(loop, 0.01)
    before = len(answered)
    while len(answered) < before + ROUND:
        yield inserts(number)
        number += ROUND
    rows = yield pool.run_query(u'SELECT id FROM storm')
    there = [row[0] for row in rows]
    print('doubled: %d' % (len(there) - len(set(there))))
    print('missing: %d' % len(set(answered) - set(there)))
    print('unknown: %d' % len(set(there) - set(answered) - set(failed)))
    print('all told: %r' % (len(answered) + len(failed) == number))
    print('some failed: %r' % (lost > 0))
    yield pool.close()


loop.run_until(work())
loop.close()
print('over')
