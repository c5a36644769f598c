# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.message.bodysender: bodies in pieces, as fast as they are taken."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future, completed, failed
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import FileBody
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE
from carryall.protocols.http.fields.headerfields import Headers, MutableHeaders
from carryall.protocols.http.message.bodysender import TURN_BYTES, BodySender, FileSender


class Sink(object):
    """The destination of a sender."""

    def __init__(self, body, length=UNTIL_CLOSE):
        self.loop = VirtualLoop()
        self.pieces = []
        self.ends = []
        self.sender = BodySender(body, self.pieces.append, self.ends.append, self.loop, length)


class Closing(object):
    """An iterable that knows whether it was closed."""

    def __init__(self, pieces):
        self._pieces = iter(pieces)
        self.taken = 0
        self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.taken += 1
        return next(self._pieces)

    next = __next__

    def close(self):
        """Counts."""
        self.closed += 1


@pytest.mark.parametrize('length, expected', [
    (CHUNKED, [b'5\r\nhello\r\n', b'10\r\n' + b'x' * 16 + b'\r\n', b'0\r\n\r\n']),
    (UNTIL_CLOSE, [b'hello', b'x' * 16]),
    (21, [b'hello', b'x' * 16]),
])
def test_framing_of_pieces(length, expected):
    """Each piece in its frame, empty ones left out: an empty chunk would be the last."""
    sink = Sink([b'hello', b'', b'x' * 16, b''], length)
    sink.sender.pull()
    assert sink.pieces == expected
    assert sink.ends == [None]
    assert sink.sender.octets == 21


def test_trailers_of_a_body_follow_its_chunks():
    class Source(Closing):
        trailers = MutableHeaders([(b'X', b'1')])

    sink = Sink(Source([b'a']), CHUNKED)
    sink.sender.pull()
    assert sink.pieces[-1] == b'0\r\nX: 1\r\n\r\n'


def test_trailers_of_a_request_are_not_sent_back():
    class Source(Closing):
        trailers = Headers([(b'X', b'1')])

    sink = Sink(Source([b'a']), CHUNKED)
    sink.sender.pull()
    assert sink.pieces[-1] == b'0\r\n\r\n'


def test_pieces_that_come_later():
    """An iterable of Futures: the next is asked for when the one before has come."""
    futures = [Future(), completed(b'b'), Future()]
    body = Closing(futures)
    sink = Sink(body)
    sink.sender.pull()
    assert (sink.pieces, body.taken) == ([], 1)
    futures[0].set_result(b'a')
    assert (sink.pieces, body.taken) == ([b'a', b'b'], 3)
    futures[2].set_result(b'c')
    assert sink.pieces == [b'a', b'b', b'c']
    assert sink.ends == [None]
    assert body.closed == 1


def test_a_stream_is_sent_as_it_comes():
    """Anything with read(): the body of a request goes out as it comes in."""
    body = Body()
    sink = Sink(body, CHUNKED)
    sink.sender.pull()
    body.feed(b'hello')
    assert sink.pieces == [b'5\r\nhello\r\n']
    assert sink.ends == []
    body.end(Headers())
    assert sink.pieces[1:] == [b'0\r\n\r\n']
    assert sink.ends == [None]


def test_a_source_waits_for_the_transport():
    """Nothing is asked of the source while the transport has enough."""
    body = Closing([b'a', b'b', b'c', b'd'])
    sink = Sink(body)

    def write(data):
        sink.pieces.append(data)
        if data == b'b':
            sink.sender.pause()
    sink.sender._write = write
    sink.sender.pull()
    assert (sink.pieces, body.taken) == ([b'a', b'b'], 2)
    sink.sender.pull()
    assert body.taken == 2
    sink.sender.resume()
    assert sink.pieces == [b'a', b'b', b'c', b'd']
    assert sink.ends == [None]


def test_a_resume_within_a_write_does_not_nest():
    """Law L3 allows it to come there."""
    sink = Sink([b'a', b'b', b'c'])

    def write(data):
        sink.pieces.append(data)
        sink.sender.pause()
        sink.sender.resume()
    sink.sender._write = write
    sink.sender.pull()
    assert sink.pieces == [b'a', b'b', b'c']
    assert sink.ends == [None]


def test_others_have_their_turn():
    """However fast the peer reads, a body without end does not keep the loop."""
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield b'x' * 65536
    sink = Sink(endless())
    sink.sender.pull()
    assert len(taken) == TURN_BYTES // 65536
    sink.loop.call_soon(sink.sender.stop)
    sink.loop.advance(1.0)
    assert len(taken) <= 2 * TURN_BYTES // 65536
    assert sink.ends == []
    sink = Sink(iter(lambda: b'', None))
    sink.sender.pull()
    assert sink.pieces == [], 'a flood of nothing ends too'


@pytest.mark.parametrize('pieces, length, error', [
    ([b'hello'], 6, LocalProtocolError),
    ([b'hello', b'x'], 5, LocalProtocolError),
    ([b'hello', u'x'], CHUNKED, TypeError),
    ([b'hello', None], CHUNKED, TypeError),
    ([completed(5)], CHUNKED, TypeError),
    ([failed(ConnectionLost('x'))], CHUNKED, ConnectionLost),
])
def test_bodies_that_fail(pieces, length, error):
    """The end is told with what was wrong, without the last chunk, and the source is closed."""
    body = Closing(pieces)
    sink = Sink(body, length)
    sink.sender.pull()
    assert [type(end) for end in sink.ends] == [error]
    assert body.closed == 1
    assert b'0\r\n\r\n' not in sink.pieces


def test_a_source_that_raises():
    """The error of the source is reported."""
    def raising():
        yield b'x'
        raise KeyError('source')
    sink = Sink(raising())
    sink.sender.pull()
    assert [type(end) for end in sink.ends] == [KeyError]


def test_a_source_that_cannot_be_closed(expect_log):
    """It is logged, and the response is complete all the same."""
    class Broken(Closing):
        def close(self):
            raise ValueError('close')
    expect_log('could not be closed')
    sink = Sink(Broken([b'x']))
    sink.sender.pull()
    assert sink.ends == [None]


def test_stop_closes_the_source_once():
    """The source is closed once, what is waited for is cancelled, and no end is told."""
    waiting = Future()
    body = Closing([b'a', waiting, b'b'])
    sink = Sink(body)
    sink.sender.pull()
    sink.sender.stop()
    sink.sender.stop()
    assert waiting.cancelled()
    assert body.closed == 1
    assert sink.ends == []
    assert sink.pieces == [b'a']
    body = Closing([b'a', b'b'])
    sink = Sink(body)
    sink.sender._write = lambda data: sink.sender.stop()
    sink.sender.pull()
    assert body.taken == 1
    assert body.closed == 1
    assert sink.ends == []


def test_an_object_that_is_no_body_is_refused():
    """An object that cannot give pieces is refused at once."""
    with pytest.raises(TypeError):
        BodySender(5, None, None, None, CHUNKED)


def test_a_part_of_a_file_is_sent():
    """The part that is asked for, and the file is closed at the end, or when the connection is
    lost.
    """
    for lost in (False, True):
        wire = FakeTransport(VirtualLoop())
        source = io.BytesIO(b'hello, world')
        ends = []
        sender = FileSender(FileBody(source, 7, 5), ends.append)
        if lost:
            wire.clog()
        sender.send(wire)
        sender.pause()
        sender.resume()
        if lost:
            assert not source.closed
            sender.stop()
            wire.lose()
        assert source.closed
        assert (wire.take(), ends) == ((b'', []) if lost else (b'world', [None]))
