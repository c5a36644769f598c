# Copyright the carryall authors.  See LICENSE.
"""Table: Apache's table of header fields and notes, as handlers of mod_python see it.

Keys are compared without regard to case.  ``add`` keeps what is there; an assignment replaces all.
A key that was added more than once has the list of its values.

Tests:    tests/services/modpython/test_apachetable.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['Table']

MAX_ENTRIES = 10000         # of one table; a handler in a loop must not fill the memory


class Table(object):
    """A table; *pairs* is a mapping, or a sequence of (key, value)."""

    def __init__(self, pairs=()):
        # type: (Any) -> None
        self._pairs = []            # type: List[Tuple[str, str]]
        self.update(pairs)

    def add(self, key, value):
        # type: (str, str) -> None
        """Adds a value, and keeps the others of the same key.

        Raises:   TypeError: no string.  ValueError: the table is full.
        """
        for word in (key, value):
            if not isinstance(word, str):
                raise TypeError('table values must be strings, not %s' % type(word).__name__)
        if len(self._pairs) >= MAX_ENTRIES:
            raise ValueError('a table has at most %d entries' % MAX_ENTRIES)
        self._pairs.append((key, value))

    def pairs(self):
        # type: () -> List[Tuple[str, str]]
        """Each key with each of its values, in their order."""
        return list(self._pairs)

    def _values(self, key):
        # type: (str) -> List[str]
        if not isinstance(key, str):
            raise TypeError('table keys must be strings, not %s' % type(key).__name__)
        low = key.lower()
        return [value for here, value in self._pairs if here.lower() == low]

    def __getitem__(self, key):
        found = self._values(key)
        if not found:
            raise KeyError(key)
        return found[0] if len(found) == 1 else found

    def __setitem__(self, key, value):
        former = self._pairs
        if key in self:
            del self[key]
        try:
            self.add(key, value)
        except (TypeError, ValueError):
            self._pairs = former
            raise

    def __delitem__(self, key):
        if not self._values(key):
            raise KeyError(key)
        low = key.lower()
        self._pairs = [pair for pair in self._pairs if pair[0].lower() != low]

    def __contains__(self, key):
        return bool(self._values(key))

    has_key = __contains__

    def __iter__(self):
        return iter(self.keys())

    def __len__(self):
        return len(self._pairs)

    def keys(self):
        # type: () -> List[str]
        """The keys, one for each value."""
        return [key for key, _ in self._pairs]

    def values(self):
        # type: () -> List[str]
        """All values."""
        return [value for _, value in self._pairs]

    items = pairs

    def get(self, key, default=None):
        # type: (str, Any) -> Any
        """The value of *key*, or the list of its values; *default* if there is none."""
        return self[key] if key in self else default

    def setdefault(self, key, default=''):
        # type: (str, str) -> Any
        """The value of *key*, which is *default* from now on if there was none."""
        if key not in self:
            self.add(key, default)
        return self[key]

    def update(self, pairs):
        # type: (Any) -> None
        """Assigns each pair of a mapping or a sequence."""
        for key, value in (pairs.items() if hasattr(pairs, 'items') else pairs):
            self[key] = value

    def clear(self):
        # type: () -> None
        """Removes all."""
        self._pairs = []

    def copy(self):
        # type: () -> Table
        """A table with the same entries."""
        made = Table()
        made._pairs = list(self._pairs)
        return made

    def __repr__(self):
        return '{%s}' % ', '.join('%r: %r' % pair for pair in self._pairs)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
