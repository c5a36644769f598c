# Copyright the carryall authors.  See LICENSE.
"""A Telnet session understands a flood over many turns (law L21)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.telnet import wire as telnet_wire
from tests.protocols.telnet.pairs import Noting
from tests.support.floods import Flood, FloodTests


def server(_loop):
    session = Noting()
    session.command_received = lambda command: session.transport.write(b'yes\r\n')
    return session


class TestFloods(FloodTests):
    flood = Flood(server, b'\xff\xf6', b'yes')

    def test_negotiations_are_understood_piece_by_piece(self):
        loop, wire = self.connected()
        wire.feed(telnet_wire.format_negotiation(telnet_wire.DO, 99) + b'x' * 60000)
        session = wire.protocol
        assert len(session.text) < 20000
        loop.advance(0.1)
        assert session.text == b'x' * 60000
