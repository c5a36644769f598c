# Copyright the carryall authors.  See LICENSE.
"""The limits (HTS-04): what just fits is served, one more has its status; the deadlines under a
fake clock.
"""
from __future__ import absolute_import, division, print_function

import logging
import warnings

import pytest

from carryall.core.compat import range
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.http import Leniency, Limits, Response, Settings, Site
from tests.protocols.http.stage import GET, Stage, later, ok, play, said, site

SMALL = Settings(start_line_bytes=40, target_bytes=20, header_bytes=60, header_count=3,
                 body_bytes=10, chunk_line_bytes=12,
               chunk_extension_bytes=20)
HOST = b'Host: a\r\n'           # 9 octets
POST = b'POST / HTTP/1.1\r\n' + HOST


def echo(request):
    """Answers with the body."""
    return request.body.read_all(1000).then(lambda body: Response(200, body=body))


@pytest.mark.parametrize('name, fits, over, status', [
    ('start_line_bytes', b'GET /' + b'x' * 19 + b' HTTP/1.1\r\n' + HOST + b'\r\n', None, None),
    ('target_bytes', b'GET /' + b'x' * 19 + b' HTTP/1.1\r\n' + HOST + b'\r\n',
     b'GET /' + b'x' * 20 + b' HTTP/1.1\r\n' + HOST + b'\r\n', b'414 URI Too Long'),
    ('start_line_bytes', b'BASELINE-CONTROL /' + b'x' * 11 + b' HTTP/1.1\r\n' + HOST + b'\r\n',
     b'BASELINE-CONTROL /' + b'x' * 12 + b' HTTP/1.1\r\n' + HOST + b'\r\n', b'414 URI Too Long'),
    ('header_bytes', b'GET / HTTP/1.1\r\n' + HOST + b'X: ' + b'y' * 46 + b'\r\n\r\n',
     b'GET / HTTP/1.1\r\n' + HOST + b'X: ' + b'y' * 47 + b'\r\n\r\n',
     b'431 Request Header Fields Too Large'),
    ('header_count', b'GET / HTTP/1.1\r\n' + HOST + b'X: y\r\n' * 2 + b'\r\n',
     b'GET / HTTP/1.1\r\n' + HOST + b'X: y\r\n' * 3 + b'\r\n',
     b'431 Request Header Fields Too Large'),
    ('body_bytes', POST + b'Content-Length: 10\r\n\r\n' + b'x' * 10,
     POST + b'Content-Length: 11\r\n\r\n' + b'x' * 11, b'413 Content Too Large'),
    ('body_bytes',
     POST + b'Transfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n5\r\nxxxxx\r\n0\r\n\r\n',
     POST + b'Transfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n6\r\nxxxxxx\r\n0\r\n\r\n',
     b'413 Content Too Large'),
    ('chunk_line_bytes',
     POST + b'Transfer-Encoding: chunked\r\n\r\n1;' + b'x' * 8 + b'\r\nx\r\n0\r\n\r\n',
     POST + b'Transfer-Encoding: chunked\r\n\r\n1;' + b'x' * 9 + b'\r\nx\r\n0\r\n\r\n',
     b'400 Bad Request'),
    ('chunk_extension_bytes',
     POST + b'Transfer-Encoding: chunked\r\n\r\n' + b'1;xxxx\r\nx\r\n' * 4 + b'0\r\n\r\n',
     POST + b'Transfer-Encoding: chunked\r\n\r\n' + b'1;xxxx\r\nx\r\n' * 4 + b'0;x\r\n\r\n',
     b'400 Bad Request'),
    ('header_bytes of trailers',
     POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\nX: ' + b'y' * 55 + b'\r\n\r\n',
     POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\nX: ' + b'y' * 56 + b'\r\n\r\n',
     b'431 Request Header Fields Too Large'),
    ('header_count of trailers',
     POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\n' + b'X: y\r\n' * 3 + b'\r\n',
     POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\n' + b'X: y\r\n' * 4 + b'\r\n',
     b'431 Request Header Fields Too Large'),
])
def test_one_more_than_the_limit_is_refused(name, fits, over, status):
    """Up to the limit it is served; with one octet, field or chunk more it is refused, at every
    chunking.
    """
    answer = play(site(echo, settings=SMALL, methods=(b'GET', b'POST', b'BASELINE-CONTROL')), fits)
    assert answer.startswith(b'HTTP/1.1 200 '), (name, answer)
    if over is not None:
        play(site(echo, settings=SMALL, methods=(b'GET', b'POST', b'BASELINE-CONTROL')), over + GET,
             said(status))


