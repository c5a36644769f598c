# Copyright the carryall authors.  See LICENSE.
"""Compression, server status and messages of the MUDs."""
from __future__ import absolute_import, division, print_function

import zlib

import pytest

from carryall.protocols.telnet import mud, wire
from tests.protocols.telnet.pairs import Pair


@pytest.mark.parametrize('chunk', [None, 1, 7])
def test_the_server_compresses(chunk):
    pair = Pair([mud.Compress(False, True)], [mud.Compress()], chunk)
    pair.server.ask_us(wire.MCCP2)
    pair.run()
    pair.server.write(b'again and again\n' * 1000)
    pair.run()
    pair.client.write(b'in clear')
    pair.run()
    assert pair.client.text == b'again and again\n' * 1000 and pair.server.text == b'in clear'
    assert len(pair.carried[1]) < 1000, 'it is not compressed'


def test_the_begin_and_the_first_of_it_in_one_piece():
    pair = Pair([mud.Compress(False, True)], [])
    pair.client.ask_peer(wire.MCCP2)
    pair.near.feed(b'\xff\xfb\x56')
    pair.near.feed(b'clear \xff\xfa\x56\xff\xf0' + zlib.compress(b'and compressed\xff\xff'))
    assert pair.client.text == b'clear and compressed\xff'


@pytest.mark.parametrize('chunk', [None, 1])
def test_the_client_compresses(chunk):
    pair = Pair([mud.CompressBack(False, True)], [mud.CompressBack()], chunk)
    pair.server.ask_us(wire.MCCP3)
    pair.run()
    pair.client.write(b'north\n' * 1000)
    pair.server.write(b'in clear')
    pair.run()
    assert pair.server.text == b'north\n' * 1000 and pair.client.text == b'in clear' and len(pair.carried[0]) < 1000


def test_bombs_and_rubbish_are_the_end():
    for data in (zlib.compress(b'\0' * (8 << 20)), b'this is no zlib stream'):
        pair = Pair([mud.Compress(False, True)], [])
        pair.client.ask_peer(wire.MCCP2)
        pair.near.feed(b'\xff\xfb\x56\xff\xfa\x56\xff\xf0' + data)
        assert pair.near.aborted and len(pair.client.text) <= mud.MAX_INFLATED


def test_server_status():
    pair = Pair([mud.ServerStatus(False, True)], [mud.ServerStatus(pairs=[(b'NAME', b'Ours'), (b'PORT', b'23'), (b'PORT', b'4000')])])
    pair.server.ask_us(wire.MSSP)
    pair.run()
    assert pair.client.values == [(wire.MSSP, {b'NAME': [b'Ours'], b'PORT': [b'23', b'4000']})]
    pair.server.send_sub(wire.MSSP, b'x')
    pair.server.send_sub(wire.MSSP, b'\1A' * 2000)
    assert len(pair.run().client.values) == 1


def test_messages():
    pair = Pair([mud.Messages(True, True)], [mud.Messages(True, True)], 1)
    pair.server.ask_us(wire.GMCP)
    pair.run()
    pair.server.options[wire.GMCP].tell(pair.server, b'Core.Ping')
    pair.client.options[wire.GMCP].tell(pair.client, b'Core.Hello', b'{"client": "ours"}')
    pair.run()
    assert pair.client.values == [(wire.GMCP, (b'Core.Ping', b''))]
    assert pair.server.values == [(wire.GMCP, (b'Core.Hello', b'{"client": "ours"}'))]
    pair.client.send_sub(wire.GMCP, b' x')
    assert len(pair.run().server.values) == 1
