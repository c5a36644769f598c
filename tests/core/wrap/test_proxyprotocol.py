# Copyright the carryall authors.  See LICENSE.
"""The PROXY protocol: the client that a relay relays for."""
from __future__ import absolute_import, division, print_function

import random
import struct

import pytest

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.core.line.framing import LineProtocol
from carryall.core.net.networks import Network
from carryall.core.wrap.proxyprotocol import (SIGNATURE, ProxyProtocol, _crc32c, format_v1,
                                              format_v2, maybe_header,
                                         parse_trusted)
from carryall.core.testing import FakeTransport, NullTLS, StrictProtocol, VirtualLoop, chunkings
from carryall.core.tls import Identity, TLSContext
from carryall.core.net.transport import Address, here, peer, tls

CLIENT = Address('192.0.2.77', 40000)
SERVER = Address('192.0.2.88', 443)
CLIENT6 = Address('2001:db8::7', 50000)
SERVER6 = Address('2001:db8::8', 443)
RELAY = Address('10.1.2.3', 5000)

GOOD = [
    (b'PROXY TCP4 192.0.2.77 192.0.2.88 40000 443\r\n', (CLIENT, SERVER)),
    (b'PROXY TCP6 2001:db8::7 2001:DB8:0::8 50000 443\r\n', (CLIENT6, SERVER6)),
    (b'PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n',
     (Address('0.0.0.0', 0), Address('255.255.255.255', 65535))),
    (b'PROXY UNKNOWN\r\n', (None, None)),
    (b'PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n', (None, None)),
    (format_v2(CLIENT, SERVER), (CLIENT, SERVER)),
    (format_v2(CLIENT6, SERVER6), (CLIENT6, SERVER6)),
    (format_v1(CLIENT6, SERVER6), (CLIENT6, SERVER6)),
    (SIGNATURE + b'\x20\x00\x00\x00', (None, None)),                                    # LOCAL
    (SIGNATURE + b'\x20\x11\x00\x0c' + b'x' * 12, (None, None)),  # LOCAL, addresses ignored
    (SIGNATURE + b'\x21\x00\x00\x00', (None, None)),  # PROXY, unspecified
    (SIGNATURE + b'\x21\x31\x00\xd8' + b'/' * 216, (None, None)),  # a Unix socket
    (SIGNATURE + b'\x21\x11\x00\x14' + format_v2(CLIENT, SERVER)[16:]
     + b'\x01\x00\x02h2\x04\x00\x00', (CLIENT, SERVER)),
]

BAD = [
    b'GET / HTTP/1.1\r\n', b'\x16\x03\x01\x02\x00', b'PROXY\r\n', b'PROXY TCP4\r\n',
    b'PROXY  TCP4 1.2.3.4 1.2.3.4 1 1\r\n',
    b'PROXY TCP5 192.0.2.77 192.0.2.88 40000 443\r\n',
    b'proxy TCP4 192.0.2.77 192.0.2.88 40000 443\r\n', b'PROXY TCP4 192.0.2.77 192.0.2.88 40000 '
                                                       b'443 \r\n',
    b'PROXY TCP4 192.0.2.77 192.0.2.88 40000\r\n', b'PROXY TCP4 2001:db8::7 192.0.2.88 40000 '
                                                   b'443\r\n',
    b'PROXY TCP6 192.0.2.77 192.0.2.88 40000 443\r\n', b'PROXY TCP4 192.0.2.077 192.0.2.88 40000 '
                                                       b'443\r\n',
    b'PROXY TCP4 192.0.2.77 192.0.2.88 040000 443\r\n', b'PROXY TCP4 192.0.2.77 192.0.2.88 65536 '
                                                        b'443\r\n',
    b'PROXY TCP4 192.0.2.77 192.0.2.88 -1 443\r\n', b'PROXY TCP4 192.0.2.77 192.0.2.88 +1 443\r\n',
    b'PROXY TCP4 host 192.0.2.88 1 443\r\n', b'PROXY TCP6 fe80::1%eth0 ::1 1 443\r\n',
    b'PROXY TCP4 192.0.2.\xff 192.0.2.88 1 443\r\n', b'PROXY TCP4 192.0.2.77 192.0.2.88 40000 443\n'
    + b'x' * 100, b'PROXY UNKNOWN ' + b'x' * 100 + b'\r\n',
    SIGNATURE + b'\x11\x11\x00\x0c' + b'x' * 12, SIGNATURE + b'\x22\x11\x00\x0c' + b'x' * 12,
    SIGNATURE + b'\x21\x12\x00\x0c' + b'x' * 12,                                        # UDP
    SIGNATURE + b'\x21\x11\x00\x0b' + b'x' * 11, SIGNATURE + b'\x21\x21\x00\x0c' + b'x' * 12,
    SIGNATURE + b'\x21\x11\xff\xff', SIGNATURE[:-1] + b'!' + b'\x21\x11\x00\x0c' + b'x' * 12,
    SIGNATURE + b'\x21\x11\x00\x0e' + b'x' * 14,  # two octets of an extension
    SIGNATURE + b'\x21\x11\x00\x11' + b'x' * 12 + b'\x01\x00\x03ab',  # an extension that is cut
    SIGNATURE + b'\x21\x11\x00\x13' + b'x' * 12 + b'\x03\x00\x04abcd',  # the checksum is wrong
]


