# Copyright the carryall authors.  See LICENSE.
"""ASGISocket: WebSockets of applications, against our own client."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost
from carryall.core.future import Future
from carryall.protocols.websocket import HandshakeRefused, MessageProtocol, Settings, connect

SOCKET_URL = 'ws://127.0.0.1:%d%s'
HANDSHAKE = (b'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
             b'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n')


class Heard(MessageProtocol):
    """Gathers messages, and the end."""

    def __init__(self):
        self.messages = []
        self.over = Future()

    def message_received(self, message):
        self.messages.append(message)

    def connection_lost(self, exc):
        self.over.set_result((self.websocket.close_code, self.websocket.close_reason))


def _open(served, path='/', **settings):
    """A connected Heard."""
    heard = Heard()
    client = served.wait(connect(served.loop, SOCKET_URL % (served.listener.address.port, path),
                                 settings=Settings(**settings)))
    return client, heard


def _end(served, client):
    """Waits for the end of the connection."""
    try:
        assert served.wait(client.receive()) is None
    except ConnectionLost:
        pass


async def _echo(scope, receive, send):
    assert scope['type'] == 'websocket', scope
    assert (await receive())['type'] == 'websocket.connect'
    await send({'type': 'websocket.accept'})
    while True:
        message = await receive()
        if message['type'] == 'websocket.disconnect':
            return
        if message['text'] == 'close':
            await send({'type': 'websocket.close', 'code': 3001, 'reason': 'told so'})
            return
        await send({'type': 'websocket.send', 'bytes': message['bytes'],
                    'text': message['text']})


@pytest.mark.parametrize('message', [u'text', b'octets', u'\xe9', b'x' * 100000])
def test_a_message_is_echoed(serve_asgi, message):
    served = serve_asgi(_echo)
    client, _ = _open(served)
    client.send(message)
    assert served.wait(client.receive()) == message
    client.close()


def test_an_application_closes_with_a_code(serve_asgi):
    served = serve_asgi(_echo)
    client, _ = _open(served)
    client.send(u'close')
    _end(served, client)
    assert (client.close_code, client.close_reason) == (3001, u'told so')


def test_the_scope_is_that_of_a_websocket(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope['scheme'], scope['path'], scope['query_string'], scope['subprotocols'],
                     sorted(scope['extensions'])))
        await receive()
        await send({'type': 'websocket.accept', 'subprotocol': 'b', 'headers': [(b'x', b'y')]})

    served = serve_asgi(app)
    client, _ = _open(served, '/a?b', subprotocols=[b'a', b'b'])
    assert client.subprotocol == b'b'
    assert seen == [('ws', '/a', b'b', ['a', 'b'], ['websocket.http.response'])]


def test_the_end_of_a_client_is_told_with_its_code(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        await receive()
        await send({'type': 'websocket.accept'})
        seen.append(await receive())

    served = serve_asgi(app)
    client, _ = _open(served)
    client.close(3005, u'enough')
    served.until(lambda: seen)
    assert seen == [{'type': 'websocket.disconnect', 'code': 3005, 'reason': 'enough'}]


def test_a_broken_connection_is_1006(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        await receive()
        await send({'type': 'websocket.accept'})
        seen.append((await receive())['code'])

    served = serve_asgi(app)
    client, _ = _open(served)
    client.abort()
    served.until(lambda: seen)
    assert seen == [1006]


async def _closes(scope, receive, send):
    await receive()
    await send({'type': 'websocket.close'})


async def _fails(scope, receive, send):
    raise ValueError('before accept')


async def _returns(scope, receive, send):
    await receive()


@pytest.mark.parametrize('app, status, logs', [
    (_closes, 403, None), (_fails, 500, 'the application failed on'),
    (_returns, 500, 'the application failed on')])
def test_a_handshake_that_is_not_accepted_is_refused(serve_asgi, expect_log, app, status, logs):
    if logs is not None:
        expect_log(logs)
    served = serve_asgi(app)
    with pytest.raises(HandshakeRefused) as caught:
        _open(served)
    assert caught.value.status == status


def test_an_application_denies_with_a_response_of_its_own(serve_asgi):
    async def app(scope, receive, send):
        await send({'type': 'websocket.http.response.start', 'status': 401,
                    'headers': [(b'x', b'y')]})
        await send({'type': 'websocket.http.response.body', 'body': b'not ', 'more_body': True})
        await send({'type': 'websocket.http.response.body', 'body': b'you'})

    served = serve_asgi(app)
    heard = served.raw(b'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n'
                       b'Connection: close, Upgrade\r\n'
                       b'Sec-WebSocket-Version: 13\r\n'
                       b'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n')
    assert heard.startswith(b'HTTP/1.1 401 ')
    assert heard.endswith(b'not you')


def test_a_failure_behind_accept_is_1011(serve_asgi, expect_log):
    expect_log('the application failed on a WebSocket')

    async def app(scope, receive, send):
        await receive()
        await send({'type': 'websocket.accept'})
        await receive()
        raise ValueError('behind accept')

    served = serve_asgi(app)
    client, _ = _open(served)
    client.send(u'x')
    _end(served, client)
    assert client.close_code == 1011


def test_an_application_that_returns_closes(serve_asgi):
    async def app(scope, receive, send):
        await receive()
        await send({'type': 'websocket.accept'})

    served = serve_asgi(app)
    client, _ = _open(served)
    _end(served, client)
    assert client.close_code == 1000


def test_a_message_to_a_closed_websocket_raises_an_os_error(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        await receive()
        await send({'type': 'websocket.accept'})
        await receive()
        try:
            await send({'type': 'websocket.send', 'text': 'x'})
        except OSError:
            seen.append('raised')

    served = serve_asgi(app)
    client, _ = _open(served)
    client.abort()
    served.until(lambda: seen)
    assert seen == ['raised']


def test_a_malformed_handshake_does_not_reach_the_application(serve_asgi):
    served = serve_asgi(_fails)
    heard = served.raw(b'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n'
                       b'Connection: close, Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n')
    assert heard.startswith(b'HTTP/1.1 400 ')


def test_an_application_cannot_set_the_cookie_of_a_session(serve_asgi, expect_log):
    expect_log('is dropped')

    async def plant(scope, receive, send):
        """Sets a cookie of its own, and ours."""
        await send({'type': 'websocket.accept', 'headers': [
            (b'set-cookie', b'carryall-session=x'), (b'set-cookie', b'own=1')]})
        await send({'type': 'websocket.close'})

    served = serve_asgi(plant)
    served.guard()
    answer = served.raw(HANDSHAKE)
    assert answer.startswith(b'HTTP/1.1 101 ')
    assert [line for line in answer.split(b'\r\n') if b'ookie' in line] == [b'set-cookie: own=1']
