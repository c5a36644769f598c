# Copyright the carryall authors.  See LICENSE.
"""Streams and datagrams of a server, in memory."""
from __future__ import absolute_import, division, print_function

import struct

import pytest

from carryall.core.future import Future
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.dns import (Authority, DNSDatagrams, DNSServer, DNSService, ServerSettings,
                                    parse_message)
from tests.protocols.dns.zones import asked, zones_of


class Later(DNSService):
    """Answers when the test says so."""

    def __init__(self):
        self.open = []

    def respond(self, packet, source):
        future = Future()
        self.open.append((packet, future))
        return future


def framed(packet):
    return struct.pack('!H', len(packet)) + packet


def packets(data):
    found = []
    while data:
        size = struct.unpack('!H', data[:2])[0]
        found.append(data[2:2 + size])
        data = data[2 + size:]
    return found


def opened(service, loop=None, **settings):
    loop = loop or VirtualLoop()
    protocol = DNSServer(service, loop, ServerSettings(**settings))
    transport = FakeTransport(loop)
    transport.connect(protocol)
    return loop, protocol, transport


def test_queries_that_come_together_are_all_answered():
    said = b''.join(framed(asked(u'web.example.', number=number)) for number in range(5))
    for size in (1, 7, 1000):
        pieces = [said[at:at + size] for at in range(0, len(said), size)]
        loop = VirtualLoop()
        _, _, transport = opened(Authority(zones_of(), loop), loop)
        for piece in pieces:
            transport.feed(piece)
        found = [parse_message(each).number for each in packets(transport.written)]
        assert found == [0, 1, 2, 3, 4]


def test_answers_come_in_the_order_in_which_they_are_ready():
    """RFC 7766 section 6.2.1.1."""
    service = Later()
    _, _, transport = opened(service)
    transport.feed(b''.join(framed(asked(u'a.example.', number=number)) for number in range(3)))
    for number in (2, 0, 1):
        packet, future = service.open[number]
        future.set_result(packet)
    assert [struct.unpack('!H', each[:2])[0] for each in packets(transport.written)] == [2, 0, 1]


def test_a_stream_with_too_many_open_queries_is_not_read():
    service = Later()
    _, _, transport = opened(service, max_pending=3)
    transport.feed(b''.join(framed(asked(u'a.example.', number=number)) for number in range(5)))
    assert len(service.open) == 3
    service.open[0][1].set_result(b'x' * 12)
    assert len(service.open) == 4


@pytest.mark.parametrize('data', [b'\0\0', b'\0\5abcde'])
def test_a_length_that_lies_ends_the_stream(data):
    _, _, transport = opened(Later())
    transport.feed(data)
    assert transport.closed


def test_an_idle_stream_is_closed():
    loop, _, transport = opened(Later(), idle_seconds=5.0)
    transport.feed(b'\0\x20half')
    loop.advance(10.0)
    assert transport.closed


def test_a_query_without_an_answer_does_not_end_the_stream(expect_log):
    expect_log('a query was not answered')
    service = Later()
    _, _, transport = opened(service)
    transport.feed(framed(asked(u'a.example.')) + framed(asked(u'b.example.')))
    service.open[0][1].set_exception(ValueError('broken'))
    service.open[1][1].set_result(b'x' * 12)
    assert packets(transport.written) == [b'x' * 12]


def test_a_long_answer_waits_for_its_reader():
    class Long(DNSService):
        """A transfer of ten messages."""

        def respond(self, packet, source):
            return iter([b'y' * 20] * 10)

    _, protocol, transport = opened(Long())
    protocol.pause_writing()
    transport.feed(framed(asked(u'a.example.')))
    assert transport.written == b''
    protocol.resume_writing()
    assert len(packets(transport.written)) == 10


def test_a_client_that_may_not_ask_gets_no_stream():
    class Closed(Later):
        """Admits no client."""

        def admits(self, host):
            return False

    _, _, transport = opened(Closed())
    assert transport.closed


def test_the_end_of_the_clients_side_waits_for_the_answers():
    service = Later()
    loop, _, transport = opened(service)
    transport.feed(framed(asked(u'a.example.')))
    transport.feed_eof()
    assert not transport.is_closing()
    service.open[0][1].set_result(b'x' * 12)
    assert packets(transport.written) == [b'x' * 12]
    assert transport.is_closing()


def test_a_datagram_is_answered():
    loop = VirtualLoop()
    sent = []
    protocol = DNSDatagrams(Authority(zones_of(), loop))

    class Transport(object):
        """Keeps what is sent."""

        @staticmethod
        def sendto(data, addr):
            sent.append((parse_message(data).number, addr.port))

    protocol.connection_made(Transport)
    protocol.datagram_received(asked(u'web.example.'), Address('192.0.2.1', 5))
    protocol.datagram_received(b'short', Address('192.0.2.1', 5))
    protocol.datagram_received(asked(u'web.example.'), Address('192.0.2.1', 0))
    assert sent == [(7, 5)]
