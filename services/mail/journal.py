# Copyright the carryall authors.  See LICENSE.
"""The journal: makes messages durable from the moment they are accepted.

Many messages are written with one write and brought to the disk with one fsync; only then are they
accepted.  They are delivered after that, and each delivery is recorded here too.  After a crash,
messages that were not delivered are delivered again under the same names, so that none arrives
twice.  A file of the journal is removed once all files made of its messages are durable.  The
oldest file goes first, as a newer one may hold records about its messages.

    FOLDER/00000001.log     records: magic, length, CRC-32, serial number; envelope, message

A record that a crash has cut is incomplete, so its message was not accepted; no record follows it.
A record that a full disk has cut is removed again, and the file continues.

Everything here blocks and is used by one thread at a time.
Tests:    tests/services/mail/test_journal.py
"""
from __future__ import absolute_import, division, print_function

import os
import re
import struct
import zlib

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import open_plain
from carryall.core.codec.numbers import decimal
from carryall.services.mail import disk
from carryall.services.mail.envelope import BadEnvelope, Envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

__all__ = ['Journal']

# -- limits ------------------------------------------------------------------
MAX_FILE = 64 << 20         # octets after which another file is begun
MAX_RECORD = 1 << 30        # octets; a longer length is an invalid record

UNREAD = '.unread'          # suffix of a file with records that this version cannot read
ACCEPTED = b'cjA1'
DONE = b'cjD1'
_HEAD = struct.Struct('!4sIIQ')
_NAME = re.compile(r'([0-9]{8,18})\.log\Z')

log = get_logger('mail.journal')


