# Copyright the carryall authors.  See LICENSE.
"""carryall.protocols.http.server.server: one connection, from the request to the response and to
its end.
"""
from __future__ import absolute_import, division, print_function

import io
import random

import pytest

from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Future, Return, completed, coroutine, failed, sleep
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, transcript
from carryall.core.net.transport import Address
from carryall.protocols.http import FileBody, Response, Settings, Site
from tests.protocols.http.stage import DATE, GET, WALL, Stage, later, ok, play, said, site
from tests.protocols.http.message.test_wire import ALPHABET

HOST = b'Host: a\r\n'
POST = b'POST /p HTTP/1.1\r\n' + HOST
FAILED = ok(b'500 Internal Server Error\n', b'Content-Type: text/plain\r\n',
            b'500 Internal Server Error')
CONTINUE = b'HTTP/1.1 100 Continue\r\n\r\n'


def post(body, *fields):
    """A request with *body*."""
    return (b'\r\n'.join((b'POST /p HTTP/1.1', b'Host: a', b'Content-Length: %d' % len(body))
                         + fields) + b'\r\n\r\n' + body)


def echo(request):
    """Answers with the body, when it is complete."""
    return request.body.read_all(100000).then(lambda body: Response(200, body=body))


def closing(response):
    """*response* as the last of its connection."""
    return response.replace(b'\r\n\r\n', b'\r\nConnection: close\r\n\r\n', 1)


# -- requests --------------------------------------------------------------------

def test_a_simple_dialogue_is_answered():
    """The first thing everybody tries."""
    transcript(site(lambda request: Response(200, body=b'hello\r\n')),
               'C: GET / HTTP/1.1', 'C: Host: a', 'C: ',
               'S: HTTP/1.1 200 OK', 'S: Date: Sun, 06 Nov 1994 08:49:37 GMT',
               'S: Content-Length: 7', 'S: ', 'S: hello',
               'C: GET / HTTP/1.1', 'C: Host: a', 'C: Connection: close', 'C: ',
               'S: HTTP/1.1 200 OK', 'S: Date: Sun, 06 Nov 1994 08:49:37 GMT',
               'S: Content-Length: 7',
               'S: Connection: close', 'S: ', 'S: hello', 'S: <closed>')


def test_an_application_sees_the_request_and_the_peer():
    """The application gets all of the request, and the address of the client."""
    stage = Stage(echo)
    stage.say(
        b'POST /a%20b?c=d HTTP/1.1\r\nHost: a.example:8080\r\nX: 1\r\nx: 2\r\nTransfer-Encoding: '
        b'chunked\r\n\r\n'
              b'3\r\nabc\r\n0\r\nX-Sum: 5\r\n\r\n')
    request = stage.seen[0]
    assert (request.method, request.target, request.version) == (b'POST', b'/a%20b?c=d', (1, 1))
    assert (request.path, request.query, request.host) == (b'/a%20b', b'c=d', b'a.example:8080')
    assert request.headers.get(b'X') == b'1, 2'
    assert len(request.headers) == 4
    assert request.trailers.get(b'x-sum') == b'5'
    assert request.peer == Address('192.0.2.1', 40000)
    assert request.tls is None
    stage.say(GET)
    request = stage.seen[1]
    assert request.body.read().result() == b''
    assert request.body is request.body
    assert len(request.trailers) == 0


def test_tls_is_told():
    """Request.tls is the transport's information."""
    loop = VirtualLoop()
    seen = []
    wire = FakeTransport(loop, tls='the session')
    wire.connect(Site(lambda request: seen.append(request.tls) or Response(), loop)())
    wire.feed(GET)
    assert seen == ['the session']


@pytest.mark.parametrize('data, expected', [
    (b'GET /x\r\n', b'hello'),
    (b'GET /x\r\n' + GET, b'hello'),
    (GET, ok()),
])
def test_a_simple_request_gets_the_body_alone(data, expected):
    """HTTP/0.9, where it is wanted: the body and nothing else, then the end."""
    play(site(http_0_9=True), data, expected)
    play(site(lambda request: Response(200, body=[b'hel', b'lo']), http_0_9=True), b'GET /x\r\n',
         b'hello')


