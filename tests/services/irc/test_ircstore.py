# Copyright the carryall authors.  See LICENSE.
"""The store of the IRC service, in a database."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.app.datastore import DataStore
from carryall.core.errors import Unsupported
from carryall.services.irc.ircstore import STORE, RecordBook


class Bench(object):
    """A book in a database, and the loop that it needs."""

    def __init__(self, path):
        self.loop = runtimes.choose()
        self.data = DataStore(STORE, u'sqlite:' + path)
        try:
            self.data.start(self.loop)
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))
        self.book = RecordBook(self.data)

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def close(self):
        """Closes both."""
        self.run(self.data.close())
        self.loop.close()


@pytest.fixture
def chatbench(tmpdir):
    made = Bench(os.path.join(str(tmpdir), u'irc.db'))
    yield made
    made.close()


def test_a_record_is_kept(chatbench):
    chatbench.run(chatbench.book.put('accounts', b'ann\xe9', {'x': 1}))
    chatbench.run(chatbench.book.put('accounts', b'ann\xe9', {'x': 2}))
    assert chatbench.run(chatbench.book.load('accounts')) == [(b'ann\xe9', {'x': 2})]


def test_a_record_is_taken_away(chatbench):
    chatbench.run(chatbench.book.put('accounts', b'ann', {}))
    chatbench.run(chatbench.book.take('accounts', b'ann'))
    assert chatbench.run(chatbench.book.load('accounts')) == []


def test_messages_come_in_the_order_of_their_times(chatbench):
    for number in (2, 1):
        chatbench.run(chatbench.book.add_message((u'#tea', u'm%d' % number, float(number), None,
                                                  u'x\xe9', u'[]')))
    found = []
    chatbench.run(chatbench.book.messages(found.extend))
    assert [tuple(row) for row in found] == [(u'#tea', u'm1', 1.0, None, u'x\xe9', u'[]'),
                                             (u'#tea', u'm2', 2.0, None, u'x\xe9', u'[]')]


def test_messages_are_taken_away(chatbench):
    for number in (1, 2):
        chatbench.run(chatbench.book.add_message((u'#tea', u'm%d' % number, 1.0, u'ann', u'x',
                                                  u'[]')))
    chatbench.run(chatbench.book.drop_messages([(u'#tea', u'm1')]))
    found = []
    chatbench.run(chatbench.book.messages(found.extend))
    assert [row[1] for row in found] == [u'm2']


def test_a_book_without_a_store_keeps_nothing():
    assert RecordBook(None).put('accounts', b'ann', {}) is None
