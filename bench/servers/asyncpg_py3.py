# Copyright the carryall authors.  See LICENSE.
"""The side of asyncpg in the postgresql bench."""
import asyncio
import io

import asyncpg


def side(port, user, database, queries, copy_data, check):
    """The function that does a part so many times."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(host='127.0.0.1', port=port, user=user,
                                                         database=database))
    data = []

    async def fetch(part, count):
        """Rows."""
        for number in range(count):
            if part == 'one':
                check(len(await connection.fetch(queries[part], number % 1000 + 1)), 1)
            else:
                check(len(await connection.fetch(queries[part])), 1000)

    async def copy(part, count):
        """A million rows."""
        size = 0

        async def sink(octets):
            """Counts."""
            nonlocal size
            size += len(octets)

        for _ in range(count):
            if part == 'copy-out':
                await connection.copy_from_table('bench_copy', output=sink)
                continue
            if not data:
                data.append(copy_data())
            await connection.execute('TRUNCATE bench_copy')
            await connection.copy_to_table('bench_copy', source=io.BytesIO(data[0]))

    def do(part, count):
        """One part."""
        work = copy if part.startswith('copy') else fetch
        loop.run_until_complete(work(part, count))
    return do
