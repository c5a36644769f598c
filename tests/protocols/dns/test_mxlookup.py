# Copyright the carryall authors.  See LICENSE.
"""MX records: questions, answers that may be forged or broken, servers that do not answer."""
from __future__ import absolute_import, division, print_function

import random
import struct

import pytest

from carryall.core.errors import (CarryallError, ConnectionLost, LocalProtocolError,
                                  RemoteProtocolError, TimedOut)
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.testing import VirtualLoop, chunkings
from carryall.protocols.dns import DNSError, Settings
from carryall.protocols.dns.mxlookup import (MAX_RECORDS, MX, NO_ERROR, NO_NAME, ask,
                                             format_question, parse_answer)

HOST = ('192.0.2.53', 53)
OTHER = ('192.0.2.54', 53)
NAME = b'\1a\7example\0'
QUESTION = NAME + b'\0\x0f\0\1'


def record(data, owner=b'\xc0\x0c', kind=MX, where=1):
    return owner + struct.pack('!HHIH', kind, where, 60, len(data)) + data


def answer(*records, **given):
    """A packet; number 7 unless given."""
    head = struct.pack('!HHHHHH', given.get('number', 7), given.get('flags', 0x8180), 1,
                       given.get('count', len(records)), 0, 0)
    return head + given.get('question', QUESTION) + b''.join(records)


def parsed(packet):
    return parse_answer(packet, 7, 'A.example', MX)


def test_a_question_has_the_octets_of_rfc_1035():
    assert format_question(0x1234, 'A.Example.', MX) == (
        b'\x12\x34\1\0\0\1\0\0\0\0\0\1' + QUESTION
        + b'\0\0\x29\x04\xd0\0\0\0\0\0\0'), 'RFC 1035 section 4.1, RFC 6891 section 6.1.2'


@pytest.mark.parametrize('name', ['', '.', 'a..b', '.a', 'x' * 64, '.'.join(['x' * 60] * 5)])
def test_a_bad_name_is_not_asked_for(name):
    with pytest.raises(LocalProtocolError):
        format_question(1, name, MX)


def test_an_answer_lists_its_hosts():
    found = parsed(answer(record(b'\0\x0a\2mx\xc0\x0c'), record(b'\0\5\4back\3NET\0'),
                          record(b'\0\0\0')))
    assert (found.code, found.truncated, found.hosts) == (NO_ERROR, False,
                                                          [(10, 'mx.a.example'), (5, 'back.net'),
                                                           (0, '')])
    assert parsed(answer(flags=0x8183)).code == NO_NAME
    assert parsed(answer(flags=0x8380, count=9)).truncated
    found = parsed(answer(record(b'\1b\7example\0', kind=5),
                          record(b'\0\1\1m\0', b'\1B\7example\0'), record(b'\0\2\1n\0')))
    assert found.hosts == [(1, 'm')], 'behind a CNAME the records are those of its name'
    found = parsed(answer(record(b'\0\1\1m\0', b'\1x\0'), record(b'\1\2\3\4', kind=1),
                          record(b'\0\1\1m\0', where=3)))
    assert found.hosts == [], 'of somebody else, of another type, of another class'
    assert len(parsed(answer(*[record(b'\0\1\1m\0')] * (MAX_RECORDS + 5))).hosts) == MAX_RECORDS


@pytest.mark.parametrize('packet', [
    b'', b'\0', answer(number=8), answer(flags=0x0100), answer(flags=0x8980),
    answer(question=b'\1b\7example\0\0\x0f\0\1'), answer(question=NAME + b'\0\1\0\1'),
    answer(count=1), answer(record(b'\0\1')), answer(record(b'\0\1\1m\0x')),
    answer(record(b'\0\1\xc0\xff')), answer(record(b'\0\1\xc0\x28')),
    answer(record(b'\0\1\x41' + b'm' * 65 + b'\0')),
    answer(record(b'\0\1' + b'\x3f' + b'm' * 63 + b'\x3f' + b'm' * 63 + b'\x3f' + b'm' * 63
                  + b'\x3f' + b'm' * 63 + b'\0')), answer(record(b'\0\1\3m m\0')),
    answer(record(b'\0\1\1\xff\0')),
    answer(record(b'\0\1\1\0\0')), answer(record(b'\0\1\1m\0'))[:-1],
    answer(question=b'\xc0\x0c\0\x0f\0\1')])
