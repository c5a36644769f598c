# Copyright the carryall authors.  See LICENSE.
"""The journal: what makes a message survive from the moment it is accepted.

Many messages are written with one write and brought to the disk with one fsync; only then are they accepted.  They are
delivered after that, and what has been delivered is noted here too.  After a crash the messages that were not are delivered
again, under the same names, so that none is there twice.  A file of the journal goes when everything that its messages
became is surely on the disk.

    FOLDER/00000001.log     records: magic, length, CRC-32 of what follows, serial number; then the parcel

A record that a crash has cut is not whole, so its message was not accepted; what follows it was never written.

Everything here blocks and is used by one thread at a time.
Tests:    tests/services/mail/test_journal.py
"""
from __future__ import absolute_import, division, print_function

import os
import re
import struct
import zlib

from carryall.core.logs import get_logger
from carryall.core.wirenum import decimal
from carryall.services.mail import disk
from carryall.services.mail.parcels import BadParcel, Parcel

__all__ = ['Journal']

# -- limits ------------------------------------------------------------------
MAX_FILE = 64 << 20         # octets after which another file is begun; ours
MAX_RECORD = 1 << 30        # octets; ours: what claims to be larger is no record

ACCEPTED, DONE = b'cjA1', b'cjD1'
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
        self._open = {}             # type: Dict[int, _File]  # serial number of each message that is not done -> its file
        self._files = []            # type: List[_File]  # the present one is the last

    # -- after a start -----------------------------------------------------------------------------------------------

    def recover(self):
        # type: () -> List[Tuple[int, Parcel]]
        """(serial number, parcel) of each message that was accepted and not done, oldest first."""
        disk.make_folder(self.folder)
        waiting = {}                # type: Dict[int, Parcel]
        for number in self._numbers():
            one = _File(os.path.join(self.folder, '%08d.log' % number))
            self._files.append(one)
            self._number = max(self._number, number)
            for magic, serial, body in _records(disk.read_file(one.path)):
                self._serial = max(self._serial, serial)
                if magic == DONE:
                    waiting.pop(serial, None)
                    owner = self._open.pop(serial, None)
                    if owner is not None:
                        owner.open -= 1
                    continue
                try:
                    waiting[serial] = Parcel.read(body)
                except BadParcel as exc:        # its check sum is right: another version has written it
                    log.error('%s: message %d cannot be read (%s); the file is kept', one.path, serial, exc)
                self._open[serial] = one
                one.open += 1
        return sorted(waiting.items())

    def _numbers(self):
        # type: () -> List[int]
        found = []
        for name in os.listdir(self.folder):
            match = _NAME.match(name)
            if match:
                found.append(decimal(match.group(1).encode('ascii'), 10 ** 18) or 0)
        return sorted(found)

    # -- messages ----------------------------------------------------------------------------------------------------

    def accept(self, parcels):
        # type: (Sequence[Parcel]) -> List[int]
        """Bring parcels to the disk; their serial numbers.  When this raises, none of them is accepted."""
        pieces, serials = [], []    # type: List[bytes], List[int]
        for parcel in parcels:
            self._serial += 1
            serials.append(self._serial)
            envelope = parcel.envelope()
            check = zlib.crc32(parcel.message, zlib.crc32(envelope)) & 0xffffffff
            pieces += [_HEAD.pack(ACCEPTED, len(envelope) + len(parcel.message), check, self._serial), envelope, parcel.message]
        self._append(b''.join(pieces), True)
        present = self._files[-1]
        for serial in serials:
            self._open[serial] = present
        present.open += len(serials)
        return serials

    def done(self, serials):
        # type: (Sequence[int]) -> None
        """These messages have gone where they had to; not brought to the disk at once, for nothing is lost with it."""
        records = [_HEAD.pack(DONE, 0, zlib.crc32(struct.pack('!Q', serial)) & 0xffffffff, serial) for serial in serials]
        self._append(b''.join(records), False)
        for serial in serials:
            one = self._open.pop(serial, None)
            if one is not None:
                one.open -= 1

    def _append(self, data, sync):
        # type: (bytes, bool) -> None
        if self._handle is None or self._size >= self._max_file:
            self._begin()
        handle = self._handle
        try:
            disk.write_all(handle, data)
            if sync:
                os.fsync(handle)
        except (IOError, OSError):
            # What is half written ends this file: nothing that follows it would be found.
            self.end_file()
            raise
        self._size += len(data)

    def _begin(self):
        # type: () -> None
        """Begin another file, whose name is on the disk before anything in it counts."""
        self.end_file()
        self._number += 1
        path = os.path.join(self.folder, '%08d.log' % self._number)
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | disk.BINARY, disk.PRIVATE)
        self._size = 0
        self._files.append(_File(path))
        if not disk.sync_folder(self.folder):
            os.fsync(self._handle)

    def end_file(self):
        # type: () -> None
        """The present file gets nothing more."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    # -- what is over ------------------------------------------------------------------------------------------------

    def note(self, paths):
        # type: (Sequence[str]) -> None
        """Files that messages of the present file became; its end waits until they are surely on the disk."""
        if self._files:
            self._files[-1].paths += paths

    def size(self):
        # type: () -> int
        """Octets in the present file."""
        return self._size if self._handle is not None else 0

    def finished(self):
        # type: () -> List[Any]
        """The files that nobody waits for: hand them to ``drop``, which may be called on another thread."""
        over = [one for one in self._files[:-1 if self._handle is not None else None] if not one.open]
        self._files = [one for one in self._files if one not in over]
        return over

    @staticmethod
    def drop(files):
        # type: (Sequence[Any]) -> None
        """Bring to the disk what their messages became, and remove them."""
        disk.make_durable([path for one in files for path in one.paths])
        for one in files:
            disk.remove(one.path)


class _File(object):
    """One file of the journal: its path, how many of its messages are not done, and the files that others became."""

    __slots__ = ('path', 'open', 'paths')

    def __init__(self, path):
        # type: (str) -> None
        self.path = path
        self.open = 0
        self.paths = []             # type: List[str]


def _records(data):
    # type: (bytes) -> Iterator[Tuple[bytes, int, bytes]]
    """(magic, serial number, body) of each whole record, up to the first that is not."""
    at = 0
    while at + _HEAD.size <= len(data):
        magic, length, check, serial = _HEAD.unpack(data[at:at + _HEAD.size])
        at += _HEAD.size
        body = data[at:at + length]
        checked = struct.pack('!Q', serial) if magic == DONE else body
        if magic not in (ACCEPTED, DONE) or length > MAX_RECORD or len(body) < length \
                or zlib.crc32(checked) & 0xffffffff != check:
            log.info('the journal ends with a record that was never whole')
            return
        yield magic, serial, body
        at += length


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple
