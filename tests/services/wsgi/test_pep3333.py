# Copyright the carryall authors.  See LICENSE.
"""PEP 3333 as a table: each row is a rule, an application that shows it, and what its client
sees.
"""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.core.compat import PY2
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.services.wsgi import Settings, WSGIApplication
from carryall.services.wsgi.environs import Environs
from tests.protocols.http.ids import short
from tests.services.web.support import request
from tests.services.wsgi.wsgikit import Served

PLAIN = [('Content-Type', 'text/plain')]


def _told(tell, *keys):
    """An application that answers with the values of *keys* of the environ, as text."""
    def app(environ, start_response):
        start_response('200 OK', list(PLAIN))
        values = [tell(environ)] if tell else [environ.get(key, '-') for key in keys]
        text = '|'.join('%s' % (value,) for value in values)
        return [text if PY2 else text.encode('latin-1')]
    return app



def test_a_login_is_told_with_its_type():
    environs = Environs(Settings(), None)
    made = request(b'/')
    made.transport = FakeTransport(VirtualLoop())
    assert 'REMOTE_USER' not in environs.of(made)
    made.user = u'ann'
    made.auth_type = b'Digest'
    environ = environs.of(made)
    assert (environ['REMOTE_USER'], environ['AUTH_TYPE']) == ('ann', 'Digest')


# -- environ Variables -----------------------------------------------------------------------------
# variables, request target, more fields of the request, their values
VARIABLES = [
    (('REQUEST_METHOD',), b'/', (), b'GET'),
    (('SCRIPT_NAME', 'PATH_INFO'), b'/', (), b'|/'),
    (('PATH_INFO',), b'/a%20b', (), b'/a b'),
    (('PATH_INFO',), b'/a%2Fb', (), b'/a/b'),
    (('PATH_INFO',), b'/%C3%A9', (), b'/\xc3\xa9'),
    (('PATH_INFO',), b'/a/../b', (), b'/a/../b'),
    (('PATH_INFO',), b'http://h.example/x', (), b'/x'),
    (('QUERY_STRING',), b'/', (), b''),
    (('QUERY_STRING',), b'/?a=%20&b', (), b'a=%20&b'),
    (('CONTENT_TYPE', 'CONTENT_LENGTH'), b'/', (), b'-|-'),
    (('CONTENT_TYPE',), b'/', (b'Content-Type: text/x',), b'text/x'),
    (('SERVER_NAME',), b'/', (), b'127.0.0.1'),
    (('SERVER_PROTOCOL',), b'/', (), b'HTTP/1.1'),
    (('HTTP_HOST',), b'/', (), b'h.example'),
    (('HTTP_X_Y',), b'/', (b'X-Y: 1',), b'1'),
    (('HTTP_X_Y',), b'/', (b'X_Y: 1',), b'-'),
    (('HTTP_X_Y',), b'/', (b'X-Y: 1', b'x-y: 2'), b'1, 2'),
    (('HTTP_X_Y',), b'/', (b'X-Y: 1', b'X_Y: 2'), b'1'),
    (('HTTP_COOKIE',), b'/', (b'Cookie: a=1', b'Cookie: b=2'), b'a=1; b=2'),
    (('HTTP_PROXY',), b'/', (b'Proxy: http://x',), b'-'),
    (('HTTP_CONTENT_TYPE',), b'/', (b'Content-Type: a/b',), b'-'),
    (('HTTP_X',), b'/', (b'X: \xe9',), b'\xe9'),
    (('REMOTE_ADDR',), b'/', (), b'127.0.0.1'),
    (('REQUEST_URI',), b'/a%2Fb?c', (), b'/a%2Fb?c'),
    (('wsgi.version', 'wsgi.url_scheme'), b'/', (), b'(1, 0)|http'),
    (('wsgi.multithread', 'wsgi.multiprocess', 'wsgi.run_once'), b'/', (), b'True|False|False'),
    (('wsgi.input_terminated',), b'/', (), b'True'),
]


