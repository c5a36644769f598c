# Copyright the carryall authors.  See LICENSE.
"""TelnetServer: modes, and no waiting for clients that know nothing (TEL-02)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import FakeTransport, VirtualLoop, lockstep, pump
from carryall.protocols.telnet import wire
from carryall.protocols.telnet.client import TelnetClient
from carryall.protocols.telnet import ClientSettings, Settings, TelnetServer


class Server(TelnetServer):
    def __init__(self, loop):
        TelnetServer.__init__(self, None, loop)
        self.text = b''
        self.at = []
        self.sizes = []

    def ready(self):
        self.at.append((self.clock.time(), self.by_key))

    def text_received(self, data):
        self.text += data

    def window_changed(self):
        self.sizes.append(self.window)


ASKED = b'\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f\xff\xfd\x18'


def test_a_client_that_knows_nothing_waits_half_a_second_at_most():
    loop = VirtualLoop()
    server = Server(loop)
    begin = loop.time()
    made = FakeTransport(loop).connect(server)
    assert made.take() == ASKED
    made.feed(b'typed early\r\n')
    loop.advance(5.0)
    assert server.at == [(begin + Settings().negotiation_seconds, False)] \
        and Settings().negotiation_seconds <= 0.5
    assert server.text == b'typed early\n'


def test_a_client_that_answers_does_not_wait():
    loop = VirtualLoop()
    server = Server(loop)
    made = FakeTransport(loop).connect(server)
    made.feed(b'\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f\xff\xfc\x18\xff\xfa\x1f\0\x64\0\x28\xff\xf0')
    loop.advance()
    assert server.at == [(loop.time(), True)] and server.sizes == [(100, 40)]


def test_a_client_that_refuses():
    loop = VirtualLoop()
    server = Server(loop)
    made = FakeTransport(loop).connect(server)
    made.feed(b'\xff\xfe\x01\xff\xfe\x03\xff\xfc\x1f\xff\xfc\x18')
    loop.advance()
    assert server.at == [(loop.time(), False)]


def test_a_window_of_unknown_size():
    loop = VirtualLoop()
    server = Server(loop)
    made = FakeTransport(loop).connect(server)
    made.feed(b'\xff\xfb\x1f\xff\xfa\x1f\0\0\0\0\xff\xf0')
    assert server.window == (80, 24), 'RFC 1073: 0 is "not told"'


@pytest.mark.parametrize('talk', [pump, lockstep])
def test_client_against_server(talk):
    loop = VirtualLoop()
    server = Server(loop)
    client = TelnetClient(ClientSettings(terminal=b'vt100', window=(132, 50)))
    talk(client, server, loop)
    assert server.at and server.by_key and server.window == (132, 50) \
        and server.terminals == [b'VT100']
    assert client.server_echoes
    server.write(b'hello\n')
    client.write(b'\xffworld\n')
    near = client.transport
    far = server.transport
    far.feed(near.take())
    near.feed(far.take())
    assert server.text == b'\xffworld\n' and client.read().result() == b'hello\n'


@pytest.mark.parametrize('when', ['before', 'after'])
def test_the_end_stops_the_timer(when):
    loop = VirtualLoop()
    server = Server(loop)
    made = FakeTransport(loop).connect(server)
    if when == 'after':
        loop.advance(1.0)
    made.lose()
    loop.advance(5.0)
    assert len(server.at) == (when == 'after') and not loop.failures


def test_status_may_be_asked_for():
    loop = VirtualLoop()
    made = FakeTransport(loop).connect(Server(loop))
    made.feed(b'\xff\xfd\x01\xff\xfd\x05\xff\xfa\x05\x01\xff\xf0')
    assert made.take().endswith(wire.format_sub(wire.STATUS, b'\0\xfb\x01\xfb\x05'))


@pytest.mark.parametrize('binary', [b'', b'\xff\xfb\0\xff\xfd\0'])
def test_lines_are_lines_under_binary_too(binary):
    """RFC 856: CR, CR NUL and CR LF are Return, however they are cut;
    what we write ends with CR LF."""
    for cut in (1, 2, 100):
        loop = VirtualLoop()
        wire_ = FakeTransport(loop).connect(Server(loop))
        wire_.feed(binary)
        loop.advance(1.0)
        wire_.take()
        data = b'a\rb\r\0c\r\nd\n\xff\xff\r\r\n\r\0\r'
        for at in range(0, len(data), cut):
            wire_.feed(data[at:at + cut])
        loop.advance()
        assert wire_.protocol.text == b'a\nb\nc\nd\n\xff\n\n\n\n'
        wire_.protocol.write(b'one\ntwo\r\n\xff\rthree')
        assert wire_.take() == b'one\r\ntwo\r\n\xff\xff\r' + (b'' if binary else b'\0') + b'three'
