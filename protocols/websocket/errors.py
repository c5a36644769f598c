# Copyright the carryall authors.  See LICENSE.
"""WebSocketError and HandshakeRefused: faults of the peer of a WebSocket (RFC 6455 sections 4 and
7.4).

Tests:    tests/protocols/websocket/test_wire.py, tests/protocols/websocket/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectFailed, RemoteProtocolError

__all__ = ['HandshakeRefused', 'WebSocketError']


class WebSocketError(RemoteProtocolError):
    """The peer broke a rule of the framing, or exceeded a limit.

    Attributes:
        reply, code: the close code for the peer; None in a handshake.
    """

    @property
    def code(self):
        # type: () -> Optional[int]
        """The close code."""
        return self.reply


class HandshakeRefused(ConnectFailed):
    """The server does not speak WebSocket, or refuses this client.

    Attributes:
        status: of its answer; None if the answer was not HTTP.
    """

    def __init__(self, message, status=None, cause=None):
        # type: (str, Optional[int], Optional[BaseException]) -> None
        ConnectFailed.__init__(self, message, cause)
        self.status = status


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
