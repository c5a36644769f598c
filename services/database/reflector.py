# Copyright the carryall authors.  See LICENSE.
"""SQLReflector: loads, inserts, updates and deletes the rows that RowObject classes describe.

Tests:    tests/services/database/test_reflector.py
"""
from __future__ import absolute_import, division, print_function

import weakref

from carryall.core.database import ProgrammingError
from carryall.core.future import Return, coroutine
from carryall.services.database.rowobject import checked_identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence
    from carryall.core.database import Pool
    from carryall.core.future import Future
    from carryall.services.database.rowobject import RowObject

__all__ = ['EQUAL', 'GREATERTHAN', 'LESSTHAN', 'LIKE', 'SQLReflector']

# Comparisons of a condition
EQUAL = 0
LESSTHAN = 1
GREATERTHAN = 2
LIKE = 3
OPERATORS = {EQUAL: u'=', LESSTHAN: u'<', GREATERTHAN: u'>', LIKE: u'LIKE'}


class SQLReflector(object):
    """Rows of a database as objects.  The same row is the same object while the program has it.

    Args:     pool: of the database.
              classes: RowObject classes.
    """

    def __init__(self, pool, classes):
        # type: (Pool, Sequence[Any]) -> None
        self._pool = pool
        self._classes = dict((checked_identifier(cls.rowTableName), cls) for cls in classes)
        # Weak: a server that reads for years does not keep all rows.
        self._rows = weakref.WeakValueDictionary()      # type: Any

    def _class_of(self, table):
        # type: (str) -> Any
        found = self._classes.get(table)
        if found is None:
            raise ProgrammingError(u'no class describes the table %s' % table)
        return found

    @coroutine
    def load_objects_from(self, table, parent=None, where=(), children=False, data=None):
        # type: (str, Any, Any, bool, Any) -> Any
        """A Future of the rows of *table* as objects.

        Args:     parent: a RowObject to which the rows belong.
                  where: (column, comparison, value) of each condition.
                  children: loads the rows that belong to these in any case.
                  data: for the ``rowFactoryMethod`` of the class.
        """
        cls = self._class_of(table)
        conditions = list(where or ())
        if parent is not None:
            conditions += self._of_parent(table, parent)
        names = cls.column_names()
        query = u'SELECT %s FROM %s' % (u', '.join(names), table)
        if conditions:
            query += u' WHERE ' + u' AND '.join(
                u'%s %s ?' % (checked_identifier(column), OPERATORS[comparison])
                for column, comparison, _ in conditions)
        rows = yield self._pool.run_query(query, [value for _, _, value in conditions])
        objects = [self._object(cls, dict(zip(names, row)), data) for row in rows]
        for each in objects:
            if parent is not None:
                self._give(parent, table, each)
            for key in cls.rowForeignKeys:
                if children or key[4]:
                    yield self.load_objects_from(_table_of(key), each, (), children, data)
        raise Return(objects)

    def _object(self, cls, values, data):
        # type: (Any, Dict[str, Any], Any) -> RowObject
        key = (cls,) + tuple(values[name] for name in cls.key_names())
        known = self._rows.get(key)
        if known is None:
            known = cls.rowFactoryMethod[0](cls, data, values)
            self._rows[key] = known
        else:
            for name in values:
                setattr(known, name, values[name])
            del known.childRows[:]
        known.set_clean()
        return known

    @staticmethod
    def _of_parent(table, parent):
        # type: (str, RowObject) -> List[Any]
        for key in parent.rowForeignKeys:
            if _table_of(key) == table:
                return [(theirs[0], EQUAL, parent.values()[ours[0]])
                        for theirs, ours in zip(key[1], key[2])]
        raise ProgrammingError(u'no rows of %s belong to one of %s' % (table, parent.rowTableName))

    @staticmethod
    def _give(parent, table, child):
        # type: (RowObject, str, RowObject) -> None
        for key in parent.rowForeignKeys:
            if _table_of(key) == table:
                taker = getattr(parent, key[3]) if key[3] else parent.addChild
                taker(child)

    def insert_row(self, row):
        # type: (RowObject) -> Future
        """Inserts *row*; a Future of the number of rows."""
        names = row.column_names()
        values = row.values()
        return self._done(row, u'INSERT INTO %s (%s) VALUES (%s)' % (
            checked_identifier(row.rowTableName), u', '.join(names),
            u', '.join(u'?' for _ in names)), [values[name] for name in names])

    def update_row(self, row):
        # type: (RowObject) -> Future
        """Writes the columns of *row* that are no key; a Future of the number of rows."""
        keys = row.key_names()
        names = [name for name in row.column_names() if name not in keys]
        values = row.values()
        return self._done(row, u'UPDATE %s SET %s WHERE %s' % (
            checked_identifier(row.rowTableName), u', '.join(u'%s = ?' % name for name in names),
            _where(keys)), [values[name] for name in names + keys])

    def delete_row(self, row):
        # type: (RowObject) -> Future
        """Deletes *row*; a Future of the number of rows."""
        keys = row.key_names()
        self._rows.pop((type(row),) + row.key(), None)
        return self._pool.run_operation(u'DELETE FROM %s WHERE %s' % (
            checked_identifier(row.rowTableName), _where(keys)), row.key())

    def _done(self, row, query, parameters):
        # type: (RowObject, str, Any) -> Future
        def written(count):
            # type: (Any) -> Any
            self._rows[(type(row),) + row.key()] = row
            row.set_clean()
            return count
        return self._pool.run_operation(query, parameters).then(written)

    # as Twisted called them

    def loadObjectsFrom(self, tableName, parentRow=None, data=None, whereClause=None,
                        forceChildren=0):
        # type: (str, Any, Any, Any, Any) -> Future
        """As ``load_objects_from``, with the arguments of Twisted 1.2."""
        return self.load_objects_from(tableName, parentRow, whereClause or (), bool(forceChildren),
                                      data)

    insertRow = insert_row
    updateRow = update_row
    deleteRow = delete_row


def _where(names):
    # type: (Sequence[str]) -> str
    return u' AND '.join(u'%s = ?' % name for name in names)


def _table_of(key):
    # type: (Any) -> str
    """The table of a foreign key, which names it or its class."""
    return getattr(key[0], 'rowTableName', key[0])
