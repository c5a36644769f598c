# Copyright the carryall authors.  See LICENSE.
"""A protocol of one's own: what comes goes back in capitals.  Try it with: nc 127.0.0.1 7008"""
from carryall import runtimes
from carryall.core.net.protocol import Protocol


class Shout(Protocol):
    """The transport is there from connection_made on; data_received gets each piece of data."""

    def data_received(self, data):
        """Answers in capitals."""
        self.transport.write(data.upper())


loop = runtimes.choose()
loop.listen_tcp(Shout, port=7008)
loop.run()
