# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.message.messagebody."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.fields.headerfields import Headers

TRAILERS = Headers([(b'X', b'y')])


def test_waiting_data_is_given_at_once():
    """No more than asked for, in order; then b'' for ever."""
    body = Body()
    body.feed(b'hello, ')
    body.feed(b'world')
    assert body.buffered == 12
    assert not body.ended
    assert [body.read(5).result() for _ in range(3)] == [b'hello', b', wor', b'ld']
    assert body.buffered == 0
    body.end(TRAILERS)
    assert body.ended
    assert body.trailers is TRAILERS
    assert body.read().result() == body.read(1).result() == b''


def test_a_reader_waits():
    """Until something comes, or the end."""
    body = Body()
    first = body.read(3)
    assert not first.done()
    body.feed(b'hello')
    assert first.result() == b'hel'
    assert body.buffered == 2
    assert body.read().result() == b'lo'
    second = body.read()
    body.end(TRAILERS)
    assert second.result() == b''


def test_one_reader_at_a_time():
    """Two readers would get the pieces in turn, which no application wants."""
    body = Body()
    waiting = body.read()
    with pytest.raises(LocalProtocolError):
        body.read()
    with pytest.raises(ValueError):
        body.read(0)
    waiting.cancel()
    body.feed(b'x')
    assert body.read().result() == b'x', 'a reader who gave up takes nothing away'


def test_the_error_of_a_broken_body_is_raised():
    """The error reaches the waiting reader and all later ones; half a body is not given out."""
    body = Body()
    body.feed(b'hel')
    error = ConnectionLost('gone')
    body.fail(error)
    assert body.read().exception() is error
    assert body.buffered == 0
    body = Body()
    waiting = body.read()
    body.fail(error)
    body.fail(ConnectionLost('again'))
    assert waiting.exception() is error
    assert body.read().exception() is error


def test_complete_is_complete():
    """An error after the end does not concern the body."""
    body = Body()
    body.feed(b'x')
    body.end(Headers())
    body.fail(ConnectionLost('gone'))
    assert body.read().result() == b'x'
    assert body.read().result() == b''


def test_the_source_learns_of_waiting_readers():
    """The source is told when a reader waits, and when the last piece was taken."""
    calls = []
    body = Body(lambda: calls.append(body.buffered))
    body.feed(b'ab')
    body.read(1)
    assert calls == []
    body.read(1)
    assert calls == [0], 'the buffer is empty'
    body.read()
    assert calls == [0, 0], 'somebody waits'
    body.end(Headers())
    body.read()
    assert calls == [0, 0]


def test_read_all_is_bounded():
    """Everything, up to a bound; 413 beyond it."""
    body = Body()
    everything = body.read_all(10)
    for _ in range(2):
        body.feed(b'hello')
    assert not everything.done()
    body.end(Headers())
    assert everything.result() == b'hellohello'
    body = Body()
    everything = body.read_all(9)
    body.feed(b'hello')
    body.feed(b'hello')
    error = everything.exception()
    assert isinstance(error, RemoteProtocolError)
    assert error.reply == 413
    body = Body()
    everything = body.read_all(9)
    body.fail(ConnectionLost('gone'))
    assert isinstance(everything.exception(), ConnectionLost)


def test_small_pieces_that_wait_become_one():
    body = Body()
    for _ in range(60000):
        body.feed(b'x')
    assert len(body._pieces) < 120
    assert body.buffered == 60000
    body.end(Headers())
    total = b''
    while True:
        piece = body.read(1000).result()
        if not piece:
            break
        total += piece
    assert total == b'x' * 60000
