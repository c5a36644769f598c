# Copyright the carryall authors.  See LICENSE.
"""open_session and greet: what the connect of each protocol is made of."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, Refused, TimedOut
from carryall.core.future import Future, completed
from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop
from carryall.core.testing.nulltls import NullTLS
from carryall.core.tls import TLSContext, greet, listening, open_session


class Session(Protocol):
    """A client that notes what becomes of its connection."""

    lost = False

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, exc):
        self.lost = True


class World(object):
    """A loop with a server on port 7."""

    def __init__(self, **options):
        self.loop = VirtualLoop(**options)
        self.made = []

    def serve(self, factory=Protocol):
        self.loop.listen_tcp(factory, port=7)

    def make(self):
        self.made.append(Session())
        return self.made[-1]

    def open(self, *args, **named):
        return open_session(self.loop, self.make, '127.0.0.1', 7, *args, **named)


def test_without_ready_the_protocol_is_the_session():
    world = World()
    world.serve()
    assert world.loop.run_until(world.open()) is world.made[0]


def test_the_session_is_what_ready_returns():
    world = World()
    world.serve()
    assert world.loop.run_until(world.open(lambda protocol: [protocol])) == world.made


def test_the_session_may_come_later():
    world = World()
    world.serve()
    assert world.loop.run_until(world.open(lambda protocol: completed('it'))) == 'it'


def test_a_refused_connection_fails():
    world = World()
    with pytest.raises(Refused):
        world.loop.run_until(world.open(lambda protocol: 'it'))
    assert world.made == []


def test_a_failure_of_ready_ends_the_connection():
    world = World()
    world.serve()

    def fail(protocol):
        raise ConnectionLost(u'no')

    with pytest.raises(ConnectionLost):
        world.loop.run_until(world.open(fail))
    world.loop.advance(1.0)
    assert world.made[0].lost


def test_ready_has_the_time_that_connecting_leaves():
    world = World()
    world.serve()
    opened = world.open(lambda protocol: Future(), timeout=5.0)
    world.loop.advance(4.9)
    assert not opened.done()
    world.loop.advance(0.2)
    assert isinstance(opened.exception(), TimedOut)
    assert world.made[0].lost


def test_an_unwanted_session_ends():
    world = World()
    world.serve()
    waited = Future()
    opened = world.open(lambda protocol: waited)
    world.loop.advance(1.0)
    opened.cancel()
    world.loop.advance(1.0)
    assert world.made[0].lost
    assert waited.cancelled()


def test_tls_is_there_before_ready():
    world = World(tls=NullTLS())
    context = TLSContext(verify=False)
    world.serve(listening(world.loop, context, Protocol))
    opened = world.open(lambda protocol: protocol.transport.get_extra_info('tls'), context)
    assert world.loop.run_until(opened) is not None


class SlowNetwork(VirtualLoop):
    """A loop whose connections are made, or not, without regard to the time."""

    def connect_tcp(self, factory, host, port, timeout=None):
        return Future()


def test_connecting_and_tls_have_one_deadline_without_ready():
    loop = SlowNetwork(tls=NullTLS())
    opened = open_session(loop, Session, '127.0.0.1', 7, tls=TLSContext(verify=False), timeout=5.0)
    loop.advance(4.9)
    assert not opened.done()
    loop.advance(0.2)
    assert isinstance(opened.exception(), TimedOut)


class Client(object):
    """Notes the order of its commands."""

    def __init__(self):
        self.said = []

    def hello(self):
        self.said.append('hello')
        return completed(None)

    def start_tls(self, context, hostname):
        self.said.append((context, hostname))
        return completed(None)


def test_a_greeting_without_a_context_does_not_upgrade():
    client = Client()
    assert greet(client, None, 'a.example').result() is client
    assert client.said == ['hello']


def test_a_greeting_with_a_context_upgrades_after_it():
    client = Client()
    assert greet(client, 'context', 'a.example').result() is client
    assert client.said == ['hello', ('context', 'a.example')]