# -- answers -----------------------------------------------------------------------

def test_answers_that_come_later():
    """A Future, and a coroutine that waits for time to pass."""
    app, futures = later()
    stage = Stage(app)
    assert stage.say(GET) == b''
    futures[0].set_result(Response(200, body=b'hello'))
    assert stage.hear() == ok()

    @coroutine
    def slow(_request):
        yield sleep(stage.loop, 5.0)
        raise Return(Response(200, body=b'hello'))
    stage = Stage(slow)
    stage.say(GET)
    stage.loop.advance(4.0)
    assert stage.hear() == b''
    stage.loop.advance(2.0)
    assert stage.hear() == ok()


def test_a_response_of_a_subclass():
    """Is one as well."""
    class Page(Response):
        pass
    assert Stage(lambda request: Page(200, body=b'hello')).say(GET) == ok()


@pytest.mark.parametrize('app', [
    lambda request: 1 // 0,
    lambda request: None,
    lambda request: b'hello',
    lambda request: completed(None),
    lambda request: failed(KeyError('secret')),
    lambda request: Response(200, {b'X': b'\r\n'}),
    lambda request: Response(999),
])
def test_failures_of_the_application(app, expect_log):
    """500 without a word of why; the log has it all; the connection goes on."""
    records = expect_log(r'192\.0\.2\.1:40000: the application failed on .*GET.* .*/')
    play(site(lambda request: Response(200, body=b'hello') if request.target == b'/ok'
              else app(request)),
         GET + GET.replace(b'/ ', b'/ok '), FAILED + ok())
    assert all(record.exc_info for record in records)


def test_an_error_that_has_a_status():
    """An error with a status is the answer if a grammar raises it for the peer's data; other
    replies are 500."""
    def app(request):
        if request.target == b'/now':
            raise RemoteProtocolError('a range that is none', reply=416)
        return failed(RemoteProtocolError('too much', reply=413))
    answers = [ok(status + b'\n', b'Content-Type: text/plain\r\n', status)
               for status in (b'416 Range Not Satisfiable', b'413 Content Too Large')]
    play(site(app), GET.replace(b'/ ', b'/now ') + GET, b''.join(answers))


class Broken(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, count=-1):
        raise IOError(5, 'Input/output error')


@pytest.mark.parametrize('count', [10, 1000000])
def test_a_file_that_cannot_be_read_is_a_line_and_no_traceback(count, expect_log):
    records = expect_log('a file cannot be read')
    stage = Stage(lambda request: Response(200, body=FileBody(Broken(), 0, count)))
    heard = stage.say(GET)
    assert [record.exc_info for record in records] == [None]
    assert heard == FAILED if count == 10 else stage.wire.aborted


def test_an_error_whose_reply_is_no_status(expect_log):
    """One of another protocol, say."""
    expect_log('the application failed on')
    assert (Stage(lambda request: failed(RemoteProtocolError('x', reply=b'550 no'))).say(GET)
            == FAILED)
    assert Stage(lambda request: failed(RemoteProtocolError('x', reply=200))).say(GET) == FAILED


# -- bodies of requests --------------------------------------------------------------

def test_bodies_are_read():
    """Of every framing, at every chunking."""
    chunked = POST + b'Transfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n'
    play(site(echo), post(b'hello') + chunked + post(b'') + GET.replace(b'GET', b'POST'),
         ok(b'hello') + ok(b'abcde') + ok(b'') + ok(b''))


