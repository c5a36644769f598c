# Copyright the carryall authors.  See LICENSE.
"""A server fails as it is told to: instead of a reply, in it, and before it."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectFailed, UsageError
from carryall.core.line.commandserver import CommandServer
from carryall.core.line.commandtable import ARITY, FAILED, UNKNOWN, Command, CommandTable
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.wrap.faultrules import Fault, Faults, FaultyLoop
from carryall.core.wrap.policies import ConnectionLimits


class Server(CommandServer):
    """Answers two commands."""

    commands = CommandTable([Command(b'NOOP', 'cmd_noop', args=0),
                             Command(b'SAY', 'cmd_say', args=None)])
    refusals = {UNKNOWN: b'500 unknown', ARITY: b'501 %(syntax)s', FAILED: b'451 failed'}

    def connection_made(self, transport):
        CommandServer.connection_made(self, transport)
        self.said = []
        self.send_line(b'220 ready')

    def cmd_noop(self):
        """Does nothing."""
        return b'250 done'

    def cmd_say(self, rest):
        """Keeps it."""
        self.said.append(rest)
        return b'250 ' + rest


class Echo(Protocol):
    """Sends back what comes."""

    def data_received(self, data):
        self.transport.write(data)


class World(object):
    """A loop, its faults, and one connection."""

    def __init__(self, factory=None, **fault):
        self.loop = VirtualLoop()
        self.faults = Faults(self.loop)
        if fault:
            self.faults.add(Fault(**fault))
        self.factory = self.faults.wrap(factory or (lambda: Server(self.loop)))

    def connect(self):
        wire = FakeTransport(self.loop).connect(self.factory())
        self.loop.advance()
        return wire


def opened(**fault):
    """A world, and a connection whose greeting was taken."""
    world = World(**fault)
    wire = world.connect()
    assert wire.take() == b'220 ready\r\n'
    return world, wire


def asked(world, wire, data):
    """The octets that come back for *data* at once."""
    wire.feed(data)
    world.loop.advance()
    return wire.take()


# -- what a fault does -----------------------------------------------------------------------------

def test_a_reply_is_given_in_place_of_the_command():
    world, wire = opened(when='NOOP', reply=b'451 4.3.0 later')
    assert asked(world, wire, b'NOOP\r\n') == b'451 4.3.0 later\r\n'
    assert asked(world, wire, b'NOOP\r\n') == b'250 done\r\n'


def test_a_reply_leaves_the_command_undone():
    world, wire = opened(when='SAY', reply=b'451 no')
    asked(world, wire, b'SAY a\r\n')
    assert wire.protocol.inner.said == []


def test_pipelined_replies_around_it_stay_whole():
    world, wire = opened(when='SAY b', reply=b'451 no')
    assert asked(world, wire, b'SAY a\r\nSAY b\r\nSAY c\r\n') == b'250 a\r\n451 no\r\n250 c\r\n'


def test_a_delay_holds_the_reply_back():
    world, wire = opened(when='NOOP', delay=2.0)
    assert asked(world, wire, b'NOOP\r\n') == b''
    world.loop.advance(1.9)
    assert wire.take() == b''
    world.loop.advance(0.2)
    assert wire.take() == b'250 done\r\n'


def test_replies_behind_a_delayed_one_keep_their_order():
    world, wire = opened(when='SAY a', delay=1.0)
    assert asked(world, wire, b'SAY a\r\nSAY b\r\n') == b''
    world.loop.advance(1.1)
    assert wire.take() == b'250 a\r\n250 b\r\n'


def test_a_cut_ends_the_connection_in_the_reply():
    world, wire = opened(when='NOOP', cut=4)
    assert asked(world, wire, b'NOOP\r\n') == b'250 '
    assert wire.closed
    assert not wire.aborted


def test_a_cut_without_a_number_is_in_the_middle():
    world, wire = opened(when='NOOP', cut=True)
    assert asked(world, wire, b'NOOP\r\n') == b'250 d'


def test_a_cut_with_a_reset_resets():
    world, wire = opened(when='NOOP', cut=4, reset=True)
    assert asked(world, wire, b'NOOP\r\n') == b'250 '
    assert wire.aborted


def test_a_cut_counts_octets_of_several_writes():
    class Twice(Echo):
        def data_received(self, data):
            self.transport.write(data)
            self.transport.write(data)
    world = World(Twice, when='ab', cut=6)
    wire = world.connect()
    assert asked(world, wire, b'ab c') == b'ab cab'
    assert wire.closed


def test_a_reset_comes_in_place_of_the_reply():
    world, wire = opened(when='NOOP', reset=True)
    assert asked(world, wire, b'NOOP\r\n') == b''
    assert wire.aborted


def test_a_close_comes_in_place_of_the_reply():
    world, wire = opened(when='NOOP', close=True)
    assert asked(world, wire, b'NOOP\r\n') == b''
    assert wire.closed
    assert not wire.aborted


def test_a_close_follows_a_reply_that_is_given():
    world, wire = opened(when='NOOP', reply=b'421 bye', close=True)
    assert asked(world, wire, b'NOOP\r\nNOOP\r\n') == b'421 bye\r\n'
    assert wire.closed


def test_a_trickle_sends_octet_by_octet():
    world, wire = opened(when='NOOP', trickle=0.5)
    assert asked(world, wire, b'NOOP\r\n') == b'2'
    world.loop.advance(0.6)
    assert wire.take() == b'5'
    world.loop.advance(10.0)
    assert wire.take() == b'0 done\r\n'


def test_a_trickle_ends_with_the_next_command():
    world, wire = opened(when='NOOP', trickle=0.5)
    asked(world, wire, b'NOOP\r\n')
    world.loop.advance(10.0)
    wire.take()
    assert asked(world, wire, b'NOOP\r\n') == b'250 done\r\n'


def test_garbage_comes_in_place_of_the_reply():
    world, wire = opened(when='NOOP', garbage=12)
    noise = asked(world, wire, b'NOOP\r\n')
    assert len(noise) == 12
    assert b'250' not in noise
    assert asked(world, wire, b'NOOP\r\n') == b'250 done\r\n'


def test_garbage_is_the_same_in_each_run():
    first, second = [asked(world, wire, b'NOOP\r\n')
                     for world, wire in [opened(when='NOOP', garbage=True) for _ in range(2)]]
    assert first == second


# -- events ----------------------------------------------------------------------------------------

def test_a_new_connection_gets_the_reply_and_ends():
    world = World(when='connect', reply=b'421 busy\r\n')
    wire = world.connect()
    assert wire.take() == b'421 busy\r\n'
    assert wire.closed
    assert world.connect().take() == b'220 ready\r\n'


def test_a_new_connection_is_reset():
    world = World(when='connect', reset=True)
    wire = world.connect()
    assert wire.take() == b''
    assert wire.aborted


def test_the_greeting_comes_late():
    world = World(when='connect', delay=3.0)
    wire = world.connect()
    assert wire.take() == b''
    world.loop.advance(3.1)
    assert wire.take() == b'220 ready\r\n'


def test_a_protocol_without_commands_is_judged_by_its_data():
    world = World(Echo, when=b'\x05', reply=b'\x05\xff')
    wire = world.connect()
    assert asked(world, wire, b'\x04') == b'\x04'
    assert asked(world, wire, b'\x05 more') == b'\x05\xff'
    assert wire.closed


def test_a_server_behind_limits_is_found():
    world = World()
    limits = ConnectionLimits(total=5)
    world.factory = world.faults.wrap(limits.wrap(lambda: Server(world.loop)))
    world.faults.add(Fault('NOOP', b'451 later'))
    wire = world.connect()
    wire.take()
    assert asked(world, wire, b'NOOP\r\n') == b'451 later\r\n'


def test_a_lost_connection_leaves_no_timer():
    world, wire = opened(when='NOOP', delay=5.0)
    asked(world, wire, b'NOOP\r\n')
    wire.lose()
    world.loop.advance(6.0)
    assert wire.take() == b''
    assert world.loop.failures == []


# -- rules -----------------------------------------------------------------------------------------

def test_a_fault_acts_so_often_as_it_is_told():
    world, wire = opened(when='NOOP', reply=b'451 no', times=2)
    replies = [asked(world, wire, b'NOOP\r\n') for _ in range(3)]
    assert replies == [b'451 no\r\n', b'451 no\r\n', b'250 done\r\n']


def test_a_fault_without_an_end_acts_until_it_is_removed():
    world, wire = opened()
    number = world.faults.add(Fault('NOOP', b'451 no', times=None))
    assert [asked(world, wire, b'NOOP\r\n') for _ in range(3)] == [b'451 no\r\n'] * 3
    world.faults.remove(number)
    assert asked(world, wire, b'NOOP\r\n') == b'250 done\r\n'
    assert world.faults.hits(number) == 3


def test_a_fault_lets_matches_pass_first():
    world, wire = opened(when='NOOP', reply=b'451 no', after=2)
    replies = [asked(world, wire, b'NOOP\r\n') for _ in range(4)]
    assert replies == [b'250 done\r\n', b'250 done\r\n', b'451 no\r\n', b'250 done\r\n']


def test_a_fault_without_a_command_acts_on_the_next():
    world, wire = opened(reply=b'451 no')
    assert asked(world, wire, b'SAY x\r\n') == b'451 no\r\n'


@pytest.mark.parametrize('when, what, fits', [
    (b'RCPT', b'RCPT TO:<a@b>', True), (b'rcpt', b'RCPT TO:<a@b>', True),
    (b'RCPT', b'RCPTX', False),
    (b'RCPT TO:<a@b>', b'RCPT TO:<a@b> SIZE=1', True), (b'RCPT TO:<a*', b'RCPT TO:<ab@c>', True),
    (b'RCPT TO:<a*', b'RCPT TO:<b@c>', False), (b'GET /a', b'GET /a?x=1', True),
    (b'GET /a', b'GET /a/b', False), (b'/a', b'PUT /a', True), (b'/a', b'PUT /ab', False),
    (b'/*', b'PUT /ab', True), (b'connect', b'RCPT', False), (b'RCPT', b'connect', False)])
def test_a_fault_matches_the_beginning_of_a_command(when, what, fits):
    assert Fault(when, b'x').matches(what) is fits


@pytest.mark.parametrize('values', [
    {}, {'when': 'RCPT'}, {'when': 'RCPT', 'times': 0, 'reply': b'x'}, {'cut': -1}, {'cut': u'a'},
    {'delay': -1}, {'delay': u'1'}, {'garbage': -5}, {'garbage': 1 << 30}, {'after': -1, 'cut': 1},
    {'certificate': 'funny'}, {'when': 'RCPT', 'certificate': 'name'},
    {'when': 'certificate', 'reply': b'x'}])
def test_a_fault_that_cannot_be_is_told(values):
    with pytest.raises(UsageError):
        Fault(**values)


@pytest.mark.parametrize('how', [{'close': True}, {'reset': True}, {'reply': b'no'}])
def test_a_data_connection_that_a_fault_takes_was_not_made(how):
    loop = VirtualLoop()
    faults = Faults(loop)
    faults.add(Fault('data', **how))
    loop.listen_tcp(Protocol, port=7)
    connecting = FaultyLoop(loop, faults).connect_tcp(Protocol, '127.0.0.1', 7)
    with pytest.raises(ConnectFailed):
        loop.run_until(connecting)
