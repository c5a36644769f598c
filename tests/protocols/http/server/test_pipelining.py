# Copyright the carryall authors.  See LICENSE.
"""Requests sent ahead: answered in order, each after the one before (HTS-01; as in CVE-2023-46137,
CVE-2024-41671).
"""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future, completed
from carryall.core.testing import chunkings
from carryall.protocols.http import Response, Settings
from tests.protocols.http.stage import GET, Stage, later, ok, play, said, site


def get(path, *fields):
    """A request for *path*."""
    return b'\r\n'.join((b'GET ' + path + b' HTTP/1.1', b'Host: a') + fields) + b'\r\n\r\n'


def test_pipelined_requests_are_answered_in_order():
    """Many in one piece, answered in few writes."""
    def app(request):
        return Response(200, body=request.target)
    data = b''.join(get(b'/%d' % number) for number in range(200))
    expected = b''.join(ok(b'/%d' % number) for number in range(200))
    play(site(app), data, expected)
    stage = Stage(app)
    writes = []
    stage.wire.write = writes.append
    stage.wire.feed(data)
    stage.loop.advance()
    assert b''.join(writes) == expected
    assert len(writes) <= 4


def test_a_later_response_never_overtakes():
    """The second request is not even begun before the first has its response; bodies go where they
    belong.
    """
    for name, pieces in chunkings(get(b'/slow') + get(b'/fast') + get(b'/slow2') + get(b'/fast2')):
        app, futures = later()
        stage = Stage(lambda request: app(request) if b'slow' in request.path
                      else Response(200, body=request.path))
        for piece in pieces:
            stage.wire.feed(piece)
        stage.loop.advance(1.0)
        assert [request.path for request in stage.seen] == [b'/slow'], name
        assert stage.hear() == b'', name
        futures[0].set_result(Response(200, body=b'first'))
        assert stage.hear() == ok(b'first') + ok(b'/fast'), name
        assert [request.path for request in stage.seen] == [b'/slow', b'/fast', b'/slow2']
        futures[1].set_result(Response(200, body=b'third'))
        assert stage.hear() == ok(b'third') + ok(b'/fast2'), name


def test_a_streamed_response_is_not_broken_into():
    """Not while its source waits, and not while the peer does not read."""
    piece = Future()
    stage = Stage(lambda request: Response(200,
                                           body=iter([b'a', piece, b'c']) if len(stage.seen) == 1
                                           else b'second'))
    answer = stage.say(GET + GET)
    assert answer.endswith(b'1\r\na\r\n')
    assert len(stage.seen) == 1
    piece.set_result(b'b')
    assert stage.hear() == b'1\r\nb\r\n1\r\nc\r\n0\r\n\r\n' + ok(b'second')
    stage = Stage(lambda request: Response(200, body=b'x' * 100000))
    stage.wire.clog()
    stage.wire.feed(GET * 3)
    assert len(stage.seen) == 1, 'the next is not begun while so much waits'
    stage.wire.drain(None)
    assert len(stage.seen) == 2
    stage.wire.unclog()
    assert stage.hear() == ok(b'x' * 100000) * 3


def test_a_body_is_not_taken_for_a_request():
    """The rest of an unread body is skipped, not parsed."""
    hidden = get(b'/hidden')
    data = (b'POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n' % len(hidden) + hidden
            + get(b'/after'))
    play(site(lambda request: Response(200, body=request.target)), data, ok(b'/p') + ok(b'/after'))


def test_after_close_nothing_is_taken_up():
    """Neither after the client's, nor after the application's ``Connection: close``."""
    data = get(b'/1') + get(b'/2', b'Connection: close') + get(b'/3')
    closing = ok(b'/2').replace(b'Content-Length: 2\r\n',
                                b'Content-Length: 2\r\nConnection: close\r\n')
    play(site(lambda request: Response(200, body=request.target)), data, ok(b'/1') + closing)

    def app(request):
        return Response(200, {b'Connection': b'close'} if request.target == b'/2' else None,
                        request.target)
    answer = play(site(app), get(b'/1') + get(b'/2') + get(b'/3'))
    assert answer.count(b'HTTP/1.1 ') == 2
    assert answer.count(b'Connection: close') == 1


def test_waiting_requests_are_bounded():
    """While a response is due, later requests wait as bytes, up to a bound; then reading pauses
    until it is given.
    """
    app, futures = later()
    stage = Stage(app, settings=Settings(pipeline_bytes=1000))
    stage.say(GET)
    fed = 0
    while stage.wire.reading and fed < 10000:
        stage.wire.feed(GET)
        fed += len(GET)
    assert 1000 < fed < 1100
    assert len(stage.wire.protocol.receiver) == fed
    for _ in range(fed // len(GET) + 1):
        futures[-1].set_result(Response(200, body=b'hello'))
    assert stage.wire.reading
    assert len(stage.seen) == 1 + fed // len(GET)
    assert stage.hear() == ok() * len(stage.seen)
    stage.loop.advance(60.0)
    assert stage.hear() == b'', 'it is idle, and not in the middle of a request'
    assert not stage.wire.closed, 'it is idle, and not in the middle of a request'


def test_pieces_of_a_byte_while_a_response_is_due():
    """They cost no more than their number: the wall limit of the test would end it."""
    app, futures = later()
    stage = Stage(app, settings=Settings(pipeline_bytes=50000))
    stage.say(GET)
    for byte in [GET[index:index + 1] for index in range(len(GET))] * 1000:
        stage.wire.feed(byte)
    futures[0].set_result(Response(200, body=b'hello'))
    assert stage.hear() == ok()
    assert len(stage.seen) == 2


def test_a_synchronous_flood_does_not_recurse():
    """Thousands of pipelined requests, answered at once or by Futures that are done, use no
    stack.
    """
    stage = Stage(lambda request: completed(Response(200, body=b'hello')))
    assert stage.say(GET * 3000) == ok() * 3000


@pytest.mark.parametrize('pipelined', [1, 3])
def test_a_client_may_close_its_side(pipelined):
    """A client that has closed its side still gets what it asked for; then the connection ends."""
    app, futures = later()
    stage = Stage(app)
    stage.wire.feed(GET * pipelined)
    stage.wire.feed_eof()
    stage.loop.advance(1.0)
    assert not stage.wire.closed
    for number in range(pipelined):
        futures[number].set_result(Response(200, body=b'hello'))
    stage.loop.advance()
    assert stage.hear() == ok() * pipelined
    assert stage.wire.lost == [None]


def test_half_close_in_a_request():
    """Half a head or half a body: 400, for the client may still be listening."""
    def echo_body(request):
        return request.body.read_all(9).then(lambda body: Response(200, body=body))

    for data in (GET[:20], b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel'):
        assert play(site(echo_body), data, said(b'400 Bad Request'), eof=True)
    play(site(), b'', b'', eof=True)
    play(site(), GET, ok(), eof=True)