def test_bodies_stream_both_ways():
    """Received data is sent at once, in a response that begins before the request has ended."""
    stage = Stage(lambda request: Response(200, body=request.body))
    head = b'HTTP/1.1 200 OK\r\n' + DATE + b'Transfer-Encoding: chunked\r\n\r\n'
    assert stage.say(POST + b'Content-Length: 300000\r\n\r\n') == head
    assert stage.say(b'abc') == b'3\r\nabc\r\n'
    assert len(stage.say(b'x' * 299997)) > 299997
    assert stage.say(GET) == head + b'0\r\n\r\n'


def test_back_pressure_on_a_body():
    """An application that does not read stops the peer; one whose own reader is slow does too."""
    limits = Settings(body_buffer_bytes=1000, pipeline_bytes=1000)
    app, futures = later()
    stage = Stage(app, settings=limits)
    stage.say(POST + b'Content-Length: 100000\r\n\r\n')
    fed = 0
    while stage.wire.reading and fed < 10000:
        stage.wire.feed(b'x' * 100)
        fed += 100
    assert fed == 1000
    got = b''
    while len(got) < 100000:
        piece = stage.seen[0].body.read()
        if not piece.done():
            stage.loop.advance()
            stage.wire.feed(b'x' * 500)
            fed += 500
        got += piece.result()
        assert stage.seen[0].body.buffered <= 1500
    assert stage.seen[0].body.read().result() == b''
    futures[0].set_result(Response(200, body=b'hello'))
    assert stage.hear() == ok()

    stage = Stage(lambda request: Response(200, body=request.body), settings=limits)
    stage.wire.clog()
    stage.wire.feed(POST + b'Content-Length: 1000000\r\n\r\n')
    fed = 0
    while stage.wire.reading and fed < 900000:
        stage.wire.feed(b'x' * 1000)
        fed += 1000
    assert fed < 80000, 'the marks of the transport, and ours'
    stage.wire.unclog()
    stage.loop.advance()
    assert stage.wire.reading


def test_continue_is_sent_when_the_body_is_read():
    """100 only when the application reads; the client is told once."""
    data = post(b'hello', b'Expect: 100-continue')
    play(site(echo), data + GET, CONTINUE + ok() + ok(b''))
    stage = Stage(echo)
    assert stage.say(data[:-5]) == CONTINUE
    assert stage.say(b'hello') == ok()
    app, futures = later()
    stage = Stage(app)
    assert stage.say(data[:-5]) == b''
    read = stage.seen[0].body.read_all(10)
    stage.loop.advance()
    assert stage.hear() == CONTINUE
    stage.say(b'hello')
    assert read.result() == b'hello'


def test_expect_and_a_stream():
    """The 100 comes before the head of a response that is made of the body."""
    stage = Stage(lambda request: Response(200, body=request.body))
    answer = stage.say(post(b'hello', b'Expect: 100-continue')[:-5])
    assert answer.startswith(CONTINUE + b'HTTP/1.1 200 OK\r\n')
    assert answer.count(b'HTTP/1.1') == 2
    assert stage.say(b'hello') == b'5\r\nhello\r\n0\r\n\r\n'
    assert stage.say(GET).startswith(b'HTTP/1.1 200')


def test_expect_and_an_early_answer():
    """The server cannot know what the client sends next: the connection ends, and nothing is taken
    for a request."""
    data = post(b'hello', b'Expect: 100-continue')
    play(site(), data + GET, ok().replace(b'5\r\n', b'5\r\nConnection: close\r\n'))
    play(site(), data[:-5] + GET, ok().replace(b'5\r\n', b'5\r\nConnection: close\r\n'))


def test_an_early_answer_skips_a_small_rest():
    """The rest of a small body is skipped and the connection kept; for a big one it ends."""
    limits = Settings(drain_bytes=1000, linger_seconds=2.0)
    close = ok().replace(b'5\r\n', b'5\r\nConnection: close\r\n')
    play(site(settings=limits), post(b'x' * 1000) + GET, ok() + ok())
    play(site(settings=limits), post(b'x' * 1001)[:200], close)
    stage = Stage(settings=limits)
    assert stage.say(post(b'x' * 1001)[:200]) == close
    assert stage.wire.eof_written
    assert not stage.wire.closed
    stage.say(b'x' * 900)
    assert not stage.wire.closed
    stage.say(b'x' * 100000)
    assert not stage.wire.closed, \
        'a reset would take the answer from a client that has not read it yet'
    stage.loop.advance(1.9)
    stage.say(b'x' * 100000)
    assert not stage.wire.closed
    stage.loop.advance(0.2)
    assert stage.wire.closed, 'a client that does not stop'


