# Copyright the carryall authors.  See LICENSE.
"""Cursor and Writer: binary formats read and written field by field, within bounds.

    cursor = Cursor(packet)
    kind, length = cursor.uint8(), cursor.uint16()
    # inside, not one octet more can be read, and all must be
    with cursor.restrict(length):
        name = cursor.counted(1)
    cursor.check_end()

Every fault is a RemoteProtocolError that says where, so a parser needs no checks of its own.

Tests:    tests/core/codec/test_cursor.py
"""
from __future__ import absolute_import, division, print_function

import struct
from contextlib import contextmanager

from carryall.core.errors import LocalProtocolError, RemoteProtocolError

__all__ = ['Cursor', 'Writer']

_BIG = {1: struct.Struct('!B'), 2: struct.Struct('!H'), 4: struct.Struct('!I'),
        8: struct.Struct('!Q')}


class Cursor(object):
    """A position in *data*, and an end that it cannot pass."""

    __slots__ = ('data', 'position', 'end')

    def __init__(self, data, position=0, end=None):
        # type: (bytes, int, Optional[int]) -> None
        self.data = data
        self.position = position
        self.end = len(data) if end is None else end

    def __len__(self):
        return self.end - self.position

    def take(self, count):
        # type: (int) -> bytes
        """The next *count* octets."""
        start = self.position
        if not 0 <= count <= self.end - start:
            raise RemoteProtocolError(u'%d octets are wanted at %d, and %d are there'
                                      % (count, start, self.end - start))
        self.position = start + count
        return self.data[start:start + count]

    def rest(self):
        # type: () -> bytes
        """All octets up to the end."""
        return self.take(self.end - self.position)

    def peek(self, count):
        # type: (int) -> bytes
        """The next octets, *count* at the most, left where they are."""
        return self.data[self.position:min(self.position + count, self.end)]

    def uint8(self):
        # type: () -> int
        """One octet as a number."""
        return _BIG[1].unpack(self.take(1))[0]

    def uint16(self):
        # type: () -> int
        """Two octets, big-endian."""
        return _BIG[2].unpack(self.take(2))[0]

    def uint32(self):
        # type: () -> int
        """Four octets, big-endian."""
        return _BIG[4].unpack(self.take(4))[0]

    def uint64(self):
        # type: () -> int
        """Eight octets, big-endian."""
        return _BIG[8].unpack(self.take(8))[0]

    def counted(self, size):
        # type: (int) -> bytes
        """A string behind its length of *size* octets (1, 2, 4 or 8)."""
        return self.take(_BIG[size].unpack(self.take(size))[0])

    @contextmanager
    def restrict(self, count):
        # type: (int) -> Iterator[Cursor]
        """Bounds what follows to *count* octets, and demands at the end that they were all read."""
        if not 0 <= count <= self.end - self.position:
            raise RemoteProtocolError(u'a part of %d octets does not fit at %d'
                                      % (count, self.position))
        outer, self.end = self.end, self.position + count
        yield self                  # an error inside passes: the position is then of no more use
        self.check_end()
        self.end = outer

    def check_end(self):
        # type: () -> None
        """Raises unless everything was read."""
        if self.position != self.end:
            raise RemoteProtocolError(
                u'%d octets are left at %d' % (self.end - self.position, self.position))


class Writer(object):
    """Collects the octets of a message; its numbers are big-endian and checked (Jython's struct
    does not)."""

    __slots__ = ('_parts', '_size')

    def __init__(self):
        # type: () -> None
        self._parts = []            # type: List[bytes]
        self._size = 0

    def __len__(self):
        return self._size

    def raw(self, data):
        # type: (bytes) -> Writer
        """Octets as they are."""
        self._parts.append(data)
        self._size += len(data)
        return self

    def _number(self, value, size):
        # type: (int, int) -> Writer
        if not 0 <= value < 1 << 8 * size:
            raise LocalProtocolError(u'%d does not fit %d octets' % (value, size))
        return self.raw(_BIG[size].pack(value))

    def uint8(self, value):
        # type: (int) -> Writer
        """One octet."""
        return self._number(value, 1)

    def uint16(self, value):
        # type: (int) -> Writer
        """Two octets."""
        return self._number(value, 2)

    def uint32(self, value):
        # type: (int) -> Writer
        """Four octets."""
        return self._number(value, 4)

    def uint64(self, value):
        # type: (int) -> Writer
        """Eight octets."""
        return self._number(value, 8)

    def counted(self, data, size):
        # type: (bytes, int) -> Writer
        """*data* behind its length of *size* octets (1, 2, 4 or 8)."""
        return self._number(len(data), size).raw(data)

    def finish(self):
        # type: () -> bytes
        """All octets so far."""
        return b''.join(self._parts)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, List, Optional
