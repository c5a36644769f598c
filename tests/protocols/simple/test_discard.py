# Copyright the carryall authors.  See LICENSE.
"""Discard (RFC 863): server and client, TCP and UDP."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.core.testing import FakeDatagramTransport, FakeTransport, VirtualLoop, lockstep, play
from carryall.core.net.transport import Address
from carryall.protocols.simple import discard
from carryall.protocols.simple.settings import Settings


def test_nothing_is_ever_answered():
    play(lambda loop: discard.Discard(None, loop), b'\0garbage\xff\r\n' * 50, b'', eof=True)


def test_octets_are_counted():
    loop = VirtualLoop()
    server = discard.Discard(None, loop)
    wire = FakeTransport(loop).connect(server)
    for size in (1, 10, 100000):
        wire.feed(b'x' * size)
    assert server.octets == 100011, 'counted %d' % server.octets
    wire.feed_eof()
    loop.advance()
    assert wire.lost == [None], 'the end of what comes is the end'


def test_an_idle_peer_is_closed_and_a_sending_one_is_not():
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(discard.Discard(None, loop, Settings(idle_seconds=30.0)))
    for _ in range(10):
        loop.advance(25.0)
        wire.feed(b'.')
    assert not wire.closed, 'it sent something'
    loop.advance(32.0)
    assert wire.closed, 'it was idle'


def test_udp_packets_are_counted_and_not_answered():
    server = discard.DiscardDatagrams()
    wire = FakeDatagramTransport().connect(server)
    for data in (b'', b'x', b'y' * 500):
        wire.feed(data, Address('192.0.2.9', 5000))
    assert (server.packets, server.octets, wire.sent) == (3, 501, []), 'counted %d' % server.octets


def test_client_against_server():
    sent = []

    class Sending(discard.DiscardClient):
        def connection_made(self, transport):
            discard.DiscardClient.connection_made(self, transport)
            self.send(b'abc').then(sent.append)
            self.send(b'defg').then(sent.append)
            transport.close()

    client = Sending()
    server = discard.Discard()
    lockstep(client, server)
    assert sent == [3, 4] and server.octets == 7, 'sent %r, counted %d' % (sent, server.octets)
    assert client.over.done(), 'it is over'


def test_the_client_waits_for_a_slow_server():
    loop = VirtualLoop()
    client = discard.DiscardClient()
    wire = FakeTransport(loop).connect(client)
    wire.clog()
    first = client.send(b'x' * 100000)
    assert not first.done(), 'more than the buffer holds'
    wire.unclog()
    assert first.result() == 100000, 'room again'
    wire.clog()
    second = client.send(b'x' * 100000)
    wire.lose()
    loop.advance()
    assert isinstance(second.exception(), ConnectionLost), 'it waits for ever'
    assert isinstance(client.send(b'x').exception(), ConnectionLost), 'it is too late'