def test_early_answer_to_chunks():
    """Their length is not known: they are skipped up to the bound."""
    stage = Stage(settings=Settings(drain_bytes=1640))
    assert stage.say(POST + b'Transfer-Encoding: chunked\r\n\r\n') == ok()
    for _ in range(10):
        stage.say(b'64\r\n' + b'x' * 100 + b'\r\n')
    assert not stage.wire.eof_written
    stage.say(b'64\r\n' + b'x' * 100 + b'\r\n')
    assert stage.wire.eof_written
    assert stage.say(GET) == b''
    stage = Stage()
    assert stage.say(POST + b'Transfer-Encoding: chunked\r\n\r\n') == ok()
    assert stage.say(b'3\r\nabc\r\n0\r\n\r\n' + GET) == ok()


def test_many_unread_small_chunks_end_the_connection():
    """Each takes time, whatever it holds; those that the application has read do not count."""
    stage = Stage(settings=Settings(drain_bytes=64000))
    assert stage.say(POST + b'Transfer-Encoding: chunked\r\n\r\n') == ok()
    stage.say(b'1\r\nx\r\n' * 900)
    stage.loop.advance(1.0)
    assert not stage.wire.eof_written
    stage.say(b'1\r\nx\r\n' * 100)
    stage.loop.advance(1.0)
    assert stage.wire.eof_written


def test_reading_after_the_answer():
    """There is nothing to read any more, and that is said."""
    stage = Stage()
    stage.say(post(b'hello')[:-2])
    with pytest.raises(LocalProtocolError):
        stage.seen[0].body.read().result()
    assert stage.say(b'lo' + GET) == ok()


def test_a_body_that_turns_out_bad():
    """The reader of the body gets an error; an application without an answer does not: the peer has
    its 400."""
    app, futures = later()
    stage = Stage(app)
    stage.say(POST + b'Transfer-Encoding: chunked\r\n\r\n')
    read = stage.seen[0].body.read()
    lost = stage.seen[0].lost
    assert stage.say(b'x\r\n') == said(b'400 Bad Request')
    assert isinstance(read.exception(), RemoteProtocolError)
    assert futures[0].cancelled()
    assert lost.done()
    assert not lost.cancelled()


