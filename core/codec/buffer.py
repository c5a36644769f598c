# Copyright the carryall authors.  See LICENSE.
"""ReceiveBuffer and Pieces: bytes that have come, in time and memory linear in their number.

``buf = buf[n:]`` copies the rest for every line and is quadratic.  Here an offset moves, and read
octets are cut off once they are most of the buffer.  A search that found nothing continues from
its end.  A long piece goes into the buffer part by part, as it is needed.  On Jython each octet
that goes into a bytearray costs time, and a whole piece would block the loop.

Pieces are only collected, and joined at the end.  A plain list is not enough: a peer that sends one
octet at a time makes each octet an object of 40 to 110 octets.

Tests:    tests/core/codec/test_buffer.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

__all__ = ['FEW_PIECES', 'Pieces', 'ReceiveBuffer', 'join_small']

SMALL_PIECE = 512           # octets below which a piece is joined with its like
FEW_PIECES = 256            # in a list, after which the small ones at its end are joined
COMPACT_BYTES = 65536       # read bytes that may lie in front before they are cut off
PART_BYTES = 2048           # of a longer piece that go into the buffer at once


class ReceiveBuffer(object):
    """Bytes in at the end, out at the front; what comes out is exact ``bytes``.

    Attributes:
        data: empty exactly when the buffer is: to be looked at, where a call would be too dear,
              and by no one changed.
    """

    __slots__ = ('data', '_start', '_searched', '_separator', '_behind', '_later', '_at')

    def __init__(self, data=b''):
        # type: (bytes) -> None
        self.data = bytearray()
        self._start = 0             # where the unread bytes begin
        self._searched = 0  # up to here, from the start of `data`, `_separator` does not begin
        self._separator = b''
        self._behind = 0            # bytes that came behind those in `data`
        self._later = None          # type: Any  # a deque of the pieces that have them
        self._at = 0                # where they begin in the first
        if data:
            self.append(data)

    def __len__(self):
        return len(self.data) - self._start + self._behind

    def append(self, data):
        # type: (bytes) -> None
        """Adds what has come."""
        size = len(data)
        if size <= PART_BYTES and not self._behind:
            self.data += data
            return
        if self._later is None:
            self._later = deque()
        self._later.append(data)
        self._behind += size
        if not self.data:
            self._feed(PART_BYTES)

    def put_back(self, data):
        # type: (bytes) -> None
        """Adds *data* in front of what is there."""
        if self._later is None:
            self._later = deque()
        if self._at:
            self._later.appendleft(self._later.popleft()[self._at:])
            self._at = 0
        data += bytes(self.data[self._start:])
        del self.data[:]
        self._start = 0
        self._searched = 0
        if data:
            self._later.appendleft(data)
            self._behind += len(data)
        if self._behind:
            self._feed(PART_BYTES)

    def _feed(self, count):
        # type: (int) -> None
        """Lets up to *count* bytes of the next piece into ``data``."""
        piece = self._later[0]
        at = self._at
        if len(piece) - at > count:
            self._at = at + count
            piece = piece[at:self._at]
        else:
            self._later.popleft()
            self._at = 0
            piece = piece[at:]
        self._behind -= len(piece)
        self.data += piece

    def _ensure(self, count):
        # type: (int) -> None
        """Has *count* bytes in ``data``, or all that there are."""
        while self._behind:
            missing = count - len(self.data) + self._start
            if missing <= 0:
                return
            self._feed(max(missing, PART_BYTES))

    def take_all(self):
        # type: () -> bytes
        """All that is there, which may be nothing."""
        return self._cut(len(self))

    def maybe_take(self, count):
        # type: (int) -> Optional[bytes]
        """Exactly *count* bytes, or None while they are not all there."""
        return self._cut(count) if len(self) >= count else None

    def take_up_to(self, count):
        # type: (int) -> bytes
        """The unread bytes, at most *count* of them."""
        return self._cut(min(count, len(self)))

    def peek(self, count):
        # type: (int) -> bytes
        """The first *count* bytes, or what there is of them, left where they are."""
        self._ensure(count)
        return bytes(self.data[self._start:self._start + count])

    def maybe_line(self, separator=b'\r\n'):
        # type: (bytes) -> Optional[bytes]
        """The bytes before *separator*, which is dropped; None while it has not come.

        A caller that bounds its lines looks at ``len(buffer)`` when it gets None,
        and at the line's length otherwise.
        """
        end = self.find(separator)
        if end < 0:
            return None
        start = self._start
        line = bytes(self.data[start:start + end])
        self._advance(end + len(separator))
        return line

    def find(self, separator):
        # type: (bytes) -> int
        """The offset of *separator*, counted from the first unread byte;
        -1 while it has not come."""
        begin = self._start
        if separator == self._separator and self._searched > begin:
            begin = self._searched
        end = self.data.find(separator, begin)
        self._separator = separator
        while end < 0:
            begin = max(self._start, len(self.data) - len(separator) + 1)
            self._searched = begin
            if not self._behind:
                return -1
            self._feed(PART_BYTES)
            end = self.data.find(separator, begin)
        self._searched = end
        return end - self._start

    def discard(self, count):
        # type: (int) -> None
        """Drops the first *count* bytes, or what there is of them."""
        count = min(count, len(self))
        self._ensure(count)
        self._advance(count)

    def clear(self):
        # type: () -> None
        """Drops everything."""
        if self._behind:
            self._later.clear()
            self._behind = 0
            self._at = 0
        self._advance(len(self.data) - self._start)

    def _cut(self, count):
        # type: (int) -> bytes
        if self._behind:
            self._ensure(count)
        data = bytes(self.data[self._start:self._start + count])
        self._advance(count)
        return data

    def _advance(self, count):
        # type: (int) -> None
        self._start += count
        if self._start == len(self.data):
            del self.data[:]
            self._start = 0
            self._searched = 0
            if self._behind:
                self._feed(PART_BYTES)
        elif self._start > COMPACT_BYTES and self._start * 2 > len(self.data):
            del self.data[:self._start]
            self._searched = max(0, self._searched - self._start)
            self._start = 0


class Pieces(object):
    """Bytes that are gathered until all have come.

    Args:     first: the first of them.
    """

    __slots__ = ('_pieces',)

    def __init__(self, first=b''):
        # type: (bytes) -> None
        self._pieces = [first] if first else []     # type: List[bytes]

    def append(self, data):
        # type: (bytes) -> None
        """Adds *data*."""
        pieces = self._pieces
        pieces.append(data)
        if len(pieces) % FEW_PIECES == 0:
            join_small(pieces)

    def joined(self):
        # type: () -> bytes
        """All of them as one."""
        return b''.join(self._pieces)

    def clear(self):
        # type: () -> None
        """Drops them."""
        self._pieces = []


def join_small(pieces):
    # type: (List[bytes]) -> None
    """Makes one of the small pieces at the end of the list;
    called whenever its length is a multiple of FEW_PIECES."""
    begin = len(pieces)
    while begin and len(pieces[begin - 1]) < SMALL_PIECE:
        begin -= 1
    pieces[begin:] = [b''.join(pieces[begin:])]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
