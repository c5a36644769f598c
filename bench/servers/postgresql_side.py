# Copyright the carryall authors.  See LICENSE.
"""One client of the postgresql bench: does what it is told, line by line.

    postgresql_side.py SIDE PORT        SIDE is carryall, asyncpg, pg8000 or psycopg

A line ``PART COUNT`` on its input has it do PART so many times; it answers ``done`` when it has.
The first line that it writes is ``ready``.  The bench looks at its processor time.
"""
from __future__ import absolute_import, division, print_function

import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

USER = 'app'
DATABASE = 'postgres'
ROWS = u'SELECT id, name, score FROM bench_rows'
WIDE = u'SELECT * FROM bench_wide'
ONE = u'SELECT id, name, score FROM bench_rows WHERE id = '
COPY_OUT = u'COPY bench_copy TO STDOUT'
COPY_IN = u'COPY bench_copy FROM STDIN'
FLIGHT = 64                 # queries under way in 'pipeline'
PIECE = 1 << 18             # octets that a copy is given at once


def copy_data():
    """The octets of a million rows; made once, before anything is measured."""
    return b''.join([u'{0}\tname number {0}\t{1!r}\n'.format(number, number * 1.5).encode('ascii')
                     for number in range(1000000)])


def pieces(data):
    """The data of a copy, some at a time."""
    for begin in range(0, len(data), PIECE):
        yield data[begin:begin + PIECE]


def check(count, wanted):
    """Ends the program if a side has got other rows than it should."""
    if count != wanted:
        sys.exit('%d rows, not %d' % (count, wanted))


# -- carryall ------------------------------------------------------------------------------------

def carryall(port):
    """Our own client."""
    from carryall import runtimes
    from carryall.core.future import coroutine
    from carryall.protocols.postgresql import connect
    loop = runtimes.choose()
    client = loop.run_until(connect(loop, '127.0.0.1', port, user=USER, database=DATABASE))
    data = []

    @coroutine
    def rows(count, query=ROWS):
        """Many rows."""
        for _ in range(count):
            found = yield client.query(query)
            check(len(found), 1000)

    @coroutine
    def one(count):
        """One row."""
        for number in range(count):
            found = yield client.query(ONE + u'$1', (number % 1000 + 1,))
            check(len(found), 1)

    @coroutine
    def pipeline(count):
        """One row each of several queries."""
        for _ in range(count):
            asked = [client.query(ONE + u'$1', (number + 1,)) for number in range(FLIGHT)]
            for each in asked:
                found = yield each
                check(len(found), 1)

    @coroutine
    def copy_in(count):
        """A million rows to the server."""
        if not data:
            data.append(copy_data())
        for _ in range(count):
            yield client.query(u'TRUNCATE bench_copy')
            yield client.copy_in(COPY_IN, pieces(data[0]))

    @coroutine
    def copy_out(count):
        """A million rows from the server."""
        for _ in range(count):
            size = [0]

            def sink(octets):
                """Counts."""
                size[0] += len(octets)
            yield client.copy_out(COPY_OUT, sink)
            check(size[0] > 30000000, True)

    parts = {'rows': rows, 'wide': lambda count: rows(count, WIDE), 'one': one,
             'pipeline': pipeline, 'copy-in': copy_in, 'copy-out': copy_out}
    return lambda part, count: loop.run_until(parts[part](count))


# -- peers ---------------------------------------------------------------------------------------

def asyncpg(port):
    """The client in Cython."""
    from bench.servers import asyncpg_py3
    return asyncpg_py3.side(port, USER, DATABASE, {
        'rows': ROWS, 'wide': WIDE, 'one': ONE + u'$1'}, copy_data, check)


def pg8000(port):
    """The client in pure Python."""
    import pg8000.native
    connection = pg8000.native.Connection(USER, host='127.0.0.1', port=port, database=DATABASE)
    rows = connection.prepare(ROWS)
    wide = connection.prepare(WIDE)
    one = connection.prepare(ONE + u':id')
    data = []

    def do(part, count):
        """One part."""
        if part == 'copy-in' and not data:
            data.append(copy_data())
        for number in range(count):
            if part == 'rows':
                check(len(rows.run()), 1000)
            elif part == 'wide':
                check(len(wide.run()), 1000)
            elif part == 'one':
                check(len(one.run(id=number % 1000 + 1)), 1)
            elif part == 'copy-in':
                connection.run(u'TRUNCATE bench_copy')
                connection.run(COPY_IN, stream=io.BytesIO(data[0]))
            else:
                connection.run(COPY_OUT, stream=io.BytesIO())
    return do


def psycopg(port):
    """The client over libpq, in C."""
    import psycopg as module
    connection = module.connect('host=127.0.0.1 port=%d user=%s dbname=%s'
                                % (port, USER, DATABASE), autocommit=True, prepare_threshold=0)
    data = []

    def do(part, count):
        """One part."""
        if part == 'copy-in' and not data:
            data.append(copy_data())
        for number in range(count):
            if part in ('rows', 'wide'):
                query = ROWS if part == 'rows' else WIDE
                check(len(connection.execute(query).fetchall()), 1000)
            elif part == 'one':
                check(len(connection.execute(ONE + '%s', (number % 1000 + 1,)).fetchall()), 1)
            elif part == 'pipeline':
                with connection.pipeline():
                    cursors = [connection.execute(ONE + '%s', (each + 1,))
                               for each in range(FLIGHT)]
                    for cursor in cursors:
                        check(len(cursor.fetchall()), 1)
            elif part == 'copy-in':
                connection.execute('TRUNCATE bench_copy')
                with connection.cursor().copy(COPY_IN) as copy:
                    for piece in pieces(data[0]):
                        copy.write(piece)
            else:
                with connection.cursor().copy(COPY_OUT) as copy:
                    for _ in copy:
                        pass
    return do


SIDES = {'carryall': carryall, 'asyncpg': asyncpg, 'pg8000': pg8000, 'psycopg': psycopg}


def main():
    """Does what the input says."""
    do = SIDES[sys.argv[1]](int(sys.argv[2]))
    print('ready')
    sys.stdout.flush()
    while True:
        words = sys.stdin.readline().split()
        if not words:
            return
        do(words[0], int(words[1]))
        print('done')
        sys.stdout.flush()


if __name__ == '__main__':
    main()
