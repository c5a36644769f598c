# Copyright the carryall authors.  See LICENSE.
"""The participants of the chat space for finger."""
from __future__ import absolute_import, division, print_function

from carryall.services.words.chatspace import AWAY
from carryall.services.words.presencefinger import PresenceDirectory
from tests.services.words.chatscene import ChatScene


def _directory(scene, admits=True):
    return PresenceDirectory(scene.space, scene.loop, lambda host: admits)


def test_a_participant_is_shown_with_its_time_and_status():
    scene = ChatScene()
    scene.loop.wall = lambda: 86400.0 + scene.loop.now
    ann, _ = scene.enter(u'ann')
    scene.loop.advance(3720.0)
    scene.space.change_status(ann, AWAY, u'tea')
    assert _directory(scene).answer(u'ANN', False, '192.0.2.1') == (
        u'Login: ann\nOn since 1970-01-02 00:16 UTC by test, idle 1:02\nStatus: away: tea\n')


def test_a_participant_may_be_offline():
    assert _directory(ChatScene()).answer(u'ann', False, '') == u'Login: ann\nNot online.\n'


def test_unknown_and_barred_names_are_alike():
    scene = ChatScene()
    scene.space.participant(u'bob').is_barred = True
    answers = [_directory(scene).answer(name, False, '') for name in (u'eve', u'bob')]
    assert answers == [u'Login: eve\nUnknown user.\n', u'Login: bob\nUnknown user.\n']


def test_participants_that_are_online_are_listed():
    scene = ChatScene()
    scene.enter(u'ann')
    lines = _directory(scene).answer(u'', False, '').splitlines()
    assert [line.split()[0] for line in lines] == [u'Login', u'ann']


def test_an_empty_space_says_so():
    assert _directory(ChatScene()).answer(u'', False, '') == u'No participant is online.\n'


def test_an_address_may_be_refused():
    assert _directory(ChatScene(), False).answer(u'ann', False, '') == u'Access denied.\n'


def test_one_address_asks_sixty_times_a_minute():
    directory = _directory(ChatScene())
    answers = [directory.answer(u'ann', False, '192.0.2.1') for _ in range(61)]
    assert answers[-2:] == [u'Login: ann\nNot online.\n', u'Too many queries.\n']
