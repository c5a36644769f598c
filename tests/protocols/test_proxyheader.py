# Copyright the carryall authors.  See LICENSE.
"""The PROXY protocol, versions 1 and 2."""
from __future__ import absolute_import, division, print_function

import random

import pytest

from carryall.core.buffer import ReceiveBuffer
from carryall.core.errors import RemoteProtocolError
from carryall.core.networks import Network
from carryall.core.testing import FakeTransport, StrictProtocol, VirtualLoop, chunkings
from carryall.core.transport import Address, here, peer
from carryall.protocols.proxyheader import SIGNATURE, ExpectHeader, format_v1, format_v2, maybe_header

FOUR = Address('198.51.100.9', 40000), Address('192.0.2.2', 443)
SIX = Address('2001:db8::9', 1), Address('2001:db8::2', 65535)


def read(data):
    for length in range(len(data)):
        assert maybe_header(ReceiveBuffer(data[:length])) is None, 'after %d octets of %r' % (length, data)
    buffered = ReceiveBuffer(data + b'rest')
    found = maybe_header(buffered)
    assert buffered.take_all() == b'rest'
    return found


@pytest.mark.parametrize('form', [format_v1, format_v2])
@pytest.mark.parametrize('ends', [FOUR, SIX])
def test_there_and_back(form, ends):
    assert read(form(*ends)) == ends


def test_the_octets():
    assert format_v1(*FOUR) == b'PROXY TCP4 198.51.100.9 192.0.2.2 40000 443\r\n'
    assert format_v2(*FOUR) == SIGNATURE + b'\x21\x11\0\x0c\xc6\x33\x64\x09\xc0\0\2\2\x9c\x40\x01\xbb'
    for mixed in ((FOUR[0], SIX[1]), (Address('/run/x.sock'), FOUR[1])):
        assert format_v1(*mixed) == b'PROXY UNKNOWN\r\n' and read(format_v2(*mixed)) == (None, None)


@pytest.mark.parametrize('data', [
    b'PROXY UNKNOWN\r\n', b'PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n', SIGNATURE + b'\x20\x00\0\0', SIGNATURE + b'\x20\x11\0\x02ab',
    SIGNATURE + b'\x21\x31\0\x03abc'])
def test_what_says_nothing_about_the_ends(data):
    assert read(data) == (None, None)


def test_extensions_are_passed_over():
    header = format_v2(*FOUR)
    assert read(header[:14] + b'\0\x10' + header[16:] + b'\x04\0\1x') == FOUR


@pytest.mark.parametrize('data', [
    b'GET / HTTP/1.1\r\n\r\n', b'PROXY \r\n', b'PROXY TCP4\r\n', b'PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n', b'PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n',
    b'PROXY TCP4 ::1 ::2 1 2\r\n', b'PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n', b'PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n',
    b'PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n', b'PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n', b'PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n',
    b'PROXY TCP6 fe80::1%eth0 ::2 1 2\r\n', b'PROXY TCP4 1.2.3.\xb2 5.6.7.8 1 2\r\n', b'PROXY UNKNOWN' + b'x' * 200,
    SIGNATURE + b'\x11\x11\0\0', SIGNATURE + b'\x22\x11\0\0', SIGNATURE + b'\x21\x11\xff\xff', SIGNATURE + b'\x21\x11\0\4abcd',
    b'\r\n\r\nx', b'\0'])
def test_what_is_no_header(data):
    with pytest.raises(RemoteProtocolError):
        maybe_header(ReceiveBuffer(data))


def test_garbage():
    dice = random.Random(2010)
    for _ in range(500):
        start = dice.choice((b'', b'PROXY TCP4 ', SIGNATURE, SIGNATURE + b'\x21\x11'))
        try:
            maybe_header(ReceiveBuffer(start + bytes(bytearray(dice.randrange(256) for _ in range(dice.randrange(60))))))
        except RemoteProtocolError:
            pass


def headed(loop, network=u'192.0.2.0/24'):
    inner = StrictProtocol()
    protocol = ExpectHeader(loop, [Network(network)], 5.0).wrap(lambda: inner)()
    return FakeTransport(loop).connect(protocol), inner


def test_the_inner_protocol_sees_the_client():
    for way, pieces in chunkings(format_v1(*FOUR) + b'hello'):
        loop = VirtualLoop()
        wire, inner = headed(loop)
        for piece in pieces:
            wire.feed(piece)
            loop.advance()
        assert inner.data == b'hello' and (peer(inner.transport), here(inner.transport)) == FOUR, way
        inner.transport.write(b'answer')
        wire.feed_eof()
        loop.advance(10.0)
        assert wire.take() == b'answer' and inner.state == 'lost' and not loop.failures


def test_a_header_that_names_nobody_leaves_the_relay_as_the_client():
    loop = VirtualLoop()
    wire, inner = headed(loop)
    wire.feed(b'PROXY UNKNOWN\r\n')
    assert peer(inner.transport) == wire.get_extra_info('peername')


@pytest.mark.parametrize('data', [b'GET / HTTP/1.1\r\n', b'PROXY TCP4 x\r\n', b'\r\n'])
def test_no_header_no_connection(data):
    loop = VirtualLoop()
    wire, inner = headed(loop)
    wire.feed(data)
    loop.advance(10.0)
    assert wire.aborted and inner.state == 'initial' and wire.take() == b''


def test_a_header_must_come_in_time_and_from_a_relay():
    loop = VirtualLoop()
    wire, inner = headed(loop)
    wire.feed(b'PROXY ')
    loop.advance(4.0)
    assert not wire.closed
    loop.advance(2.0)
    assert wire.aborted
    wire, inner = headed(loop, u'10.0.0.0/8')
    wire.feed(format_v1(*FOUR))
    loop.advance()
    assert wire.closed and inner.state == 'initial', 'anybody may pass for anybody'
