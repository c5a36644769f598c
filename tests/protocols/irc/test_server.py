# Copyright the carryall authors.  See LICENSE.
"""The IRC server: registration, nicks, time, pace, and lines that break the grammar."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import chunkings
from carryall.protocols.irc import Settings
from tests.protocols.irc.scene import Scene


def codes(lines):
    """The numerics and verbs of lines."""
    return [line.split(b' ')[1] for line in lines]


def test_a_client_that_sends_nick_and_user_is_welcome():
    client = Scene().connect()
    assert codes(client.send(b'NICK ann', b'USER a 0 * :Ann'))[:4] == [b'001', b'002', b'003',
                                                                       b'004']


def test_user_may_come_before_nick():
    client = Scene().connect()
    assert codes(client.send(b'USER a 0 * :Ann', b'NICK ann'))[0] == b'001'


def test_the_welcome_has_the_source():
    client = Scene().connect()
    first = client.send(b'NICK ann', b'USER a 0 * :Ann')[0]
    assert first == (b':irc.example 001 ann :Welcome to the Example Network, '
                     b'ann!~a@192.0.2.1')


def test_the_tokens_of_005_are_in_lines_of_thirteen():
    lines = Scene().connect().send(b'NICK ann', b'USER a 0 * :Ann')
    tokens = [line.split(b' :')[0].split(b' ')[3:] for line in lines if b' 005 ' in line]
    assert [len(line) for line in tokens] == [13, 13, 6]


def test_the_message_of_the_day_is_sent():
    lines = Scene(motd=[b'Tea is ready.']).connect().send(b'NICK ann', b'USER a 0 * :Ann')
    assert lines[-2] == b':irc.example 372 ann :- Tea is ready.'


def test_a_server_without_a_message_of_the_day_says_so():
    lines = Scene().connect().send(b'NICK ann', b'USER a 0 * :Ann')
    assert lines[-1] == b':irc.example 422 ann :MOTD File is missing'


@pytest.mark.parametrize('line, answer', [
    (b'JOIN #tea', b':irc.example 451 * :You have not registered'),
    (b'FOO', b':irc.example 451 * :You have not registered'),
    (b'NICK', b':irc.example 431 * :No nickname given'),
    (b'NICK :', b':irc.example 431 * :No nickname given'),
    (b'NICK 1ann', b':irc.example 432 * 1ann :Erroneous nickname'),
    (b'NICK -ann', b':irc.example 432 * -ann :Erroneous nickname'),
    (b'NICK an!n', b':irc.example 432 * an!n :Erroneous nickname'),
    (b'NICK :an n', b':irc.example 432 * an :Erroneous nickname'),
    (b'NICK gr\xc3\xa9', b':irc.example 432 * gr\xc3\xa9 :Erroneous nickname'),
    (b'USER a', b':irc.example 461 * USER :Not enough parameters'),
    (b'PASS', b':irc.example 461 * PASS :Not enough parameters'),
    (b'PING x', b':irc.example PONG irc.example :x')])
def test_a_client_that_has_not_registered_is_refused(line, answer):
    assert Scene().connect().send(line) == [answer]


@pytest.mark.parametrize('nick', [b'a', b'[a]', b'a-1', b'`^{|}\\_', b'x' * 30])
def test_a_nick_has_letters_digits_and_some_signs(nick):
    assert codes(Scene().connect().send(b'USER a 0 * :A', b'NICK ' + nick))[0] == b'001'


def test_a_nick_may_not_be_too_long():
    assert codes(Scene().connect().send(b'NICK ' + b'x' * 31)) == [b'432']


def test_a_nick_that_is_taken_is_refused():
    scene = Scene()
    scene.enter(b'ann')
    assert scene.connect().send(b'NICK ANN') == [
        b':irc.example 433 * ANN :Nickname is already in use']


def test_of_two_that_register_one_nick_the_later_is_refused():
    scene = Scene()
    first = scene.connect()
    second = scene.connect()
    first.send(b'NICK ann')
    second.send(b'NICK ann', b'USER a 0 * :A')
    assert first.send(b'USER a 0 * :A') == [b':irc.example 433 ann ann :Nickname is already in use']


def test_a_user_may_take_another_nick():
    client = Scene().enter(b'ann')
    assert client.send(b'NICK anna') == [b':ann!~ann@192.0.2.1 NICK :anna']


def test_a_user_may_spell_its_nick_in_capitals():
    client = Scene().enter(b'ann')
    assert client.send(b'NICK Ann') == [b':ann!~ann@192.0.2.1 NICK :Ann']


def test_the_same_nick_again_is_no_change():
    assert Scene().enter(b'ann').send(b'NICK ann') == []


def test_members_of_a_channel_hear_of_another_nick_once():
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    for each in (ann, ben):
        each.send(b'JOIN #a,#b')
    ann.take()
    ben.send(b'NICK bob')
    assert ann.take() == [b':ben!~ben@192.0.2.1 NICK :bob']


@pytest.mark.parametrize('line, answer', [
    (b'USER a 0 * :A', b':irc.example 462 ann :You may not reregister'),
    (b'PASS x', b':irc.example 462 ann :You may not reregister'),
    (b'FOO bar', b':irc.example 421 ann FOO :Unknown command'),
    (b'foo', b':irc.example 421 ann FOO :Unknown command'),
    (b'JOIN', b':irc.example 461 ann JOIN :Not enough parameters'),
    (b'PING', b':irc.example 409 ann :No origin specified'),
    (b'PING :a b', b':irc.example PONG irc.example :a b'),
    (b':ben!x@y PING a', b':irc.example PONG irc.example :a'),
    (b'  PING   a', b':irc.example PONG irc.example :a'),
    (b'@a=b PING a', b':irc.example PONG irc.example :a')])
def test_a_registered_client_is_answered(line, answer):
    assert Scene().enter(b'ann').send(line) == [answer]


@pytest.mark.parametrize('line', [b'', b' ', b':', b':x', b'@a', b'PING a\x00', b'PONG x', b'PONG',
                                  b'PING a\rb'])
def test_a_line_that_says_nothing_is_not_answered(line):
    assert Scene().enter(b'ann').send(line) == []


def test_a_line_may_end_with_lf_alone():
    client = Scene().enter(b'ann')
    client.wire.feed(b'PING a\nPING b\n')
    assert client.take() == [b':irc.example PONG irc.example :a',
                             b':irc.example PONG irc.example :b']


def test_a_line_of_512_octets_is_obeyed():
    client = Scene().enter(b'ann')
    assert len(client.send(b'PING ' + b'x' * 505)) == 1


def test_a_longer_line_is_refused():
    client = Scene().enter(b'ann')
    assert client.send(b'PING ' + b'x' * 506, b'PING a') == [
        b':irc.example 417 ann :Input line was too long', b':irc.example PONG irc.example :a']


def test_tags_do_not_count_as_the_line():
    client = Scene().enter(b'ann')
    line = b'@a=' + b'x' * 4092 + b' PING ' + b'x' * 505
    assert codes(client.send(line)) == [b'PONG']


def test_tags_that_are_too_long_are_refused():
    client = Scene().enter(b'ann')
    assert codes(client.send(b'@a=' + b'x' * 4093 + b' PING a')) == [b'417']


def test_a_dialogue_is_the_same_however_it_is_cut():
    data = (b'NICK ann\r\nUSER a 0 * :A\r\nJOIN #tea\r\nPRIVMSG #tea :hi\r\nMODE #tea +b a!*@*\r\n'
            b'WHO #tea\r\nQUIT :bye\r\n')
    answers = set()
    for _, pieces in chunkings(data):
        client = Scene().connect()
        for piece in pieces:
            client.wire.feed(piece)
        answers.add(b'\n'.join(client.take()))
    assert len(answers) == 1


# -- the end -----------------------------------------------------------------------------

def test_quit_is_answered_with_error():
    assert Scene().enter(b'ann').send(b'QUIT :done') == [
        b'ERROR :Closing Link: 192.0.2.1 (Quit: done)']


def test_members_of_a_channel_hear_of_quit():
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    for each in (ann, ben):
        each.send(b'JOIN #tea')
    ann.take()
    ben.send(b'QUIT :done')
    assert ann.take() == [b':ben!~ben@192.0.2.1 QUIT :Quit: done']


def test_a_lost_connection_is_a_quit():
    scene = Scene()
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    for each in (ann, ben):
        each.send(b'JOIN #tea')
    ann.take()
    ben.wire.lose()
    assert ann.take() == [b':ben!~ben@192.0.2.1 QUIT :Connection closed']


def test_the_nick_of_one_that_has_gone_is_free():
    scene = Scene()
    scene.enter(b'ann').send(b'QUIT')
    assert codes(scene.connect().send(b'USER a 0 * :A', b'NICK ann'))[0] == b'001'


def test_a_client_that_does_not_register_is_closed():
    scene = Scene(Settings(register_seconds=30.0))
    client = scene.connect()
    client.send(b'NICK ann')
    scene.loop.advance(31.0)
    assert client.take() == [b'ERROR :Closing Link: 192.0.2.1 (Registration timed out)']


def test_a_silent_client_is_asked():
    scene = Scene(Settings(ping_seconds=120.0))
    client = scene.enter(b'ann')
    scene.loop.advance(121.0)
    assert client.take() == [b'PING :irc.example']


def test_a_client_that_answers_stays():
    scene = Scene(Settings(ping_seconds=120.0, pong_seconds=60.0))
    client = scene.enter(b'ann')
    scene.loop.advance(121.0)
    client.send(b'PONG irc.example')
    scene.loop.advance(70.0)
    assert client.take() == []


def test_a_client_that_does_not_answer_is_closed():
    scene = Scene(Settings(ping_seconds=120.0, pong_seconds=60.0))
    client = scene.enter(b'ann')
    scene.loop.advance(121.0)
    client.take()
    scene.loop.advance(61.0)
    assert client.take() == [b'ERROR :Closing Link: 192.0.2.1 (Ping timeout: 60 seconds)']


def test_a_stop_says_so():
    client = Scene().enter(b'ann')
    client.server.drain()
    assert client.take() == [b'ERROR :Closing Link: 192.0.2.1 (Server is shutting down)']


def test_a_client_that_may_not_connect_is_told():
    assert Scene(admits=lambda host: host != '192.0.2.1').connect().take() == [
        b'ERROR :Closing Link: 192.0.2.1 (You are not allowed to connect)']


# -- pace --------------------------------------------------------------------------------

def test_a_client_that_floods_is_slowed_down():
    scene = Scene(Settings(burst=5, rate=1.0))
    client = scene.connect()
    client.wire.feed(b'PING a\r\n' * 20)
    first = len(client.take())
    scene.loop.advance(3.0)
    assert (first, len(client.take())) == (6, 3)


def test_a_client_that_was_slowed_down_loses_no_command():
    scene = Scene(Settings(burst=5, rate=10.0))
    client = scene.connect()
    client.wire.feed(b''.join(b'PING %d\r\n' % number for number in range(20)))
    scene.loop.advance(5.0)
    answers = client.take()
    assert answers == [b':irc.example PONG irc.example :%d' % number for number in range(20)]


def test_a_client_that_floods_beyond_its_backlog_is_closed():
    scene = Scene(Settings(burst=5, rate=1.0, max_backlog=100))
    client = scene.enter(b'ann')
    client.wire.feed(b'PING a\r\n' * 50)
    assert client.take()[-1] == b'ERROR :Closing Link: 192.0.2.1 (Excess Flood)'


def test_commands_that_come_later_count_as_backlog_too():
    scene = Scene(Settings(burst=5, rate=1.0, max_backlog=100))
    client = scene.enter(b'ann')
    for _ in range(20):
        client.wire.feed(b'PING a\r\n')
        scene.loop.advance()
    assert client.take()[-1] == b'ERROR :Closing Link: 192.0.2.1 (Excess Flood)'


def test_a_client_that_floods_and_goes_is_gone():
    scene = Scene(Settings(burst=5, rate=0.1))
    client = scene.enter(b'ann')
    client.wire.feed(b'PING a\r\n' * 50)
    client.wire.feed_eof()
    scene.loop.advance()
    assert scene.network.user_of(b'ann') is None


def test_a_client_that_does_not_read_is_closed():
    scene = Scene(Settings(burst=1000, max_unread=2000))
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    for each in (ann, ben):
        each.send(b'JOIN #tea')
    ben.take()
    ben.server.pause_writing()
    for _ in range(20):
        ann.send(b'PRIVMSG #tea :' + b'x' * 300)
    assert ben.wire.is_closing()
