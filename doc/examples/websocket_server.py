# Copyright the carryall authors.  See LICENSE.
"""A chat room at ws://127.0.0.1:7010/, for programs and for pages of one site; try it with websocket_client.py."""
from carryall import runtimes
from carryall.protocols.http import Site
from carryall.protocols.websocket import MessageProtocol, Settings, WebSocketServer

loop = runtimes.choose()
present = set()


class Guest(MessageProtocol):
    """Tells everybody what it hears."""

    def connection_made(self, websocket):
        """Come in."""
        self.websocket = websocket
        present.add(self)

    def message_received(self, message):
        """Text is str (unicode in Python 2), anything else is bytes."""
        for guest in present:
            guest.websocket.send(message)

    def connection_lost(self, exc):
        """Goes."""
        present.discard(self)


room = WebSocketServer(lambda request: Guest(), loop, Settings(origins=[b'https://chat.example']))
loop.listen_tcp(Site(room, loop), port=7010)
loop.run()
