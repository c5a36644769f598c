# Copyright the carryall authors.  See LICENSE.
"""The service of a POP3 server, the accounts of its portal, and their maildrops.

A maildrop lists the messages present when it is opened; the list does not change until it is
closed.

Tests:    tests/protocols/pop3/test_maildrop.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError
from carryall.core.future import completed, failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence
    from carryall.core.future import Future

__all__ = ['Account', 'Busy', 'Maildrop', 'MaildropService', 'MemoryAccount', 'Pieces']

PIECE = 65536               # octets that are read at once


class Busy(CarryallError):
    """Another session has the maildrop, whose lock is exclusive (RFC 1939 section 4)."""


class MaildropService(object):
    """The service behind the POP3 servers of one or more listeners.

    Args:     portal: a Portal whose avatars are Accounts.
              guard: a LoginGuard, or None.
    """

    def __init__(self, portal, guard=None):
        # type: (Any, Any) -> None
        self.portal = portal
        self.guard = guard
        self._logins = {
            }           # type: Dict[str, float]  # account to the time of its last login

    def is_early(self, account, now, delay):
        # type: (str, float, float) -> bool
        """True if the last login of *account* is less than *delay* seconds ago."""
        last = self._logins.get(account)
        return last is not None and now - last < delay

    def note_login(self, account, now):
        # type: (str, float) -> None
        """Notes the time of a login, for ``is_early``."""
        self._logins[account] = now


class Account(object):
    """The result of a login: the realm's avatar."""

    def open_maildrop(self, loop):
        # type: (Any) -> Future
        """Locks and lists the maildrop; a Future of it, which fails with Busy or another error."""
        raise NotImplementedError


class Pieces(object):
    """One message, piece by piece."""

    def next(self):
        # type: () -> Future
        """A Future of the next octets of the message, lines ended by CRLF; b'' at its end."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Releases the message; no more pieces are asked for."""


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
        """The Pieces of a message."""
        raise NotImplementedError

    def commit(self, numbers):
        # type: (Sequence[int]) -> Future
        """Deletes these messages; a Future of None, which fails if some could not be deleted."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Unlocks it; called exactly once, with or without ``commit``."""


class MemoryAccount(Account):
    """A maildrop in memory, for tests: a list of messages.

    Attributes:
        messages: the messages (bytes, lines ended by CRLF).
        locked: true while a session has it.
    """

    def __init__(self, messages=()):
        # type: (Sequence[bytes]) -> None
        self.messages = list(messages)
        self.locked = False

    def open_maildrop(self, loop):
        if self.locked:
            return failed(Busy(u'another session has the maildrop'))
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
        self._account.messages = [message for number, message in enumerate(self._messages)
                                  if number not in gone]
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
