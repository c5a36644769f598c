# Copyright the carryall authors.  See LICENSE.
"""Checks of the peer's keys of dictionaries and members of sets, against slow hashing.

Python hashes a tuple by hashing all its items again.  A tuple of twice the same tuple, nested
ninety levels deep, takes a kilobyte on the wire, and its hash takes 2**90 steps.  A table whose
keys all have one hash takes time in the square of their number.

Tests:    tests/protocols/pb/test_dictkeys.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.pb.security import InsecureJelly

__all__ = ['FEW_KEYS', 'MAX_ALIKE', 'MAX_KEYS', 'MAX_KEY_ITEMS', 'Spread', 'checked']

# -- limits ------------------------------------------------------------------
MAX_KEYS = 10000            # of one dictionary or set
MAX_KEY_ITEMS = 100         # of one key, nested items included, shared ones each time
MAX_ALIKE = 100             # keys of one dictionary or set that have the same hash
FEW_KEYS = 100              # so few keys are not compared by hash

_CONTAINERS = (tuple, frozenset)


def checked(key):
    # type: (Any) -> Any
    """The *key*; InsecureJelly if it cannot be a key, or its hash would take too long."""
    if type(key) in _CONTAINERS:
        left = MAX_KEY_ITEMS
        within = [key]
        while within:
            for item in within.pop():
                left -= 1
                if not left:
                    raise InsecureJelly('a key of more than %d items' % MAX_KEY_ITEMS)
                if type(item) in _CONTAINERS:
                    within.append(item)
    try:
        hash(key)
    except TypeError:
        raise InsecureJelly('a key of a type that cannot be a key')
    return key


class Spread(object):
    """Counts equal hashes of the keys of one large table."""

    __slots__ = ('_counts',)

    def __init__(self):
        # type: () -> None
        self._counts = {}           # type: Dict[int, int]  # hash -> how many keys have it

    def add(self, key):
        # type: (Any) -> None
        """Counts one more key; InsecureJelly if too many have its hash."""
        number = hash(key)
        count = self._counts.get(number, 0) + 1
        self._counts[number] = count
        if count > MAX_ALIKE:
            raise InsecureJelly('more than %d keys with one hash' % MAX_ALIKE)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
