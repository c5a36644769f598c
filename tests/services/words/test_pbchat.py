# Copyright the carryall authors.  See LICENSE.
"""The chat space by Perspective Broker: the methods and callbacks of Twisted 0.19 and 1.2."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.auth.credentials import UsernamePassword
from carryall.core.auth.portal import Portal
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.future import Future
from carryall.protocols import pb
from carryall.services.words.chatspace import OFFLINE, Limits
from carryall.services.words.chatstore import MemoryChatStore
from carryall.services.words.pbchat import ChatRealm
from tests.protocols.pb.stage import Peer
from tests.services.words.chatscene import ChatScene


class WordsClient(pb.Referenceable):
    """Notes what the server calls."""

    def __init__(self):
        self.heard = []

    def remote_receiveContactList(self, contacts):
        self.heard.append(('contacts', contacts))

    def remote_notifyStatusChanged(self, name, status):
        self.heard.append(('status', name, status))

    def remote_receiveGroupMembers(self, names, group):
        self.heard.append(('members', names, group))

    def remote_setGroupMetadata(self, metadata, group):
        self.heard.append(('metadata', metadata, group))

    def remote_receiveDirectMessage(self, sender, text, metadata=None):
        self.heard.append(('direct', sender, text, metadata))

    def remote_receiveGroupMessage(self, sender, group, text, metadata=None):
        self.heard.append(('group', sender, group, text, metadata))

    def remote_memberJoined(self, name, group):
        self.heard.append(('joined', name, group))

    def remote_memberLeft(self, name, group):
        self.heard.append(('left', name, group))

    def take(self):
        """The calls since the last time."""
        heard = self.heard
        self.heard = []
        return heard


class OldWordsClient(WordsClient):
    """One of a time when there was no metadata."""

    def remote_receiveDirectMessage(self, sender, text):
        self.heard.append(('direct', sender, text))

    def remote_receiveGroupMessage(self, sender, group, text):
        self.heard.append(('group', sender, group, text))


class Stage(object):
    """A chat space, with clients that have logged in."""

    def __init__(self, limits=None, store=None):
        self.scene = ChatScene(limits=limits, store=store)
        self.loop = self.scene.loop
        checker = MemoryChecker({u'ann': b'secret', u'bob': b'secret'})
        root = pb.LoginRoot(Portal(ChatRealm(self.scene.space), [checker]))
        self.listener = self.loop.listen_tcp(
            lambda: pb.Broker(self.loop, root), '127.0.0.1', 0)

    def wait(self, future):
        """The result of a Future."""
        self.loop.advance()
        assert future.done()
        return future.result()

    def enter(self, name, client=None):
        """(perspective, client, broker) of one who logs in."""
        client = WordsClient() if client is None else client
        broker = self.wait(pb.connect(self.loop, '127.0.0.1', self.listener.address.port))
        found = self.wait(pb.login(broker, UsernamePassword(name, b'secret'), client))
        self.loop.advance()
        return found, client, broker

    def call(self, perspective, name, *args):
        """The answer of a method."""
        return self.wait(perspective.call_remote(name, *args))

    def error(self, perspective, name, *args):
        """The name of the error of a method."""
        answer = perspective.call_remote(name, *args)
        self.loop.advance()
        return answer.exception().remote_type


def test_a_client_gets_its_contacts_when_it_comes():
    stage = Stage()
    stage.scene.space.add_contact(stage.scene.space.participant(u'ann'), u'bob')
    _, client, _ = stage.enter(u'ann')
    assert client.take() == [('contacts', [(u'bob', 0)])]


def test_a_client_hears_of_the_status_of_a_contact():
    stage = Stage()
    ann, client, _ = stage.enter(u'ann')
    client.take()
    stage.call(ann, 'addContact', u'bob')
    bob, _, broker = stage.enter(u'bob')
    stage.call(bob, 'changeStatus', 2)
    broker.close()
    stage.loop.advance()
    assert client.take() == [('status', u'bob', 0), ('status', u'bob', 1), ('status', u'bob', 2),
                             ('status', u'bob', 0)]


def test_a_client_that_joins_gets_the_topic():
    stage = Stage()
    ann, client, _ = stage.enter(u'ann')
    client.take()
    stage.call(ann, 'joinGroup', u'tea')
    assert client.take() == [('metadata', {u'topic': u'', u'topic_author': u''}, u'tea')]


def _met(stage, client=None):
    ann, first, _ = stage.enter(u'ann')
    bob, second, _ = stage.enter(u'bob', client)
    stage.call(ann, 'joinGroup', u'tea')
    stage.call(bob, 'joinGroup', u'tea')
    first.take()
    second.take()
    return ann, first, bob, second


def test_members_hear_of_each_other():
    stage = Stage()
    ann, first, _ = stage.enter(u'ann')
    bob, _, _ = stage.enter(u'bob')
    stage.call(ann, 'joinGroup', u'tea')
    first.take()
    stage.call(bob, 'joinGroup', u'tea')
    stage.call(bob, 'leaveGroup', u'tea')
    assert first.take() == [('joined', u'bob', u'tea'), ('left', u'bob', u'tea')]


def test_the_members_are_sent_on_demand():
    stage = Stage()
    ann, first, _, _ = _met(stage)
    stage.call(ann, 'getGroupMembers', u'tea')
    assert first.take() == [('members', [u'ann', u'bob'], u'tea')]


def test_a_group_message_is_heard_by_the_others():
    stage = Stage()
    ann, first, _, second = _met(stage)
    stage.call(ann, 'groupMessage', u'tea', u'hello')
    assert (first.take(), second.take()) == ([], [('group', u'ann', u'tea', u'hello', None)])


def test_octets_are_taken_as_text():
    stage = Stage()
    ann, _, bob, second = _met(stage)
    stage.call(ann, 'groupMessage', b'tea', b'gr\xc3\xbcn \xfc'[:5], {b'style': b'emote'})
    stage.call(ann, 'directMessage', b'bob', b'\xfc')
    assert second.take() == [('group', u'ann', u'tea', u'gr\xfcn', {u'style': u'emote'}),
                             ('direct', u'ann', u'\xfc', None)]


def test_a_client_without_metadata_gets_an_emote_as_text():
    stage = Stage()
    ann, _, bob, second = _met(stage, OldWordsClient())
    for number in range(2):
        stage.call(ann, 'groupMessage', u'tea', u'waves', {u'style': u'emote'})
    assert second.take() == [('group', u'ann', u'tea', u'* ann waves')] * (number + 1)
    bob.release()


def test_a_topic_has_its_author():
    stage = Stage()
    ann, first, _, second = _met(stage)
    stage.call(ann, 'setGroupMetadata', {u'topic': u'green', u'topic_author': u'eve'}, u'tea')
    told = [('metadata', {u'topic': u'green', u'topic_author': u'ann'}, u'tea')]
    assert (first.take(), second.take()) == (told, told)


def test_metadata_of_another_group_is_not_set():
    stage = Stage()
    ann, _, _ = stage.enter(u'ann')
    assert stage.call(ann, 'setGroupMetadata', {u'topic': u'x'}, u'tea') is None


@pytest.mark.parametrize('name, args, error', [
    ('groupMessage', (u'tea', u'x'), 'NotInGroupError'),
    ('leaveGroup', (u'tea',), 'NotInGroupError'),
    ('getGroupMembers', (u'tea',), 'NotInGroupError'),
    ('directMessage', (u'carol', u'x'), 'UserNonexistantError'),
    ('addContact', (u'carol',), 'UserNonexistantError'),
    ('removeContact', (u'bob',), 'NotInCollectionError')])
def test_errors_have_the_names_of_the_classes_of_old(name, args, error):
    stage = Stage()
    ann, _, _ = stage.enter(u'ann')
    assert stage.error(ann, name, *args) == 'twisted.words.service.' + error


def test_a_message_to_one_that_is_offline_may_be_refused():
    stage = Stage(limits=Limits(max_late=0))
    ann, _, _ = stage.enter(u'ann')
    assert stage.error(ann, 'directMessage', u'bob', u'x') == (
        'twisted.words.service.WrongStatusError')


@pytest.mark.parametrize('name, args', [
    ('changeStatus', (0,)), ('changeStatus', (u'1',)), ('joinGroup', (7,)),
    ('groupMessage', (u'tea', 7)), ('groupMessage', (u'tea', u'x', u'y')),
    ('getHistory', (u'tea', u'x')), ('getHistory', (u'tea', -1))])
def test_values_of_a_wrong_type_are_refused(name, args):
    stage = Stage()
    ann, _, _, _ = _met(stage)
    assert stage.error(ann, name, *args) == 'carryall.services.words.chaterrors.BadNameError'


def test_a_text_that_is_too_long_is_refused():
    stage = Stage()
    ann, _, _, _ = _met(stage)
    assert stage.error(ann, 'groupMessage', u'tea', u'x' * 30000) == (
        'carryall.services.words.chaterrors.TooMuchError')


def test_the_history_of_a_group_is_sent():
    stage = Stage()
    ann, _, _, _ = _met(stage)
    stage.call(ann, 'groupMessage', u'tea', u'hello')
    rows = stage.call(ann, 'getHistory', u'tea')
    assert [row[1:4] for row in rows] == [[u'ann', u'hello', u'']]


def test_a_search_finds_messages():
    stage = Stage()
    ann, _, _, _ = _met(stage)
    stage.call(ann, 'groupMessage', u'tea', u'Hello')
    stage.call(ann, 'directMessage', u'bob', u'hello too')
    found = [row[0] for row in stage.call(ann, 'search', u'hello')]
    direct = stage.call(ann, 'getDirectHistory', u'bob')
    assert (found, direct[0][2]) == ([u'tea', u'bob'], u'hello too')


class SlowStore(MemoryChatStore):
    """Keeps messages when a test says so."""

    def __init__(self):
        MemoryChatStore.__init__(self)
        self.kept = Future()

    def save_message(self, message, place_key, recipient, late, most=0):
        return self.kept


def test_the_answer_to_a_message_comes_when_it_is_kept():
    store = SlowStore()
    stage = Stage(store=store)
    ann, _, _, _ = _met(stage)
    answer = ann.call_remote('groupMessage', u'tea', u'hello')
    stage.loop.advance()
    before = answer.done()
    store.kept.set_result(None)
    stage.loop.advance()
    assert (before, answer.result()) == (False, None)


def test_the_end_of_the_connection_ends_the_session():
    stage = Stage()
    _, _, broker = stage.enter(u'ann')
    broker.close()
    stage.loop.advance()
    assert stage.scene.space.participant(u'ann').status == OFFLINE


def test_an_account_that_is_barred_loses_its_connection():
    stage = Stage()
    _, _, broker = stage.enter(u'ann')
    participant = stage.scene.space.participant(u'ann')
    participant.is_barred = True
    stage.scene.space.keep_participant(participant)
    stage.loop.advance()
    assert broker.lost


class Mute(WordsClient):
    """Never answers."""

    def remote_receiveDirectMessage(self, sender, text, metadata=None):
        return Future()


def test_a_client_that_answers_nothing_is_closed():
    stage = Stage(limits=Limits(burst=1000, rate=1000.0))
    ann, _, _ = stage.enter(u'ann')
    bob, _, broker = stage.enter(u'bob', Mute())
    for number in range(510):
        stage.call(ann, 'directMessage', u'bob', u'%d' % number)
    assert (broker.lost, bob.broker is broker) == (True, True)


# -- the octets of a client of 0.19 --------------------------------------------------------

def test_a_client_of_2002_speaks_by_octets():
    scene = ChatScene()
    bob, session = scene.enter(u'bob')
    scene.space.join(bob, u'tea')

    class Door(pb.Root):
        """Gives the perspective without a login."""

        def remote_enter(self, mind):
            return ChatRealm(scene.space).avatar(u'ann', None, mind.keep())

    peer = Peer(Door())
    peer.say([b'message', 1, b'root', b'enter', 1, [b'tuple', [b'remote', 7]], [b'dictionary']])
    heard = peer.hear()
    luid = [each for each in heard if each[0] == b'answer'][0][2][1]
    called = [each[3] for each in heard if each[0] == b'message']
    peer.say([b'message', 2, luid, b'joinGroup', 1, [b'tuple', b'tea'], [b'dictionary']])
    peer.say([b'message', 3, luid, b'groupMessage', 1,
              [b'tuple', b'tea', b'waves', [b'dictionary', [b'style', b'emote']]],
              [b'dictionary']])
    answers = [each[1:] for each in peer.hear() if each[0] == b'answer']
    assert called == [b'receiveContactList']
    assert answers == [[2, [b'None']], [3, [b'None']]]
    assert session.take()[-1] == (u'group', u'tea', u'ann', u'waves', {u'style': u'emote'})
