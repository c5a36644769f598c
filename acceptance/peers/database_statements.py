# Copyright the carryall authors.  See LICENSE.
"""Forty statements on the database at the location that is given, and what each of them gives.

The first line is what the table held before; the word ``read`` behind the location leaves it at
that.  A line has the rows, the number of rows and the kind of error, in octets that are the same
wherever the values are.
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.core.database import Error, Pool, PoolSettings
from carryall.core.future import coroutine

MIX = u'caf\xe9 \u2615'
ALL = u'SELECT id, name, n, x, data FROM things ORDER BY id'
STATEMENTS = [
    (u'DROP TABLE IF EXISTS things', ()),
    (u'DROP TABLE IF EXISTS parts', ()),
    (u'CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, '
     u'n BIGINT, x DOUBLE PRECISION, data {blob})', ()),
    (u'CREATE TABLE parts (id INTEGER NOT NULL PRIMARY KEY, thing INTEGER NOT NULL)', ()),
    (u'INSERT INTO things (id, name, n, x, data) VALUES (?, ?, ?, ?, ?)',
     (1, u'anna', 5, 1.5, b'\0\xff')),
    (u'INSERT INTO things (id, name, n, x, data) VALUES (?, ?, ?, ?, ?)',
     (2, MIX, -9223372036854775808, -0.1, b'')),
    (u'INSERT INTO things (id, name, n, x, data) VALUES (?, ?, ?, ?, ?)',
     (3, u'', 9223372036854775807, 1e300, b'x' * 1000)),
    (u'INSERT INTO things (id, name) VALUES (?, ?)', (4, u"it's ? and %s")),
    (u'INSERT INTO things (id, name, n) VALUES (5, ?, NULL)', (u'null',)),
    (ALL, ()),
    (u'INSERT INTO things (id, name) VALUES (1, ?)', (u'twice',)),
    (u'INSERT INTO things (id, name) VALUES (6, ?)', (u'anna',)),
    (u'INSERT INTO things (id, name) VALUES (7, ?)', (None,)),
    (u'SELECT COUNT(*) FROM things', ()),
    (u'SELECT nothing FROM things', ()),
    (u'SELECT * FROM nowhere', ()),
    (u'SELEC 1', ()),
    (u'SELECT name FROM things WHERE id = ?', ()),
    (u'SELECT name FROM things WHERE id = ?', (99,)),
    (u'SELECT name FROM things WHERE name = ?', (MIX,)),
    (u'SELECT name FROM things WHERE data = ?', (b'\0\xff',)),
    (u'SELECT id FROM things WHERE n IS NULL ORDER BY id', ()),
    (u'SELECT id FROM things WHERE name LIKE ? ORDER BY id', (u'%n%',)),
    (u"SELECT name || ' ?' FROM things WHERE id = ?", (1,)),
    (u'SELECT id, LENGTH(name) FROM things ORDER BY name', ()),
    (u'SELECT MAX(n), MIN(x), COUNT(n) FROM things', ()),
    (u'UPDATE things SET n = ? WHERE id = ?', (7, 1)),
    (u'UPDATE things SET x = x * 2 WHERE x IS NOT NULL', ()),
    (u'UPDATE things SET n = 1 WHERE id = 99', ()),
    (u'SELECT id, n, x FROM things ORDER BY id DESC', ()),
    (u'INSERT INTO parts (id, thing) SELECT id + 10, id FROM things', ()),
    (u'SELECT t.name, p.id FROM things t JOIN parts p ON p.thing = t.id ORDER BY p.id', ()),
    (u'SELECT t.id, p.id FROM things t LEFT JOIN parts p ON p.id = t.id ORDER BY t.id', ()),
    (u'SELECT thing, COUNT(*) FROM parts GROUP BY thing HAVING thing > ? ORDER BY thing', (3,)),
    (u'SELECT id FROM parts WHERE thing IN (SELECT id FROM things WHERE n > ?) ORDER BY id', (0,)),
    (u'SELECT CASE WHEN id < 3 THEN ? ELSE ? END FROM things ORDER BY id', (u'few', u'many')),
    (u'DELETE FROM parts WHERE thing = ?', (2,)),
    (u'DELETE FROM parts', ()),
    (u'SELECT id FROM parts', ()),
    (ALL, ()),
]
assert len(STATEMENTS) == 40


def octets(value):
    """A value in one way on every runtime."""
    if value is None:
        return 'null'
    if isinstance(value, bytes):
        return 'octets ' + ''.join('%02x' % each for each in bytearray(value))
    if isinstance(value, float):
        return 'float %r' % value
    if isinstance(value, type(u'')):
        return 'text ' + ''.join('%02x' % each for each in bytearray(value.encode('utf-8')))
    return 'integer %d' % value


def shown(rows):
    """The rows of one statement as a line."""
    return ' | '.join(', '.join(octets(value) for value in row) for row in rows)


@coroutine
def work(loop, location, read_only):
    """All of it, with a transaction that is taken back at the end."""
    pool = Pool(loop, database_driver(loop, location), PoolSettings(max_connections=2))
    try:
        before = yield pool.run_query(ALL)
        print('before: %s' % shown(before))
    except Error as exc:
        print('before: %s' % type(exc).__name__)
    if not read_only:
        blob = u'BYTEA' if pool.dialect == 'postgres' else u'BLOB'
        for number, (text, parameters) in enumerate(STATEMENTS):
            try:
                rows = yield pool.run_query(text.replace(u'{blob}', blob), parameters)
                count = -1 if text[:4] in (u'DROP', u'CREA') or rows.count is None else rows.count
                print('%d: %d: %s' % (number, count, shown(rows)))
            except Error as exc:
                print('%d: %s' % (number, type(exc).__name__))
        try:
            yield pool.transaction(half)
        except ZeroDivisionError:
            rows = yield pool.run_query(u'SELECT COUNT(*) FROM things')
            print('taken back: %s' % shown(rows))
    yield pool.close()


@coroutine
def half(transaction):
    """Deletes, and fails."""
    yield transaction.execute(u'DELETE FROM things')
    raise ZeroDivisionError('the transaction ends here')


main_loop = runtimes.choose()
main_loop.run_until(work(main_loop, sys.argv[1], sys.argv[2:] == ['read']))
main_loop.close()
print('over')