@pytest.mark.parametrize('keys, target, fields, values', VARIABLES, ids=short)
def test_the_environ_has_the_variable(serve, keys, target, fields, values):
    assert serve(_told(None, *keys)).ask(target, fields=fields).body == values


def test_the_server_port_is_a_string_of_digits(serve):
    served = serve(_told(None, 'SERVER_PORT'))
    assert served.ask().body == b'%d' % served.listener.address.port


def test_the_environ_is_a_plain_dict(serve):
    answer = serve(_told(lambda environ: type(environ) is dict)).ask()
    assert answer.body == b'True'


def test_all_variables_of_cgi_are_native_strings(serve):
    def strange(environ):
        return [key for key, value in environ.items()
                if not key.startswith('wsgi.') and type(value) is not str]

    assert serve(_told(strange)).ask(b'/a?b', fields=[b'X: y']).body == b'[]'


def test_an_environ_is_not_shared_between_requests(serve):
    def app(environ, start_response):
        start_response('200 OK', list(PLAIN))
        seen = environ.get('HTTP_SEEN', '-')
        environ['HTTP_SEEN'] = 'yes'
        return [seen.encode('ascii')]

    served = serve(app)
    assert [served.ask().body for _ in range(3)] == [b'-', b'-', b'-']


def test_http_1_0_is_named_as_such(serve):
    answer = serve(_told(None, 'SERVER_PROTOCOL')).ask(version=b'1.0')
    assert answer.body == b'HTTP/1.0'


@pytest.mark.parametrize('target, script, rest', [
    (b'/app', b'/app', b''), (b'/app/', b'/app', b'/'), (b'/app/x', b'/app', b'/x'),
    (b'/other', b'/app', b'/other')])
def test_a_script_name_is_taken_from_the_path(serve, target, script, rest):
    answer = serve(_told(None, 'SCRIPT_NAME', 'PATH_INFO'), script_name=b'/app').ask(target)
    assert answer.body == script + b'|' + rest


# -- Input and Error Streams -----------------------------------------------------------------------
# what is called, a body, what it gives
READS = [
    (lambda source: source.read(), b'abc', b'abc'),
    (lambda source: source.read(2), b'abc', b'ab'),
    (lambda source: source.read(9), b'abc', b'abc'),
    (lambda source: source.read(0), b'abc', b''),
    (lambda source: source.read(3) + source.read(), b'abc', b'abc'),
    (lambda source: source.readline(), b'a\nb\n', b'a\n'),
    (lambda source: source.readline(1), b'abc\n', b'a'),
    (lambda source: b'|'.join(source.readlines()), b'a\nb', b'a\n|b'),
    (lambda source: b'|'.join(source), b'a\nb', b'a\n|b'),
    (lambda source: source.read(), b'', b''),
]


@pytest.mark.parametrize('collected', [65536, 0], ids=['collected', 'streamed'])
@pytest.mark.parametrize('read, body, found', READS, ids=short)
def test_the_input_reads(serve, collected, read, body, found):
    def app(environ, start_response):
        start_response('200 OK', list(PLAIN))
        return [read(environ['wsgi.input'])]

    answer = serve(app, collected_bytes=collected).ask(method=b'POST', body=body)
    assert answer.body == found


def test_lines_for_the_errors_are_logged(serve, expect_log):
    records = expect_log('trouble')

    def app(environ, start_response):
        start_response('200 OK', list(PLAIN))
        environ['wsgi.errors'].write('trou')
        environ['wsgi.errors'].writelines(['ble\n'])
        environ['wsgi.errors'].flush()
        return []

    serve(app).ask()
    assert [record.getMessage() for record in records] == ['trouble']


