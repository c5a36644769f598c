# Copyright the carryall authors.  See LICENSE.
"""TelnetClient: reading, agreeing, and what it keeps."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings
from carryall.protocols.telnet import wire
from carryall.protocols.telnet import ClientSettings, TelnetClient
from carryall.protocols.telnet.client import MAX_KEPT


def connected(**given):
    loop = VirtualLoop()
    client = TelnetClient(ClientSettings(**given))
    return loop, client, FakeTransport(loop).connect(client)


def test_the_client_asks_for_no_option_by_itself():
    assert connected()[2].take() == b''


def test_reading_however_it_is_cut():
    for way, pieces in chunkings(b'\xff\xfb\x01Welcome\r\nlogin: \xff\xf1rest'):
        loop, client, made = connected()
        future = client.read_until(b'login: ')
        for piece in pieces:
            made.feed(piece)
        assert future.result() == b'Welcome\nlogin: ', way
        assert client.read().result() == b'rest' and client.server_echoes \
            and made.take() == b'\xff\xfd\x01'


def test_one_reader_at_a_time():
    _, client, made = connected()
    first = client.read()
    assert isinstance(client.read_until(b'x').exception(), LocalProtocolError)
    first.cancel()
    made.feed(b'ax')
    assert client.read_until(b'x').result() == b'ax'


@pytest.mark.parametrize('end', ['feed_eof', 'lose'])
def test_the_end_fails_waiting_reads(end):
    loop, client, made = connected()
    future = client.read_until(b'never')
    made.feed(b'left')
    getattr(made, end)()
    loop.advance()
    assert isinstance(future.exception(), ConnectionLost)
    assert client.read().result() == b'left' and client.read().result() == b''
    assert client.over.done() and (client.over.exception() is None) == (end == 'feed_eof')


def test_unread_data_stops_the_server():
    loop, client, made = connected()
    for _ in range(100):
        if made.reading:
            made.feed(b'x' * 65536)
            loop.advance()
    assert not made.reading and len(client._kept) <= MAX_KEPT + 65536
    assert len(client.read().result()) > MAX_KEPT
    loop.advance()
    assert made.reading


@pytest.mark.parametrize('number, given, answer', [
    (wire.TTYPE, {'terminal': b'XTERM'}, wire.WILL), (wire.NAWS, {}, wire.WILL),
    (wire.TSPEED, {}, wire.WILL),
    (wire.NEW_ENVIRON, {}, wire.WONT), (wire.NEW_ENVIRON, {'variables': {b'USER': b'ann'}},
                                        wire.WILL),
    (wire.LINEMODE, {}, wire.WONT), (wire.LINEMODE, {'linemode': True}, wire.WILL),
    (wire.ECHO, {}, wire.WONT),
    (wire.XDISPLOC, {'variables': {b'USER': b'ann'}}, wire.WONT),
    (wire.XDISPLOC, {'variables': {b'DISPLAY': b':0'}}, wire.WILL)])
def test_the_client_agrees_to_its_options(number, given, answer):
    _, _, made = connected(**given)
    made.feed(wire.format_negotiation(wire.DO, number))
    assert made.take().startswith(wire.format_negotiation(answer, number))


def test_compression_is_taken_only_if_asked_for():
    for compress, answer in ((False, wire.DONT), (True, wire.DO)):
        _, _, made = connected(compress=compress)
        made.feed(wire.format_negotiation(wire.WILL, wire.MCCP2))
        assert made.take() == wire.format_negotiation(answer, wire.MCCP2)
