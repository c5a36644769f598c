# Copyright the carryall authors.  See LICENSE.
"""WSGIApplication: responses of applications on a real connection, failures, clients that go."""
from __future__ import absolute_import, division, print_function

import io
import os
import threading
from wsgiref.validate import validator

import pytest

from carryall.core.compat import SimpleQueue, range
from carryall.services.wsgi import Settings
from tests.services.wsgi.wsgikit import WAIT_SECONDS

TEXT = [('Content-Type', 'text/plain')]
BIG = 300000
REQUEST = b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n'


def hello(environ, start_response):
    start_response('200 OK', TEXT + [('Content-Length', '5')])
    return [b'hello']


def pieces(environ, start_response):
    start_response('200 OK', TEXT)
    for number in range(3):
        yield b'%d' % number * BIG


def length_of_body(environ, start_response):
    start_response('200 OK', TEXT)
    return [b'%d' % len(environ['wsgi.input'].read())]


def test_a_list_of_one_is_sent_with_its_length(serve):
    answer = serve(hello).ask()
    assert answer.status == 200
    assert answer.body == b'hello'
    assert answer.fields[b'content-length'] == b'5'


def test_a_validated_application_passes_all_checks(serve):
    answer = serve(validator(hello)).ask()
    assert answer.body == b'hello'


def test_a_validated_generator_passes_all_checks(serve):
    answer = serve(validator(pieces)).ask()
    assert answer.body.count(b'1') >= BIG


def test_a_validated_application_reads_its_input(serve):
    def app(environ, start_response):
        start_response('200 OK', TEXT)
        return [environ['wsgi.input'].read(3) + environ['wsgi.input'].readline()]

    answer = serve(validator(app)).ask(method=b'POST', body=b'abcdef\nx')
    assert answer.body == b'abcdef\n'


def test_head_gets_the_head_alone(serve):
    answer = serve(hello).ask(method=b'HEAD')
    assert answer.fields[b'content-length'] == b'5'
    assert answer.body == b''


def test_head_of_a_generator_ends_it(serve):
    closed = []

    def endless(environ, start_response):
        start_response('200 OK', TEXT)
        try:
            while True:
                yield b'x'
        finally:
            closed.append(True)

    served = serve(endless)
    assert served.ask(method=b'HEAD').body == b''
    served.until(lambda: not served.application.workers.pending)
    assert closed == [True]


def test_pieces_of_a_generator_come_in_order(serve):
    assert serve(pieces).ask().body == b'0' * BIG + b'1' * BIG + b'2' * BIG


@pytest.mark.parametrize('length', [0, 10, 65536, 65537, 900000])
def test_a_body_of_any_length_is_read_whole(serve, length):
    answer = serve(length_of_body).ask(method=b'POST', body=b'x' * length)
    assert answer.body == b'%d' % length


def test_a_chunked_body_is_read_whole(serve):
    served = serve(length_of_body)
    data = (b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
            + (b'4000\r\n' + b'x' * 0x4000 + b'\r\n') * 8 + b'0\r\n\r\n')
    assert served.raw(data).endswith(b'131072')


def test_a_streamed_chunked_body_is_read_whole(serve):
    served = serve(length_of_body, spools=False)
    data = (b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
            + (b'4000\r\n' + b'x' * 0x4000 + b'\r\n') * 8 + b'0\r\n\r\n')
    assert served.raw(data).endswith(b'131072')


def test_a_small_chunked_body_has_a_length(serve):
    def app(environ, start_response):
        start_response('200 OK', TEXT)
        return [environ['CONTENT_LENGTH'].encode('ascii')]

    data = (b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
            b'3\r\nabc\r\n0\r\n\r\n')
    assert serve(app).raw(data).endswith(b'\r\n3')


