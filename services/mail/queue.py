# Copyright the carryall authors.  See LICENSE.
"""The queue: messages that wait to go out, each in a durable file, with its state in another.

    FOLDER/NAME.msg     the envelope and the message; written once
    FOLDER/NAME.state   JSON: addressees left, tries, time of the next; replaced atomically

All that touches files blocks.

Tests:    tests/services/mail/test_queue.py
"""
from __future__ import absolute_import, division, print_function

import json
import os
import re

from carryall.core.compat import native, text_type
from carryall.core.logs import get_logger
from carryall.formernames import former_class
from carryall.services.mail import disk
from carryall.services.mail.envelope import BadEnvelope, Envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

__all__ = ['MailQueue', 'QueueEntry']

_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._-]{0,120}\Z')

log = get_logger('mail.queue')


class QueueEntry(object):
    """One message in the queue.

    Attributes:
        name: of the message.
        envelope: its Envelope, without the octets of the message, which are on the disk.
        size: octets of the message.
        left: indexes into ``envelope.addressees`` of those that are not settled.
        attempts: the number of tries.
        due: seconds since 1970 of the next try.
        warned: true once the sender was told of the delay.
    """

    __slots__ = ('name', 'envelope', 'left', 'attempts', 'due', 'warned', 'size')

    def __init__(self, envelope):
        # type: (Envelope) -> None
        self.name = envelope.name
        self.size = len(envelope.message)
        self.envelope = Envelope(envelope.name, envelope.sender, envelope.addressees, b'',
                                 envelope.arrived, envelope.utf8, envelope.binary, envelope.ret,
                                 envelope.envid)
        self.left = list(range(len(envelope.addressees)))
        self.attempts = 0
        self.due = envelope.arrived
        self.warned = False

    def state(self):
        # type: () -> bytes
        """The content of the file NAME.state."""
        data = json.dumps({'left': self.left, 'attempts': self.attempts, 'due': self.due,
                           'warned': self.warned})
        return data.encode('ascii') if isinstance(data, text_type) else data

    def take_state(self, data):
        # type: (bytes) -> None
        """Takes over the content of such a file.

        Raises:   ValueError, KeyError, TypeError: it cannot be read.
        """
        read = json.loads(data.decode('ascii'))
        count = len(self.envelope.addressees)
        left = [number for number in read['left'] if 0 <= number < count]
        attempts = int(read['attempts'])
        due = float(read['due'])
        self.warned = bool(read['warned'])
        self.left = left
        self.attempts = attempts
        self.due = due


class MailQueue(object):
    """The queue in *folder*."""

    def __init__(self, folder):
        # type: (str) -> None
        self.folder = folder

    def _path(self, name, ending):
        # type: (str, str) -> str
        return os.path.join(self.folder, name + ending)

    def recover(self):
        # type: () -> List[QueueEntry]
        """All messages of the queue; files that a crash has left half-written are removed."""
        disk.make_folder(self.folder)
        found = []                  # type: List[QueueEntry]
        names = sorted(native(name) for name in os.listdir(self.folder))
        for name in names:
            if name.endswith('.new') or name.endswith('.state') and name[:-6] + '.msg' not in names:
                disk.remove(os.path.join(self.folder, name))
            elif name.endswith('.msg') and _NAME.match(name):
                try:
                    found.append(self._read(name[:-4]))
                except (BadEnvelope, IOError, OSError) as exc:
                    log.error('%s in the queue cannot be read and stays where it is: %s', name, exc)
        return found

    def _read(self, name):
        # type: (str) -> QueueEntry
        entry = QueueEntry(Envelope.read(disk.read_file(self._path(name, '.msg'))))
        try:
            entry.take_state(disk.read_file(self._path(name, '.state')))
        except (IOError, OSError, ValueError, KeyError, TypeError):
            # Never tried, or lost by the disk: all addressees are tried again.
            pass
        return entry

    def put(self, envelope, sync=False):
        # type: (Envelope, bool) -> Tuple[QueueEntry, str]
        """Adds a message; returns (its entry, the path of its file).

        Args:     sync: bring it to the disk before this returns.
        """
        path = self._path(envelope.name, '.msg')
        temporary = path + '.new'
        disk.write_file(temporary, [envelope.header_line(), envelope.message], sync)
        disk.rename(temporary, path)
        if sync and not disk.sync_folder(self.folder):
            disk.sync_file(path)
        return QueueEntry(envelope), path

    def message(self, entry):
        # type: (QueueEntry) -> bytes
        """The octets of a message."""
        return Envelope.read(disk.read_file(self._path(entry.name, '.msg'))).message

    def save(self, entry):
        # type: (QueueEntry) -> None
        """Writes the state of an entry."""
        disk.replace_file(self._path(entry.name, '.state'), entry.state())

    def settle(self, loop, entry):
        # type: (Any, QueueEntry) -> Any
        """Saves an entry with addressees that are left, removes another; a Future of None."""
        return loop.run_in_thread(self.save if entry.left else self.remove, entry)

    def remove(self, entry):
        # type: (QueueEntry) -> None
        """Removes a message that is settled."""
        disk.remove(self._path(entry.name, '.msg'))
        disk.remove(self._path(entry.name, '.state'))
        disk.sync_folder(self.folder)


# -- former names ------------------------------------------------------------

Waiting = former_class('carryall.services.mail.queue.Waiting', QueueEntry)
