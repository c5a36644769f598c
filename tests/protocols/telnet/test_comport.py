# Copyright the carryall authors.  See LICENSE.
"""COM-PORT (RFC 2217)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.comport import ComPort
from tests.protocols.telnet.pairs import Pair


def pair():
    made = Pair([ComPort(True, False)], [ComPort()], 1)
    made.server.ask_peer(wire.COM_PORT)
    return made.run()


@pytest.mark.parametrize('name, value, octets', [
    ('baudrate', 115200, b'\1\0\1\xc2\0'), ('datasize', 8, b'\2\x08'), ('parity', 1, b'\3\1'),
    ('signature', b'ours', b'\0ours'),
    ('control', 255, b'\5\xff'), ('purge', 3, b'\x0c\3')])
def test_settings_pass_both_ways(name, value, octets):
    made = pair()
    made.client.options[wire.COM_PORT].tell(made.client, name, value)
    made.run()
    assert made.server.values == [(wire.COM_PORT, (name, value))] and wire.format_sub(
        wire.COM_PORT, octets) in made.carried[0]
    made.server.options[wire.COM_PORT].tell(made.server, name, value)
    made.run()
    assert made.client.values == [(wire.COM_PORT, (name, value))]
    assert bytes(bytearray([0x2c, 100 + bytearray(octets)[0]])) in made.carried[1], \
        'a server\'s numbers begin at 100'


def test_commands_without_a_value():
    made = pair()
    for name in ('suspend', 'resume'):
        made.client.options[wire.COM_PORT].tell(made.client, name)
    assert [value for _, value in made.run().server.values] == [('suspend', None), ('resume', None)]


def test_a_bad_subnegotiation_is_ignored():
    made = pair()
    for wrong in (b'', b'\1\0', b'\2', b'\2ab', b'\x63x', b'\0' + b'x' * 256, b'\x65\0\0\0\1'):
        made.client.send_sub(wire.COM_PORT, wrong)
    assert made.run().server.values == [] and not made.far.closed
    with pytest.raises(LocalProtocolError):
        made.client.options[wire.COM_PORT].tell(made.client, 'datasize', 256)
