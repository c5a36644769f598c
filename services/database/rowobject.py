# Copyright the carryall authors.  See LICENSE.
"""Rows as objects: a class describes a table, and an object is one row of it.

    class Room(RowObject):
        rowTableName = 'rooms'
        rowColumns = [('room_id', 'int4'), ('name', 'varchar'), ('owner', 'varchar')]
        rowKeyColumns = [('room_id', 'int4')]

    rooms = yield SQLReflector(pool, [Room, Door]).loadObjectsFrom('rooms')

The names of the attributes are those of Twisted 1.2.
Tests:    tests/services/database/test_reflector.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.database import InterfaceError, ProgrammingError
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence, Tuple

__all__ = ['RowObject', 'checked_identifier', 'defaultFactoryMethod']

# Names become part of statements.
_IDENTIFIER = Pattern(r'[A-Za-z_][A-Za-z0-9_]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_]{0,62})?\Z')


def checked_identifier(name):
    # type: (str) -> str
    """*name*, which may stand in a statement; ProgrammingError if it may not."""
    if not _IDENTIFIER.match(name):
        raise ProgrammingError(u'%r is no name of a table or column' % (name,))
    return name


def defaultFactoryMethod(row_class, data, values):
    # type: (Any, Any, Dict[str, Any]) -> RowObject
    """Makes the object of a row that was read."""
    return row_class(**values)


class RowObject(object):
    """One row of the table that its class describes.

    Attributes:
        rowTableName: the table.
        rowColumns: (name, type) of each column; the type is for people to read.
        rowKeyColumns: (name, type) of each column of the key.
        rowForeignKeys: the tables whose rows belong to a row of this one.  Each is (table, its
            columns, our columns, name of a method that takes a child or None, loaded with the row
            or not).
        rowFactoryMethod: a list of one function, called as ``defaultFactoryMethod`` for an object;
            *data* is that of ``loadObjectsFrom``.
        dirty: the row has changed since it was read or written.
    """

    rowTableName = ''
    rowColumns = []             # type: List[Tuple[str, str]]
    rowKeyColumns = []          # type: List[Tuple[str, str]]
    rowForeignKeys = []         # type: List[Any]

    rowFactoryMethod = [defaultFactoryMethod]           # type: List[Any]

    _row_dirty = True

    def __init__(self, **values):
        # type: (**Any) -> None
        names = self.column_names()
        for name in values:
            if name not in names:
                raise InterfaceError(u'the table %s has no column %s' % (self.rowTableName, name))
        for name in names:
            setattr(self, name, values.get(name))
        self.childRows = []         # type: List[RowObject]

    def __setattr__(self, name, value):
        # type: (str, Any) -> None
        if name in self.column_names() and self.__dict__.get(name) != value:
            self.__dict__['_row_dirty'] = True
        self.__dict__[name] = value

    @property
    def dirty(self):
        # type: () -> bool
        """True if the row has changed since it was read or written."""
        return self._row_dirty

    def set_clean(self):
        # type: () -> None
        """The row is as it is in the database."""
        self.__dict__['_row_dirty'] = False

    @classmethod
    def column_names(cls):
        # type: () -> List[str]
        """The names of the columns."""
        return [checked_identifier(column[0]) for column in cls.rowColumns]

    @classmethod
    def key_names(cls):
        # type: () -> List[str]
        """The names of the columns of the key."""
        names = [checked_identifier(column[0]) for column in cls.rowKeyColumns]
        if not names:
            raise InterfaceError(u'the table %s has no key' % cls.rowTableName)
        return names

    def key(self):
        # type: () -> Tuple[Any, ...]
        """The values of the key."""
        return tuple(self.__dict__[name] for name in self.key_names())

    def assignKeyAttr(self, attrName, value):
        # type: (str, Any) -> None
        """Gives a column of the key another value; InterfaceError for another column."""
        if attrName not in self.key_names():
            raise InterfaceError(u'%s is no column of the key of %s' % (attrName,
                                                                        self.rowTableName))
        setattr(self, attrName, value)

    def addChild(self, child):
        # type: (RowObject) -> None
        """Takes a row that belongs to this one."""
        self.childRows.append(child)

    def getChildRows(self):
        # type: () -> Sequence[RowObject]
        """The rows that belong to this one, as far as they were loaded."""
        return list(self.childRows)

    def values(self):
        # type: () -> Dict[str, Any]
        """The values by their columns."""
        return dict((name, self.__dict__[name]) for name in self.column_names())
