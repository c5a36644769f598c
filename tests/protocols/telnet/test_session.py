# Copyright the carryall authors.  See LICENSE.
"""One Telnet connection: text, commands, options, pauses (RFC 854, RFC 855)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop, chunkings
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.session import Option
from tests.protocols.telnet.pairs import Noting, Pair


def test_text_however_it_is_cut():
    for way, pieces in chunkings(b'one\r\ntwo\r\0\xff\xf1three\xff\xff\r\n\xff\xfb\x63'):
        session = Noting()
        wire_ = FakeTransport().connect(session)
        for piece in pieces:
            wire_.feed(piece)
        assert session.text == b'one\ntwo\nthree\xff\n', way
        assert wire_.take() == b'\xff\xfe\x63', 'an unknown option is refused'


def test_are_you_there():
    session = Noting()
    wire_ = FakeTransport().connect(session)
    wire_.feed(b'\xff\xf6')
    assert wire_.take() == b'\r\n[yes]\r\n' and session.commands == [wire.AYT]


def test_writing_translates_line_ends():
    session = Noting()
    wire_ = FakeTransport().connect(session)
    session.write(b'a\nb\xff\r')
    session.send_command(wire.GA)
    assert wire_.take() == b'a\r\nb\xff\xff\r\0\xff\xf9'


def test_binary_is_octets_each_way():
    pair = Pair([Option(wire.BINARY)], [Option(wire.BINARY)])
    pair.client.ask_us(wire.BINARY)
    pair.client.ask_peer(wire.BINARY)
    pair.run()
    octets = bytes(bytearray(range(256)))
    pair.client.write(octets)
    pair.server.write(octets[::-1])
    pair.run()
    assert pair.server.text == octets and pair.client.text == octets[::-1]


def test_an_option_is_switched_on_and_off():
    pair = Pair([Option(wire.SGA)], [Option(wire.SGA)], chunk=1)
    pair.server.ask_peer(wire.SGA)
    pair.run()
    pair.server.ask_peer(wire.SGA, False)
    pair.run()
    assert pair.client.changes == [(wire.SGA, True, True), (wire.SGA, True, False)]
    assert pair.server.changes == [(wire.SGA, False, True), (wire.SGA, False, False)]


class Failing(Option):
    def sub_received(self, session, data):
        from carryall.core.errors import RemoteProtocolError
        raise RemoteProtocolError(u'cannot be understood')


def test_a_subnegotiation_that_cannot_be_understood_is_passed_over():
    pair = Pair([Option(99)], [Failing(99)])
    pair.server.ask_peer(99)
    pair.run()
    pair.client.send_sub(99, b'?')
    pair.client.send_sub(98, b'nobody knows this one')
    pair.client.write(b'and on')
    pair.run()
    assert pair.server.text == b'and on' and not pair.far.closed


@pytest.mark.parametrize('data', [b'\xff\xfa\x18' + b'x' * 10000, b'\xff\xfb\x01\xff\xfc\x01'
                                  * 3000], ids=['sub', 'negotiations'])
def test_too_much_data_ends_the_connection(data):
    session = Noting()
    wire_ = FakeTransport().connect(session)
    wire_.feed(data)
    wire_.loop.advance()
    assert wire_.aborted and len(wire_.take()) <= 3 * 4097


class Pausing(Noting):
    def text_received(self, data):
        Noting.text_received(self, data)
        self.pause()


def test_pausing_in_the_middle():
    loop = VirtualLoop()
    session = Pausing()
    wire_ = FakeTransport(loop).connect(session)
    wire_.feed(b'one\xff\xf1two\xff\xf1three')
    loop.advance()
    assert session.text == b'one' and session.commands == [] and not wire_.reading
    session.unpause()
    assert session.text == b'onetwo' and session.commands == [wire.NOP]
    session.unpause()
    assert session.text == b'onetwothree'


def test_garbage_is_data_or_ignored():
    dice = random.Random(855)
    for _ in range(60):
        loop = VirtualLoop()
        session = Noting()
        for number in (0, 1, 3, 24, 31):
            session.add_option(Option(number))
        wire_ = FakeTransport(loop).connect(session)
        wire_.feed(bytes(bytearray(dice.choice(
            (0, 1, 3, 10, 13, 24, 31, 65, 240, 250, 251, 252, 253, 254, 255)) for _ in range(800))))
        wire_.feed_eof()
        loop.advance()
        assert not loop.failures and wire_.lost, '%r' % (loop.failures,)
