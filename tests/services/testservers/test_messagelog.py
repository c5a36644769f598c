# Copyright the carryall authors.  See LICENSE.
"""The WebSocket server echoes messages, or says what it is told."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.websocket import MessageProtocol, connect
from tests.services.testservers.talks import Hall


class Client(MessageProtocol):
    """Keeps the messages that come."""

    def __init__(self):
        self.got = []
        self.code = None

    def message_received(self, message):
        self.got.append(message)

    def peer_closing(self, code, reason):
        self.code = code


def client(server):
    """A connected Client."""
    loop = server.hall.loop
    joined = connect(loop, 'ws://127.0.0.1:%d/chat' % server.places[0][2],
                     make=Client)
    loop.advance()
    return joined.result()


def said(server, above, *messages):
    """The answers to these messages."""
    for message in messages:
        above.websocket.send(message)
    server.hall.loop.advance()
    got, above.got = above.got, []
    return got


def test_server_echoes_messages():
    server = Hall().begin('websocket')
    assert said(server, client(server), u'text', b'octets') == [u'text', b'octets']


def test_server_sends_the_given_replies():
    server = Hall().begin('websocket', echo=False)
    server.call('answer', message=u'ping', replies=[u'pong', b'\x01'])
    assert said(server, client(server), u'ping', u'other') == [u'pong', b'\x01']


def test_server_keeps_the_messages():
    server = Hall().begin('websocket')
    said(server, client(server), u'one', b'two')
    rows = server.call('came')
    assert [row['message'] for row in rows] == [u'one', b'two']
    assert [row['target'] for row in rows] == [u'/chat', u'/chat']


def test_server_sends_without_a_request():
    server = Hall().begin('websocket')
    above = client(server)
    assert server.call('send', message=u'news') == 1
    assert said(server, above) == [u'news']


def test_server_closes_the_connection():
    server = Hall().begin('websocket')
    above = client(server)
    server.call('close', code=1001)
    server.hall.loop.advance()
    assert above.code == 1001
    assert server.call('open') == 0


def test_a_handshake_can_fail():
    server = Hall().begin('websocket')
    server.call('fail', when=u'GET /chat', reply=b'HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n')
    joined = connect(server.hall.loop, 'ws://127.0.0.1:%d/chat' % server.places[0][2],
                     make=Client)
    server.hall.loop.advance()
    assert joined.exception() is not None