@pytest.mark.parametrize('data, status', [
    (b'GET / HTTP/1.2\r\n' + HOST + b'\r\n', b'505 HTTP Version Not Supported'),
    (b'GET / HTTP/2.0\r\n' + HOST + b'\r\n', b'505 HTTP Version Not Supported'),
    (b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'400 Bad Request'),
    (b'BREW / HTTP/1.1\r\n' + HOST + b'\r\n', b'501 Not Implemented'),
    (b'get / HTTP/1.1\r\n' + HOST + b'\r\n', b'501 Not Implemented'),
    (POST + b'Content-Length: 99999999999999999999999\r\n\r\n', b'413 Content Too Large'),
    (POST + b'Content-Length: 5\r\nExpect: tea\r\n\r\nhello', b'417 Expectation Failed'),
])
def test_a_bad_request_has_its_status(data, status):
    """Bad requests are refused with their status."""
    play(site(echo), data + GET, said(status))


def test_the_errors_of_a_head_are_told_in_order():
    """The first error counts, and whether the rest has come makes no difference."""
    play(site(), b'BREW / HTTP/1.1\r\nHost : a\r\n\r\n', said(b'501 Not Implemented'))
    play(site(), b'GET / HTTP/3.0\r\nX\n', said(b'505 HTTP Version Not Supported'))
    play(site(settings=SMALL), b'GET / HTTP/1.1\r\n' + b'X: y\r\n' * 4 + b'Y\n',
         said(b'431 Request Header Fields Too Large'))


@pytest.mark.parametrize('line, status', [
    (b'A' * 9000, b'501 Not Implemented'),
    (b'BREW ' + b'/' * 9000, b'501 Not Implemented'),
    (b'A(' + b'A' * 9000, b'400 Bad Request'),
    (b'GET /' + b'x' * 9000, b'414 URI Too Long'),
    (b'GET /' + b'x' * 8050 + b' HTTP/1.1' + b'x' * 500, b'414 URI Too Long'),
    (b'GET / ' + b'x' * 9000, b'400 Bad Request'),
])
def test_a_line_that_is_too_long_is_refused_for_its_first_wrong_word(line, status):
    """RFC 9112 section 3: 501 for the method, 414 for the target; the same with and without the end
    of the line.
    """
    play(site(), line + b'\r\n' + GET, said(status))
    play(site(), line, said(status))


def test_method_not_allowed():
    """405 says what would be allowed, and the connection goes on (RFC 9110 section 15.5.6)."""
    answer = (ok(b'405 Method Not Allowed\n', b'Allow: GET, HEAD\r\nContent-Type: text/plain\r\n',
                 b'405 Method Not Allowed')
              + ok())
    play(site(methods=(b'GET', b'HEAD')), b'DELETE / HTTP/1.1\r\n' + HOST + b'\r\n' + GET, answer)


def test_methods_of_ones_own():
    """A site may allow a method that is registered nowhere."""
    play(site(methods=(b'BREW',)), b'BREW / HTTP/1.1\r\n' + HOST + b'\r\n', ok())


@pytest.mark.parametrize('kind, good', [
    (b'image/png', True), (b'IMAGE/PNG;x=y', True), (b'text/html; charset=utf-8', True),
    (b'image/gif', False),
    (b'', False), (b'textual/html', False),
])
def test_a_foreign_media_type_is_415(kind, good):
    """415 for a body that the site does not take; without a body it does not matter."""
    make = site(echo, media_types=(b'image/png', b'text/*'))
    data = POST + b'Content-Type: ' + kind + b'\r\nContent-Length: 2\r\n\r\nhi'
    refused = ok(b'415 Unsupported Media Type\n', b'Content-Type: text/plain\r\n',
                 b'415 Unsupported Media Type')
    play(make, data + GET, (ok(b'hi') if good else refused) + ok(b''))


