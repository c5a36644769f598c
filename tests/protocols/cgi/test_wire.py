# Copyright the carryall authors.  See LICENSE.
"""The answers of programs: each response type of RFC 3875 section 6, and what is none."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.cgi import AnswerReader, CGIError
from carryall.protocols.cgi.wire import (CLIENT_REDIRECT, DOCUMENT, LOCAL_REDIRECT,
                                         REDIRECT_WITH_DOCUMENT)
from tests.protocols.http.ids import short


def read(data, step=0, **limits):
    """(AnswerHead, body) of an output that comes in steps of so many octets."""
    reader = AnswerReader(**limits)
    body = b''
    for place in range(0, len(data), step or len(data) or 1):
        body += reader.receive_data(data[place:place + (step or len(data))])
    reader.receive_eof()
    return reader.head, body


@pytest.mark.parametrize('step', [0, 1, 2, 3, 7])
@pytest.mark.parametrize('data, kind, status, body', [
    (b'Content-Type: text/plain\n\nhello', DOCUMENT, 200, b'hello'),
    (b'Content-Type: text/plain\r\n\r\nhello', DOCUMENT, 200, b'hello'),
    (b'Content-Type: text/plain\r\n\nhello', DOCUMENT, 200, b'hello'),
    (b'Content-Type: text/plain\n\r\nhello', DOCUMENT, 200, b'hello'),
    (b'Content-Type: text/plain\n\n', DOCUMENT, 200, b''),
    (b'Content-Type: text/plain\n\n\nx\r\n\r\n', DOCUMENT, 200, b'\nx\r\n\r\n'),
    (b'status: 404 Not Found\nContent-type:a/b\n\nx', DOCUMENT, 404, b'x'),
    (b'Status: 204\n\n', DOCUMENT, 204, b''),
    (b'Location: /other?a=b\n\n', LOCAL_REDIRECT, 200, b''),
    (b'Location: http://h/x\n\n', CLIENT_REDIRECT, 302, b''),
    (b'Location: //h/x\n\n', CLIENT_REDIRECT, 302, b''),
    (b'Location: /\\h/x\n\n', CLIENT_REDIRECT, 302, b''),
    (b'Location: http://h/x\nContent-Type: a/b\n\nx', REDIRECT_WITH_DOCUMENT, 302, b'x'),
    (b'Status: 301 Moved\nLocation: http://h/x\nContent-Type: a/b\n\nx', REDIRECT_WITH_DOCUMENT,
     301, b'x'),
    (b'Status: 302 Found\nLocation: /x\n\n', REDIRECT_WITH_DOCUMENT, 302, b''),
    (b'HTTP/1.1 201 Created\r\nX: y\r\n\r\nz', DOCUMENT, 201, b'z'),
    (b'HTTP/1.0 200\n\nz', DOCUMENT, 200, b'z')], ids=short)
def test_an_answer_has_a_kind_a_status_and_a_body(data, kind, status, body, step):
    """RFC 3875 sections 6.2.1 to 6.2.4, and 5 for a whole response of HTTP."""
    head, found = read(data, step)
    assert (head.kind, head.status, found) == (kind, status, body)


@pytest.mark.parametrize('data', [
    b'', b'\n', b'\r\n\r\n', b'Content-Type: a/b', b'Content-Type: a/b\n', b'X: y\n\nbody',
    b'no field\n\n', b'Content-Type: a/b\n folded\n\n', b'Bad name: x\nStatus: 200\n\n',
    b'Status: 99\n\n', b'Status: 100\n\n', b'Status: 600\n\n', b'Status: abc\n\n',
    b'Status: 2000\n\n', b'Status:\n\n', b'Status: 200\nStatus: 404\n\n',
    b'HTTP/1.1 200 OK\nStatus: 404\n\n', b'HTTP/1.1\n\n', b'HTTP/1.1 x\n\n',
    b'Content-Type: a/b\nContent-Type: c/d\n\n', b'Location: /a\nLocation: /b\n\n',
    b'Content-Length: 1\nContent-Length: 2\nStatus: 200\n\n', b'Location:\n\n',
    b'Content-Length: x\nStatus: 200\n\n', b'Content-Length: -1\nStatus: 200\n\n',
    b'Status: 200\nX: a\rb\n\n', b'Status: 200\nX: a\0b\n\n', b'<html>not a header</html>\n\n',
    b': x\nStatus: 200\n\n'], ids=short)
def test_a_malformed_answer_is_a_bad_gateway(data):
    with pytest.raises(CGIError) as caught:
        read(data)
    assert caught.value.code == 502


def test_fields_of_the_connection_are_dropped():
    """RFC 3875 section 6.3.4: these are the server's."""
    head, _ = read(b'Status: 200\nConnection: close\nTransfer-Encoding: chunked\nUpgrade: x\n'
                   b'Keep-Alive: 1\nTE: x\nTrailer: y\nX-Own: kept\n\n')
    assert list(head.headers) == [(b'X-Own', b'kept')]


def test_other_fields_are_kept_in_order():
    head, _ = read(b'Set-Cookie: a=1\nStatus: 200\nSet-Cookie: b=2\nX-Own:   text  \n\n')
    assert list(head.headers) == [(b'Set-Cookie', b'a=1'), (b'Set-Cookie', b'b=2'),
                                  (b'X-Own', b'text')]


def test_a_local_redirect_tells_the_location():
    assert read(b'Location: /a/b?c=d\nContent-Length: 0\n\n')[0].location == b'/a/b?c=d'


@pytest.mark.parametrize('more, fits', [(0, True), (1, False)])
def test_the_header_has_a_limit_in_octets(more, fits):
    data = b'Status: 200\nX: ' + b'x' * (100 - 15 + more) + b'\n\nbody'
    if fits:
        assert read(data, header_bytes=100)[1] == b'body'
        return
    with pytest.raises(CGIError):
        read(data, header_bytes=100)


def test_a_header_without_an_end_is_refused_at_the_limit():
    reader = AnswerReader(header_bytes=100)
    reader.receive_data(b'X: ' + b'x' * 97)
    with pytest.raises(CGIError):
        reader.receive_data(b'x')


@pytest.mark.parametrize('count, fits', [(5, True), (4, False)])
def test_the_header_has_a_limit_in_fields(count, fits):
    data = b'Status: 200\n' + b'X: y\n' * 4 + b'\n'
    if fits:
        assert len(read(data, header_count=count)[0].headers) == 4
        return
    with pytest.raises(CGIError):
        read(data, header_count=count)