@pytest.mark.parametrize('header,ends', GOOD, ids=[str(number) for number in range(len(GOOD))])
def test_good_headers_are_read(header, ends):
    buffered = ReceiveBuffer(header + b'rest')
    assert maybe_header(buffered) == ends
    assert buffered.take_all() == b'rest'
    for size in range(len(header)):
        buffered = ReceiveBuffer(header[:size])
        assert maybe_header(buffered) is None and len(buffered) == size, 'cut at %d' % size


@pytest.mark.parametrize('number', range(len(BAD)))
def test_bad_headers_are_refused(number):
    with pytest.raises(RemoteProtocolError):
        maybe_header(ReceiveBuffer(BAD[number]))


def test_a_line_without_end_is_bounded():
    buffered = ReceiveBuffer(b'PROXY TCP4 ' + b'1' * 95)
    assert maybe_header(buffered) is None
    buffered.append(b'1')
    with pytest.raises(RemoteProtocolError):
        maybe_header(buffered)


def test_the_longest_line_fits():
    line = b'PROXY UNKNOWN ' + b'x' * (105 - 14) + b'\r\n'
    assert len(line) == 107 and maybe_header(ReceiveBuffer(line)) == (None, None)


def test_the_checksum_is_verified():
    """RFC 3720 appendix B.4 has the vector of 32 zeros;
    the extension is checked when it is there."""
    assert _crc32c(b'\0' * 32) == 0x8A9136AA and _crc32c(b'123456789') == 0xE3069283
    blank = SIGNATURE + b'\x21\x11\x00\x13' + format_v2(CLIENT, SERVER)[16:] \
        + b'\x03\x00\x04\0\0\0\0'
    header = blank[:-4] + struct.pack('!I', _crc32c(blank))
    assert maybe_header(ReceiveBuffer(header)) == (CLIENT, SERVER)


def test_addresses_without_a_form_are_unknown():
    assert format_v1(Address('/run/x'), SERVER) == b'PROXY UNKNOWN\r\n'
    assert format_v1(CLIENT6, SERVER) == b'PROXY UNKNOWN\r\n'
    assert maybe_header(ReceiveBuffer(format_v2(Address('/run/x'), SERVER))) == (None, None)
    assert format_v1(Address('fe80::1%eth0', 1),
                     SERVER6) == b'PROXY TCP6 fe80::1 2001:db8::8 1 443\r\n'


def test_the_octets_that_are_written():
    """By hand, and not by what reads them."""
    assert format_v1(CLIENT, SERVER) == b'PROXY TCP4 192.0.2.77 192.0.2.88 40000 443\r\n'
    assert format_v2(CLIENT, SERVER) == SIGNATURE \
        + b'\x21\x11\0\x0c\xc0\0\2\x4d\xc0\0\2\x58\x9c\x40\x01\xbb'


def test_trusted_sources_are_parsed():
    assert [getattr(each, 'text', each) for each in parse_trusted(u'10.0.0.0/8,[fd00::/8],unix')] \
        == [
        u'10.0.0.0/8', u'fd00::/8', u'unix']
    for wrong in (u'', u'10.0.0.0/8,', u'10.1.0.0/8', u'host'):
        with pytest.raises(UsageError):
            parse_trusted(wrong)
    policy = ProxyProtocol(VirtualLoop(), [u'10.0.0.0/8', Network(u'fd00::/8')])
    assert policy.trusts(RELAY) and policy.trusts(Address('fd00::1', 1)) and policy.trusts(
        Address('::ffff:10.0.0.1', 1))
    assert not policy.trusts(CLIENT) and not policy.trusts(Address('/run/x')) and not policy.trusts(
        None)
    assert ProxyProtocol(VirtualLoop(), [u'unix']).trusts(Address('/run/x'))


class Inner(StrictProtocol):
    def made(self):
        self.seen = (peer(self.transport), here(self.transport))

    def received(self, data):
        self.transport.write(data)


