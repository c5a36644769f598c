# Copyright the carryall authors.  See LICENSE.
"""ClientConnection: responses at every chunking, what ends a connection, back-pressure,
deadlines.
"""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError, TimedOut
from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http.client.clientconnection import ClientConnection, Exchange, NoAnswer
from carryall.protocols.http.client.clientrequest import Timeouts
from carryall.protocols.http.message.headersection import CHUNKED
from carryall.protocols.http.client.settings import Settings
from carryall.protocols.http.message.response import FileBody
from tests.protocols.http.client.client_kit import OK, World, cut, ways

HEAD = b'HEAD / HTTP/1.1\r\n\r\n'
TIMES = Timeouts(first_byte=10.0, idle=5.0)


class Line(object):
    """A connection with the test as the server."""

    def __init__(self, settings=None):
        self.loop = VirtualLoop()
        self.freed = []
        self.wire = FakeTransport(self.loop)
        self.connection = ClientConnection(self.loop, settings or Settings(),
                                           lambda one: self.freed.append(one.gone))
        self.wire.connect(self.connection)

    def start(self, method=b'GET', body=b'', length=0, **options):
        exchange = Exchange(method, b'<head>', body, length, options.pop('timeouts', TIMES),
                            **options)
        self.connection.start(exchange)
        return exchange

    def feed(self, *pieces):
        for piece in pieces:
            self.wire.feed(piece)
            self.loop.advance()
        assert not self.loop.failures, self.loop.failures


def read(line, body):
    future = body.read_all(1 << 20)
    line.loop.advance()
    return future.result()


