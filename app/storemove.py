# Copyright the carryall authors.  See LICENSE.
"""Moving stores from one database to another: copied, compared, then committed.

The source is read in one transaction and never changed.  The target gets all tables in one
transaction, which is committed only if both sides hold the same rows.  So a move that fails, at
whatever moment, leaves the target as it was.
Tests:    tests/app/test_storemove.py
"""
from __future__ import absolute_import, division, print_function

import hashlib

from carryall.app.databases import shown_location
from carryall.app.datastore import VERSIONS, has_table, make_tables, open_pool
from carryall.core.compat import int_from_bytes, text_type
from carryall.core.database import DatabaseError, ForeignDatabase, PoolSettings
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Sequence, Tuple
    from carryall.app.datastore import StoreSchema, Table

__all__ = ['Contents', 'contents_of', 'move_stores', 'row_octets', 'stores_in']

BATCH = 500                 # rows that are copied at a time
MODULUS = 1 << 256

SETTINGS = PoolSettings(min_connections=1, max_connections=1)

# To count on from the largest key, by dialect.
RESTART = {
    'postgres': u'SELECT setval(pg_get_serial_sequence(\'{table}\', \'{column}\'), {next}, false)',
    'h2': u'ALTER TABLE {table} ALTER COLUMN {column} RESTART WITH {next}',
}


class Contents(object):
    """The rows of one table: how many, and a sum that differs if any row does."""

    def __init__(self):
        # type: () -> None
        self.count = 0
        self._sum = 0

    def add(self, rows):
        # type: (Sequence[Any]) -> None
        """Counts *rows*; their order does not matter."""
        self.count += len(rows)
        for row in rows:
            self._sum += int_from_bytes(hashlib.sha256(row_octets(row)).digest())
        self._sum %= MODULUS

    def __eq__(self, other):
        # type: (Any) -> bool
        return isinstance(other, Contents) and (self.count, self._sum) == (other.count, other._sum)

    def __ne__(self, other):
        # type: (Any) -> bool
        return not self == other

    def __hash__(self):
        # type: () -> int
        return hash((self.count, self._sum))


def row_octets(row):
    # type: (Any) -> bytes
    """One row as octets: other rows have others."""
    parts = []
    for value in row:
        if value is None:
            part = b'n'
        elif isinstance(value, bytes):
            part = b'b' + value
        elif isinstance(value, text_type):
            part = b't' + value.encode('utf-8')
        elif isinstance(value, float):
            part = b'f' + repr(value).encode('ascii')
        else:
            part = b'i' + str(int(value)).encode('ascii')
        parts.append(str(len(part)).encode('ascii') + b':' + part)
    return b''.join(parts)


@coroutine
def contents_of(transaction, table):
    # type: (Any, Table) -> Any
    """A Future of the Contents of a table."""
    contents = Contents()
    stream = yield transaction.stream(_select(table), (), BATCH)
    rows = yield stream.fetch()
    while rows:
        contents.add(rows)
        rows = yield stream.fetch()
    yield stream.close()
    raise Return(contents)


def _select(table):
    # type: (Table) -> str
    return u'SELECT %s FROM %s' % (u', '.join(table.columns), table.name)


@coroutine
def stores_in(transaction, dialect):
    # type: (Any, str) -> Any
    """A Future of the names and versions of the stores in a database."""
    there = yield has_table(transaction, dialect, VERSIONS)
    if not there:
        raise Return([])
    rows = yield transaction.execute(u'SELECT name, version FROM %s ORDER BY name' % VERSIONS)
    raise Return(list(rows))


@coroutine
def move_stores(loop, find, source, target):
    # type: (Any, Callable[[str], StoreSchema], str, str) -> Any
    """Copies all stores; a Future of (store, table, number of rows) for each table.

    Args:     find: gives the StoreSchema of a name; UsageError for one that is unknown.
              source, target: locations of databases, see ``app.databases``.
    Raises:   ForeignDatabase, UsageError: the source has no stores, or one of another version; the
                  target has rows already.
              DatabaseError: the rows differ after they were copied.
    """
    if source == target:
        raise UsageError(u'the source and the target are the same database')
    pools = []                  # type: List[Any]
    try:
        for location in (source, target):
            pools.append(open_pool(loop, location, SETTINGS))
            yield pools[-1].start()
        read_only = pools[0].with_options(read_only=True, isolation=u'repeatable read')
        moved = yield read_only.transaction(_read, pools[1], find, source, target)
    finally:
        for pool in pools:
            yield pool.close(1.0)
    raise Return(moved)


@coroutine
def _read(reading, writer, find, source, target):
    # type: (Any, Any, Any, str, str) -> Any
    dialect = writer.dialect
    source_dialect = reading.dialect
    found = yield stores_in(reading, source_dialect)
    if not found:
        raise ForeignDatabase(u'%s: it has no stores' % shown_location(source))
    schemas = []                # type: List[Any]
    for name, version in found:
        schema = find(name)
        if version != schema.newest:
            raise ForeignDatabase(
                u'%s: the tables of %s have version %d and not %d; start its service once'
                % (shown_location(source), name, version, schema.newest))
        schemas.append(schema)
    moved = yield writer.transaction(_write, reading, schemas, dialect, target)
    raise Return(moved)


@coroutine
def _write(writing, reading, schemas, dialect, target):
    # type: (Any, Any, Any, str, str) -> Any
    moved = []                  # type: List[Tuple[str, str, int]]
    for schema in schemas:
        yield make_tables(writing, schema, dialect, target)
        for table in schema.tables:
            there = yield writing.execute(u'SELECT count(*) FROM %s' % table.name)
            if there.value():
                raise UsageError(u'%s: the table %s has rows already'
                                 % (shown_location(target), table.name))
            count = yield _copy(reading, writing, table, dialect, target)
            moved.append((schema.name, table.name, count))
    raise Return(moved)


@coroutine
def _copy(reading, writing, table, dialect, target):
    # type: (Any, Any, Table, str, str) -> Any
    """Copies one table and compares; a Future of the number of rows."""
    insert = u'INSERT INTO %s (%s) VALUES (%s)' % (table.name, u', '.join(table.columns),
                                                   u', '.join(u'?' for _ in table.columns))
    read = Contents()
    stream = yield reading.stream(_select(table), (), BATCH)
    rows = yield stream.fetch()
    while rows:
        read.add(rows)
        yield writing.execute_many(insert, rows)
        rows = yield stream.fetch()
    yield stream.close()
    written = yield contents_of(writing, table)
    if written != read:
        raise DatabaseError(u'%s: the table %s differs after it was copied'
                            % (shown_location(target), table.name))
    if table.serial is not None and dialect in RESTART and read.count:
        last = yield writing.execute(u'SELECT max(%s) FROM %s' % (table.serial, table.name))
        yield writing.execute(RESTART[dialect].format(table=table.name, column=table.serial,
                                                      next=last.value() + 1))
    raise Return(read.count)
