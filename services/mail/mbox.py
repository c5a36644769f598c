# Copyright the carryall authors.  See LICENSE.
"""mbox: one file a mailbox, as mail programs of Unix share it (RFC 4155; the variant with quoting
that can be undone).

    From sender date LF, the message with LF at the ends of its lines, a blank line; then the next
    one

A line of the message that begins with any number of ``>`` and ``From`` gets another ``>``, which
reading removes.

Some programs (Dovecot) quote nothing.  So a From line begins a message only after a blank line,
and only if it has a date, or a sender alone.

A message written by this module has a line ``X-Delivery-Id`` on top, which is its unique-id.  The
unique-id of any other is a digest of it without the lines that mail programs change (Status,
X-Status, X-UID, X-Keywords).

Locking:  PATH.lock, the usual form: made for each read or write.  No caller here waits for it;
          deliveries meanwhile stay in the queue.  A lock of the age LOCK_SECONDS belonged to a
          process that died.  A lock of ours that a kill has left is recognized by its content, or
          by the file PATH#locking.
Crashes:  before a message is appended, PATH#adding gets its offset, length and digest: the next
          access removes a half message that a kill has left.  Deletions write a new file, which
          replaces the old one in one step.
Tests:    tests/services/mail/test_mbox.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import io
import os
import re
from email.utils import formatdate

from carryall.core.files.appendfile import write_whole
from carryall.core.compat import FAILURES, Queue, to_bytes
from carryall.core.logs import get_logger
from carryall.core.files.plainfile import open_plain
from carryall.core.codec.numbers import decimal
from carryall.services.mail import disk
from carryall.services.mail.maildir import MAX_SECONDS, Abandoned, Entry, wanted, wire_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Sequence, Set, Tuple

__all__ = ['Locked', 'Mbox']

# -- limits ------------------------------------------------------------------
LOCK_SECONDS = 300.0        # after which a lock is stale; the value of other programs
TURN_SECONDS = 10.0         # for another thread of ours to finish
MAX_OFFSET = 2 ** 62
MAX_SEPARATOR = 512         # octets of a From line that are examined; a path has 256 at most

# Content of our locks: one that exists at the start is of a run that was killed.
OURS = b'carryall\n'
DELIVERY = b'X-Delivery-Id: '
CHANGING = (b'status:', b'x-status:', b'x-uid:', b'x-keywords:')

_SEPARATOR = re.compile(br'From (?:[^ ]*\s*\Z|'
                        br'.* (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) '
                        br'.*[0-9]:[0-9]{2})')
_QUOTED = re.compile(br'^(>*From )', re.MULTILINE)
_UNQUOTED = re.compile(br'^>(>*From )', re.MULTILINE)
_PLAIN = re.compile(br'[\x21-\x7e]{1,70}\Z')
_ADDRESS = re.compile(br'Return-Path: <([\x21-\x3b\x3d\x3f-\x7e]{1,320})>\n')

log = get_logger('mail.mbox')


class Locked(IOError):
    """Another program has locked the mailbox."""


class Mbox(object):
    """One mailbox, the file at *path* (text), with the methods of a Maildir; everything blocks.

    Args:     wall: returns the time in seconds since 1970.
    """

    def __init__(self, path, wall):
        # type: (str, Callable[[], float]) -> None
        self.path = path
        self._wall = wall
        self._mended = False
        # Threads of this process take turns; the one that takes the item may work.
        self._turn = Queue(1)       # type: Any
        self._turn.put(None)

    def make(self):
        # type: () -> None
        """Makes the folder of the file."""
        disk.make_folder(os.path.dirname(self.path))

    # -- the lock ----------------------------------------------------------------------------------

    def _locked(self, work, *args):
        # type: (Callable[..., Any], *Any) -> Any
        """Calls *work* with the mailbox locked."""
        try:
            self._turn.get(True, TURN_SECONDS)
        except FAILURES:
            raise Locked('%s is in use' % self.path)
        try:
            self._lock()
            try:
                if not self._mended:
                    self._mend()
                    self._mended = True
                return work(*args)
            finally:
                disk.remove(self.path + '.lock')
                disk.remove(self.path + '#locking')
        finally:
            self._turn.put(None)

    def _lock(self):
        # type: () -> None
        path = self.path + '.lock'
        note = self.path + '#locking'
        for _ in range(3):
            if os.path.exists(path):
                if not self._is_stale(path):
                    break
                log.warning('%s is removed: the process that made it has died', path)
                disk.remove(path)
            try:
                disk.write_file(note, [])       # a kill may come before the lock has its content
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | disk.BINARY,
                                 disk.PRIVATE)
            except (IOError, OSError):
                if os.path.isdir(os.path.dirname(self.path)):
                    disk.remove(note)
                    if not os.path.exists(path):
                        raise
                    break               # another process was faster
                self.make()
                continue
            try:
                disk.write_all(handle, OURS)
            finally:
                os.close(handle)
            return
        raise Locked('%s is locked' % self.path)

    def _is_stale(self, path):
        # type: (str) -> bool
        try:
            if not self._mended:
                holds = disk.read_file(path)
                if holds == OURS or OURS.startswith(holds) and os.path.exists(self.path
                                                                              + '#locking'):
                    return True
            return os.stat(path).st_mtime < self._wall() - LOCK_SECONDS
        except (IOError, OSError):      # it was removed meanwhile
            return True

    # -- delivery ----------------------------------------------------------------------------------

    def deliver(self, name, data, again=False, _size=None):
        # type: (str, bytes, bool, Optional[int]) -> str
        """Appends a message; returns the path of the mailbox.

        Args:     name: unique; data: the message with LF at the ends of its lines.
                  again: True if it may be there already, from before a crash.
        """
        return self._locked(self._deliver, name, data, again)

    def _deliver(self, name, data, again):
        # type: (str, bytes, bool) -> str
        octets = _as_entry(name, data)
        if again and self._holds(octets):
            return self.path
        with open_plain(self.path, 'ab', buffering=0) as target:
            start = os.path.getsize(self.path)
            octets = self._gap(start) + octets
            disk.write_file(self.path + '#adding',
                            [b'%d %d %s\n' % (start, len(octets), _digest(octets))])
            try:
                write_whole(target.write, octets)
            except (IOError, OSError):
                self._take_back()
                raise
        disk.remove(self.path + '#adding')
        return self.path

    def _take_back(self):
        # type: () -> None
        """Removes a message that could not be appended whole; if that fails too, it is removed
        before the next message is appended."""
        self._mended = False
        try:
            self._mend()
            self._mended = True
        except FAILURES as exc:
            log.error('%s: an incomplete message stays for now: %r', self.path, exc)

    def _gap(self, size):
        # type: (int) -> bytes
        """The line ends that are missing before the next message."""
        if not size:
            return b''
        with open_plain(self.path) as source:
            source.seek(max(0, size - 2))
            end = source.read(2)
        if end == b'\n\n':
            return b''
        return b'\n' if end.endswith(b'\n') else b'\n\n'

    def _holds(self, octets):
        # type: (bytes) -> bool
        try:
            return octets in b'\n' + disk.read_file(self.path)
        except (IOError, OSError):
            return False

    def _mend(self):
        # type: () -> None
        """Removes an incomplete message that was left by a kill."""
        try:
            words = disk.read_file(self.path + '#adding').split()
        except (IOError, OSError):
            return
        start = decimal(words[0], MAX_OFFSET) if len(words) == 3 else None
        count = decimal(words[1], MAX_OFFSET) if len(words) == 3 else None
        if start is not None and count is not None and os.path.exists(self.path):
            size = os.path.getsize(self.path)
            if size > start + count:
                log.warning('%s: another program has written; the message before may be incomplete',
                            self.path)
            elif size > start:
                with open_plain(self.path, 'r+b') as target:
                    target.seek(start)
                    if _digest(target.read()) != words[2]:
                        log.info('%s: an incomplete message is removed', self.path)
                        target.truncate(start)
        # A file of another form was itself cut by the kill: then nothing was appended yet.
        disk.remove(self.path + '#adding')

    # -- reading -----------------------------------------------------------------------------------

    def scan(self, abandoned=wanted):
        # type: (Callable[[], bool]) -> List[Entry]
        """All messages in their order, each with a unique-id of its own; linear in their octets.

        Args:     abandoned: as of a Maildir.
        """
        return self._locked(self._scan, abandoned)

    def _scan(self, abandoned):
        # type: (Callable[[], bool]) -> List[Entry]
        entries = []                        # type: List[Entry]
        taken = set()                       # type: Set[bytes]
        for start, raw in self._messages():
            if abandoned():
                raise Abandoned(u'the list is not wanted any more')
            message = _message_of(raw)
            uid = _uid(message, taken)
            taken.add(uid)
            entries.append(Entry(self.path, (start, len(raw), _digest(raw)), uid,
                                 wire_size(message)))
        return entries

    def _messages(self):
        # type: () -> Iterator[Tuple[int, bytes]]
        """(offset, octets) of each message, including its From line and the blank line after it."""
        try:
            source = open_plain(self.path)
        except (IOError, OSError):
            if os.path.exists(self.path):
                raise
            return
        with source:
            start = 0
            at = 0
            blank = True
            lines = []                      # type: List[bytes]
            for line in source:
                if blank and line[:5] == b'From ' and _SEPARATOR.match(line[:MAX_SEPARATOR]):
                    # lines before the first From line belong to no message
                    if lines and lines[0][:5] == b'From ':
                        yield start, b''.join(lines)
                    start = at
                    lines = []
                lines.append(line)
                at += len(line)
                blank = line in (b'\n', b'\r\n')
            if lines and lines[0][:5] == b'From ':
                yield start, b''.join(lines)

    def open(self, entry):
        # type: (Entry) -> Any
        """The message, for reading bytes; IOError if another program has changed the mailbox."""
        start, count, digest = entry.name
        with open_plain(self.path) as source:
            source.seek(start)
            raw = source.read(count)
            if _digest(raw) != digest:          # a message before it was removed: search for it
                source.seek(0)
                raw = self._moved(entry)
        return io.BytesIO(_message_of(raw))

    def _moved(self, entry):
        # type: (Entry) -> bytes
        taken = set()                       # type: Set[bytes]
        for _, raw in self._messages():
            uid = _uid(_message_of(raw), taken)
            taken.add(uid)
            if uid == entry.uid:
                return raw
        raise IOError('the message is gone')

    # -- deletion ----------------------------------------------------------------------------------

    def remove_all(self, entries):
        # type: (Sequence[Entry]) -> None
        """Deletes messages, wherever they are now; messages that arrived meanwhile stay."""
        self._locked(self._remove_all, set(entry.uid for entry in entries))

    def _remove_all(self, gone):
        # type: (Set[bytes]) -> None
        if not gone or not os.path.exists(self.path):
            return
        taken = set()                       # type: Set[bytes]
        temporary = self.path + '#new'
        mode = os.stat(self.path).st_mode & 0o777
        disk.remove(temporary)
        try:
            with open_plain(temporary, 'xb', permissions=disk.PRIVATE) as target:
                for _, raw in self._messages():
                    uid = _uid(_message_of(raw), taken)
                    taken.add(uid)
                    if uid not in gone:
                        target.write(raw)
                target.flush()
                os.fsync(target.fileno())
            os.chmod(temporary, mode)
        except FAILURES:
            disk.remove(temporary)
            raise
        disk.rename(temporary, self.path)
        disk.sync_folder(os.path.dirname(self.path))

    def sync(self):
        # type: () -> None
        """Does nothing: deletions are on the disk already."""


def _as_entry(name, data):
    # type: (str, bytes) -> bytes
    """The octets to append for a message."""
    found = _ADDRESS.match(data)
    seconds = decimal(to_bytes(name).partition(b'.')[0], MAX_SECONDS) or 0
    # "Thu, 01 Jan 2026 00:00:00 -0000", in the form of the C library's asctime()
    day, number, month, year, clock = to_bytes(formatdate(seconds)).replace(b',', b'').split()[:5]
    line = b'From %s %s %s %2d %s %s\n' % (found.group(1) if found else b'MAILER-DAEMON', day,
                                           month, decimal(number, 31), clock, year)
    body = DELIVERY + to_bytes(name) + b'\n' + _QUOTED.sub(br'>\1', data)
    return line + body + (b'\n' if body.endswith(b'\n') else b'\n\n')


def _message_of(raw):
    # type: (bytes) -> bytes
    """The message in the octets between two From lines."""
    message = raw.partition(b'\n')[2]
    if message.endswith(b'\n\n'):
        message = message[:-1]
    return _UNQUOTED.sub(br'\1', message)


def _digest(octets):
    # type: (bytes) -> bytes
    return hashlib.sha256(octets).hexdigest().encode('ascii')


def _uid(message, taken):
    # type: (bytes, Set[bytes]) -> bytes
    """A unique-id that depends on the message alone; copies of a message get ids of their own, in
    their order."""
    if message.startswith(DELIVERY):
        unique = message[len(DELIVERY):].partition(b'\n')[0].rstrip(b'\r')
        if _PLAIN.match(unique) and unique not in taken:
            return unique
    head, gap, body = message.partition(b'\n\n')
    kept = [line for line in head.split(b'\n') if not line.lower().startswith(CHANGING)]
    whole = hashlib.sha256(b'\n'.join(kept) + gap + body)
    number = 0
    while True:
        copy = whole.copy()
        copy.update(b'/%d' % number)
        uid = copy.hexdigest()[:48].encode('ascii')
        if uid not in taken:
            return uid
        number += 1
