# Copyright the carryall authors.  See LICENSE.
"""Moving stores: all of it, or nothing."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.datastore import DataStore, StoreSchema, Table
from carryall.app.storemove import Contents, move_stores, row_octets
from carryall.core.database import ForeignDatabase, IntegrityError
from carryall.core.errors import UsageError
from tests.app.test_datastore import NEW, OLD, OTHER, Bench, bench

__all__ = ['bench']

SCHEMAS = {'notes': NEW, 'marks': OTHER}
STRICT = StoreSchema('notes', NEW.tables, [[
    u'CREATE TABLE notes (id {integer} PRIMARY KEY, body {text}, image {blob} CHECK (id < 3))']])
ROWS = [(1, u'a', None), (2, u'\xe4', b'\x00\xff'), (3, None, b'')]


def _find(name):
    if name not in SCHEMAS:
        raise UsageError(u'unknown')
    return SCHEMAS[name]


class Move(Bench):
    """A bench with a second location."""

    def __init__(self, made, tmpdir):
        vars(self).update(vars(made))
        self.target = u'sqlite:%s' % tmpdir.join('target.db')

    def fill(self, schema=NEW):
        """Makes the source."""
        store = self.open(schema)
        self.loop.run_until(store.pool.run_many(
            u'INSERT INTO notes (id, body, image) VALUES (?, ?, ?)', ROWS))
        self.loop.run_until(store.close())

    def move(self, find=_find):
        """Moves the source to the target."""
        return self.loop.run_until(move_stores(self.loop, find, self.location, self.target))

    def rows(self):
        """The rows of the target."""
        return self.ask(self.open(NEW, self.target), u'SELECT * FROM notes ORDER BY id')


@pytest.fixture
def move(bench, tmpdir):
    return Move(bench, tmpdir)


def test_all_rows_are_moved(move):
    move.fill()
    move.move()
    assert move.rows() == ROWS


def test_the_numbers_of_rows_are_told(move):
    move.fill()
    assert move.move() == [('notes', 'notes', 3)]


def test_all_stores_are_moved(move):
    move.fill()
    move.loop.run_until(move.open(OTHER).close())
    assert [store for store, _, _ in move.move()] == ['marks', 'notes']


def test_the_source_stays(move):
    move.fill()
    move.move()
    assert move.ask(move.open(NEW), u'SELECT count(*) FROM notes').value() == 3


def test_many_rows_are_moved(move):
    store = move.open(NEW)
    move.loop.run_until(store.pool.run_many(u'INSERT INTO notes (body) VALUES (?)',
                                            [(u'%d' % number,) for number in range(1700)]))
    move.loop.run_until(store.close())
    assert move.move() == [('notes', 'notes', 1700)]


def test_a_target_with_rows_is_refused(move):
    move.fill()
    move.move()
    with pytest.raises(UsageError):
        move.move()


def test_a_move_that_fails_leaves_the_target_empty(move):
    move.fill()
    with pytest.raises(IntegrityError):
        move.move(lambda name: StoreSchema('notes', NEW.tables, STRICT.versions + ((),)))
    assert move.rows() == []


def test_a_source_without_stores_is_refused(move):
    with pytest.raises(ForeignDatabase):
        move.move()


def test_a_source_of_an_older_version_is_refused(move):
    move.loop.run_until(move.open(OLD).close())
    with pytest.raises(ForeignDatabase):
        move.move()


def test_a_store_that_is_unknown_is_refused(move):
    other = StoreSchema('strange', [Table('strange', ['id'], ['id'])],
                        [[u'CREATE TABLE strange (id {integer})']])
    move.loop.run_until(move.open(other).close())
    with pytest.raises(UsageError):
        move.move()


def test_a_database_is_not_moved_to_itself(move):
    with pytest.raises(UsageError):
        move.loop.run_until(move_stores(move.loop, _find, move.location, move.location))


def test_contents_do_not_depend_on_the_order():
    one = Contents()
    other = Contents()
    one.add([(1,), (2,)])
    other.add([(2,)])
    other.add([(1,)])
    assert one == other


@pytest.mark.parametrize('row', [(1, u'2'), (u'1', 2), (1, b'2'), (1, None), (1.0, 2), (12,)])
def test_other_rows_have_other_contents(row):
    assert row_octets(row) != row_octets((1, 2))


def test_a_store_that_is_open_elsewhere_is_read(move):
    move.fill()
    store = DataStore(NEW, move.location)
    move.opened.append(store)
    move.loop.run_until(store.open(move.loop))
    assert move.move() == [('notes', 'notes', 3)]
