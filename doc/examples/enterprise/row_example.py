# Copyright the carryall authors.  See LICENSE.
"""Rows as objects: rooms of a house with their furniture are loaded, changed and written.

    python doc/examples/enterprise/row_example.py [LOCATION]        memory: unless it is given
"""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.app.databases import database_driver
from carryall.core.compat import text_type
from carryall.core.database import Pool
from carryall.core.future import coroutine
from carryall.services.database import RowObject, SQLReflector
from carryall.services.database.reflector import EQUAL


class FurnitureRow(RowObject):
    """A piece of furniture."""

    rowTableName = 'furniture'
    rowColumns = [('furn_id', 'int'), ('room_id', 'int'), ('name', 'varchar')]
    rowKeyColumns = [('furn_id', 'int')]


class RoomRow(RowObject):
    """A room, whose furniture is loaded with it."""

    rowTableName = 'rooms'
    rowColumns = [('room_id', 'int'), ('name', 'varchar'), ('size', 'int')]
    rowKeyColumns = [('room_id', 'int')]
    rowForeignKeys = [('furniture', [('room_id', 'int')], [('room_id', 'int')], 'add_furniture',
                       1)]

    def add_furniture(self, row):
        """Takes a piece of furniture."""
        self.addChild(row)

    def show(self):
        """Prints the room."""
        names = sorted(row.name for row in self.getChildRows())
        print('%s, %d square metres: %s' % (self.name, self.size, ', '.join(names)))


TABLES = [
    u'CREATE TABLE rooms (room_id INTEGER PRIMARY KEY, name VARCHAR(40), size INTEGER)',
    u'CREATE TABLE furniture (furn_id INTEGER PRIMARY KEY, room_id INTEGER, name VARCHAR(40))',
]
ROOMS = [(1, u'kitchen', 12), (2, u'attic', 30)]
FURNITURE = [(1, 1, u'stove'), (2, 1, u'table'), (3, 2, u'chest')]


@coroutine
def work(pool):
    """Makes the tables, loads the rooms, moves the chest and enlarges the kitchen."""
    for statement in TABLES:
        yield pool.runOperation(statement)
    yield pool.run_many(u'INSERT INTO rooms VALUES (?, ?, ?)', ROOMS)
    yield pool.run_many(u'INSERT INTO furniture VALUES (?, ?, ?)', FURNITURE)
    reflector = SQLReflector(pool, [RoomRow, FurnitureRow])
    rooms = yield reflector.loadObjectsFrom('rooms')
    for room in rooms:
        room.show()
    chests = yield reflector.loadObjectsFrom('furniture', whereClause=[('name', EQUAL, u'chest')])
    chests[0].room_id = 1
    yield reflector.updateRow(chests[0])
    rooms[0].size = 15
    yield reflector.updateRow(rooms[0])
    rooms = yield reflector.loadObjectsFrom('rooms', whereClause=[('name', EQUAL, u'kitchen')])
    rooms[0].show()


def main(location):
    """All of it on the database at *location*."""
    loop = runtimes.choose()
    pool = Pool(loop, database_driver(loop, text_type(location)))
    loop.run_until(work(pool))
    loop.run_until(pool.close())
    loop.close()


if __name__ == '__main__':
    main((sys.argv[1:] or ['memory:'])[0])