# method, bytes, whether the server then closes, status, body, whether the connection can be used
# again
RESPONSES = [
    (b'GET', OK, False, 200, b'ok', True),
    (b'GET', b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', False, 200, b'', True),
    (b'GET', b'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', False, 200, b'ok', True),
    (b'GET', b'HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\r\nLink: x\r\n\r\n' + OK, False, 200, b'ok',
     True),
    (b'GET',
     b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n',
     False, 200, b'ok', True),
    (b'GET', b'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n',
     False, 200, b'ok', True),
    (b'GET', b'HTTP/1.1 200 OK\r\n\r\nok', True, 200, b'ok', False),
    (b'GET', b'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', False, 200, b'ok', False),
    (b'GET', b'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok', False,
     200, b'ok', True),
    (b'GET', b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok', False, 200,
     b'ok', False),
    (b'HEAD', b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', False, 200, b'', True),
    (b'HEAD', b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', False, 200, b'', True),
    (b'GET', b'HTTP/1.1 204 N\r\n\r\n', False, 204, b'', True),
    (b'GET', b'HTTP/1.1 304 N\r\nContent-Length: 2\r\n\r\n', False, 304, b'', True),
    (b'GET', b'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok', False, 200, b'ok',
     True),
]


@pytest.mark.parametrize('method,data,closes,status,expected,again', RESPONSES)
def test_responses_are_read_at_every_chunking(method, data, closes, status, expected, again):
    """The same at every chunking."""
    for way in ways():
        line = Line()
        exchange = line.start(method)
        line.feed(*cut(data, way))
        if closes:
            line.wire.feed_eof()
            line.loop.advance()
        head, body = exchange.response.result()
        assert (head.status, read(line, body)) == (status, expected), way
        assert (line.connection.gone, line.wire.closed) == (not again, not again), way
        assert line.freed[:1] == [not again], way


def test_trailers_are_there_after_the_body():
    """They are there when the body is read."""
    line = Line()
    exchange = line.start()
    line.feed(
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n')
    body = exchange.response.result()[1]
    assert read(line, body) == b'ok'
    assert body.trailers.get(b'x-sum') == b'7'


LIES = [
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n',
    b'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok',
    b'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
    b'HTTP/2.0 200 OK\r\n\r\n', b'HTTP/1.1 099 X\r\n\r\n', b'HTTP/1.1 20 X\r\n\r\n',
    b'garbage\r\n\r\n', b'\x16\x03\x01\r\n\r\n',
    b'HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n',
    b'HTTP/1.1 100 C\r\n\r\n' * 100,
    b'HTTP/1.1 200 ' + b'x' * 9000 + b'\r\n\r\n',
    b'HTTP/1.1 200 OK\r\n' + b'X: y\r\n' * 200 + b'\r\n',
    b'HTTP/1.1 200 OK\r\nX: ' + b'y' * 40000 + b'\r\n\r\n',
]


@pytest.mark.parametrize('data', LIES, ids=[str(number) for number in range(len(LIES))])
def test_an_ambiguous_response_ends_the_connection(data):
    """Data that is ambiguous, or not HTTP, ends the connection."""
    for way in ('whole', 'by 1', 'by 7'):
        line = Line()
        exchange = line.start()
        line.feed(*cut(data, way))
        assert isinstance(exchange.response.exception(), RemoteProtocolError), way
        assert line.wire.aborted, way
        assert line.freed == [True], way


def test_a_bad_chunk_breaks_the_body_alone():
    """A chunk that does not end where it said breaks the body, not the response that was
    announced.
    """
    line = Line()
    exchange = line.start()
    line.feed(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', b'2\r\nokX')
    body = exchange.response.result()[1]
    assert isinstance(body.read().exception(), RemoteProtocolError)
    assert line.wire.aborted


def test_more_than_was_asked_for():
    """A second response to one request is never taken for the answer to the next."""
    for way in ways():
        line = Line()
        exchange = line.start()
        line.feed(*cut(OK + b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil', way))
        assert read(line, exchange.response.result()[1]) == b'ok', way
        assert line.connection.gone, way
        assert line.wire.closed, way


def test_unasked_data_ends_the_connection():
    """A server that speaks first, or between requests, is cut off."""
    line = Line()
    line.feed(b'HTTP/1.1 408 Request Timeout\r\n\r\n')
    assert line.wire.aborted
    assert line.freed == [True]


ENDINGS = [b'', b'HTTP/1.1', b'HTTP/1.1 200 OK\r\nContent-Le',
           b'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok',
           b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n',
           b'HTTP/1.1 100 C\r\n\r\n']


@pytest.mark.parametrize('data', ENDINGS)
@pytest.mark.parametrize('reset', [False, True])
def test_a_response_cut_short_is_an_error(data, reset):
    """EOF and RST in every state are an error for the waiting caller; it is NoAnswer only if
    nothing came."""
    line = Line()
    exchange = line.start()
    line.feed(data)
    if reset:
        line.wire.lose()
    else:
        line.wire.feed_eof()
    line.loop.advance()
    error = exchange.response.exception() or exchange.response.result()[1].read().exception()
    assert isinstance(error, (ConnectionLost, RemoteProtocolError)), error
    assert isinstance(error, NoAnswer) == (data == b'')
    assert line.freed == [True]


def test_reset_with_endless_body():
    """A body that ends with the connection is not complete when that was reset."""
    line = Line()
    exchange = line.start()
    line.feed(b'HTTP/1.1 200 OK\r\n\r\npart')
    line.wire.lose()
    line.loop.advance()
    assert isinstance(exchange.response.result()[1].read().exception(), ConnectionLost)


def test_reading_pauses_for_a_slow_reader():
    """Without a reader of the body, reading pauses at the limit; all of it comes in the end."""
    line = Line(Settings(body_buffer_bytes=1000))
    exchange = line.start()
    line.feed(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
    line.feed(*[b'x' * 500] * 200)
    body = exchange.response.result()[1]
    assert not line.wire.reading
    assert body.buffered <= 1500
    line.loop.advance(1000.0)
    assert not line.wire.aborted, 'the idle time does not count while it is us who do not read'
    assert len(read(line, body)) == 100000
    assert line.freed == [False]


def test_slow_reader_and_lost():
    """Octets received before the connection ended are kept if they complete the body."""
    line = Line(Settings(body_buffer_bytes=2))
    exchange = line.start()
    line.feed(
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n')
    assert not line.wire.reading
    line.wire.lose()
    line.loop.advance()
    assert read(line, exchange.response.result()[1]) == b'abcd'


# -- requests ----------------------------------------------------------------
def test_upload_in_chunks():
    """An iterable goes out in chunks, as the peer takes it."""
    line = Line()
    taken = []

    def source():
        for number in range(100):
            taken.append(number)
            yield b'x' * 10000

    line.wire.clog()
    exchange = line.start(b'POST', source(), CHUNKED)
    line.loop.advance()
    assert len(taken) < 10, 'the source is not asked for more than the transport takes'
    line.wire.unclog()
    line.loop.advance(1.0)
    sent = line.wire.take()
    assert sent.startswith(b'<head>2710\r\nxxx')
    assert sent.endswith(b'xxx\r\n0\r\n\r\n')
    line.feed(OK)
    assert exchange.response.result()[0].status == 200
    assert line.freed == [False]


def test_upload_of_a_file():
    """A FileBody goes through write_file, and is closed."""
    line = Line()
    source = io.BytesIO(b'0123456789')
    line.start(b'PUT', FileBody(source, 2, 5), 5)
    line.loop.advance()
    assert line.wire.take() == b'<head>23456'
    assert source.closed
    line.feed(OK)
    assert line.freed == [False]


def test_a_broken_source_cuts_the_connection():
    """A source that fails, or gives too little or too much, cuts the connection: what was promised
    cannot be kept.
    """
    def broken():
        yield b'x'
        raise ValueError('ours')

    for body, length, kind in ((broken(), CHUNKED, ValueError), ([b'x'], 2, LocalProtocolError),
                               ([b'xxx'], 2, LocalProtocolError), ([u'x'], 2, TypeError)):
        line = Line()
        exchange = line.start(b'POST', body, length)
        line.loop.advance()
        assert isinstance(exchange.response.exception(), kind)
        assert line.wire.aborted
        assert line.freed == [True]


def test_an_early_answer_ends_the_connection():
    """A server that has heard enough: the response is read, the connection is not used again."""
    line = Line()
    never = Future()
    exchange = line.start(b'POST', iter([b'x', never]), CHUNKED)
    line.feed(b'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')
    head, body = exchange.response.result()
    assert head.status == 413
    assert read(line, body) == b'no'
    assert line.wire.aborted
    assert never.cancelled()
    assert line.freed == [True]


def test_early_answer_then_reset():
    """The same when the upload breaks."""
    line = Line()
    exchange = line.start(b'POST', iter([b'x', Future()]), CHUNKED)
    line.feed(b'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nn')
    line.wire._held.append(b'o')
    line.wire._deliver()
    line.wire.lose()
    line.loop.advance()
    assert read(line, exchange.response.result()[1]) == b'no'


def test_cancelling_cuts_the_connection_and_closes_the_source():
    """Cancelling the response cuts the connection and closes the source."""
    line = Line()
    source = io.BytesIO(b'x')
    exchange = line.start(b'PUT', FileBody(source, 0, 1), 1)
    exchange.response.cancel()
    line.loop.advance(100.0)
    assert line.wire.aborted
    assert line.freed == [True]
    assert source.closed


def test_progress_counts_octets_of_the_bodies():
    """Octets of the bodies, as they move."""
    line = Line()
    seen = []
    line.start(b'POST', [b'xx', b'yyy'], CHUNKED, progress=lambda sent,
               received: seen.append((sent, received)))
    line.feed(*cut(OK, 'by 1'))
    assert seen[-1] == (5, 2)
    assert (5, 1) in seen
    assert seen == sorted(seen)


def test_given_up_at_progress():
    """A progress callback may abandon the exchange."""
    line = Line()
    exchange = line.start(progress=lambda sent,
                          received: received and exchange.abandon(ConnectionLost(u'enough')))
    line.feed(OK)
    assert isinstance(exchange.response.result()[1].read().exception(), ConnectionLost)
    assert line.freed == [True]


# -- deadlines ---------------------------------------------------------------
def late(line, exchange):
    error = exchange.response.exception() or exchange.response.result()[1].read().exception()
    assert isinstance(error, TimedOut), error
    assert line.wire.aborted
    assert line.freed == [True]


def test_the_first_byte_has_a_deadline():
    """Ten seconds for the first byte, then five for each next; not earlier."""
    line = Line()
    exchange = line.start()
    line.loop.advance(9.9)
    assert not exchange.response.done()
    line.loop.advance(0.2)
    late(line, exchange)


def test_each_byte_extends_the_idle_deadline():
    """Each byte buys five seconds."""
    line = Line()
    exchange = line.start()
    for octet in cut(OK[:-1], 'by 1'):
        line.loop.advance(4.9)
        line.feed(octet)
    assert not line.wire.aborted
    line.loop.advance(5.1)
    late(line, exchange)


def test_an_upload_that_stalls_times_out():
    """A peer that takes nothing; one that takes a little lives; a source of ours that is slow is no
    fault of the peer.
    """
    line = Line()
    line.wire.clog()
    exchange = line.start(b'POST', [b'x' * 100000] * 3, CHUNKED)
    for _ in range(10):
        line.loop.advance(4.9)
        line.wire.drain(10)
    assert not line.wire.aborted
    line.loop.advance(10.1)
    late(line, exchange)
    line = Line()
    exchange = line.start(b'POST', iter([b'x', Future()]), CHUNKED)
    line.loop.advance(1000.0)
    assert not line.wire.aborted
    assert not exchange.response.done()


def test_big_bytes_clogged():
    """A body of bytes that the system takes slowly: the first byte is awaited from when it was
    taken.
    """
    line = Line()
    line.wire.clog()
    exchange = line.start(b'POST', b'x' * 100000, 100000)
    for _ in range(10):
        line.loop.advance(4.0)
        line.wire.drain(9000)
    assert not line.wire.aborted
    line.loop.advance(30.0)
    late(line, exchange)


def test_the_total_deadline_always_counts():
    """The deadline of the exchange counts always, also while the body is not read."""
    line = Line(Settings(body_buffer_bytes=1))
    exchange = line.start(deadline=line.loop.time() + 60.0)
    line.feed(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', b'xx')
    line.loop.advance(59.0)
    assert not line.wire.aborted
    line.loop.advance(1.5)
    late(line, exchange)


def test_no_timer_is_left():
    """A connection that waits has no timer of its own."""
    line = Line()
    line.start()
    line.feed(OK)
    assert line.loop.until_next_timer() is None


def test_garbage_is_an_error_and_leaves_nothing(request):
    """Seeded garbage: an error, never another exception, nothing left open."""
    import random
    dice = random.Random(9110)
    for _ in range(200):
        line = Line()
        exchange = line.start()
        data = bytearray(OK
                         + b'HTTP/1.1 200 OK\r\nTransfer-Encoding: '
                           b'chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n')
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        line.feed(bytes(data))
        line.wire.feed_eof()
        line.loop.advance(100.0)
        assert exchange.response.done(), bytes(data)
        assert line.connection.gone, bytes(data)


def test_through_the_client():
    """The whole client at every chunking."""
    for way in ways():
        world = World([data for method, data, _, _, _,
                       again in RESPONSES if method == b'GET' and again], way)
        for method, _, _, status, expected, again in RESPONSES:
            if method == b'GET' and again:
                assert world.fetch(follow=False) == (status, expected), way
        assert len(world.connections) == 1, way
