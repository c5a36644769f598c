# Copyright the carryall authors.  See LICENSE.
"""The client: datagrams that lie, streams, transfers."""
from __future__ import absolute_import, division, print_function

import struct

import pytest

from carryall.core.errors import (CarryallError, ConnectionLost, HandshakeFailed,
                                  RemoteProtocolError, TimedOut)
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.testing import VirtualLoop
from carryall.core.tls import listening
from carryall.protocols.dns import (Authority, BadSignature, DNSDatagrams, DNSError, DNSServer,
                                    KeyRing, PADDING, TC, TSIGKey, connect, exchange,
                                    format_message, parse_message, parse_name, query)
from carryall.runtimes import tls as providers
from tests.core.tls.material import material
from tests.protocols.dns.test_authority import KEY, Rules
from tests.protocols.dns.zones import ORIGIN, zone_of, zones_of

SERVER = ('127.0.0.1', 53)
WITH_TLS = pytest.mark.skipif(providers.available() is not True, reason=str(providers.available()))
WEB = parse_name(u'web.example.')


class Liar(DatagramProtocol):
    """Answers with the packets that *make* gives for a query."""

    def __init__(self, make):
        self._make = make

    def datagram_received(self, data, addr):
        for packet in self._make(data):
            self.transport.sendto(packet, addr)


def served(rules=None, zone=None):
    """A loop with a server, over datagrams and streams."""
    loop = VirtualLoop()
    authority = Authority(zones_of(zone or zone_of()), loop, None, rules or Rules(transfer=True),
                          KeyRing([KEY]))
    loop.open_udp(lambda: DNSDatagrams(authority), '127.0.0.1', 53)
    loop.listen_tcp(lambda: DNSServer(authority, loop), '127.0.0.1', 53)
    return loop, authority


def lying(make):
    loop = VirtualLoop()
    loop.open_udp(lambda: Liar(make), '127.0.0.1', 53)
    return loop


def right(data):
    return b''.join([data[:2], b'\x84\0', data[4:6], b'\0\0\0\0\0\0', data[12:-11]])


def test_a_question_is_answered():
    loop, _ = served()
    reply = loop.run_until(exchange(loop, SERVER, query(WEB, 1)))
    assert [each.data for each in reply.answers] == [b'\xc0\0\2\1', b'\xc0\0\2\2']


