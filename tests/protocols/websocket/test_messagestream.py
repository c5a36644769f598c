# Copyright the carryall authors.  See LICENSE.
"""A stream over a WebSocket: the laws of a transport, files, pace, and TLS within it."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError, Unsupported
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, NullTLS, StrictProtocol, VirtualLoop, chunkings
from carryall.core.tls import TLSContext
from carryall.core.net.transport import here, peer
from carryall.protocols.websocket.session import WebSocket
from carryall.protocols.websocket.messagestream import MESSAGE_BYTES, Stream
from carryall.protocols.websocket.wire import Receiver
from carryall.protocols.websocket.settings import Settings
from tests.protocols.websocket.websocket_kit import (BINARY, CONTINUATION, PING, PONG, TEXT,
                                                     closing, masked, take_events)


class Echo(StrictProtocol):
    def received(self, data):
        self.transport.write(data)


class Kept(Protocol):
    """Keeps what it was lost with."""

    lost_with = None

    def connection_lost(self, exc):
        self.lost_with = exc


class Scene(object):
    """A server's stream whose client is the test."""

    def __init__(self, protocol=None, tls=None, **options):
        self.loop = VirtualLoop(tls=tls)
        self.protocol = protocol if protocol is not None else Echo()
        self.stream = Stream(self.loop, self.protocol)
        self.wire = FakeTransport(self.loop).connect(WebSocket(self.stream, self.loop, **options))

    def say(self, *frames):
        self.wire.feed(b''.join(frames))
        self.loop.advance()
        return self.hear()

    def hear(self):
        """(the stream's octets, other events) since the last time."""
        self.loop.advance()
        assert not self.loop.failures, self.loop.failures
        receiver = Receiver(False)
        events = []
        receiver.receive_data(self.wire.take())
        take_events(receiver, events)
        octets = b''.join(event[2] for event in events if event[:2] == ('message', BINARY))
        return octets, [event for event in events if event[:2] != ('message', BINARY)]


def test_messages_become_a_stream_of_octets():
    scene = Scene()
    assert (scene.say(masked(BINARY, b'a'), masked(BINARY, b'b', False), masked(PING),
                      masked(CONTINUATION, b'c')) == (b'abc', [(PONG, b'')]))
    assert scene.say(masked(BINARY)) == (b'', []), 'nothing is nothing (L2)'
    assert peer(scene.stream) == peer(scene.wire), 'L12'
    assert here(scene.stream) == here(scene.wire), 'L12'


def test_at_every_cut():
    data = (masked(BINARY, b'one') + masked(BINARY, b'two' * 60, False) + masked(CONTINUATION, b'!')
            + closing(1000))
    for name, pieces in chunkings(data):
        scene = Scene()
        for piece in pieces:
            scene.wire.feed(piece)
            scene.loop.advance()
        octets, rest = scene.hear()
        assert octets == b'one' + b'two' * 60 + b'!', name
        assert rest == [('close', 1000, u'')], name
        assert scene.protocol.calls[-2:] == ['eof_received', 'connection_lost'], name
        assert scene.protocol.lost_with is None, name


def test_a_text_is_refused():
    scene = Scene()
    assert scene.say(masked(TEXT, b'x')) == (b'', [('close', 1003, u'')])
    scene.wire.feed_eof()
    scene.loop.advance()
    assert isinstance(scene.protocol.lost_with, ConnectionLost)


def test_large_writes_go_in_messages():
    scene = Scene()
    scene.stream.write(b'x' * (2 * MESSAGE_BYTES + 1))
    receiver = Receiver(False, Settings(frame_bytes=MESSAGE_BYTES))
    events = []
    receiver.receive_data(scene.wire.take())
    take_events(receiver, events)
    assert [len(event[2]) for event in events] == [MESSAGE_BYTES, MESSAGE_BYTES, 1]
    with pytest.raises(TypeError):
        scene.stream.write(u'x')
    scene.stream.write(b'')
    assert scene.hear() == (b'', [])


def test_closing_sends_waiting_data_first():
    scene = Scene()
    scene.stream.write(b'last')
    scene.stream.close()
    scene.stream.write(b'dropped')
    assert scene.hear() == (b'last', [('close', 1000, u'')]), 'L8, L9'
    assert scene.stream.is_closing(), 'L8, L9'
    assert not scene.stream.is_reading(), 'L8, L9'
    scene.say(masked(BINARY, b'late'), closing(1000))
    assert scene.protocol.calls == ['connection_made', 'connection_lost']
    assert scene.protocol.lost_with is None
    scene.stream.close()
    scene.stream.abort()
    scene = Scene()
    scene.stream.abort()
    scene.loop.advance()
    assert scene.wire.aborted
    assert scene.protocol.lost_with is None


@pytest.mark.parametrize('where',
                         ['connection_made', 'data_received', 'eof_received', 'pause_writing',
                          'resume_writing'])
