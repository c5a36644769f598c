# Copyright the carryall authors.  See LICENSE.
"""Clients whose answer ends with the connection."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, Refused, RemoteProtocolError, TimedOut
from carryall.core.net.collector import Collector, collect
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings


@pytest.mark.parametrize('pieces', [pieces for _, pieces in chunkings(b'12345678')])
def test_the_client_bounds_the_answer(pieces):
    for maximum, fits in ((8, True), (7, False)):
        client = Collector(b'', maximum)
        wire = FakeTransport().connect(client)
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        wire.loop.advance()
        if fits:
            assert client.answer.result() == b'12345678', 'it fits'
        else:
            assert isinstance(client.answer.exception(), RemoteProtocolError) and wire.aborted, \
                'it does not fit'


def test_an_end_without_a_word_is_no_answer():
    client = Collector()
    wire = FakeTransport().connect(client)
    wire.feed_eof()
    wire.loop.advance()
    assert isinstance(client.answer.exception(), ConnectionLost), 'an empty answer?'


def test_a_reset_is_no_end():
    client = Collector()
    wire = FakeTransport().connect(client)
    wire.feed(b'half an ans')
    wire.lose()
    wire.loop.advance()
    assert isinstance(client.answer.exception(), ConnectionLost), 'half an answer?'


def test_a_refused_connection_is_an_error():
    loop = VirtualLoop()
    with pytest.raises(Refused):
        loop.run_until(collect(loop, '127.0.0.1', 1313))


def test_a_server_that_says_nothing():
    loop = VirtualLoop()
    loop.listen_tcp(Protocol, '127.0.0.1', 1313)
    with pytest.raises(TimedOut):
        loop.run_until(collect(loop, '127.0.0.1', 1313, timeout=5.0))
    loop.advance()
    assert not loop._wires, 'the connection is left open'
    loop.close()


def test_the_opening_is_sent_first():
    wire = FakeTransport().connect(Collector(b'ann\r\n'))
    assert wire.take() == b'ann\r\n'


def test_an_empty_answer_is_accepted_if_it_may_be_empty():
    client = Collector(b'x', may_be_empty=True)
    wire = FakeTransport().connect(client)
    wire.feed_eof()
    assert client.answer.result() == b''


def test_cancelling_the_answer_ends_the_connection():
    client = Collector()
    wire = FakeTransport().connect(client)
    client.answer.cancel()
    assert wire.aborted
