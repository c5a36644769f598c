# Copyright the carryall authors.  See LICENSE.
"""The relay of datagrams."""
from __future__ import absolute_import, division, print_function

from carryall.core.net.protocol import DatagramProtocol
from carryall.core.testing import VirtualLoop
from carryall.core.net.transport import Address
from carryall.core.net.ip import local_for
from carryall.protocols.portforward import DatagramForwarder

TARGET = Address('192.0.2.7', 53)
FRONT = Address('192.0.2.1', 5353)


class Shout(DatagramProtocol):
    def __init__(self):
        self.sources = []

    def datagram_received(self, data, addr):
        self.sources.append(addr)
        self.transport.sendto(data.upper(), addr)


class Client(DatagramProtocol):
    def __init__(self):
        self.heard = []

    def datagram_received(self, data, addr):
        self.heard.append((data, addr))


def stage(**given):
    loop = VirtualLoop()
    server = Shout()
    loop.open_udp(lambda: server, TARGET.host, TARGET.port)
    forwarder = DatagramForwarder(loop, TARGET, **given)
    front = loop.open_udp(lambda: forwarder, FRONT.host, FRONT.port)
    return loop, server, forwarder, front


def client(loop, host='198.51.100.1', port=40000):
    made = Client()
    loop.open_udp(lambda: made, host, port)
    loop.advance()
    return made


def test_each_client_gets_its_own_answers():
    loop, server, _, front = stage()
    clients = [client(loop, port=40000 + number) for number in range(5)]
    for number, one in enumerate(clients):
        for _ in range(2):
            one.transport.sendto(b'from %d' % number, FRONT)
    loop.advance()
    assert [one.heard for one in clients] == [[(b'FROM %d' % number, FRONT)] * 2
                                              for number in range(5)]
    assert len(set(server.sources)) == 5, 'they share a socket'
    front.close()
    loop.advance()
    assert len(loop._datagrams) == 6 and not loop.failures, 'sockets towards the target are left'


def test_a_client_that_is_silent_loses_its_socket():
    loop, server, _, _ = stage(idle_seconds=10.0)
    one = client(loop)
    one.transport.sendto(b'x', FRONT)
    loop.advance()
    assert len(loop._datagrams) == 4
    loop.advance(16.0)
    assert len(loop._datagrams) == 3
    one.transport.sendto(b'y', FRONT)
    loop.advance()
    assert [data for data, _ in one.heard] == [b'X', b'Y']


def test_too_many_clients_push_out_the_oldest():
    loop, _, forwarder, _ = stage(max_clients=2)
    clients = [client(loop, port=40000 + number) for number in range(3)]
    for one in clients:
        one.transport.sendto(b'x', FRONT)
        loop.advance()
    assert [addr.port for addr in forwarder._paths] == [40001, 40002]


def test_a_forbidden_client_is_ignored():
    loop, server, _, _ = stage(permits=lambda host: host != '198.51.100.1')
    client(loop).transport.sendto(b'x', FRONT)
    other = client(loop, '198.51.100.2')
    other.transport.sendto(b'y', FRONT)
    loop.advance()
    assert len(server.sources) == 1 and other.heard == [(b'Y', FRONT)]


def test_no_socket_no_packet(monkeypatch):
    loop, server, _, _ = stage()
    one = client(loop)

    def refuse(*args, **named):
        raise OSError('no more descriptors')

    monkeypatch.setattr(loop, 'open_udp', refuse)
    one.transport.sendto(b'x', FRONT)
    loop.advance()
    assert not server.sources and not loop.failures


def test_while_the_target_is_not_known():
    loop, server, forwarder, _ = stage()
    forwarder.target = None
    client(loop).transport.sendto(b'x', FRONT)
    loop.advance()
    assert not server.sources and not loop.failures


def test_the_local_address_follows_the_target():
    assert [local_for(host) for host in ('127.0.0.1', '::1', '192.0.2.1', '2001:db8::1')] == [
        '127.0.0.1', '::1', '0.0.0.0', '::']
