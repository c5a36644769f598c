# Copyright the carryall authors.  See LICENSE.
"""The handshake of a client, answers that are none, time, and our client with our server over every
backend.
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Cancelled, ConnectionLost, LocalProtocolError, Refused, TimedOut
from carryall.core.future import sleep
from carryall.core.net.protocol import Protocol
from carryall.core.testing import NullTLS, VirtualLoop, chunkings
from carryall.core.tls import Identity, TLSContext, listening
from carryall.core.tls.authority import self_signed
from carryall.protocols.http import Site
from carryall.protocols.websocket.client import connect, connect_stream, parse_websocket_url
from carryall.protocols.websocket.deflate import Deflate
from carryall.protocols.websocket.errors import HandshakeRefused
from carryall.protocols.websocket.server import WebSocketServer, accept_key
from carryall.protocols.websocket.settings import Settings
from carryall.protocols.websocket.messagestream import Stream
from tests.protocols.websocket.websocket_kit import BINARY, TEXT, Above, Echoing, frame

NAMES = {'host.example': ['192.0.2.7']}


class Scripted(Protocol):
    """A server that answers a request with what *answer* makes of its head, in *pieces*."""

    def __init__(self, answer, heads, cut=None):
        self._answer = answer
        self._heads = heads
        self._cut = cut
        self._head = b''

    def data_received(self, data):
        self._head += data
        if self._head.endswith(b'\r\n\r\n') and not self._heads:
            self._heads.append(self._head)
            reply = self._answer(self._head)
            for piece in dict(chunkings(reply))[self._cut or 'whole']:
                self.transport.write(piece)


class World(object):
    """A server in memory; *answer* is given the head of the request, and gives octets."""

    def __init__(self, answer, cut=None, tls=None):
        self.loop = VirtualLoop(NAMES, tls)
        self.heads = []
        self.above = Above()
        self.loop.listen_tcp(lambda: Scripted(answer, self.heads, cut), '192.0.2.7', 80)
        self.loop.listen_tcp(lambda: Scripted(answer, self.heads, cut), '192.0.2.7', 443)

    def connect(self, url='ws://host.example/chat', seconds=0.0, **options):
        """The result of a connect, or its exception."""
        future = connect(self.loop, url, make=lambda: self.above, **options)
        self.loop.advance(seconds)
        assert not self.loop.failures, self.loop.failures
        assert future.done(), 'it does not come'
        return future.exception() or future.result()


def key_of(head):
    return [line for line in head.split(b'\r\n') if line.startswith(b'Sec-WebSocket-Key: ')][0][19:]


def agreed(head, *more, **changed):
    """The answer of a server that agrees."""
    fields = [b'Upgrade: websocket', b'Connection: Upgrade',
              b'Sec-WebSocket-Accept: ' + accept_key(key_of(head))]
    if 'less' in changed:
        fields = [field for field in fields if not field.startswith(changed['less'])]
    return (b'\r\n'.join([changed.get('line', b'HTTP/1.1 101 Switching Protocols')] + fields
                         + list(more)) + b'\r\n\r\n')


def test_a_handshake_opens_the_connection():
    world = World(agreed)
    above = world.connect(origin=b'https://me.example', headers=[(b'Cookie', b'x=y')],
                          settings=Settings(subprotocols=[b'a', b'b'], deflate=Deflate()))
    assert above is world.above
    assert above.websocket.subprotocol is None
    lines = world.heads[0].split(b'\r\n')
    key = key_of(world.heads[0])
    assert (lines[:2]
            == [b'GET /chat HTTP/1.1', b'Host: host.example']), 'as RFC 6455 section 4.1 has it'
    assert len(key) == 24, 'as RFC 6455 section 4.1 has it'
    assert (set(lines[2:-2])
            == set([b'Upgrade: websocket', b'Connection: Upgrade', b'Sec-WebSocket-Key: ' + key,
                    b'Sec-WebSocket-Version: 13',
                                    b'Origin: https://me.example', b'Sec-WebSocket-Protocol: a, b',
                    b'Sec-WebSocket-Extensions: permessage-deflate',
                                    b'Cookie: x=y']))
    other = World(agreed)
    other.connect()
    assert key_of(other.heads[0]) != key, 'another key each time'
    assert b'Origin' not in other.heads[0]
    assert b'Sec-WebSocket-Protocol' not in other.heads[0]
    assert b'Extensions' not in other.heads[0]


@pytest.mark.parametrize('cut', ['whole', 'by 1', 'by 7', 'random 0 of seed 20020707'])
def test_at_every_cut(cut):
    """With messages that come right behind the answer."""
    world = World(lambda head: agreed(head, b'Sec-WebSocket-Protocol: b') + frame(TEXT, b'first')
                  + frame(BINARY, b'second'), cut)
    above = world.connect(settings=Settings(subprotocols=[b'a', b'b']))
    assert above.websocket.subprotocol == b'b'
    assert world.above.heard == [u'first', b'second']


@pytest.mark.parametrize('answer, status', [
    (lambda head: b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 404),
    (lambda head: b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx', 200),
    (lambda head: b'HTTP/1.1 302 Found\r\nLocation: ws://else.example/\r\nContent-Length: '
                  b'0\r\n\r\n', 302),
    (lambda head: agreed(head, less=b'Upgrade'), 101),
    (lambda head: agreed(head, less=b'Connection'), 101),
    (lambda head: agreed(head, less=b'Sec'), 101),
    (lambda head: agreed(head).replace(b'websocket', b'other'), 101),
    (lambda head: agreed(b'Sec-WebSocket-Key: other'), 101),
    (lambda head: agreed(head, b'Sec-WebSocket-Protocol: c'), 101),
    (lambda head: agreed(head, b'Sec-WebSocket-Protocol: a', b'Sec-WebSocket-Protocol: a'), 101),
    (lambda head: agreed(head, b'Sec-WebSocket-Extensions: "'), 101),
    (lambda head: agreed(head, b'Sec-WebSocket-Extensions: permessage-deflate'), None),
    (lambda head: b'SSH-2.0-x\r\n', None), (lambda head: b'HTTP/1.1 101\r\n' + b'x' * 70000, None),
    (lambda head: b'\0' * 10000, None)
])
def test_an_answer_that_is_no_handshake(answer, status):
    world = World(answer)
    error = world.connect(settings=Settings(subprotocols=[b'a']))
    assert isinstance(error, HandshakeRefused), '%r' % (error,)
    assert error.status == status, '%r' % (error,)
    assert world.above.websocket is None, 'nobody heard of it'


def test_answers_before_the_answer():
    world = World(lambda head: b'HTTP/1.1 103 Early Hints\r\n\r\n' + agreed(head))
    assert world.connect() is world.above


def test_a_server_that_is_gone_or_silent():
    class Gone(Protocol):
        def connection_made(self, transport):
            transport.close()

    for make, kind in ((Gone, HandshakeRefused), (Protocol, TimedOut)):
        loop = VirtualLoop()
        loop.listen_tcp(make, '127.0.0.1', 80)
        future = connect(loop, 'ws://127.0.0.1/', make=Above, timeout=7.0)
        loop.advance(6.9)
        assert future.done() is (make is Gone)
        loop.advance(0.2)
        assert isinstance(future.exception(), kind), '%r' % (future.exception(),)
    loop = VirtualLoop()
    future = connect(loop, 'ws://127.0.0.1/', make=Above)
    loop.advance()
    assert isinstance(future.exception(), Refused)


def test_cancelling_ends_the_handshake():
    loop = VirtualLoop()
    loop.listen_tcp(Protocol, '127.0.0.1', 80)
    future = connect(loop, 'ws://127.0.0.1/', make=Above)
    loop.advance(1.0)
    future.cancel()
    loop.advance(100.0)
    assert future.cancelled(), 'the connection is gone'
    assert isinstance(future.exception(), Cancelled), 'the connection is gone'
    assert not loop._wires, 'the connection is gone'


@pytest.mark.parametrize('url, secure, host, port, target', [
    ('ws://a.example', False, 'a.example', 80, b'/'),
    (u'wss://a.example/x?y=z', True, 'a.example', 443, b'/x?y=z'),
    (b'WS://A.example:81/', False, 'a.example', 81, b'/'),
    ('ws://[::1]:5/', False, '::1', 5, b'/')])
def test_websocket_urls_are_parsed(url, secure, host, port, target):
    found = parse_websocket_url(url)
    assert (found.secure, found.host, found.port, found.target) == (secure, host, port, target)


@pytest.mark.parametrize('url',
                         ['http://a.example/', 'ws:a', 'ws://', 'ws://a.example/#x', 'ws://a b/',
                          'wsx://a.example/', ''])
def test_urls_that_are_none(url):
    with pytest.raises(LocalProtocolError):
        connect(VirtualLoop(), url, make=Above)


def test_a_login_in_the_url():
    world = World(agreed)
    world.connect('ws://anna:s%3Acret@host.example/')
    assert b'\r\nAuthorization: Basic YW5uYTpzOmNyZXQ=\r\n' in world.heads[0]


@pytest.mark.parametrize('options', [
    {'headers': [(b'Upgrade', b'x')]}, {'headers': [(b'X', b'a\r\nb')]},
    {'settings': Settings(subprotocols=[b'a b'])},
    {'settings': Settings(subprotocols=[b'a', b'a'])}])
def test_forbidden_options_are_refused(options):
    with pytest.raises(LocalProtocolError):
        connect(VirtualLoop(), 'ws://a.example/', make=Above, **options)


def test_wss_runs_over_tls():
    world = World(agreed, tls=NullTLS())
    assert world.connect('wss://host.example/') is world.above
    assert b'\r\nHost: host.example\r\n' in world.heads[0]


# -- ours with ours --------------------------------------------------------------------------------


class Shout(Protocol):
    def data_received(self, data):
        self.transport.write(data.upper())


class Gather(Protocol):
    def __init__(self):
        self.data = b''
        self.ended = None

    def data_received(self, data):
        self.data += data

    def connection_lost(self, exc):
        self.ended = (exc,)


@pytest.mark.parametrize('deflate', [None, Deflate()], ids=['plain', 'deflate'])
def test_over_every_backend(loop, deflate):
    """Messages, then a stream with back-pressure, over real sockets."""
    listener = loop.listen_tcp(Site(WebSocketServer(lambda request: Echoing(), loop,
                                                    Settings(deflate=deflate)), loop), '127.0.0.1',
                               0)
    above = loop.run_until(connect(loop, 'ws://127.0.0.1:%d/' % listener.address.port, make=Above,
                                   settings=Settings(deflate=deflate)))
    websocket = above.websocket
    said = [u'\u20ac' * 10, b'x' * 300000, u'']
    for message in said:
        websocket.send(message)
    until(loop, lambda: len(above.heard) == 3)
    assert above.heard == said
    websocket.close()
    until(loop, lambda: above.lost)
    assert above.lost == [None], 'in peace'
    assert websocket.close_code == 1000, 'in peace'
    listener.close()


def test_a_stream_over_every_backend(loop):
    listener = loop.listen_tcp(Site(WebSocketServer(lambda request: Stream(loop, Shout()), loop),
                                    loop), '127.0.0.1', 0)
    transport, gather = loop.run_until(connect_stream(loop,
                                                      'ws://127.0.0.1:%d/' % listener.address.port,
                                                      Gather))
    transport.write(b'abcdefgh' * 100000)
    until(loop, lambda: len(gather.data) >= 800000)
    assert gather.data == b'ABCDEFGH' * 100000, 'all, in order'
    transport.close()
    until(loop, lambda: gather.ended)
    assert gather.ended == (None,)
    listener.close()


def test_tls_over_every_backend(loop):
    if not loop.caps.tls:
        pytest.skip(loop.caps.why_not('tls'))
    made = self_signed([u'localhost', u'127.0.0.1'], loop.wall())
    site = Site(WebSocketServer(lambda request: Echoing(), loop), loop)
    listener = loop.listen_tcp(listening(loop, TLSContext(Identity(made.certificate, made.key)),
                                         site), '127.0.0.1', 0)
    url = 'wss://127.0.0.1:%d/' % listener.address.port
    above = loop.run_until(connect(loop, url, TLSContext(trust=made.certificate), make=Above))
    websocket = above.websocket
    websocket.send(u'sealed')
    until(loop, lambda: above.heard)
    assert above.heard == [u'sealed']
    websocket.close()
    until(loop, lambda: above.lost)
    assert above.lost == [None]
    listener.close()


def until(loop, there):
    """Runs the loop until *there()*; the wall limit of the test ends it otherwise."""
    while not there():
        loop.run_until(sleep(loop, 0.005))


def test_a_failure_at_once_reaches_the_caller(expect_log):
    """The caller hears of it, though the handshake was well."""
    class Failing(Above):
        def connection_made(self, websocket):
            raise ValueError('of mine')

    expect_log('the application failed')
    loop = VirtualLoop()
    loop.listen_tcp(lambda: Scripted(agreed, []), '127.0.0.1', 80)
    future = connect(loop, 'ws://127.0.0.1/', make=Failing)
    loop.advance()
    assert isinstance(future.exception(), ConnectionLost)
    assert isinstance(future.exception().cause, ValueError)
    assert not loop.failures


# -- former spellings ------------------------------------------------------------------------------


@pytest.mark.parametrize('spell', [
    lambda loop, factory: connect(loop, 'ws://host.example/chat', factory),
    lambda loop, factory: connect(loop, 'ws://host.example/chat', factory=factory)])
def test_connect_with_a_factory_warns_and_gives_the_websocket_too(spell):
    world = World(agreed)
    with pytest.warns(DeprecationWarning):
        future = spell(world.loop, lambda: world.above)
    world.loop.advance()
    assert future.result() == (world.above.websocket, world.above)


def test_the_keyword_context_warns_and_means_tls():
    world = World(agreed, tls=NullTLS())
    with pytest.warns(DeprecationWarning):
        future = connect(world.loop, 'wss://host.example/chat', context=TLSContext(),
                         make=lambda: world.above)
    world.loop.advance()
    assert future.result() is world.above
