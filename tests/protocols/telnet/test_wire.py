# Copyright the carryall authors.  See LICENSE.
"""The octets of Telnet (RFC 854, RFC 855)."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.errors import RemoteProtocolError
from carryall.core.testing import chunkings
from carryall.protocols.telnet import wire


def events(pieces, stops=()):
    parser = wire.Parser()
    parser.stops.update(stops)
    found = []
    for piece in pieces:
        for event in parser.receive(piece):
            if found and event[0] == found[-1][0] == 'data':
                event = ('data', found.pop()[1] + event[1])
            found.append(event)
    return found


@pytest.mark.parametrize('data, expected', [
    (b'plain', [('data', b'plain')]), (b'a\xff\xffb', [('data', b'a\xffb')]),
    (b'a\xff\xf1b', [('data', b'a'), ('command', wire.NOP), ('data', b'b')]),
    (b'\xff\xf6\xff\xf4', [('command', wire.AYT), ('command', wire.IP)]),
    (b'\xff\xfb\x01\xff\xfd\x03x', [('negotiate', wire.WILL, 1), ('negotiate', wire.DO, 3),
                                    ('data', b'x')]),
    (b'\xff\xfe\xff\xff\xff', [('negotiate', wire.DONT, 255), ('data', b'\xff')]),
    (b'\xff\xfa\x1f\0\xff\xff\0\x18\xff\xf0rest',
     [('sub', wire.NAWS, b'\0\xff\0\x18'), ('data', b'rest')]),
    (b'\xff\xfa\x18\xff\xf0', [('sub', wire.TTYPE, b'')]),
    # SE inside of the data is data (Twisted 0.19 ended there), and so is any number but IAC.
    (b'\xff\xfa\x18\xf0\xf0\xff\xf0', [('sub', wire.TTYPE, b'\xf0\xf0')]),
    # A subnegotiation that is broken off by another command.
    (b'\xff\xfa\x18abc\xff\xf6x', [('sub', wire.TTYPE, b'abc'), ('command', wire.AYT),
                                   ('data', b'x')]),
    (b'\xff\xfa\x18a\xff\xfd\x01', [('sub', wire.TTYPE, b'a'), ('negotiate', wire.DO, 1)]),
    # SE alone, and what no RFC has: passed over.
    (b'a\xff\xf0\xff\x00\xff\x7fb', [('data', b'ab')])])
def test_events_however_they_are_cut(data, expected):
    for way, pieces in chunkings(data):
        assert events(pieces) == expected, way


def test_data_behind_a_stop_is_left_raw():
    data = b'x\xff\xfa\x56\xff\xf0\xff\xff\xfa'
    assert events([data], [wire.MCCP2]) == [('data', b'x'), ('sub', wire.MCCP2, b''),
                                            ('raw', b'\xff\xff\xfa')]


def test_a_subnegotiation_is_bounded():
    for way, pieces in chunkings(b'\xff\xfa\x18' + b'x' * 9000, cuts=1):
        with pytest.raises(RemoteProtocolError):
            events(pieces)
    parser = wire.Parser()
    parser.receive(b'\xff\xfa\x18' + b'\xff\xff' * wire.MAX_SUB)
    with pytest.raises(RemoteProtocolError):
        parser.receive(b'\xff\xff')


def test_garbage_is_parsed_the_same_at_every_chunking():
    dice = random.Random(854)
    data = bytes(bytearray(dice.choice((0, 13, 24, 240, 246, 250, 251, 253, 255, 255))
                           for _ in range(5000)))
    seen = [events(pieces) for _, pieces in chunkings(data)]
    assert all(one == seen[0] for one in seen), 'it depends on the cuts'


def test_commands_have_their_octets():
    assert wire.escape(b'\xff\0\xff') == b'\xff\xff\0\xff\xff'
    assert wire.format_sub(31, b'\0\xff') == b'\xff\xfa\x1f\0\xff\xff\xff\xf0'
    assert wire.format_negotiation(wire.WONT, 1) == b'\xff\xfc\x01' and wire.format_command(
        wire.GA) == b'\xff\xf9'
    assert wire.to_nvt(b'a\nb\r\nc\rd') == b'a\r\nb\r\nc\r\0d'


@pytest.mark.parametrize('data, text', [(b'a\r\nb', b'a\nb'), (b'a\r\0b', b'a\nb'),
                                        (b'a\nb', b'a\nb'), (b'a\rb', b'a\nb'),
                                        (b'\r\n\r\n', b'\n\n'), (b'\r\r\n', b'\n\n'),
                                        (b'a\0b', b'a\0b')])
def test_line_ends_however_they_are_cut(data, text):
    for way, pieces in chunkings(data):
        heard = b''
        half = False
        for piece in pieces:
            piece, half = wire.from_nvt(piece, half)
            heard += piece
        assert heard == text, way
