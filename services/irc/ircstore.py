# Copyright the carryall authors.  See LICENSE.
"""The store of the IRC service: accounts, channels, messages, markers, values, memos, bans.

    book = RecordBook(DataStore or None)
    book.put('accounts', (u'ann',), {...})      a Future of when it is safe; None without a store
    book.take('accounts', (u'ann',))

Names and lines of IRC are octets; the store has them as the text of ISO 8859-1, which loses none.
Tests:    tests/services/irc/test_ircstore.py
"""
from __future__ import absolute_import, division, print_function

import json

from carryall.app.datastore import StoreSchema, Table
from carryall.core.future import Return, coroutine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence
    from carryall.app.datastore import DataStore

__all__ = ['RecordBook', 'STORE', 'octets', 'spelled']

STORE = StoreSchema('irc', [
    Table('irc_records', ['kind', 'name', 'data'], ['kind', 'name']),
    Table('irc_messages', ['conversation', 'msgid', 'sent', 'sender', 'line', 'tags'],
          ['conversation', 'msgid']),
], [
    [u'CREATE TABLE irc_records (kind {key} NOT NULL, name {key} NOT NULL, data {text} NOT NULL,'
     u' PRIMARY KEY (kind, name))',
     u'CREATE TABLE irc_messages (conversation {key} NOT NULL, msgid {key} NOT NULL,'
     u' sent {real} NOT NULL, sender {text}, line {text} NOT NULL, tags {text} NOT NULL,'
     u' PRIMARY KEY (conversation, msgid))']])


def spelled(data):
    # type: (bytes) -> str
    """Octets as the store has them."""
    return data.decode('latin-1')


def octets(text):
    # type: (str) -> bytes
    """The octets of a text of the store."""
    return text.encode('latin-1')


@coroutine
def _replace(transaction, kind, name, data):
    # type: (Any, str, str, str) -> Any
    yield transaction.execute(u'DELETE FROM irc_records WHERE kind = ? AND name = ?', (kind, name))
    yield transaction.execute(u'INSERT INTO irc_records (kind, name, data) VALUES (?, ?, ?)',
                              (kind, name, data))
    raise Return(None)


class RecordBook(object):
    """Records of some kinds, each a dictionary with a name.

    Args:     store: a DataStore; None: nothing is kept.
    """

    def __init__(self, store):
        # type: (DataStore) -> None
        self.store = store

    def put(self, kind, name, data):
        # type: (str, bytes, Dict[str, Any]) -> Any
        """Keeps a record; a Future of when it is safe, or None without a store."""
        if self.store is None:
            return None
        return self.store.change(_replace, kind, spelled(name), json.dumps(data, sort_keys=True))

    def take(self, kind, name):
        # type: (str, bytes) -> Any
        """Takes a record away; a Future likewise."""
        if self.store is None:
            return None
        return self.store.write(u'DELETE FROM irc_records WHERE kind = ? AND name = ?',
                                (kind, spelled(name)))

    @coroutine
    def load(self, kind):
        # type: (str) -> Any
        """A Future of the (name, data) pairs of a kind."""
        if self.store is None:
            raise Return([])
        rows = yield self.store.query(
            u'SELECT name, data FROM irc_records WHERE kind = ? ORDER BY name', (kind,))
        raise Return([(octets(name), json.loads(data)) for name, data in rows])

    # -- messages ----------------------------------------------------------------------

    def add_message(self, row):
        # type: (Sequence[Any]) -> Any
        """Keeps a message: conversation, msgid, time, sender, line, tags; a Future likewise."""
        if self.store is None:
            return None
        return self.store.write(
            u'INSERT INTO irc_messages (conversation, msgid, sent, sender, line, tags)'
            u' VALUES (?, ?, ?, ?, ?, ?)', row)

    def drop_messages(self, rows):
        # type: (Sequence[Any]) -> Any
        """Takes messages away: (conversation, msgid) of each; a Future likewise."""
        if self.store is None:
            return None
        return self.store.write_many(
            u'DELETE FROM irc_messages WHERE conversation = ? AND msgid = ?', rows)

    def messages(self, take):
        # type: (Any) -> Any
        """Calls *take* with rows of messages, the oldest first; a Future of the end."""
        return self.store.stream(
            u'SELECT conversation, msgid, sent, sender, line, tags FROM irc_messages'
            u' ORDER BY sent, msgid', (), take)
