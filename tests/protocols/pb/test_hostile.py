# Copyright the carryall authors.  See LICENSE.
"""A hostile peer: cut at every byte, garbage, floods; bounded, told or dropped,
and never an import."""
from __future__ import absolute_import, division, print_function

import random
import sys

import pytest

from carryall.core.compat import int2byte
from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop, play
from carryall.protocols import pb
from carryall.protocols.pb.banana import PB, encode
from tests.protocols.pb.stage import CHOICE, HELLO, VERSION, Peer


class Root(pb.Root):
    def remote_echo(self, *args, **kwargs):
        return args

    def remote_new(self):
        return pb.Referenceable()

    def remote_keep(self, one):
        KEPT.append(one)


KEPT = []


def server(loop):
    return pb.Broker(loop, Root())


def message(number, name, *args):
    return encode([b'message', number, b'root', name, 1, [b'tuple'] + list(args), [b'dictionary']],
                  PB)


SESSION = (CHOICE + VERSION + message(1, b'echo', 5, [b'unicode', b'x'],
                                      [b'dictionary', [b'k', [b'list', 1]]]) + message(2, b'new')
           + encode([b'decref', 1], PB) + message(3, b'keep', [b'remote', 9]) + message(
               4, b'nothing') + encode([b'frob'], PB) + message(5, b'echo'))


def test_half_a_message_at_every_byte():
    """The connection ends anywhere: nothing stays, nothing escapes."""
    for end in range(len(SESSION)):
        for reset in (False, True):
            loop = VirtualLoop()
            wire = FakeTransport(loop).connect(server(loop))
            wire.feed(SESSION[:end])
            if reset:
                wire.lose()
            else:
                wire.feed_eof()
            loop.advance()
            broker = wire.protocol
            assert broker.closed.done() and not loop.failures and sum(broker.live()) == 0 \
                and not loop._timers, 'after %d bytes' % end


def test_every_cut_gives_the_same_answer():
    assert play(server, SESSION).startswith(HELLO + VERSION), 'answered'


def test_each_byte_changed():
    """One wrong byte at a time: an answer, an error or the end; no exception goes out,
    no time is lost."""
    modules = set(sys.modules)
    for at in range(len(SESSION)):
        for value in (0, 1, 0x7f, 0x80, 0x82, 0x87, 0xff):
            loop = VirtualLoop()
            wire = FakeTransport(loop).connect(server(loop))
            wire.feed(SESSION[:at] + int2byte(value) + SESSION[at + 1:])
            loop.advance()
            assert not loop.failures, '%r with %d at %d' % (loop.failures[0], value, at)
    assert set(sys.modules) - modules <= set(['unicodedata', 'encodings.idna']), \
        'modules were imported: %r' % (set(sys.modules) - modules,)


def test_garbage_ends_in_an_answer_or_an_end():
    dice = random.Random(20020707)
    for _ in range(300):
        loop = VirtualLoop()
        wire = FakeTransport(loop).connect(server(loop))
        wire.feed(CHOICE + VERSION)
        wire.feed(b''.join(int2byte(
            dice.choice((dice.randrange(256), 0x80, 0x82, 0x81, 0x87, dice.randrange(32))))
                           for _ in range(200)))
        loop.advance()
        assert not loop.failures, '%r escaped' % (loop.failures[0],)


@pytest.mark.parametrize('data', [
    b'\x7f\x7f\x7f\x7f\x82', b'\x7f\x7f\x7f\x7f\x80', b'\x01' * 65, b'\x01\x80' * 201,
    b'\x00\x00\x29\x80', b'\x00\x00\x29\x82', b'\x00\x88', b'\xff'])
def test_announced_giants_are_refused(data):
    """Refused when they are announced."""
    peer = Peer(Root())
    peer.say(data)
    assert peer.wire.closed, 'it waits for the rest'


def test_a_message_of_many_elements():
    peer = Peer(Root(), settings=pb.Settings(message_items=1000))
    peer.say(encode([b'x'] * 600, PB)[:1] + b'')
    peer = Peer(Root(), settings=pb.Settings(message_items=1000))
    peer.say(b'\x02\x80' + encode([1] * 600, PB) + encode([1] * 600, PB))
    assert peer.wire.closed, 'two lists that are too many together'


