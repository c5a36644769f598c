# Copyright the carryall authors.  See LICENSE.
"""The store of the chat space: accounts, contacts, groups, messages, and an audit log.

    data = DataStore(STORE, u'sqlite:words.db')
    data.start(loop)
    store = DatabaseChatStore(data)
    accounts, contacts, groups, number = yield store.load()

Changes are made in their order.  The Future of a change is done when it is on the disk.

`MemoryChatStore` keeps the same in memory.
Tests:    tests/services/words/test_chatstore.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.datastore import StoreSchema, Table
from carryall.core.future import Return, completed, coroutine, failed
from carryall.services.words.chaterrors import TooMuchError
from carryall.services.words.chatspace import Group, Message, Participant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple
    from carryall.app.datastore import DataStore
    from carryall.core.future import Future

__all__ = ['ChatStore', 'DatabaseChatStore', 'MemoryChatStore', 'STORE']

# -- limits ------------------------------------------------------------------
MAX_AUDIT = 10000           # lines of the audit log
KEPT = 100000               # messages of one group, or of one pair, that are kept
TRIM_EVERY = 1000           # messages between two looks at what is too old

STORE = StoreSchema('words', [
    Table('words_accounts', ['name_key', 'name', 'verifier', 'md5', 'email', 'created', 'is_admin',
                             'is_barred'], ['name_key']),
    Table('words_contacts', ['owner', 'contact'], ['owner', 'contact']),
    Table('words_groups', ['name_key', 'name', 'owner', 'topic', 'topic_author', 'topic_at',
                           'created', 'banned', 'rules'], ['name_key']),
    Table('words_messages', ['number', 'kind', 'place_key', 'recipient', 'place', 'sender', 'text',
                             'folded', 'style', 'sent_at', 'is_late'], ['number']),
    Table('words_audit', ['number', 'at', 'actor', 'deed'], ['number'], 'number'),
], [[
    u'CREATE TABLE words_accounts (name_key {key} PRIMARY KEY, name {text} NOT NULL, '
    u'verifier {text}, md5 {text}, email {text}, created {real}, is_admin {integer}, '
    u'is_barred {integer})',
    u'CREATE TABLE words_contacts (owner {key}, contact {key}, PRIMARY KEY (owner, contact))',
    u'CREATE TABLE words_groups (name_key {key} PRIMARY KEY, name {text}, owner {text}, '
    u'topic {text}, topic_author {text}, topic_at {real}, created {real}, banned {text})',
    u'CREATE TABLE words_messages (number {integer} PRIMARY KEY, kind {text}, place_key {key}, '
    u'recipient {key}, place {text}, sender {text}, text {text}, folded {text}, style {text}, '
    u'sent_at {real}, is_late {integer})',
    u'CREATE INDEX words_messages_place ON words_messages (place_key, number)',
    u'CREATE INDEX words_messages_late ON words_messages (recipient, is_late)',
    u'CREATE TABLE words_audit (number {serial}, at {real}, actor {text}, deed {text})',
], [
    u'ALTER TABLE words_groups ADD COLUMN rules {text}',
]])

_ACCOUNT = (u'INSERT INTO words_accounts (name_key, name, verifier, md5, email, created, is_admin, '
            u'is_barred) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
_GROUP = (u'INSERT INTO words_groups (name_key, name, owner, topic, topic_author, topic_at, '
          u'created, banned, rules) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
_MESSAGE = (u'INSERT INTO words_messages (number, kind, place_key, recipient, place, sender, text, '
            u'folded, style, sent_at, is_late) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
_COLUMNS = u'number, kind, place, sender, text, style, sent_at'
_HISTORY = (u'SELECT %s FROM words_messages WHERE place_key = ? AND number < ? '
            u'ORDER BY number DESC LIMIT ?' % _COLUMNS)
_LATE = (u'SELECT %s FROM words_messages WHERE recipient = ? AND is_late = 1 ORDER BY number '
         u'LIMIT ?' % _COLUMNS)
_WAITING = u'SELECT count(*) FROM words_messages WHERE recipient = ? AND is_late = 1'
_SEARCH = (u'SELECT %s FROM words_messages WHERE folded LIKE ? ESCAPE \'!\' AND (%s) '
           u'ORDER BY number DESC LIMIT ?')
_TOO_OLD = (u'DELETE FROM words_messages WHERE place_key = ? AND number <= (SELECT number FROM '
            u'words_messages WHERE place_key = ? ORDER BY number DESC LIMIT 1 OFFSET ?)')
LATEST = 1 << 62            # above every number


class ChatStore(object):
    """The methods of a store; each gives a Future."""

    def load(self):
        # type: () -> Future
        """A Future of (Participants, pairs of (owner, contact), Groups, the last number)."""
        raise NotImplementedError

    def save_account(self, participant):
        # type: (Participant) -> Future
        """Keeps an account as it is now."""
        raise NotImplementedError

    def remove_account(self, key):
        # type: (str) -> Future
        """Forgets an account with its contacts, and what it and others have said to each other:
        its name may be another's next."""
        raise NotImplementedError

    def save_contact(self, owner, contact, is_one):
        # type: (str, str, bool) -> Future
        """Keeps or forgets a contact."""
        raise NotImplementedError

    def save_group(self, group):
        # type: (Group) -> Future
        """Keeps a group as it is now."""
        raise NotImplementedError

    def remove_group(self, key):
        # type: (str) -> Future
        """Forgets a group with its messages."""
        raise NotImplementedError

    def save_message(self, message, place_key, recipient, late, most=0):
        # type: (Message, str, str, bool, int) -> Future
        """Keeps a message.

        Args:     place_key: key of the group, or of the pair.
                  recipient: key of a participant, or u''.
                  late: True if the recipient has not been told.
                  most: late messages that the recipient may have; TooMuchError beyond.
        """
        raise NotImplementedError

    def late(self, recipient, most):
        # type: (str, int) -> Future
        """A Future of the first late messages of a participant."""
        raise NotImplementedError

    def mark_told(self, recipient, number):
        # type: (str, int) -> Future
        """Notes that messages up to *number* have been told."""
        raise NotImplementedError

    def history(self, place_key, before, count):
        # type: (str, Optional[int], int) -> Future
        """A Future of the last *count* messages before a number, the oldest first."""
        raise NotImplementedError

    def search(self, key, groups, words, count):
        # type: (str, List[str], str, int) -> Future
        """A Future of the last messages with a text, of groups and of one participant."""
        raise NotImplementedError

    def note(self, at, actor, deed):
        # type: (float, str, str) -> Future
        """Writes a line of the audit log."""
        raise NotImplementedError

    def audit(self, count):
        # type: (int) -> Future
        """A Future of (Unix time, actor, deed) of the last lines, the latest first."""
        raise NotImplementedError


