# Copyright the carryall authors.  See LICENSE.
"""Five thousand inserts at a time on the PostgreSQL at the location that is given.

A backend is killed, then the server itself; the second host takes over.

Each row is inserted once; it counts as there if the insert was answered.  A failure has to be the
error of a connection that is gone.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.core.database import ConnectionGone, Pool, PoolSettings
from carryall.core.future import Return, coroutine, gather, sleep

CROWD = 5000                # inserts at the same time
FEW = 50                    # of a look whether the pool has healed
TEXT = u'INSERT INTO storm (id) VALUES ($1)'

loop = runtimes.choose()
driver = database_driver(loop, sys.argv[1])
pool = Pool(loop, driver, PoolSettings(max_connections=8, patience_seconds=60.0,
                                       wait_seconds=120.0))
answered = []
failed = []
numbers = [0]


def say(text):
    """One line, at once."""
    print(text)
    sys.stdout.flush()


@coroutine
def insert(number, ask):
    """One row."""
    try:
        yield ask(number)
    except ConnectionGone:
        failed.append(number)
    else:
        answered.append(number)


def by_pool(number):
    """A row by the pool."""
    return pool.run_query(u'INSERT INTO storm (id) VALUES (?)', (number,))


def inserts(count, ask=by_pool):
    """A Future of so many of them."""
    begin = numbers[0]
    numbers[0] += count
    return gather([insert(number, ask) for number in range(begin, begin + count)])


@coroutine
def pipelined():
    """A crowd on one connection, whose backend is killed."""
    connection = yield driver.connect(loop)
    rows = yield connection.execute(u'SELECT pg_backend_pid()')
    under_way = inserts(CROWD, lambda number: connection.client.query(TEXT, (number,)))
    say('pipelined: %d' % rows.value())
    yield under_way
    yield connection.close()
    raise Return(None)


@coroutine
def healed(word):
    """Inserts until many are answered again."""
    before = len(answered)
    while len(answered) < before + FEW:
        yield inserts(FEW)
        yield sleep(loop, 0.05)
    say(word)


@coroutine
def work():
    """All of it; the case kills what is named on the way."""
    yield pool.run_query(u'CREATE TABLE storm (id INTEGER)')
    yield pipelined()
    lost = [len(failed)]
    yield healed('healed: once')
    for word in ('backend', 'server'):
        before = len(failed)
        under_way = inserts(CROWD)
        say('under way: %s' % word)
        yield under_way
        yield healed('healed: ' + word)
        lost.append(len(failed) - before)
    rows = yield pool.run_query(u'SELECT id FROM storm')
    there = [row[0] for row in rows]
    say('doubled: %d' % (len(there) - len(set(there))))
    say('missing: %d' % len(set(answered) - set(there)))
    say('unknown: %d' % len(set(there) - set(answered) - set(failed)))
    say('all told: %r' % (len(answered) + len(failed) == numbers[0]))
    say('answered %d, failed %r' % (len(answered), lost))
    yield pool.close()


loop.run_until(work())
loop.close()
say('over')
