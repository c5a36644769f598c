# Copyright the carryall authors.  See LICENSE.
"""WebSockets: a site of them, a client's side after its handshake, the handshake of a client,
and what fields say."""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.future import Return, coroutine
from carryall.protocols.http import Site
from carryall.protocols.websocket import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Deflate,
                                          Deflater, MessageProtocol, Settings, WebSocket,
                                          WebSocketServer, accept_offer, check_answer, connect,
                                          frame, parse_extensions, parse_websocket_url)
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget

__all__ = ['ALL']

KEY = b'\0\0\0\0'               # so that what is changed in a payload is changed in what it says
ASK = (b'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: '
       b'Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
       b'Sec-WebSocket-Version: 13\r\n')
SETTINGS = Settings(frame_bytes=5000, message_bytes=20000, subprotocols=[b'a'], deflate=Deflate(),
                    origins=[b'https://a.example'])


class Echo(MessageProtocol):
    """Sends back what comes."""

    def message_received(self, message):
        self.websocket.send(message)


def frames(key):
    """Scripts of frames, as a client (with a *key*) or a server sends them."""
    def one(opcode, payload=b'', final=True, squeezed=False):
        return frame(opcode, payload, key, final, squeezed)

    hello = Deflater(True).compress(b'hello ' * 30)
    return [[('say', data)] for data in (
        one(TEXT, b'h\xc3\xa4') + one(BINARY, b'\xff' * 200) + one(PING, b'p') + one(PONG),
        one(CLOSE, struct.pack('!H', 1000) + b'bye'), one(CLOSE),
        one(TEXT, b'\xe2\x82', False) + one(PING) + one(CONTINUATION, b'\xac', False)
        + one(CONTINUATION), one(BINARY, b'x' * 4000),
        one(TEXT, hello, squeezed=True) + one(TEXT, hello[:9], False, True)
        + one(CONTINUATION, hello[9:]), one(BINARY, b'x' * 6000),
        one(BINARY, b'\x03\x00' * 9, squeezed=True),
        one(BINARY, Deflater(True).compress(b'\0' * 30000), squeezed=True), one(3),
        one(TEXT, b'\xed\xa0\x80'))] + [
        [('say', one(TEXT, b'a')), ('wait', 70), ('say', one(PONG)), ('wait', 130)],
        [('say', one(TEXT, b'abc')[:4]), ('eof', None)],
        [('clog', None), ('say', one(PING, b'1') * 50 + one(BINARY, b'x' * 4000) * 30),
         ('unclog', None)], [('say', one(TEXT, b'a')), ('lose', None)]]


SERVER_SEEDS = [[('say', ASK + b'\r\n')] + script for script in frames(KEY)] + [
    [('say', ASK + b'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n')]
    + script for script in frames(KEY)] + [
    [('say', ASK + b'Origin: https://a.example\r\nSec-WebSocket-Protocol: x, a\r\n\r\n')],
    [('say', ASK.replace(b'13', b'8') + b'\r\n')]]
WORDS = [frame(TEXT, b'a', KEY), frame(BINARY, b'', KEY, False), frame(CONTINUATION, b'b', KEY),
         frame(PING, b'', KEY), frame(CLOSE, b'\x03\xe8', KEY),
         frame(TEXT, b'a'), frame(CLOSE, b''), b'\x82\xff', b'\xff' * 8, b'\x00\x00\xff\xff',
         b'\xc1', b'\xfe', b'\x80', b'\xed\xa0']
FIELD_WORDS = [b'permessage-deflate', b'server_no_context_takeover', b'client_no_context_takeover',
               b'server_max_window_bits=', b'client_max_window_bits', b'; ', b', ', b'"', b'10',
               b'15', b'Upgrade: ', b'websocket', b'Sec-WebSocket-Accept: ',
               b'Sec-WebSocket-Protocol: a\r\n', b'\r\n', b'101 ', b'ws://', b'wss:']


def _site(run):
    return Site(WebSocketServer(lambda request: Echo(), run.loop, SETTINGS), run.loop)()


def _client_side(run):
    return WebSocket(Echo(), run.loop, SETTINGS, True, Deflate())


@coroutine
def _connect(loop):
    settings = Settings(subprotocols=[b'a'], deflate=Deflate())
    client = yield connect(loop, 'ws://127.0.0.1:2121/', settings=settings, make=Echo)
    websocket = client.websocket
    websocket.abort()
    raise Return(websocket.subprotocol)


def _agree(data):
    found = parse_extensions([data])
    if found is not None:
        answer = accept_offer(found, Deflate())
        if answer is not None and parse_extensions([answer[0]]) is None:
            raise ValueError('what is answered is not the grammar')
        check_answer(found, Deflate())


ANSWERS = [[('say', data)] for data in (
    b'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: '
    b'x\r\n\r\n', b'HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n',
    b'HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    b'HTTP/1.1 101')] + [[('say', b'HTTP/1.1 200'), ('eof', None)], [('wait', 40)]]
FIELDS = [[('say', data)] for data in (b'permessage-deflate; server_no_context_takeover; '
                                       b'client_max_window_bits=10, x; y="z"',
                                       b'permessage-deflate', b'wss://a:b@[::1]:5/x?y')]

WEBSOCKET = ('protocols/websocket/',)
ALL = [
    ServerTarget('websocket', WEBSOCKET, _site, SERVER_SEEDS, WORDS + FIELD_WORDS),
    ServerTarget('websocket-client', WEBSOCKET, _client_side, frames(None), WORDS, cut=False),
    ClientTarget('websocket-connect', WEBSOCKET, _connect, ANSWERS, FIELD_WORDS, (2121,)),
    GrammarTarget('websocket-grammar', WEBSOCKET, [_agree, parse_websocket_url], FIELDS,
                  FIELD_WORDS),
]