def test_a_bad_answer_is_refused(packet):
    with pytest.raises(RemoteProtocolError):
        parsed(packet)


def test_garbage_is_a_protocol_error():
    dice = random.Random(1035)
    whole = answer(record(b'\0\x0a\2mx\xc0\x0c'), record(b'\0\5\4back\3NET\0'))
    for _ in range(3000):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            broken[dice.randrange(12, len(broken))] = dice.choice((0, 1, 0x3f, 0xc0, 0xff,
                                                                   dice.randrange(256)))
        try:
            parsed(bytes(broken)[:dice.randrange(len(broken) + 1) or None])
        except RemoteProtocolError:
            pass


class Server(DatagramProtocol):
    """Answers each question with what ``said(number)`` gives: packets."""

    def __init__(self, said):
        self.said = said
        self.asked = []

    def datagram_received(self, data, addr):
        self.asked.append((data, addr))
        for packet in self.said(struct.unpack('!H', data[:2])[0]):
            self.transport.sendto(packet, addr)


class Streams(Protocol):
    def __init__(self, said, pieces):
        self.said = said
        self.pieces = pieces
        self.heard = b''

    def data_received(self, data):
        self.heard += data
        if len(self.heard) >= 4:
            packet = self.said(struct.unpack('!H', self.heard[2:4])[0])
            for piece in self.pieces(struct.pack('!H', len(packet)) + packet):
                self.transport.write(piece)


def served(loop, said, server=HOST):
    made = Server(said)
    loop.open_udp(lambda: made, *server)
    return made


GOOD = record(b'\0\x0a\2mx\xc0\x0c')


def test_asking_gives_the_hosts():
    loop = VirtualLoop()
    server = served(loop, lambda number: [answer(GOOD, number=number)])
    for _ in range(2):
        assert loop.run_until(ask(loop, [HOST], 'a.example')).hosts == [(10, 'mx.a.example')]
    first, second = server.asked
    assert first[0][2:] == second[0][2:], 'RFC 5452: both of chance'
    assert first[0][:2] != second[0][:2], 'RFC 5452: both of chance'
    assert first[1].port != second[1].port, 'RFC 5452: both of chance'
    loop.advance()
    assert len(loop._datagrams) == 1, 'a socket is left'


def test_forged_and_broken_answers_are_passed_over():
    loop = VirtualLoop()
    served(loop, lambda number: [b'', b'x' * 20, answer(record(b'\0\1\4evil\0'), number=number ^ 1),
                                 answer(GOOD, number=number), answer(number=number, flags=0x8183)])
    assert loop.run_until(ask(loop, [HOST], 'a.example')).hosts == [(10, 'mx.a.example')]


def test_the_next_server_and_the_next_round():
    loop = VirtualLoop()
    silent = served(loop, lambda number: [])
    failing = served(loop,
                     lambda number: [answer(number=number, flags=0x8182)] if len(failing.asked) < 2
                     else [answer(number=number, flags=0x8183)], OTHER)
    begin = loop.time()
    assert loop.run_until(ask(loop, [HOST, OTHER], 'a.example')).code == NO_NAME
    assert (len(silent.asked), len(failing.asked), loop.time() - begin) == (2, 2, 10.0)
    for servers, fault in (([], CarryallError), ([HOST], TimedOut)):
        with pytest.raises(fault):
            loop.run_until(ask(loop, servers, 'a.example'))
    with pytest.raises(LocalProtocolError):
        loop.run_until(ask(loop, [HOST], 'a..b'))


@pytest.mark.parametrize('truncated_again', [False, True])
def test_an_answer_that_is_too_long_for_udp(truncated_again):
    long = [record(b'\0\x0a\2m%d\xc0\x0c' % (number % 10)) for number in range(200)]
    for way, _ in chunkings(b'x'):
        loop = VirtualLoop()
        served(loop, lambda number: [answer(number=number, flags=0x8380)])

        def pieces(whole):
            return [part for name, parts in chunkings(whole) if name == way for part in parts]

        def said(number):
            return answer(number=number, flags=0x8380) if truncated_again else answer(*long,
                                                                                      number=number)

        loop.listen_tcp(lambda: Streams(said, pieces), *HOST)
        if truncated_again:
            with pytest.raises(RemoteProtocolError):
                loop.run_until(ask(loop, [HOST], 'a.example'))
        else:
            assert len(loop.run_until(ask(loop, [HOST], 'a.example')).hosts) == 200
        loop.advance(10.0)
        assert not loop.failures
        assert len(loop._wires) == 0
        loop.close()


@pytest.mark.parametrize('ends', ['close', 'abort', 'silent', 'garbage', 'none'])
def test_streams_that_end(ends):
    loop = VirtualLoop()
    served(loop, lambda number: [answer(number=number, flags=0x8380)])

    class Rude(Protocol):
        def data_received(self, data):
            if ends == 'garbage':
                self.transport.write(b'\0\3xyz')
            elif ends != 'silent':
                getattr(self.transport, ends)()

    if ends != 'none':
        loop.listen_tcp(Rude, *HOST)
    with pytest.raises(CarryallError):
        loop.run_until(ask(loop, [HOST], 'a.example'))
    loop.advance(10.0)
    assert not loop.failures
    assert len(loop._wires) == 0
    assert len(loop._datagrams) == 1


def test_a_refused_question_fails_at_once():
    loop = VirtualLoop()

    class Refusing(Server):
        def datagram_received(self, data, addr):
            socket = self.transport.loop._datagrams[addr]
            socket.protocol.error_received(ConnectionLost(u'refused'))

    refusing = Refusing(None)
    loop.open_udp(lambda: refusing, *HOST)
    begin = loop.time()
    with pytest.raises(ConnectionLost):
        loop.run_until(ask(loop, [HOST], 'a.example'))
    assert loop.time() == begin


def test_over_real_sockets(loop):
    server = Server(lambda number: [answer(GOOD, number=number)])
    transport = loop.open_udp(lambda: server, '127.0.0.1', 0)
    port = transport.get_extra_info('sockname').port
    assert loop.run_until(ask(loop, [('127.0.0.1', port)], 'a.example')).hosts == [(10,
                                                                                    'mx.a.example')]


def test_an_error_of_the_server_has_its_code():
    loop = VirtualLoop()
    served(loop, lambda number: [answer(number=number, flags=0x8182)])
    future = ask(loop, [HOST], 'a.example')
    loop.advance(1.0)
    assert isinstance(future.exception(), DNSError)
    assert future.exception().code == 2


def test_the_settings_bound_the_question():
    loop = VirtualLoop()
    silent = served(loop, lambda number: [])
    future = ask(loop, [HOST], 'a.example', settings=Settings(answer_seconds=3.0, tries=1))
    loop.advance(3.1)
    assert isinstance(future.exception(), TimedOut)
    assert len(silent.asked) == 1


@pytest.mark.parametrize('spell', [
    lambda loop: ask(loop, [HOST], 'a.example', MX, 3.0, 1),
    lambda loop: ask(loop, [HOST], 'a.example', seconds=3.0, tries=1)])
def test_times_that_are_given_one_by_one_warn_and_count(spell):
    loop = VirtualLoop()
    with pytest.warns(DeprecationWarning):
        future = spell(loop)
    loop.advance(3.1)
    assert isinstance(future.exception(), TimedOut)
