# Copyright the carryall authors.  See LICENSE.
"""Finger (RFC 1288): queries, answers that cannot hurt a terminal, server and client."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.net.deadlines import Sweeper
from carryall.core.errors import ConnectionLost, Refused, RemoteProtocolError
from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, lockstep, play, pump
from carryall.protocols import finger
from carryall.protocols.finger import FingerClient, FingerServer, Query, clean, format_query, parse_query


class Directory(object):
    def __init__(self):
        self.asked = []

    def answer(self, user, long, host):
        self.asked.append((user, long, host))
        return {u'ann': u'Ann\nlong' if long else u'Ann', u'': u'all', u'none': None, u'evil': u'\x1b[2J\x07\x9bnot\u202e\tnice\r\nat all'}[user]


def serving(loop):
    return FingerServer(Directory(), None, Sweeper(loop))


@pytest.mark.parametrize('line, user, hosts, long', [
    (b'', b'', [], False), (b'/W', b'', [], True), (b'ann', b'ann', [], False), (b'/W ann', b'ann', [], True), (b'/w  ann ', b'ann', [], True),
    (b'ann@host', b'ann', [b'host'], False), (b'@host', b'', [b'host'], False), (b'/W ann@one@two', b'ann', [b'one', b'two'], True),
    (b'/Wann', b'/Wann', [], False)])
def test_queries(line, user, hosts, long):
    query = parse_query(line)
    assert (query.user, query.hosts, query.verbose) == (user, hosts, long)
    again = parse_query(format_query(query)[:-2])
    assert (again.user, again.hosts, again.verbose) == (user, hosts, long)


@pytest.mark.parametrize('line', [b'two words', b'/W a b', b'ann@', b'a@@b', b'a@1@2@3@4@5', b'a\0b', b'a\x1bb', b'ann\x7f'])
def test_what_is_no_query(line):
    assert parse_query(line) is None


@pytest.mark.parametrize('asked, answer', [
    (b'ann\r\n', b'Ann\r\n'), (b'/W ann\r\n', b'Ann\r\nlong\r\n'), (b'\r\n', b'all\r\n'), (b'ann\n', b'Ann\r\n'), (b'none\r\n', b''),
    (b'evil\r\n', b'\\x1b[2J\\x07\\x9bnot\\u202e\tnice\r\nat all\r\n'), (b'ann@host\r\n', b'Finger forwarding service denied.\r\n'),
    (b'a b\r\n', b'The query cannot be understood.\r\n'), (b'x' * 600 + b'\r\n', b'The query is too long.\r\n'),
    (b'ann\r\nann\r\n', b'Ann\r\n')])
def test_answers_however_the_query_is_cut(asked, answer):
    play(serving, asked, answer)


def test_the_directory_is_told_who_asks():
    directory = Directory()
    wire = FakeTransport().connect(FingerServer(directory))
    wire.feed(b'/W ann\r\n')
    assert directory.asked == [(u'ann', True, '192.0.2.1')] and wire.closed


def test_a_failure_tells_nothing(expect_log):
    expect_log('could not be answered')
    assert play(serving, b'unknown\r\n') == b'The query cannot be answered.\r\n'
    loop = VirtualLoop()
    later = Future()
    directory = Directory()
    directory.answer = lambda *args: later
    wire = FakeTransport(loop).connect(FingerServer(directory))
    wire.feed(b'x\r\n')
    wire.feed_eof()
    later.set_exception(ValueError('a secret'))
    loop.advance()
    assert wire.take() == b'The query cannot be answered.\r\n'


def test_the_asker_may_shut_down_and_wait_or_leave():
    for end in ('feed_eof', 'lose'):
        loop = VirtualLoop()
        later = Future()
        directory = Directory()
        directory.answer = lambda *args: later
        wire = FakeTransport(loop).connect(FingerServer(directory, None, Sweeper(loop)))
        wire.feed(b'x\r\n')
        getattr(wire, end)()
        loop.advance(300.0)
        if end == 'feed_eof':
            later.set_result(u'at last')
            loop.advance()
            assert wire.take() == b'at last\r\n' and wire.lost == [None]
        else:
            assert later.cancelled()


def test_deadlines():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(serving(loop))
    for _ in range(33):
        wire.feed(b'x')
        loop.advance(1.0)
    assert wire.closed
    wire = FakeTransport(loop).connect(serving(loop))
    wire.clog()
    wire.feed(b'ann\r\n')
    loop.advance(40.0)
    assert wire.aborted, 'who does not read the answer holds it for ever'


@pytest.mark.parametrize('asked', [b'', b'an', b'ann'])
def test_an_end_before_the_query(asked):
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(serving(loop))
    wire.feed(asked)
    wire.feed_eof()
    loop.advance()
    assert wire.take() == b'' and wire.lost == [None]


def test_garbage():
    dice = random.Random(1288)
    for _ in range(100):
        loop = VirtualLoop()
        directory = Directory()
        directory.answer = lambda user, long, host: user
        wire = FakeTransport(loop).connect(FingerServer(directory))
        wire.feed(bytes(bytearray(dice.randrange(256) for _ in range(dice.randrange(900)))) + b'\r\n')
        loop.advance()
        assert wire.closed and not loop.failures


def test_forwarding():
    loop = VirtualLoop()
    asked = []

    def forward(query, host):
        asked.append((query.user, query.hosts, query.verbose, host))
        return b'from \x1b far\n'

    wire = FakeTransport(loop).connect(FingerServer(Directory(), forward))
    wire.feed(b'/W ann@one@two\r\n')
    loop.advance()
    assert asked == [(b'ann', [b'one'], True, b'two')] and wire.take() == b'from \\x1b far\r\n'


# -- client ------------------------------------------------------------------

@pytest.mark.parametrize('talk', [pump, lockstep])
def test_client_against_server(talk):
    loop = VirtualLoop()
    client = FingerClient(Query(b'ann', (), True))
    talk(client, serving(loop), loop)
    assert client.answer.result() == b'Ann\nlong\n'


def test_what_the_client_takes():
    for _, pieces in chunkings(b'a\r\nb\n\xff\r\n'):
        client = FingerClient(Query(b'x'))
        wire = FakeTransport().connect(client)
        assert wire.take() == b'x\r\n'
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        assert client.answer.result() == b'a\nb\n\xff\n'
    client = FingerClient(Query(b'x'))
    wire = FakeTransport().connect(client)
    wire.feed(b'x' * (finger.MAX_ANSWER + 1))
    assert isinstance(client.answer.exception(), RemoteProtocolError) and wire.aborted
    client = FingerClient(Query(b'x'))
    wire = FakeTransport().connect(client)
    wire.lose()
    wire.loop.advance()
    assert isinstance(client.answer.exception(), ConnectionLost)


def test_fetch():
    loop = VirtualLoop()
    loop.listen_tcp(lambda: serving(loop), '192.0.2.5', 79)
    assert loop.run_until(finger.fetch(loop, Query(b'ann'), '192.0.2.5')) == b'Ann\n'
    with pytest.raises(Refused):
        loop.run_until(finger.fetch(loop, Query(b'ann'), '192.0.2.6'))


@pytest.mark.parametrize('text, shown', [
    (u'plain\n\ttext\xe9\n', u'plain\n\ttext\xe9\n'), (u'a\x00b\x7fc\x9b', u'a\\x00b\\x7fc\\x9b'), (u'a\rb\r\nc', u'a\nb\nc'),
    (u'\u202egnp.exe', u'\\u202egnp.exe')])
def test_clean(text, shown):
    assert clean(text) == shown
