# Copyright the carryall authors.  See LICENSE.
"""FetchingCursor: the part of a PEP 249 cursor that is the same over every database.

Tests:    tests/core/database/test_pepcursor.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['FetchingCursor']


class FetchingCursor(object):
    """A cursor whose rows come from ``fetch_rows``, which a subclass has.

    Attributes:
        arraysize: rows that fetchmany() gives unless it is told how many.
    """

    arraysize = 1

    def fetch_rows(self, limit):
        # type: (Optional[int]) -> List[Any]
        """The next *limit* rows, the rest for None.

        Raises:   InterfaceError: no statement has given rows, or the cursor is closed.
        """
        raise NotImplementedError

    def fetchone(self):
        # type: () -> Any
        """The next row, or None."""
        found = self.fetch_rows(1)
        return found[0] if found else None

    def fetchmany(self, size=None):
        # type: (Optional[int]) -> List[Any]
        """The next *size* rows, ``arraysize`` if left out."""
        return self.fetch_rows(self.arraysize if size is None else size)

    def fetchall(self):
        # type: () -> List[Any]
        """The rest of the rows."""
        return self.fetch_rows(None)

    def __iter__(self):
        # type: () -> Iterator[Any]
        row = self.fetchone()
        while row is not None:
            yield row
            row = self.fetchone()

    def setinputsizes(self, sizes):
        # type: (Any) -> None
        """Does nothing, as PEP 249 allows."""

    def setoutputsize(self, size, column=None):
        # type: (Any, Any) -> None
        """Does nothing, as PEP 249 allows."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional
