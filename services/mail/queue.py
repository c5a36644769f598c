# Copyright the carryall authors.  See LICENSE.
"""The queue: messages that wait to go out, each in a file that survives, with what has become of it
in another.

    FOLDER/NAME.msg     the parcel; written once
    FOLDER/NAME.state   JSON: who is left, how often it was tried, when the next try is due; replaced in one step

Everything here that touches files blocks.
Tests:    tests/services/mail/test_queue.py
"""
from __future__ import absolute_import, division, print_function

import json
import os
import re

from carryall.core.compat import native, text_type
from carryall.core.logs import get_logger
from carryall.services.mail import disk
from carryall.services.mail.envelope import BadParcel, Parcel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple

__all__ = ['MailQueue', 'Waiting']

_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._-]{0,120}\Z')

log = get_logger('mail.queue')


class Waiting(object):
    """One message in the queue.

    Attributes:
        name: of the parcel.
        parcel: without its octets: those are on the disk.
        left: indexes into ``parcel.addressees`` of those that are not settled.
        attempts: how often it was tried.
        due: seconds since 1970 of the next try.
        warned: whether the sender was told of the delay.
    """

    __slots__ = ('name', 'parcel', 'left', 'attempts', 'due', 'warned', 'size')

    def __init__(self, parcel):
        # type: (Parcel) -> None
        self.name = parcel.name
        self.size = len(parcel.message)
        self.parcel = Parcel(parcel.name, parcel.sender, parcel.addressees, b'', parcel.arrived,
                             parcel.utf8, parcel.binary,
                             parcel.ret, parcel.envid)
        self.left = list(range(len(parcel.addressees)))
        self.attempts = 0
        self.due = parcel.arrived
        self.warned = False

    def state(self):
        # type: () -> bytes
        """For the file."""
        data = json.dumps({'left': self.left, 'attempts': self.attempts, 'due': self.due,
                           'warned': self.warned})
        return data.encode('ascii') if isinstance(data, text_type) else data

    def take_state(self, data):
        # type: (bytes) -> None
        """As it was; ValueError if it cannot be read."""
        read = json.loads(data.decode('ascii'))
        count = len(self.parcel.addressees)
        left = [number for number in read['left'] if 0 <= number < count]
        self.left, self.attempts, self.due, self.warned = left, int(
            read['attempts']), float(read['due']), bool(read['warned'])


class MailQueue(object):
    """The queue in *folder*."""

    def __init__(self, folder):
        # type: (str) -> None
        self.folder = folder

    def _path(self, name, ending):
        # type: (str, str) -> str
        return os.path.join(self.folder, name + ending)

    def recover(self):
        # type: () -> List[Waiting]
        """All messages that are here; what a crash has left half is removed."""
        disk.make_folder(self.folder)
        found = []                  # type: List[Waiting]
        names = sorted(native(name) for name in os.listdir(self.folder))
        for name in names:
            if name.endswith('.new') or name.endswith('.state') and name[:-6] + '.msg' not in names:
                disk.remove(os.path.join(self.folder, name))
            elif name.endswith('.msg') and _NAME.match(name):
                try:
                    found.append(self._read(name[:-4]))
                except (BadParcel, IOError, OSError) as exc:
                    log.error('%s in the queue cannot be read and stays where it is: %s', name, exc)
        return found

    def _read(self, name):
        # type: (str) -> Waiting
        waiting = Waiting(Parcel.read(disk.read_file(self._path(name, '.msg'))))
        try:
            waiting.take_state(disk.read_file(self._path(name, '.state')))
        except (IOError, OSError, ValueError, KeyError, TypeError):
            # it was never tried, or the disk has lost it: all is tried again
            pass
        return waiting

    def put(self, parcel, sync=False):
        # type: (Parcel, bool) -> Tuple[Waiting, str]
        """Add a message: it is here when this returns, and on the disk with *sync*; (it, its
        path)."""
        path = self._path(parcel.name, '.msg')
        temporary = path + '.new'
        disk.write_file(temporary, [parcel.envelope(), parcel.message], sync)
        disk.rename(temporary, path)
        if sync and not disk.sync_folder(self.folder):
            disk.sync_file(path)
        return Waiting(parcel), path

    def message(self, waiting):
        # type: (Waiting) -> bytes
        """The octets of a message."""
        return Parcel.read(disk.read_file(self._path(waiting.name, '.msg'))).message

    def save(self, waiting):
        # type: (Waiting) -> None
        """Keep what has become of it."""
        disk.replace_file(self._path(waiting.name, '.state'), waiting.state())

    def remove(self, waiting):
        # type: (Waiting) -> None
        """It is settled."""
        disk.remove(self._path(waiting.name, '.msg'))
        disk.remove(self._path(waiting.name, '.state'))
        disk.sync_folder(self.folder)
