# Copyright the carryall authors.  See LICENSE.
"""Memory that peers make us hold: little before a login,
and one allowance for all brokers of a loop."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.allowance import Allowance
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.credentials import UsernamePassword
from carryall.core.auth.portal import Portal
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.net.transport import Address
from carryall.core.net.turns import Turns
from carryall.protocols import pb
from carryall.protocols.pb.banana import ELEMENT_BYTES, NOTHING, PB, Decoder, encode
from tests.protocols.pb.stage import CHOICE, VERSION, Pair

# The start of a list of 655360 empty lists.
EMPTY_LISTS = b'\x00\x00\x28\x80' + b'\x00\x80' * 300000


class Root(pb.Root):
    def __init__(self):
        self.answers = []

    def remote_echo(self, *args):
        return args

    def remote_later(self, *args):
        self.answers.append(Future())
        return self.answers[-1]


class User(pb.Avatar):
    def perspective_echo(self, *args):
        return args


class Realm(object):
    def avatar(self, name, credentials, mind):
        return User()


def login_root():
    return pb.LoginRoot(Portal(Realm(), [MemoryChecker({u'anna': b'secret'})]))


def connect(loop, root, host='192.0.2.1', port=4000, **options):
    """A server's broker, with the dialect chosen."""
    wire = FakeTransport(loop, peername=Address(host, port)).connect(
        pb.Broker(loop, root, **options))
    wire.feed(CHOICE + VERSION)
    loop.advance()
    wire.take()
    return wire


def feed(wire, data):
    """Sends *data* in pieces, as a socket would bring it, until the other side has closed."""
    for at in range(0, len(data), 65536):
        if wire.closed or wire.protocol.lost:
            return
        wire.feed(data[at:at + 65536])
        wire.loop.advance()


def held(loop, name='pb-guests'):
    return loop.allowances[name].held


# -- the decoder -----------------------------------------------------------------

def test_the_weight_of_a_message_is_the_same_at_every_cut():
    data = encode([[b'abc', 5, []], [[[]]], b'', 2.0], PB)
    for cut in range(1, len(data)):
        decoder = Decoder()
        decoder.receive_data(data[:cut])
        decoder.next_element()
        decoder.receive_data(data[cut:])
        assert decoder.next_element() is not NOTHING
        assert decoder.weight == 9 * ELEMENT_BYTES + len(data)


def test_a_part_of_a_message_counts_what_has_come_of_it_alone():
    account = pb_account()
    decoder = Decoder(account=account)
    decoder.receive_data(b'\x64\x80' + b'\x01\x81' * 60)
    assert decoder.next_element() is NOTHING
    assert account.held == 60 * ELEMENT_BYTES + 122
    decoder.receive_data(b'\x01\x81' * 40)
    assert decoder.next_element() == [1] * 100
    assert account.held == 0


def test_a_long_string_counts_what_has_come_of_it():
    account = pb_account()
    decoder = Decoder(account=account)
    decoder.receive_data(b'\x02\x80\x00\x00\x10\x82' + b'x' * 5000)
    decoder.next_element()
    assert account.held == 5006
    decoder.close()
    assert account.held == 0


def test_a_nested_part_counts_the_lists_that_are_open():
    account = pb_account()
    decoder = Decoder(account=account)
    decoder.receive_data(b'\x03\x80\x02\x80\x02\x80')
    decoder.next_element()
    assert account.held == 2 * ELEMENT_BYTES + 6


def test_a_piece_of_any_size_is_counted_before_more_of_it_is_decoded():
    account = pb_account(200000)
    decoder = Decoder(account=account)
    decoder.receive_data(EMPTY_LISTS)
    with pytest.raises(RemoteProtocolError):
        decoder.next_element()
    assert len(decoder._items) < 40000


def pb_account(total=1 << 30):
    return Allowance(total).account(Address('192.0.2.1', 4000))


# -- before the login ------------------------------------------------------------

def test_an_unknown_client_is_dropped_at_the_first_long_list():
    loop = VirtualLoop()
    wire = connect(loop, login_root())
    wire.feed(EMPTY_LISTS[:4])
    loop.advance()
    assert wire.closed


def test_an_unknown_client_holds_less_than_a_quarter_of_a_mebibyte():
    loop = VirtualLoop()
    wire = connect(loop, login_root())
    feed(wire, b'\x02\x80\x02\x80' + b'\x68\x07\x80' + b'\x00\x80' * 999)
    account = wire.protocol.account
    assert not wire.closed
    assert account.held < 1 << 18


def test_calls_of_a_stranger_are_few_and_references_too():
    pair = Pair(login_root())
    limits = pair.server.settings
    assert (limits.calls, limits.references, limits.unsent_bytes) == (16, 64, 131072)


def test_a_login_brings_the_full_limits():
    pair = Pair(login_root())
    me = pair.wait(pb.login(pair.client, UsernamePassword(u'anna', b'secret')), 5.0)
    assert pair.server.settings == pb.Settings()
    assert pair.wait(me.call_remote('echo', [0] * 5000, b'x' * 600000)) \
        == ([0] * 5000, b'x' * 600000)


