# Copyright the carryall authors.  See LICENSE.
"""The log in hexadecimal, as Twisted 0.19 wrote it."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.net.transport import Address
from carryall.core.wrap.streamrelay import End, Relay
from carryall.protocols.socks.trace import format_entry, hexadecimal_lines


def test_a_line_shows_hexadecimal_and_text():
    assert hexadecimal_lines(b'Hello\r\n') == '48 65 6C 6C 6F 0D 0A ' + ' ' * 27 + 'Hello..\n'
    assert hexadecimal_lines(b'') == ''
    lines = hexadecimal_lines(bytes(bytearray(range(256))) + b'x').split('\n')
    assert len(lines) == 18 and lines[2] == ('20 21 22 23 24 25 26 27 28 29 2A 2B 2C 2D 2E 2F  '
                                             '!"#$%&\'()*+,-./')
    assert lines[7][48:] == 'pqrstuvwxyz{|}~.' and lines[15][48:] == '.' * 16, \
        'what is not printable is a dot'


def test_an_entry_shows_direction_and_octets():
    loop = VirtualLoop()
    relay = Relay(None, loop)
    near = End(relay)
    far = End(relay)
    relay.near = near
    relay.far = far
    near.transport = FakeTransport(loop, peername=Address('127.0.0.1', 40000))
    far.transport = FakeTransport(loop, peername=Address('192.0.2.7', 80))
    assert format_entry(1026043200.0, near, b'a') == (
        'Sun Jul  7 12:00:00 2002\t127.0.0.1:40000 < 192.0.2.7:80\n61 ' + ' ' * 45 + 'a\n\n')
    assert ' > ' in format_entry(0.0, far, b'a').split('\n')[0]
