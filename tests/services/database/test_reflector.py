# Copyright the carryall authors.  See LICENSE.
"""Rows as objects: loaded, inserted, updated, deleted."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.database import InterfaceError, ProgrammingError
from carryall.services.database import RowObject, SQLReflector
from carryall.services.database.reflector import GREATERTHAN, LIKE
from tests.services.database.support import database

__all__ = ['database']


class Door(RowObject):
    """A row of a table of doors."""

    rowTableName = 'doors'
    rowColumns = [('door_id', 'int'), ('room_id', 'int'), ('name', 'varchar')]
    rowKeyColumns = [('door_id', 'int')]


class Room(RowObject):
    """A row of a table of rooms."""

    rowTableName = 'rooms'
    rowColumns = [('room_id', 'int'), ('name', 'varchar')]
    rowKeyColumns = [('room_id', 'int')]
    rowForeignKeys = [('doors', [('room_id', 'int')], [('room_id', 'int')], None, False)]


@pytest.fixture
def reflector(database):
    database.ask(u'CREATE TABLE rooms (room_id INTEGER PRIMARY KEY, name TEXT)')
    database.ask(u'CREATE TABLE doors (door_id INTEGER PRIMARY KEY, room_id INTEGER, name TEXT)')
    database.run(database.pool.run_many(u'INSERT INTO rooms VALUES (?, ?)',
                                        [(1, u'hall'), (2, u"o'attic")]))
    database.run(database.pool.run_many(u'INSERT INTO doors VALUES (?, ?, ?)',
                                        [(1, 1, u'front'), (2, 1, u'back'), (3, 2, u'trap')]))
    return SQLReflector(database.pool, [Room, Door])


def test_all_rows_are_loaded(database, reflector):
    rooms = database.run(reflector.loadObjectsFrom('rooms'))
    assert [room.name for room in rooms] == [u'hall', u"o'attic"]


@pytest.mark.parametrize('condition', [('room_id', GREATERTHAN, 1), ('name', LIKE, u"o'%")])
def test_rows_are_loaded_by_conditions(database, reflector, condition):
    rooms = database.run(reflector.loadObjectsFrom('rooms', whereClause=[condition]))
    assert [room.room_id for room in rooms] == [2]


def test_the_same_row_is_the_same_object(database, reflector):
    first = database.run(reflector.loadObjectsFrom('rooms'))
    assert database.run(reflector.loadObjectsFrom('rooms'))[0] is first[0]


def test_rows_of_a_parent_are_loaded(database, reflector):
    hall = database.run(reflector.loadObjectsFrom('rooms'))[0]
    database.run(reflector.loadObjectsFrom('doors', hall))
    assert [door.name for door in hall.getChildRows()] == [u'front', u'back']


def test_children_are_loaded_with_their_parents(database, reflector):
    rooms = database.run(reflector.loadObjectsFrom('rooms', forceChildren=1))
    assert [len(room.getChildRows()) for room in rooms] == [2, 1]


def test_a_row_is_inserted(database, reflector):
    database.run(reflector.insertRow(Room(room_id=3, name=u"x'; DROP TABLE rooms")))
    assert database.ask(u'SELECT name FROM rooms WHERE room_id = 3').value() \
        == u"x'; DROP TABLE rooms"


def test_a_row_is_updated(database, reflector):
    hall = database.run(reflector.loadObjectsFrom('rooms'))[0]
    hall.name = u'lobby'
    database.run(reflector.updateRow(hall))
    assert database.ask(u'SELECT name FROM rooms WHERE room_id = 1').value() == u'lobby'


def test_a_row_is_deleted(database, reflector):
    hall = database.run(reflector.loadObjectsFrom('rooms'))[0]
    database.run(reflector.deleteRow(hall))
    assert database.ask(u'SELECT room_id FROM rooms') == [(2,)]


def test_a_changed_row_is_dirty(database, reflector):
    hall = database.run(reflector.loadObjectsFrom('rooms'))[0]
    hall.name = u'lobby'
    assert hall.dirty


def test_a_loaded_row_is_clean(database, reflector):
    assert not database.run(reflector.loadObjectsFrom('rooms'))[0].dirty


def test_a_written_row_is_clean(database, reflector):
    room = Room(room_id=9, name=u'new')
    database.run(reflector.insertRow(room))
    assert not room.dirty


def test_a_table_without_a_class_is_refused(database, reflector):
    with pytest.raises(ProgrammingError):
        database.run(reflector.loadObjectsFrom('windows'))


def test_a_column_that_is_no_name_is_refused(database, reflector):
    with pytest.raises(ProgrammingError):
        database.run(reflector.loadObjectsFrom('rooms', whereClause=[('1=1 OR name', LIKE, u'')]))


def test_a_column_that_a_table_lacks_is_refused():
    with pytest.raises(InterfaceError):
        Room(colour=u'red')


def test_a_factory_makes_the_objects(database, reflector, monkeypatch):
    made = []

    def factory(row_class, data, values):
        made.append(data)
        return row_class(**values)

    monkeypatch.setattr(Room, 'rowFactoryMethod', [factory])
    database.run(reflector.loadObjectsFrom('rooms', data='given'))
    assert made == ['given', 'given']


def test_the_key_of_a_row_is_assigned(database, reflector):
    room = Room(name=u'cellar')
    room.assignKeyAttr('room_id', 7)
    database.run(reflector.insertRow(room))
    assert database.ask(u'SELECT name FROM rooms WHERE room_id = 7') == [(u'cellar',)]


def test_a_column_that_is_no_key_is_not_assigned(database):
    with pytest.raises(InterfaceError):
        Room().assignKeyAttr('name', u'cellar')