def test_a_truncated_answer_is_asked_for_again():
    rows = b''.join(b'big TXT "' + bytes(bytearray([65 + number])) * 200 + b'"\n'
                    for number in range(9))
    loop, _ = served(zone=zone_of(b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\n' + rows))
    reply = loop.run_until(exchange(loop, SERVER, query(parse_name(u'big.example.'), 16)))
    assert len(reply.answers) == 9
    assert not reply.flags & TC


@pytest.mark.parametrize('false', [
    lambda data: b'\xff\xff' + right(data)[2:], lambda data: data, lambda data: b'',
    lambda data: right(data)[:-1], lambda data: right(data)[:12] + b'\1x' + right(data)[12:],
    lambda data: right(data)[:-4] + b'\0\2\0\1', lambda data: right(data) + b'x',
    lambda data: right(data)[:2] + b'\xa4' + right(data)[3:], lambda data: b'\xff' * 600])
def test_a_false_answer_does_not_end_the_wait(false):
    """RFC 5452 section 9.1; an answer to another question never counts."""
    loop = lying(lambda data: [false(data), right(data)])
    reply = loop.run_until(exchange(loop, SERVER, query(WEB, 1)))
    assert reply.rcode == 0
    assert reply.questions[0].name == WEB
    with pytest.raises(TimedOut):
        loop = lying(lambda data: [false(data)])
        loop.run_until(exchange(loop, SERVER, query(WEB, 1)))


def test_a_flood_of_false_answers_ends_the_wait():
    loop = lying(lambda data: [b'\0' * 12] * 1001)
    with pytest.raises(DNSError):
        loop.run_until(exchange(loop, SERVER, query(WEB, 1)))


def test_numbers_cannot_be_guessed():
    seen = []

    def make(data):
        seen.append(data[:2])
        return [right(data)]

    loop = lying(make)
    for _ in range(20):
        loop.run_until(exchange(loop, SERVER, query(WEB, 1)))
    assert len(set(seen)) > 15


# -- streams -----------------------------------------------------------------

def test_queries_of_one_stream_have_their_own_answers():
    loop, _ = served()
    client = loop.run_until(connect(loop, '127.0.0.1', 53))
    kinds = (1, 16, 15, 6)
    asked = [client.ask(query(ORIGIN, kind)) for kind in kinds]
    for kind, future in zip(kinds, asked):
        reply = loop.run_until(future)
        assert reply.questions[0].rtype == kind
    client.close()
    with pytest.raises(ConnectionLost):
        loop.run_until(client.ask(query(ORIGIN, 1)).then(lambda _: client.ask(query(ORIGIN, 1))))


def test_a_whole_zone_is_transferred():
    loop, authority = served()
    client = loop.run_until(connect(loop, '127.0.0.1', 53))
    reader = loop.run_until(client.transfer(ORIGIN))
    zone = authority.zones.by_name[ORIGIN]
    assert sorted(each.text() for each in reader.zone.records()) == sorted(
        each.text() for each in zone.records())


def test_a_long_transfer_takes_several_messages():
    rows = b''.join(('h%d A 192.0.2.1\n' % number).encode('ascii') for number in range(2000))
    zone = zone_of(b'$TTL 1\n@ SOA . . 1 2 3 4 5\n NS a\n' + rows)
    loop, _ = served(zone=zone)
    client = loop.run_until(connect(loop, '127.0.0.1', 53))
    signer = KeyRing([KEY]).first()
    reader = loop.run_until(client.transfer(ORIGIN, signer=signer))
    assert len(list(reader.zone.records())) == 2002


def test_a_transfer_that_is_refused_fails():
    loop, _ = served(Rules())
    client = loop.run_until(connect(loop, '127.0.0.1', 53))
    with pytest.raises(DNSError) as caught:
        loop.run_until(client.transfer(ORIGIN))
    assert caught.value.code == 5


def test_a_zone_that_has_not_changed_is_not_sent():
    loop, authority = served()
    soa = authority.zones.by_name[ORIGIN].soa().records(ORIGIN)[0]
    client = loop.run_until(connect(loop, '127.0.0.1', 53))
    reader = loop.run_until(client.transfer(ORIGIN, soa))
    assert reader.current


class Speaker(Protocol):
    """Says something as soon as it is asked."""

    def __init__(self, make):
        self._make = make

    def data_received(self, data):
        self.transport.write(self._make(data))


def framed(packet):
    return struct.pack('!H', len(packet)) + packet


@pytest.mark.parametrize('make', [
    lambda data: b'\0\1x', lambda data: framed(b'x' * 20),
    lambda data: framed(data[2:4] + b'\x84\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1')])
def test_a_stream_that_breaks_the_rules_is_ended(make):
    loop = VirtualLoop()
    loop.listen_tcp(lambda: Speaker(make), '127.0.0.1', 53)
    client = loop.run_until(connect(loop, '127.0.0.1', 53))
    with pytest.raises(RemoteProtocolError):
        loop.run_until(client.ask(query(WEB, 1)))


# -- TLS ---------------------------------------------------------------------

def served_with_tls():
    """A loop with a server of DNS over TLS, over the provider of this runtime."""
    loop = VirtualLoop(tls=providers.provider())
    authority = Authority(zones_of(zone_of()), loop)
    loop.listen_tcp(listening(loop, material().server(), lambda: DNSServer(authority, loop)),
                    '127.0.0.1', 853)
    return loop


@WITH_TLS
def test_a_question_over_tls_has_a_padded_answer():
    """RFC 7858 section 3.1; RFC 8467: an answer is padded only if the server sees TLS."""
    loop = served_with_tls()
    client = loop.run_until(connect(loop, '127.0.0.1', 853, tls=material().client(),
                                    hostname='localhost'))
    asked = query(WEB, 1)
    asked.edns.options.append((PADDING, b''))
    reply = loop.run_until(client.ask(asked))
    assert [each.data for each in reply.answers] == [b'\xc0\0\2\1', b'\xc0\0\2\2']
    assert reply.edns.option(PADDING)


@WITH_TLS
def test_a_question_in_clear_gets_no_answer_from_a_tls_port():
    """RFC 7858 section 3.1: DNS in clear must not be spoken on a port of TLS."""
    loop = served_with_tls()
    client = loop.run_until(connect(loop, '127.0.0.1', 853))
    with pytest.raises(CarryallError):
        loop.run_until(client.ask(query(WEB, 1)))


@WITH_TLS
def test_a_certificate_for_another_name_is_refused():
    """RFC 8310 section 8.1: the client checks the name before it asks."""
    loop = served_with_tls()
    with pytest.raises(HandshakeFailed):
        loop.run_until(connect(loop, '127.0.0.1', 853, tls=material().client(),
                               hostname='other.example'))


# -- signatures --------------------------------------------------------------

def test_an_unsigned_answer_to_a_signed_question_is_refused():
    loop = lying(lambda data: [b''.join([data[:2], b'\x84\0', data[4:6], b'\0\0\0\0\0\0',
                                         data[12:12 + len(WEB) + 4]])])
    with pytest.raises(BadSignature):
        loop.run_until(exchange(loop, SERVER, query(WEB, 1), signer=KeyRing([KEY]).first()))


def test_a_signed_answer_is_verified():
    loop, _ = served()
    reply = loop.run_until(exchange(loop, SERVER, query(WEB, 1), signer=KeyRing([KEY]).first()))
    assert len(reply.answers) == 2
    wrong = TSIGKey(KEY.name, u'hmac-sha256', b'w' * 32)
    with pytest.raises(BadSignature):
        loop.run_until(exchange(loop, SERVER, query(WEB, 1), signer=KeyRing([wrong]).first()))


def test_a_changed_answer_is_refused():
    loop = VirtualLoop()
    ring = KeyRing([KEY])
    signer = ring.first()
    packet = signer.sign(format_message(query(WEB, 1)), loop.wall())
    signer.next_reply()
    other = ring.verified(packet, parse_message(packet), loop.wall())
    other.next_reply()
    answer = other.sign(right(format_message(query(WEB, 1))), loop.wall())
    changed = answer[:2] + b'\x80' + answer[3:]
    with pytest.raises(BadSignature):
        signer.check_reply(changed, parse_message(changed), loop.wall())
