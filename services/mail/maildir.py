# Copyright the carryall authors.  See LICENSE.
"""Maildir: one file a message, delivered in one step, so that readers and writers need no lock
between them.

    PATH/tmp    being written
    PATH/new    delivered
    PATH/cur    seen by a mail program, with flags in the name

A name is ``seconds.unique.host,S=octets,W=octets on the wire``; S and W are Maildir++'s, and save
POP3 from reading every message to learn its size.  W is used if the file has S octets: a program
that edits a message may keep its name.  Lines end with LF on the disk.  Other programs may deliver,
rename and remove messages.

Tests:    tests/services/mail/test_maildir.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import os
import re
import stat

from carryall.core.compat import FAILURES, to_bytes
from carryall.core.errors import CarryallError
from carryall.core.files.plainfile import open_plain
from carryall.core.codec.numbers import decimal
from carryall.core.line.transparency import normalised
from carryall.services.mail import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

__all__ = ['Abandoned', 'Entry', 'Maildir', 'wanted', 'wire_size']

# -- limits ------------------------------------------------------------------
MAX_UID = 70                # octets of a unique-id; RFC 1939 section 7
MAX_SIZES = 100000          # sizes of messages without W= that are remembered
# a file in tmp/ of this age was left by a process that died; the usual time
STALE_SECONDS = 36 * 3600
MAX_SECONDS = 2 ** 40
PIECE = 1 << 20             # octets of a message that are counted at once
# messages of a scan between two calls of *abandoned*
ASK_AFTER = 256

_S = re.compile(br',S=([0-9]{1,15})(?:[,:]|\Z)')
_W = re.compile(br',W=([0-9]{1,15})(?:[,:]|\Z)')
_PLAIN = re.compile(br'[\x21-\x7e]{1,70}\Z')
_FOLDERS = ('tmp', 'new', 'cur')


class Abandoned(CarryallError):
    """The session that asked for the list has ended."""


class Entry(object):
    """One message: its folder and name, its unique-id, and its octets on the wire."""

    __slots__ = ('folder', 'name', 'uid', 'size')

    def __init__(self, folder, name, uid, size):
        # type: (str, Any, bytes, int) -> None
        self.folder = folder
        self.name = name
        self.uid = uid
        self.size = size


def wire_size(data):
    # type: (bytes) -> int
    """The octets of a stored message with CRLF at the ends of its lines."""
    if data.find(b'\r') >= 0:
        size = len(normalised(data))
    else:
        size = len(data) + data.count(b'\n')
    return size if not data or data[-1:] in (b'\n', b'\r') else size + 2


def _wire_size_of(source, abandoned):
    # type: (Any, Callable[[], bool]) -> int
    """The same for an open file of any size, piece by piece."""
    size = 0
    end = b''
    last = b''
    while True:
        piece = source.read(PIECE)
        if abandoned():
            raise Abandoned(u'the list is not wanted any more')
        if not piece:
            break
        # A carriage return at the end is kept for the next piece.
        data = end + piece
        last = piece[-1:]
        end = b'\r' if last == b'\r' else b''
        data = data[:len(data) - len(end)]
        pairs = data.count(b'\r\n')
        size += len(data) + data.count(b'\n') + data.count(b'\r') - 2 * pairs
    size += 2 * len(end)
    return size if last in (b'', b'\n', b'\r') else size + 2


def wanted():
    # type: () -> bool
    """False: the scan is wanted to its end."""
    return False


class Maildir(object):
    """One mailbox at *path* (text); everything blocks."""

    def __init__(self, path):
        # type: (str) -> None
        self.path = path
        self._tmp = os.path.join(path, 'tmp', '')
        self._new = os.path.join(path, 'new', '')
        self._made = False
        # Of messages whose names lack W=: (size, octets and time of change of the file when it
        # was counted).
        self._sizes = {}            # type: Dict[bytes, Tuple[int, Tuple[int, float]]]

    def make(self):
        # type: () -> None
        """Makes the folders that are missing."""
        if not self._made:
            disk.make_folder(self.path)
            if any([disk.make_subfolder(os.path.join(self.path, folder)) for folder in _FOLDERS]):
                disk.sync_folder(self.path)
            self._made = True

    def deliver(self, name, data, again=False, size=None):
        # type: (str, bytes, bool, Optional[int]) -> str
        """Puts a message into the mailbox in one step; returns its path.

        Args:     name: unique: two deliveries under one name leave one message.
                  data: the message with LF at the ends of its lines.
                  again: True if it may have been delivered already, before a crash.
                  size: ``wire_size(data)``, if the caller knows it.
        """
        if again:
            there = self.find(name.encode('ascii'))
            if there is not None:
                return there
        full = '%s,S=%d,W=%d' % (name, len(data), wire_size(data) if size is None else size)
        temporary = self._tmp + full
        target = self._new + full
        try:
            disk.write_file(temporary, [data])
        except (IOError, OSError):
            self._made = False      # another program may have removed the folders
            self.make()
            disk.write_file(temporary, [data])
        disk.rename(temporary, target)
        return target

    def find(self, base):
        # type: (bytes) -> Any
        """The path of the message whose name begins with *base* and a comma, colon or nothing; None
        if it is gone."""
        for folder in ('new', 'cur'):
            for name in self._names(folder):
                octets = to_bytes(name)
                if octets.startswith(base) and octets[len(base):len(base) + 1] in (b'', b',', b':'):
                    return os.path.join(self.path, folder, name)
        return None

    def find_part(self, part):
        # type: (bytes) -> Any
        """The path of a message whose name contains *part*; None if there is none."""
        for folder in ('new', 'cur'):
            for name in self._names(folder):
                if part in to_bytes(name):
                    return os.path.join(self.path, folder, name)
        return None

    def _names(self, folder):
        # type: (str) -> List[Any]
        path = os.path.join(self.path, folder)
        try:
            return [name for name in os.listdir(path) if name[:1] not in (u'.', b'.')]
        except (IOError, OSError):
            # not readable: an empty mailbox would be a wrong answer
            if os.path.isdir(path):
                raise
            return []

    def scan(self, abandoned=wanted):
        # type: (Callable[[], bool]) -> List[Entry]
        """All messages, oldest first, each with a unique-id of its own; linear in their number.

        Args:     abandoned: called now and then; if it returns true, the scan ends with Abandoned.
                             The sizes found so far are kept for the next scan.
        """
        found = [(_base(name), folder, name) for folder in ('new', 'cur')
                 for name in self._names(folder)]
        found.sort(key=lambda row: (_seconds(row[0]), row[0], row[1]))
        sizes = {}                          # type: Dict[bytes, Any]
        entries = []                        # type: List[Entry]
        taken = set()                       # type: Set[bytes]
        for base, folder, name in found:
            try:
                size = self._size(base, folder, name, sizes, abandoned)
            except Abandoned:
                self._sizes.update(sizes)
                raise
            if size is None:                # it was removed, or is not a file
                continue
            uid = _uid(base, taken)
            taken.add(uid)
            entries.append(Entry(folder, name, uid, size))
            if not len(entries) % ASK_AFTER and abandoned():
                self._sizes.update(sizes)
                raise Abandoned(u'the list is not wanted any more')
        self._sizes = sizes if len(sizes) <= MAX_SIZES else {}
        return entries

    def _size(self, base, folder, name, sizes, abandoned):
        # type: (bytes, str, Any, Dict[bytes, Any], Callable[[], bool]) -> Optional[int]
        path = os.path.join(self.path, folder, name)
        if abandoned():
            raise Abandoned(u'the list is not wanted any more')
        try:
            state = os.stat(path)
            if not stat.S_ISREG(state.st_mode):
                return None
            octets = _S.search(base)
            told = _W.search(base)
            if octets and told and decimal(octets.group(1), 10 ** 15) == state.st_size:
                return decimal(told.group(1), 10 ** 15)
            seen = state.st_size, state.st_mtime
            row = self._sizes.get(base)
            if row is None or row[1] != seen:
                with open_plain(path, buffering=0) as source:
                    row = _wire_size_of(source, abandoned), seen
        except (IOError, OSError):
            return None
        sizes[base] = row
        return row[0]

    def open(self, entry):
        # type: (Entry) -> Any
        """The file of a message, for reading bytes; IOError if it is gone."""
        try:
            return open_plain(os.path.join(self.path, entry.folder, entry.name))
        except (IOError, OSError):
            there = self._moved(entry)
            if there is None:
                raise
            return open_plain(there)

    def remove(self, entry):
        # type: (Entry) -> None
        """Deletes a message, even if another program has moved it."""
        path = os.path.join(self.path, entry.folder, entry.name)
        if not os.path.exists(path):
            path = self._moved(entry)
            if path is None:
                return
        disk.remove(path)

    def remove_all(self, entries):
        # type: (Sequence[Entry]) -> None
        """Deletes messages durably; CarryallError if some could not be deleted."""
        faults = []
        for entry in entries:
            try:
                self.remove(entry)
            except FAILURES as exc:         # the others are deleted all the same
                faults.append(exc)
        self.sync()
        if faults:
            raise CarryallError(u'%d of %d messages could not be removed'
                                % (len(faults), len(entries)), faults[0])

    def _moved(self, entry):
        # type: (Entry) -> Any
        return self.find(_base(entry.name).partition(b',')[0])

    def sync(self):
        # type: () -> None
        """Brings deletions to the disk."""
        for folder in ('new', 'cur'):
            disk.sync_folder(os.path.join(self.path, folder))

    def clean(self, now):
        # type: (float) -> int
        """Removes old files of tmp/; returns their number.  *now* in seconds since 1970."""
        gone = 0
        for name in self._names('tmp'):
            path = os.path.join(self.path, 'tmp', name)
            try:
                if os.stat(path).st_mtime < now - STALE_SECONDS:
                    os.remove(path)
                    gone += 1
            except (IOError, OSError):
                pass
        return gone


def _base(name):
    # type: (Any) -> bytes
    """The name without the flags after the colon."""
    return to_bytes(name).partition(b':')[0]


def _seconds(base):
    # type: (bytes) -> int
    """The time of delivery that the name tells; a name without one sorts last."""
    seconds = decimal(base.partition(b'.')[0], MAX_SECONDS)
    return MAX_SECONDS if seconds is None else seconds


def _uid(base, taken):
    # type: (bytes, Set[bytes]) -> bytes
    """A unique-id that depends on the name alone, and so never changes; copies of one name get
    their own."""
    unique = base.partition(b',')[0]
    if _PLAIN.match(unique) and unique not in taken:
        return unique
    number = 0
    while True:
        uid = hashlib.sha256(unique + b'/%d' % number).hexdigest()[:48].encode('ascii')
        if uid not in taken:
            return uid
        number += 1
