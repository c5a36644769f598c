# Copyright the carryall authors.  See LICENSE.
"""Data connections by themselves."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, ListenFailed, Refused, TimedOut
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.ftp.dataconnection import (MAX_STRANGERS, ActivePort, DataConnection,
                                                   PassivePort)
from tests.protocols.ftp.stage import Data


class Worker(object):
    """Records the calls that a transfer gets."""

    def __init__(self):
        self.seen = []

    def data_received(self, data):
        self.seen.append(('data', data))

    def ended(self):
        self.seen.append(('ended',))
        return False

    def lost(self, exc):
        self.seen.append(('lost', type(exc)))


def test_nothing_is_read_before_a_transfer_begins():
    connection = DataConnection()
    wire = FakeTransport().connect(connection)
    wire.feed(b'early')
    wire.feed_eof()
    worker = Worker()
    connection.give_to(worker)
    assert worker.seen == [] and not wire.reading, 'it reads'
    wire.resume_reading()
    wire.loop.advance()
    assert worker.seen == [('data', b'early'), ('ended',), ('lost', type(None))], worker.seen


def test_one_that_is_lost_before():
    connection = DataConnection()
    wire = FakeTransport().connect(connection)
    wire.lose()
    wire.loop.advance()
    worker = Worker()
    connection.give_to(worker)
    assert worker.seen == [('lost', ConnectionLost)], worker.seen


def passive(loop, allowed=lambda host: True, ports=None):
    return PassivePort(loop, '127.0.0.1', ports, allowed, 30.0)


def test_a_port_takes_one_connection():
    loop = VirtualLoop()
    port = passive(loop)
    assert not port.ready(), 'nobody has come'
    loop.connect_tcp(Data, '127.0.0.1', port.address.port)
    loop.advance()
    assert port.ready() and port.open().result().transport is not None and not loop._listeners, \
        'it listens on'
    loop.advance(100.0)
    assert not port.open().result().transport.is_closing(), \
        'time is over for the port, not for the connection'
    port.close()
    loop.advance()
    assert port.open().result().lost is not None, 'nobody took it'


def test_a_port_has_its_time():
    loop = VirtualLoop()
    port = passive(loop)
    loop.advance(29.9)
    assert loop._listeners and not port.open().done(), 'too early'
    loop.advance(0.2)
    assert not loop._listeners and isinstance(port.open().exception(), TimedOut), 'too late'


def test_strangers_are_counted():
    loop = VirtualLoop()
    port = passive(loop, lambda host: False)
    for _ in range(MAX_STRANGERS):
        assert loop._listeners, 'it gives up early'
        loop.connect_tcp(Data, '127.0.0.1', port.address.port)
        loop.advance()
    assert not loop._listeners and port.open().exception() is not None, \
        'somebody tries all the time'


def test_a_range_that_is_full():
    loop = VirtualLoop()
    passive(loop, ports=(50000, 50001))
    passive(loop, ports=(50000, 50001))
    with pytest.raises(ListenFailed):
        passive(loop, ports=(50000, 50001))


def test_an_active_port_connects_to_the_client():
    loop = VirtualLoop()
    listener = loop.listen_tcp(Data, '127.0.0.1', 0)
    port = ActivePort(loop, '127.0.0.1', listener.address.port, '127.0.0.1', 30.0)
    opened = port.open()
    loop.advance()
    assert not port.ready() and opened.result().transport is not None, 'connected'
    listener.close()
    refused = port.open()
    loop.advance()
    assert isinstance(refused.exception(), Refused), refused.exception()
    port.close()


def test_an_active_one_that_is_given_up():
    loop = VirtualLoop()
    listener = loop.listen_tcp(Data, '127.0.0.1', 0)
    listener.pause()
    opened = ActivePort(loop, '127.0.0.1', listener.address.port, '127.0.0.1', 30.0).open()
    opened.cancel()
    listener.resume()
    loop.advance()
    assert not [wire for wire in loop._wires if not wire.closed], 'a connection is open'
