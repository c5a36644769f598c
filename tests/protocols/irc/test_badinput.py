# Copyright the carryall authors.  See LICENSE.
"""Hostile and broken clients: bounded memory, the numeric of the specification, no other is held
up."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.irc import Settings
from tests.protocols.irc.scene import Scene


def words(lines):
    return [line.split(b' ')[1] for line in lines]


@pytest.mark.parametrize('size, refused', [(4094, False), (4095, True), (8192, True)])
def test_tags_are_bounded(size, refused):
    client = Scene().enter(b'ann', b'message-tags')
    line = b'@' + b'x' * size + b' PING x'
    assert (words(client.send(line)) == [b'417']) is refused


@pytest.mark.parametrize('line', [
    b'\xff' * 400, b'PRIVMSG \xff\xfe :x', b'JOIN #\xe9', b'MODE #x ' + b'+' * 400, b':' * 400,
    b'@ PING', b'@a=;b= ', b'PRIVMSG', b'NICK \x01', b'USER', b'CAP', b'WHO %%%%%',
    b'CHATHISTORY', b'METADATA', b'BATCH +', b'KLINE', b'AUTHENTICATE', b'REDACT #x'])
def test_a_broken_line_keeps_the_connection(line):
    client = Scene().enter(b'ann')
    client.send(line)
    assert client.send(b'PING here')[-1] == b':irc.example PONG irc.example :here'


def test_joins_beyond_the_bound_are_refused():
    client = Scene(Settings(burst=100000, max_channels=50)).enter(b'ann')
    for number in range(0, 10000, 40):
        client.send(b'JOIN ' + b','.join(b'#%d' % each for each in range(number, number + 40)))
    assert len(client.server.user.channels) == 50


def test_a_nick_is_taken_in_every_state():
    scene = Scene()
    first = scene.connect()
    second = scene.connect()
    first.send(b'NICK ann')
    second.send(b'NICK ann')
    first.send(b'USER a 0 * :A')
    lines = second.send(b'USER b 0 * :B')
    third = scene.enter(b'ben')
    assert (words(lines), words(third.send(b'NICK Ann'))) == ([b'433'], [b'433'])


def test_a_flood_of_ctcp_is_slowed_down():
    scene = Scene(Settings(burst=10, rate=1.0))
    ann = scene.enter(b'ann')
    ben = scene.enter(b'ben')
    scene.loop.advance(60.0)
    ann.take()
    ben.wire.feed(b'PRIVMSG ann :\x01VERSION\x01\r\n' * 100)
    assert len(ann.take()) <= 12


def test_a_flood_without_end_is_ended():
    scene = Scene(Settings(burst=10, rate=1.0, max_backlog=2048))
    ben = scene.enter(b'ben')
    for _ in range(100):
        ben.wire.feed(b'PRIVMSG ann :' + b'x' * 400 + b'\r\n')
        scene.loop.advance()
    assert ben.wire.is_closing()


def test_a_client_that_never_answers_is_ended():
    scene = Scene(Settings(burst=1000, ping_seconds=10.0, pong_seconds=5.0))
    scene.enter(b'ann')
    scene.loop.advance(20.0)
    assert scene.network.users == {}


def test_a_slow_reader_holds_up_no_other():
    scene = Scene(Settings(burst=100000, max_unread=5000))
    ann = scene.enter(b'ann')
    slow = scene.enter(b'slow')
    others = [scene.enter(b'o%d' % number) for number in range(100)]
    for each in [ann, slow] + others:
        each.send(b'JOIN #tea')
    for each in others:
        each.take()
    slow.wire.clog()
    slow.server.pause_writing()
    for number in range(20):
        ann.send(b'PRIVMSG #tea :' + b'x' * 400)
    heard = set(len([line for line in each.take() if b' PRIVMSG ' in line]) for each in others)
    assert (heard, slow.wire.is_closing()) == (set([20]), True)


def test_many_entries_of_a_list_are_bounded():
    client = Scene(Settings(burst=100000)).enter(b'ann')
    client.send(b'JOIN #tea')
    lines = client.send(*[b'MODE #tea +b n%d' % number for number in range(101)])
    assert words(lines[-1:]) == [b'478']
