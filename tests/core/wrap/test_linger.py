# Copyright the carryall authors.  See LICENSE.
"""Leaving politely, on a transport in memory."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost
from carryall.core.wrap.linger import LINGER_SECONDS, UNSENT_SECONDS, leave
from carryall.core.wrap.policies import Trace
from carryall.core.testing import FakeTransport, StrictProtocol, VirtualLoop


def left(wrap=lambda factory: factory):
    loop = VirtualLoop()
    made = []

    def factory():
        made.append(StrictProtocol())
        return made[-1]

    wire = FakeTransport(loop).connect(wrap(factory)())
    made[0].transport.write(b'go away')
    leave(made[0].transport, loop)
    return loop, wire, made[0]


def test_the_peer_ends():
    loop, wire, protocol = left()
    assert wire.take() == b'go away' and wire.eof_written and not wire.closed
    wire.feed(b'more')
    wire.feed(b'and more')
    loop.advance(LINGER_SECONDS - 0.1)
    assert protocol.calls == ['connection_made'] and not wire.closed, 'nothing is heard'
    wire.feed_eof()
    loop.advance()
    assert wire.closed and not wire.aborted
    assert protocol.calls == ['connection_made', 'connection_lost'] and protocol.lost_with is None
    assert not loop._timers


def test_the_peer_sends_for_ever():
    loop, wire, protocol = left()
    for _ in range(10):
        wire.feed(b'more')
        loop.advance(LINGER_SECONDS / 9)
    assert wire.closed and protocol.calls == ['connection_made', 'connection_lost']


def test_a_peer_that_takes_nothing_is_reset_in_the_end():
    loop = VirtualLoop()
    protocol = StrictProtocol()
    wire = FakeTransport(loop).connect(protocol)
    wire.clog()
    protocol.transport.write(b'go away')
    leave(protocol.transport, loop)
    loop.advance(LINGER_SECONDS + UNSENT_SECONDS - 1.0)
    waits = not wire.aborted
    loop.advance(2.0)
    assert (waits, wire.aborted, 'connection_lost' in protocol.calls) == (True, True, True)


def test_the_peer_resets():
    loop, wire, protocol = left()
    wire.lose()
    loop.advance()
    assert isinstance(protocol.lost_with, ConnectionLost) and not loop._timers


def test_nothing_more_is_said():
    loop, wire, protocol = left()
    wire.take()
    protocol.transport.write(b'and another thing')
    assert wire.take() == b''


def test_lingering_resumes_paused_reading():
    loop = VirtualLoop()
    protocol = StrictProtocol()
    wire = FakeTransport(loop).connect(protocol)
    wire.pause_reading()
    wire.feed(b'unread')
    leave(protocol.transport, loop)
    loop.advance()
    assert wire.is_reading() and 'data_received' not in protocol.calls
    wire.feed_eof()
    loop.advance()
    assert wire.closed


@pytest.mark.parametrize('end', ['close', 'abort'])
def test_after_the_end(end):
    loop = VirtualLoop()
    protocol = StrictProtocol()
    wire = FakeTransport(loop).connect(protocol)
    getattr(wire, end)()
    leave(protocol.transport, loop)
    loop.advance()
    assert protocol.calls == ['connection_made', 'connection_lost'] and not wire.eof_written


def test_a_transport_without_half_close_is_closed():
    loop = VirtualLoop()
    protocol = StrictProtocol()
    wire = FakeTransport(loop)
    wire.can_write_eof = lambda: False
    wire.connect(protocol)
    leave(protocol.transport, loop)
    loop.advance()
    assert wire.closed and protocol.calls[-1] == 'connection_lost'


def test_a_policy_in_between_is_told_of_the_end():
    lines = []
    loop, wire, protocol = left(Trace(lines.append).wrap)
    wire.feed(b'more')
    wire.feed_eof()
    loop.advance()
    assert protocol.calls == ['connection_made', 'connection_lost']
    assert lines[1:] == [u'1 > go away', u'1 = closed']


def test_dropped_data_keeps_to_its_share_of_a_turn():
    """Law L21: many that are refused and send on take no time from others."""
    loop, wire, _ = left()
    wire.feed(b'more')
    assert not wire.reading
    loop.advance()
    assert wire.reading
