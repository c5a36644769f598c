# Copyright the carryall authors.  See LICENSE.
"""Keys: what a peer may use as keys of a dictionary and members of a set,
for no more time than it takes to send them.

Python hashes a tuple by its items, each time anew; and a tuple whose two items are the same tuple,
whose two items are the same tuple, and so on ninety times, goes over the wire in a kilobyte and
would be hashed for longer than the world stands.  And a table whose keys have one hash takes the
square of their number.

Tests:    tests/protocols/pb/test_dictkeys.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.pb.security import InsecureJelly

__all__ = ['FEW_KEYS', 'MAX_ALIKE', 'MAX_KEYS', 'MAX_KEY_ITEMS', 'Spread', 'checked']

# -- limits ------------------------------------------------------------------
MAX_KEYS = 10000            # of one dictionary or set
MAX_KEY_ITEMS = 100         # of one key, with all that is within it, as often as it is
MAX_ALIKE = 100             # keys of one dictionary or set that have the same hash
FEW_KEYS = 100              # of which nobody looks whether they are alike

_CONTAINERS = (tuple, frozenset)


def checked(key):
    # type: (Any) -> Any
    """The *key*; InsecureJelly if it cannot be one, or would take too long."""
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
        raise InsecureJelly('a key that cannot be one')
    return key


class Spread(object):
    """Sees to it that the keys of one large table do not all have one hash."""

    __slots__ = ('_counts',)

    def __init__(self):
        # type: () -> None
        self._counts = {}           # type: Dict[int, int]  # hash -> how many keys have it

    def add(self, key):
        # type: (Any) -> None
        """One more; InsecureJelly if too many are alike."""
        number = hash(key)
        count = self._counts.get(number, 0) + 1
        self._counts[number] = count
        if count > MAX_ALIKE:
            raise InsecureJelly('more than %d keys that are alike' % MAX_ALIKE)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
