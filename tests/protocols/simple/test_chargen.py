# Copyright the carryall authors.  See LICENSE.
"""Chargen (RFC 864): server and client, TCP and UDP."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.net.deadlines import sweeper_of
from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.testing import FakeDatagramTransport, FakeTransport, VirtualLoop, chunkings
from carryall.core.net.transport import Address
from carryall.protocols.simple import chargen
from carryall.protocols.simple.guarded import SourceGuard
from carryall.protocols.simple.settings import Settings

SOMEBODY = Address('192.0.2.9', 5000)


def started(**options):
    loop = VirtualLoop()
    sweeper = sweeper_of(loop)
    wire = FakeTransport(loop)
    wire.clog()
    wire.connect(chargen.Chargen(None, loop, Settings(**options)))
    return loop, sweeper, wire


def test_lines_are_those_of_the_rfc():
    first = b'''"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefgh'''
    assert chargen.line(0) == b' !' + first[:70] + b'\r\n', 'line 0 is %r' % chargen.line(0)
    assert chargen.line(1) == b'!' + first[:71] + b'\r\n', 'line 1 is %r' % chargen.line(1)
    assert chargen.line(94)[:3] == b'~ !', 'after the last character comes the first'
    assert chargen.line(95) == chargen.line(0), '95 lines are a cycle'
    assert len(chargen.CYCLE) == 95 * 74, 'the cycle has %d octets' % len(chargen.CYCLE)


def test_a_reader_gets_the_cycle_without_a_seam():
    loop, _, wire = started()
    got = b''
    for size in [1, 73, 5000, 50000] * 6:
        wire.drain(size)
        loop.advance()
        got += wire.take()
    assert got == (chargen.CYCLE * 60)[:len(got)] and len(got) > 250000, 'got %d octets' % len(got)


def test_a_peer_that_does_not_read_stops_the_production():
    loop, _, wire = started()
    loop.advance(30.0)
    waiting = wire.get_write_buffer_size()
    assert 0 < waiting < 200000, '%d octets wait' % waiting
    loop.advance(20.0)
    assert wire.get_write_buffer_size() == waiting, 'it still produces'


def test_a_pause_between_two_blocks_counts():
    loop, _, wire = started()
    wire.drain(None)
    wire.protocol.pause_writing()       # as a throttle does, which pauses outside of write()
    wire.take()
    loop.advance(5.0)
    assert wire.take() == b'' and wire.get_write_buffer_size() == 0, \
        'it produced in spite of the pause'


def test_a_peer_that_never_reads_is_cut_and_a_slow_one_is_not():
    loop, sweeper, wire = started(stall_seconds=60.0, longest_seconds=100000.0)
    for _ in range(8):
        loop.advance(50.0)
        wire.drain(120000)
        loop.advance()
    assert not wire.closed, 'it read'
    loop.advance(62.0)
    assert wire.aborted and len(sweeper) == 0, 'it did not read'


def test_a_reader_is_disconnected_at_the_deadline():
    loop, sweeper, wire = started(stall_seconds=60.0, longest_seconds=600.0)
    for _ in range(700):
        loop.advance(1.0)
        wire.drain(100000)
        wire.take()
    assert wire.aborted and len(sweeper) == 0, 'the longest connection is over'


def test_a_fast_reader_does_not_hold_up_the_loop():
    loop = VirtualLoop()
    wire = FakeTransport(loop)
    wire.connect(chargen.Chargen(None, loop))  # takes all that is written: it must come back to us
    assert len(wire.take()) < 100000, 'one block in one turn'
    wire.lose()
    loop.advance()
    assert not loop.failures, 'something escaped'


def test_input_and_end_of_the_client_are_ignored():
    loop, _, wire = started()
    wire.feed(b'anything\xff' * 100)
    wire.feed_eof()
    loop.advance()
    assert not wire.closed, 'it may still want to read'
    wire.lose()
    loop.advance(1000.0)
    assert wire.lost and not loop.failures, 'a timer is left'


def test_udp_0_to_512_octets_of_the_lines():
    loop = VirtualLoop()
    guard = SourceGuard(loop, rate=1e6, burst=1e6, total=1e6)
    wire = FakeDatagramTransport(loop).connect(chargen.ChargenDatagrams(guard, random.Random(1)))
    for _ in range(5000):
        wire.feed(b'whatever', SOMEBODY)
    sizes = [len(data) for data, _ in wire.sent]
    assert len(sizes) == 5000 and min(sizes) == 0 and max(sizes) == 512, \
        'from %d to %d' % (min(sizes), max(sizes))
    assert all(data in chargen.CYCLE * 2 for data, _ in wire.sent), 'something else than the lines'


def served(loop):
    return loop.listen_tcp(lambda: chargen.Chargen(None, loop), '127.0.0.1', 1919)


@pytest.mark.parametrize('count', [1, 95, 1000])
def test_client_against_server(count):
    loop = VirtualLoop()
    served(loop)
    lines = loop.run_until(chargen.fetch(loop, '127.0.0.1', 1919, count))
    assert [line + b'\r\n' for line in lines] == [chargen.line(number)
                                                  for number in range(count)], 'not the lines'
    loop.close()


def test_udp_client_against_server():
    loop = VirtualLoop()
    loop.open_udp(lambda: chargen.ChargenDatagrams(SourceGuard(loop), random.Random(1)),
                  '127.0.0.1', 1919)
    assert loop.run_until(chargen.fetch_udp(loop, '127.0.0.1', 1919)) in chargen.CYCLE * 2, \
        'not the lines'


@pytest.mark.parametrize('pieces', [pieces for _, pieces in chunkings(chargen.line(0) + b'x' * 74)])
def test_the_client_notices_what_is_not_chargen(pieces):
    client = chargen.ChargenClient(3)
    wire = FakeTransport().connect(client)
    for piece in pieces:
        wire.feed(piece)
    assert isinstance(client.lines.exception(), RemoteProtocolError) and wire.aborted, 'it took it'


def test_the_client_tells_of_the_end():
    client = chargen.ChargenClient(3)
    wire = FakeTransport().connect(client)
    wire.feed(chargen.line(0))
    wire.feed_eof()
    wire.loop.advance()
    assert isinstance(client.lines.exception(), ConnectionLost), 'it waits for ever'
