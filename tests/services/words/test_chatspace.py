# Copyright the carryall authors.  See LICENSE.
"""The chat space: sessions, presence, contacts, groups, messages, and their bounds."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future, failed
from carryall.services.words.chaterrors import (BadNameError, BannedError, NotAllowedError,
                                                NotInCollectionError, NotInGroupError,
                                                TooMuchError, UserNonexistantError, WordsError,
                                                WrongStatusError)
from carryall.services.words.chatspace import AWAY, OFFLINE, ONLINE, Limits
from carryall.services.words.chatstore import MemoryChatStore
from tests.services.words.chatscene import ChatScene, NotingSession


# -- presence ----------------------------------------------------------------------

def test_a_participant_with_a_session_is_online():
    ann, _ = ChatScene().enter(u'ann')
    assert ann.status == ONLINE


def test_a_participant_is_offline_with_the_end_of_its_last_session():
    scene = ChatScene()
    ann, first = scene.enter(u'ann')
    _, second = scene.enter(u'ann')
    scene.space.detach(ann, first)
    between = ann.status
    scene.space.detach(ann, second)
    assert (between, ann.status, scene.space.online) == (ONLINE, OFFLINE, 0)


def test_names_differ_in_case_alone_for_one_participant():
    scene = ChatScene([u'\xc9tienne'])
    assert scene.space.participant(u'E\u0301TIENNE').name == u'\xc9tienne'


def test_an_unknown_name_is_refused():
    with pytest.raises(UserNonexistantError):
        ChatScene().space.participant(u'carol')


def test_participants_hear_of_the_status_of_a_contact():
    scene = ChatScene()
    ann, session = scene.enter(u'ann')
    scene.space.add_contact(ann, u'bob')
    bob, _ = scene.enter(u'bob')
    scene.space.change_status(bob, AWAY, u'tea')
    assert session.take() == [('status', u'bob', ONLINE), ('status', u'bob', AWAY)]


def test_a_status_that_does_not_exist_is_refused():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    with pytest.raises(BadNameError):
        scene.space.change_status(ann, 7)


def test_a_contact_that_is_removed_is_not_watched():
    scene = ChatScene()
    ann, session = scene.enter(u'ann')
    scene.space.add_contact(ann, u'bob')
    scene.space.remove_contact(ann, u'bob')
    scene.enter(u'bob')
    assert session.take() == []


def test_a_contact_that_is_none_cannot_be_removed():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    with pytest.raises(NotInCollectionError):
        scene.space.remove_contact(ann, u'bob')


def test_contacts_are_bounded():
    scene = ChatScene(limits=Limits(max_contacts=0))
    with pytest.raises(TooMuchError):
        scene.space.add_contact(scene.space.participant(u'ann'), u'bob')


def test_sessions_are_bounded():
    scene = ChatScene(limits=Limits(max_sessions=1))
    scene.enter(u'ann')
    with pytest.raises(TooMuchError):
        scene.enter(u'ann')


def test_a_barred_account_gets_no_session():
    scene = ChatScene()
    scene.space.participant(u'ann').is_barred = True
    with pytest.raises(NotAllowedError):
        scene.enter(u'ann')


def test_an_account_that_is_barred_is_shut_out():
    scene = ChatScene()
    (ann, session), _ = scene.meet(u'ann', u'bob')
    ann.is_barred = True
    scene.space.keep_participant(ann)
    assert (session.take(), ann.status) == ([('ended', u'This account is barred.')], OFFLINE)


def test_an_account_that_is_removed_is_unknown():
    scene = ChatScene()
    ann, session = scene.enter(u'ann')
    bob = scene.space.participant(u'bob')
    scene.space.add_contact(bob, u'ann')
    scene.space.remove_participant(ann)
    assert (list(bob.contacts), sorted(scene.space.participants)) == ([], [u'bob'])


def test_one_that_takes_the_name_of_an_account_that_was_removed_moderates_none_of_its_groups():
    scene = ChatScene()
    (ann, _), _ = scene.meet(u'ann', u'bob')
    scene.space.remove_participant(ann)
    assert not scene.space.groups[u'tea'].is_moderated_by(scene.add(u'ann'))


def test_one_that_takes_the_name_of_an_account_that_was_removed_reads_nothing_of_it():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    scene.space.direct_message(scene.space.participant(u'bob'), u'ann', u'private')
    scene.space.remove_participant(ann)
    again = scene.add(u'ann')
    assert scene.space.direct_history(again, u'bob').result() == []


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(NotAllowedError):
        ChatScene().add(u'ANN')


# -- groups --------------------------------------------------------------------------

def test_members_hear_of_one_that_comes():
    scene = ChatScene()
    (_, session), = scene.meet(u'ann')
    bob, _ = scene.enter(u'bob')
    scene.space.join(bob, u'tea')
    assert session.take() == [('joined', u'bob', u'tea')]


def test_the_session_that_joins_need_not_be_told():
    scene = ChatScene()
    ann, session = scene.enter(u'ann')
    scene.space.join(ann, u'tea', session)
    assert session.take() == []


def test_members_hear_of_one_that_leaves():
    scene = ChatScene()
    (_, session), (bob, _) = scene.meet(u'ann', u'bob')
    scene.space.leave(bob, u'tea')
    assert session.take() == [('left', u'bob', u'tea')]


def test_a_participant_that_goes_offline_leaves_its_groups():
    scene = ChatScene()
    (_, session), (bob, other) = scene.meet(u'ann', u'bob')
    scene.space.detach(bob, other)
    assert session.take() == [('left', u'bob', u'tea')]


def test_no_participant_leaves_a_group_that_it_is_not_in():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    with pytest.raises(NotInGroupError):
        scene.space.leave(ann, u'tea')


def test_an_empty_group_that_was_not_kept_is_gone():
    scene = ChatScene()
    (ann, _), = scene.meet(u'ann')
    scene.space.leave(ann, u'tea')
    assert scene.space.groups == {}


def test_the_first_member_moderates_a_group():
    scene = ChatScene()
    (ann, _), (bob, _) = scene.meet(u'ann', u'bob')
    group = scene.space.groups[u'tea']
    assert (group.is_moderated_by(ann), group.is_moderated_by(bob)) == (True, False)


def test_a_hash_sign_in_front_of_a_group_is_left_out():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    scene.space.join(ann, u'#Tea')
    assert scene.space.group_of(ann, u'#TEA').name == u'Tea'


@pytest.mark.parametrize('name', [u'', u' ', u'a\x00b', u'a\u202eb', u'x' * 51, u'#'])
def test_a_group_has_a_name_that_can_be_shown(name):
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    with pytest.raises(BadNameError):
        scene.space.join(ann, name)


def test_groups_of_one_participant_are_bounded():
    scene = ChatScene(limits=Limits(max_joined=1))
    ann, _ = scene.enter(u'ann')
    scene.space.join(ann, u'tea')
    with pytest.raises(TooMuchError):
        scene.space.join(ann, u'cake')


def test_groups_are_bounded():
    scene = ChatScene(limits=Limits(max_groups=0))
    ann, _ = scene.enter(u'ann')
    with pytest.raises(TooMuchError):
        scene.space.join(ann, u'tea')


def test_a_participant_that_is_banned_leaves_and_stays_out():
    scene = ChatScene()
    (_, _), (bob, _) = scene.meet(u'ann', u'bob')
    scene.space.ban(u'tea', bob)
    with pytest.raises(BannedError):
        scene.space.join(bob, u'tea')


def test_a_ban_can_be_lifted():
    scene = ChatScene()
    (_, _), (bob, _) = scene.meet(u'ann', u'bob')
    scene.space.ban(u'tea', bob)
    scene.space.ban(u'tea', bob, False)
    assert scene.space.join(bob, u'tea').name == u'tea'


def test_a_group_that_is_removed_has_no_members():
    scene = ChatScene()
    (ann, session), = scene.meet(u'ann')
    scene.space.remove_group(u'tea')
    assert (session.take(), ann.groups) == ([('left', u'ann', u'tea')], {})


def test_members_hear_of_a_topic_with_its_author():
    scene = ChatScene()
    (ann, session), _ = scene.meet(u'ann', u'bob')
    scene.space.change_metadata(ann, u'tea', {u'topic': u'green', u'topic_author': u'eve'})
    assert session.take() == [('metadata', u'tea', {u'topic': u'green', u'topic_author': u'ann'})]


def test_metadata_that_is_no_text_is_left_out():
    scene = ChatScene()
    (ann, session), = scene.meet(u'ann')
    scene.space.change_metadata(ann, u'tea', {u'a': 1, 2: u'b', u'c': u'd'})
    assert session.take() == [('metadata', u'tea', {u'c': u'd'})]


def test_metadata_of_a_group_is_bounded():
    scene = ChatScene()
    (ann, _), = scene.meet(u'ann')
    with pytest.raises(TooMuchError):
        for number in range(20):
            scene.space.change_metadata(ann, u'tea', {u'key %d' % number: u'x'})


class Guard(object):
    """Refuses everything."""

    def may_join(self, participant, group):
        raise BannedError(u'not now')

    may_speak = may_join
    may_change = may_join


def test_a_guard_may_refuse_what_a_member_says_and_changes():
    scene = ChatScene()
    (ann, _), = scene.meet(u'ann')
    scene.space.guards.append(Guard())
    with pytest.raises(BannedError):
        scene.space.group_message(ann, u'tea', u'hello')
    with pytest.raises(BannedError):
        scene.space.change_metadata(ann, u'tea', {u'topic': u'x'})


def test_a_guard_may_keep_a_participant_out():
    scene = ChatScene()
    scene.meet(u'ann')
    scene.space.guards.append(Guard())
    bob, _ = scene.enter(u'bob')
    with pytest.raises(BannedError):
        scene.space.join(bob, u'tea')


# -- messages ------------------------------------------------------------------------

def test_members_hear_a_message():
    scene = ChatScene()
    (ann, own), (_, session) = scene.meet(u'ann', u'bob')
    scene.space.group_message(ann, u'tea', u'hello', {u'style': u'emote'}, own)
    assert session.take() == [(u'group', u'tea', u'ann', u'hello', {u'style': u'emote'})]
    assert own.take() == []


def test_another_session_of_the_sender_hears_it_too():
    scene = ChatScene()
    (ann, own), = scene.meet(u'ann')
    _, second = scene.enter(u'ann')
    scene.space.group_message(ann, u'tea', u'hello', None, own)
    assert second.take() == [(u'group', u'tea', u'ann', u'hello', {})]


def test_a_message_to_a_group_that_one_is_not_in_is_refused():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    with pytest.raises(NotInGroupError):
        scene.space.group_message(ann, u'tea', u'hello')


def test_a_direct_message_is_heard_by_its_recipient():
    scene = ChatScene()
    ann, own = scene.enter(u'ann')
    _, session = scene.enter(u'bob')
    scene.space.direct_message(ann, u'BOB', u'hello', None, own)
    assert session.take() == [(u'direct', u'bob', u'ann', u'hello', {})]


def test_an_observer_hears_everything():
    scene = ChatScene()
    observer = NotingSession()
    scene.space.observers.append(observer)
    (ann, _), _ = scene.meet(u'ann', u'bob')
    scene.space.group_message(ann, u'tea', u'one')
    scene.space.direct_message(ann, u'bob', u'two')
    assert [each[0] for each in observer.take()] == ['status', 'status', 'joined', 'joined',
                                                     u'group', u'direct']


def test_a_message_for_one_that_is_offline_is_told_when_it_comes():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    scene.space.direct_message(ann, u'bob', u'hello')
    _, session = scene.enter(u'bob')
    assert session.take() == [(u'direct', u'bob', u'ann', u'hello', {u'late': u'yes'})]


def test_a_message_that_waited_is_told_once():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    scene.space.direct_message(ann, u'bob', u'hello')
    bob, session = scene.enter(u'bob')
    scene.space.detach(bob, session)
    assert scene.enter(u'bob')[1].take() == []


class SlowReading(MemoryChatStore):
    """Reads late messages when a test says so."""

    def __init__(self):
        MemoryChatStore.__init__(self)
        self.reading = []

    def late(self, recipient, most):
        found = MemoryChatStore.late(self, recipient, most).result()
        self.reading.append(Future())
        return self.reading[-1].then(lambda _: found)


def test_a_message_that_is_kept_while_late_ones_are_read_is_told_once_behind_them():
    store = SlowReading()
    scene = ChatScene(store=store)
    ann, _ = scene.enter(u'ann')
    scene.space.direct_message(ann, u'bob', u'one')
    kept = Future()
    store.save_message = lambda *_: kept
    scene.space.direct_message(ann, u'bob', u'two')
    del store.save_message
    _, session = scene.enter(u'bob')
    message = scene.space.direct_message(ann, u'ann', u'x').result()._replace(text=u'two')
    store.save_message(message, u'ann\nbob', u'bob', True, 9)
    kept.set_result(None)
    for reading in store.reading:
        reading.set_result(None)
    assert [each[3] for each in session.take()] == [u'one', u'two']


def test_messages_that_wait_are_bounded():
    scene = ChatScene(limits=Limits(max_late=2))
    ann, _ = scene.enter(u'ann')
    answers = [scene.space.direct_message(ann, u'bob', u'hello') for _ in range(3)]
    assert [type(each.exception()) for each in answers] == [type(None), type(None), TooMuchError]


def test_a_space_may_keep_no_messages_for_those_that_are_offline():
    scene = ChatScene(limits=Limits(max_late=0))
    ann, _ = scene.enter(u'ann')
    with pytest.raises(WrongStatusError):
        scene.space.direct_message(ann, u'bob', u'hello')


@pytest.mark.parametrize('text, error', [(u'', BadNameError), (u'x' * 4001, TooMuchError)])
def test_a_message_has_a_text_of_a_bounded_length(text, error):
    scene = ChatScene()
    (ann, _), = scene.meet(u'ann')
    with pytest.raises(error):
        scene.space.group_message(ann, u'tea', text)


def test_a_participant_that_sends_too_fast_is_refused():
    scene = ChatScene(limits=Limits(burst=2, rate=1.0))
    (ann, _), = scene.meet(u'ann')
    scene.space.group_message(ann, u'tea', u'one')
    scene.space.group_message(ann, u'tea', u'two')
    with pytest.raises(TooMuchError):
        scene.space.group_message(ann, u'tea', u'three')


class SlowStore(MemoryChatStore):
    """Keeps messages when a test says so."""

    def __init__(self):
        MemoryChatStore.__init__(self)
        self.kept = Future()

    def save_message(self, message, place_key, recipient, late, most=0):
        return self.kept


def test_a_message_is_acknowledged_when_it_is_kept():
    store = SlowStore()
    scene = ChatScene(store=store)
    (ann, _), = scene.meet(u'ann')
    answer = scene.space.group_message(ann, u'tea', u'hello')
    before = answer.done()
    store.kept.set_result(None)
    assert (before, answer.result().text) == (False, u'hello')


def test_a_message_that_cannot_be_kept_is_not_acknowledged():
    store = SlowStore()
    store.kept.set_exception(WordsError(u'the disk is full'))
    scene = ChatScene(store=store)
    (ann, _), = scene.meet(u'ann')
    with pytest.raises(WordsError):
        scene.space.group_message(ann, u'tea', u'hello').result()


class BrokenSession(NotingSession):
    """Fails at each message."""

    def message_came(self, message, metadata):
        raise ValueError('broken')


def test_a_session_that_fails_keeps_no_other_from_hearing(expect_log):
    expect_log('a session could not be told')
    scene = ChatScene()
    (ann, session), = scene.meet(u'ann')
    scene.space.observers.append(BrokenSession())
    scene.space.group_message(ann, u'tea', u'hello')
    assert len(session.take()) == 1


# -- what was said ---------------------------------------------------------------------

def _said(scene, ann, *texts):
    for text in texts:
        scene.space.group_message(ann, u'tea', text)


def _texts(future):
    return [each.text for each in future.result()]


def test_the_history_of_a_group_is_in_order():
    scene = ChatScene()
    (ann, _), = scene.meet(u'ann')
    _said(scene, ann, u'one', u'two', u'three')
    assert _texts(scene.space.history(ann, u'tea', None, 2)) == [u'two', u'three']


def test_history_goes_on_before_a_number():
    scene = ChatScene()
    (ann, _), = scene.meet(u'ann')
    _said(scene, ann, u'one', u'two', u'three')
    last = scene.space.history(ann, u'tea').result()[-1]
    assert _texts(scene.space.history(ann, u'tea', last.number)) == [u'one', u'two']


def test_history_is_for_members():
    scene = ChatScene()
    scene.meet(u'ann')
    bob, _ = scene.enter(u'bob')
    with pytest.raises(NotInGroupError):
        scene.space.history(bob, u'tea')


def test_two_participants_have_a_history():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    bob, _ = scene.enter(u'bob')
    scene.space.direct_message(ann, u'bob', u'hello')
    scene.space.direct_message(bob, u'ann', u'hello too')
    assert _texts(scene.space.direct_history(ann, u'bob')) == [u'hello', u'hello too']


def test_a_search_finds_texts_of_ones_own_groups():
    scene = ChatScene()
    (ann, _), = scene.meet(u'ann')
    bob, _ = scene.enter(u'bob')
    _said(scene, ann, u'Green Tea', u'cake')
    found = _texts(scene.space.search(ann, u'green')), _texts(scene.space.search(bob, u'green'))
    assert found == ([u'Green Tea'], [])


def test_a_search_finds_what_others_have_written_to_one():
    scene = ChatScene([u'ann', u'bob', u'carol'])
    ann, _ = scene.enter(u'ann')
    scene.space.direct_message(ann, u'bob', u'secret')
    found = [len(scene.space.search(scene.space.participant(name), u'secret').result())
             for name in (u'ann', u'bob', u'carol')]
    assert found == [1, 1, 0]


def test_a_search_for_nothing_is_refused():
    scene = ChatScene()
    ann, _ = scene.enter(u'ann')
    with pytest.raises(BadNameError):
        scene.space.search(ann, u' ')


class BrokenStore(MemoryChatStore):
    """Cannot be read."""

    def load(self):
        return failed(WordsError(u'no disk'))


def test_a_space_whose_store_cannot_be_read_is_not_ready():
    with pytest.raises(WordsError):
        ChatScene(store=BrokenStore())
