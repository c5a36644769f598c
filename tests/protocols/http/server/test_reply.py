# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.server.reply: how a response is framed; seen from the wire."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, completed
from carryall.protocols.http import FileBody, Response
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE
from carryall.protocols.http.server.reply import framing
from carryall.protocols.http.server.httpexchange import SMALL_FILE
from carryall.protocols.http.fields.tables import HTTP_1_0, HTTP_1_1
from tests.protocols.http.stage import DATE, GET, Stage, ok, play, said, site

LENGTH_3 = {b'Content-Length': b'3'}
HEAD = GET.replace(b'GET', b'HEAD')
CLOSING = GET[:-2] + b'Connection: close\r\n\r\n'
GET_1_0 = GET.replace(b'/1.1', b'/1.0')


def framed(response, method=b'GET', version=HTTP_1_1):
    """The result of framing, or the complaint about the application's headers."""
    try:
        return framing(response, method, version)
    except LocalProtocolError:
        return 'wrong'


@pytest.mark.parametrize('status, headers, body, method, expected', [
    (200, None, b'abc', b'GET', (b'Content-Length: 3\r\n', 3)),
    (200, None, b'', b'GET', (b'Content-Length: 0\r\n', 0)),
    (200, None, b'abc', b'HEAD', (b'Content-Length: 3\r\n', 3)),
    (200, None, [b'abc'], b'GET', (b'Transfer-Encoding: chunked\r\n', CHUNKED)),
    (200, None, [b'abc'], b'HEAD', (b'Transfer-Encoding: chunked\r\n', CHUNKED)),
    (200, None, FileBody(None, 5, 3), b'GET', (b'Content-Length: 3\r\n', 3)),
    (200, LENGTH_3, b'abc', b'GET', (b'', 3)),
    (200, LENGTH_3, [b'abc'], b'GET', (b'', 3)),
    (200, LENGTH_3, b'', b'HEAD', (b'', 3)),
    (200, LENGTH_3, b'abcd', b'GET', 'wrong'),
    (200, LENGTH_3, b'', b'GET', 'wrong'),
    (200, LENGTH_3, b'abcd', b'HEAD', 'wrong'),
    (200, LENGTH_3, FileBody(None, 0, 4), b'GET', 'wrong'),
    (200, {b'content-length': b'-3'}, [b'abc'], b'GET', 'wrong'),
    (200, [(b'Content-Length', b'3')] * 2, b'abc', b'GET', 'wrong'),
    (200, {b'transfer-encoding': b'chunked'}, [b'abc'], b'GET', 'wrong'),
    (204, None, b'', b'GET', (b'', 0)),
    (204, LENGTH_3, b'', b'GET', 'wrong'),
    (205, None, b'', b'GET', (b'Content-Length: 0\r\n', 0)),
    (304, None, b'', b'GET', (b'', 0)),
    (304, LENGTH_3, b'', b'GET', (b'', 0)),
])
def test_a_reply_has_one_framing(status, headers, body, method, expected):
    """RFC 9112 section 6: Content-Length or chunks, never both, and never a lie."""
    assert framed(Response(status, headers, body), method) == expected


def test_framing_for_1_0():
    """There are no chunks there: the end of the connection is the end of the body."""
    assert framed(Response(200, body=[b'abc']), version=HTTP_1_0) == (b'', UNTIL_CLOSE)
    assert framed(Response(200, body=b'abc'), version=HTTP_1_0) == (b'Content-Length: 3\r\n', 3)


def head(lines, status=b'200 OK'):
    """A head with the Date in it."""
    return b'HTTP/1.1 ' + status + b'\r\n' + DATE + lines + b'\r\n'