def test_smaller_limits_of_a_program_stay():
    pair = Pair(login_root(), settings=pb.Settings(references=5, list_items=70000))
    assert (pair.server.settings.references, pair.server.settings.list_items) == (5, 1024)


def test_a_root_without_a_login_has_the_full_limits():
    assert Pair(Root()).server.settings == pb.Settings()


# -- one allowance ---------------------------------------------------------------

def test_connections_of_one_source_hold_half_of_the_allowance_at_most():
    loop = VirtualLoop()
    wires = [connect(loop, Root()) for _ in range(5)]
    for at in range(0, len(EMPTY_LISTS), 65536):
        for wire in wires:
            feed(wire, EMPTY_LISTS[at:at + 65536])
        assert held(loop) <= 20 << 20
    assert sum(not wire.closed for wire in wires) < 2
    for wire in wires:
        if not wire.closed:
            wire.lose()
    loop.advance()
    assert held(loop) == 0


def test_another_source_finds_room():
    loop = VirtualLoop()
    for _ in range(2):
        feed(connect(loop, Root()), EMPTY_LISTS)
    wire = connect(loop, Root(), '192.0.2.2')
    feed(wire,
         encode([b'message', 1, b'root', b'echo', 1, [b'tuple', [b'list'] + [b'x' * 600000] * 10],
                 [b'dictionary']], PB))
    assert not wire.closed
    assert len(wire.take()) > 6000000


def test_small_messages_of_the_same_source_find_room():
    loop = VirtualLoop()
    for _ in range(2):
        feed(connect(loop, Root()), EMPTY_LISTS)
    wire = connect(loop, Root())
    data = encode([b'message', 1, b'root', b'echo', 1, [b'tuple', b'abc'], [b'dictionary']], PB)
    for at in range(len(data)):
        wire.feed(data[at:at + 1])
    loop.advance()
    assert b'abc' in wire.take()


def test_a_member_does_not_need_the_room_of_guests():
    loop = VirtualLoop()
    for _ in range(2):
        feed(connect(loop, Root()), EMPTY_LISTS)
    wire = FakeTransport(loop, peername=Address('', None)).connect(pb.Broker(loop, Root()))
    wire.feed(CHOICE + VERSION)
    feed(wire, EMPTY_LISTS)
    assert not wire.closed
    assert held(loop, 'pb-members') > 20 << 20


def test_a_lost_connection_gives_its_memory_back():
    loop = VirtualLoop()
    wire = connect(loop, Root())
    feed(wire, EMPTY_LISTS[:60000])
    broker = wire.protocol
    assert held(loop) > 2 << 20
    wire.lose()
    loop.advance()
    assert held(loop) == 0
    assert broker._decoder._items is None


def test_a_connection_dropped_for_a_fault_holds_nothing():
    loop = VirtualLoop()
    wire = connect(loop, Root())
    feed(wire, EMPTY_LISTS[:60000])
    broker = wire.protocol
    wire.feed(b'\x00\x88')
    assert held(loop) == 0
    assert broker._decoder._items is None


def test_arguments_of_calls_under_way_are_counted_until_they_are_answered():
    loop = VirtualLoop()
    root = Root()
    wire = connect(loop, root)
    data = encode([b'message', 1, b'root', b'later', 1, [b'tuple', [b'list'] + [b''] * 100000],
                   [b'dictionary']], PB)
    feed(wire, data)
    assert held(loop) > 9000000
    root.answers[0].set_result(None)
    loop.advance()
    assert held(loop) == 0


def test_a_guest_whose_calls_under_way_hold_too_much_is_dropped():
    loop = VirtualLoop()
    wire = connect(loop, Root())
    data = encode([b'message', 1, b'root', b'later', 1, [b'tuple', [b'list'] + [b''] * 100000],
                   [b'dictionary']], PB)
    for _ in range(5):
        feed(wire, data)
    assert wire.closed
    wire.lose()
    loop.advance()
    assert held(loop) == 0


def test_unread_answers_are_counted():
    loop = VirtualLoop()
    wire = connect(loop, Root())
    wire.clog()
    data = encode([b'message', 1, b'root', b'echo', 1, [b'tuple', b'x' * 600000], [b'dictionary']],
                  PB)
    feed(wire, data)
    assert held(loop) > 500000
    wire.unclog()
    loop.advance()
    assert held(loop) == 0


def test_a_long_message_is_looked_at_over_many_turns():
    """Law L21: a kibibyte at a time, as the clock allows."""
    loop = VirtualLoop()
    now = [0.0]

    def tick():
        now[0] += 0.0002            # seconds that pass whenever somebody looks at the clock
        return now[0]

    loop.turns = Turns(tick, loop.call_soon, loop.report_failure)
    wire = connect(loop, Root())
    wire.feed(encode([b'message', 1, b'root', b'echo', 1, [b'tuple', [b'list'] + [b''] * 30000],
                      [b'dictionary']], PB))
    assert wire.protocol.account.held < 8 * 1024 * ELEMENT_BYTES // 2
    assert not wire.reading
    loop.advance()
    assert len(wire.take()) > 60000
    assert wire.reading
