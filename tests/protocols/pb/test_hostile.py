# Copyright the carryall authors.  See LICENSE.
"""A hostile peer: cut at every byte, garbage, floods; bounded, told or dropped, and never an import."""
from __future__ import absolute_import, division, print_function

import random
import sys

import pytest

from carryall.core.compat import int2byte
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
    return encode([b'message', number, b'root', name, 1, [b'tuple'] + list(args), [b'dictionary']], PB)


SESSION = (CHOICE + VERSION + message(1, b'echo', 5, [b'unicode', b'x'], [b'dictionary', [b'k', [b'list', 1]]]) + message(2, b'new')
           + encode([b'decref', 1], PB) + message(3, b'keep', [b'remote', 9]) + message(4, b'nothing') + encode([b'frob'], PB) + message(5, b'echo'))


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
            assert broker.closed.done() and not loop.failures and sum(broker.live()) == 0 and not loop._timers, 'after %d bytes' % end


def test_every_cut_gives_the_same_answer():
    assert play(server, SESSION).startswith(HELLO + VERSION), 'answered'


def test_each_byte_changed():
    """One wrong byte at a time: an answer, an error or the end; no exception goes out, no time is lost."""
    modules = set(sys.modules)
    for at in range(len(SESSION)):
        for value in (0, 1, 0x7f, 0x80, 0x82, 0x87, 0xff):
            loop = VirtualLoop()
            wire = FakeTransport(loop).connect(server(loop))
            wire.feed(SESSION[:at] + int2byte(value) + SESSION[at + 1:])
            loop.advance()
            assert not loop.failures, '%r with %d at %d' % (loop.failures[0], value, at)
    assert set(sys.modules) - modules <= set(['unicodedata', 'encodings.idna']), 'modules were imported: %r' % (set(sys.modules) - modules,)


def test_garbage():
    dice = random.Random(20020707)
    for _ in range(300):
        loop = VirtualLoop()
        wire = FakeTransport(loop).connect(server(loop))
        wire.feed(CHOICE + VERSION)
        wire.feed(b''.join(int2byte(dice.choice((dice.randrange(256), 0x80, 0x82, 0x81, 0x87, dice.randrange(32)))) for _ in range(200)))
        loop.advance()
        assert not loop.failures, '%r escaped' % (loop.failures[0],)


@pytest.mark.parametrize('data', [
    b'\x7f\x7f\x7f\x7f\x82', b'\x7f\x7f\x7f\x7f\x80', b'\x01' * 65, b'\x01\x80' * 201, b'\x00\x00\x29\x80', b'\x00\x00\x29\x82', b'\x00\x88', b'\xff'])
def test_giants(data):
    """Refused when they are announced."""
    peer = Peer(Root())
    peer.say(data)
    assert peer.wire.closed, 'it waits for the rest'


def test_a_message_of_many_elements():
    peer = Peer(Root(), limits=pb.Limits(message_items=1000))
    peer.say(encode([b'x'] * 600, PB)[:1] + b'')
    peer = Peer(Root(), limits=pb.Limits(message_items=1000))
    peer.say(b'\x02\x80' + encode([1] * 600, PB) + encode([1] * 600, PB))
    assert peer.wire.closed, 'two lists that are too many together'


def test_depth():
    peer = Peer(Root())
    value = [b'list']
    for _ in range(190):
        value = [b'list', value]
    heard = peer.ask(encode([b'message', 1, b'root', b'keep', 1, [b'tuple', value], [b'dictionary']], PB))
    assert heard == [[b'answer', 1, [b'None']]], 'deep, and no stack is used up'
    KEPT.pop()


def test_an_echo_of_the_deepest():
    """What came in may be too deep to go out; the peer is told, and all goes on."""
    peer = Peer(Root())
    value = [b'list']
    for _ in range(196):
        value = [b'list', value]
    heard = peer.ask(encode([b'message', 1, b'root', b'echo', 1, [b'tuple', value], [b'dictionary']], PB), message(2, b'echo'))
    assert [one[1] for one in heard] == [1, 2], 'both were answered: %r' % ([one[:2] for one in heard],)


@pytest.mark.parametrize('name', [
    b'os.system', b'subprocess.Popen', b'builtins.eval', b'carryall.protocols.pb.broker.Broker', b'twisted.python.failure.Failure', b'__main__', b'.', b'..',
    b'instance', b'\xff\xfe', b'x' * 1000, b'collections.OrderedDict'])
def test_names_of_classes_are_only_names(name):
    modules = set(sys.modules)
    peer = Peer(Root())
    heard = peer.ask(message(1, b'echo', [name, [b'dictionary', [b'a', 1]]]), message(2, b'echo', [b'class', name]), message(3, b'echo', [b'module', name]),
                     message(4, b'echo', [b'function', name]), message(5, b'echo', [b'instance', [b'class', name], [b'dictionary']]))
    assert [one[0] for one in heard] == [b'error'] * 5, 'refused: %r' % (heard,)
    assert set(sys.modules) == modules, 'imported: %r' % (set(sys.modules) - modules,)


def test_a_flood_of_references():
    """Theirs: bounded by what one peer may make us hold; ours: by what one may be given."""
    peer = Peer(Root(), limits=pb.Limits(held=100, references=50))
    for number in range(300):
        if peer.wire.closed:
            break
        peer.say(message(number, b'keep', [b'list'] + [[b'remote', at] for at in range(number * 20, number * 20 + 20)]))
    assert peer.wire.closed and peer.broker.live().references == 0, 'it goes on'
    assert number < 20, 'for %d messages' % number
    del KEPT[:]
    peer = Peer(Root(), limits=pb.Limits(references=50))
    for number in range(300):
        peer.say(message(number, b'new'))
    assert peer.wire.closed, 'it goes on'


def test_numbers_that_are_none():
    peer = Peer(Root())
    for luid in (2 ** 400, -1, 0):
        peer.ask([b'message', 1, luid, b'x', 1, [b'tuple'], [b'dictionary']], [b'decref', luid], [b'answer', luid, 1])
    peer.say([b'decref', 1.5], [b'answer', 1.5, 2], [b'message', 1.5, b'root', b'x', 1, [b'tuple'], [b'dictionary']])
    assert not peer.wire.closed and peer.ask(message(9, b'echo'))[0][0] == b'answer', 'all goes on'


def test_a_server_that_lies_to_its_client():
    """Our client is as careful."""
    loop = VirtualLoop()
    broker = pb.Broker(loop, client=True)
    wire = FakeTransport(loop).connect(broker)
    wire.feed(HELLO + VERSION)
    loop.advance()
    futures = [broker.remote().call_remote('x') for _ in range(4)]
    wire.feed(encode([b'answer', 1, [b'os.system', [b'dictionary']]], PB) + encode([b'answer', 2, [b'local', 5]], PB)
              + encode([b'answer', 3, [b'lcache', 5]], PB) + encode([b'answer', 4, [b'tuple', [b'remote', 1], [b'remote', b'x']]], PB))
    loop.advance()
    assert all(isinstance(one.exception(), pb.InsecureJelly) for one in futures), 'refused'
    assert broker.live().references == 0 and not loop.failures, 'and given back'
