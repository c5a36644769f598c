# Copyright the carryall authors.  See LICENSE.
"""UDP ASSOCIATE (RFC 1928 section 7): source pinning, fragments, rules, names, life."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.codec.cursor import Cursor
from carryall.core.net.protocol import DatagramProtocol
from carryall.core.testing import VirtualLoop
from carryall.core.net.transport import Address
from carryall.protocols.socks.rules import Rules, parse_rules
from carryall.protocols.socks.wire import format_datagram, parse_datagram
from tests.protocols.socks.stage import CLIENT, Stage

HOST = Address('192.0.2.7', 5353)


class Echo(DatagramProtocol):
    """Sends each packet back and notes where it came from."""

    def __init__(self):
        self.heard = []

    def datagram_received(self, data, addr):
        self.heard.append((data, addr))
        self.transport.sendto(data.upper(), addr)


class Wires(object):
    """An association, the client's socket, and an echo at HOST."""

    def __init__(self, asked=b'\5\3\0\1\0\0\0\0\0\0', **given):
        self.stage = Stage(**given)
        self.loop = self.stage.loop
        self.echo = Echo()
        self.loop.open_udp(lambda: self.echo, HOST.host, HOST.port)
        heard = self.stage.say(b'\5\1\0' + asked)
        assert heard[:6] == b'\5\0\5\0\0\1', 'refused: %r' % heard
        assert heard[6:10] == b'\xc6\x33\x64\x01', \
            'the address that the client has reached, and not 0.0.0.0'
        self.relay = Address('198.51.100.1', Cursor(heard, 10).uint16())
        self.heard = []
        self.client = self.socket(CLIENT)

    def socket(self, address):
        wires = self

        class Client(DatagramProtocol):
            def datagram_received(self, data, addr):
                wires.heard.append((data, addr))

        return self.loop.open_udp(Client, address.host, address.port)

    def send(self, packet, socket=None):
        (socket or self.client).sendto(packet, self.relay)
        self.loop.advance()
        assert not self.loop.failures, '%r' % (self.loop.failures,)
        heard, self.heard = self.heard, []
        return heard


def test_there_and_back():
    wires = Wires()
    heard = wires.send(format_datagram(HOST.host, HOST.port, b'ping'))
    assert [(parse_datagram(data), addr) for data, addr in heard] \
        == [((HOST.host, HOST.port, b'PING'), wires.relay)]
    assert wires.send(format_datagram(HOST.host, HOST.port, b'')) != [], \
        'an empty packet is a packet'


def test_a_datagram_may_go_to_a_name():
    wires = Wires()
    for _ in range(2):
        heard = wires.send(format_datagram('host.example', HOST.port, b'ping'))
        assert parse_datagram(heard[0][0]) == (HOST.host, HOST.port, b'PING')
    assert wires.send(format_datagram('none.example', HOST.port, b'ping')) == []


@pytest.mark.parametrize('packet', [b'', b'\0', b'\0\0\1\1\xc0\0\2\7\x14\xe9ping',
                                    b'\0\0\0\1\xc0\0\2', b'\0\0\0\x09abc'])
def test_fragments_and_rubbish_are_dropped(packet):
    wires = Wires()
    assert wires.send(packet) == [] and wires.echo.heard == []
    assert wires.send(format_datagram(HOST.host, HOST.port, b'x')) != [], 'and it goes on'


def test_garbage_datagrams_are_dropped():
    wires = Wires()
    dice = random.Random(7)
    for _ in range(500):
        wires.send(b'\0\0\0' + bytes(
            bytearray(dice.choice((0, 1, 3, 4, 255)) for _ in range(dice.randrange(30)))))


def test_the_source_is_pinned():
    wires = Wires()
    packet = format_datagram(HOST.host, HOST.port, b'ping')
    other_host = wires.socket(Address('198.51.100.66', 40000))
    assert wires.send(packet, other_host) == [] and wires.echo.heard == [], \
        'another host may use it'
    assert wires.send(packet) != []
    other_port = wires.socket(Address(CLIENT.host, 40001))
    assert wires.send(packet, other_port) == [] and len(wires.echo.heard) == 1, \
        'another port may use it'


def test_a_port_that_the_request_names():
    wires = Wires(b'\5\3\0\1\xc6\x33\x64\x09\x9c\x41')
    packet = format_datagram(HOST.host, HOST.port, b'ping')
    assert wires.send(packet) == [], '40001 was named, and this is 40000'
    assert wires.send(packet, wires.socket(Address(CLIENT.host, 40001))) != []


def test_strangers_are_not_heard():
    wires = Wires()
    wires.send(format_datagram(HOST.host, HOST.port, b'ping'))
    outward = wires.echo.heard[0][1]
    stranger = wires.socket(Address('203.0.113.5', 53))
    stranger.sendto(b'unasked', outward)
    wires.loop.advance()
    assert wires.heard == [], 'who was not asked gets through'


def test_rules_for_each_packet():
    wires = Wires(rules=Rules(parse_rules([u'deny to 192.0.2.0/24 port 5353'])))
    assert wires.send(format_datagram(HOST.host, HOST.port, b'ping')) == []
    assert wires.send(format_datagram('host.example', HOST.port, b'ping')) == [] \
        and wires.echo.heard == []


def test_an_association_ends_with_its_connection():
    for end in ('lose', 'feed_eof'):
        wires = Wires()
        wires.send(format_datagram(HOST.host, HOST.port, b'ping'))
        getattr(wires.stage.wire, end)()
        wires.loop.advance()
        assert sorted(wires.loop._datagrams) == sorted([HOST, CLIENT]), \
            'sockets are left: %r' % wires.loop._datagrams
        assert wires.stage.left() == (0, 0)


def test_an_association_lives_as_long_as_its_connection():
    wires = Wires()
    wires.loop.advance(3600.0)
    assert wires.stage.say(b'x' * 100000) == b'' and not wires.stage.wire.closed
    assert wires.send(format_datagram(HOST.host, HOST.port, b'ping')) != []


def test_no_socket_no_association(monkeypatch):
    def refuse(*args, **named):
        raise OSError('no more descriptors')

    monkeypatch.setattr(VirtualLoop, 'open_udp', refuse)
    stage = Stage()
    assert stage.say(b'\5\1\0\5\3\0\1\0\0\0\0\0\0') == b'\5\0\5\1\0\1\0\0\0\0\0\0' \
        and stage.wire.closed


def test_version_4_and_http_have_none():
    assert Stage().say(b'\4\3\0\0\0\0\0\0\0') == b'\0\x5b\0\0\0\0\0\0'
