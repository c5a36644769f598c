# Copyright the carryall authors.  See LICENSE.
"""Echo (RFC 862): server and client, TCP and UDP."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.net.deadlines import sweeper_of
from carryall.core.errors import ConnectionLost, RemoteProtocolError, TimedOut
from carryall.core.testing import (FakeDatagramTransport, FakeTransport, VirtualLoop, chunkings,
                                   lockstep, play, pump)
from carryall.core.net.transport import HIGH_WATER, Address
from carryall.protocols.simple import echo
from carryall.protocols.simple.guarded import SourceGuard
from carryall.protocols.simple.settings import Settings

OCTETS = bytes(bytearray(random.Random(7).randrange(256) for _ in range(3000)))


@pytest.mark.parametrize('data', [b'x', b'hello\r\nworld', b'\0\xff\r\n', OCTETS],
                         ids=['one', 'lines', 'binary', 'garbage'])
def test_data_comes_back_at_every_chunking(data):
    assert play(lambda loop: echo.Echo(None, loop), data, data) == data, 'not the same'


def test_half_close_everything_goes_back_first():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(echo.Echo(None, loop))
    wire.clog()
    wire.feed(b'to the end')
    wire.feed_eof()
    loop.advance()
    assert wire.lost == [], 'closed before the peer had everything'
    wire.unclog()
    loop.advance()
    assert wire.take() == b'to the end' and wire.closed and not wire.aborted \
        and wire.lost == [None], 'the end was lost'


def test_reading_pauses_while_the_peer_does_not_take():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(echo.Echo(None, loop))
    wire.clog()
    block = b'x' * 4096
    for _ in range(64 * 1024 * 1024 // 4096):
        if not wire.reading:
            break
        wire.feed(block)
    assert not wire.reading, 'it still reads after 64 MiB'
    assert wire.get_write_buffer_size() <= HIGH_WATER + len(block), 'memory grows with the peer'
    kept = wire.get_write_buffer_size()
    wire.feed(b'later')
    wire.unclog()
    loop.advance()
    assert wire.reading, 'it never reads again'
    assert wire.take() == b'x' * kept + b'later', 'something was lost'


def test_an_idle_peer_is_closed_and_a_talking_one_is_not():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(echo.Echo(None, loop, Settings(idle_seconds=30.0)))
    for _ in range(10):
        loop.advance(25.0)
        wire.feed(b'.')
    assert not wire.closed, 'it talked'
    loop.advance(32.0)
    assert wire.closed, 'it was idle'


def test_a_peer_that_never_reads_is_cut():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(echo.Echo(None, loop, Settings(idle_seconds=30.0)))
    wire.clog()
    wire.feed(b'x' * 100000)
    loop.advance(32.0)
    assert wire.aborted, 'a peer that does not read holds its memory for ever'


def test_a_peer_that_reads_slowly_is_not():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(echo.Echo(None, loop, Settings(idle_seconds=30.0)))
    wire.clog()
    wire.feed(b'x' * 100000)
    for _ in range(8):
        loop.advance(25.0)
        wire.drain(90000)
        wire.feed(b'x' * 90000)
    assert not wire.closed, 'it read'


def test_a_reset_leaves_nothing_behind():
    loop = VirtualLoop()
    sweeper = sweeper_of(loop)
    wire = FakeTransport(loop).connect(echo.Echo(None, loop))
    wire.feed(b'x')
    wire.lose()
    loop.advance(5.0)
    assert len(sweeper) == 0 and not loop.failures, 'something is left'


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
def test_client_against_server(talk):
    heard = []

    class Talking(echo.EchoClient):
        def connection_made(self, transport):
            echo.EchoClient.connection_made(self, transport)
            for said in (b'first', b'', b'second\0', OCTETS[:400]):
                self.echo(said).then(heard.append)

    client = Talking()
    talk(client, echo.Echo())
    assert heard == [b'first', b'', b'second\0', OCTETS[:400]], 'heard %r' % (heard,)


@pytest.mark.parametrize('pieces', [pieces for _, pieces in chunkings(b'abcabX')])
def test_the_client_notices_a_wrong_echo(pieces):
    loop = VirtualLoop()
    client = echo.EchoClient()
    wire = FakeTransport(loop).connect(client)
    right = client.echo(b'abc')
    wrong = client.echo(b'abc')
    for piece in pieces:
        wire.feed(piece)
    loop.advance()
    assert right.result() == b'abc', 'the first was right'
    assert isinstance(wrong.exception(), RemoteProtocolError) and wire.aborted, 'the second was not'


def test_the_client_does_not_store_unasked_data():
    loop = VirtualLoop()
    client = echo.EchoClient()
    wire = FakeTransport(loop).connect(client)
    wire.feed(b'x' * 100000)
    assert wire.aborted, 'it keeps what a stranger sends'


def test_the_client_tells_of_the_end():
    loop = VirtualLoop()
    client = echo.EchoClient()
    wire = FakeTransport(loop).connect(client)
    future = client.echo(b'abc')
    wire.feed_eof()
    loop.advance()
    assert isinstance(future.exception(), ConnectionLost), 'it waits for ever'
    assert isinstance(client.echo(b'more').exception(), ConnectionLost), 'it is too late'


@pytest.mark.parametrize('data', [b'', b'x', OCTETS])
def test_udp_the_packet_goes_back(data):
    loop = VirtualLoop()
    server = FakeDatagramTransport(loop).connect(echo.EchoDatagrams(SourceGuard(loop)))
    server.feed(data, Address('192.0.2.9', 5000))
    assert server.sent == [(data, Address('192.0.2.9', 5000))], 'sent %r' % (server.sent,)


def test_udp_client_against_server():
    loop = VirtualLoop()
    server = loop.open_udp(lambda: echo.EchoDatagrams(SourceGuard(loop)), '127.0.0.1', 7007)
    assert loop.run_until(echo.fetch_udp(loop, 'localhost', 7007, b'hello')) == b'hello', 'no echo'
    server.close()
    silent = echo.fetch_udp(loop, 'localhost', 7007, b'hello')
    with pytest.raises(TimedOut):
        loop.run_until(silent)