class Journal(object):
    """The journal in *folder*.

    Args:     max_file: see MAX_FILE.
    """

    def __init__(self, folder, max_file=MAX_FILE):
        # type: (str, int) -> None
        self.folder = folder
        self._max_file = max_file
        self._number = 0
        self._handle = None         # type: Optional[int]
        self._size = 0
        self._serial = 0
        # Serial number of each message that is not done -> its file, and the offset in it.
        self._open = {}             # type: Dict[int, Tuple[_File, int, int]]
        self._files = []            # type: List[_File]  # the present one is the last
        # Messages that are done but not recorded as such, because the disk was full.
        self._unnoted = []          # type: List[Tuple[int, _File]]

    # -- after a start -----------------------------------------------------------------------------

    def recover(self):
        # type: () -> List[Tuple[int, Envelope]]
        """Returns (serial number, envelope) of each message that was accepted and not done, oldest
        first."""
        disk.make_folder(self.folder)
        waiting = {}                # type: Dict[int, Envelope]
        for number in self._numbers():
            one = _File(os.path.join(self.folder, '%08d.log' % number))
            self._files.append(one)
            self._number = max(self._number, number)
            data = disk.read_file(one.path)
            one.size = len(data)
            for magic, serial, at, length in _records(data):
                self._serial = max(self._serial, serial)
                if magic == DONE:
                    waiting.pop(serial, None)
                    self._close(serial)
                    continue
                try:
                    waiting[serial] = Envelope.read(data[at:at + length])
                # its checksum is right: another version has written it
                except BadEnvelope as exc:
                    log.error('%s: message %d cannot be read (%s); the file is kept as %s',
                              one.path, serial, exc, one.path + UNREAD)
                    one.unread = True
                    continue
                self._open[serial] = one, at, length
                one.open += 1
        return sorted(waiting.items())

    def envelope(self, serial):
        # type: (int) -> Envelope
        """Reads a message that is not done again."""
        one, at, length = self._open[serial]
        with open_plain(one.path) as source:
            source.seek(at)
            return Envelope.read(source.read(length))

    def _close(self, serial):
        # type: (int) -> Optional[_File]
        """Marks a message as done; returns its file, or None if it was done before."""
        found = self._open.pop(serial, None)
        if found is None:
            return None
        found[0].open -= 1
        return found[0]

    def _numbers(self):
        # type: () -> List[int]
        found = []
        for name in os.listdir(self.folder):
            match = _NAME.match(name)
            if match:
                found.append(decimal(match.group(1).encode('ascii'), 10 ** 18) or 0)
        return sorted(found)

    # -- messages ----------------------------------------------------------------------------------

    def accept(self, envelopes):
        # type: (Sequence[Envelope]) -> List[int]
        """Brings envelopes to the disk; returns their serial numbers.  If it raises, none of them
        is accepted."""
        return self._accept(envelopes, b'')

    def _accept(self, envelopes, more):
        # type: (Sequence[Envelope], bytes) -> List[int]
        pieces = []         # type: List[bytes]
        rows = []           # type: List[Tuple[int, int, int]]
        at = _HEAD.size
        for envelope in envelopes:
            self._serial += 1
            line = envelope.header_line()
            length = len(line) + len(envelope.message)
            check = zlib.crc32(envelope.message, zlib.crc32(line)) & 0xffffffff
            pieces += [_HEAD.pack(ACCEPTED, length, check, self._serial), line, envelope.message]
            rows.append((self._serial, at, length))
            at += length + _HEAD.size
        begun = self._append(b''.join(pieces) + more, True)
        present = self._files[-1]
        for serial, at, length in rows:
            self._open[serial] = present, begun + at, length
        present.open += len(rows)
        return [row[0] for row in rows]

    def done(self, rows):
        # type: (Sequence[Tuple[int, Sequence[str]]]) -> None
        """Records messages as done: (serial number, paths of the files made of it).

        The record is not brought to the disk at once, as its loss does no harm.  If this raises, it
        is written with the next ones.
        """
        for serial, paths in rows:
            one = self._close(serial)
            if one is not None:
                one.paths += paths
                self._unnoted.append((serial, one))
        # a message without an open record needs none
        self._unnoted = [row for row in self._unnoted if row[1] in self._files]
        if self._unnoted:
            self._append(b''.join([_done(serial) for serial, _ in self._unnoted]), False)
            self._unnoted = []

    def carry(self, serial, envelope, paths):
        # type: (int, Envelope, Sequence[str]) -> int
        """Accepts the rest of a message again, in the present file, and closes the old record;
        returns its new number.

        Args:     envelope: the message for the addressees that have not got it.
                  paths: the files made for the others.
        """
        new, = self._accept([envelope], _done(serial))
        one = self._close(serial)
        if one is not None:
            one.paths += paths
        return new

    def held(self):
        # type: () -> List[int]
        """The messages that keep the journal larger than its limit; [] while it is within the
        limit."""
        if sum([one.size for one in self._files]) <= 2 * self._max_file:
            return []
        oldest = self._files[0]
        if oldest is self._files[-1]:
            return []
        return sorted([serial for serial, row in self._open.items() if row[0] is oldest])

    def _append(self, data, sync):
        # type: (bytes, bool) -> int
        """Writes at the end of the present file; returns the offset."""
        if self._handle is None or self._size >= self._max_file:
            self._begin()
        handle = self._handle
        begun = self._size
        try:
            disk.write_all(handle, data)
        except (IOError, OSError):
            self._take_back(handle, begun)
            raise
        if sync:
            try:
                os.fsync(handle)
            except (IOError, OSError):
                # The state of the disk is unknown now: the file gets no more records.
                self._take_back(handle, begun)
                self.end_file()
                raise
        self._size += len(data)
        self._files[-1].size = self._size
        return begun

    def _take_back(self, handle, size):
        # type: (Any, int) -> None
        """Removes a record that was written in part, or ends the file: records after it would not
        be found."""
        try:
            os.ftruncate(handle, size)
            os.lseek(handle, size, os.SEEK_SET)
        except FAILURES as exc:
            log.error('%s ends here: %r', self._files[-1].path, exc)
            self.end_file()

    def _begin(self):
        # type: () -> None
        """Begins another file; its name is on the disk before its first record."""
        self.end_file()
        self._number += 1
        path = os.path.join(self.folder, '%08d.log' % self._number)
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | disk.BINARY,
                               disk.PRIVATE)
        self._size = 0
        self._files.append(_File(path))
        try:
            if not disk.sync_folder(self.folder):
                os.fsync(self._handle)
        except (IOError, OSError):
            self.end_file()
            raise

    def end_file(self):
        # type: () -> None
        """Ends the present file, which gets no more records."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    # -- what is over ------------------------------------------------------------------------------

    def is_begun(self):
        # type: () -> bool
        """True if there is a present file, which gets more records."""
        return self._handle is not None

    def size(self):
        # type: () -> int
        """The octets of the present file."""
        return self._size if self._handle is not None else 0

    def finished(self):
        # type: () -> List[Any]
        """The oldest files without open messages, for ``drop``, which may be called on another
        thread.

        They are listed until ``dropped`` is called, so call this again only after that.
        """
        over = []
        for one in self._files[:-1 if self._handle is not None else None]:
            if one.open:
                break
            over.append(one)
        return over

    def dropped(self, files):
        # type: (Sequence[Any]) -> None
        """Forgets these files of ``finished``, after ``drop`` has succeeded."""
        del self._files[:len(files)]    # in place: a thread may append to the list meanwhile

    def drop(self, files):
        # type: (Sequence[Any]) -> None
        """Makes the files of their messages durable, then removes the journal's, oldest first."""
        disk.make_durable([path for one in files for path in one.paths])
        for one in files:
            if one.unread:
                os.rename(one.path, one.path + UNREAD)
            else:
                disk.remove(one.path)
            if one is not files[-1]:
                disk.sync_folder(self.folder)


class _File(object):
    """One file of the journal.

    Attributes:
        path, size: of the file.
        open: the number of its messages that are not done.
        paths: the files made of the others.
        unread: True if it holds a message that this version cannot read.
    """

    __slots__ = ('path', 'size', 'open', 'paths', 'unread')

    def __init__(self, path):
        # type: (str) -> None
        self.path = path
        self.size = 0
        self.open = 0
        self.paths = []             # type: List[str]
        self.unread = False


def _done(serial):
    # type: (int) -> bytes
    return _HEAD.pack(DONE, 0, zlib.crc32(struct.pack('!Q', serial)) & 0xffffffff, serial)


def _records(data):
    # type: (bytes) -> Iterator[Tuple[bytes, int, int, int]]
    """(magic, serial number, offset of its body, octets of the body) of each complete record, up to
    the first incomplete one."""
    at = 0
    while at + _HEAD.size <= len(data):
        magic, length, check, serial = _HEAD.unpack(data[at:at + _HEAD.size])
        at += _HEAD.size
        body = data[at:at + length]
        checked = struct.pack('!Q', serial) if magic == DONE else body
        if magic not in (ACCEPTED, DONE) or length > MAX_RECORD or len(body) < length \
                or zlib.crc32(checked) & 0xffffffff != check:
            log.info('the journal ends with an incomplete record')
            return
        yield magic, serial, at, length
        at += length
