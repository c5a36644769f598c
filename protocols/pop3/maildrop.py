# Copyright the carryall authors.  See LICENSE.
"""A maildrop, as a POP3 server sees one: messages that are there when it is opened, and stay as
they are until it is closed.

Tests:    tests/protocols/pop3/test_maildrop.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError
from carryall.core.future import completed, failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.core.future import Future

__all__ = ['Account', 'Busy', 'Maildrop', 'MemoryAccount', 'Pieces']

PIECE = 65536               # octets that are read at once


class Busy(CarryallError):
    """Another session has the maildrop (RFC 1939 section 4: it must be locked exclusively)."""


class Account(object):
    """What a login at a POP3 server gives: the realm's avatar."""

    def open_maildrop(self, loop):
        # type: (Any) -> Future
        """Lock and list the maildrop; a Future of it.  It fails with Busy, or with whatever went
        wrong."""
        raise NotImplementedError


class Pieces(object):
    """One message, piece by piece."""

    def next(self):
        # type: () -> Future
        """A Future of the next octets of the message, lines ended by CRLF; b'' at its end."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Nothing more is wanted."""


class Maildrop(object):
    """An open maildrop; its messages are numbered from 0 here.

    Attributes:
        sizes: the octets of each message, lines ended by CRLF (RFC 1939 section 11).
        uids: the unique-id of each, 1 to 70 octets from 0x21 to 0x7E (RFC 1939 section 7).
    """

    sizes = ()                      # type: Sequence[int]
    uids = ()                       # type: Sequence[bytes]

    def read(self, number):
        # type: (int) -> Pieces
        """The message."""
        raise NotImplementedError

    def commit(self, numbers):
        # type: (Sequence[int]) -> Future
        """Delete these messages; a Future of None.  It fails when some could not be deleted."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Unlock it; called exactly once, whether ``commit`` was or not."""


class MemoryAccount(Account):
    """A maildrop in memory, for tests: a list of messages.

    Attributes:
        messages: the messages (bytes, lines ended by CRLF).
        locked: whether a session has it.
    """

    def __init__(self, messages=()):
        # type: (Sequence[bytes]) -> None
        self.messages = list(messages)
        self.locked = False

    def open_maildrop(self, loop):
        if self.locked:
            return failed(Busy(u'another session has it'))
        self.locked = True
        return completed(_MemoryMaildrop(self))


class _MemoryMaildrop(Maildrop):
    def __init__(self, account):
        # type: (MemoryAccount) -> None
        self._account = account
        self._messages = list(account.messages)
        self.sizes = [len(message) for message in self._messages]
        self.uids = [b'uid-%d' % number for number in range(1, len(self._messages) + 1)]

    def read(self, number):
        return _MemoryPieces(self._messages[number])

    def commit(self, numbers):
        gone = set(numbers)
        self._account.messages = [message for number,
                                  message in enumerate(self._messages) if number not in gone]
        return completed(None)

    def close(self):
        self._account.locked = False


class _MemoryPieces(Pieces):
    def __init__(self, message):
        # type: (bytes) -> None
        self._message = message
        self._at = 0

    def next(self):
        piece = self._message[self._at:self._at + PIECE]
        self._at += PIECE
        return completed(piece)