# -- memory ----------------------------------------------------------------------------

class MemoryChatStore(ChatStore):
    """Keeps messages and the audit log in memory; accounts and groups are in the space anyway."""

    def __init__(self, kept=1000):
        # type: (int) -> None
        self._kept = kept
        self._messages = {}         # type: Dict[str, List[Message]]
        self._late = {}             # type: Dict[str, List[Message]]
        self._audit = []            # type: List[Tuple[float, str, str]]

    def load(self):
        return completed(([], [], [], 0))

    def save_account(self, participant):
        return completed(None)

    def remove_account(self, key):
        self._late.pop(key, None)
        for place_key in [each for each in self._messages if key in each.split(u'\n')
                          and u'\n' in each]:
            del self._messages[place_key]
        return completed(None)

    def save_contact(self, owner, contact, is_one):
        return completed(None)

    def save_group(self, group):
        return completed(None)

    def remove_group(self, key):
        self._messages.pop(key, None)
        return completed(None)

    def save_message(self, message, place_key, recipient, late, most=0):
        if late:
            waiting = self._late.setdefault(recipient, [])
            refusal = _refusal(len(waiting), most)
            if refusal is not None:
                return failed(refusal)
            waiting.append(message)
        rows = self._messages.setdefault(place_key, [])
        rows.append(message)
        del rows[:-self._kept]
        return completed(None)

    def late(self, recipient, most):
        return completed(list(self._late.get(recipient, ())[:most]))

    def mark_told(self, recipient, number):
        left = [each for each in self._late.pop(recipient, ()) if each.number > number]
        if left:
            self._late[recipient] = left
        return completed(None)

    def history(self, place_key, before, count):
        rows = [each for each in self._messages.get(place_key, ())
                if before is None or each.number < before]
        return completed(rows[-count:])

    def search(self, key, groups, words, count):
        wanted = words.lower()
        found = []                  # type: List[Message]
        for place_key, rows in self._messages.items():
            if place_key in groups or key in place_key.split(u'\n')[:2] and u'\n' in place_key:
                found.extend(each for each in rows if wanted in each.text.lower())
        found.sort()
        return completed(found[-count:])

    def note(self, at, actor, deed):
        self._audit.append((at, actor, deed))
        del self._audit[:-MAX_AUDIT]
        return completed(None)

    def audit(self, count):
        return completed(self._audit[:-count - 1:-1])


