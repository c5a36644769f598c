# Copyright the carryall authors.  See LICENSE.
"""Bots in the chat space: those that come with it, and those of a program."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.services.words import chatbots
from carryall.services.words.chatbots import Bot, BotHouse
from carryall.services.words.chaterrors import NotAllowedError
from tests.services.words.chatscene import ChatScene


class Parrot(Bot):
    def heard(self, message):
        self.answer(message, u'you said: ' + message.text)


class Faulty(Bot):
    """Fails at each message."""

    def heard(self, message):
        raise ValueError('broken')


class Yard(ChatScene):
    """A chat space with bots; ann is online."""

    def __init__(self, *wanted):
        ChatScene.__init__(self)
        self.house = BotHouse(self.space, self.loop, wanted)
        self.house.start()
        self.ann, self.session = self.enter(u'ann')

    def tell(self, name, text):
        """The texts that a bot answers to a direct message."""
        self.session.take()
        self.space.direct_message(self.ann, name, text, None, self.session)
        self.loop.advance()
        return [each[3] for each in self.session.take() if each[0] == u'direct']


def test_an_echo_answers():
    assert Yard((u'parrot', u'echo')).tell(u'parrot', u'hello') == [u'hello']


def test_a_bot_of_a_program_is_five_lines():
    yard = Yard((u'parrot', u'tests.services.words.test_chatbots:Parrot'))
    assert yard.tell(u'parrot', u'hello') == [u'you said: hello']


def test_a_bot_enters_a_group_when_it_is_told():
    yard = Yard((u'parrot', u'echo'))
    yard.tell(u'parrot', u'join tea')
    yard.space.join(yard.ann, u'tea')
    yard.session.take()
    yard.space.group_message(yard.ann, u'tea', u'hello', None, yard.session)
    yard.loop.advance()
    assert yard.session.take() == [(u'group', u'tea', u'parrot', u'hello', {})]


def test_bots_do_not_answer_bots():
    yard = Yard((u'one', u'echo'), (u'two', u'echo'))
    for name in (u'one', u'two'):
        yard.tell(name, u'join tea')
    yard.space.join(yard.ann, u'tea')
    yard.space.group_message(yard.ann, u'tea', u'hello')
    yard.loop.advance()
    yard.loop.advance()
    assert len([each for each in yard.session.take() if each[0] == u'group']) == 3


def test_a_bot_that_fails_three_times_is_stopped(expect_log):
    expect_log('the bot faulty failed')
    yard = Yard((u'faulty', u'tests.services.words.test_chatbots:Faulty'), (u'parrot', u'echo'))
    for _ in range(4):
        yard.tell(u'faulty', u'x')
    states = dict(yard.house.names())
    assert u'stopped: it failed 3 times' in states[u'faulty']
    assert yard.tell(u'parrot', u'x') == [u'x']


def test_a_bot_that_was_stopped_may_be_started():
    yard = Yard((u'parrot', u'echo'))
    yard.house.set_running(u'parrot', False)
    silent = yard.tell(u'parrot', u'x')
    yard.house.set_running(u'parrot', True)
    yard.loop.advance()
    assert (silent, yard.tell(u'parrot', u'y')) == ([], [u'y'])


def test_an_unknown_bot_cannot_be_started():
    with pytest.raises(NotAllowedError):
        Yard().house.set_running(u'parrot', True)


@pytest.mark.parametrize('kind', [u'nothing', u'no_such_module:X', u'sys:path', u'sys:_getframe',
                                  u'carryall.services.words.chatbots:NotThere'])
def test_a_class_that_is_no_bot_is_told(kind, expect_log):
    expect_log('does not start')
    yard = Yard((u'x', kind))
    assert u'running' not in yard.house.names()[0][1]


def test_no_bot_takes_the_name_of_a_person(expect_log):
    expect_log('does not start')
    scene = ChatScene()
    scene.space.participant(u'ann').verifier = u'$x$'
    house = BotHouse(scene.space, scene.loop, [(u'ann', u'echo')])
    house.start()
    assert house.names() == []


def test_the_module_of_a_bot_is_loaded_again(tmpdir, monkeypatch):
    monkeypatch.setattr(sys, 'path', [str(tmpdir)] + sys.path)
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    text = ('from carryall.services.words.chatbots import Bot\n'
            'class Talker(Bot):\n'
            '    def heard(self, message):\n'
            '        return self.answer(message, u%r)\n')
    path = tmpdir.join('talker_module.py')
    path.write(text % 'one')
    yard = Yard((u'talker', u'talker_module:Talker'))
    before = yard.tell(u'talker', u'x')
    path.write(text % 'twenty-two')
    path.setmtime(path.mtime() + 10)        # compiled files go by seconds
    yard.house.reload()
    yard.loop.advance()
    assert (before, yard.tell(u'talker', u'x')) == ([u'one'], [u'twenty-two'])


def test_dice_are_rolled():
    yard = Yard((u'dice', u'dice'))
    answer, = yard.tell(u'dice', u'roll 3d1')
    assert answer == u'ann rolled 1 + 1 + 1: 3'


@pytest.mark.parametrize('text', [u'roll 0d6', u'roll 21d6', u'roll 1d1001', u'roll x', u'hello'])
def test_other_dice_are_not_rolled(text):
    assert Yard((u'dice', u'dice')).tell(u'dice', text) == []


def test_a_reminder_comes_in_time():
    yard = Yard((u'reminder', u'reminder'))
    first = yard.tell(u'reminder', u'remind 10m tea')
    yard.loop.advance(599.0)
    early = yard.session.take()
    yard.loop.advance(2.0)
    late = [each[3] for each in yard.session.take()]
    assert (first, early, late) == ([u'I will remind you, ann.'], [], [u'ann: tea'])


def test_a_reminder_that_is_too_far_away_is_refused():
    assert Yard((u'reminder', u'reminder')).tell(u'reminder', u'remind 9d x') == [
        u'I cannot remind you then.']


def test_the_log_has_the_messages(caplog):
    caplog.set_level('INFO')
    Yard((u'clerk', u'log')).tell(u'clerk', u'hello')
    assert any('<ann> hello' in record.getMessage() for record in caplog.records)


def test_botbot_obeys_administrators_alone():
    assert Yard((u'botbot', u'botbot')).tell(u'botbot', u'list') == [
        u'Only administrators make bots.']


@pytest.mark.parametrize('text, answer', [
    (u'tlist', u'botbot, dice, echo, log, reminder'), (u'list', u'botbot: botbot, running'),
    (u'new parrot echo', u'parrot is there.'), (u'new botbot echo', u'There is such a bot'),
    (u'hello', u'I know: tlist')])
def test_botbot_makes_bots(text, answer):
    yard = Yard((u'botbot', u'botbot'))
    yard.ann.is_admin = True
    assert yard.tell(u'botbot', text)[0].startswith(answer)


def test_botbot_makes_all_bots_again():
    yard = Yard((u'botbot', u'botbot'))
    yard.ann.is_admin = True
    yard.tell(u'botbot', u'rebuild')
    assert yard.tell(u'botbot', u'list') == [u'botbot: botbot, running']


def test_the_types_are_known():
    assert sorted(chatbots.KINDS) == [u'botbot', u'dice', u'echo', u'log', u'reminder']