def test_a_client_that_expects_100_gets_it_when_the_application_reads(serve):
    served = serve(length_of_body, spools=False)
    client = served.connect()
    client.transport.write(b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n'
                           b'Expect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    served.until(lambda: client.heard)
    assert client.heard == b'HTTP/1.1 100 Continue\r\n\r\n'
    client.transport.write(b'abc')
    served.wait(client.over)
    assert client.heard.endswith(b'\r\n3')


def test_a_client_that_expects_100_does_not_get_it_if_nothing_reads(serve):
    served = serve(hello, spools=False)
    heard = served.raw(b'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n'
                       b'Content-Length: 3\r\n\r\n')
    assert heard.startswith(b'HTTP/1.1 200 OK\r\n')


def test_a_body_that_stops_half_way_breaks_the_read(serve):
    begun = []
    broken = SimpleQueue()

    def app(environ, start_response):
        begun.append(environ)       # one that is not begun is not begun any more
        try:
            environ['wsgi.input'].read()
        except IOError as exc:
            broken.put(str(exc))
            raise
        return []

    served = serve(app, spools=False)
    client = served.connect()
    client.transport.write(b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n'
                           + b'x' * 100000)
    served.until(lambda: begun)
    client.transport.abort()
    assert 'incomplete' in _get(served, broken)


@pytest.mark.parametrize('expect', [b'', b'Expect: 100-continue\r\n'])
def test_a_slow_upload_holds_no_thread(serve, expect):
    served = serve(length_of_body, threads=1, waiting=0)
    slow = [served.connect() for _ in range(3)]
    for client in slow:
        client.transport.write(b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n' + expect
                               + b'Content-Length: 100000\r\n\r\n' + b'x' * 90000)
    served.settle()
    assert served.application.workers.pending == 0
    assert served.ask(method=b'POST', body=b'abc').body == b'3'
    for client in slow:
        served.until(lambda: not served.application.workers.pending)
        client.transport.write(b'x' * 10000)
        served.wait(client.over)
        assert client.heard.endswith(b'\r\n100000')


def test_a_long_chunked_body_in_a_file_has_a_length(serve):
    def app(environ, start_response):
        start_response('200 OK', TEXT)
        return [environ['CONTENT_LENGTH'].encode('ascii')]

    data = (b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
            + (b'4000\r\n' + b'x' * 0x4000 + b'\r\n') * 8 + b'0\r\n\r\n')
    assert serve(app).raw(data).endswith(b'\r\n131072')


def test_a_body_in_a_file_is_closed_at_the_end(serve):
    files = []

    def app(environ, start_response):
        files.append(environ['wsgi.input'])
        start_response('200 OK', TEXT)
        return [b''.join(environ['wsgi.input'].readlines()[:1])]

    served = serve(app)
    answer = served.ask(method=b'POST', body=b'line\n' + b'x' * 90000)
    assert answer.body == b'line\n'
    served.until(lambda: files[0].closed)


def test_a_body_whose_client_goes_leaves_no_file(serve):
    served = serve(length_of_body)
    client = served.connect()
    client.transport.write(b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n'
                           + b'x' * 200000)
    served.until(lambda: served.application.spooled.held > 100000)
    client.transport.abort()
    served.until(lambda: not served.application.spooled.held)


def test_bodies_beyond_the_room_for_files_are_503(serve, expect_log):
    expect_log('a body is refused')
    served = serve(length_of_body, spool_bytes=150000)
    assert served.ask(method=b'POST', body=b'x' * 200000).status == 503
    assert served.application.spooled.held == 0


def _get(served, queue):
    """The object that a thread has put; the loop turns meanwhile."""
    served.until(lambda: not queue.empty())
    return queue.get()


# -- failures ------------------------------------------------------------------------------------

def _fails_before(environ, start_response):
    raise ValueError('before')


def _fails_behind_start(environ, start_response):
    start_response('200 OK', TEXT)
    raise ValueError('behind start_response')


def _fails_at_first_piece(environ, start_response):
    start_response('200 OK', TEXT)
    raise ValueError('at the first piece')
    yield b''


def _exits(environ, start_response):
    raise SystemExit(3)


def _starts_nothing(environ, start_response):
    return [b'x']


def _gives_text(environ, start_response):
    start_response('200 OK', TEXT)
    return [u'text']


def _gives_nothing(environ, start_response):
    start_response('200 OK', TEXT)


@pytest.mark.parametrize('app', [_fails_before, _fails_behind_start, _fails_at_first_piece, _exits,
                                 _starts_nothing, _gives_text, _gives_nothing])
def test_a_failure_before_the_first_octet_is_500(serve, app, expect_log):
    expect_log('the application failed on')
    answer = serve(app).ask()
    assert answer.status == 500
    assert answer.body == b'500 Internal Server Error\n'


def test_a_failure_behind_the_first_octet_cuts_the_connection(serve, expect_log):
    records = expect_log('the application failed on')

    def app(environ, start_response):
        start_response('200 OK', TEXT)
        yield b'begun'
        raise ValueError('during')

    heard = serve(app).raw(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert b'begun' in heard
    assert not heard.endswith(b'0\r\n\r\n')
    assert len(records) == 1


def test_a_failure_behind_a_whole_response_is_logged(serve, expect_log):
    records = expect_log('behind its response')

    def app(environ, start_response):
        start_response('200 OK', TEXT + [('Content-Length', '5')])
        yield b'whole'
        raise ValueError('after')

    served = serve(app)
    assert served.ask().body == b'whole'
    served.until(lambda: not served.application.workers.pending)
    assert len(records) == 1


def test_a_failure_of_close_is_logged(serve, expect_log):
    records = expect_log('behind its response')

    class Pieces(object):
        def __iter__(self):
            return iter([b'whole'])

        def close(self):
            raise ValueError('in close')

    def app(environ, start_response):
        start_response('200 OK', TEXT + [('Content-Length', '5')])
        return Pieces()

    served = serve(app)
    assert served.ask().body == b'whole'
    served.until(lambda: not served.application.workers.pending)
    assert len(records) == 1


def test_the_thread_lives_on_behind_a_failure(serve, expect_log):
    records = expect_log('the application failed on')
    apps = [_exits, hello]
    served = serve(lambda environ, start: apps.pop(0)(environ, start), threads=1)
    assert served.ask().status == 500
    assert served.ask().status == 200
    assert len(records) == 1


# -- clients that go -----------------------------------------------------------------------------

def test_a_client_that_goes_ends_an_endless_response(serve):
    closed = SimpleQueue()

    def endless(environ, start_response):
        start_response('200 OK', TEXT)
        try:
            while True:
                yield b'x' * 65536
        finally:
            closed.put(True)

    served = serve(endless)
    client = served.connect()
    client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    served.until(lambda: len(client.heard) > 100000)
    client.transport.abort()
    assert _get(served, closed)


def test_write_of_a_client_that_has_gone_raises(serve):
    raised = SimpleQueue()

    def app(environ, start_response):
        write = start_response('200 OK', TEXT)
        try:
            while True:
                write(b'x' * 65536)
        except IOError as exc:
            raised.put(str(exc))
        return []

    served = serve(app)
    client = served.connect()
    client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    served.until(lambda: len(client.heard) > 100000)
    client.transport.abort()
    assert _get(served, raised) == 'the client is gone'


def test_a_slow_reader_stops_the_application(serve):
    made = []

    def app(environ, start_response):
        start_response('200 OK', TEXT)
        for number in range(1000):
            made.append(number)
            yield b'x' * 65536

    served = serve(app)
    client = served.connect()
    client.transport.pause_reading()
    client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    served.until(lambda: len(made) > 1)
    pause = threading.Event()
    pause.wait(0.2)
    served.until(lambda: True)
    assert len(made) < 900
    client.transport.abort()


# -- the queue -----------------------------------------------------------------------------------

def test_more_requests_than_may_wait_are_503(serve, expect_log):
    expect_log('one more is refused')
    door = threading.Event()

    def slow(environ, start_response):
        door.wait(WAIT_SECONDS)
        return hello(environ, start_response)

    served = serve(slow, threads=1, waiting=1)
    clients = [served.connect() for _ in range(3)]
    for client in clients:
        client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    served.until(lambda: any(client.heard for client in clients))
    heard = [client.heard for client in clients if client.heard]
    door.set()
    for client in clients:
        served.wait(client.over)
    assert [found[:12] for found in heard] == [b'HTTP/1.1 503']
    assert b'Retry-After: 5\r\n' in heard[0]
    assert sorted(client.heard[:12] for client in clients)[:2] == [b'HTTP/1.1 200'] * 2


def test_a_flood_of_refusals_is_told_once_a_second(serve, expect_log):
    told = expect_log('one more is refused')
    door = threading.Event()

    def slow(environ, start_response):
        door.wait(WAIT_SECONDS)
        return hello(environ, start_response)

    served = serve(slow, threads=1, waiting=1)
    clients = [served.connect() for _ in range(20)]
    for client in clients:
        client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    served.until(lambda: sum(b'503' in client.heard for client in clients) == 18)
    door.set()
    for client in clients:
        served.wait(client.over)
    assert len(told) < 10


def test_a_request_whose_client_went_is_not_begun(serve):
    door = threading.Event()
    begun = []

    def slow(environ, start_response):
        begun.append(environ['PATH_INFO'])
        door.wait(WAIT_SECONDS)
        return hello(environ, start_response)

    served = serve(slow, threads=1)
    first = served.connect()
    first.transport.write(b'GET /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    served.until(lambda: begun)
    second = served.connect()
    second.transport.write(b'GET /2 HTTP/1.1\r\nHost: h\r\n\r\n')
    served.until(lambda: served.application.workers.pending == 2)
    second.transport.abort()
    served.settle()
    door.set()
    served.wait(first.over)
    served.until(lambda: not served.application.workers.pending)
    assert begun == ['/1']


def test_settings_need_a_thread():
    with pytest.raises(ValueError):
        Settings(threads=0)


# -- files ---------------------------------------------------------------------------------------

@pytest.mark.parametrize('size', [10, 500000])
def test_a_wrapped_file_is_sent_and_closed(serve, tmpdir, size):
    path = os.path.join(str(tmpdir), 'file')
    with open(path, 'wb') as out:
        out.write(b'skipped' + b'x' * size)
    files = []

    def app(environ, start_response):
        start_response('200 OK', TEXT)
        source = open(path, 'rb')
        source.seek(7)
        files.append(source)
        return environ['wsgi.file_wrapper'](source)

    answer = serve(app).ask()
    assert answer.fields[b'content-length'] == b'%d' % size
    assert answer.body == b'x' * size
    assert files[0].closed


def test_a_wrapped_file_in_memory_is_sent_in_pieces(serve):
    def app(environ, start_response):
        start_response('200 OK', TEXT + [('Content-Length', '5')])
        return environ['wsgi.file_wrapper'](io.BytesIO(b'12345'), 2)

    assert serve(app).ask().body == b'12345'


def test_an_application_cannot_set_the_cookie_of_a_session(serve, expect_log):
    expect_log('is dropped')

    def plant(environ, start_response):
        """Sets a cookie of its own, and ours."""
        start_response('200 OK', [('Set-Cookie', 'carryall-session=x'), ('Set-Cookie', 'own=1')])
        return [b'hello']

    served = serve(plant)
    served.guard()
    assert b'carryall-session' not in served.raw(REQUEST)
    assert b'Set-Cookie: own=1\r\n' in served.raw(REQUEST)
