# Copyright the carryall authors.  See LICENSE.
"""Maildirs and mbox files for POP3: locked for one session at a time, listed once, read piece by
piece.

The lock is in this process's memory, so that none can be left behind.  It keeps two sessions apart.
Deliveries need no lock, because they add messages that an open maildrop does not list.  Other
programs may move or delete messages.
programs that move or delete messages are borne with.

Tests:    tests/services/mail/test_maildrops.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError
from carryall.core.future import Future, failed, with_timeout
from carryall.core.logs import get_logger
from carryall.protocols.pop3 import PIECE, Account, Busy, Maildrop, Pieces
from carryall.core.line.transparency import normalised
from carryall.services.mail.mbox import Locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Set
    from carryall.services.mail.maildir import Maildir

__all__ = ['Locks', 'MaildirAccount', 'Silent']

# -- limits ------------------------------------------------------------------
LIST_SECONDS = 60.0         # until a mailbox must be listed: clients wait a minute or more
READ_SECONDS = 60.0         # until a piece of a message must be read
COMMIT_SECONDS = 600.0      # until deletions must be done

log = get_logger('mail.maildrops')


class Silent(CarryallError):
    """The file system does not respond for a mailbox."""


class Locks(object):
    """The maildirs that are open, and those that do not respond.

    Attributes:
        silent: paths of mailboxes whose listing was given up but has not ended; further sessions
            are refused at once.
    """

    def __init__(self):
        # type: () -> None
        self._paths = set()         # type: Set[str]
        self.silent = set()         # type: Set[str]

    def take(self, path):
        # type: (str) -> bool
        """Locks a path; False if it is locked already."""
        if path in self._paths:
            return False
        self._paths.add(path)
        return True

    def give(self, path):
        # type: (str) -> None
        """Unlocks."""
        self._paths.discard(path)

    def __len__(self):
        return len(self._paths)


class MaildirAccount(Account):
    """A logged-in user and the maildir of the account.

    Args:     maildir: a Maildir or an Mbox.
              locks: the service's Locks.
    """

    def __init__(self, maildir, locks):
        # type: (Maildir, Locks) -> None
        self.maildir = maildir
        self._locks = locks

    def open_maildrop(self, loop):
        path = self.maildir.path
        locks = self._locks
        if path in locks.silent:
            return failed(Silent(u'the mailbox still does not answer'))
        if not locks.take(path):
            return failed(Busy(u'another session has locked it'))
        # Not a chain of Futures: a cancelled one must not leave the lock behind.
        opened = Future()
        listing = _Listing(self.maildir)

        def late():
            # type: () -> None
            # The lock is free, and the client has its answer; the thread ends at its next file, or
            # when the system returns.
            log.error('%s could not be listed within %d seconds', path, LIST_SECONDS)
            listing.abandoned = True
            locks.silent.add(path)
            locks.give(path)
            if not opened.done():
                opened.set_exception(Silent(u'the mailbox does not answer'))

        timer = loop.call_later(LIST_SECONDS, late)

        def listed(future):
            # type: (Future) -> None
            timer.cancel()
            if listing.abandoned:
                locks.silent.discard(path)
                return
            if future.exception() is None and not opened.done():
                opened.set_result(_Open(loop, self.maildir, future.result(), locks))
                return
            locks.give(path)
            if not opened.done():
                fault = future.exception()
                if isinstance(fault, Locked):
                    fault = Busy(u'another program has locked it')
                opened.set_exception(fault)

        loop.run_in_thread(listing.run).add_done_callback(listed)
        return opened


class _Listing(object):
    """A list in the making, on a thread."""

    def __init__(self, maildir):
        # type: (Maildir) -> None
        self.abandoned = False
        self._maildir = maildir

    def run(self):
        # type: () -> List[Any]
        """The entries."""
        self._maildir.make()
        return self._maildir.scan(lambda: self.abandoned)


class _Open(Maildrop):
    """An open maildrop."""

    def __init__(self, loop, maildir, entries, locks):
        # type: (Any, Maildir, List[Any], Locks) -> None
        self._loop = loop
        self._maildir = maildir
        self._entries = entries
        self._locks = locks
        self.sizes = [entry.size for entry in entries]
        self.uids = [entry.uid for entry in entries]

    def read(self, number):
        return _FilePieces(self._loop, self._maildir, self._entries[number])

    def commit(self, numbers):
        removed = self._loop.run_in_thread(self._maildir.remove_all,
                                           [self._entries[number] for number in numbers])
        return with_timeout(self._loop, removed, COMMIT_SECONDS, u'the mailbox does not answer')

    def close(self):
        self._locks.give(self._maildir.path)


class _FilePieces(Pieces):
    """The pieces of a message from its file."""

    def __init__(self, loop, maildir, entry):
        # type: (Any, Maildir, Any) -> None
        self._loop = loop
        self._maildir = maildir
        self._entry = entry
        self._file = None           # type: Any
        self._held = b''            # a carriage return at the end of the last piece
        self._over = False

    def next(self):
        return with_timeout(self._loop, self._loop.run_in_thread(self._read), READ_SECONDS,
                            u'the mailbox does not answer')

    def _read(self):
        # type: () -> bytes
        if self._over:
            return b''
        source = self._file
        if source is None:
            source = self._maildir.open(self._entry)
            self._file = source
        data = self._held + source.read(PIECE)
        self._held = b''
        # the end; or it was closed meanwhile, on the other thread
        if len(data) < PIECE or self._over:
            self._over = True
            self.close()
        elif data.endswith(b'\r'):
            data = data[:-1]
            self._held = b'\r'
        return normalised(data) if b'\r' in data else data.replace(b'\n', b'\r\n')

    def close(self):
        self._over = True
        source, self._file = self._file, None
        if source is not None:
            source.close()