def test_a_long_request_line_is_refused_while_it_comes():
    """A gigabyte in one line: no more than the limit is kept of it."""
    stage = Stage()
    stage.wire.feed(b'GET /')
    for _ in range(100):
        stage.wire.feed(b'x' * 1000)
    assert stage.hear() == said(b'414 URI Too Long')
    assert len(stage.wire.protocol.receiver) <= 9000


def test_a_hundred_thousand_fields():
    """They are counted before anything is done with them, whatever their names; colliding ones
    too.
    """
    # Equal hashes on Jython; and so all products of them
    names = [b'Aa', b'BB']
    for _ in range(4):
        names = [one + two for one in names for two in (b'Aa', b'BB')]
    data = (b'GET / HTTP/1.1\r\n' + HOST
            + b''.join(b'%s: x\r\n' % names[number % 32] for number in range(100000)) + b'\r\n')
    for size in (len(data), 1000):
        stage = Stage(settings=Settings(header_bytes=10 ** 7))
        for at in range(0, len(data), size):
            stage.wire.feed(data[at:at + size])
        assert stage.hear() == said(b'431 Request Header Fields Too Large')
        assert stage.seen == []


# -- time ----------------------------------------------------------------------

TIMES = Settings(head_seconds=10.0, request_seconds=30.0, idle_seconds=50.0, linger_seconds=3.0,
                 write_seconds=20.0,
               write_rate=50, body_rate=100)


def test_a_silent_client():
    """A connection that never says anything is closed without a word."""
    stage = Stage(settings=TIMES)
    stage.loop.advance(9.0)
    assert not stage.wire.closed
    stage.loop.advance(3.0)
    assert stage.wire.closed
    assert stage.hear() == b''


def test_half_a_head():
    """408 when the head is not there in time, however regularly its bytes come."""
    stage = Stage(settings=TIMES)
    data = b'GET / HTTP/1.1\r\nHost: a.example\r\nX: ' + b'y' * 100
    for index in range(8):
        assert stage.say(data[index:index + 1]) == b''
        stage.loop.advance(1.0)
    stage.loop.advance(4.0)
    assert stage.hear() == said(b'408 Request Timeout')
    assert stage.wire.eof_written
    stage.loop.advance(5.0)
    assert stage.wire.closed
    assert stage.seen == []


def test_idle_between_requests():
    """A kept connection is closed after a while, and each request gives it a new while."""
    stage = Stage(settings=TIMES)
    for _ in range(3):
        assert stage.say(GET) == ok()
        stage.loop.advance(45.0)
        assert not stage.wire.closed
    stage.loop.advance(8.0)
    assert stage.wire.closed
    assert stage.hear() == b''


def test_empty_lines_do_not_keep_a_connection():
    """Only a request does."""
    stage = Stage(settings=TIMES)
    stage.say(GET)
    stage.loop.advance(49.0)
    stage.wire.feed(b'\r\n')
    stage.loop.advance(3.0)
    assert stage.wire.closed


def test_one_octet_a_second():
    """The whole-request deadline: a body that trickles is cut, though something comes all the
    time.
    """
    stage = Stage(echo, settings=TIMES)
    stage.say(POST + b'Content-Length: 1000\r\n\r\n')
    seconds = 0
    while not stage.wire.eof_written and seconds < 100:
        stage.wire.feed(b'x')
        stage.loop.advance(1.0)
        seconds += 1
    assert 30 <= seconds <= 33
    assert stage.hear() == said(b'408 Request Timeout')


def test_a_slow_but_honest_body():
    """A body that keeps to the least rate may take as long as its size needs."""
    stage = Stage(echo, settings=TIMES.replace(body_bytes=100000))
    stage.say(POST + b'Content-Length: 12000\r\n\r\n')
    for _ in range(120):
        stage.wire.feed(b'x' * 100)
        stage.loop.advance(1.0)
    assert stage.hear()[:12] == b'HTTP/1.1 413', 'read_all(1000) of the application'
    assert len(stage.seen) == 1


def test_no_rate_means_an_absolute_deadline():
    """body_rate=0: nothing buys time."""
    stage = Stage(echo, settings=TIMES.replace(body_rate=0, body_bytes=10 ** 6))
    stage.say(POST + b'Content-Length: 1000000\r\n\r\n')
    for _ in range(33):
        stage.wire.feed(b'x' * 10)
        stage.loop.advance(1.0)
    assert stage.hear() == said(b'408 Request Timeout')


