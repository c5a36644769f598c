# Copyright the carryall authors.  See LICENSE.
"""Sturdy references: connected when needed, again when lost, elsewhere when gone, and patient."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectFailed, Refused
from carryall.core.testing import VirtualLoop
from carryall.protocols import pb


class Root(pb.Root):
    def __init__(self, name):
        self.name = name

    def remote_name(self):
        return self.name


class Town(object):
    """Servers by port, in memory."""

    def __init__(self):
        self.loop = VirtualLoop()
        self.listeners = {}
        self.brokers = []
        self.tries = []

    def open(self, port):
        def make():
            self.brokers.append(pb.Broker(self.loop, Root(port)))
            return self.brokers[-1]
        self.listeners[port] = self.loop.listen_tcp(make, '127.0.0.1', port)

    def close(self, port):
        self.listeners.pop(port).close()
        for broker in self.brokers:
            if not broker.lost:
                broker.close()
        self.loop.advance()

    def place(self, port):
        def connect():
            self.tries.append(port)
            return pb.connect(self.loop, '127.0.0.1', port)
        return connect

    def ask(self, sturdy):
        future = sturdy.call_remote('name')
        self.loop.advance()
        return future.exception() or future.result()


def test_a_sturdy_reference_connects_when_needed():
    town = Town()
    town.open(1)
    sturdy = pb.SturdyReference(town.loop, [town.place(1)])
    assert town.tries == [], 'not before'
    several = [sturdy.call_remote('name') for _ in range(3)]
    town.loop.advance()
    assert [one.result() for one in several] == [1, 1, 1] and sturdy.connections == 1, \
        'one connection for all'


def test_a_sturdy_reference_connects_again():
    town = Town()
    town.open(1)
    sturdy = pb.SturdyReference(town.loop, [town.place(1)])
    assert town.ask(sturdy) == 1
    town.close(1)
    assert sturdy.reference is None, 'it knows'
    town.open(1)
    assert town.ask(sturdy) == 1 and sturdy.connections == 2, 'at the next call'


def test_a_sturdy_reference_waits_between_attempts():
    town = Town()
    sturdy = pb.SturdyReference(town.loop, [town.place(1)])
    assert isinstance(town.ask(sturdy), Refused), 'nobody is there'
    assert isinstance(town.ask(sturdy), Refused) and town.tries == [1], 'nobody was asked again'
    town.open(1)
    town.loop.advance(0.6)
    assert town.ask(sturdy) == 1, 'after a while'
    gaps = pb.SturdyReference(town.loop, [town.place(2)], stay=True)
    del town.tries[:]
    gaps.start()
    town.loop.advance(600.0)
    assert 8 < len(town.tries) < 35, '%d tries in ten minutes' % len(town.tries)
    gaps.close()


def test_a_sturdy_reference_tries_the_next_place():
    town = Town()
    town.open(2)
    sturdy = pb.SturdyReference(town.loop, [town.place(1), town.place(2)])
    assert town.ask(sturdy) == 2 and town.tries == [1, 2], 'the first that is there'
    town.open(1)
    town.close(2)
    assert town.ask(sturdy) == 1 and town.tries == [1, 2, 2, 1], \
        'beginning with the one that worked last'


def test_a_sturdy_reference_may_stay_connected():
    town = Town()
    town.open(1)
    sturdy = pb.SturdyReference(town.loop, [town.place(1)], stay=True)
    sturdy.start()
    town.loop.advance()
    assert sturdy.reference is not None, 'without a call'
    town.close(1)
    town.open(1)
    town.loop.advance(2.0)
    assert sturdy.reference is not None and sturdy.connections == 2, 'by itself'
    sturdy.close()
    town.loop.advance(100.0)
    assert sturdy.reference is None and isinstance(town.ask(sturdy), ConnectFailed), \
        'until it is closed'
    assert not town.loop.failures


def test_so_many_wait_and_no_more():
    town = Town()
    town.open(1)
    sturdy = pb.SturdyReference(town.loop, [town.place(1)], max_pending=2)
    futures = [sturdy.call_remote('name') for _ in range(3)]
    assert isinstance(futures[2].exception(), ConnectFailed), 'the third'
    town.loop.advance()
    assert [one.result() for one in futures[:2]] == [1, 1], 'the others'


def test_closed_while_it_connects():
    town = Town()
    town.open(1)
    sturdy = pb.SturdyReference(town.loop, [town.place(1)])
    future = sturdy.get()
    sturdy.close()
    town.loop.advance()
    assert isinstance(future.exception(), ConnectFailed) \
        and all(broker.lost for broker in town.brokers), 'nothing is left'


def test_a_login_that_fails_is_a_connection_that_fails():
    town = Town()
    town.open(1)
    sturdy = pb.SturdyReference(town.loop, [town.place(1)],
                                login=lambda broker: broker.remote().call_remote('nothing'))
    assert isinstance(town.ask(sturdy), pb.NoSuchMethod), 'told'
    town.loop.advance()
    assert all(broker.lost for broker in town.brokers), 'and closed'
    good = pb.SturdyReference(town.loop, [town.place(1)], login=lambda broker: pb.Broker.remote(
        broker).broker.ready.then(lambda one: one.remote()))
    assert town.ask(good) == 1, 'one that does not'


def test_a_server_that_throws_everybody_out():
    """It is not asked all the time either; one that was there for a while is, at once."""
    town = Town()

    class Rude(pb.Root):
        def rootObject(self, broker):
            broker.ready.then(lambda ready: ready.close())
            return self

    town.loop.listen_tcp(lambda: pb.Broker(town.loop, Rude()), '127.0.0.1', 1)
    sturdy = pb.SturdyReference(town.loop, [town.place(1)], stay=True)
    sturdy.start()
    town.loop.advance(600.0)
    assert 8 < len(town.tries) < 35, '%d tries in ten minutes' % len(town.tries)
    sturdy.close()
    town.open(2)
    good = pb.SturdyReference(town.loop, [town.place(2)], stay=True)
    good.start()
    town.loop.advance(11.0)
    del town.tries[:]
    town.brokers[-1].close()
    town.loop.advance()
    assert town.tries == [2] and good.reference is not None, 'at once'
    good.close()
