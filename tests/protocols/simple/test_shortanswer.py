# Copyright the carryall authors.  See LICENSE.
"""One short answer over TCP: server and client."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop, lockstep, play, pump
from carryall.core.net.collector import Collector
from carryall.protocols.simple.shortanswer import ShortAnswer


def answering(loop):
    return ShortAnswer(lambda: b'the answer\r\n', loop)


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
def test_a_client_is_disconnected_after_the_answer(trickle):
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
    assert wire.take() == b'the answer\r\n' and wire.closed and not wire.eof_written, \
        'a plain close'


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
def test_client_against_server(talk):
    loop = VirtualLoop()
    client = Collector()
    _, far = talk(client, answering(loop), loop)
    assert client.answer.result() == b'the answer\r\n' and far.lost == [None], 'no answer'
