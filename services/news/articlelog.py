# Copyright the carryall authors.  See LICENSE.
"""The article log: files that articles are appended to, and read from by their place.

    FOLDER/00000001.log     records: magic, length, CRC-32; the octets of an article

Many articles are written with one write, and brought to the disk with one fsync.  A record that a
crash has cut, or that no index names, is never read; its space is given back with its file.  Each
start begins another file, so nothing is written behind a cut record.

Everything here blocks and is used by one thread at a time, but ``read``.
Tests:    tests/services/news/test_articlelog.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import re
import struct
import zlib

from carryall.core.compat import FAILURES
from carryall.core.errors import FileFailed
from carryall.core.files.plainfile import open_plain
from carryall.core.logs import get_logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, List, Optional, Sequence, Set, Tuple

__all__ = ['ArticleLog', 'MemoryLog']

# -- limits ------------------------------------------------------------------
MAX_FILE = 64 << 20         # octets after which another file is begun

MAGIC = b'cjN1'
_HEAD = struct.Struct('!4sII')
_NAME = re.compile(r'([0-9]{8})\.log\Z')

log = get_logger('news.log')


class ArticleLog(object):
    """The log in *folder*, which is made if it is missing.

    Args:     max_file: see MAX_FILE.

    Attributes:
        present: number of the file that is written to.
    """

    def __init__(self, folder, max_file=MAX_FILE):
        # type: (Any, int) -> None
        self._folder = folder
        self._max_file = max_file
        self._file = None           # type: Any  # the present one, open
        self._size = 0
        if not os.path.isdir(folder):
            os.mkdir(folder, 0o700)
        numbers = self.numbers()
        self.present = max(numbers) if numbers else 0

    def numbers(self):
        # type: () -> List[int]
        """The numbers of the files, lowest first."""
        found = [_NAME.match(name) for name in os.listdir(self._folder)]
        return sorted(int(match.group(1)) for match in found if match is not None)

    def _path(self, number):
        # type: (int) -> str
        return os.path.join(self._folder, '%08d.log' % number)

    # -- writing -------------------------------------------------------------

    def append(self, articles):
        # type: (Sequence[bytes]) -> List[Tuple[int, int]]
        """Writes articles; returns (file, place) of each once all are on the disk.

        Raises:   IOError, OSError: none of them is kept.
        """
        if self._file is None or self._size >= self._max_file:
            self._begin()
        places = []                 # type: List[Tuple[int, int]]
        pieces = []                 # type: List[bytes]
        place = self._size
        for octets in articles:
            places.append((self.present, place))
            pieces.append(_HEAD.pack(MAGIC, len(octets), zlib.crc32(octets) & 0xffffffff))
            pieces.append(octets)
            place += _HEAD.size + len(octets)
        try:
            self._file.write(b''.join(pieces))
            self._file.flush()
            os.fsync(self._file.fileno())
        except FAILURES:
            # The disk is full, or worse: the next articles go into another file.
            self._give_up()
            raise
        self._size = place
        return places

    def _begin(self):
        # type: () -> None
        """Begins another file."""
        self.close()
        self.present += 1
        self._file = io.open(self._path(self.present), 'ab')
        self._size = 0
        _sync_folder(self._folder)

    def _give_up(self):
        # type: () -> None
        """Cuts the file back to what is whole, and closes it."""
        bad, self._file = self._file, None
        try:
            bad.close()
        except FAILURES as exc:     # its buffer may still be full
            log.warning('%s: %s', self._path(self.present), exc)
        try:
            with io.open(self._path(self.present), 'r+b') as again:
                again.truncate(self._size)
        except FAILURES as exc:
            log.warning('%s: %s', self._path(self.present), exc)

    def close(self):
        # type: () -> None
        """Closes the present file."""
        present, self._file = self._file, None
        if present is not None:
            present.close()

    # -- reading -------------------------------------------------------------

    def read(self, places):
        # type: (Iterable[Tuple[int, int]]) -> List[bytes]
        """The articles at these (file, place).

        Raises:   FileFailed: a record is damaged.  IOError, OSError: a file cannot be read.
        """
        found = []                  # type: List[bytes]
        number = None               # type: Optional[int]
        source = None               # type: Any
        try:
            for wanted, place in places:
                if wanted != number:
                    if source is not None:
                        source.close()
                    source = open_plain(self._path(wanted))
                    number = wanted
                found.append(self._record(source, wanted, place))
        finally:
            if source is not None:
                source.close()
        return found

    def _record(self, source, number, place):
        # type: (Any, int, int) -> bytes
        source.seek(place)
        head = source.read(_HEAD.size)
        if len(head) == _HEAD.size:
            magic, length, check = _HEAD.unpack(head)
            octets = source.read(length) if magic == MAGIC else b''     # type: bytes
            if magic == MAGIC and len(octets) == length \
                    and zlib.crc32(octets) & 0xffffffff == check:
                return octets
        raise FileFailed(u'%s: the article at %d is damaged' % (self._path(number), place))

    # -- old files -----------------------------------------------------------

    def keep_only(self, numbers, before):
        # type: (Set[int], int) -> int
        """Removes the files that are not in *numbers*, up to *before*; returns how many."""
        gone = 0
        for number in self.numbers():
            if number not in numbers and number < before:
                os.remove(self._path(number))
                gone += 1
        return gone


class MemoryLog(object):
    """The same in memory, for a store that ends with the server."""

    def __init__(self):
        # type: () -> None
        self._articles = {}         # type: Any  # number -> octets
        self.present = 0

    def append(self, articles):
        # type: (Sequence[bytes]) -> List[Tuple[int, int]]
        """As of ArticleLog: each article is a file of its own."""
        places = []                 # type: List[Tuple[int, int]]
        for octets in articles:
            self.present += 1
            self._articles[self.present] = octets
            places.append((self.present, 0))
        return places

    def read(self, places):
        # type: (Iterable[Tuple[int, int]]) -> List[bytes]
        """As of ArticleLog."""
        try:
            return [self._articles[number] for number, _ in places]
        except KeyError as exc:
            raise FileFailed(u'the article is gone', exc)

    def keep_only(self, numbers, before):
        # type: (Set[int], int) -> int
        """As of ArticleLog."""
        gone = [number for number in self._articles
                if number not in numbers and number < before]
        for number in gone:
            del self._articles[number]
        return len(gone)

    def close(self):
        # type: () -> None
        """Nothing has to be closed."""


def _sync_folder(path):
    # type: (Any) -> None
    """Brings the names in a folder to the disk, on systems that can."""
    flag = getattr(os, 'O_DIRECTORY', 0)
    if not flag:                    # jython: a folder cannot be opened
        return
    handle = os.open(path, os.O_RDONLY | flag)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
