# Copyright the carryall authors.  See LICENSE.
"""The store of the mail service: accounts, and the index of the queue.

    store = MailStore(u'sqlite:/var/lib/mail.db')
    store.start(loop)
    index = yield store.load()              # {name of a message: QueueState}
    portal = Portal(domains, [store.accounts])

Messages stay in files: the journal, the maildirs, NAME.msg of the queue.  The index has a row for
each message that waits for another try.  If a row cannot be written, the state goes into
NAME.state, as without a store.  Of both, the one with more tries counts.  So a store that fails
loses neither a message nor the addressees that have got it.

Accounts are in the table of ``carryall passwd LOCATION USER@DOMAIN``.
Tests:    tests/services/mail/test_mailstore.py, acceptance case mail-store
"""
from __future__ import absolute_import, division, print_function

from carryall.app.datastore import DataStore, StoreSchema, Table
from carryall.core.codec.numbers import decimal
from carryall.core.compat import native
from carryall.core.database import Error
from carryall.core.future import Return, coroutine, gather
from carryall.core.logs import get_logger
from carryall.services.database.dbaccounts import STORE as ACCOUNTS
from carryall.services.database.dbaccounts import DatabaseAccounts
from carryall.services.mail.queue import MailQueue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence
    from carryall.services.mail.queue import QueueEntry

__all__ = ['IndexedQueue', 'MailStore', 'QueueState', 'STORE']

STORE = StoreSchema('mail', [
    Table('mail_queue', ['name', 'sender', 'size', 'addressees', 'attempts', 'due', 'warned'],
          ['name']),
], [[
    u'CREATE TABLE mail_queue (name {key} PRIMARY KEY, sender {text}, size {integer}, '
    u'addressees {text} NOT NULL, attempts {integer} NOT NULL, due {real} NOT NULL, '
    u'warned {integer} NOT NULL)',
]])

MAX_ADDRESSEE = 10 ** 6     # the number of an addressee in its message

LOAD = u'SELECT name, addressees, attempts, due, warned FROM mail_queue'
REMOVE = u'DELETE FROM mail_queue WHERE name = ?'
UPDATE = u'UPDATE mail_queue SET addressees = ?, attempts = ?, due = ?, warned = ? WHERE name = ?'
INSERT = (u'INSERT INTO mail_queue (addressees, attempts, due, warned, name, sender, size) '
          u'VALUES (?, ?, ?, ?, ?, ?, ?)')

log = get_logger('mail.queue')


class QueueState(object):
    """The state of one message, as the index has it; see QueueEntry."""

    __slots__ = ('left', 'attempts', 'due', 'warned')

    def __init__(self, left, attempts, due, warned):
        # type: (Sequence[int], int, float, bool) -> None
        self.left = left
        self.attempts = attempts
        self.due = due
        self.warned = warned

    def give(self, entry):
        # type: (QueueEntry) -> None
        """Takes *entry* to this state, unless it knows of more tries."""
        count = len(entry.envelope.addressees)
        left = [number for number in self.left if number < count]
        if self.attempts <= entry.attempts or not left:
            return
        entry.left = left
        entry.attempts = self.attempts
        entry.due = self.due
        entry.warned = self.warned


class MailStore(object):
    """The store of one mail service.

    Attributes:
        accounts: a DatabaseAccounts.
    """

    def __init__(self, location):
        # type: (str) -> None
        self._accounts = DataStore(ACCOUNTS, location)
        self._queue = DataStore(STORE, location)
        self.accounts = DatabaseAccounts(self._accounts)

    def start(self, loop):
        # type: (Any) -> None
        """Opens it; raises as DataStore.start."""
        self._accounts.start(loop)
        self._queue.start(loop)

    @coroutine
    def close(self, seconds=10.0):
        # type: (float) -> Any
        """Closes it, after what was written is safe; a Future of None."""
        yield gather([self._accounts.close(seconds), self._queue.close(seconds)])

    # -- the index of the queue --------------------------------------------------------------------

    @coroutine
    def load(self):
        # type: () -> Any
        """A Future of {name: QueueState} of all rows; those that cannot be read are left out."""
        found = {}                  # type: Dict[str, QueueState]
        rows = yield self._queue.query(LOAD)
        for name, addressees, attempts, due, warned in rows:
            numbers = [decimal(word.encode('utf-8'), MAX_ADDRESSEE)
                       for word in addressees.split(u',')]
            left = [number for number in numbers if number is not None]
            if len(left) == len(numbers):
                found[native(name)] = QueueState(left, int(attempts), float(due), bool(warned))
            else:
                log.error('%s: its row in the index of the queue cannot be read', native(name))
        raise Return(found)

    def save(self, entry):
        # type: (QueueEntry) -> Any
        """Writes the state of an entry; a Future of None, when it is on the disk."""
        left = u','.join(u'%d' % number for number in entry.left)
        state = (left, entry.attempts, float(entry.due), int(entry.warned), u'%s' % entry.name)
        more = (entry.envelope.sender.decode('utf-8', 'replace'), entry.size)
        return self._queue.change(_save, state, more)

    def remove(self, names):
        # type: (Sequence[str]) -> Any
        """Removes the rows of messages that are settled; a Future of the number of rows."""
        return self._queue.write_many(REMOVE, [(u'%s' % name,) for name in names])


@coroutine
def _save(transaction, state, more):
    # type: (Any, Any, Any) -> Any
    rows = yield transaction.execute(UPDATE, state)
    if not rows.count:
        yield transaction.execute(INSERT, state + more)


class IndexedQueue(MailQueue):
    """A queue whose states are in the index of a MailStore."""

    def __init__(self, folder, store):
        # type: (str, MailStore) -> None
        MailQueue.__init__(self, folder)
        self._store = store

    @coroutine
    def settle(self, loop, entry):
        if not entry.left:
            # The message first: a row without a message does no harm.
            yield loop.run_in_thread(self.remove, entry)
        try:
            if entry.left:
                yield self._store.save(entry)
            else:
                yield self._store.remove([entry.name])
        except Error as exc:
            log.error('%s: the index of the queue cannot be written: %s', entry.name, exc)
            if entry.left:
                yield loop.run_in_thread(self.save, entry)

    @coroutine
    def load(self, entries):
        # type: (List[QueueEntry]) -> Any
        """Gives *entries* their states from the index, and removes rows without a message.

        Messages without a state are tried at once, for all addressees.
        """
        states = yield self._store.load()
        for entry in entries:
            state = states.pop(entry.name, None)
            if state is not None:
                state.give(entry)
        if states:
            try:
                yield self._store.remove(sorted(states))
            except Error as exc:
                log.warning('the index of the queue keeps %d old rows: %s', len(states), exc)
