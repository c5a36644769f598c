# Copyright the carryall authors.  See LICENSE.
"""ReceiveBuffer: bytes that have come and wait to be understood, in time linear in their number.

``buf = buf[n:]`` copies the rest for every line and is quadratic; here an offset moves, and what was read is cut off when
it is most of the buffer.  A search that found nothing goes on from where it stopped.

Tests:    tests/core/test_buffer.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['ReceiveBuffer']

COMPACT_BYTES = 65536       # read bytes that may lie in front before they are cut off


class ReceiveBuffer(object):
    """Bytes in at the end, out at the front; what comes out is exact ``bytes``.

    Attributes:
        data: empty exactly when the buffer is: to be looked at, where a call would be too dear, and by nobody changed.
    """

    __slots__ = ('data', '_start', '_searched', '_separator')

    def __init__(self, data=b''):
        # type: (bytes) -> None
        self.data = bytearray(data)
        self._start = 0             # where the unread bytes begin
        self._searched = 0          # up to here, from the start of `data`, `_separator` does not begin
        self._separator = b''

    def __len__(self):
        return len(self.data) - self._start

    def append(self, data):
        # type: (bytes) -> None
        """Add what has come."""
        self.data += data

    def take_all(self):
        # type: () -> bytes
        """All that is there, which may be nothing."""
        return self._cut(len(self.data) - self._start)

    def maybe_take(self, count):
        # type: (int) -> Optional[bytes]
        """Exactly *count* bytes, or None while they are not all there."""
        return self._cut(count) if len(self.data) - self._start >= count else None

    def take_up_to(self, count):
        # type: (int) -> bytes
        """What is there, *count* bytes at the most."""
        return self._cut(min(count, len(self.data) - self._start))

    def peek(self, count):
        # type: (int) -> bytes
        """The first *count* bytes, or what there is of them, left where they are."""
        return bytes(self.data[self._start:self._start + count])

    def maybe_line(self, separator=b'\r\n'):
        # type: (bytes) -> Optional[bytes]
        """The bytes before *separator*, which is dropped; None while it has not come.

        A caller that bounds its lines looks at ``len(buffer)`` when it gets None, and at the line's length otherwise.
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
        """Where *separator* begins, counted from the first unread byte; -1 while it has not come."""
        begin = self._start
        if separator == self._separator and self._searched > begin:
            begin = self._searched
        end = self.data.find(separator, begin)
        self._separator = separator
        if end < 0:
            self._searched = max(self._start, len(self.data) - len(separator) + 1)
            return -1
        self._searched = end
        return end - self._start

    def discard(self, count):
        # type: (int) -> None
        """Drop the first *count* bytes, or what there is of them."""
        self._advance(min(count, len(self.data) - self._start))

    def clear(self):
        # type: () -> None
        """Drop everything."""
        self._advance(len(self.data) - self._start)

    def _cut(self, count):
        # type: (int) -> bytes
        data = bytes(self.data[self._start:self._start + count])
        self._advance(count)
        return data

    def _advance(self, count):
        # type: (int) -> None
        self._start += count
        if self._start == len(self.data):
            del self.data[:]
            self._start = self._searched = 0
        elif self._start > COMPACT_BYTES and self._start * 2 > len(self.data):
            del self.data[:self._start]
            self._searched = max(0, self._searched - self._start)
            self._start = 0


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