# -- database ----------------------------------------------------------------------------

class DatabaseChatStore(ChatStore):
    """Keeps all in the tables of a DataStore.

    Args:     datastore: a DataStore of STORE.
              kept: messages of one group, or of one pair.
    """

    def __init__(self, datastore, kept=KEPT):
        # type: (DataStore, int) -> None
        self._data = datastore
        self._kept = kept
        self._counted = {}          # type: Dict[str, int]  # messages of a place since a trim

    # -- reading -----------------------------------------------------------------------------

    @coroutine
    def load(self):
        # type: () -> Any
        """See ChatStore."""
        query = self._data.query
        rows = yield query(u'SELECT name, verifier, md5, email, created, is_admin, '
                                    u'is_barred FROM words_accounts')
        accounts = [_participant(row) for row in rows]
        rows = yield query(u'SELECT owner, contact FROM words_contacts')
        contacts = [(row[0], row[1]) for row in rows]
        rows = yield query(u'SELECT name, owner, topic, topic_author, topic_at, created, '
                                    u'banned, rules FROM words_groups')
        groups = [_group(row) for row in rows]
        rows = yield query(u'SELECT max(number) FROM words_messages')
        raise Return((accounts, contacts, groups, rows[0][0] or 0))

    def late(self, recipient, most):
        return self._data.query(_LATE, (recipient, most)).then(_messages)

    def history(self, place_key, before, count):
        found = self._data.query(
            _HISTORY, (place_key, LATEST if before is None else before, count))
        return found.then(lambda rows: _messages(rows)[::-1])

    def search(self, key, groups, words, count):
        where = u' OR '.join([u'place_key LIKE ? ESCAPE \'!\'', u'place_key LIKE ? ESCAPE \'!\'']
                             + [u'place_key = ?'] * len(groups))
        parameters = [u'%' + _literal(words.lower()) + u'%', _literal(key) + u'\n%',
                      u'%\n' + _literal(key)]
        found = self._data.query(_SEARCH % (_COLUMNS, where),
                                          tuple(parameters + list(groups) + [count]))
        return found.then(lambda rows: _messages(rows)[::-1])

    def audit(self, count):
        found = self._data.query(
            u'SELECT at, actor, deed FROM words_audit ORDER BY number DESC LIMIT ?', (count,))
        return found.then(lambda rows: [(row[0], row[1], row[2]) for row in rows])

    # -- writing -----------------------------------------------------------------------------

    def save_account(self, participant):
        row = (participant.key, participant.name, participant.verifier, participant.md5,
               participant.email, participant.created, int(participant.is_admin),
               int(participant.is_barred))
        return self._write([(u'DELETE FROM words_accounts WHERE name_key = ?', row[:1]),
                            (_ACCOUNT, row)])

    def remove_account(self, key):
        return self._write([
            (u'DELETE FROM words_accounts WHERE name_key = ?', (key,)),
            (u'DELETE FROM words_contacts WHERE owner = ? OR contact = ?', (key, key)),
            (u"DELETE FROM words_messages WHERE place_key LIKE ? ESCAPE '!' "
             u"OR place_key LIKE ? ESCAPE '!'",
             (_literal(key) + u'\n%', u'%\n' + _literal(key)))])

    def save_contact(self, owner, contact, is_one):
        statements = [(u'DELETE FROM words_contacts WHERE owner = ? AND contact = ?',
                       (owner, contact))]
        if is_one:
            statements.append((u'INSERT INTO words_contacts (owner, contact) VALUES (?, ?)',
                               (owner, contact)))
        return self._write(statements)

    def save_group(self, group):
        row = (group.key, group.name, group.owner, group.topic, group.topic_author, group.topic_at,
               group.created, u'\n'.join(sorted(group.banned)), group.rules)
        return self._write([(u'DELETE FROM words_groups WHERE name_key = ?', row[:1]),
                            (_GROUP, row)])

    def remove_group(self, key):
        return self._write([
            (u'DELETE FROM words_groups WHERE name_key = ?', (key,)),
            (u'DELETE FROM words_messages WHERE place_key = ?', (key,))])

    def save_message(self, message, place_key, recipient, late, most=0):
        row = (message.number, message.kind, place_key, recipient, message.place, message.sender,
               message.text, message.text.lower(), message.style, message.at, int(late))
        count = self._counted.get(place_key, 0) + 1
        self._counted[place_key] = 0 if count >= TRIM_EVERY else count
        statements = [(_MESSAGE, row)]      # type: List[Any]
        if count >= TRIM_EVERY:
            statements.append((_TOO_OLD, (place_key, place_key, self._kept)))
        return self._write(statements, (recipient, most) if late else None)

    def mark_told(self, recipient, number):
        return self._write([
            (u'UPDATE words_messages SET is_late = 0 WHERE recipient = ? AND is_late = 1 AND '
             u'number <= ?', (recipient, number))])

    def note(self, at, actor, deed):
        return self._write([
            (u'INSERT INTO words_audit (at, actor, deed) VALUES (?, ?, ?)', (at, actor, deed)),
            (u'DELETE FROM words_audit WHERE number <= (SELECT max(number) FROM words_audit) - ?',
             (MAX_AUDIT,))])

    def _write(self, statements, late=None):
        # type: (Any, Any) -> Future
        """Executes the statements; a Future of None.

        Args:     late: (recipient, most): TooMuchError if as many messages wait for it.
        """
        return self._data.change(_apply, statements, late)


