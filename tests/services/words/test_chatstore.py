# Copyright the carryall authors.  See LICENSE.
"""The store of the chat space, in a database and in memory."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.app import storewriter
from carryall.app.datastore import DataStore, StoreSchema
from carryall.core.errors import Unsupported
from carryall.core.future import coroutine
from carryall.services.words.chaterrors import TooMuchError
from carryall.services.words.chatspace import DIRECT, GROUP, Group, Message, Participant
from carryall.services.words import chatstore
from carryall.services.words.chatstore import STORE, DatabaseChatStore, MemoryChatStore


class Bench(object):
    """A store in a database, and the loop that it needs."""

    def __init__(self, location, kept=100000):
        self.loop = runtimes.choose()
        self.location = location
        self.kept = kept
        self.store = None
        self.data = None
        self.open()

    def open(self):
        """Opens it (again)."""
        self.data = DataStore(STORE, self.location)
        try:
            self.data.start(self.loop)
        except Unsupported as exc:
            self.loop.close()
            pytest.skip(str(exc))
        self.store = DatabaseChatStore(self.data, self.kept)

    def run(self, future):
        """The result of *future*."""
        return self.loop.run_until(future)

    def close(self):
        """Closes both."""
        self.run(self.data.close())
        self.loop.close()


@pytest.fixture
def bench(tmpdir):
    made = Bench(u'sqlite:' + os.path.join(str(tmpdir), u'words.db'))
    yield made
    made.close()


class Plain(object):
    """The same with a MemoryChatStore."""

    def __init__(self):
        self.store = MemoryChatStore()

    @staticmethod
    def run(future):
        """The result of *future*, which is done."""
        return future.result()


@pytest.fixture(params=['database', 'memory'])
def either(request):
    if request.param == 'memory':
        return Plain()
    return request.getfixturevalue('bench')


def _message(number, text, sender=u'ann', place=u'Tea', kind=GROUP):
    return Message(number, kind, place, sender, text, u'', 1000.0 + number)


def _texts(rows):
    return [each.text for each in rows]


def test_an_account_is_there_again_after_a_restart(bench):
    ann = Participant(u'Ann Lee', 12.5)
    ann.verifier = u'$x$'
    ann.email = u'ann@host.example'
    ann.is_admin = True
    bench.run(bench.store.save_account(ann))
    bench.run(bench.data.close())
    bench.open()
    accounts, _, _, _ = bench.run(bench.store.load())
    found = accounts[0]
    assert [found.name, found.key, found.verifier, found.email, found.created, found.is_admin,
            found.is_barred] == [u'Ann Lee', u'ann lee', u'$x$', u'ann@host.example', 12.5, True,
                                 False]


def test_an_account_that_is_removed_takes_its_contacts_with_it(bench):
    for name in (u'ann', u'bob'):
        bench.run(bench.store.save_account(Participant(name)))
    bench.run(bench.store.save_contact(u'ann', u'bob', True))
    bench.run(bench.store.remove_account(u'bob'))
    accounts, contacts, _, _ = bench.run(bench.store.load())
    assert ([each.name for each in accounts], contacts) == ([u'ann'], [])


def test_an_account_that_is_removed_takes_what_it_has_said_in_private_with_it(either):
    for place_key in (u'ann\nbob', u'bob\ncarl', u'ann\nbobby', u'bob'):
        either.run(either.store.save_message(_message(len(place_key), u'hello'), place_key, u'',
                                             False))
    either.run(either.store.remove_account(u'bob'))
    left = [len(either.run(either.store.history(key, None, 9)))
            for key in (u'ann\nbob', u'bob\ncarl', u'ann\nbobby', u'bob')]
    assert left == [0, 0, 1, 1]


def test_contacts_are_kept_once(bench):
    bench.run(bench.store.save_contact(u'ann', u'bob', True))
    bench.run(bench.store.save_contact(u'ann', u'bob', True))
    assert bench.run(bench.store.load())[1] == [(u'ann', u'bob')]


def test_a_group_is_kept_with_its_topic_and_bans(bench):
    group = Group(u'Tea', u'ann', 5.0)
    group.topic = u'gr\xfcn'
    group.topic_author = u'ann'
    group.banned.update([u'eve', u'mallory'])
    bench.run(bench.store.save_group(group))
    found = bench.run(bench.store.load())[2][0]
    assert [found.name, found.owner, found.topic, found.topic_author, sorted(found.banned)] == [
        u'Tea', u'ann', u'gr\xfcn', u'ann', [u'eve', u'mallory']]


def test_a_group_is_kept_with_its_rules(bench):
    group = Group(u'tea', u'ann', 5.0)
    group.rules = u'{"modes": {}}'
    bench.run(bench.store.save_group(group))
    assert bench.run(bench.store.load())[2][0].rules == u'{"modes": {}}'


def test_a_store_of_the_first_version_is_read(tmpdir):
    location = u'sqlite:' + os.path.join(str(tmpdir), u'old.db')
    loop = runtimes.choose()
    old = DataStore(StoreSchema('words', STORE.tables, STORE.versions[:1]), location)
    try:
        old.start(loop)
    except Unsupported as exc:
        loop.close()
        pytest.skip(str(exc))
    loop.run_until(old.change(_old_group))
    loop.run_until(old.close())
    loop.close()
    bench = Bench(location)
    found = bench.run(bench.store.load())[2][0]
    bench.close()
    assert (found.name, found.rules) == (u'Tea', u'')


@coroutine
def _old_group(transaction):
    yield transaction.execute(
        u'INSERT INTO words_groups (name_key, name, owner, topic, topic_author, topic_at, created, '
        u'banned) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        (u'tea', u'Tea', u'ann', u'', u'', 0.0, 5.0, u''))


def test_a_group_that_is_removed_takes_its_messages_with_it(bench):
    bench.run(bench.store.save_group(Group(u'Tea')))
    bench.run(bench.store.save_message(_message(1, u'hello'), u'tea', u'', False))
    bench.run(bench.store.remove_group(u'tea'))
    assert bench.run(bench.store.history(u'tea', None, 10)) == []


def test_numbers_go_on_after_a_restart(bench):
    bench.run(bench.store.save_message(_message(41, u'hello'), u'tea', u'', False))
    assert bench.run(bench.store.load())[3] == 41


def test_changes_that_come_together_are_all_kept_in_order(bench, monkeypatch):
    """More of them than two transactions have."""
    monkeypatch.setattr(storewriter, 'BATCH', 50)
    waits = [bench.store.save_message(_message(number, u'%d' % number), u'tea', u'', False)
             for number in range(1, 121)]
    bench.run(waits[-1])
    assert all(each.done() for each in waits)
    found = bench.run(bench.store.history(u'tea', None, 2000))
    assert [each.number for each in found] == list(range(1, 121))


def test_old_messages_of_a_place_are_forgotten(tmpdir, monkeypatch):
    monkeypatch.setattr(chatstore, 'TRIM_EVERY', 100)
    bench = Bench(u'sqlite:' + os.path.join(str(tmpdir), u'words.db'), 10)
    try:
        for number in range(1, 101):
            last = bench.store.save_message(_message(number, u'x'), u'tea', u'', False)
        bench.run(last)
        assert len(bench.run(bench.store.history(u'tea', None, 2000))) == 10
    finally:
        bench.close()


def test_history_is_the_end_before_a_number(either):
    for number in range(1, 6):
        either.run(either.store.save_message(_message(number, u'%d' % number), u'tea', u'', False))
    found = either.run(either.store.history(u'tea', 5, 2))
    assert _texts(found) == [u'3', u'4']


def test_late_messages_wait_until_they_are_told(either):
    for number in (1, 2):
        message = _message(number, u'%d' % number, u'ann', u'bob', DIRECT)
        either.run(either.store.save_message(message, u'ann\nbob', u'bob', True, 10))
    before = _texts(either.run(either.store.late(u'bob', 10)))
    either.run(either.store.mark_told(u'bob', 1))
    assert (before, _texts(either.run(either.store.late(u'bob', 10)))) == ([u'1', u'2'], [u'2'])


def test_late_messages_are_bounded(either):
    def late(number):
        message = _message(number, u'x', u'ann', u'bob', DIRECT)
        return either.store.save_message(message, u'ann\nbob', u'bob', True, 1)

    either.run(late(1))
    with pytest.raises(TooMuchError):
        either.run(late(2))


def test_a_refused_message_keeps_no_other_from_being_kept(either):
    def late(number):
        message = _message(number, u'x', u'ann', u'bob', DIRECT)
        return either.store.save_message(message, u'ann\nbob', u'bob', True, 1)

    either.run(late(1))
    refused = late(2)
    either.run(either.store.save_message(_message(3, u'y'), u'tea', u'', False))
    assert _texts(either.run(either.store.history(u'tea', None, 9))) == [u'y']
    assert isinstance(refused.exception(), TooMuchError)


@pytest.mark.parametrize('words, found', [(u'GREEN', [u'Green tea']), (u'100%', [u'100% cake']),
                                          (u'_', []), (u'!', [])])
def test_a_search_takes_its_words_as_they_are(either, words, found):
    either.run(either.store.save_message(_message(1, u'Green tea'), u'tea', u'', False))
    either.run(either.store.save_message(_message(2, u'100% cake'), u'tea', u'', False))
    assert _texts(either.run(either.store.search(u'ann', [u'tea'], words, 9))) == found


def test_a_search_sees_no_place_of_others(either):
    either.run(either.store.save_message(_message(1, u'secret'), u'tea', u'', False))
    message = _message(2, u'secret', u'ann', u'bob', DIRECT)
    either.run(either.store.save_message(message, u'ann\nbob', u'bob', False))
    found = [len(either.run(either.store.search(key, [], u'secret', 9)))
             for key in (u'ann', u'bob', u'nn', u'carol')]
    assert found == [1, 1, 0, 0]


def test_the_audit_log_shows_the_latest_first(either):
    for number in range(3):
        either.run(either.store.note(float(number), u'ann', u'deed %d' % number))
    assert either.run(either.store.audit(2)) == [(2.0, u'ann', u'deed 2'), (1.0, u'ann', u'deed 1')]
