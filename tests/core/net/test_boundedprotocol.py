# Copyright the carryall authors.  See LICENSE.
"""The time limit that small servers share."""
from __future__ import absolute_import, division, print_function

from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.core.net.deadlines import sweeper_of
from carryall.core.testing import FakeTransport, VirtualLoop


def connected(seconds=60.0):
    loop = VirtualLoop()
    protocol = BoundedProtocol(loop, seconds)
    return loop, sweeper_of(loop), protocol, FakeTransport(loop).connect(protocol)


def test_the_connection_ends_after_its_time_and_not_before():
    loop, sweeper, _, wire = connected()
    loop.advance(58.0)
    assert not wire.closed, 'closed too early'
    loop.advance(4.0)
    assert wire.closed and not wire.aborted and wire.lost == [None], 'it was not closed'
    assert len(sweeper) == 0, 'the sweeper still watches it'


def test_progress_gives_the_full_time_again():
    loop, _, protocol, wire = connected()
    for _ in range(5):
        loop.advance(50.0)
        protocol.progress()
    assert not wire.closed, 'closed in spite of progress'
    loop.advance(62.0)
    assert wire.closed, 'it was not closed'


def test_a_peer_that_does_not_read_is_aborted():
    loop, _, protocol, wire = connected()
    wire.clog()
    protocol.transport.write(b'unread')
    loop.advance(62.0)
    assert wire.aborted and wire.lost == [None], 'a close would wait for the peer for ever'


def test_a_close_that_the_peer_does_not_let_finish_is_aborted():
    loop, sweeper, protocol, wire = connected()
    wire.clog()
    protocol.transport.write(b'unread')
    protocol.transport.close()
    loop.advance(62.0)
    assert wire.aborted and wire.lost == [None], 'the close hangs'
    assert len(sweeper) == 0, 'the sweeper still watches it'


def test_without_a_clock_there_is_no_limit():
    loop = VirtualLoop()
    protocol = BoundedProtocol()
    wire = FakeTransport(loop).connect(protocol)
    protocol.progress()
    loop.advance(100000.0)
    assert not wire.closed and protocol.deadline is None, 'a limit without a clock?'
    wire.lose()
    loop.advance()
    assert len(wire.lost) == 1 and not loop.failures, 'it did not end well'
