# Copyright the carryall authors.  See LICENSE.
"""The chat space over a WebSocket."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from carryall.core.database import Error
from carryall.core.future import failed
from carryall.services.words.wordssocket import ChatSocket
from carryall.services.words.chatspace import AWAY, OFFLINE, Limits
from tests.services.words.chatscene import ChatScene


class Line(object):
    """Stands for a WebSocket, and notes what is sent."""

    def __init__(self):
        self.sent = []
        self.closed = None

    def send(self, message):
        self.sent.append(json.loads(message))

    def close(self, code=1000, reason=u''):
        self.closed = code, reason

    def abort(self):
        self.closed = 'aborted'

    def is_closing(self):
        return self.closed is not None


class Wire(object):
    """A socket of one participant."""

    def __init__(self, scene, name=u'ann'):
        self.line = Line()
        self.socket = ChatSocket(scene.space, scene.space.participant(name))
        self.socket.connection_made(self.line)
        self.line.sent[:] = []

    def ask(self, **values):
        """The messages that answer a command."""
        self.socket.message_received(json.dumps(values))
        return self.take()

    def take(self):
        """The messages since the last call."""
        sent, self.line.sent = self.line.sent, []
        return sent


def test_a_group_is_entered_and_shown():
    assert Wire(ChatScene()).ask(do=u'join', group=u'tea', id=1) == [
        {u'is': u'members', u'group': u'tea', u'topic': u'', u'names': [u'ann']},
        {u'is': u'done', u'id': 1}]


def test_a_message_comes_back_with_its_number():
    wire = Wire(ChatScene())
    wire.ask(do=u'join', group=u'tea')
    heard, done = wire.ask(do=u'say', group=u'tea', text=u'hello', style=u'emote', id=2)
    assert [heard[u'message'][key] for key in (u'place', u'sender', u'text', u'style')] == [
        u'tea', u'ann', u'hello', u'emote']
    assert done == {u'is': u'done', u'id': 2}


def test_a_direct_message_reaches_the_other():
    scene = ChatScene()
    wire = Wire(scene)
    other = Wire(scene, u'bob')
    wire.ask(do=u'say', to=u'bob', text=u'psst')
    assert other.take()[0][u'message'][u'text'] == u'psst'


def test_members_hear_of_each_other():
    scene = ChatScene()
    wire = Wire(scene)
    other = Wire(scene, u'bob')
    wire.ask(do=u'join', group=u'tea')
    other.ask(do=u'join', group=u'tea')
    other.ask(do=u'topic', group=u'tea', text=u'green')
    other.ask(do=u'leave', group=u'tea')
    assert [(each[u'is'], each[u'group']) for each in wire.take()] == [
        (u'joined', u'tea'), (u'topic', u'tea'), (u'left', u'tea')]


def test_history_is_shown():
    scene = ChatScene()
    wire = Wire(scene)
    wire.ask(do=u'join', group=u'tea')
    wire.ask(do=u'say', group=u'tea', text=u'hello')
    wire.ask(do=u'say', to=u'bob', text=u'psst')
    groups = wire.ask(do=u'history', group=u'tea')[0][u'messages']
    pair = {u'do': u'history', u'with': u'bob'}
    pairs = wire.ask(**pair)[0][u'messages']
    assert ([each[u'text'] for each in groups], [each[u'text'] for each in pairs]) == (
        [u'hello'], [u'psst'])


def test_contacts_and_absences_are_told():
    scene = ChatScene()
    wire = Wire(scene)
    added = wire.ask(do=u'contact', name=u'bob', add=True)
    other = Wire(scene, u'bob')
    other.ask(do=u'status', away=u'tea')
    told = wire.take()
    other.ask(do=u'status', away=None)
    wire.ask(do=u'contact', name=u'bob', add=False)
    assert (added[0][u'status'], told[-1][u'away']) == (0, u'tea')
    assert scene.space.participant(u'bob').status != AWAY


@pytest.mark.parametrize('values', [
    dict(do=u'fly'), dict(do=7), dict(do=u'join'), dict(do=u'join', group=7),
    dict(do=u'say', group=u'tea', text=u'x'), dict(do=u'leave', group=u'tea'),
    dict(do=u'say', to=u'eve', text=u'x'), dict()])
def test_a_command_that_cannot_be_obeyed_is_refused(values):
    answers = Wire(ChatScene()).ask(id=3, **values)
    assert [(each[u'is'], each[u'id']) for each in answers] == [(u'refused', 3)]


@pytest.mark.parametrize('message', [u'', u'[]', u'7', u'{', u'[' * 5000, b'\x00'])
def test_a_message_that_is_no_object_ends_the_connection(message):
    wire = Wire(ChatScene())
    wire.socket.message_received(message)
    assert wire.line.closed[0] == 1008


def test_a_message_that_cannot_be_kept_is_refused(expect_log):
    expect_log('could not be kept')
    scene = ChatScene()
    wire = Wire(scene)
    wire.ask(do=u'join', group=u'tea')
    scene.store.save_message = lambda *_: failed(Error(u'the disk is full'))
    assert wire.ask(do=u'say', group=u'tea', text=u'x', id=4)[-1][u'is'] == u'refused'


def test_a_session_too_many_is_closed():
    scene = ChatScene(limits=Limits(max_sessions=1))
    Wire(scene)
    assert Wire(scene).line.closed[0] == 1008


def test_the_end_of_the_connection_ends_the_session():
    scene = ChatScene()
    Wire(scene).socket.connection_lost(None)
    assert scene.space.participant(u'ann').status == OFFLINE


def test_a_client_that_does_not_read_is_closed():
    scene = ChatScene(limits=Limits(burst=3000, rate=1000.0))
    wire = Wire(scene)
    ann, _ = scene.enter(u'bob')
    wire.socket.pause_writing()
    for number in range(1002):
        scene.space.direct_message(ann, u'ann', u'%d' % number)
    assert wire.line.closed == 'aborted'


def test_a_client_that_asks_and_reads_nothing_is_bounded_in_octets():
    scene = ChatScene(limits=Limits(burst=3000, rate=1000.0))
    wire = Wire(scene)
    bob, _ = scene.enter(u'bob')
    for _ in range(50):
        scene.space.direct_message(bob, u'ann', u'\u20ac' * 4000)
    wire.take()
    wire.socket.pause_writing()
    for _ in range(10):
        wire.socket.message_received(json.dumps({u'do': u'history', u'with': u'bob'}))
    assert wire.line.closed == 'aborted'


def test_an_account_that_is_barred_loses_its_connection():
    scene = ChatScene()
    wire = Wire(scene)
    ann = scene.space.participant(u'ann')
    ann.is_barred = True
    scene.space.keep_participant(ann)
    assert wire.line.closed == (1008, u'This account is barred.')