def test_a_body_that_turns_out_bad_after_the_answer_began():
    """Then only a cut is left."""
    stage = Stage(lambda request: Response(200, body=request.body))
    stage.say(POST + b'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    stage.say(b'x\r\n')
    assert stage.wire.aborted
    stage = Stage()
    assert stage.say(POST + b'Transfer-Encoding: chunked\r\n\r\n') == ok()
    assert stage.say(b'x\r\n' + GET) == b''
    assert stage.wire.eof_written


def test_a_stream_that_pauses_is_not_a_slow_reader():
    """The waiting data was taken; a late next piece is not the peer's fault."""
    piece = Future()
    stage = Stage(lambda request: Response(200, body=iter([b'a', piece])))
    stage.wire.clog()
    stage.wire.feed(GET)
    stage.wire.unclog()
    stage.loop.advance(1000.0)
    assert not stage.wire.closed
    piece.set_result(b'b')
    assert stage.hear().endswith(b'1\r\na\r\n1\r\nb\r\n0\r\n\r\n')


# -- the end ---------------------------------------------------------------------------

def test_the_client_goes():
    """The application is told, what it waits for is cancelled, and nothing is kept."""
    app, futures = later()
    stage = Stage(app)
    stage.say(GET)
    lost = stage.seen[0].lost
    stage.wire.lose()
    stage.loop.advance()
    assert lost.done()
    assert lost.exception() is None
    assert futures[0].cancelled()
    assert len(stage.site.sweeper) == 0
    futures[0].set_result(Response())
    assert stage.hear() == b''


def test_lost_is_not_told_of_what_was_answered():
    """The future is cancelled, so that no code waits for ever."""
    app, futures = later()
    stage = Stage(app)
    stage.say(GET)
    lost = stage.seen[0].lost
    futures[0].set_result(Response())
    assert lost.cancelled()
    stage = Stage(lambda request: request.lost and Response())
    stage.say(GET)
    assert stage.seen[0].lost.cancelled()


def test_the_client_goes_while_it_sends():
    """The reader of the body gets an error."""
    app, futures = later()
    stage = Stage(app)
    stage.say(post(b'hello')[:-2])
    assert stage.seen[0].body.read().result() == b'hel'
    read = stage.seen[0].body.read()
    stage.wire.lose()
    stage.loop.advance()
    assert isinstance(read.exception(), ConnectionLost)


def test_the_client_goes_while_it_receives():
    """The source is closed, and asked for nothing more."""
    taken = []

    def body():
        try:
            while True:
                taken.append(1)
                yield b'x' * 60000
        finally:
            taken.append('closed')
    stage = Stage(lambda request: Response(200, body=body()))
    stage.wire.clog()
    stage.wire.feed(GET)
    stage.wire.lose()
    stage.loop.advance(1.0)
    assert taken[-1] == 'closed'
    assert len(taken) < 5


REQUESTS = [GET, post(b'hello'),
            POST + b'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n', b'BAD\r\n',
            post(b'hello', b'Expect: 100-continue')]


@pytest.mark.parametrize('how', ['lose', 'feed_eof'])
@pytest.mark.parametrize('app',
                         [echo, lambda request: Response(200, body=request.body),
                          lambda request: Future(),
                                 lambda request: Response(200, body=iter([b'a', Future()]))],
                         ids=['echo', 'stream', 'never', 'hangs'])
def test_the_end_in_every_state(app, how):
    """After each octet: everything is released, and nothing escapes."""
    for data in REQUESTS:
        for end in range(len(data) + 1):
            stage = Stage(app)
            stage.wire.feed(data[:end])
            getattr(stage.wire, how)()
            stage.loop.advance()
            if how == 'feed_eof' and not stage.wire.closed:
                # It waits for the application, and for nothing else
                assert stage.seen, data[:end]
                stage.wire.lose()
                stage.loop.advance()
            assert len(stage.site.sweeper) == 0, data[:end]
            assert len(stage.wire.lost) == 1, data[:end]
            stage.hear()
            stage.loop.advance(5.0)
            assert not stage.loop._timers, 'the sweeper sleeps when nobody is there'


def test_no_timer_runs_without_connections():
    """No timer runs while there is no connection."""
    stage = Stage()
    stage.wire.lose()
    stage.loop.advance(3.0)
    assert not stage.loop._timers


def test_memory_of_an_idle_connection():
    """No buffer, and no request, stays behind."""
    stage = Stage(echo)
    stage.say(post(b'x' * 50000)[:100])
    stage.say(post(b'x' * 50000)[100:])
    connection = stage.wire.protocol
    assert connection.exchange is None
    assert len(connection.receiver) == 0
    assert connection._out == []


def test_garbage_gets_an_answer_and_an_end():
    """Law 1: whatever comes, an answer and an end, the same at every chunking, and nothing
    escapes.
    """
    dice = random.Random(9110)
    for number in range(60):
        data = b''.join(dice.choice(ALPHABET) for _ in range(dice.randint(1, 12)))
        try:
            answers = set()
            for _, pieces in chunkings(data, cuts=3):
                stage = Stage(echo)
                for piece in pieces:
                    stage.wire.feed(piece)
                stage.wire.feed_eof()
                stage.loop.advance(100.0)
                answers.add(stage.hear())
                assert len(stage.site.sweeper) == 0
            assert len(answers) == 1, answers
        except AssertionError as exc:
            raise AssertionError('seed 9110, number %d, %r: %s' % (number, data, exc))


@pytest.mark.parametrize('address, tls, taken', [
    (Address('192.0.2.1', 80), None, False),
    (Address('192.0.2.1', 443), 'the session', True),
    (Address('/run/web.sock'), None, True),
])
def test_an_https_target_is_refused_in_clear(address, tls, taken):
    """RFC 9110 section 7.4: such a request MUST be rejected, unless a trusted gateway may have had
    it over TLS.
    """
    data = b'GET HTTPS://b.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n'
    for name, pieces in chunkings(data + GET):
        loop = VirtualLoop()
        loop.wall = lambda: WALL
        wire = FakeTransport(loop, sockname=address, tls=tls)
        wire.connect(site()(loop))
        for piece in pieces:
            wire.feed(piece)
        assert wire.written == (ok() * 2 if taken else said(b'421 Misdirected Request')), name


CONNECT = b'CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n'


@pytest.mark.parametrize('response', [
    lambda: Response(200), lambda: Response(200, body=b'hello'), lambda: Response(204),
    lambda: Response(299, body=iter([b'hello'])),
    lambda: Response(200, body=FileBody(io.BytesIO(b'hello'), 0, 5))])
def test_data_behind_a_successful_connect_is_no_http(response):
    """RFC 9110 section 9.3.6: neither Content-Length nor Transfer-Encoding, and a tunnel to nowhere
    ends.
    """
    for behind in (b'', GET, b'\x16\x03\x01'):
        stage = Stage(lambda request: response(), methods=(b'GET', b'CONNECT'))
        answer = stage.say(CONNECT + behind)
        head, _, rest = answer.partition(b'\r\n\r\n')
        assert head.startswith(b'HTTP/1.1 2')
        assert b'Content-Length' not in head
        assert b'Transfer-Encoding' not in head
        assert head.endswith(b'Connection: close')
        assert rest == b''
        assert [request.method for request in stage.seen] == [b'CONNECT']
        assert stage.wire.ended, 'our side is closed'
        assert not stage.wire.closed, 'what the client has sent ahead must not reset the connection'


def test_data_behind_a_failed_connect_is_not_parsed():
    refused = ok(b'405 Method Not Allowed\n', b'Allow: GET\r\nContent-Type: text/plain\r\n',
                 b'405 Method Not Allowed')
    play(site(methods=(b'GET',)), CONNECT + GET, closing(refused))


def test_a_connect_with_a_length_of_the_application_is_a_failure(expect_log):
    expect_log('the application failed on CONNECT')
    stage = Stage(lambda request: Response(200, [(b'Content-Length', b'5')], b'hello'),
                  methods=(b'CONNECT',))
    assert stage.say(CONNECT).startswith(b'HTTP/1.1 500 ')


def test_last_words_over_tls():
    """In TLS one direction cannot be closed alone. A client that can tell where the response ends
    has time to read it, others have none."""
    for version, stays in ((b'1.1', True), (b'1.0', False)):
        stage = Stage()
        stage.wire.can_write_eof = lambda: False
        stage.wire.feed(b'POST / HTTP/' + version
                        + b'\r\nHost: a.example\r\nContent-Length: 900000\r\n\r\nxyz')
        stage.loop.advance()
        assert stage.hear().endswith(b'\r\n\r\nhello'), version
        assert stage.wire.closed is not stays, version
        assert not stage.wire.eof_written
        if stays:
            stage.wire.feed(b'x' * 1000)
            stage.loop.advance(2.0)
            assert not stage.wire.closed, 'the rest of the upload is taken and dropped'
            assert not stage.wire.aborted, 'the rest of the upload is taken and dropped'
            stage.loop.advance(6.0)
        assert stage.wire.closed
        assert len(stage.seen) == 1
