# Copyright the carryall authors.  See LICENSE.
"""The store of the mail service: the index of the queue, and accounts."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.core.database import StorageFull
from carryall.core.errors import Unsupported
from carryall.core.future import failed
from carryall.services.mail.envelope import Addressee, Envelope
from carryall.services.mail.mailstore import IndexedQueue, MailStore, QueueState


class Bench(object):
    """A queue with a message to two addressees, and its store."""

    def __init__(self, folder):
        self.loop = runtimes.choose()
        self.store = MailStore(u'sqlite:%s' % folder.join('mail.db'))
        try:
            self.store.start(self.loop)
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))
        self.folder = str(folder.join('queue'))
        os.mkdir(self.folder)
        self.queue = IndexedQueue(self.folder, self.store)
        self.entry, _ = self.queue.put(Envelope(
            '1.a', b's@far.example', [Addressee(name, None, name, b'', b'')
                                      for name in (b'a@x.example', b'b@x.example')], b'hello',
            1000.0))

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def settle(self, left, attempts):
        """Settles the entry."""
        self.entry.left = left
        self.entry.attempts = attempts
        self.run(self.queue.settle(self.loop, self.entry))

    def again(self):
        """The entries of the queue, as a start finds them."""
        entries = self.queue.recover()
        self.run(self.queue.load(entries))
        return [(entry.name, entry.left, entry.attempts) for entry in entries]

    def close(self):
        """Ends it."""
        self.run(self.store.close())
        self.loop.close()


@pytest.fixture
def bench(tmpdir):
    made = Bench(tmpdir)
    yield made
    made.close()


def test_a_state_comes_back(bench):
    bench.settle([1], 3)
    assert bench.again() == [('1.a', [1], 3)]


def test_a_state_is_replaced(bench):
    bench.settle([0, 1], 1)
    bench.settle([1], 2)
    assert bench.again() == [('1.a', [1], 2)]


def test_a_state_is_not_in_a_file(bench):
    bench.settle([1], 3)
    assert os.listdir(bench.folder) == ['1.a.msg']


def test_a_message_without_a_row_is_tried_for_all(bench):
    assert bench.again() == [('1.a', [0, 1], 0)]


def test_a_settled_message_leaves_no_row(bench):
    bench.settle([1], 3)
    bench.settle([], 4)
    assert bench.run(bench.store.load()) == {}


def test_a_row_without_a_message_goes(bench):
    bench.settle([1], 3)
    os.unlink(os.path.join(bench.folder, '1.a.msg'))
    bench.again()
    assert bench.run(bench.store.load()) == {}


def test_a_store_that_fails_leaves_the_state_in_a_file(bench, monkeypatch, expect_log):
    expect_log('the index of the queue cannot be written')
    bench.settle([0, 1], 1)
    monkeypatch.setattr(bench.store, 'save', lambda entry: failed(StorageFull(u'full')))
    bench.settle([1], 2)
    assert bench.again() == [('1.a', [1], 2)]


def test_a_newer_row_counts_more_than_an_older_file(bench, monkeypatch, expect_log):
    expect_log('the index of the queue cannot be written')
    with monkeypatch.context() as broken:
        broken.setattr(bench.store, 'save', lambda entry: failed(StorageFull(u'full')))
        bench.settle([0, 1], 1)
    bench.settle([0], 2)
    assert bench.again() == [('1.a', [0], 2)]


def test_a_row_that_fails_to_go_keeps_no_message(bench, monkeypatch, expect_log):
    expect_log('the index of the queue cannot be written')
    expect_log('keeps 1 old rows')
    bench.settle([1], 3)
    monkeypatch.setattr(bench.store, 'remove', lambda names: failed(StorageFull(u'full')))
    bench.settle([], 4)
    assert bench.again() == []


def test_an_addressee_that_is_unknown_is_left_out(bench):
    QueueState([1, 7], 5, 0.0, False).give(bench.entry)
    assert bench.entry.left == [1]


def test_a_row_without_known_addressees_is_no_state(bench):
    QueueState([7], 5, 0.0, False).give(bench.entry)
    assert bench.entry.left == [0, 1]


def test_accounts_have_names(bench):
    bench.run(bench.store.accounts.set_password(u'anna@a.example', b'secret', bench.loop))
    assert bench.run(bench.store.accounts.names()) == [u'anna@a.example']
