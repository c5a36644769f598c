# Copyright the carryall authors.  See LICENSE.
"""Law L21 in each server: a peer that sends everything at once is answered over many turns, in
order and completely."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.net.turns import MAX_STEPS, Turns
from carryall.protocols import pb
from carryall.protocols.http import Response
from carryall.protocols.websocket import CONTINUATION, TEXT, WebSocket
from carryall.protocols.pb.banana import PB, encode
from carryall.protocols.telnet import wire as telnet_wire
from tests.protocols.ftp.stage import make_site
from tests.protocols.http.stage import GET, site
from tests.protocols.websocket.websocket_kit import Echoing, masked
from tests.protocols.pb.stage import CHOICE, VERSION
from tests.protocols.pop3.test_server import server as pop3_server
from tests.protocols.smtp.stage import server as smtp_server
from tests.protocols.telnet.pairs import Noting

COUNT = 700
TICK = 0.0001               # seconds that pass whenever somebody looks at the clock


class Root(pb.Root):
    def remote_echo(self, number):
        return number


def http_server(loop):
    return site(lambda request: Response(200, body=b'x'))(loop)


def ftp_server(loop):
    return make_site(loop)()


def websocket_server(loop):
    return WebSocket(Echoing(), loop)


def pb_server(loop):
    return pb.Broker(loop, Root())


def telnet_server(_loop):
    session = Noting()
    session.command_received = lambda command: session.transport.write(b'yes\r\n')
    return session


def pb_message(number):
    return encode([b'message', number, b'root', b'echo', 1, [b'tuple', 5], [b'dictionary']], PB)


# name: (server, what comes first, one request, what marks one answer, how many)
SERVERS = {
    'http': (http_server, b'', GET, b'HTTP/1.1 200', COUNT),
    'ftp': (ftp_server, b'', b'NOOP\r\n', b'200 ', COUNT),
    'pop3': (pop3_server, b'', b'CAPA\r\n', b'\r\n.\r\n', COUNT),
    'smtp': (smtp_server, b'EHLO a\r\n', b'NOOP\r\n', b'250 2.0.0', 80),
    'websocket': (websocket_server, b'', masked(TEXT, b'hello'), b'hello', COUNT),
    'pb': (pb_server, CHOICE + VERSION, None, b'\x03\x80' + encode(b'answer', PB), COUNT),
    'telnet': (telnet_server, b'', b'\xff\xf6', b'yes', COUNT),
}


def connected(name):
    """(loop, wire) of a server whose clock passes by being looked at."""
    loop = VirtualLoop()
    now = [0.0]

    def tick():
        now[0] += TICK
        return now[0]

    loop.turns = Turns(tick, loop.call_soon, loop.report_failure)
    wire = FakeTransport(loop).connect(SERVERS[name][0](loop))
    loop.advance(1.0)
    wire.feed(SERVERS[name][1])
    loop.advance(1.0)
    wire.take()
    return loop, wire


def requests(name):
    _, _, request, _, count = SERVERS[name]
    if request is None:
        return b''.join(pb_message(number) for number in range(1, count + 1))
    return request * count


def turn(loop):
    done = Future()
    loop.call_soon(done.set_result, None)
    loop.run_until(done)


def answers_by_turn(loop, wire, mark, count):
    """How many answers came at once, and in each turn after that."""
    counts = [wire.take().count(mark)]
    for _ in range(10 * count):
        if sum(counts) >= count:
            break
        turn(loop)
        counts.append(wire.take().count(mark))
    return counts


@pytest.mark.parametrize('name', sorted(SERVERS))
def test_a_flood_is_answered_over_many_turns(name):
    loop, wire = connected(name)
    mark, count = SERVERS[name][3:]
    wire.feed(requests(name))
    counts = answers_by_turn(loop, wire, mark, count)
    assert sum(counts) == count, 'all are answered'
    assert max(counts) <= MAX_STEPS
    assert len(counts) > count // MAX_STEPS
    loop.advance(0.1)
    assert wire.reading
    assert not loop.failures


@pytest.mark.parametrize('name', sorted(set(SERVERS) - set(['http', 'telnet'])))
def test_several_floods_share_each_turn(name):
    loop, wire = connected(name)
    wires = [wire] + [FakeTransport(loop).connect(SERVERS[name][0](loop)) for _ in range(4)]
    for each in wires[1:]:
        loop.advance(1.0)
        each.feed(SERVERS[name][1])
    loop.advance(1.0)
    mark, count = SERVERS[name][3:]
    for each in wires:
        each.take()
        each.feed(requests(name))
    first = [each.take().count(mark) for each in wires]
    assert max(first) <= MAX_STEPS
    # On a busy machine the clock ends some turns before the first step.
    for _ in range(20 * count):
        turn(loop)
        came = [each.take().count(mark) for each in wires]
        assert sum(came) <= 2 * MAX_STEPS, 'however many wait'
        first = [before + now for before, now in zip(first, came)]
    assert first == [count] * 5


@pytest.mark.parametrize('name', sorted(SERVERS))
def test_one_request_at_a_time_is_answered_at_once(name):
    loop, wire = connected(name)
    mark = SERVERS[name][3]
    for number in range(1, 30):
        wire.feed(pb_message(number) if name == 'pb' else SERVERS[name][2])
        assert wire.take().count(mark) == 1
    assert not loop.queued or name == 'http'


@pytest.mark.parametrize('name', sorted(set(SERVERS) - set(['telnet', 'websocket', 'pb'])))
def test_an_end_behind_a_flood_waits_for_the_answers(name):
    loop, wire = connected(name)
    mark, count = SERVERS[name][3:]
    wire.feed(requests(name))
    wire.feed_eof()
    counts = answers_by_turn(loop, wire, mark, count)
    assert sum(counts) == count
    loop.advance(10.0)
    assert wire.ended


@pytest.mark.parametrize('name', sorted(SERVERS))
def test_a_flood_that_breaks_off_leaves_nothing(name):
    loop, wire = connected(name)
    wire.feed(requests(name))
    wire.lose()
    loop.advance(1.0)
    assert wire.lost
    assert not loop.failures
    assert not loop.turns._waiting


def test_empty_frames_of_a_websocket_count_too():
    loop, wire = connected('websocket')
    wire.feed(masked(TEXT, b'he', False) + masked(CONTINUATION, b'', False) * 5000 + masked(
        CONTINUATION, b'llo'))
    assert not wire.take()
    loop.advance(0.1)
    assert b'hello' in wire.take()


def test_negotiations_of_telnet_are_understood_piece_by_piece():
    loop, wire = connected('telnet')
    wire.feed(telnet_wire.format_negotiation(telnet_wire.DO, 99) + b'x' * 60000)
    session = wire.protocol
    assert len(session.text) < 20000
    loop.advance(0.1)
    assert session.text == b'x' * 60000
