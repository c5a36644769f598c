# Copyright the carryall authors.  See LICENSE.
"""The memory that incoming messages share, and the least rate at which they must arrive."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.net.transport import Address
from carryall.protocols.smtp.messagememory import MAX_IN_FLIGHT, MessageMemory
from carryall.protocols.smtp import SMTPServer, Settings
from tests.protocols.smtp.stage import ENVELOPE, HELLO, Kept

NO_ROOM = b'421 4.3.1 Insufficient system storage, try again later\r\n'
DATA = ENVELOPE + b'DATA\r\n'
SMALL = (b'MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\nSubject: '
         b'x\r\n\r\nhello\r\n.\r\n')


class World(object):
    """Servers of one service: one loop, one MessageMemory."""

    def __init__(self, octets=MAX_IN_FLIGHT, **given):
        self.loop = VirtualLoop()
        self.memory = MessageMemory(octets)
        self.backend = Kept()
        self.backend.memory = self.memory
        self._settings = Settings(hostname=b'mx.example', strict_pipelining=False, **given)

    def client(self, host, said=b''):
        """The wire of a client that was greeted, and has said this."""
        made = SMTPServer(self.backend, self.loop, self._settings)
        wire = FakeTransport(self.loop, Address(host, 40000)).connect(made)
        wire.feed(said)
        self.loop.advance()
        wire.take()
        return wire


def is_taken(world, host='203.0.113.9'):
    """Tells if a small message of another client is taken at once."""
    before = len(world.backend.mails)
    wire = world.client(host, HELLO + SMALL)
    wire.feed(b'QUIT\r\n')
    world.loop.advance()
    return len(world.backend.mails) == before + 1


def test_eight_that_announce_much_reserve_nothing():
    world = World()
    wires = [world.client('192.0.2.%d' % number, ENVELOPE + b'BDAT 33554432 LAST\r\n')
             for number in range(8)]
    for wire in wires:
        wire.feed(b'x')
    assert world.memory.left == MAX_IN_FLIGHT - 8
    assert is_taken(world)
    assert is_taken(world, '192.0.2.1')


@pytest.mark.parametrize('verb', [b'DATA\r\n', b'BDAT 33554432 LAST\r\n'])
@pytest.mark.parametrize('host', ['192.0.2.%d', '192.0.2.7', '2001:db8::%x'])
def test_eight_that_send_much_and_then_trickle_give_way(verb, host):
    world = World(80000)
    wires = [world.client(host % number if '%' in host else host, ENVELOPE + verb)
             for number in range(8)]
    for wire in wires:
        wire.feed(b'x' * 9000)
    world.loop.advance(61.0)
    for wire in wires:
        wire.feed(b'y')
    assert 0 < world.memory.left < 10000
    big = world.client('203.0.113.9', DATA)
    for _ in range(5):
        big.feed(b'z' * 5000)
    big.feed(b'\r\n.\r\n')
    assert big.take().startswith(b'250 2.0.0'), 'the tricklers keep another client from sending'
    cut = [wire for wire in wires if wire.take() == NO_ROOM]
    assert 1 <= len(cut) <= 3
    world.loop.advance(10.0)
    for wire in wires:
        wire.lose()
    world.loop.advance()
    assert world.memory.left == 80000


def test_after_a_minute_a_slow_message_gives_way_to_a_newer_one_of_the_same_source():
    world = World(10000)
    slow = world.client('192.0.2.7', DATA + b'x' * 9999)
    newer = world.client('192.0.2.7', DATA + b'y' * 5000)
    assert newer.ended, 'the older message is not slow yet'
    assert not slow.ended, 'the older message is not slow yet'
    world.loop.advance(61.0)
    newest = world.client('192.0.2.7', DATA + b'y' * 5000)
    assert slow.ended
    assert not newest.ended


def test_a_client_that_was_there_before_is_not_slow_with_its_next_message():
    world = World(10000)
    old = world.client('192.0.2.7', HELLO + SMALL)
    world.loop.advance(100.0)
    slow = world.client('192.0.2.7', DATA + b'x' * 9999)
    world.loop.advance(100.0)
    slow.feed(b'x')
    old.feed(SMALL)
    assert old.take().endswith(b'250 2.0.0 Ok: kept\r\n')
    assert slow.ended


def test_the_source_that_holds_the_most_gives_way():
    world = World(10000)
    small = world.client('192.0.2.1', DATA + b'x' * 2000)
    large = [world.client('192.0.2.2', DATA + b'x' * 3000) for _ in range(2)]
    other = world.client('192.0.2.3', DATA + b'x' * 4000)
    assert [wire.ended for wire in [small, other] + large].count(True) == 1
    assert not small.ended
    assert not other.ended


def test_the_sender_of_the_most_is_the_one_that_is_refused():
    world = World(10000)
    small = world.client('192.0.2.1', DATA + b'x' * 2000)
    large = world.client('192.0.2.2', DATA + b'x' * 8001)
    assert large.ended
    assert not small.ended


def test_a_message_that_is_being_stored_is_not_cut():
    world = World(10000)
    world.backend.later = True
    storing = world.client('192.0.2.1', DATA + b'x' * 5000)
    storing.feed(b'x' * 4990 + b'\r\n.\r\n')
    other = world.client('192.0.2.2', DATA + b'x' * 5000)
    assert other.ended
    future, reply = world.backend.waiting.pop()
    future.set_result(reply)
    world.loop.advance()
    assert storing.take().startswith(b'250 2.0.0')
    assert world.memory.left == 10000


def test_a_message_whose_client_has_gone_takes_room_until_it_is_stored():
    world = World(10000)
    world.backend.later = True
    for host in ('192.0.2.1', '192.0.2.2'):
        world.client(host, DATA + b'x' * 5000 + b'\r\n.\r\n').lose()
        world.loop.advance()
    assert world.memory.left <= 0
    refused = world.client('192.0.2.3', ENVELOPE)
    refused.feed(b'DATA\r\n')
    assert refused.take().startswith(b'452 4.3.1')
    for future, reply in world.backend.waiting:
        assert not future.cancelled()
        future.set_result(reply)
    world.loop.advance()
    assert world.memory.left == 10000


@pytest.mark.parametrize('verb', [b'BDAT 9000 LAST\r\n', b'BDAT 9000\r\n'])
def test_a_chunk_for_which_there_is_no_room_is_read_to_its_end_and_answered(verb):
    world = World(5000)
    wire = world.client('192.0.2.1', ENVELOPE + verb)
    for _ in range(9):
        wire.feed(b'x' * 1000)
    assert wire.take() == b'452 4.3.1 Insufficient system storage, try again later\r\n'
    assert world.memory.left == 5000
    wire.feed(SMALL)
    assert wire.take().endswith(b'250 2.0.0 Ok: kept\r\n')


def test_a_message_that_is_too_big_holds_no_room():
    world = World(100000, max_size=3000)
    wire = world.client('192.0.2.1', DATA)
    for _ in range(50):
        wire.feed(b'x' * 5000)
    assert world.memory.left == 100000
    wire.feed(b'\r\n.\r\n')
    assert wire.take().startswith(b'552 5.3.4')
    assert world.memory.left == 100000


@pytest.mark.parametrize('begin', [
    DATA, ENVELOPE + b'BDAT 33554432 LAST\r\n', HELLO + b'BDAT 33554432\r\n',
    ENVELOPE + b'BDAT 3355443200\r\n',
    ENVELOPE + b'BDAT 1\r\nxBDAT 33554431 LAST\r\n'])
def test_a_trickling_message_is_dropped_after_minutes(begin):
    world = World()
    wire = world.client('192.0.2.1', begin)
    seconds = 0
    while not wire.ended and seconds < 2000:
        wire.feed(b'x')
        world.loop.advance(10.0)
        seconds += 10
    assert 290 <= seconds <= 330
    assert wire.take().startswith(b'421 4.4.2')


def test_a_slow_line_has_its_time():
    world = World(max_size=1 << 20)
    wire = world.client('192.0.2.1', DATA)
    for _ in range(1700):
        wire.feed(b'x' * 501)
        world.loop.advance(1.0)
    assert not wire.ended
    wire.feed(b'\r\n.\r\n')
    assert wire.take().startswith(b'250 2.0.0')
    wire.feed(b'MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n')
    wire.take()
    for _ in range(1810):
        wire.feed(b'x' * 501)
        world.loop.advance(1.0)
    assert wire.ended, 'half an hour is enough for any message'


def test_a_message_that_is_refused_must_come_as_fast():
    world = World(max_size=3000)
    wire = world.client('192.0.2.1', DATA + b'x' * 5000)
    for _ in range(400):
        wire.feed(b'x' * 501)
        world.loop.advance(1.0)
    assert not wire.ended
    for _ in range(40):
        wire.feed(b'x')
        world.loop.advance(10.0)
    assert wire.ended
