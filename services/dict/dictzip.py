# Copyright the carryall authors.  See LICENSE.
"""Octets of a database, wherever they are: a plain file, a file of dictzip, memory.

    source = open_source(path)              its size is known, nothing is held open
    with source.open() as reader:
        reader.read(offset, count)

A file of dictzip is a gzip file in pieces that are decompressed each by itself.  The extra field RA
of its header has their sizes (dictzip(1), "DICTZIP FILE FORMAT").

A file is opened for each search, by its path.  A file that has changed since the start is refused:
its index no longer fits.

Tests:    tests/services/dict/test_dictzip.py
"""
from __future__ import absolute_import, division, print_function

import struct
import zlib

from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError, UsageError
from carryall.core.files.plainfile import opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

__all__ = ['BrokenDatabase', 'BytesSource', 'MAX_READ', 'open_source']

# -- limits ------------------------------------------------------------------
MAX_READ = 4 << 20          # octets that are read at once: of one definition
MAX_HEADER = 1 << 18        # octets of a header of dictzip: 65,535 pieces need 131,070

MAGIC = b'\x1f\x8b\x08'
FHCRC = 2                   # flags of the header (RFC 1952 section 2.3.1)
FEXTRA = 4
FNAME = 8
FCOMMENT = 16


class BrokenDatabase(CarryallError):
    """The files of a database do not fit each other, or their format."""


class BytesSource(object):
    """Octets in memory.

    Attributes:
        size: how many there are.
    """

    def __init__(self, data):
        # type: (bytes) -> None
        self._data = data
        self.size = len(data)

    def open(self):
        # type: () -> BytesSource
        """A reader, which is a context."""
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        pass

    def read(self, offset, count):
        # type: (int, int) -> bytes
        """The octets from *offset*, fewer at the end."""
        return self._data[offset:offset + count]


class _FileSource(object):
    """A plain file; *path* is known to be one.

    Attributes:
        size: octets of what can be read.
    """

    def __init__(self, path):
        # type: (Any) -> None
        self.path = path
        source, status = opened(path)
        source.close()
        self.size = status.st_size
        self._stamp = _stamp(status)

    def open(self):
        # type: () -> Any
        """A reader, which is a context; BrokenDatabase if the file has changed."""
        source, status = opened(self.path)
        if _stamp(status) != self._stamp:
            source.close()
            raise BrokenDatabase(u'%s has changed; a reload reads it again' % self.path)
        return _FileReader(source)


class _FileReader(object):
    def __init__(self, source):
        # type: (Any) -> None
        self._source = source

    def __enter__(self):
        return self

    def __exit__(self, *_exc_info):
        self._source.close()

    def read(self, offset, count):
        # type: (int, int) -> bytes
        """The octets from *offset*, fewer at the end."""
        self._source.seek(offset)
        parts = []
        while count > 0:
            part = self._source.read(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return b''.join(parts)


class _ZippedSource(object):
    """A file of dictzip."""

    def __init__(self, path):
        # type: (Any) -> None
        self._file = _FileSource(path)
        with self._file.open() as reader:
            self._read_header(reader.read(0, MAX_HEADER))
            tail = reader.read(max(0, self._file.size - 4), 4)
        # The size of all, modulo 2 ** 32 (RFC 1952 section 2.3.1); the pieces bound it as well.
        size = struct.unpack('<I', tail)[0]
        most = self._length * len(self._starts)
        if not most - self._length <= size <= most:
            raise UsageError(u'%s is not whole' % path)
        self.size = size

    def _read_header(self, head):
        # type: (bytes) -> None
        path = self._file.path
        if len(head) < 22 or not ord(head[3:4]) & FEXTRA:
            raise UsageError(u'%s is gzip without random access; dictzip makes it with' % path)
        flags = ord(head[3:4])
        extra = struct.unpack('<H', head[10:12])[0]
        sizes = _sizes(head[12:12 + extra])
        if sizes is None:
            raise UsageError(u'%s has no table of dictzip in its header' % path)
        at = 12 + extra
        for flag in (FNAME, FCOMMENT):
            if flags & flag:
                at = head.find(b'\0', at) + 1
                if not at:
                    raise UsageError(u'%s has a header that is not whole' % path)
        if flags & FHCRC:
            at += 2
        self._length = sizes[0]
        self._starts = []           # type: List[Tuple[int, int]]
        for size in sizes[1]:
            self._starts.append((at, size))
            at += size
        if at > self._file.size:
            raise UsageError(u'%s is not whole' % path)

    def open(self):
        # type: () -> _ZippedReader
        """A reader, which is a context."""
        return _ZippedReader(self._file.open(), self._length, self._starts)


class _ZippedReader(_FileReader):
    def __init__(self, reader, length, starts):
        # type: (Any, int, List[Tuple[int, int]]) -> None
        self._reader = reader
        self._length = length
        self._starts = starts
        self._held = (-1, b'')      # the piece that was decompressed last, with its number

    def __exit__(self, *exc_info):
        self._reader.__exit__(*exc_info)

    def read(self, offset, count):
        parts = []
        number = offset // self._length
        at = offset - number * self._length
        while count > 0 and number < len(self._starts):
            part = self._piece(number)[at:at + count]
            if not part:
                break
            parts.append(part)
            count -= len(part)
            number += 1
            at = 0
        return b''.join(parts)

    def _piece(self, number):
        # type: (int) -> bytes
        if self._held[0] != number:
            at, size = self._starts[number]
            self._held = (number, self._inflated(self._reader.read(at, size)))
        return self._held[1]

    def _inflated(self, data):
        # type: (bytes) -> bytes
        coder = zlib.decompressobj(-15)
        if hasattr(coder, 'gzip'):
            # jython: otherwise it takes 8 octets behind any raw data for a checksum
            coder.gzip = False
        try:
            return coder.decompress(data, self._length)
        except zlib.error as exc:
            raise BrokenDatabase(u'a piece of dictzip cannot be decompressed', exc)


def _sizes(extra):
    # type: (bytes) -> Any
    """(octets of a piece, sizes of the compressed pieces) of the field RA; None without one."""
    while len(extra) >= 4:
        length = struct.unpack('<H', extra[2:4])[0]
        field = extra[4:4 + length]
        if extra[:2] == b'RA' and len(field) == length and length >= 6:
            version, piece, count = struct.unpack('<HHH', field[:6])
            if version != 1 or not piece or not count or length < 6 + 2 * count:
                return None
            return piece, struct.unpack('<%dH' % count, field[6:6 + 2 * count])
        extra = extra[4 + length:]
    return None


def _stamp(status):
    # type: (Any) -> Tuple
    return status.st_mtime, status.st_size, status.st_ino


def open_source(path):
    # type: (Any) -> Any
    """The source of a file, plain or of dictzip.

    Raises:   UsageError: it cannot be read, or is gzip that dictzip has not made.
    """
    try:
        found = _FileSource(path)
        with found.open() as reader:
            is_gzip = reader.read(0, 3) == MAGIC
        return _ZippedSource(path) if is_gzip else found
    except UsageError:
        raise
    except FAILURES as exc:
        raise UsageError(u'%s cannot be read: %s' % (path, getattr(exc, 'strerror', None) or exc))
