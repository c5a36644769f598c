# Copyright the carryall authors.  See LICENSE.
"""Broker: calls both ways, every message, what is limited and what is ignored."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future, coroutine, Return
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols import pb
from carryall.protocols.pb.banana import PB, encode
from tests.protocols.pb.stage import CHOICE, HELLO, VERSION, Pair, Peer


class Leaf(pb.Referenceable):
    def remote_ping(self):
        return u'pong'


class Root(pb.Root):
    def __init__(self):
        self.kept = []
        self.later = Future()

    def remote_echo(self, *args, **kwargs):
        return args, dict((u'%s' % key, value) for key, value in kwargs.items())

    def remote_leaf(self):
        return Leaf()

    def remote_later(self):
        return self.later

    @coroutine
    def remote_ask(self, other):
        answer = yield other.call_remote('ping')
        raise Return(answer + u'!')

    def remote_keep(self, other):
        self.kept.append(other)

    def remote_unsendable(self):
        return [Leaf(), 2 ** 1000]

    def remote_note(self, value):
        self.kept.append(value)

    def secret(self):
        raise AssertionError('called by a peer')

    remote_number = 5

    @classmethod
    def remote_cls(cls):
        return u'class method'

    @staticmethod
    def remote_static():
        return u'static method'


def test_the_handshake_of_a_server():
    loop = VirtualLoop()
    broker = pb.Broker(loop, Root())
    wire = FakeTransport(loop).connect(broker)
    assert wire.take() == HELLO, 'it speaks first, without tokens'
    wire.feed(CHOICE)
    loop.advance()
    assert wire.take() == VERSION and broker.ready.result() is broker, 'then it is ready'


def test_the_handshake_of_a_client():
    loop = VirtualLoop()
    broker = pb.Broker(loop, client=True)
    wire = FakeTransport(loop).connect(broker)
    loop.advance()
    assert wire.take() == b'', 'the server speaks first'
    wire.feed(HELLO)
    loop.advance()
    assert wire.take() == CHOICE + VERSION, 'dialect and version'


def test_the_dialect_without_words():
    loop = VirtualLoop()
    broker = pb.Broker(loop, client=True)
    wire = FakeTransport(loop).connect(broker)
    wire.feed(b'\x01\x80\x04\x82none')
    wire.feed(b'\x02\x80\x07\x82version\x06\x81')
    loop.advance()
    assert wire.take() == b'\x04\x82none\x02\x80\x07\x82version\x06\x81' \
        and broker.dialect.name == b'none', 'spelled out'
    broker.remote().call_remote('x')
    loop.advance()
    assert wire.take() \
        == (b'\x07\x80\x07\x82message\x01\x81\x04\x82root\x01\x82x\x01\x81\x01\x80\x05\x82tuple'
            b'\x01\x80\x0a\x82dictionary'), 'a call without tokens'
    assert not wire.closed


@pytest.mark.parametrize('client, first', [
    (True, b'\x01\x80\x03\x82xyz'), (True, b'\x02\x82pb'), (True, b'\x05\x81'), (True, b'\x00\x80'),
    (False, b'\x03\x82xyz'), (False, HELLO), (False, b'\x01\x87'),
    (False, b'GET / HTTP/1.0\r\n\r\n\x82')])
def test_a_peer_of_another_dialect_is_disconnected(client, first):
    loop = VirtualLoop()
    wire = FakeTransport(loop).connect(pb.Broker(loop, client=client))
    wire.feed(first)
    loop.advance()
    assert wire.closed and not loop.failures, 'it is still open'


def test_a_silent_peer_is_disconnected():
    loop = VirtualLoop()
    broker = pb.Broker(loop)
    wire = FakeTransport(loop).connect(broker)
    loop.advance(19.0)
    assert not wire.closed, 'too early'
    loop.advance(2.0)
    assert wire.closed and isinstance(broker.ready.exception(), ConnectionLost), 'it waits for ever'


def test_another_version_is_closed():
    peer = Peer(Root())
    peer.say([b'version', 5])
    assert peer.wire.closed, 'version 5'


def test_calls_carry_arguments_and_results():
    pair = Pair(Root())
    assert pair.call('echo', 1, u'x', b'y', key=[None]) == ((1, u'x', b'y'), {u'key': [None]}), \
        'there and back'
    assert pair.call(b'echo') == ((), {}), 'a name of bytes'
    assert pair.call('cls') == u'class method' and pair.call('static') == u'static method', \
        'other kinds of methods'


def test_the_captured_call():
    """The bytes of a call as Twisted writes them."""
    loop = VirtualLoop()
    broker = pb.Broker(loop, client=True)
    wire = FakeTransport(loop).connect(broker)
    wire.feed(HELLO)
    for _ in range(2):
        broker.remote().call_remote('echo')
    loop.advance()
    assert wire.take() == CHOICE + VERSION + b''.join(
        b'\x07\x80\x1a\x87' + number
        + b'\x81\x04\x82root\x04\x82echo\x01\x81\x01\x80\x0b\x87\x01\x80\x05\x87'
        for number in (b'\x01', b'\x02')), 'word for word, in one write'


@pytest.mark.parametrize('name', ['secret', '__init__', 'remote_echo', 'number', 'kept', '',
                                  u'\u20ac', b'\xff'])
def test_an_unoffered_method_is_refused(name):
    pair = Pair(Root())
    error = pair.error(pair.root.call_remote(name))
    assert isinstance(error, pb.NoSuchMethod) and error.check('builtins.AttributeError'), \
        'answered with %r' % (error,)
    assert u'No such method: remote_' in error.message, 'and the text of old'


def test_an_unknown_object_is_an_error():
    pair = Pair(Root())
    error = pair.error(pair.client.remote('branch').call_remote('x'))
    assert isinstance(error, pb.PBError) and error.message == u'Invalid Object ID' and error.check(
        pb.PBError), 'by name'
    peer = Peer(Root())
    heard = peer.ask(peer.message(1, b'x', object=77))
    assert heard[0][:2] == [b'error', 1] \
        and heard[0][2][0] == b'twisted.spread.pb.CopyableFailure', 'by number'


def test_no_answer_wanted():
    root = Root()
    pair = Pair(root)
    assert pair.root.call_remote('note', 1, pbanswer=False) is None, 'there is no future'
    pair.root.call_remote('nothing there', pbanswer=False)
    pair.settle()
    assert root.kept == [1] and pair.client.live().calls == 0, 'it was called'


def test_an_answer_that_comes_later():
    root = Root()
    pair = Pair(root)
    first = pair.root.call_remote('later')
    second = pair.root.call_remote('echo')
    pair.settle()
    assert not first.done() and second.done(), 'others do not wait for it'
    assert pair.server.live().answers == 1, 'one is under way'
    root.later.set_result({u'a': 1})
    assert pair.wait(first) == {u'a': 1} and pair.server.live().answers == 0, 'then it is there'


def test_an_error_that_comes_later():
    root = Root()
    pair = Pair(root)
    future = pair.root.call_remote('later')
    pair.settle()
    root.later.set_exception(pb.PBError(u'late'))
    assert pair.error(future).message == u'late', 'its text'


def test_calls_go_both_ways_within_each_other():
    pair = Pair(Root())
    assert pair.call('ask', Leaf()) == u'pong!', 'the server calls the client while it is called'


def test_a_reference_sent_home_is_the_object():
    leaf = Leaf()
    root = Root()
    pair = Pair(root)
    (back,), _ = pair.call('echo', leaf)
    assert back is leaf, 'it came back as another'


def test_a_reference_goes_to_its_own_broker_alone():
    pair = Pair(Root())
    other = Pair(Root())
    leaf = pair.call('leaf')
    assert isinstance(other.error(other.root.call_remote('echo', leaf)), LocalProtocolError), \
        'to a third party'


def test_a_forwarder_passes_calls_on():
    loop = VirtualLoop()
    back = loop.listen_tcp(lambda: pb.Broker(loop, Root()), '127.0.0.1', 0)
    behind = []
    pb.connect(loop, '127.0.0.1', back.address.port).then(behind.append)
    loop.advance()

    class Front(pb.Root):
        def rootObject(self, broker):
            return pb.Forwarder(behind[0].remote())

    front = loop.listen_tcp(lambda: pb.Broker(loop, Front()), '127.0.0.1', 0)
    got = []
    pb.connect(loop, '127.0.0.1', front.address.port).then(
        lambda broker: broker.remote().call_remote('echo', 5, a=u'b')).then(got.append)
    loop.advance()
    assert got == [((5,), {u'a': u'b'})], 'through two brokers'


def test_an_unsendable_value_leaves_nothing_behind():
    pair = Pair(Root())
    future = pair.root.call_remote('echo', Leaf(), 2 ** 1000)
    assert isinstance(pair.error(future), LocalProtocolError), 'arguments'
    assert pair.client.live().objects == 0 and pair.client.live().calls == 0, \
        'the reference was not taken back'


def test_an_answer_that_cannot_be_sent(expect_log):
    expect_log('a call failed')
    pair = Pair(Root())
    assert isinstance(pair.error(pair.root.call_remote('unsendable')), pb.RemoteError), \
        'the caller hears of it'
    assert pair.server.live().objects == 0, 'the reference was not taken back'


def test_a_cancelled_call():
    root = Root()
    pair = Pair(root)
    future = pair.root.call_remote('later')
    pair.settle()
    future.cancel()
    root.later.set_result(Leaf())
    pair.settle()
    assert pair.server.live().objects == 0, 'the reference that nobody took was not given back'


def test_the_end_of_the_connection():
    root = Root()
    pair = Pair(root)
    leaf = pair.call('leaf')
    waiting = pair.root.call_remote('later')
    released = []
    pair.client.when_released(Leaf(), lambda: released.append(1))
    pair.settle()
    pair.server.transport.abort()
    pair.settle()
    assert isinstance(waiting.exception(), ConnectionLost), 'who waits is told'
    assert isinstance(leaf.call_remote('ping').exception(), pb.DeadReference), 'later calls too'
    assert pair.client.closed.done() and pair.server.closed.done() and released == [1], 'both know'
    assert sum(pair.server.live()[:5]) == 0 and sum(pair.client.live()[:5]) == 0, 'nothing is kept'
    leaf.release()
    root.later.set_result(1)
    pair.settle()


def test_end_of_file_in_every_state():
    for said in (b'', CHOICE[:1], CHOICE, CHOICE + VERSION, CHOICE + VERSION + b'\x07\x80\x1a\x87'):
        loop = VirtualLoop()
        broker = pb.Broker(loop, Root())
        wire = FakeTransport(loop).connect(broker)
        wire.feed(said)
        wire.feed_eof()
        loop.advance()
        assert wire.closed and broker.closed.done() and not loop.failures and not loop._timers, \
            'after %r' % (said,)


@pytest.mark.parametrize('element', [
    [b'answer', 99, 1], [b'error', 99, 1], [b'answer'], [b'answer', b'x', 1], [b'answer', [], 1],
    [b'decref', 99], [b'decref', b'root'], [b'decref', []],
    [b'decref'], [b'decache', 1], [b'decache', []], [b'uncache', 1], [b'uncache', []], [b'message'],
    [b'message', 1, 2, 3, 4, 5, 6], [b'message', [], b'root', b'echo', 1, [], []],
    [b'cachemessage', 1, 5, [], 1, [b'tuple'], [b'dictionary']],
    [b'message', 1, [], b'echo', 1, [b'tuple'], [b'dictionary']], [b'didNotUnderstand', b'x']])
def test_messages_that_make_no_sense_are_ignored(element):
    peer = Peer(Root())
    assert peer.ask(element) == [], 'not a word'
    heard = peer.ask(peer.message(5, b'echo', 1))
    assert heard == [[b'answer', 5, [b'tuple', [b'tuple', 1], [b'dictionary']]]] \
        and not peer.wire.closed, 'then all is as before: %r' % (heard,)


def test_repeated_faults_end_the_connection():
    peer = Peer(Root(), settings=pb.Settings(faults=3))
    for _ in range(3):
        peer.say([b'decref', 5])
    assert not peer.wire.closed
    peer.say([b'decref', 5])
    assert peer.wire.closed, 'it may go on'


def test_an_unknown_command_is_answered():
    peer = Peer(Root())
    assert peer.ask([b'frobnicate', 1]) == [[b'didNotUnderstand', b'frobnicate']], 'told so'


@pytest.mark.parametrize('element', [1, b'message', [], [[b'message']], [1], 2.5])
def test_a_bad_message_ends_the_connection(element):
    peer = Peer(Root())
    peer.say(encode(element, PB))
    assert peer.wire.closed, 'it is still open'


@pytest.mark.parametrize('args, kwargs', [
    ([b'list'], [b'dictionary']), (5, [b'dictionary']),
    ([b'tuple', [b'os.system', [b'dictionary']]], [b'dictionary']),
    ([b'tuple'], [b'list']), ([b'tuple'], [b'dictionary', [5, 1]]), ([b'tuple'], 7),
    ([b'tuple', [b'remote', b'x']], [b'dictionary']),
    ([b'tuple', [b'local', 12]], [b'dictionary']), ([b'tuple', [b'cached', 12]], [b'dictionary'])])
def test_arguments_that_are_none(args, kwargs):
    peer = Peer(Root())
    heard = peer.ask([b'message', 3, b'root', b'echo', 1, args, kwargs])
    assert len(heard) == 1 and heard[0][:2] == [b'error', 3] and b'InsecureJelly' in encode(
        heard[0], PB), 'answered with %r' % (heard,)
    assert peer.broker.live().references == 0, 'nothing was kept'


def test_keywords_may_be_bytes():
    peer = Peer(Root())
    heard = peer.ask([b'message', 3, b'root', b'echo', 1, [b'tuple'], [b'dictionary', [b'a', 1]]])
    assert heard[0][2][2] == [b'dictionary', [[b'unicode', b'a'], 1]], \
        'as Python 2 peers write them'


def test_too_many_references():
    peer = Peer(Root(), settings=pb.Settings(references=2, strikes=1))
    heard = peer.ask(*[peer.message(number, b'leaf') for number in range(4)])
    assert [one[0] for one in heard] == [b'answer', b'answer', b'error'], 'an error first'
    assert b'Maximum PB reference count exceeded' in encode(heard[2], PB) and peer.wire.closed, \
        'then the end'


def test_too_many_calls_under_way():
    peer = Peer(Root(), settings=pb.Settings(calls=2, strikes=1))
    heard = peer.ask(*[peer.message(number, b'later') for number in range(3)])
    assert [one[:2] for one in heard] == [[b'error', 2]] and not peer.wire.closed, \
        'the third is told'
    peer.say(peer.message(4, b'later'))
    assert peer.wire.closed, 'and then no more'


def test_too_many_references_of_the_peer():
    peer = Peer(Root(), settings=pb.Settings(held=10))
    heard = peer.ask(peer.message(
        1, b'keep', [b'list'] + [[b'remote', number] for number in range(20)]))
    assert heard[-1][:2] == [b'error', 1] and peer.broker.live().references == 0, 'not one was kept'


def test_calls_in_a_second():
    peer = Peer(Root(), settings=pb.Settings(calls_per_second=5))
    for number in range(12):
        peer.say(peer.message(number, b'echo'))
    assert len(peer.hear()) == 5 and not peer.wire.reading, 'reading pauses'
    peer.loop.advance(1.1)
    assert len(peer.hear()) == 5, 'the next second'
    peer.loop.advance(1.1)
    assert len(peer.hear()) == 2 and peer.wire.reading, 'and the rest'


def test_a_peer_that_does_not_read():
    peer = Peer(Root(), settings=pb.Settings(unsent_bytes=100000))
    peer.wire.clog()
    for number in range(1000):
        if peer.wire.closed:
            break
        peer.wire.feed(encode(peer.message(number, b'echo', b'x' * 1000), PB))
    assert peer.wire.aborted and number < 300, 'our memory fills for %d calls' % number


def test_pipelined_calls_are_answered_in_order():
    peer = Peer(Root())
    data = b''.join(encode(peer.message(number, b'echo', number), PB) for number in range(100))
    peer.say(data)
    heard = peer.hear()
    assert [one[1] for one in heard] == list(range(100)), 'in order'


def test_a_silent_peer_of_ours_is_asked_and_then_cut():
    pair = Pair(Root(), near=dict(extensions=True, ping_seconds=10.0), far=dict(extensions=True))
    assert pair.client.extended and pair.server.extended, 'both have it'
    pair.loop.advance(100.0)
    assert not pair.client.lost, 'it answers'
    pair.server.transport.pause_reading()
    pair.loop.advance(31.0)
    assert pair.client.lost, 'it is gone, and nobody noticed'


def test_a_silent_peer_of_another_kind_is_not_bothered_with_what_it_does_not_know():
    peer = Peer(Root(), ping_seconds=10.0, extensions=True)
    peer.loop.advance(25.0)
    heard = peer.hear()
    assert heard and all(one == [b'version', 6] for one in heard) and not peer.wire.closed, \
        'said %r' % (heard,)


def test_old_peers_do_not_see_our_dialect():
    pair = Pair(Root(), far=dict(extensions=True))
    assert not pair.client.extended and pair.call('echo') == ((), {}), 'pb is first in the list'


def test_a_drain_closes_the_connection():
    pair = Pair()
    pair.server.drain()
    pair.settle()
    assert pair.client.lost


def test_a_drain_waits_for_what_has_to_finish():
    pair = Pair()
    finished = Future()
    pair.server.finished = lambda: finished
    pair.server.drain()
    pair.settle()
    assert not pair.client.lost
    finished.set_result(None)
    pair.settle()
    assert pair.client.lost
