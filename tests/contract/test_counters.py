# Copyright the carryall authors.  See LICENSE.
"""A listener's counters (L16): its transports tell them, and count the octets that pass."""
from __future__ import absolute_import, division, print_function

from carryall.core.metrics import UNWATCHED, Metrics, counters_of
from carryall.core.net.protocol import Protocol
from tests.contract.support import until

BIG = 3000000               # octets: more than a socket takes at once


def watched(name):
    """Counters that are read."""
    metrics = Metrics()
    metrics.watched = True
    return metrics.listener(name)


class Server(Protocol):
    """Sends BIG octets for the first that come."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(b'x' * BIG)


class Client(Protocol):
    """Counts what comes."""

    def __init__(self):
        self.came = 0

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.came += len(data)


def test_the_octets_of_accepted_connections_are_counted(loop):
    listener = loop.listen_tcp(Server)
    counters = watched('big')
    listener.counters = counters
    transport, client = loop.run_until(loop.connect_tcp(
        Client, listener.address.host, listener.address.port))
    transport.write(b'go on')
    until(loop, lambda: client.came == BIG)
    until(loop, lambda: counters.sent.value == BIG)
    assert counters.received.value == 5, 'octets received'
    assert counters_of(transport) is UNWATCHED, 'the side that connected has no counters'
    transport.close()
    listener.close()


def test_a_file_that_is_sent_is_counted(loop, tmpdir):
    path = tmpdir.join('file')
    path.write_binary(b'y' * BIG)
    source = open(str(path), 'rb')

    class FileServer(Protocol):
        def connection_made(self, transport):
            transport.write_file(source, 0, BIG)

    listener = loop.listen_tcp(FileServer)
    counters = watched('file')
    listener.counters = counters
    transport, client = loop.run_until(loop.connect_tcp(
        Client, listener.address.host, listener.address.port))
    until(loop, lambda: client.came == BIG)
    until(loop, lambda: counters.sent.value == BIG)
    transport.close()
    listener.close()
    source.close()


def test_unread_octets_are_not_counted(loop):
    listener = loop.listen_tcp(Server)
    counters = Metrics().listener('big')
    listener.counters = counters
    transport, client = loop.run_until(loop.connect_tcp(
        Client, listener.address.host, listener.address.port))
    transport.write(b'go on')
    until(loop, lambda: client.came == BIG)
    assert counters.received.value == 0
    transport.close()
    listener.close()
