# Copyright the carryall authors.  See LICENSE.
"""The finger server (RFC 1288)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop, play
from carryall.protocols.finger import FingerServer
from tests.protocols.finger.directory import Names, serving


@pytest.mark.parametrize('asked, answer', [
    (b'ann\r\n', b'Ann\r\n'), (b'/W ann\r\n', b'Ann\r\nlong\r\n'), (b'\r\n', b'all\r\n'),
    (b'ann\n', b'Ann\r\n'), (b'none\r\n', b''),
    (b'evil\r\n', b'\\x1b[2J\\x07\\x9bnot\\u202e\tnice\r\nat all\r\n'),
    (b'ann@host\r\n', b'Finger forwarding service denied.\r\n'),
    (b'a b\r\n', b'The query cannot be understood.\r\n'),
    (b'x' * 600 + b'\r\n', b'The query is too long.\r\n'),
    (b'ann\r\nann\r\n', b'Ann\r\n')])
def test_answers_however_the_query_is_cut(asked, answer):
    play(serving, asked, answer)


def test_the_directory_gets_the_address_of_the_client():
    directory = Names()
    wire = FakeTransport().connect(FingerServer(directory))
    wire.feed(b'/W ann\r\n')
    assert directory.asked == [(u'ann', True, '192.0.2.1')] and wire.closed


def test_a_failure_tells_nothing(expect_log):
    expect_log('could not be answered')
    assert play(serving, b'unknown\r\n') == b'The query cannot be answered.\r\n'
    loop = VirtualLoop()
    later = Future()
    directory = Names()
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
        directory = Names()
        directory.answer = lambda *args: later
        wire = FakeTransport(loop).connect(FingerServer(directory, loop))
        wire.feed(b'x\r\n')
        getattr(wire, end)()
        loop.advance(300.0)
        if end == 'feed_eof':
            later.set_result(u'at last')
            loop.advance()
            assert wire.take() == b'at last\r\n' and wire.lost == [None]
        else:
            assert later.cancelled()


def test_a_slow_client_is_disconnected():
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


def test_garbage_gets_an_answer_or_an_end():
    dice = random.Random(1288)
    for _ in range(100):
        loop = VirtualLoop()
        directory = Names()
        directory.answer = lambda user, long, host: user
        wire = FakeTransport(loop).connect(FingerServer(directory))
        wire.feed(bytes(bytearray(dice.randrange(256) for _ in range(dice.randrange(900))))
                  + b'\r\n')
        loop.advance()
        assert wire.closed and not loop.failures


def test_forwarding_asks_the_next_host():
    loop = VirtualLoop()
    asked = []

    def forward(query, host):
        asked.append((query.user, query.hosts, query.verbose, host))
        return b'from \x1b far\n'

    directory = Names()
    directory.forward = forward
    wire = FakeTransport(loop).connect(FingerServer(directory))
    wire.feed(b'/W ann@one@two\r\n')
    loop.advance()
    assert asked == [(b'ann', [b'one'], True, b'two')] and wire.take() == b'from \\x1b far\r\n'
