# Copyright the carryall authors.  See LICENSE.
"""A test server in memory, and clients that talk with it."""
from __future__ import absolute_import, division, print_function

from carryall.commands.catalogue import KINDS, known_types
from carryall.core.net.protocol import Protocol
from carryall.core.testing import NullTLS, VirtualLoop
from carryall.services.testservers import ServerSet


class Talk(Protocol):
    """A connection of a client."""

    def __init__(self, loop):
        self._loop = loop
        self.data = b''
        self.ended = False
        self.lost = False

    def data_received(self, data):
        self.data += data

    def eof_received(self):
        self.ended = True

    def connection_lost(self, exc):
        self.lost = True

    def ask(self, data):
        """The answer to *data*."""
        self.transport.write(data)
        return self.take()

    def take(self):
        """The octets that have come."""
        self._loop.advance()
        data, self.data = self.data, b''
        return data


class Hall(object):
    """A ServerSet on a loop in memory."""

    def __init__(self):
        self.loop = VirtualLoop(tls=NullTLS())
        self.servers = ServerSet(self.loop, known_types(), KINDS)

    def begin(self, kind, **options):
        """A started server."""
        number, places = self.servers.begin(kind, options)
        return Running(self, number, places)

    def value(self, future):
        """The result of a Future."""
        self.loop.advance()
        return future.result()


class Running(object):
    """One server."""

    def __init__(self, hall, number, places):
        self.hall = hall
        self.number = number
        self.places = places

    def call(self, name, **options):
        """The result of a call."""
        return self.hall.servers.call(self.number, name, options)

    def connect(self, which=0):
        """A Talk with it."""
        loop = self.hall.loop
        _, host, port = self.places[which]
        joined = loop.connect_tcp(lambda: Talk(loop), host, port)
        loop.advance()
        return joined.result()[1]
