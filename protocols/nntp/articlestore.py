# Copyright the carryall authors.  See LICENSE.
"""Article stores: where the articles of a server are, and which it has seen.

A store answers with Futures.  What ``add`` has answered is kept, whatever happens to the process.

Tests:    tests/protocols/nntp/test_articlestore.py, tests/services/news/test_articledatabase.py
"""
from __future__ import absolute_import, division, print_function

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict

from carryall.core.future import completed
from carryall.protocols.nntp.overview import overview_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple
    from carryall.core.future import Future
    from carryall.protocols.nntp.newsgroups import Group

__all__ = ['ArticleStore', 'Filed', 'Found', 'MemoryArticles']


class Filed(object):
    """An article for the store to keep.

    Args:     octets: as ``ARTICLE`` sends them, before dots are doubled.
              places: (Group, number) for each group.
              row:    of overview, without the number.
              arrived: seconds since 1970.
    """

    __slots__ = ('message_id', 'octets', 'places', 'row', 'arrived')

    def __init__(self, message_id, octets, places, row, arrived):
        # type: (bytes, bytes, Sequence[Tuple[Group, int]], bytes, float) -> None
        self.message_id = message_id
        self.octets = octets
        self.places = tuple(places)
        self.row = row
        self.arrived = arrived


class Found(object):
    """An article that was asked for."""

    __slots__ = ('number', 'message_id', 'octets')

    def __init__(self, number, message_id, octets):
        # type: (int, bytes, bytes) -> None
        self.number = number
        self.message_id = message_id
        self.octets = octets


class ArticleStore(object):
    """The base of stores; each method returns a Future."""

    def knows(self, message_id):
        # type: (bytes) -> Future
        """A Future of true if the article was seen before, even if it is gone by now."""
        raise NotImplementedError

    def add(self, filed):
        # type: (Filed) -> Future
        """Keeps an article; a Future of None, once it is safe."""
        raise NotImplementedError

    def forbid(self, message_id, arrived):
        # type: (bytes, float) -> Future
        """Counts an article as seen that is not there; a Future of None."""
        raise NotImplementedError

    def remove(self, message_id):
        # type: (bytes) -> Future
        """Takes an article away, but still knows it; a Future of [(group, number, low)].

        low is the lowest number that is left in the group, 0 for none.
        """
        raise NotImplementedError

    def by_number(self, group, number):
        # type: (bytes, int) -> Future
        """A Future of a Found, or None."""
        raise NotImplementedError

    def by_id(self, message_id):
        # type: (bytes) -> Future
        """A Future of a Found with the number 0, or None."""
        raise NotImplementedError

    def rows(self, group, low, high, most):
        # type: (bytes, int, int, int) -> Future
        """A Future of up to *most* (number, row of overview), the lowest first."""
        raise NotImplementedError

    def row_by_id(self, message_id):
        # type: (bytes) -> Future
        """A Future of a row of overview, or None."""
        raise NotImplementedError

    def neighbour(self, group, number, step):
        # type: (bytes, int, int) -> Future
        """A Future of the (number, row) behind *number* if *step* is 1, before it if -1; None."""
        raise NotImplementedError

    def newer(self, since, after, most):
        # type: (float, Any, int) -> Future
        """A Future of up to *most* (key, message-id, [group]) that came since then.

        *after* is the last key of the page before, None for the first.
        """
        raise NotImplementedError

    def save_group(self, group):
        # type: (Group) -> Future
        """Keeps a group; a Future of None."""
        raise NotImplementedError

    def remove_group(self, name):
        # type: (bytes) -> Future
        """Takes a group away with its overview; a Future of None."""
        raise NotImplementedError


class MemoryArticles(ArticleStore):
    """A store in memory, for tests and examples.

    Args:     max_articles: the oldest goes for one more.
    """

    def __init__(self, max_articles=10000):
        # type: (int) -> None
        self._max = max_articles
        self._articles = OrderedDict()      # type: Any  # message-id -> Filed, or None if gone
        self._serials = {}                  # type: Dict[bytes, int]
        self._groups = {}                   # type: Dict[bytes, Dict[int, Filed]]
        self._numbers = {}                  # type: Dict[bytes, List[int]]
        self._serial = 0

    def knows(self, message_id):
        return completed(message_id in self._articles)

    def add(self, filed):
        self._note(filed.message_id, filed)
        for group, number in filed.places:
            self._groups.setdefault(group.name, {})[number] = filed
            insort(self._numbers.setdefault(group.name, []), number)
        return completed(None)

    def _note(self, message_id, filed):
        # type: (bytes, Optional[Filed]) -> None
        while len(self._articles) >= self._max:
            oldest = next(iter(self._articles))
            self.remove(oldest)
            del self._articles[oldest]
            del self._serials[oldest]
        self._articles[message_id] = filed
        self._serial += 1
        self._serials[message_id] = self._serial

    def forbid(self, message_id, arrived):
        if message_id not in self._articles:
            self._note(message_id, None)
        return completed(None)

    def remove(self, message_id):
        filed = self._articles.get(message_id)
        gone = []
        if filed is not None:
            self._articles[message_id] = None
            for group, number in filed.places:
                if self._groups.get(group.name, {}).pop(number, None) is not None:
                    self._numbers[group.name].remove(number)
                    left = self._numbers[group.name]
                    gone.append((group.name, number, left[0] if left else 0))
        return completed(gone)

    def by_number(self, group, number):
        filed = self._groups.get(group, {}).get(number)
        if filed is None:
            return completed(None)
        return completed(Found(number, filed.message_id, filed.octets))

    def by_id(self, message_id):
        filed = self._articles.get(message_id)
        return completed(None if filed is None else Found(0, message_id, filed.octets))

    def rows(self, group, low, high, most):
        numbers = self._numbers.get(group, [])
        there = self._groups.get(group, {})
        start = bisect_left(numbers, low)
        end = min(bisect_right(numbers, high), start + most)
        return completed([(number, there[number].row) for number in numbers[start:end]])

    def row_by_id(self, message_id):
        filed = self._articles.get(message_id)
        return completed(None if filed is None else filed.row)

    def neighbour(self, group, number, step):
        numbers = self._numbers.get(group, [])
        place = bisect_right(numbers, number) if step > 0 else bisect_left(numbers, number) - 1
        if not 0 <= place < len(numbers):
            return completed(None)
        found = numbers[place]
        return completed((found, self._groups[group][found].row))

    def newer(self, since, after, most):
        found = []                  # type: List[Tuple[int, bytes, List[bytes]]]
        for message_id, filed in self._articles.items():
            serial = self._serials[message_id]
            if filed is not None and filed.arrived >= since and serial > (after or 0):
                found.append((serial, message_id, [group.name for group, _ in filed.places]))
                if len(found) >= most:
                    break
        return completed(found)

    def save_group(self, group):
        return completed(None)

    def remove_group(self, name):
        self._groups.pop(name, None)
        self._numbers.pop(name, None)
        return completed(None)


def message_id_of(row):
    # type: (bytes) -> bytes
    """The message-id in a row of overview."""
    return overview_field(row, b'message-id') or b'<0>'
