# Copyright the carryall authors.  See LICENSE.
"""Archive and values of a network that are kept in a store.

What is said, read or set is in memory, and in the store before the client is told of it.

Tests:    tests/services/irc/test_keptnetwork.py
"""
from __future__ import absolute_import, division, print_function

import json

from carryall.core.future import coroutine
from carryall.protocols.irc import Archived, Event, MessageArchive, MetadataBook
from carryall.services.irc.ircstore import octets, spelled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.services.irc.ircstore import RecordBook

__all__ = ['KeptArchive', 'KeptMetadata']


class KeptArchive(MessageArchive):
    """A MessageArchive with a store behind it.

    Args:     book: a RecordBook.
              max_messages: of one conversation.
    """

    def __init__(self, book, max_messages):
        # type: (RecordBook, int) -> None
        MessageArchive.__init__(self, max_messages)
        self._book = book
        self._marks = {}            # type: Any  # account -> {conversation: time}, as kept

    @coroutine
    def load(self):
        # type: () -> Any
        """Reads what was kept; a Future."""
        if self._book.store is None:
            return
        yield self._book.messages(self._take)
        found = yield self._book.load('markers')
        for account, marks in found:
            self._marks[account] = marks
            for name, when in marks.items():
                self.restore_marker(account, octets(name), when)

    def _take(self, rows):
        # type: (Any) -> None
        for conversation, msgid, sent, sender, line, tags in rows:
            event = Event(octets(line), [(bit, octets(key), octets(value))
                                         for bit, key, value in json.loads(tags)],
                          sent, octets(msgid))
            self.restore(octets(conversation),
                         Archived(event, None if sender is None else octets(sender)))

    def kept(self, name, message):
        event = message.event
        tags = [(bit, spelled(key), spelled(value)) for bit, key, value in event.tags]
        return self._book.add_message((
            spelled(name), spelled(event.msgid), event.at,
            None if message.sender is None else spelled(message.sender), spelled(event.line),
            json.dumps(tags)))

    def dropped(self, name, messages):
        return self._book.drop_messages([(spelled(name), spelled(message.event.msgid))
                                         for message in messages])

    def forget_account(self, account):
        MessageArchive.forget_account(self, account)
        if self._marks.pop(account, None) is not None:
            self._book.take('markers', account)

    def marked(self, account, name, when):
        marks = self._marks.setdefault(account, {})
        marks[spelled(name)] = when
        return self._book.put('markers', account, marks)


class KeptMetadata(MetadataBook):
    """A MetadataBook with a store behind it: values of accounts and channels are kept.

    Args:     book: a RecordBook.
    """

    def __init__(self, book):
        # type: (RecordBook) -> None
        MetadataBook.__init__(self)
        self._book = book

    @coroutine
    def load(self):
        # type: () -> Any
        """Reads what was kept; a Future."""
        found = yield self._book.load('metadata')
        for subject, values in found:
            for key, value in values.items():
                self.restore(subject, octets(key), octets(value))

    def forget_account(self, account):
        # type: (bytes) -> None
        """Drops the values of an account that is no more."""
        subject = b'+' + account
        if self.values(subject):
            self.forget(subject)
            self._book.take('metadata', subject)

    def kept(self, subject, key, value):
        if subject[:1] == b'!':             # a nick without an account
            return None
        values = dict((spelled(name), spelled(each))
                      for name, each in self.values(subject).items())
        if values:
            return self._book.put('metadata', subject, values)
        return self._book.take('metadata', subject)
