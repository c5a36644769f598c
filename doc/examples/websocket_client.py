# Copyright the carryall authors.  See LICENSE.
"""Say something in the chat room of websocket_server.py, and hear it."""
from __future__ import print_function

from carryall import runtimes
from carryall.core.future import Future
from carryall.protocols.websocket import MessageProtocol, connect


class Guest(MessageProtocol):
    """Hears one message."""

    def __init__(self):
        self.heard = Future()

    def connection_made(self, websocket):
        """Say something as soon as we are in."""
        self.websocket = websocket
        websocket.send(u'hello')

    def message_received(self, message):
        """That is all."""
        self.heard.set_result(message)
        self.websocket.close()


loop = runtimes.choose()
websocket, guest = loop.run_until(connect(loop, 'ws://127.0.0.1:7010/', Guest))
print('somebody said: %s' % loop.run_until(guest.heard))
loop.close()