def test_depth_is_limited_in_both_directions():
    peer = Peer(Root())
    value = [b'list']
    for _ in range(190):
        value = [b'list', value]
    heard = peer.ask(encode([b'message', 1, b'root', b'keep', 1, [b'tuple', value],
                             [b'dictionary']], PB))
    assert heard == [[b'answer', 1, [b'None']]], 'deep, and no stack is used up'
    KEPT.pop()


def test_an_echo_of_the_deepest():
    """A value that came in may be too deep to go out; the peer is told, and the connection goes
    on."""
    peer = Peer(Root())
    value = [b'list']
    for _ in range(196):
        value = [b'list', value]
    heard = peer.ask(encode([b'message', 1, b'root', b'echo', 1, [b'tuple', value],
                             [b'dictionary']], PB), message(2, b'echo'))
    assert [one[1] for one in heard] == [1, 2], \
        'both were answered: %r' % ([one[:2] for one in heard],)


@pytest.mark.parametrize('name', [
    b'os.system', b'subprocess.Popen', b'builtins.eval', b'carryall.protocols.pb.broker.Broker',
    b'twisted.python.failure.Failure', b'__main__', b'.', b'..', b'instance', b'\xff\xfe',
    b'x' * 1000, b'collections.OrderedDict'])
def test_names_of_classes_are_only_names(name):
    modules = set(sys.modules)
    peer = Peer(Root())
    heard = peer.ask(message(1, b'echo', [name, [b'dictionary', [b'a', 1]]]),
                     message(2, b'echo', [b'class', name]), message(3, b'echo', [b'module', name]),
                     message(4, b'echo', [b'function', name]),
                     message(5, b'echo', [b'instance', [b'class', name], [b'dictionary']]))
    assert [one[0] for one in heard] == [b'error'] * 5, 'refused: %r' % (heard,)
    assert set(sys.modules) == modules, 'imported: %r' % (set(sys.modules) - modules,)


def test_a_flood_of_references():
    """Theirs: bounded by what one peer may make us hold; ours: by what one may be given."""
    peer = Peer(Root(), settings=pb.Settings(held=100, references=50))
    for number in range(300):
        if peer.wire.closed:
            break
        peer.say(message(number, b'keep', [b'list']
                         + [[b'remote', at] for at in range(number * 20, number * 20 + 20)]))
    assert peer.wire.closed and peer.broker.live().references == 0, 'it goes on'
    assert number < 20, 'for %d messages' % number
    del KEPT[:]
    peer = Peer(Root(), settings=pb.Settings(references=50))
    for number in range(300):
        peer.say(message(number, b'new'))
    assert peer.wire.closed, 'it goes on'


def test_numbers_that_are_none():
    peer = Peer(Root())
    for luid in (2 ** 400, -1, 0):
        peer.ask([b'message', 1, luid, b'x', 1, [b'tuple'], [b'dictionary']], [b'decref', luid],
                 [b'answer', luid, 1])
    peer.say([b'decref', 1.5], [b'answer', 1.5, 2],
             [b'message', 1.5, b'root', b'x', 1, [b'tuple'], [b'dictionary']])
    assert not peer.wire.closed and peer.ask(message(9, b'echo'))[0][0] == b'answer', 'all goes on'


def test_a_server_that_lies_to_its_client():
    """Our client is as careful."""
    loop = VirtualLoop()
    broker = pb.Broker(loop, client=True)
    wire = FakeTransport(loop).connect(broker)
    wire.feed(HELLO + VERSION)
    loop.advance()
    futures = [broker.remote().call_remote('x') for _ in range(4)]
    wire.feed(encode([b'answer', 1, [b'os.system', [b'dictionary']]], PB) + encode(
        [b'answer', 2, [b'local', 5]], PB)
              + encode([b'answer', 3, [b'lcache', 5]], PB) + encode(
                  [b'answer', 4, [b'tuple', [b'remote', 1], [b'remote', b'x']]], PB))
    loop.advance()
    assert all(isinstance(one.exception(), pb.InsecureJelly) for one in futures), 'refused'
    assert broker.live().references == 0 and not loop.failures, 'and given back'