def test_the_application_may_take_its_time():
    """While it thinks, no deadline runs; nor while it does not read the body."""
    app, futures = later()
    stage = Stage(app, settings=TIMES.replace(body_buffer_bytes=4))
    stage.say(GET)
    stage.loop.advance(1000.0)
    futures[0].set_result(Response(200, body=b'hello'))
    assert stage.hear() == ok()
    stage.say(POST + b'Content-Length: 12\r\n\r\nhell')
    assert not stage.wire.reading
    stage.loop.advance(1000.0)
    assert not stage.wire.closed
    read = stage.seen[1].body.read_all(100)
    stage.loop.advance()
    assert stage.wire.reading
    stage.loop.advance(20.0)
    stage.wire.feed(b'o, world')
    assert read.result() == b'hello, world'


@pytest.mark.parametrize('streamed', [False, True])
def test_a_client_that_takes_an_octet_now_and_then(streamed, caplog):
    """It takes something before each deadline, and could so hold its connection for years: it has
    to keep up a rate.
    """
    caplog.set_level(logging.INFO, 'carryall.http')
    body = [b'y' * 1000] * 1000 if streamed else b'y' * 1000000
    for rate, taken, lives in ((100, 110, True), (100, 90, False), (100, 1, False), (0, 1, True)):
        stage = Stage(lambda request: Response(200, body=iter(body) if streamed else body),
                      settings=TIMES.replace(write_rate=rate))
        stage.wire.clog()
        stage.say(GET)
        for _ in range(60):
            stage.loop.advance(1.0)
            stage.wire.drain(taken)
        assert stage.wire.aborted != lives, (rate, taken)
        if not lives:
            assert 'aborted: it took' in caplog.text
        caplog.clear()


def test_a_client_that_does_not_read():
    """Data that waits for the client is bounded by the peer's time, not by ours."""
    stage = Stage(lambda request: Response(200, body=b'x' * 100000), settings=TIMES)
    stage.wire.clog()
    stage.wire.feed(GET)
    for _ in range(4):
        stage.loop.advance(15.0)
        stage.wire.drain(1000)
        assert not stage.wire.closed
    stage.loop.advance(45.0)
    assert stage.wire.aborted


def test_each_setting_has_its_default_and_a_meaning():
    for name, default, meaning in Settings.rows:
        assert getattr(Settings(), name) == default
        assert meaning


def test_settings_refuse_unknown_names_and_negative_limits():
    with pytest.raises(TypeError):
        Settings(bodybytes=5)
    with pytest.raises(ValueError):
        Settings(body_bytes=-1)


def test_settings_know_the_methods_and_whether_they_are_strict():
    assert b'BREW' in Settings(methods=[b'BREW']).known_methods
    assert b'TRACE' in Settings(methods=[b'BREW']).known_methods
    assert Settings().is_strict
    assert not Settings(bare_lf=True).is_strict


def test_the_former_limits_and_leniency_work_with_a_warning():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        limits = Limits(body_bytes=5)
        other = limits._replace(header_count=6)
        site = Site(lambda request: None, VirtualLoop(), limits=limits,
                    leniency=Leniency(obs_fold=True), server=b'x',
                    methods=[b'GET'])
    assert [each.category for each in caught] == [DeprecationWarning] * 3
    assert (other.body_bytes, other.header_count) == (5, 6)
    assert site.settings == Settings(body_bytes=5, obs_fold=True, server=b'x', methods=(b'GET',))


@pytest.mark.parametrize('piece', [1, 40, 4000])
def test_a_client_that_keeps_up_with_a_body_that_is_still_made(piece):
    """The octets that the client takes count, not the octets that wait: these are replaced all the
    time, and may never be zero."""
    made = []

    def more():
        made.append(Future())
        return made[-1]

    for takes in (True, False):
        del made[:]
        stage = Stage(lambda request: Response(200, body=iter(more, None)), settings=TIMES)
        stage.wire.clog()
        stage.say(GET)
        for second in range(200):
            if not made[-1].done():
                made[-1].set_result(b'z' * piece)
            before = stage.wire.get_write_buffer_size()
            stage.loop.advance(1.0)
            if stage.wire.closed:
                break
            if takes and second:
                stage.wire.drain(before - 3)
        assert stage.wire.aborted != takes
