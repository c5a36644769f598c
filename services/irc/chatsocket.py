# Copyright the carryall authors.  See LICENSE.
"""A WebSocket as the connection of an IRC client (IRCv3 websocket).

    WebSocketServer(lambda request: ChatSocket(IRCServer(network, loop)), loop,
                    Settings(subprotocols=SUBPROTOCOLS, message_bytes=MESSAGE_BYTES))

Each message is one line without its end: a text under `text.ircv3.net`, octets under
`binary.ircv3.net`.  A client that names neither gets texts.  What is not UTF-8 goes as a text with
replacement characters.

Tests:    tests/services/irc/test_chatsocket.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import Unsupported
from carryall.core.future import failed
from carryall.core.net.transport import Transport
from carryall.protocols.websocket import MessageProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['BINARY_LINES', 'ChatSocket', 'MESSAGE_BYTES', 'SUBPROTOCOLS', 'TEXT_LINES']

TEXT_LINES = b'text.ircv3.net'
BINARY_LINES = b'binary.ircv3.net'
SUBPROTOCOLS = (BINARY_LINES, TEXT_LINES)
MESSAGE_BYTES = 16384       # octets of one message: a line with its tags has 4,607 at most


class ChatSocket(MessageProtocol, Transport):
    """One connection.

    Args:     protocol: an IRCServer, which gets this as its transport.
    """

    def __init__(self, protocol):
        # type: (Any) -> None
        self._protocol = protocol
        self._close_asked = False
        self._ended = False

    def __str__(self):
        return str(self.websocket)

    # -- the WebSocket calls -----------------------------------------------------------------------

    def connection_made(self, websocket):
        self.websocket = websocket
        self._protocol.connection_made(self)

    def message_received(self, message):
        octets = message if isinstance(message, bytes) else message.encode('utf-8')
        # A line end within a message would make two lines of one.
        self._protocol.data_received(octets.rstrip(b'\r\n').replace(b'\n', b'\x00') + b'\r\n')

    def peer_closing(self, code, reason):
        self._protocol.eof_received()

    def connection_lost(self, exc):
        self._ended = True
        self._protocol.connection_lost(exc)

    def pause_writing(self):
        self._protocol.pause_writing()

    def resume_writing(self):
        if not self._close_asked:
            self._protocol.resume_writing()

    # -- the protocol calls ------------------------------------------------------------------------

    def write(self, data):
        for line in data.split(b'\r\n'):
            if line and not self._close_asked:
                self.websocket.send(line if self.websocket.subprotocol == BINARY_LINES
                                    else line.decode('utf-8', 'replace'))

    def write_file(self, source, offset, count):
        return failed(Unsupported(u'no files go to IRC clients'))

    def write_eof(self):
        """Unsupported: a CLOSE ends both directions (RFC 6455 section 5.5.1)."""
        raise Unsupported(u'half close: not over a WebSocket, whose CLOSE ends both directions')

    def can_write_eof(self):
        return False

    def close(self):
        self._close_asked = True
        self.websocket.close()

    def abort(self):
        self._close_asked = True
        self.websocket.abort()

    def is_closing(self):
        return self._close_asked or self._ended or self.websocket.is_closing()

    def pause_reading(self):
        self.websocket.pause_reading()

    def resume_reading(self):
        self.websocket.resume_reading()

    def is_reading(self):
        return not self._close_asked and self.websocket.is_reading()

    def set_write_buffer_limits(self, high=None, low=None):
        self.websocket.transport.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self):
        return self.websocket.transport.get_write_buffer_size()

    def get_extra_info(self, name, default=None):
        return self.websocket.transport.get_extra_info(name, default)
