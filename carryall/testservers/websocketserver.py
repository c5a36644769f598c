# Copyright the carryall authors.  See LICENSE.
"""WebSocketServer: an echo, or answers that a test tells it.

Tests:    tests/house/testservers/test_websocketserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.testservers.server import WAIT_SECONDS, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List

__all__ = ['WebSocketServer']


class WebSocketServer(Server):
    """A WebSocket on every path, which echoes or says what it is told.

    Options:  tls: True for wss.
              echo: False: messages that nothing is told for get no answer.
              subprotocols: those that it knows.
    """

    kind = 'websocket'
    name = 'websocket_server'
    options = {'tls': bool, 'echo': bool, 'subprotocols': None}

    @property
    def scheme(self):
        """ws or wss."""
        return 'wss' if self.values.get('tls') else 'ws'

    @property
    def messages(self):
        # type: () -> List[Any]
        """The messages that came, text and bytes."""
        return [row['message'] for row in self.ask('came')]

    def wait(self, count=1, timeout=WAIT_SECONDS):
        # type: (int, float) -> List[Any]
        """The messages, once there are *count*; NotArrived if that takes too long."""
        return [row['message'] for row in self.came(count, timeout, 'messages')]

    def answer(self, message, *replies):
        # type: (Any, *Any) -> None
        """Sends *replies* each time that *message* comes."""
        self.ask('answer', message=message, replies=list(replies))

    def send(self, message):
        # type: (Any) -> int
        """Sends a message to every connection; how many there are."""
        return self.ask('send', message=message)

    @property
    def connections(self):
        # type: () -> int
        """How many connections there are."""
        return self.ask('open')

    def hang_up(self, code=1000):
        # type: (int) -> None
        """Closes every connection with that code."""
        self.ask('close', code=code)
