# Copyright the carryall authors.  See LICENSE.
"""The handshake of a server, and the hand-over from HTTP: every field, every cut, what comes too
early, the end of the site.
"""
from __future__ import absolute_import, division, print_function

import warnings

import pytest

from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings
from carryall.core.net.transport import Address
from carryall.protocols.http import Response, Site
from carryall.protocols.http.message.response import Upgrade
from carryall.protocols.websocket.deflate import Deflate
from carryall.protocols.websocket.server import WebSocketServer, WebSockets, accept_key
from carryall.protocols.websocket.settings import ANY_ORIGIN, SAME_ORIGIN, Limits, Settings
from tests.protocols.http.stage import DATE, GET, WALL, Stage, later
from tests.protocols.websocket.websocket_kit import (CLOSE, TEXT, Above, Echoing, closing, frame,
                                                     masked)

KEY = b'dGhlIHNhbXBsZSBub25jZQ=='
ASK = [b'Host: server.example.com', b'Upgrade: websocket', b'Connection: Upgrade',
       b'Sec-WebSocket-Key: ' + KEY, b'Sec-WebSocket-Version: 13']
SWITCHED = (b'HTTP/1.1 101 Switching Protocols\r\n' + DATE
            + b'Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')


def asking(lines=ASK, line=b'GET /chat HTTP/1.1', less=None, more=()):
    """A handshake without the field *less*, with *more*."""
    kept = [one for one in lines if less is None or not one.lower().startswith(less.lower() + b':')]
    return b'\r\n'.join([line] + kept + list(more)) + b'\r\n\r\n'


class Room(Stage):
    """A site of WebSockets alone."""

    def __init__(self, above=Echoing, site=None, **options):
        self.made = []
        Stage.__init__(self, None, **(site or {}))

        def make(request):
            self.made.append(above())
            return self.made[-1]
        self._app = WebSocketServer(make, self.loop, Settings(**options))


def status(answer):
    return int(answer[9:12])


def test_the_example_of_the_rfc():
    assert accept_key(KEY) == b's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'section 1.3'
    room = Room()
    assert room.say(asking()) == SWITCHED + b'Connection: Upgrade\r\n\r\n', 'section 4.2.2'
    assert room.say(masked(TEXT, b'Hello')) == frame(TEXT, b'Hello'), 'and there it is'
    assert room.say(closing(1000)) == frame(CLOSE, b'\x03\xe8'), 'to its end'
    assert room.wire.closed, 'to its end'
    assert room.made[0].lost == [None], 'nothing is left'
    assert len(room.site.sweeper) == 0, 'nothing is left'


def test_at_every_cut():
    """Also where frames come with the request, whose answer the client should have waited for."""
    data = asking() + masked(TEXT, b'one') + masked(TEXT, b'two') + closing(1000)
    for name, pieces in chunkings(data):
        room = Room()
        answer = b''.join([room.say(piece) for piece in pieces])
        assert (answer
                == SWITCHED + b'Connection: Upgrade\r\n\r\n' + frame(TEXT, b'one')
                + frame(TEXT, b'two') + frame(CLOSE, b'\x03\xe8')), name


def test_behind_other_requests():
    room = Room()
    switching = room._app
    room._app = lambda request: switching(request) if b'upgrade' in request.headers else Response(
        200, body=b'plain')
    answer = room.say(GET + asking() + masked(TEXT, b'x'))
    assert answer.index(b'plain') < answer.index(b'101 Switching'), 'in order'
    assert answer.endswith(frame(TEXT, b'x')), 'in order'


