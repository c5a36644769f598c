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
from carryall.protocols.websocket import MessageTransport

__all__ = ['BINARY_LINES', 'ChatSocket', 'MESSAGE_BYTES', 'SUBPROTOCOLS', 'TEXT_LINES']

TEXT_LINES = b'text.ircv3.net'
BINARY_LINES = b'binary.ircv3.net'
SUBPROTOCOLS = (BINARY_LINES, TEXT_LINES)
MESSAGE_BYTES = 16384       # octets of one message: a line with its tags has 4,607 at most


class ChatSocket(MessageTransport):
    """One connection.

    Args:     protocol: an IRCServer, which gets this as its transport.
    """

    # -- the WebSocket calls -----------------------------------------------------------------------

    def message_received(self, message):
        octets = message if isinstance(message, bytes) else message.encode('utf-8')
        # A line end within a message would make two lines of one.
        self.protocol.data_received(octets.rstrip(b'\r\n').replace(b'\n', b'\x00') + b'\r\n')

    def peer_closing(self, code, reason):
        self.protocol.eof_received()

    # -- the protocol calls ------------------------------------------------------------------------

    def write(self, data):
        for line in data.split(b'\r\n'):
            if line and not self.close_asked:
                self.websocket.send(line if self.websocket.subprotocol == BINARY_LINES
                                    else line.decode('utf-8', 'replace'))

    def write_file(self, source, offset, count):
        return failed(Unsupported(u'no files go to IRC clients'))
