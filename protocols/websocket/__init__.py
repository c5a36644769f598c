# Copyright the carryall authors.  See LICENSE.
"""WebSocket, server and client (RFC 6455, 7692).

    site = Site(WebSocketServer(lambda request: Shout(), loop), loop)
    websocket, above = yield connect(loop, 'ws://127.0.0.1:8080/chat', Chat)
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.websocket.client import connect, connect_stream, parse_websocket_url
from carryall.protocols.websocket.deflate import (Deflate, Deflater, Inflater, accept_offer,
                                                  check_answer, parse_extensions)
from carryall.protocols.websocket.errors import HandshakeRefused, WebSocketError
from carryall.protocols.websocket.messagestream import Stream
from carryall.protocols.websocket.server import WebSocketServer, WebSockets
from carryall.protocols.websocket.session import MessageProtocol, WebSocket
from carryall.protocols.websocket.settings import ANY_ORIGIN, SAME_ORIGIN, Limits, Settings
from carryall.protocols.websocket.wire import (BINARY, CLOSE, CLOSE_CODES, CONTINUATION,
                                               GOING_AWAY, NORMAL, PING, PONG, TEXT, UNSUPPORTED,
                                               Closing, Control, Piece, Receiver, close_payload,
                                               frame)

__all__ = ['ANY_ORIGIN', 'BINARY', 'CLOSE', 'CLOSE_CODES', 'CONTINUATION', 'Closing', 'Control',
           'Deflate', 'Deflater', 'GOING_AWAY', 'HandshakeRefused', 'Inflater', 'Limits',
           'MessageProtocol', 'NORMAL', 'PING', 'PONG', 'Piece', 'Receiver', 'SAME_ORIGIN',
           'Settings', 'Stream', 'TEXT', 'UNSUPPORTED', 'WebSocket', 'WebSocketError',
           'WebSocketServer', 'WebSockets', 'accept_offer', 'check_answer', 'close_payload',
           'connect', 'connect_stream', 'frame', 'parse_extensions', 'parse_websocket_url']