@pytest.mark.parametrize('code, request_', [
    (426, asking(less=b'upgrade')), (426, asking(less=b'upgrade', more=[b'Upgrade: h2c'])),
    (426, asking(less=b'sec-websocket-version', more=[b'Sec-WebSocket-Version: 8'])),
    (400, asking(less=b'sec-websocket-version')), (400, asking(less=b'connection')),
    (400, asking(less=b'connection', more=[b'Connection: keep-alive'])),
    (400, asking(less=b'sec-websocket-key')), (400, asking(more=[b'Sec-WebSocket-Key: ' + KEY])),
    (400, asking(less=b'sec-websocket-key', more=[b'Sec-WebSocket-Key: dGhl'])),
    (400, asking(less=b'sec-websocket-key', more=[b'Sec-WebSocket-Key: ' + KEY[:-1]])),
    (400, asking(less=b'sec-websocket-key', more=[b'Sec-WebSocket-Key: ' + b'!' * 24])),
    (400, asking(less=b'sec-websocket-key', more=[b'Sec-WebSocket-Key:'])),
    (400, asking(line=b'POST /chat HTTP/1.1', more=[b'Content-Length: 0'])),
    (400, asking(more=[b'Content-Length: 1']) + b'x'),
    (400, asking(line=b'GET /chat HTTP/1.0')), (400, asking(less=b'host')),
    (400, asking(more=[b'Sec-WebSocket-Protocol: a, a'])),
    (400, asking(more=[b'Sec-WebSocket-Protocol: a b'])),
    (400, asking(more=[b'Sec-WebSocket-Extensions: "a"'])),
    (403, asking(more=[b'Origin: https://evil.example'])), (403, asking(more=[b'Origin: null'])),
    (400, asking(more=[b'Origin: https://a.example', b'Origin: https://a.example'])),
], ids=lambda value: str(value) if isinstance(value, int) else '')
def test_a_bad_handshake_is_refused(code, request_):
    room = Room(origins=[b'https://a.example'])
    answer = room.say(request_)
    assert status(answer) == code, answer
    assert not [one for one in room.made if one.websocket], answer
    if code == 426:
        assert (b'\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                in answer), 'RFC 9110 section 15.5.22'
        assert status(room.say(asking())) == 101, 'the connection can still be switched'


@pytest.mark.parametrize('fields', [
    [b'Upgrade: WebSocket'], [b'Upgrade: h2c, websocket'], [b'Connection: keep-alive, Upgrade'],
    [b'Connection: UPGRADE'], [b'Origin: https://a.example'],
    [b'Origin: HTTPS://A.example'], [b'Sec-WebSocket-Extensions: permessage-deflate'],
    [b'Sec-WebSocket-Protocol: nobody-knows-it']], ids=lambda fields: fields[0].decode('ascii'))
def test_an_unusual_handshake_is_accepted(fields):
    names = [field.partition(b':')[0].lower() for field in fields]
    room = Room(origins=[b'https://a.example'])
    answer = room.say(asking([line for line in ASK if line.partition(b':')[0].lower() not in names],
                             more=fields))
    assert (answer
            == SWITCHED
            + b'Connection: Upgrade\r\n\r\n'), 'and nothing is promised that was not asked for'


@pytest.mark.parametrize('origin, host, tls, here, code', [
    (b'http://a.example', b'a.example', None, '192.0.2.1', 101),
    (b'HTTP://A.Example:80', b'a.EXAMPLE', None, '192.0.2.1', 101),
    (b'http://a.example', b'a.example:80', None, '192.0.2.1', 101),
    (b'https://a.example', b'a.example:443', 'the session', '192.0.2.1', 101),
    (b'https://a.example:8443', b'a.example:8443', 'the session', '192.0.2.1', 101),
    (b'http://a.example:8080', b'a.example', None, '192.0.2.1', 403),
    (b'http://a.example', b'a.example:8080', None, '192.0.2.1', 403),
    (b'https://a.example', b'a.example', None, '192.0.2.1', 403),
    (b'http://a.example', b'a.example', 'the session', '192.0.2.1', 403),
    (b'http://b.example', b'a.example', None, '192.0.2.1', 403),
    (b'http://a.example/', b'a.example', None, '192.0.2.1', 403),
    (b'http://a.example.evil', b'a.example', None, '192.0.2.1', 403),
    (b'http://x@a.example', b'a.example', None, '192.0.2.1', 403),
    (b'ws://a.example', b'a.example', None, '192.0.2.1', 403),
    (b'http://', b'a.example', None, '192.0.2.1', 403),
    (b'null', b'a.example', None, '192.0.2.1', 403),
    (b'self', b'a.example', None, '192.0.2.1', 403),
    (b'', b'a.example', None, '192.0.2.1', 403),
    (b'http://127.0.0.1:7010', b'127.0.0.1:7010', None, '127.0.0.1', 101),
    (b'http://[::1]:7010', b'[::1]:7010', None, '::1', 101),
    (b'http://localhost:7010', b'localhost:7010', None, '127.0.0.1', 101),
    (b'http://app.localhost:7010', b'app.localhost:7010', None, '127.0.0.1', 101),
    (b'http://evil.example:7010', b'evil.example:7010', None, '127.0.0.1', 403),
    (b'http://localhost.evil.example', b'localhost.evil.example', None, '127.0.0.1', 403),
    (b'http://a.example', b'a.example', None, None, 101),
])
def test_a_page_of_our_own_is_let_in_and_no_other(origin, host, tls, here, code):
    """RFC 6455 section 10.2, RFC 6454 section 5: scheme, host and port; not for a name that was
    rebound to loopback.
    """
    room = Room()
    address = Address('/run/web.sock') if here is None else Address(here, 7010)
    room.wire = FakeTransport(room.loop, sockname=address, tls=tls).connect(room.site())
    assert (status(room.say(asking(less=b'host', more=[b'Host: ' + host, b'Origin: ' + origin])))
            == code)


def test_origins_that_are_given_stand_alone():
    ask = asking(more=[b'Origin: http://server.example.com'])
    assert status(Room().say(ask)) == 101
    assert status(Room(origins=[b'https://a.example']).say(ask)) == 403
    assert status(Room(origins=[b'https://a.example', SAME_ORIGIN]).say(ask)) == 101
    assert status(Room(origins=[]).say(ask)) == 403


def test_any_origin_may_be_allowed():
    assert (status(Room(origins=[ANY_ORIGIN]).say(asking(more=[b'Origin: https://evil.example'])))
            == 101)


def test_the_first_known_subprotocol_is_chosen():
    for asked, chosen in ((b'b, a', b'b'), (b'x, a', b'a'), (b'x', None)):
        room = Room(subprotocols=[b'a', b'b'])
        answer = room.say(asking(more=[b'Sec-WebSocket-Protocol: ' + asked]))
        assert ((b'Sec-WebSocket-Protocol: %s\r\n' % chosen in answer) if chosen
                else b'Protocol:' not in answer), answer
        assert room.made[0].websocket.subprotocol == chosen


def test_compression_is_agreed_on():
    room = Room(deflate=Deflate())
    answer = room.say(
        asking(more=[b'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits']))
    assert b'\r\nSec-WebSocket-Extensions: permessage-deflate\r\n' in answer, 'agreed'
    assert (room.say(masked(TEXT, b'\xf2\x48\xcd\xc9\xc9\x07\x00', squeezed=True))
            == frame(TEXT, b'Hello')), 'understood'


def test_time_and_the_log():
    noted = []

    class Log(object):
        def served(self, peer, request, code, octets, seconds):
            noted.append((request.path, code, octets))

    room = Room(site={'access_log': Log()})
    room.say(asking())
    assert noted == [(b'/chat', 101, 0)], 'when it begins'
    room.loop.advance(59.0)
    assert not room.wire.closed, 'the deadlines of HTTP are over'
    room.loop.advance(70.0)
    assert room.wire.closed, 'those of WebSocket are not'
    assert noted == [(b'/chat', 101, 0)], 'those of WebSocket are not'


def test_a_site_that_stops():
    room = Room()
    room.say(asking())
    room.drain()
    assert room.hear() == frame(CLOSE, b'\x03\xe9'), 'the peer is told'
    assert not room.wire.closed
    room.say(closing(1001))
    assert room.wire.closed
    assert room.made[0].lost == [None]


def test_a_site_that_has_stopped():
    answer, futures = later()
    stage = Stage(answer)
    stage.say(asking())
    stage.drain()
    futures[0].set_result(Upgrade(Protocol(), [(b'Upgrade', b'x')]))
    assert status(stage.hear()) == 503
    assert stage.wire.eof_written


# -- any other protocol ----------------------------------------------------------------------------


class Other(Protocol):
    def __init__(self):
        self.calls = []

    def connection_made(self, transport):
        self.transport = transport
        self.calls.append('made')

    def data_received(self, data):
        self.calls.append(data)

    def eof_received(self):
        self.calls.append('eof')
        return True

    def pause_writing(self):
        self.calls.append('pause')

    def resume_writing(self):
        self.calls.append('resume')

    def drain(self):
        self.calls.append('drain')

    def connection_lost(self, exc):
        self.calls.append(('lost', exc))


def switched(**options):
    other = Other()
    stage = Stage(lambda request: Upgrade(other, [(b'Upgrade', b'other/1')]), **options)
    return other, stage


def test_the_hand_over():
    other, stage = switched()
    stage.wire.feed(
        b'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: other/1\r\nConnection: Upgrade\r\n\r\nearly')
    assert other.calls == ['made'], 'callbacks do not nest: what came early waits for its turn'
    assert not stage.wire.reading, 'callbacks do not nest: what came early waits for its turn'
    stage.loop.advance()
    assert other.calls == ['made', b'early'], 'and comes'
    assert stage.wire.reading, 'and comes'
    stage.say(GET * 3)
    assert other.calls[2:] == [GET * 3], 'it is no HTTP any more'
    stage.wire.clog()
    other.transport.write(b'x' * 70000)
    stage.wire.unclog()
    stage.wire.feed_eof()
    stage.loop.advance()
    assert other.calls[3:] == ['pause', 'resume', 'eof'], 'everything is handed on'
    assert not stage.wire.closed, 'everything is handed on'
    stage.drain()
    stage.loop.advance()
    assert other.calls[-1] == 'drain'
    assert not stage.wire.closed, 'the protocol decides when it closes'


def test_a_connect_is_switched_with_200():
    """RFC 9110 section 9.3.6: no Content-Length, no Upgrade; what follows is the tunnel's."""
    for version in (b'1.1', b'1.0'):
        other = Other()
        stage = Stage(lambda request: Upgrade(other), methods=(b'CONNECT',))
        answer = stage.say(b'CONNECT b.example:443 HTTP/' + version
                           + b'\r\nHost: b.example:443\r\n\r\n' + GET)
        assert answer == b'HTTP/1.1 200 OK\r\n' + DATE + b'\r\n'
        assert other.calls == ['made', GET]


def test_an_upgrade_of_another_hop_is_not_taken():
    """RFC 9110 section 7.8: Upgrade counts only if Connection names it."""
    other, stage = switched()
    assert status(stage.say(b'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: other/1\r\n\r\n')) == 400
    assert other.calls == []


def test_a_request_with_a_body_is_not_upgraded():
    other, stage = switched()
    answer = stage.say(
        b'POST / HTTP/1.1\r\nHost: a\r\nUpgrade: other/1\r\nConnection: Upgrade\r\nContent-Length: '
        b'3\r\n\r\n')
    assert status(answer) == 400
    assert other.calls == []
    other, stage = switched()
    assert status(stage.say(GET)) == 400, 'nor who did not ask'
    assert other.calls == [], 'nor who did not ask'


def test_a_failure_at_once_ends_the_connection(expect_log):
    class Failing(Protocol):
        def connection_made(self, transport):
            raise ValueError('of mine')

    expect_log('the protocol after an Upgrade failed')
    stage = Stage(lambda request: Upgrade(Failing(), [(b'Upgrade', b'x')]))
    stage.say(asking())
    assert stage.wire.aborted


def test_a_protocol_after_an_upgrade_that_cannot_be_drained_is_aborted(expect_log):
    class Failing(Other):
        def drain(self):
            raise ValueError('of mine')

    expect_log('the protocol after an Upgrade failed')
    stage = Stage(lambda request: Upgrade(Failing(), [(b'Upgrade', b'x')]))
    stage.say(asking())
    wires = [stage.connect() for _ in range(3)]
    stage.drain()
    assert stage.wire.aborted
    assert [wire.closed for wire in wires] == [True] * 3


def test_a_lost_connection():
    room = Room(Above)
    room.say(asking())
    room.wire.lose()
    room.loop.advance()
    assert len(room.made[0].lost) == 1
    assert room.made[0].lost[0] is not None


def test_on_a_wire_of_its_own():
    """A Site beside the stage, as programs make it."""
    loop = VirtualLoop()
    loop.wall = lambda: WALL
    wire = FakeTransport(loop).connect(Site(WebSocketServer(lambda request: Echoing(), loop),
                                            loop)())
    wire.feed(asking())
    loop.advance()
    assert wire.take().startswith(b'HTTP/1.1 101 ')


def test_a_protocol_that_writes_more_than_is_taken_at_once():
    """The pause that it is told of while it is made comes once."""
    class Eager(Other):
        def connection_made(self, transport):
            Other.connection_made(self, transport)
            transport.write(b'x' * 70000)

    other = Eager()
    stage = Stage(lambda request: Upgrade(other, [(b'Upgrade', b'x')]))
    stage.wire.clog()
    stage.wire.feed(asking())
    assert other.calls == ['made', 'pause']
    stage.wire.unclog()
    assert other.calls == ['made', 'pause', 'resume']


def test_a_protocol_that_comes_to_a_full_transport():
    answer, futures = later()
    stage = Stage(answer)
    other = Other()
    stage.wire.clog()
    stage.wire.set_write_buffer_limits(10)
    stage.wire.feed(asking())
    futures[0].set_result(Upgrade(other, [(b'Upgrade', b'x')]))
    stage.loop.advance()
    assert other.calls == ['made', 'pause'], 'with the 101 already'
    stage.wire.unclog()
    assert other.calls == ['made', 'pause', 'resume']


def test_a_client_that_has_ended_its_side_before_the_switch():
    answer, futures = later()
    stage = Stage(answer)
    other = Other()
    stage.wire.feed(asking())
    stage.wire.feed_eof()
    futures[0].set_result(Upgrade(other, [(b'Upgrade', b'x')]))
    stage.loop.advance()
    assert status(stage.hear()) == 400, 'it would wait for ever'
    assert other.calls == [], 'it would wait for ever'
    assert stage.wire.closed, 'it would wait for ever'


def test_nothing_is_made_for_a_handshake_that_cannot_be():
    room = Room(Above)
    assert status(room.say(asking(line=b'GET /chat HTTP/1.0'))) == 400
    assert room.made == []


def test_the_former_names_work_with_a_warning():
    loop = VirtualLoop()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        sockets = WebSockets(loop, lambda request: Above(), [ANY_ORIGIN], [b'a'],
                             Limits(frame_bytes=5))
    assert [each.category for each in caught] == [DeprecationWarning] * 2
    assert isinstance(sockets, WebSocketServer)
    assert sockets.settings == Settings(frame_bytes=5, origins=[ANY_ORIGIN], subprotocols=[b'a'])