# -- The start_response() Callable -----------------------------------------------------------------
# status, headers: what must not be given
REFUSED = [
    (u'200 OK' if PY2 else b'200 OK', []),
    ('OK', []),
    ('99 Low', []),
    ('100 Continue', []),
    ('600 High', []),
    ('2000 OK', []),
    (200, []),
    ('200 OK', ()),
    ('200 OK', None),
    ('200 OK', [['A', 'b']]),
    ('200 OK', [('A',)]),
    ('200 OK', [('A', 1)]),
    ('200 OK', [('A b', 'c')]),
    ('200 OK', [('', 'c')]),
    ('200 OK', [('A:', 'c')]),
    ('200 OK', [('A', 'b\r\nC: d')]),
    ('200 OK', [('A', 'b\n')]),
    ('200 OK', [('A', '\0')]),
    ('200 OK', [('Connection', 'close')]),
    ('200 OK', [('Keep-Alive', '5')]),
    ('200 OK', [('Transfer-Encoding', 'chunked')]),
    ('200 OK', [('Upgrade', 'x')]),
    ('200 OK', [('Status', '200')]),
    ('200 OK', [('Content-Length', '-1')]),
    ('200 OK', [('Content-Length', '1'), ('Content-Length', '1')]),
]


@pytest.mark.parametrize('status, headers', REFUSED, ids=short)
def test_a_wrong_start_is_500(serve, expect_log, status, headers):
    expect_log('the application failed on')

    def app(environ, start_response):
        start_response(status, headers)
        return [b'x']

    assert serve(app).ask().status == 500


def test_a_second_start_without_exc_info_is_500(serve, expect_log):
    expect_log('the application failed on')

    def app(environ, start_response):
        start_response('200 OK', [])
        start_response('200 OK', [])
        return [b'x']

    assert serve(app).ask().status == 500


def test_a_second_start_with_exc_info_replaces_the_first(serve):
    def app(environ, start_response):
        start_response('200 OK', [('X', '1')])
        try:
            raise ValueError('known')
        except ValueError:
            start_response('503 Later', [('Y', '2')], sys.exc_info())
        return [b'later']

    answer = serve(app).ask()
    assert answer.status == 503
    assert b'x' not in answer.fields
    assert answer.fields[b'y'] == b'2'


