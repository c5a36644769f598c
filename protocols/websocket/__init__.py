# Copyright the carryall authors.  See LICENSE.
"""WebSocket, server and client (RFC 6455, RFC 7692).

    site = Site(WebSocketServer(lambda request: Shout(), loop), loop)

    client = yield connect(loop, 'ws://127.0.0.1:8080/chat')
    yield client.send(u'hello')
    message = yield client.receive()
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.websocket.client import (PORT, TLS_PORT, WebSocketClient, connect,
                                                 connect_stream, parse_websocket_url)
from carryall.protocols.websocket.deflate import (Deflate, Deflater, Inflater, accept_offer,
                                                  check_answer, parse_extensions)
from carryall.protocols.websocket.errors import HandshakeRefused, WebSocketError
from carryall.protocols.websocket.messagestream import Stream
from carryall.protocols.websocket.messagetransport import MessageTransport
from carryall.protocols.websocket.server import Offer, WebSocketServer, WebSockets
from carryall.protocols.websocket.session import (CLOSED, CLOSING, ENDED, OPEN, MessageProtocol,
                                                  WebSocket)
from carryall.protocols.websocket.settings import ANY_ORIGIN, SAME_ORIGIN, Limits, Settings
from carryall.protocols.websocket.wire import (BINARY, CLOSE, CLOSE_CODES, CONTINUATION,
                                               GOING_AWAY, NORMAL, PING, PONG, TEXT, UNSUPPORTED,
                                               Closing, Control, Piece, Receiver, close_payload,
                                               frame)

__all__ = ['ANY_ORIGIN', 'BINARY', 'CLOSE', 'CLOSED', 'CLOSE_CODES', 'CLOSING', 'CONTINUATION',
           'Closing', 'Control', 'Deflate', 'Deflater', 'ENDED', 'GOING_AWAY', 'HandshakeRefused',
           'Inflater', 'Limits', 'MessageProtocol', 'MessageTransport', 'NORMAL', 'OPEN', 'Offer',
           'PING', 'PONG',
           'PORT', 'Piece', 'Receiver', 'SAME_ORIGIN', 'Settings', 'Stream', 'TEXT', 'TLS_PORT',
           'UNSUPPORTED', 'WebSocket', 'WebSocketClient', 'WebSocketError', 'WebSocketServer',
           'WebSockets', 'accept_offer', 'check_answer', 'close_payload', 'connect',
           'connect_stream', 'frame', 'parse_extensions', 'parse_websocket_url']
