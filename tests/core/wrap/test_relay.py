# Copyright the carryall authors.  See LICENSE.
"""Handing a connection from one protocol to another."""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.relay import Handover, Outer, innermost
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, StrictProtocol, VirtualLoop, chunkings
from carryall.core.net.transport import Address, peer


class Opening(Handover):
    """Hands over after a full stop."""

    said = b''
    lost = None

    def __init__(self, clock, inner):
        Handover.__init__(self, clock)
        self._to = inner

    def opening_received(self, data):
        self.said += data
        first, stop, rest = self.said.partition(b'.')
        if stop:
            self.hand_over(self._to, rest)

    def opening_lost(self, exc):
        self.lost = [exc]


def test_nothing_is_lost_however_it_is_cut():
    for name, pieces in chunkings(b'hello.and the rest of it'):
        loop = VirtualLoop()
        inner = StrictProtocol()
        wire = FakeTransport(loop).connect(Opening(loop, inner))
        for piece in pieces:
            wire.feed(piece)
        wire.feed_eof()
        loop.advance()
        assert inner.data == b'and the rest of it' and inner.state == 'lost', \
            '%s: got %r' % (name, inner.data)
        assert not loop.failures, '%r' % (loop.failures,)


class Pausing(StrictProtocol):
    def made(self):
        self.transport.pause_reading()


def test_an_inner_protocol_that_has_paused_gets_nothing_until_it_reads():
    loop = VirtualLoop()
    inner = Pausing()
    wire = FakeTransport(loop).connect(Opening(loop, inner))
    wire.feed(b'.early')
    wire.feed(b' late')
    wire.feed_eof()
    loop.advance(5.0)
    assert inner.calls == ['connection_made'], 'called while it had paused: %r' % inner.calls
    inner.transport.resume_reading()
    assert inner.data == b'', 'inside of resume_reading (L3)'
    loop.advance()
    assert inner.data == b'early late' and inner.state == 'lost', \
        'got %r, %s' % (inner.data, inner.state)


class PausingLater(StrictProtocol):
    def received(self, data):
        self.transport.pause_reading()


def test_an_inner_protocol_that_pauses_in_the_middle():
    loop = VirtualLoop()
    inner = PausingLater()
    wire = FakeTransport(loop).connect(Opening(loop, inner))
    wire.feed(b'.one')
    loop.advance()
    wire.feed(b'two')
    loop.advance()
    assert inner.data == b'one', 'it does not read'
    inner.transport.resume_reading()
    loop.advance()
    assert inner.data == b'onetwo', 'got %r' % inner.data


def test_callbacks_go_to_the_protocol_that_has_the_connection():
    loop = VirtualLoop()
    inner = StrictProtocol()
    wire = FakeTransport(loop).connect(Opening(loop, inner))
    wire.feed(b'.')
    wire.clog()
    inner.transport.write(b'x' * 100000)
    assert inner.paused, 'not told to pause'
    wire.unclog()
    assert not inner.paused, 'not told to go on'
    wire.lose()
    loop.advance()
    assert inner.state == 'lost' and inner.lost_with is not None, 'not told of the end'


def test_an_end_before_the_hand_over():
    loop = VirtualLoop()
    opening = Opening(loop, StrictProtocol())
    wire = FakeTransport(loop).connect(opening)
    wire.feed(b'never')
    wire.clog()
    opening.transport.write(b'x' * 100000)
    wire.unclog()
    wire.feed_eof()
    loop.advance()
    assert opening.lost == [None] and wire.closed, 'it stays'


def test_the_outer_transport_is_as_the_real_one():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(Protocol())
    outer = Outer(Outer(wire))
    assert innermost(outer) is wire and innermost(wire) is wire
    outer.write(b'abc')
    assert wire.take() == b'abc' and outer.can_write_eof() and outer.is_reading() \
        and not outer.is_closing()
    outer.set_write_buffer_limits(10)
    assert outer.get_write_buffer_size() == 0 and peer(outer) == Address('192.0.2.1', 40000)
    outer.pause_reading()
    assert not wire.reading
    outer.resume_reading()
    assert wire.reading and str(outer) == str(wire)
    outer.write_eof()
    assert wire.eof_written
    outer.close()
    assert wire.closed
