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
    assert pair.server.text == b'north\n' * 1000 and pair.client.text == b'in clear' \
        and len(pair.carried[0]) < 1000


def test_bombs_and_rubbish_are_the_end():
    for data in (zlib.compress(b'\0' * (8 << 20)), b'this is no zlib stream'):
        pair = Pair([mud.Compress(False, True)], [])
        pair.client.ask_peer(wire.MCCP2)
        pair.near.feed(b'\xff\xfb\x56\xff\xfa\x56\xff\xf0' + data)
        pair.loop.advance()
        assert pair.near.aborted and len(pair.client.text) <= mud.MAX_INFLATED


def test_server_status_carries_pairs():
    pair = Pair([mud.ServerStatus(False, True)],
                [mud.ServerStatus(pairs=[(b'NAME', b'Ours'), (b'PORT', b'23'),
                                         (b'PORT', b'4000')])])
    pair.server.ask_us(wire.MSSP)
    pair.run()
    assert pair.client.values == [(wire.MSSP, {b'NAME': [b'Ours'], b'PORT': [b'23', b'4000']})]
    pair.server.send_sub(wire.MSSP, b'x')
    pair.server.send_sub(wire.MSSP, b'\1A' * 2000)
    assert len(pair.run().client.values) == 1


def test_gmcp_messages_pass_both_ways():
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


@pytest.mark.parametrize('chunk', [None, 1, 3])
def test_behind_the_end_of_the_stream_it_is_clear_again(chunk):
    """And said once; an option that is off behind it changes nothing."""
    pair = Pair([mud.Compress(False, True), mud.CompressBack()], [])
    pair.client.ask_peer(wire.MCCP2)
    data = b'\xff\xfb\x56\xff\xfa\x56\xff\xf0' + zlib.compress(
        b'one ') + b'two \xff\xfa\x57\xff\xf0three ' + b'four'
    for at in range(0, len(data), chunk or len(data)):
        pair.near.feed(data[at:at + (chunk or len(data))])
    pair.near.feed(b' five')
    assert pair.client.text == b'one two three four five' and not pair.near.aborted


def test_inflated_data_is_not_inflated_again():
    pair = Pair([mud.Compress(False, True), mud.CompressBack()], [])
    pair.client.ask_peer(wire.MCCP2)
    pair.near.feed(b'\xff\xfb\x56\xff\xfa\x56\xff\xf0')
    stream = zlib.compressobj()
    pair.near.feed(stream.compress(b'one \xff\xfa\x57\xff\xf0two') + stream.flush(
        zlib.Z_SYNC_FLUSH))
    assert pair.client.text == b'one two' and not pair.near.aborted


def test_beginnings_that_begin_nothing_are_counted():
    pair = Pair([mud.Compress(False, True)], [])
    pair.near.feed(b'\xff\xfa\x56\xff\xf0' * 100 + b'x')
    pair.loop.advance()
    assert pair.client.text == b'x' and not pair.near.aborted
    pair.near.feed(b'\xff\xfa\x56\xff\xf0' * 200000)
    pair.loop.advance()
    assert pair.near.aborted