def served(data_seen, policy=None, peername=RELAY):
    loop = VirtualLoop()
    policy = policy or ProxyProtocol(loop, [u'10.0.0.0/8'])
    policy.clock = loop

    def make():
        inner = Inner()
        data_seen.append(inner)
        return inner

    return loop, policy, FakeTransport(loop, peername=peername).connect(policy.wrap(make)())


@pytest.mark.parametrize('number', [0, 1, 5, 6, 12])
def test_the_client_shows_however_it_is_cut(number):
    header, ends = GOOD[number]
    for name, pieces in chunkings(header + b'hello'):
        made = []
        loop, _, wire = served(made)
        for piece in pieces:
            wire.feed(piece)
            assert not made or made[0].transport is not None
        loop.advance()
        inner, = made
        assert inner.seen == ends and inner.data == b'hello' and wire.take() == b'hello', name
        wire.feed_eof()
        loop.advance(10.0)
        assert inner.state == 'lost' and not loop.failures, name


def test_unknown_leaves_the_relays_own():
    made = []
    loop, _, wire = served(made)
    wire.feed(b'PROXY UNKNOWN\r\n')
    assert made[0].seen == (RELAY, here(wire))


@pytest.mark.parametrize('number', [0, 1, 12, 21])
def test_bad_headers_are_cut_off_and_told_nothing(number):
    for _, pieces in chunkings(BAD[number] + b'and more\r\n' * 20):
        made = []
        loop, policy, wire = served(made)
        for piece in pieces:
            wire.feed(piece)
        loop.advance()
        assert wire.aborted and not made and wire.take() == b'' and policy.refused == 1


def test_garbage_is_never_a_header():
    rng = random.Random(20)
    for _ in range(200):
        made = []
        loop, _, wire = served(made)
        wire.feed(bytes(bytearray(rng.randrange(256) for _ in range(rng.randrange(1, 300)))))
        loop.advance(10.0)
        assert wire.aborted and not made and not loop.failures


def test_an_untrusted_source_is_disconnected():
    made = []
    loop, policy, wire = served(made, peername=CLIENT)
    wire.feed(GOOD[0][0] + b'hello')
    loop.advance()
    assert wire.aborted and not made and wire.take() == b'' and policy.refused == 1


def test_a_header_that_trickles():
    made = []
    loop, _, wire = served(made)
    for octet in (b'P', b'R', b'O', b'X'):
        loop.advance(1.0)
        wire.feed(octet)
    assert not wire.aborted
    loop.advance(2.1)
    assert wire.aborted and not made


def test_the_deadline_ends_with_the_header():
    made = []
    loop, _, wire = served(made)
    wire.feed(GOOD[0][0])
    loop.advance(100.0)
    assert not wire.closed and made[0].state == 'connected'


@pytest.mark.parametrize('said', [b'', b'PROXY TCP4', SIGNATURE])
def test_ends_before_the_header(said):
    for how in ('feed_eof', 'lose'):
        made = []
        loop, policy, wire = served(made)
        wire.feed(said)
        getattr(wire, how)()
        loop.advance(10.0)
        assert wire.closed and not made and not loop.failures and not len(policy.sweeper)


class Upgrading(LineProtocol):
    """Begins TLS at the word STARTTLS."""

    def __init__(self, loop, lines):
        LineProtocol.__init__(self)
        self.loop = loop
        self.lines = lines

    def line_received(self, line):
        self.lines.append((line, peer(self.transport), tls(self.transport) is not None))
        self.send_line(b'ok')
        if line == b'STARTTLS':
            self.loop.start_tls(self.transport, TLSContext(Identity('chain.pem', 'key.pem')),
                                server_side=True)


@pytest.mark.parametrize('pieces', [1, 2])
def test_the_client_shows_under_tls_too(pieces, expect_log):
    """STARTTLS behind a relay, in one piece with the header or not, and with something behind it
    that was injected."""
    expect_log(r'discarded')
    loop = VirtualLoop(tls=NullTLS())
    lines = []
    policy = ProxyProtocol(loop, [u'*'])
    wire = FakeTransport(loop, peername=RELAY).connect(
        policy.wrap(lambda: Upgrading(loop, lines))())
    said = [GOOD[0][0], b'STARTTLS\r\nEVIL\r\n']
    for piece in said if pieces == 2 else [b''.join(said)]:
        wire.feed(piece)
    loop.advance()
    assert not loop.failures
    wire.feed(b'NOOP\r\n')
    loop.advance()
    assert lines == [(b'STARTTLS', CLIENT, False), (b'NOOP', CLIENT, True)]
    assert wire.take() == b'ok\r\nok\r\n' and not loop.failures