@pytest.mark.parametrize('within', [False, True], ids=['plain', 'in tuples'])
def test_a_chain_of_references(within):
    """Each waits for the next, thousands of them: no stack is as deep."""
    def link(number):
        return [b'tuple', [b'dereference', number]] if within else [b'dereference', number]
    links = [[b'reference', number, link(number + 1)] for number in range(5000)] \
        + [[b'reference', 5000, [b'list']]]
    peer = Peer(Root())
    heard = peer.ask(message(1, b'keep', [b'list'] + links))
    assert heard == [[b'answer', 1, [b'None']]], 'taken: %r' % (heard[0][:2],)
    assert len(KEPT.pop()) == 5001
    heard = peer.ask(message(2, b'keep', [b'list'] + links[:-1]),
                     message(3, b'keep', [b'reference', 1, [b'dereference', 1]]))
    assert [one[:2] for one in heard] == [[b'error', 2], [b'error', 3]], \
        'without an end, or in a circle'


def test_a_key_that_would_be_hashed_for_ever():
    key = [b'reference', 0, [b'tuple', 1, 1]]
    for number in range(1, 90):
        key = [b'reference', number, [b'tuple', key, [b'dereference', number - 1]]]
    heard = Peer(Root()).ask(message(1, b'echo', [b'dictionary', [key, 1]]))
    assert heard[0][:2] == [b'error', 1] and b'InsecureJelly' in encode(heard[0], PB), 'refused'


def test_one_number_twice():
    """Two calls of one number are two calls; two answers to one call are one, and a fault."""
    peer = Peer(Root())
    heard = peer.ask(message(5, b'echo', 1), message(5, b'echo', 2))
    assert [one[:2] for one in heard] == [[b'answer', 5]] * 2, 'both are answered'
    future = peer.broker.remote().call_remote('x')
    assert peer.hear()[0][:2] == [b'message', 1], 'our call'
    peer.say([b'answer', 1, b'first'], [b'answer', 1, b'second'], [b'error', 1, [b'None']])
    assert future.result() == b'first' and not peer.wire.closed, 'the first counts'


class Crowd(pb.Root):
    def __init__(self):
        self.waiting = []

    def remote_wait(self):
        self.waiting.append(Future())
        return self.waiting[-1]


def test_many_pending_answers_for_a_peer_that_does_not_read():
    """They become ready at one time: what waits is bounded all the same."""
    root = Crowd()
    peer = Peer(root, settings=pb.Settings(unsent_bytes=3000000))
    for number in range(200):
        peer.say(message(number, b'wait'))
    assert peer.broker.live().answers == 200, 'all are under way'
    peer.wire.clog()
    most = 0
    for future in root.waiting:
        future.set_result(b'x' * 100000)
        most = max(most, peer.wire.get_write_buffer_size())
    peer.loop.advance()
    assert peer.wire.aborted and most < 3300000 and not peer.loop.failures, \
        'so much waited: %d' % most
    assert sum(peer.broker.live()) == 0, 'nothing is left'


def test_returning_unknown_references_changes_nothing():
    """Not below zero, not those of others, and no number comes back."""
    peer = Peer(Root())
    assert peer.ask(message(1, b'new'), message(2, b'new')) == [[b'answer', 1, [b'remote', 1]],
                                                                [b'answer', 2, [b'remote', 2]]]
    peer.say([b'decref', 1], [b'decref', 1], [b'decref', 1], [b'decref', -1], [b'decref', b'root'],
             [b'decache', 2])
    assert peer.broker.live().objects == 1, 'the second is still there'
    heard = peer.ask(message(3, b'new'), [b'message', 4, 1, b'x', 1, [b'tuple'], [b'dictionary']],
                     message(5, b'echo', [b'local', 1]))
    assert heard[0] == [b'answer', 3, [b'remote', 3]] \
        and [one[0] for one in heard[1:]] == [b'error'] * 2, 'the first is gone'
    assert peer.ask(message(6, b'echo'))[0][0] == b'answer', 'and the root is there'


def test_a_decref_while_its_call_is_under_way():
    root = Crowd()
    peer = Peer(root)

    class Leaf(pb.Referenceable):
        def remote_wait(self):
            return root.remote_wait()

    peer.broker.offer('leaf', Leaf())
    peer.say([b'message', 1, b'leaf', b'wait', 1, [b'tuple'], [b'dictionary']],
             [b'decref', b'leaf'])
    root.waiting[0].set_result(5)
    assert peer.hear() == [[b'answer', 1, 5]], 'it is answered'


