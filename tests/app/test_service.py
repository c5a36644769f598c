# Copyright the carryall authors.  See LICENSE.
"""Services: start, drain, stop, the tree."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import ListenFailed, Refused
from carryall.core.metrics import metrics_of
from carryall.app.service import MultiService, OneServer, Service, StreamServer
from carryall.core.testing import FakeTransport, StrictProtocol, VirtualLoop
from carryall.core.wrap.policies import ConnectionLimits

WHERE = u'tcp:7:interface=127.0.0.1'


class Echo(StrictProtocol):
    def received(self, data):
        self.transport.write(data)


def server(name='echo', *endpoints):
    return StreamServer(name, Echo, [parse_endpoint(text) for text in endpoints or (WHERE,)])


def connect(loop):
    return loop.run_until(loop.connect_tcp(StrictProtocol, '127.0.0.1', 7))


def test_serve_drain_stop():
    loop = VirtualLoop()
    echo = server()
    echo.start(loop)
    assert echo.listening() == ['echo on 127.0.0.1:7']
    transport, client = connect(loop)
    transport.write(b'hi')
    loop.advance()
    assert client.data == b'hi'
    stopping = echo.stop(10.0)
    loop.advance(9.0)
    assert not stopping.done() and client.state == 'connected', 'it did not wait for the connection'
    with pytest.raises(Refused):
        connect(loop)
    transport.close()
    loop.advance()
    assert stopping.done() and stopping.result() is None


class Polite(Echo):
    """Says goodbye when its server stops."""

    def drain(self):
        self.transport.write(b'bye')
        self.transport.close()


def serve(protocol):
    loop = VirtualLoop()
    made = StreamServer('polite', protocol, [parse_endpoint(WHERE)])
    made.start(loop)
    return loop, made


def test_a_stop_tells_each_connection_to_drain():
    loop, made = serve(Polite)
    clients = [connect(loop)[1] for _ in range(2)]
    made.stop(10.0)
    loop.advance(1.0)
    assert [client.data for client in clients] == [b'bye', b'bye']


def test_a_wrapper_passes_the_drain_on():
    loop, made = serve(ConnectionLimits(10).wrap(Polite))
    client = connect(loop)[1]
    made.stop(10.0)
    loop.advance(1.0)
    assert client.data == b'bye'


class Rude(Echo):
    def drain(self):
        raise ValueError('no')


def test_a_drain_that_fails_is_logged(expect_log):
    expect_log('polite: a connection could not be told to end')
    loop, made = serve(Rude)
    connect(loop)
    stopping = made.stop(5.0)
    loop.advance(6.0)
    assert stopping.done()


def test_the_drain_has_an_end():
    loop = VirtualLoop()
    echo = server()
    echo.start(loop)
    client = connect(loop)[1]
    stopping = echo.stop(10.0)
    loop.advance(10.1)
    assert stopping.done() and client.state == 'lost'


def test_a_handshake_that_ends_after_the_stop():
    """A protocol is not even made: what its factory needs may be gone with the service."""
    made = []
    loop = VirtualLoop()
    echo = StreamServer('echo', lambda: made.append(True), [parse_endpoint(WHERE)])
    echo.start(loop)
    factory = echo._counted                 # what a TLS listener calls when the handshake is over
    echo.stop()
    assert FakeTransport(loop).connect(factory()).closed and made == []


def test_stop_at_once_without_connections():
    loop = VirtualLoop()
    echo = server()
    assert echo.stop().done(), 'one that never ran'
    echo.start(loop)
    assert echo.stop().done()
    echo.start(loop)
    assert connect(loop)


def test_a_start_that_fails_leaves_nothing_behind():
    loop = VirtualLoop()
    taken = loop.listen_tcp(Echo, '127.0.0.1', 9)
    both = server('echo', WHERE, u'tcp:9:interface=127.0.0.1')
    tree = MultiService('all', [server('other', u'tcp:8:interface=127.0.0.1'), both])
    with pytest.raises(ListenFailed):
        tree.start(loop)
    loop.advance()
    assert [address.port for address in loop._listeners] == [9] and taken


class Shop(OneServer):
    def __init__(self, *endpoints):
        OneServer.__init__(self, 'shop')
        self.endpoints = endpoints
        self.calls = []

    def start(self, loop):
        self.calls.append('open')
        self.serve(loop, server('echo', *self.endpoints))
        self.server.reload = lambda: self.calls.append('reload')

    def release(self):
        self.calls.append('close')


def test_one_server_starts_and_stops():
    loop = VirtualLoop()
    shop = Shop()
    assert shop.listening() == [] and shop.stop().done() and shop.reload() is None \
        and shop.calls == []
    shop.start(loop)
    assert shop.listening() == ['echo on 127.0.0.1:7'] and shop.loop is loop
    shop.reload()
    client = connect(loop)[1]
    stopping = shop.stop(10.0)
    assert shop.listening() == [] and shop.loop is None and shop.calls == ['open', 'reload'], \
        'what it has is needed to the end'
    client.transport.close()
    loop.advance()
    assert stopping.done() and stopping.result() is None \
        and shop.calls == ['open', 'reload', 'close']
    shop.start(loop)
    assert connect(loop)


def test_one_server_that_cannot_start():
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '127.0.0.1', 7)
    shop = Shop()
    with pytest.raises(ListenFailed):
        shop.start(loop)
    assert shop.calls == ['open', 'close'] and shop.loop is None and shop.listening() == []
    assert shop.stop().done() and shop.calls == ['open', 'close']


def test_a_tree_starts_stops_and_reloads_its_services(expect_log):
    expect_log('broken could not be reloaded')
    loop = VirtualLoop()
    seen = []
    broken = Service('broken')
    good = Service('good')
    broken.reload = lambda: 1 // 0
    good.reload = lambda: seen.append('good')
    tree = MultiService('all', [server(), broken, good])
    tree.start(loop)
    assert tree.listening() == ['echo on 127.0.0.1:7']
    tree.reload()
    assert seen == ['good']
    assert tree.stop().done()


def test_two_servers_of_one_name_are_counted_apart():
    """Two web services of one tap have a label each;
    one that is started again goes on with its own."""
    loop = VirtualLoop()
    first = server('http')
    second = server('http', u'tcp:8:interface=127.0.0.1')
    first.start(loop)
    second.start(loop)
    connect(loop)
    text = metrics_of(loop).text()
    assert b'carryall_connections_total{listener="http"} 1\n' in text
    assert b'carryall_connections_total{listener="http-2"} 0\n' in text
    first.stop(0.0)
    loop.advance()
    first.start(loop)
    connect(loop)
    assert b'carryall_connections_total{listener="http"} 2\n' in metrics_of(loop).text()
