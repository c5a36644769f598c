# Copyright the carryall authors.  See LICENSE.
"""Clients of one IRC network in memory, on virtual time."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.irc import IRCServer, Network, Settings

__all__ = ['Client', 'Scene']


class Client(object):
    """One client: sends lines, and takes those that the server has sent."""

    def __init__(self, scene):
        self._loop = scene.loop
        self.server = IRCServer(scene.network, scene.loop, scene.settings)
        self.wire = FakeTransport(scene.loop)
        self.wire.connect(self.server)

    def send(self, *lines):
        """Sends lines; those that came back since the last call, without their ends."""
        for line in lines:
            self.wire.feed(line + b'\r\n')
            self._loop.advance()
        return self.take()

    def take(self):
        """The lines that have come since the last call."""
        self._loop.advance()
        return self.wire.take().split(b'\r\n')[:-1]


class Scene(object):
    """A network with as many clients as a test wants."""

    def __init__(self, settings=None, kind=Network, **network):
        self.loop = VirtualLoop()
        self.settings = Settings(burst=1000) if settings is None else settings
        self.network = kind(self.loop, b'irc.example', b'Example', **network)

    def connect(self):
        """A client that has said nothing yet."""
        return Client(self)

    def enter(self, nick, *capabilities):
        """A client that has registered; what it was sent is dropped."""
        client = self.connect()
        if capabilities:
            client.send(b'CAP REQ :' + b' '.join(capabilities), b'CAP END')
        client.send(b'NICK ' + nick, b'USER ' + nick + b' 0 * :' + nick.upper())
        return client
