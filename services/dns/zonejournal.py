# Copyright the carryall authors.  See LICENSE.
"""The journal of a zone: each change is on disk before it is acknowledged.

    journal = ZoneJournal(u'journal/example.journal', zone)
    journal.replay()                # takes the steps that the zone has not
    journal.append(change)          # on a thread; raises if the disk is full

Format:   text; a step is a line ``begin BEFORE AFTER``, records behind ``-`` and ``+``, and a line
          ``end`` with a checksum.  A step without its end was never acknowledged, and is cut off.
Tests:    tests/services/dns/test_zonejournal.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import os
from collections import deque

from carryall.core.errors import LocalProtocolError, UsageError
from carryall.core.logs import get_logger
from carryall.protocols.dns import MasterFile, ZoneChange
from carryall.services.dns.zonefiles import read_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
    from carryall.protocols.dns import Zone

__all__ = ['ZoneJournal', 'format_change', 'parse_changes']

# -- limits ------------------------------------------------------------------
MAX_JOURNAL = 64 << 20      # octets of a journal that is read; with a newer zone file it may go
MAX_HISTORY = 20000         # records of changes that are kept for IXFR

log = get_logger('dns.journal')


def format_change(change):
    # type: (ZoneChange) -> bytes
    """The octets of one step."""
    lines = [u'begin %d %d' % (change.before, change.after)]
    lines += [u'- ' + record.text() for record in change.removed]
    lines += [u'+ ' + record.text() for record in change.added]
    data = (u'\n'.join(lines) + u'\n').encode('ascii')
    return data + b'end ' + hashlib.sha256(data).hexdigest()[:32].encode('ascii') + b'\n'


def parse_changes(data, origin):
    # type: (bytes, bytes) -> Tuple[List[ZoneChange], int]
    """(the whole steps, the octets that they take)."""
    found = []                      # type: List[ZoneChange]
    taken = 0
    while True:
        end = data.find(b'\nend ', taken)
        after = end + 1 + 4 + 32 + 1
        if end < 0 or after > len(data) or data[after - 1:after] != b'\n':
            return found, taken
        body = data[taken:end + 1]
        if hashlib.sha256(body).hexdigest()[:32].encode('ascii') != data[end + 5:after - 1]:
            return found, taken
        found.append(_change(body, origin))
        taken = after


def _change(body, origin):
    # type: (bytes, bytes) -> ZoneChange
    sides = {b'-': [], b'+': []}    # type: Any
    for line in body.splitlines()[1:]:
        sides[line[:1]] += list(MasterFile(line[2:], origin))
    return ZoneChange(sides[b'-'], sides[b'+'])


class ZoneJournal(object):
    """The journal of one zone.

    Attributes:
        history: the last changes, for IXFR.
    """

    def __init__(self, path, zone):
        # type: (str, Zone) -> None
        self._path = path
        self._zone = zone
        self._kept = 0
        self.history = deque()      # type: Any

    def replay(self):
        # type: () -> int
        """Takes the steps that follow on the zone's serial number; how many they were.

        Raises:   UsageError: the journal cannot be read.
        """
        try:
            data = read_whole(self._path, MAX_JOURNAL)
        except (IOError, OSError) as exc:
            if not os.path.exists(self._path):
                return 0
            raise UsageError(u'the journal %s cannot be read: %s' % (self._path, exc))
        try:
            steps, taken = parse_changes(data, self._zone.origin)
        except (LocalProtocolError, KeyError, IndexError) as exc:
            raise UsageError(u'the journal %s is damaged: %s' % (self._path, exc))
        if taken < len(data):
            log.warning('the journal %s ends in the middle of a step, which is dropped', self._path)
            with open(self._path, 'r+b') as journal:
                journal.truncate(taken)
                journal.flush()
                os.fsync(journal.fileno())
        count = 0
        for change in steps:
            if change.before == self._zone.serial:
                change.apply(self._zone)
                self.remember(change)
                count += 1
        if steps and not count and steps[-1].after != self._zone.serial:
            log.warning('no step of the journal %s follows on serial %d of the zone file',
                        self._path, self._zone.serial)
        return count

    def append(self, change):
        # type: (ZoneChange) -> None
        """Writes one step, and waits until it is on the disk."""
        data = format_change(change)
        with open(self._path, 'ab') as journal:
            journal.seek(0, os.SEEK_END)
            start = journal.tell()
            try:
                journal.write(data)
                journal.flush()
                os.fsync(journal.fileno())
            except (IOError, OSError):
                # What was written in part must not stand before the next step.
                _cut(self._path, start)
                raise

    def remember(self, change):
        # type: (ZoneChange) -> None
        """Keeps a change for IXFR, and forgets the oldest beyond the limit."""
        self.history.append(change)
        self._kept += len(change.removed) + len(change.added)
        while self._kept > MAX_HISTORY and len(self.history) > 1:
            gone = self.history.popleft()
            self._kept -= len(gone.removed) + len(gone.added)


def _cut(path, size):
    # type: (str, int) -> None
    try:
        with open(path, 'r+b') as journal:
            journal.truncate(size)
    except (IOError, OSError) as exc:
        log.error('the journal %s cannot be cut to its whole steps: %s', path, exc)