def test_exc_info_behind_the_head_is_raised_again(serve, expect_log):
    records = expect_log('the application failed on')

    def app(environ, start_response):
        start_response('200 OK', [])
        yield b'begun'
        try:
            raise ValueError('late')
        except ValueError:
            start_response('500 No', [], sys.exc_info())
        yield b'never'

    heard = serve(app).raw(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert b'never' not in heard
    assert records[0].exc_info[0] is ValueError


def test_headers_are_not_sent_before_the_first_octets(serve):
    def app(environ, start_response):
        start_response('200 OK', [])
        yield b''
        try:
            raise ValueError('known')
        except ValueError:
            start_response('404 Not Found', [], sys.exc_info())
        yield b'none'

    assert serve(app).ask().status == 404


def test_start_may_be_called_at_the_first_piece(serve):
    def app(environ, start_response):
        def pieces():
            start_response('200 OK', [])
            yield b'x'
        return pieces()

    assert serve(app).ask().body == b'x'


def test_an_empty_iterable_needs_a_start(serve, expect_log):
    expect_log('the application failed on')
    assert serve(lambda environ, start: iter(())).ask().status == 500


# -- Handling the Content-Length Header ------------------------------------------------------------
def _with_length(length, pieces):
    def app(environ, start_response):
        start_response('200 OK', [('Content-Length', length)])
        return pieces(environ, start_response) if callable(pieces) else pieces
    return app


def test_a_list_of_one_gets_a_length(serve):
    answer = serve(_told(None, 'REQUEST_METHOD')).ask()
    assert answer.fields[b'content-length'] == b'3'


def test_a_body_of_unknown_length_is_chunked(serve):
    def app(environ, start_response):
        start_response('200 OK', [])
        return iter([b'a', b'b'])

    answer = serve(app).ask()
    assert answer.fields[b'transfer-encoding'] == b'chunked'
    assert answer.body == b'ab'


def test_a_body_of_unknown_length_ends_with_the_connection_in_http_1_0(serve):
    def app(environ, start_response):
        start_response('200 OK', [])
        return iter([b'a', b'b'])

    answer = serve(app).ask(version=b'1.0')
    assert b'transfer-encoding' not in answer.fields
    assert answer.body == b'ab'


@pytest.mark.parametrize('pieces', [[b'ab', b'c'], iter([b'ab', b'c'])], ids=['list', 'iterator'])
def test_a_length_is_sent_as_given(serve, pieces):
    answer = serve(_with_length('3', pieces)).ask()
    assert answer.fields[b'content-length'] == b'3'
    assert answer.body == b'abc'


@pytest.mark.parametrize('pieces', [[b'abcd'], [b'ab', b'cd']], ids=short)
def test_no_octet_is_sent_beyond_the_length(serve, expect_log, pieces):
    expect_log('the application failed')
    heard = serve(_with_length('3', iter(pieces))).raw(
        b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    assert b'cd' not in heard


def test_a_body_that_ends_before_its_length_cuts_the_connection(serve, expect_log):
    records = expect_log('the application failed on')
    heard = serve(_with_length('9', iter([b'a', b'b']))).raw(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert heard.endswith(b'\r\n\r\nab')
    assert len(records) == 1


@pytest.mark.parametrize('status', ['204 No Content', '304 Not Modified'])
@pytest.mark.parametrize('headers', [[], [('Content-Length', '0')]], ids=short)
def test_a_status_without_a_body_has_none(serve, status, headers):
    def app(environ, start_response):
        start_response(status, headers)
        return [b''] if headers else []

    heard = serve(app).raw(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    assert heard.endswith(b'\r\n\r\n')


# -- Buffering and Streaming, the write() Callable -------------------------------------------------
def test_written_octets_come_before_those_of_the_iterable(serve):
    def app(environ, start_response):
        write = start_response('200 OK', [])
        write(b'a')
        write(b'b')
        return [b'c']

    assert serve(app).ask().body == b'abc'


def test_write_takes_bytes_alone(serve, expect_log):
    expect_log('the application failed on')

    def app(environ, start_response):
        start_response('200 OK', [])(u'text')
        return []

    assert serve(app).ask().status == 500


def test_each_piece_is_sent_before_the_next_is_asked_for(serve):
    """An application may wait for its client to answer a piece."""
    served = serve(None)
    client = served.connect()

    def app(environ, start_response):
        start_response('200 OK', [])
        yield b'first'
        while b'first' not in client.heard:
            pass
        yield b'second'

    served.application.app = app
    client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    served.wait(client.over)
    assert b'second' in client.heard


def test_close_is_called_at_the_end(serve):
    class Pieces(object):
        closed = False

        def __iter__(self):
            return iter([b'a'])

        def close(self):
            self.closed = True

    pieces = Pieces()

    def app(environ, start_response):
        start_response('200 OK', [])
        return pieces

    served = serve(app)
    assert served.ask().body == b'a'
    served.until(lambda: pieces.closed)
    assert pieces.closed


def test_close_is_called_behind_a_failure(serve, expect_log):
    expect_log('the application failed on')

    class Pieces(object):
        closed = False

        def __iter__(self):
            raise ValueError('no pieces')

        def close(self):
            self.closed = True

    pieces = Pieces()

    def app(environ, start_response):
        start_response('200 OK', [])
        return pieces

    assert serve(app).ask().status == 500
    assert pieces.closed


# -- Thread Support --------------------------------------------------------------------------------
def test_one_thread_is_no_multithread(serve):
    served = serve(_told(None, 'wsgi.multithread'), threads=1)
    assert served.ask().body == b'False'


def test_threads_are_shared_by_applications_that_are_told_so():
    served = Served(_told(None, 'REQUEST_METHOD'))
    other = WSGIApplication(None, served.loop, Settings(), served.application.workers)
    other.close()
    assert served.ask().body == b'GET'
    served.close()
