# Copyright the carryall authors.  See LICENSE.
"""When references end: by word, by scope, by connection, and at last by the collector."""
from __future__ import absolute_import, division, print_function

import gc

import pytest

from carryall.core.future import Future, Return, coroutine, gather
from carryall.protocols import pb
from carryall.protocols.pb.remotereference import Held
from tests.protocols.pb.stage import Pair

CALLS = 5000                # ten times as many are made by an acceptance case, between processes
LEFT = 32                   # live references that may be left of them


class Leaf(pb.Referenceable):
    def remote_ping(self):
        return 1


class Root(pb.Root):
    def __init__(self):
        self.kept = []
        self.leaf = Leaf()
        self.later = Future()

    def remote_new(self):
        return Leaf()

    def remote_same(self):
        return self.leaf

    def remote_store(self, leaf):
        self.kept.append(leaf)

    @pb.scoped
    def remote_use(self, leaf):
        return leaf.call_remote('ping')

    @pb.scoped
    def remote_hold(self, leaf):
        self.kept.append(leaf.keep())

    @pb.scoped
    def remote_wait(self, leaf):
        return self.later

    @pb.scoped
    def remote_fail(self, leaf):
        raise pb.PBError(u'no')

    def remote_echo(self):
        return None


def test_a_released_reference_is_given_back():
    pair = Pair(Root())
    leaf = pair.call('new')
    assert pair.server.live().objects == 1 and pair.client.live().references == 1, \
        'one on each side'
    leaf.release()
    leaf.release()
    pair.settle()
    assert pair.server.live().objects == 0 and pair.client.live().references == 0, 'forgotten, once'
    assert isinstance(leaf.call_remote('ping').exception(), pb.DeadReference), \
        'it cannot be used any more'
    assert isinstance(pair.root.call_remote('store', leaf).exception(), pb.DeadReference), \
        'nor sent home'


def test_a_block_releases_its_reference():
    pair = Pair(Root())
    with pair.call('new') as leaf:
        assert pair.wait(leaf.call_remote('ping')) == 1, 'in the block'
    pair.settle()
    assert pair.server.live().objects == 0, 'after it'


def test_each_time_that_it_is_sent_is_released_by_itself():
    pair = Pair(Root())
    first = pair.call('same')
    second = pair.call('same')
    assert first == second and hash(first) == hash(second) and first is not second, \
        'one object at the other end'
    assert pair.server.live().objects == 1 and pair.client.live().references == 2, 'counted twice'
    first.release()
    pair.settle()
    assert pair.server.live().objects == 1 and pair.wait(second.call_remote('ping')) == 1, \
        'the second lives'
    second.release()
    pair.settle()
    assert pair.server.live().objects == 0, 'now it is over'


def test_the_root_is_not_counted():
    pair = Pair(Root())
    pair.root.release()
    pair.settle()
    assert isinstance(pair.root.call_remote('echo').exception(), pb.DeadReference), \
        'released like any other'
    assert pair.wait(pair.client.remote().call_remote('echo')) is None, 'but it is still there'


def test_a_scoped_method_releases_its_arguments():
    root = Root()
    pair = Pair(root)
    assert pair.call('use', Leaf()) == 1
    assert pair.client.live().objects == 0, 'after the call'
    waiting = pair.root.call_remote('wait', Leaf())
    pair.settle()
    assert pair.client.live().objects == 1, 'while it is under way'
    root.later.set_result(None)
    pair.wait(waiting)
    assert pair.client.live().objects == 0, 'when it is answered'
    assert isinstance(pair.error(pair.root.call_remote('fail', Leaf())), pb.PBError), 'it fails'
    assert pair.client.live().objects == 0, 'when it has failed'


def test_a_kept_reference_outlives_its_call():
    root = Root()
    pair = Pair(root)
    pair.call('hold', Leaf())
    assert pair.client.live().objects == 1 and pair.wait(root.kept[0].call_remote('ping')) == 1, \
        'kept'
    root.kept.pop().release()
    pair.settle()
    assert pair.client.live().objects == 0, 'until it is released'


def test_other_methods_keep_what_they_store():
    root = Root()
    pair = Pair(root)
    pair.call('store', Leaf())
    assert pair.wait(root.kept[0].call_remote('ping')) == 1, 'as programs of old expect'


def test_a_scoped_broker():
    root = Root()
    pair = Pair(root, far=dict(scoped=True))
    pair.call('store', Leaf())
    assert pair.client.live().objects == 0 and isinstance(
        root.kept[0].call_remote('ping').exception(), pb.DeadReference), 'all methods'


def test_the_collector_releases_references():
    """The last resort; on CPython at once, elsewhere when it is asked."""
    pair = Pair(Root())
    pair.call('new')
    for _ in range(100):
        gc.collect()
        pair.settle()
        if not pair.server.live().objects:
            return
    pytest.skip('this collector does not come when it is called')


def test_the_collector_speaks_from_any_thread():
    class Loop(object):
        calls = []

        def call_soon_threadsafe(self, function):
            self.calls.append(function)

    given_up = []
    held = Held(Loop(), given_up.append)

    class Thing(object):
        pass

    thing = Thing()
    serials = []
    for luid in (7, 8):
        serials.append(held.arrived(thing, luid))
    for serial in serials:
        held._collected(serial)
    held._collected(99)
    assert len(Loop.calls) == 1 and given_up == [], 'nothing happens in its thread'
    Loop.calls[0]()
    assert sorted(given_up) == [7, 8] and len(held) == 0, 'but on the loop'
    held.release(serials[0])
    assert len(given_up) == 2, 'once'


def test_the_end_of_a_reference_is_reported():
    told = []

    class Told(pb.Referenceable):
        def released_by_peer(self, broker):
            told.append(broker)

    class Giver(pb.Root):
        def remote_get(self):
            return Told()

    pair = Pair(Giver())
    leaf = pair.call('get')
    pair.call('get')
    leaf.release()
    pair.settle()
    assert pair.server in told, 'the object'
    pair.client.close()
    pair.settle()
    assert len(told) == 2, 'the other one, at the end of the connection'


@pytest.mark.limit(60)
def test_thousands_of_calls_leave_nothing():
    """Each brings a reference of one side to the other; no collector is needed."""
    pair = Pair(Root())
    highest = [0]

    @coroutine
    def worker(times):
        for number in range(times):
            if number % 2:
                yield pair.root.call_remote('use', Leaf())
            else:
                leaf = yield pair.root.call_remote('new')
                leaf.release()
            highest[0] = max(highest[0], pair.server.live().objects, pair.client.live().objects)
        raise Return(times)

    done = gather([worker(CALLS // 50) for _ in range(50)])
    assert sum(pair.wait(done)) == CALLS, 'all calls'
    for broker in (pair.server, pair.client):
        live = broker.live()
        assert live.objects + live.references + live.caches + live.cacheables <= LEFT, \
            'left: %r' % (live,)
        assert live.calls == live.answers == 0, 'waiting: %r' % (live,)
    assert highest[0] <= 50 + LEFT, 'at a time there were %d' % highest[0]