class Pet(pb.RemoteCache):
    def observe_set(self, value):
        self.value = value


def test_a_flood_of_caches():
    """A server that sends one cached object a thousand times, or a thousand of them, is bounded as
    one of references is."""
    registry = pb.Registry()
    registry.setUnjellyableForClass('pet', Pet)
    for flood in (lambda at: [[b'pet', at, [b'dictionary']]] + [[b'cached', at]] * 500,
                  lambda at: [[b'pet', 500 * at + number, [b'dictionary']]
                              for number in range(500)]):
        peer = Peer(Root(), registry=registry, settings=pb.Settings(held=100))
        futures = [peer.broker.remote().call_remote('x') for _ in range(6)]
        peer.hear()
        for number in range(1, 7):
            if not peer.wire.closed:
                peer.say([b'answer', number, [b'list'] + flood(number)])
        assert all(isinstance(one.exception(), Exception) for one in futures), 'refused'
        assert peer.wire.closed and peer.broker.live().caches == 0, \
            'and dropped, with %r' % (peer.broker.live(),)


def test_a_peer_that_answers_no_call():
    """A server that tells an observer of each change must not fill its memory with Futures."""
    peer = Peer(Root(), settings=pb.Settings(unanswered=10))
    futures = [peer.broker.remote().call_remote('x') for _ in range(20)]
    assert [one.done() for one in futures] == [False] * 10 + [True] * 10 \
        and peer.broker.live().calls == 10, 'ten wait'
    assert peer.broker.remote().call_remote('x', pbanswer=False) is None, \
        'who waits for nothing may go on'
    peer.hear()
    peer.say([b'answer', 1, 5])
    assert not peer.broker.remote().call_remote('x').done(), 'one is free'


@pytest.mark.parametrize('element', [[b'didNotUnderstand', [b'x' * 1000] * 100],
                                     [b'didNotUnderstand', b'x' * 100000], [b'x' * 100000]])
def test_nonsense_is_counted_and_not_repeated(element, caplog):
    peer = Peer(Root(), settings=pb.Settings(faults=5))
    caplog.set_level('INFO')
    for _ in range(6):
        peer.say(element)
    assert peer.wire.closed, 'it may go on'
    assert max(len(record.getMessage()) for record in caplog.records) < 300, 'the log repeats it'


def test_calls_in_a_second_that_come_in_one_segment():
    peer = Peer(Root(), settings=pb.Settings(calls_per_second=5))
    peer.wire.feed(b''.join(message(number, b'echo') for number in range(12)))
    assert len(peer.hear()) == 5, 'the others wait'
    peer.loop.advance(1.1)
    assert len(peer.hear()) == 5 and not peer.wire.reading, 'five more'
    peer.loop.advance(1.1)
    assert len(peer.hear()) == 2 and peer.wire.reading, 'and the rest'
    peer.wire.feed(b''.join(message(number, b'echo') for number in range(12)))
    peer.wire.lose()
    peer.loop.advance(5.0)
    assert not peer.loop.failures and not peer.loop._timers, 'a connection that ends meanwhile'


@pytest.mark.parametrize('call', [
    [b'message', 1, b'root', b'keep', 1, [b'tuple'], [b'dictionary']],
    [b'message', 1, b'root', b'keep', 1, [b'tuple', 1, 2], [b'dictionary']],
    [b'message', 1, b'root', b'keep', 1, [b'tuple', 1], [b'dictionary', [b'one', 2]]],
    [b'message', 1, b'root', b'new', 1, [b'tuple'], [b'dictionary', [b'self', 2]]]])
def test_arguments_that_do_not_fit(call):
    """The peer's mistake: no error in our log (an unexpected one fails this test),
    and only so often."""
    peer = Peer(Root(), settings=pb.Settings(faults=3))
    heard = peer.ask(call)
    assert heard[0][:2] == [b'error', 1] and b'TypeError' in encode(heard[0], PB), \
        'told what it was'
    assert b'remote_' not in encode(heard[0], PB), 'and not how it looks inside'
    peer.say(call, call)
    assert not peer.wire.closed
    peer.say(call)
    assert peer.wire.closed, 'it may go on'