def test_a_protocol_that_fails_ends_it_with_1011(where, expect_log):
    """RFC 6455 section 7.4.1; and the protocol hears what it was that ended it."""
    error = ValueError('of mine')

    def failing(*_):
        raise error

    expect_log('the application failed')
    protocol = Kept()
    setattr(protocol, where, failing)
    scene = Scene(protocol)
    scene.wire.feed(masked(BINARY, b'x'))
    if not scene.wire.ended:
        scene.stream.set_write_buffer_limits(100, 10)
        scene.wire.clog()
        scene.stream.write(b'x' * 200)
        scene.wire.unclog()
    if where == 'eof_received':
        scene.wire.feed(closing(1000))
    scene.loop.advance()
    assert scene.hear()[1] == [('close', 1011, u'')]
    scene.wire.feed_eof()
    scene.loop.advance(10.0)
    assert isinstance(protocol.lost_with, ConnectionLost)
    assert protocol.lost_with.cause is error
    assert not scene.loop.failures


def test_the_code_of_a_failure_is_no_end_of_the_stream():
    """A stream that ends where the peer failed must not be taken for whole."""
    scene = Scene()
    assert scene.say(masked(BINARY, b'x'), closing(1011))[1] == [('close', 1011, u'')]
    assert scene.protocol.calls == ['connection_made', 'data_received', 'connection_lost']
    assert isinstance(scene.protocol.lost_with, ConnectionLost)


def test_no_half_close():
    scene = Scene()
    assert not scene.stream.can_write_eof()
    with pytest.raises(Unsupported):
        scene.stream.write_eof()
    scene.protocol.keep_open = True
    assert scene.say(closing(1000))[1] == [('close', 1000, u'')], 'a CLOSE ends both directions'
    assert scene.wire.closed, 'a CLOSE ends both directions'


def test_a_slow_peer_pauses_the_writer():
    scene = Scene()
    scene.stream.set_write_buffer_limits(1000, 100)
    scene.wire.clog()
    scene.stream.write(b'x' * 2000)
    assert scene.protocol.paused, 'L11'
    assert scene.stream.get_write_buffer_size() >= 2000, 'L11'
    scene.wire.unclog()
    assert not scene.protocol.paused
    assert scene.hear()[0] == b'x' * 2000
    scene.stream.pause_reading()
    assert scene.say(masked(BINARY, b'a')) == (b'', []), 'L10'
    assert not scene.stream.is_reading(), 'L10'
    scene.stream.resume_reading()
    assert scene.hear() == (b'a', [])
    assert scene.stream.is_reading()


def test_a_file_is_sent_in_messages():
    data = bytes(bytearray(range(256))) * 2000
    scene = Scene()
    scene.wire.clog()
    future = scene.stream.write_file(io.BytesIO(data), 256, 400000)
    scene.stream.write(b'behind')
    again = scene.stream.write_file(io.BytesIO(b'0123'), 1, 2)
    assert scene.stream.write_file(io.BytesIO(b''), 0, 0).done()
    assert not again.done()
    scene.stream.close()
    scene.stream.write(b'dropped')
    assert scene.stream.get_write_buffer_size() >= 400000, 'all of it waits'
    scene.wire.unclog()
    octets, rest = scene.hear()
    assert octets == data[256:400256] + b'behind' + b'12', 'in order, and then the end'
    assert rest == [('close', 1000, u'')], 'in order, and then the end'
    assert future.result() == 400000
    assert again.result() == 2
    assert isinstance(scene.stream.write_file(io.BytesIO(b'x'), 0, 1).exception(), ConnectionLost)


def test_a_long_file_lets_others_have_their_turn():
    scene = Scene()
    future = scene.stream.write_file(io.BytesIO(b'x' * (3 << 20)), 0, 3 << 20)
    assert not future.done(), 'not all at once'
    assert len(scene.hear()[0]) == 3 << 20
    assert future.done()


def test_files_that_end_early(expect_log):
    expect_log('before its count')
    scene = Scene()
    future = scene.stream.write_file(io.BytesIO(b'abc'), 0, 10)
    scene.loop.advance()
    assert isinstance(future.exception(), LocalProtocolError)
    assert scene.hear() == (b'abc', [('close', 1011, u'')]), 'the peer cannot take it for the whole'
    assert scene.wire.ended
    scene = Scene()
    scene.wire.clog()
    waiting = [scene.stream.write_file(io.BytesIO(b'x' * 200000), 0, 200000) for _ in range(2)]
    scene.wire.lose()
    scene.loop.advance()
    assert all(isinstance(one.exception(), ConnectionLost) for one in waiting)


def test_tls_within_it():
    """STARTTLS of a protocol that runs over a WebSocket."""
    class Upgrading(Protocol):
        def data_received(self, data):
            self.transport.write(b'go' if data == b'start' else data.upper())
            if data == b'start':
                scene.loop.start_tls(self.transport, TLSContext(), True)

    scene = Scene(Upgrading(), NullTLS())
    assert scene.say(masked(BINARY, b'start')) == (b'go', [])
    assert scene.protocol.transport is not scene.stream
    assert scene.stream.get_protocol() is not scene.protocol
    assert scene.say(masked(BINARY, b'sealed')) == (b'SEALED', [])