@pytest.mark.parametrize('response, request_, expected', [
    (lambda: Response(200, body=iter([b'abc', b'de'])), GET,
     head(b'Transfer-Encoding: chunked\r\n') + b'3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'),
    (lambda: Response(200, body=iter([])), GET,
     head(b'Transfer-Encoding: chunked\r\n') + b'0\r\n\r\n'),
    (lambda: Response(200, LENGTH_3, iter([b'abc'])), GET, head(b'Content-Length: 3\r\n') + b'abc'),
    (lambda: Response(200, body=iter([b'abc'])), HEAD, head(b'Transfer-Encoding: chunked\r\n')),
    (lambda: Response(200, body=b'abc'), HEAD, head(b'Content-Length: 3\r\n')),
    (lambda: Response(200, LENGTH_3), HEAD, head(b'Content-Length: 3\r\n')),
    (lambda: Response(204), GET, head(b'', b'204 No Content')),
    (lambda: Response(204, body=b'abc'), GET, head(b'', b'204 No Content')),
    (lambda: Response(205, body=b'abc'), GET, head(b'Content-Length: 0\r\n', b'205 Reset Content')),
    (lambda: Response(304, {b'ETag': b'"x"'}, iter([b'abc'])), GET,
     head(b'ETag: "x"\r\n', b'304 Not Modified')),
    (lambda: Response(304, {b'Content-Length': b'10'}), GET,
     head(b'Content-Length: 10\r\n', b'304 Not Modified')),
    (lambda: Response(299), GET, head(b'Content-Length: 0\r\n', b'299 ')),
    (lambda: Response(200, body=FileBody(io.BytesIO(b'abc'), 0, 3)), HEAD,
     head(b'Content-Length: 3\r\n')),
    (lambda: Response(200, LENGTH_3, iter([b'abc'])), HEAD, head(b'Content-Length: 3\r\n')),
    (lambda: Response(200, body=[completed(b'abc')]), HEAD,
     head(b'Transfer-Encoding: chunked\r\n')),
])
def test_on_the_wire(response, request_, expected):
    """And the next response begins where this one ends."""
    def app(request):
        return Response(200, body=b'hello') if request.target == b'/next' else response()
    play(site(app), request_ + GET.replace(b'/ ', b'/next '), expected + ok())


@pytest.mark.parametrize('request_, response, expected', [
    (GET_1_0, lambda: Response(200, body=b'abc'),
     head(b'Content-Length: 3\r\nConnection: close\r\n') + b'abc'),
    (GET_1_0, lambda: Response(200, body=iter([b'abc'])), head(b'Connection: close\r\n') + b'abc'),
    (GET_1_0[:-2] + b'Connection: keep-alive\r\n\r\n', lambda: Response(200, body=iter([b'abc'])),
     head(b'Connection: close\r\n') + b'abc'),
    (GET_1_0.replace(b'GET', b'HEAD'), lambda: Response(200, body=b'abc'),
     head(b'Content-Length: 3\r\nConnection: close\r\n')),
    (GET[:-2] + b'Connection: close\r\n\r\n', lambda: Response(200, body=b'abc'),
     head(b'Content-Length: 3\r\nConnection: close\r\n') + b'abc'),
    (GET, lambda: Response(200, {b'Connection': b'close'}, b'abc'),
     head(b'Connection: close\r\nContent-Length: 3\r\n') + b'abc'),
    (CLOSING, lambda: Response(200, {b'Connection': b'Keep-Alive'}, b'abc'),
     head(b'Connection: close\r\nContent-Length: 3\r\n') + b'abc'),
    (CLOSING, lambda: Response(426, {b'Connection': b'Upgrade'}),
     head(b'Connection: upgrade, close\r\nContent-Length: 0\r\n', b'426 Upgrade Required')),
    (GET, lambda: Response(200, {b'Connection': b'close, Keep-Alive'}, b'abc'),
     head(b'Connection: close\r\nContent-Length: 3\r\n') + b'abc'),
    (GET, lambda: Response(200, {b'Connection': b'X, Close'}, b'abc'),
     head(b'Connection: X, Close\r\nContent-Length: 3\r\n') + b'abc'),
])
def test_the_last_response(request_, response, expected):
    """It says that it is, once; and nothing comes after it."""
    play(site(lambda request: response()), request_ + GET, expected)


def test_kept_1_0():
    """HTTP/1.0 goes on when both want it and the length is known."""
    one = GET_1_0[:-2] + b'Connection: Keep-Alive\r\n\r\n'
    play(site(), one + one + GET_1_0,
         head(b'Content-Length: 5\r\nConnection: keep-alive\r\n') + b'hello'
         + head(b'Content-Length: 5\r\nConnection: keep-alive\r\n') + b'hello'
         + head(b'Content-Length: 5\r\nConnection: close\r\n') + b'hello')


