# Copyright the carryall authors.  See LICENSE.
"""Newsgroups and their marks: what a server knows of each group without asking its store.

All of it is in memory, so that the choice of a group costs the same whatever is in it.

Tests:    tests/protocols/nntp/test_newsgroups.py
"""
from __future__ import absolute_import, division, print_function

from bisect import bisect_left, insort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Iterator, List, Optional

__all__ = ['Group', 'GroupTable', 'MODERATED', 'NO_POSTS', 'OPEN', 'STATUSES']

# -- limits ------------------------------------------------------------------
MAX_GROUPS = 1000000        # of one server; default, some 300 octets each

# -- states (RFC 6048 section 3.1) --------------------------------------------
OPEN = b'y'                 # everybody may post
NO_POSTS = b'n'             # articles come from other servers alone
MODERATED = b'm'
CLOSED = b'x'               # neither posts nor articles of other servers
JUNKED = b'j'               # articles are kept elsewhere
STATUSES = (OPEN, NO_POSTS, MODERATED, CLOSED, JUNKED)


class Group(object):
    """One newsgroup.

    Args:     name: octets.
              status: one of STATUSES.

    Attributes:
        low:  the lowest number of an article that is there; next of all if none is.
        high: the highest number that clients are told of.
        next: the number that the next article gets; those before it may be on their way to the
              disk.
        count: articles that are there.
        description: a line, octets in UTF-8.
        moderator: address that posts to a moderated group are mailed to; b'' for none.
        created: seconds since 1970.
        creator: octets.
    """

    __slots__ = ('name', 'status', 'low', 'high', 'next', 'count', 'description', 'moderator',
                 'created', 'creator')

    def __init__(self, name, status=OPEN, description=b'', moderator=b'', created=0, creator=b''):
        # type: (bytes, bytes, bytes, bytes, int, bytes) -> None
        self.name = name
        self.status = status
        self.low = 1
        self.high = 0
        self.next = 1
        self.count = 0
        self.description = description
        self.moderator = moderator
        self.created = created
        self.creator = creator

    def take_number(self):
        # type: () -> int
        """The number of the next article."""
        number = self.next
        self.next = number + 1
        return number

    def came(self, number):
        # type: (int) -> None
        """Notes that article *number* is on the disk."""
        self.count += 1
        self.high = max(self.high, number)

    def went(self, low):
        # type: (int) -> None
        """Notes that an article is gone, and the lowest number that is left; 0 for none."""
        self.count = max(0, self.count - 1)
        self.low = low or self.next

    def expired(self, count, low):
        # type: (int, int) -> None
        """Notes what is left after old articles went: their number, and the lowest; 0 for none."""
        self.count = count
        self.low = low or self.next


class GroupTable(object):
    """All groups of a server, in the order of their names.

    Attributes:
        get: called with a name, gives the Group or None.
    """

    def __init__(self):
        # type: () -> None
        self._groups = {}           # type: Dict[bytes, Group]
        self._names = []            # type: List[bytes]
        self.get = self._groups.get

    def __len__(self):
        return len(self._names)

    def __contains__(self, name):
        return name in self._groups

    def add(self, group):
        # type: (Group) -> None
        """Adds a group.

        Raises:   ValueError: it is there, or there are too many.
        """
        if group.name in self._groups:
            raise ValueError('the group is there')
        if len(self._names) >= MAX_GROUPS:
            raise ValueError('more than %d groups' % MAX_GROUPS)
        self._groups[group.name] = group
        if not self._names or self._names[-1] < group.name:
            self._names.append(group.name)
        else:
            insort(self._names, group.name)

    def remove(self, name):
        # type: (bytes) -> Optional[Group]
        """Takes a group away, and returns it; None if it is not there."""
        group = self._groups.pop(name, None)
        if group is not None:
            del self._names[bisect_left(self._names, name)]
        return group

    def page(self, after, most):
        # type: (Optional[bytes], int) -> List[Group]
        """Up to *most* groups whose names come after *after*; None for the first.

        A long list is told page by page, while groups come and go.
        """
        start = 0 if after is None else bisect_left(self._names, after + b'\0')
        return [self._groups[name] for name in self._names[start:start + most]]

    def all(self):
        # type: () -> Iterator[Group]
        """Each group; none may come or go meanwhile."""
        return (self._groups[name] for name in self._names)
