# Copyright the carryall authors.  See LICENSE.
"""One short answer over TCP: server and client."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.deadlines import Sweeper
from carryall.core.errors import ConnectionLost, Refused, RemoteProtocolError, TimedOut
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, lockstep, play, pump
from carryall.protocols.simple.shortanswer import ShortAnswer, ShortAnswerClient, ask_tcp


def answering(loop):
    return ShortAnswer(lambda: b'the answer\r\n', Sweeper(loop))


def test_garbage_changes_nothing():
    play(answering, b'\0what?\r\n' * 20, b'the answer\r\n', eof=True, seconds=1.0)


def test_our_end_comes_with_the_answer_and_the_rest_with_the_client():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(answering(loop))
    assert wire.take() == b'the answer\r\n' and wire.eof_written, 'no answer'
    assert not wire.closed, 'a reset could overtake the answer'
    wire.feed_eof()
    loop.advance()
    assert wire.lost == [None], 'it is over'


@pytest.mark.parametrize('trickle', [0, 1])
def test_nobody_stays_after_the_answer(trickle):
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(answering(loop))
    for _ in range(12):
        wire.feed(b'x' * trickle)
        loop.advance(1.0)
    assert wire.lost == [None], 'octets earn no time'


def test_a_client_that_does_not_read_is_cut():
    loop = VirtualLoop()
    wire = FakeTransport(loop)
    wire.clog()
    wire.connect(answering(loop))
    loop.advance(12.0)
    assert wire.aborted, 'it holds the connection'


def test_without_half_close_the_answer_still_goes_out():
    class NoHalfClose(FakeTransport):
        def can_write_eof(self):
            return False

    loop = VirtualLoop()
    wire = NoHalfClose(loop).connect(answering(loop))
    assert wire.take() == b'the answer\r\n' and wire.closed and not wire.eof_written, 'a plain close'


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
def test_client_against_server(talk):
    loop = VirtualLoop()
    client = ShortAnswerClient()
    _, far = talk(client, answering(loop), loop)
    assert client.answer.result() == b'the answer\r\n' and far.lost == [None], 'no answer'


@pytest.mark.parametrize('pieces', [pieces for _, pieces in chunkings(b'12345678')])
def test_the_client_bounds_the_answer(pieces):
    for maximum, fits in ((8, True), (7, False)):
        client = ShortAnswerClient(maximum)
        wire = FakeTransport().connect(client)
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        wire.loop.advance()
        if fits:
            assert client.answer.result() == b'12345678', 'it fits'
        else:
            assert isinstance(client.answer.exception(), RemoteProtocolError) and wire.aborted, 'it does not fit'


def test_an_end_without_a_word_is_no_answer():
    client = ShortAnswerClient()
    wire = FakeTransport().connect(client)
    wire.feed_eof()
    wire.loop.advance()
    assert isinstance(client.answer.exception(), ConnectionLost), 'an empty answer?'


def test_a_reset_is_no_end():
    client = ShortAnswerClient()
    wire = FakeTransport().connect(client)
    wire.feed(b'half an ans')
    wire.lose()
    wire.loop.advance()
    assert isinstance(client.answer.exception(), ConnectionLost), 'half an answer?'


def test_nobody_is_there():
    loop = VirtualLoop()
    with pytest.raises(Refused):
        loop.run_until(ask_tcp(loop, '127.0.0.1', 1313))


def test_a_server_that_says_nothing():
    loop = VirtualLoop()
    loop.listen_tcp(Protocol, '127.0.0.1', 1313)
    with pytest.raises(TimedOut):
        loop.run_until(ask_tcp(loop, '127.0.0.1', 1313, seconds=5.0))
    loop.advance()
    assert not loop._wires, 'the connection is left open'
    loop.close()