@coroutine
def _apply(transaction, statements, late):
    # type: (Any, Any, Any) -> Any
    if late is not None:
        rows = yield transaction.execute(_WAITING, late[:1])
        refusal = _refusal(rows.value(), late[1])
        if refusal is not None:
            raise refusal
    for statement, parameters in statements:
        yield transaction.execute(statement, parameters)


def _refusal(count, most):
    # type: (int, int) -> Optional[TooMuchError]
    """The error if that many messages wait already."""
    return None if count < most else TooMuchError(u'Too many messages wait for this participant.')


# -- rows ----------------------------------------------------------------------------------

def _participant(row):
    # type: (Any) -> Participant
    found = Participant(row[0], row[4])
    found.verifier = row[1]
    found.md5 = row[2]
    found.email = row[3] or u''
    found.is_admin = bool(row[5])
    found.is_barred = bool(row[6])
    return found


def _group(row):
    # type: (Any) -> Group
    found = Group(row[0], row[1], row[5])
    found.topic = row[2]
    found.topic_author = row[3]
    found.topic_at = row[4]
    found.banned.update(name for name in row[6].split(u'\n') if name)
    found.rules = row[7] or u''         # NULL in rows of the first version
    return found


def _messages(rows):
    # type: (Any) -> List[Message]
    return [Message(*tuple(row)) for row in rows]


def _literal(text):
    # type: (str) -> str
    """The text for LIKE, which takes it as it is."""
    for each in u'!%_':
        text = text.replace(each, u'!' + each)
    return text
