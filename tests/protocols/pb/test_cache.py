# Copyright the carryall authors.  See LICENSE.
"""Cacheables: sent once, changed by their observers, given back."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.protocols import pb
from tests.protocols.pb.stage import Pair


class Duck(pb.Cacheable):
    def __init__(self, age=1):
        self.age = age
        self.observers = []

    def getTypeToCopy(self):
        return u'duck'

    def getStateToCacheAndObserveFor(self, perspective, observer):
        self.observers.append(observer)
        return {u'age': self.age}

    def stoppedObserving(self, perspective, observer):
        self.observers.remove(observer)

    def grow(self):
        self.age += 1
        return [one.call_remote('setAge', self.age) for one in self.observers]


class RemoteDuck(pb.RemoteCache):
    born = False

    def __init__(self):
        self.born = True

    def observe_setAge(self, age):
        self.age = age
        return u'ok'


class Root(pb.Root):
    def __init__(self):
        self.duck = Duck()

    def remote_duck(self):
        return self.duck

    def remote_two(self):
        return [self.duck, self.duck]

    def remote_grow(self):
        self.duck.grow()

    def remote_is(self, duck):
        return duck is self.duck

    def remote_new(self):
        return Duck()

    def remote_broken(self):
        return [Duck(), 2 ** 1000]


def pair_of(root):
    registry = pb.Registry()
    registry.setUnjellyableForClass('duck', RemoteDuck)
    return Pair(root, near=dict(registry=registry))


def test_sent_once_then_changed():
    root = Root()
    pair = pair_of(root)
    duck = pair.call('duck')
    assert type(duck) is RemoteDuck and duck.age == 1 and duck.born, 'its state'
    pair.call('grow')
    assert duck.age == 2, 'changed before the answer of the call that changed it'
    again = pair.call('duck')
    assert again == duck and again is not duck and again.age == 2, 'the same, by its number alone'
    assert len(root.duck.observers) == 1, 'observed once'
    pair.call('grow')
    assert again.age == duck.age == 3, 'what one sees, all see'


def test_twice_in_one_message():
    pair = pair_of(Root())
    first, second = pair.call('two')
    assert first is second and pair.client.live().caches == 1, 'once'
    first.release()
    pair.settle()
    assert pair.server.live().cacheables == 0, 'given back once'


def test_a_dropped_cache_is_given_back():
    root = Root()
    pair = pair_of(root)
    first = pair.call('duck')
    second = pair.call('duck')
    first.release()
    first.release()
    pair.settle()
    assert root.duck.observers and second.broker is pair.client, 'one is left'
    second.release()
    pair.settle()
    assert root.duck.observers == [] and second.broker is None, 'nobody observes'
    assert pair.server.live().cacheables == 0 and pair.client.live().caches == 0, 'nothing is kept'
    assert second.age == 1, 'what was known stays known'
    third = pair.call('duck')
    pair.call('grow')
    assert third.age == 2 and first.age == 1, 'a new life'


def test_a_block_gives_its_cache_back():
    root = Root()
    pair = pair_of(root)
    with pair.call('duck'):
        assert root.duck.observers
    pair.settle()
    assert not root.duck.observers, 'after it'


def test_a_cache_sent_home_is_the_object():
    pair = pair_of(Root())
    duck = pair.call('duck')
    assert pair.call('is', duck) is True, 'the very object'
    other = pair_of(Root())
    assert isinstance(other.error(other.root.call_remote('is', duck)), LocalProtocolError), \
        'and nowhere else'


def test_sent_again_while_it_is_given_back():
    root = Root()
    pair = pair_of(root)
    duck = pair.call('duck')
    future = pair.root.call_remote('duck')
    duck.release()
    again = pair.wait(future)
    pair.call('grow')
    assert again.age == 2, 'the two messages crossed, and it is still observed'


def test_changes_that_cross_its_end():
    root = Root()
    pair = pair_of(root)
    duck = pair.call('duck')
    answers = root.duck.grow()
    duck.release()
    assert pair.wait(answers[0]) == u'ok' and duck.age == 2, 'the original takes them'
    assert isinstance(pair.server.outgoing.call_cache(root.duck, None, b'x', (), {}).exception(),
                      pb.DeadReference), 'later there is none'


def test_the_end_of_the_connection():
    root = Root()
    pair = pair_of(root)
    duck = pair.call('duck')
    pair.client.close()
    pair.settle()
    assert root.duck.observers == [], 'the server stops'
    assert duck.broker is None and duck.age == 1, 'the client keeps what it knows'
    duck.release()


def test_too_many_caches_are_refused():
    pair = Pair(Root(), near=dict(registry=pair_of(Root()).client.registry),
                settings=pb.Settings(caches=2, strikes=10))
    ducks = [pair.call('new'), pair.call('new')]
    assert 'cache count' in pair.error(pair.root.call_remote('new')).message, 'told'
    ducks.pop().release()
    pair.settle()
    assert pair.call('new').age == 1, 'one is free again'


def test_an_unsendable_cache_is_not_observed(expect_log):
    expect_log('a call failed')
    root = Root()
    pair = pair_of(root)
    assert isinstance(pair.error(pair.root.call_remote('broken')), pb.RemoteError), \
        'the answer cannot be sent'
    assert pair.server.live().cacheables == 0, 'and nothing is left of it'
