# Copyright the carryall authors.  See LICENSE.
"""MessageTransport: a WebSocket as the transport of a protocol of octets.

A subclass says how octets become messages (``write``, ``write_file``) and messages octets
(``message_received`` or ``piece_received``).  There is no half close.

Tests:    tests/protocols/websocket/test_messagestream.py, tests/services/irc/test_chatsocket.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import Unsupported
from carryall.core.net.transport import Transport
from carryall.protocols.websocket.session import MessageProtocol

__all__ = ['MessageTransport']


class MessageTransport(MessageProtocol, Transport):
    """One connection.

    Args:     protocol: a Protocol, which gets this as its transport.

    Attributes:
        protocol:    the one that has the octets now.
        close_asked: true once it has asked for the end.
        ended:       true once the WebSocket is gone.
    """

    def __init__(self, protocol):
        # type: (Any) -> None
        self.protocol = protocol
        self.close_asked = False
        self.ended = False

    def __str__(self):
        return str(self.websocket)

    # -- the WebSocket calls -----------------------------------------------------------------------

    def connection_made(self, websocket):
        self.websocket = websocket
        self.protocol.connection_made(self)

    def connection_lost(self, exc):
        self.ended = True
        self.protocol.connection_lost(exc)

    def pause_writing(self):
        self.protocol.pause_writing()

    def resume_writing(self):
        if not self.close_asked:
            self.protocol.resume_writing()

    # -- the protocol calls ------------------------------------------------------------------------

    def write_eof(self):
        """Unsupported: a CLOSE ends both directions (RFC 6455 section 5.5.1)."""
        raise Unsupported(u'half close: not over a WebSocket, whose CLOSE ends both directions')

    def can_write_eof(self):
        return False

    def close(self):
        self.close_asked = True
        self.websocket.close()

    def abort(self):
        self.close_asked = True
        self.websocket.abort()

    def is_closing(self):
        return self.close_asked or self.ended or self.websocket.is_closing()

    def pause_reading(self):
        self.websocket.pause_reading()

    def resume_reading(self):
        self.websocket.resume_reading()

    def is_reading(self):
        return not self.close_asked and self.websocket.is_reading()

    def set_write_buffer_limits(self, high=None, low=None):
        self.websocket.transport.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self):
        return self.websocket.transport.get_write_buffer_size()

    def get_extra_info(self, name, default=None):
        return self.websocket.transport.get_extra_info(name, default)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
