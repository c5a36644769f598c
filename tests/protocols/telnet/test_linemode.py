# Copyright the carryall authors.  See LICENSE.
"""LINEMODE (RFC 1184)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.protocols.telnet import wire
from carryall.protocols.telnet.linemode import (CHANGE, DEFAULT, EC, EDIT, IP, MODE_ACK, NOSUPPORT,
                                                TRAPSIG, LineMode)
from tests.protocols.telnet.pairs import Pair


def pair(chunk=None, **given):
    made = Pair([LineMode(True, False, **given)], [LineMode()], chunk)
    made.server.ask_peer(wire.LINEMODE)
    return made.run()


@pytest.mark.parametrize('chunk', [None, 1])
def test_the_mode_is_set_and_acknowledged(chunk):
    made = pair(chunk)
    assert (wire.LINEMODE, ('mode', EDIT | TRAPSIG)) in made.client.values
    assert (wire.LINEMODE, ('mode', EDIT | TRAPSIG)) in made.server.values, 'no acknowledgement'
    assert wire.format_sub(wire.LINEMODE,
                           bytes(bytearray([1, EDIT | TRAPSIG | MODE_ACK]))) in made.carried[0]
    made.server.options[wire.LINEMODE].set_mode(made.server, 0)
    made.run()
    assert made.client.values[-1] == (wire.LINEMODE, ('mode', 0))


def test_the_characters_of_the_client_are_agreed_on():
    made = pair(characters={IP: 7, EC: 8})
    characters = [value[1] for _, value in made.server.values if value[0] == 'characters'][-1]
    assert characters[IP] == (CHANGE, 7) and characters[EC] == (CHANGE, 8)
    assert made.client.options[wire.LINEMODE].characters[IP] == (CHANGE, 7)


@pytest.mark.parametrize('triplet, answer', [
    (b'\x03\x02\x03', b''), (b'\x03\x02\x09', b'\x03\x82\x09'), (b'\x03\x82\x09', b''),
    (b'\x63\x02\x09', b'\x63\0\0'),
    (b'\x03\x03\x00', b'\x03\x02\x03'), (b'\x19\x03\x00', b'\x19\0\0')])
def test_one_character_at_a_time(triplet, answer):
    made = pair(characters={})
    made.carried[1] = b''
    made.client.send_sub(wire.LINEMODE, b'\3' + triplet)
    made.run()
    assert made.carried[1] == (wire.format_sub(wire.LINEMODE, b'\3' + answer) if answer else b'')


def test_all_defaults_are_asked_for():
    made = pair(characters={})
    made.carried[1] = b''
    made.client.send_sub(wire.LINEMODE, b'\3\0' + bytes(bytearray([DEFAULT])) + b'\0')
    made.run()
    assert made.carried[1].startswith(b'\xff\xfa\x22\3') and len(made.carried[1]) > 30


def test_the_forward_mask():
    made = pair()
    made.server.options[wire.LINEMODE].forward_on(made.server, b'\t\x1b')
    made.run()
    assert made.client.values[-1] == (wire.LINEMODE, ('forwardmask', b'\t\x1b'))
    made.server.send_sub(wire.LINEMODE, b'\xfe\2')
    made.run()
    assert made.client.values[-1] == (wire.LINEMODE, ('forwardmask', None))


def test_a_bad_subnegotiation_is_ignored():
    made = pair()
    count = len(made.server.values)
    for wrong in (b'', b'\1', b'\1\1\1', b'\3\1', b'\7', b'\xfd\2' + b'x' * 40, b'\1\x0f'):
        made.client.send_sub(wire.LINEMODE, wrong)
    made.run()
    assert len(made.server.values) == count and not made.far.closed


def test_garbage_never_loops():
    dice = random.Random(1184)
    for _ in range(100):
        made = pair()
        for end in (made.client, made.server):
            end.send_sub(wire.LINEMODE,
                         bytes(bytearray(dice.choice((0, 1, 2, 3, 9, 130, 253))
                                         for _ in range(dice.randrange(12)))))
        made.run()
    assert NOSUPPORT == 0