@pytest.mark.parametrize('size', [1, SMALL_FILE, SMALL_FILE + 1, 300000])
def test_a_part_of_a_file_is_sent_and_closed(size):
    """A part of a file, small or large; closed afterwards."""
    contents = bytes(bytearray(range(256))) * (size // 256 + 2)
    sources = []

    def app(_request):
        sources.append(io.BytesIO(contents))
        return Response(200, body=FileBody(sources[-1], 3, size))
    stage = Stage(app)
    expected = head(b'Content-Length: %d\r\n' % size)
    assert stage.say(GET + HEAD) == expected + contents[3:size + 3] + expected
    assert len(sources) == 2
    assert all(source.closed for source in sources)


def test_a_file_and_a_slow_reader():
    """The next request waits until the file is sent."""
    stage = Stage(lambda request: Response(200,
                                           body=FileBody(io.BytesIO(b'x' * 100000), 0, 100000)))
    stage.wire.clog()
    stage.wire.feed(GET + GET)
    assert len(stage.seen) == 1
    stage.wire.unclog()
    assert len(stage.seen) == 2
    assert stage.hear() == (head(b'Content-Length: 100000\r\n') + b'x' * 100000) * 2


FAILED = ok(b'500 Internal Server Error\n', b'Content-Type: text/plain\r\n',
            b'500 Internal Server Error')


class Unreadable(io.BytesIO):
    """A file on a broken disk."""

    def read(self, count=-1):
        raise IOError('the disk is broken')


@pytest.mark.parametrize('response', [
    lambda: Response(200, body=iter([5])),
    lambda: Response(200, body=5),
    lambda: Response(200, {b'Content-Length': b'4'}, b'abc'),
    lambda: Response(200, {b'Content-Length': b'4'}, iter([b'abcde'])),
    lambda: Response(200, {b'Transfer-Encoding': b'chunked'}, b'abc'),
    lambda: Response(204, {b'Content-Length': b'3'}),
    lambda: Response(200, body=FileBody(io.BytesIO(b'abc'), 0, 4)),
])
def test_an_early_failure_is_500(response, expect_log):
    """500, and the connection goes on; the log knows more than the peer."""
    records = expect_log('the application failed on')
    stage = Stage(lambda request: Response(200, body=b'hello') if len(stage.seen) > 1
                  else response())
    assert stage.say(GET + GET) == FAILED + ok()
    assert len(records) == 1
    assert records[0].exc_info


def test_a_disk_that_fails_is_one_line_of_the_log(expect_log):
    """500, and the connection goes on; a traceback would say nothing of the disk."""
    records = expect_log('a file cannot be read')
    stage = Stage(lambda request: Response(200, body=b'hello') if len(stage.seen) > 1 else
                  Response(200, body=FileBody(Unreadable(b'abc'), 0, 3)))
    assert stage.say(GET + GET) == FAILED + ok()
    assert [record.exc_info for record in records] == [None]


@pytest.mark.parametrize('headers', [None, {b'Content-Length': b'10'}])
def test_a_late_failure_cuts_the_connection(headers, expect_log):
    """Only a cut can tell the peer that the body is not complete."""
    expect_log('the application failed on')

    def body():
        yield b'abc'
        raise KeyError('x')
    stage = Stage(lambda request: Response(200, headers, body()))
    answer = stage.say(GET + GET)
    assert answer.count(b'HTTP/1.1 ') == 1
    assert not answer.endswith(b'0\r\n\r\n')
    assert b'KeyError' not in answer
    assert stage.wire.aborted
    assert len(stage.seen) == 1


def test_a_body_shorter_than_its_length(expect_log):
    """As bad as one that fails."""
    expect_log('the application failed on')
    stage = Stage(lambda request: Response(200, {b'Content-Length': b'4'}, iter([b'abc'])))
    assert stage.say(GET).endswith(b'abc')
    assert stage.wire.aborted


def test_the_head_does_not_wait():
    """When the first piece is late, the client has the head meanwhile."""
    piece = Future()
    stage = Stage(lambda request: Response(200, body=iter([piece])))
    assert stage.say(GET) == head(b'Transfer-Encoding: chunked\r\n')
    piece.set_result(b'abc')
    assert stage.hear() == b'3\r\nabc\r\n0\r\n\r\n'


def test_nothing_can_split_a_response(expect_log):
    """HTS-17, seen from the wire: what an application copies from a request stays in its line."""
    def app(request):
        return Response(302, {b'Location': request.headers.get(b'x-where').replace(b'|', b'\r\n')})
    stage = Stage(app)
    ask = GET[:-2] + b'X-Where: /a|Set-Cookie: b=c||<html>\r\n\r\n'
    expect_log('the application failed on')
    assert stage.say(ask) == FAILED


def test_a_refusal_of_a_head_request_has_no_body():
    """It goes by what was asked (RFC 9110 section 9.3.2)."""
    stage = Stage(lambda request: request.body.read_all(9).then(lambda body: Response()))
    ask = HEAD[:-2] + b'Transfer-Encoding: chunked\r\n\r\nx\r\n'
    assert stage.say(ask) == said(b'400 Bad Request')[:-len(b'400 Bad Request\n')]
