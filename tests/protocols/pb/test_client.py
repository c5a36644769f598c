# Copyright the carryall authors.  See LICENSE.
"""Connecting: over TCP, TLS, Unix sockets; a coroutine of the language; a server that is none."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, Refused
from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop, lockstep, pump
from carryall.protocols import pb
from carryall.protocols.http import Site
from carryall.protocols.websocket import Stream, WebSocketServer
from tests.protocols.pb.stage import Pair


class Root(pb.Root):
    def remote_echo(self, value):
        return value


def test_over_a_unix_socket():
    loop = VirtualLoop()
    loop.listen_unix(lambda: pb.Broker(loop, Root()), '/run/pb')
    got = []
    pb.connect_unix(loop, '/run/pb').then(
        lambda broker: broker.remote().call_remote('echo', 5)).then(got.append)
    loop.advance()
    assert got == [5], 'the same'


def test_a_refused_connection_is_an_error():
    loop = VirtualLoop()
    future = pb.connect(loop, '127.0.0.1', 1)
    loop.advance()
    assert isinstance(future.exception(), Refused), 'told'


def test_a_server_of_something_else():
    class Web(Protocol):
        def connection_made(self, transport):
            transport.write(b'HTTP/1.1 400 Bad Request\r\n\r\n')
            transport.close()

    loop = VirtualLoop()
    listener = loop.listen_tcp(Web, '127.0.0.1', 0)
    future = pb.connect(loop, '127.0.0.1', listener.address.port)
    loop.advance()
    assert isinstance(future.exception(), ConnectionLost), 'told'


@pytest.mark.parametrize('talk', [pump, lockstep], ids=['pump', 'lockstep'])
def test_client_against_server(talk):
    loop = VirtualLoop()
    got = []

    class Talking(pb.Broker):
        def connection_made(self, transport):
            pb.Broker.connection_made(self, transport)
            self.ready.then(lambda broker: [broker.remote().call_remote('echo', value).then(
                got.append) for value in (1, u'x' * 300, [b''])])

    talk(Talking(loop, client=True), pb.Broker(loop, Root()), loop)
    assert got == [1, u'x' * 300, [b'']], 'got %r' % (got,)


def test_over_every_backend(loop):
    """And over a real socket."""
    listener = loop.listen_tcp(lambda: pb.Broker(loop, Root()), '127.0.0.1', 0)
    broker = loop.run_until(pb.connect(loop, '127.0.0.1', listener.address.port))
    assert loop.run_until(broker.remote().call_remote('echo', b'x' * 600000)) == b'x' * 600000, \
        'a large one'
    broker.close()
    loop.run_until(broker.closed)
    listener.close()


def test_over_a_websocket():
    """The broker has a transport like any other: it is dropped, and drops, in the same ways."""
    loop = VirtualLoop()
    brokers = []

    def serve(request):
        brokers.append(pb.Broker(loop, Root()))
        return Stream(loop, brokers[-1])

    loop.listen_tcp(Site(WebSocketServer(serve, loop), loop), '127.0.0.1', 80)
    future = pb.connect_websocket(loop, 'ws://127.0.0.1/pb', root=Root())
    loop.advance()
    broker = future.result()
    got = []
    for side in (broker, brokers[0]):
        for value in (1, u'x' * 300, [b'']):
            side.remote().call_remote('echo', value).then(got.append)
    loop.advance()
    assert got == [1, u'x' * 300, [b'']] * 2, 'both ways'
    assert str(broker).startswith('the broker of 127.0.0.1'), 'and knows its peer'
    lost = broker.remote().call_remote('echo', 1)
    brokers[0].drop('for the test')
    loop.advance(10.0)
    assert lost.exception() is not None and broker.closed.done() and brokers[0].closed.done() \
        and not loop.failures
    assert loop._wires == set(), 'nothing is left'


def test_a_websocket_of_something_else():
    loop = VirtualLoop()

    class Talker(Protocol):
        def connection_made(self, transport):
            transport.write(b'\xff' * 100)

    loop.listen_tcp(Site(WebSocketServer(lambda request: Stream(loop, Talker()), loop), loop),
                    '127.0.0.1', 80)
    future = pb.connect_websocket(loop, 'ws://127.0.0.1/pb')
    loop.advance(30.0)
    assert isinstance(future.exception(), ConnectionLost), 'told'


def test_a_scene_for_other_tests():
    assert Pair(Root()).call('echo', u'x') == u'x', 'works'
