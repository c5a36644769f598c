# Copyright the carryall authors.  See LICENSE.
"""Two Telnet ends in memory that note what they hear."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.telnet.session import TelnetProtocol


class Noting(TelnetProtocol):
    """Notes text, commands, values and changes."""

    def __init__(self):
        TelnetProtocol.__init__(self)
        self.text = b''
        self.commands = []
        self.values = []
        self.changes = []

    def text_received(self, data):
        self.text += data

    def command_received(self, command):
        TelnetProtocol.command_received(self, command)
        self.commands.append(command)

    def value_received(self, number, value):
        self.values.append((number, value))

    def option_changed(self, number, ours, on):
        self.changes.append((number, ours, on))


class Pair(object):
    """A client and a server; ``run()`` carries octets until both are silent."""

    def __init__(self, client_options=(), server_options=(), chunk=None):
        self.loop = VirtualLoop()
        self.client = Noting()
        self.server = Noting()
        self.near = FakeTransport(self.loop).connect(self.client)
        self.far = FakeTransport(self.loop).connect(self.server)
        for option in client_options:
            self.client.add_option(option)
        for option in server_options:
            self.server.add_option(option)
        self.carried = [b'', b'']       # from the client, from the server
        self.chunk = chunk

    def run(self):
        for _ in range(10000):
            moved = False
            for number, (source, target) in enumerate(
                    ((self.near, self.far), (self.far, self.near))):
                data = source.take()
                self.carried[number] += data
                step = self.chunk or len(data) or 1
                for at in range(0, len(data), step):
                    target.feed(data[at:at + step])
                    moved = True
            self.loop.advance()
            assert not self.loop.failures, '%r' % (self.loop.failures,)
            if not moved:
                return self
        raise AssertionError('they talk for ever')
