# Copyright the carryall authors.  See LICENSE.
"""Three hundred statements on the database at the location that is given, and what each gives.

A location that begins with ``module:`` has the name of a DB-API 2.0 module and the argument of its
``connect``, as in ``module:psycopg:host=127.0.0.1``.  A ``from FOLDER`` behind it tells where that
is.

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
    (u'DROP TABLE IF EXISTS parts', ()),
    (u'DROP TABLE IF EXISTS things', ()),
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
BOTH = u'CAST(? AS %s) %s CAST(? AS %s)'
WHOLE = ((7, 2), (-7, 2), (0, 5), (9223372036854774807, 1000), (-9, -4))
PARTS = ((0.5, 0.25), (-1.5, 3.0), (1e300, 2.0), (0.1, 0.3))
LISTS = (
    (u'SELECT upper(name) FROM things WHERE id = ?', (1,)),
    (u'SELECT lower(name) FROM things WHERE id = ?', (4,)),
    (u'SELECT length(name) FROM things WHERE id = ?', (2,)),
    (u'SELECT length(data) FROM things WHERE id = ?', (3,)),
    (u'SELECT trim(CAST(? AS VARCHAR(20)))', (u'  a b ',)),
    (u'SELECT ltrim(CAST(? AS VARCHAR(20)))', (u'  a b ',)),
    (u'SELECT rtrim(CAST(? AS VARCHAR(20)))', (u'  a b ',)),
    (u'SELECT replace(name, ?, ?) FROM things WHERE id = 1', (u'n', MIX)),
    (u'SELECT substr(name, 2, 3) FROM things ORDER BY id', ()),
    (u'SELECT coalesce(n, ?) FROM things ORDER BY id', (42,)),
    (u'SELECT nullif(id, ?) FROM things ORDER BY id', (3,)),
    (u'SELECT abs(CAST(? AS BIGINT))', (-9,)),
    (u'SELECT CAST(? AS VARCHAR(30))', (MIX,)),
    (u'SELECT CAST(id AS VARCHAR(9)) FROM things ORDER BY id', ()),
    (u'SELECT CAST(CAST(? AS VARCHAR(9)) AS INTEGER)', (u'17',)),
    (u'SELECT NULL', ()),
    (u'SELECT count(*), count(n), count(x), count(data) FROM things', ()),
    (u'SELECT min(name), max(name) FROM things', ()),
    (u'SELECT min(id), max(id), sum(id) FROM things', ()),
    (u'SELECT count(DISTINCT thing) FROM parts', ()),
    (u'SELECT sum(id) FROM parts WHERE id < 0', ()),
    (u'SELECT id FROM things UNION SELECT thing + 3 FROM parts ORDER BY 1', ()),
    (u'SELECT id FROM things UNION ALL SELECT 1 ORDER BY 1', ()),
    (u'SELECT id FROM things EXCEPT SELECT thing FROM parts WHERE thing < 3 ORDER BY 1', ()),
    (u'SELECT id FROM things INTERSECT SELECT thing FROM parts WHERE thing > 2 ORDER BY 1', ()),
    (u'SELECT id FROM things t WHERE EXISTS (SELECT 1 FROM parts p WHERE p.thing = t.id '
     u'AND p.id > ?) ORDER BY id', (12,)),
    (u'SELECT id, (SELECT count(*) FROM parts p WHERE p.thing = t.id) FROM things t ORDER BY id',
     ()),
    (u'SELECT a.id, b.id FROM things a CROSS JOIN things b WHERE a.id < b.id ORDER BY 1, 2', ()),
    (u'WITH few AS (SELECT id FROM things WHERE id < ?) SELECT count(*) FROM few', (4,)),
    (u'WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 20) '
     u'SELECT n FROM up ORDER BY n', ()),
    (u'SELECT id, row_number() OVER (ORDER BY id DESC) FROM things ORDER BY id', ()),
    (u'SELECT id, sum(id) OVER (ORDER BY id) FROM things ORDER BY id', ()),
    (u'SELECT DISTINCT id / 2 FROM things ORDER BY 1', ()),
    (u'SELECT thing, count(*) FROM parts GROUP BY thing ORDER BY thing DESC', ()),
    (u'SELECT name FROM things ORDER BY name DESC', ()),
    (u'SELECT t.id FROM things t JOIN parts p ON p.thing = t.id JOIN parts q ON q.id = p.id '
     u'ORDER BY t.id', ()),
    (u"SELECT 'a''b', 'c?d', '%s', ':e', '--f', '/* g */'", ()),
    (u'SELECT 1 -- what? :not %s', ()),
    (u'SELECT /* what? */ 2', ()),
    (u'SELECT "id" FROM things WHERE "id" = ?', (1,)),
    (u'SELECT id AS "what?" FROM things WHERE id = ?', (1,)),
)
FAULTS = (
    (u'CREATE TABLE things (id INTEGER)', ()),
    (u'DROP TABLE nowhere', ()),
    (u'INSERT INTO nowhere (id) VALUES (1)', ()),
    (u'INSERT INTO things (nothing) VALUES (1)', ()),
    (u'INSERT INTO parts (id) VALUES (1, 2)', ()),
    (u'INSERT INTO parts (id) VALUES (77)', ()),
    (u'UPDATE things SET nothing = 1', ()),
    (u'UPDATE things SET name = NULL WHERE id = 1', ()),
    (u'UPDATE things SET id = 2 WHERE id = 1', ()),
    (u'UPDATE nowhere SET id = 1', ()),
    (u'DELETE FROM nowhere', ()),
    (u'DELETE things', ()),
    (u'SELECT nofunction(1)', ()),
    (u'SELECT id FROM things, parts', ()),
    (u'SELECT id FROM things WHERE count(*) > 1', ()),
    (u'SELECT * FROM', ()),
    (u'SELECT (1', ()),
    (u"SELECT 'open", ()),
    (u'SELECT id FROM things WHERE id = ?', (1, 2)),
    (u'SELECT id FROM things WHERE id = ? AND n = ?', (1,)),
    (u'INSERT INTO kids (id, thing, n) VALUES (1, 99, 1)', ()),
    (u'INSERT INTO kids (id, thing, n) VALUES (1, 1, 11)', ()),
    (u'INSERT INTO kids (id, thing, n) VALUES (1, 1, 1)', ()),
    (u'INSERT INTO kids (id, thing, n) VALUES (1, 2, 2)', ()),
    (u'DELETE FROM things WHERE id = 1', ()),
    (u'UPDATE kids SET n = 20', ()),
    (u'UPDATE kids SET thing = 99', ()),
    (u'SELECT id, thing, n FROM kids', ()),
)


def compared():
    """Each comparison of each column, and the forms of a list of rows."""
    for column, value in ((u'id', 3), (u'n', 7), (u'x', 3.0), (u'name', u'anna'),
                          (u'data', b'\0\xff')):
        for sign in (u'=', u'<>', u'<', u'<=', u'>', u'>='):
            yield u'SELECT id FROM things WHERE %s %s ? ORDER BY id' % (column, sign), (value,)
        for words in (u'IS NULL', u'IS NOT NULL'):
            yield u'SELECT id FROM things WHERE %s %s ORDER BY id' % (column, words), ()
    for count in range(1, 9):
        yield (u'SELECT id FROM things WHERE id IN (%s) ORDER BY id' % u', '.join(u'?' * count),
               tuple(range(2, 2 + count)))
        yield (u'SELECT id FROM things WHERE id BETWEEN ? AND ? ORDER BY id', (count - 2, count))
    for pattern in (u'%', u'a%', u'%a', u'_nna', u'%it%', u'null', u'', u'%\u2615', u"%'%"):
        yield u'SELECT id FROM things WHERE name LIKE ? ORDER BY id', (pattern,)
        yield u'SELECT id FROM things WHERE name NOT LIKE ? ORDER BY id', (pattern,)
    for limit in range(4):
        for offset in range(4):
            yield u'SELECT id FROM things ORDER BY id LIMIT ? OFFSET ?', (limit, offset)


def reckoned():
    """Arithmetic, and what the functions give."""
    for pair in WHOLE:
        for sign in (u'+', u'-', u'/', u'%'):
            yield u'SELECT ' + BOTH % (u'BIGINT', sign, u'BIGINT'), pair
    for pair in PARTS:
        for sign in (u'+', u'-', u'*', u'/'):
            yield u'SELECT ' + BOTH % (u'DOUBLE PRECISION', sign, u'DOUBLE PRECISION'), pair
    for pair in WHOLE:
        for sign in (u'<', u'=', u'>='):
            yield (u"SELECT CASE WHEN %s THEN 'yes' ELSE 'no' END"
                   % (BOTH % (u'BIGINT', sign, u'BIGINT')), pair)


def changed():
    """Rows that come, change and go."""
    yield (u'CREATE TABLE kids (id INTEGER NOT NULL PRIMARY KEY, thing INTEGER REFERENCES things '
           u'(id), n INTEGER CHECK (n < 10))', ())
    for number in range(30):
        yield u'INSERT INTO parts (id, thing) VALUES (?, ?)', (100 + number, number % 5 + 1)
    for number in range(10):
        yield u'UPDATE parts SET thing = thing + 1 WHERE id > ?', (100 + 3 * number,)
        yield u'SELECT sum(thing) FROM parts', ()
    for number in range(10):
        yield u'DELETE FROM parts WHERE id >= ? AND id < ?', (100 + number, 101 + 2 * number)


STATEMENTS[:0] = [(u'DROP TABLE IF EXISTS kids', ())]
STATEMENTS[-4:-4] = list(changed()) + list(compared()) + list(reckoned()) + list(LISTS + FAULTS)
STATEMENTS.insert(-4, (u'DROP TABLE kids', ()))
assert len(STATEMENTS) >= 300


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


def driver_of(loop, location):
    """The driver for a location, or for a module of another project."""
    kind, _, rest = location.partition(':')
    if kind == 'module':
        name, _, words = rest.partition(':')
        sys.path += sys.argv[3:]
        return loop.database_module(name, words)
    return database_driver(loop, location)


def shown(rows):
    """The rows of one statement as a line."""
    return ' | '.join(', '.join(octets(value) for value in row) for row in rows)


@coroutine
def work(loop, location, read_only):
    """All of it, with a transaction that is taken back at the end."""
    pool = Pool(loop, driver_of(loop, location), PoolSettings(max_connections=2))
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
