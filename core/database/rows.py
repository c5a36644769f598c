# Copyright the carryall authors.  See LICENSE.
"""Rows: the answer of a database to one statement.

    rows = yield pool.run_query(u'SELECT name, age FROM people WHERE age > ?', (30,))
    for name, age in rows: ...              # a row is a tuple
    for row in rows.named(): row.name       # or an object with the names of the columns
    rows.columns, rows.count, rows.last_id

Values are those of Python on every runtime: int, float, Decimal, text, bytes, bool, None, and those
of datetime.  Text is text (``unicode`` on Python 2) and octets are ``bytes``, as parameters too.
SQLite itself has only integers, floats, text and octets.
Tests:    tests/core/database/test_rows.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native
from carryall.core.database.dberrors import InterfaceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

__all__ = ['NUMBERS', 'OCTETS', 'ROWIDS', 'Row', 'Rows', 'TEXTS', 'TIMES']

# What the values of a column are
TEXTS = 'text'
OCTETS = 'octets'
NUMBERS = 'number'
TIMES = 'time'
ROWIDS = 'row'


class Row(object):
    """One row whose values are attributes; those of a column that is no name by ``row['...']``."""

    __slots__ = ('_columns', '_values')

    def __init__(self, columns, values):
        # type: (Dict[str, int], Sequence[Any]) -> None
        self._columns = columns
        self._values = values

    def __getattr__(self, name):
        # type: (str) -> Any
        index = self._columns.get(name)
        if index is None:
            raise AttributeError('the row has no column %s' % name)
        return self._values[index]

    def __getitem__(self, key):
        # type: (Any) -> Any
        if isinstance(key, (int, slice)):
            return self._values[key]
        return self._values[self._columns[key]]

    def __iter__(self):
        # type: () -> Iterator[Any]
        return iter(self._values)

    def __len__(self):
        # type: () -> int
        return len(self._values)

    def __repr__(self):
        # type: () -> str
        by_index = sorted(self._columns, key=self._columns.__getitem__)
        return 'Row(%s)' % ', '.join('%s=%r' % (name, self._values[self._columns[name]])
                                     for name in by_index)


class Rows(list):
    """The rows of one statement, in order, each a tuple.

    Attributes:
        columns: the names of the columns; empty if the statement gives no rows.
        count: rows that were found, inserted, updated or deleted; None if that is unknown.
        last_id: the key that SQLite gave to the row inserted last; None elsewhere.
        types: TEXTS, OCTETS, NUMBERS, TIMES, ROWIDS or None, of each column; empty if the driver
               does not tell.
    """

    __slots__ = ('columns', 'count', 'last_id', 'types')

    if TYPE_CHECKING:
        count = None                # type: Any  # in place of the method of a list

    def __init__(self, rows=(), columns=(), count=None, last_id=None, types=()):
        # type: (Iterable[Any], Sequence[str], Optional[int], Any, Sequence[Any]) -> None
        list.__init__(self, rows)
        self.columns = tuple(columns)           # type: Tuple[str, ...]
        self.count = count
        self.last_id = last_id
        self.types = types

    def named(self):
        # type: () -> List[Row]
        """The rows as objects with the names of the columns as attributes."""
        places = dict((native_name(name), index) for index, name in enumerate(self.columns))
        return [Row(places, row) for row in self]

    def first(self):
        # type: () -> Any
        """The first row, or None."""
        return self[0] if self else None

    def value(self):
        # type: () -> Any
        """The value of a statement that gives exactly one row of one column.

        Raises:   InterfaceError: it gave another number.
        """
        if len(self) != 1 or len(self[0]) != 1:
            raise InterfaceError(u'one value was expected; there are %d rows of %d columns'
                                 % (len(self), len(self.columns)))
        return self[0][0]


def native_name(name):
    # type: (Any) -> str
    """The name of a column as the interpreter's own ``str``, which attributes have."""
    try:
        return native(name)
    except UnicodeError:
        return name.encode('utf-8')     # py2: attributes are octets
