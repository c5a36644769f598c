# Copyright the carryall authors.  See LICENSE.
"""ASGI 3 as a table: each row is a rule of its HTTP format, and what an application or its client
sees.
"""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import LocalProtocolError
from tests.protocols.http.ids import short
from tests.services.asgi.asgikit_py3 import START, answer


def _told(*keys):
    """An application that answers with parts of its scope."""
    async def app(scope, receive, send):
        await answer(send, '|'.join(repr(scope.get(key)) for key in keys).encode('utf-8'))
    return app


# -- the connection scope --------------------------------------------------------------------------
# keys, request target, more fields of the request, their values
SCOPES = [
    (('type', 'method'), b'/', (), "'http'|'GET'"),
    (('asgi',), b'/', (), "{'version': '3.0', 'spec_version': '2.5'}"),
    (('http_version', 'scheme'), b'/', (), "'1.1'|'http'"),
    (('path', 'raw_path'), b'/', (), "'/'|b'/'"),
    (('path', 'raw_path'), b'/a%20b', (), "'/a b'|b'/a%20b'"),
    (('path', 'raw_path'), b'/a%2Fb', (), "'/a/b'|b'/a%2Fb'"),
    (('path',), b'/%C3%A9', (), "'\xe9'"),
    (('path',), b'/%FF', (), "'/\ufffd'"),
    (('path', 'raw_path'), b'/a/../b', (), "'/a/../b'|b'/a/../b'"),
    (('path', 'raw_path'), b'http://h.example/x?y', (), "'/x'|b'/x'"),
    (('query_string',), b'/?a=%20', (), "b'a=%20'"),
    (('query_string',), b'/', (), "b''"),
    (('root_path',), b'/', (), "''"),
    (('headers',), b'/', (b'X-A: 1', b'x-a: 2'),
     "[(b'host', b'h.example'), (b'connection', b'close'), (b'x-a', b'1'), (b'x-a', b'2')]"),
]


@pytest.mark.parametrize('keys, target, fields, values', SCOPES, ids=short)
def test_the_scope_has_the_value(serve_asgi, keys, target, fields, values):
    body = serve_asgi(_told(*keys)).ask(target, fields=fields).body.decode('utf-8')
    assert body.replace("'/\xe9'", "'\xe9'") == values


def test_the_scope_has_both_ends(serve_asgi):
    served = serve_asgi(_told('client', 'server'))
    client, server = served.ask().body.decode('ascii').split('|')
    assert client.startswith("('127.0.0.1', ")
    assert server == "('127.0.0.1', %d)" % served.listener.address.port


def test_the_root_path_leads_the_path(serve_asgi):
    served = serve_asgi(_told('path', 'raw_path', 'root_path'), root_path='/api')
    assert served.ask(b'/x').body == b"'/api/x'|b'/api/x'|'/api'"


def test_a_scope_is_not_shared_between_requests(serve_asgi):
    async def app(scope, receive, send):
        seen = len(scope['headers'])
        scope['headers'].append((b'x', b'y'))
        scope['extensions']['x'] = {}
        await answer(send, b'%d' % seen)

    served = serve_asgi(app)
    assert served.ask().body == served.ask().body


def test_http_1_0_is_named_as_such(serve_asgi):
    assert serve_asgi(_told('http_version')).ask(version=b'1.0').body == b"'1.0'"


# -- request events --------------------------------------------------------------------------------
async def _echo(scope, receive, send):
    body = b''
    while True:
        message = await receive()
        assert message['type'] == 'http.request', message
        body += message['body']
        if not message['more_body']:
            break
    await answer(send, body)


@pytest.mark.parametrize('length', [0, 1, 65536, 900000])
def test_a_body_of_any_length_is_received(serve_asgi, length):
    assert serve_asgi(_echo).ask(method=b'POST', body=b'x' * length).body == b'x' * length


def test_a_chunked_body_is_received(serve_asgi):
    data = (b'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
            b'3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n')
    assert serve_asgi(_echo).raw(data).endswith(b'\r\n\r\nabcde')


def test_http_disconnect_follows_the_response(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        await receive()
        await answer(send, b'x')
        seen.append(await receive())

    served = serve_asgi(app)
    served.ask()
    served.until(lambda: seen)
    assert seen == [{'type': 'http.disconnect'}]


# -- response events -------------------------------------------------------------------------------
def _sending(*messages):
    async def app(scope, receive, send):
        for message in messages:
            await send(message)
    return app


def _body(data=b'', **more):
    return dict({'type': 'http.response.body', 'body': data}, **more)


RESPONSES = [
    ([START, _body(b'x')], b'x'),
    ([START, {'type': 'http.response.body'}], b''),
    ([START, _body(bytearray(b'x'))], b'x'),
    ([START, _body(memoryview(b'x'))], b'x'),
    ([START, _body(b'a', more_body=True), _body(b'b')], b'ab'),
    ([START, _body(b'', more_body=True), _body(b'b', more_body=True), _body()], b'b'),
    ([dict(START, headers=[[b'content-length', b'2']]), _body(b'ab')], b'ab'),
    ([dict(START, headers=[(b'content-length', b'2')]), _body(b'a', more_body=True), _body(b'b')],
     b'ab'),
    ([dict(START, headers=iter([(b'transfer-encoding', b'chunked')])), _body(b'ab')], b'ab'),
    ([{'type': 'http.response.start', 'status': 200}, _body(b'x')], b'x'),
]


@pytest.mark.parametrize('messages, body', RESPONSES, ids=short)
def test_the_body_is_sent(serve_asgi, messages, body):
    assert serve_asgi(_sending(*messages)).ask().body == body


def test_a_field_of_each_header_is_sent_in_order(serve_asgi):
    start = dict(START, headers=[(b'set-cookie', b'a=1'), (b'set-cookie', b'b=2')])
    heard = serve_asgi(_sending(start, _body())).raw(
        b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    assert b'set-cookie: a=1\r\nset-cookie: b=2\r\n' in heard


def test_head_gets_the_head_alone(serve_asgi):
    served = serve_asgi(_sending(dict(START, headers=[(b'content-length', b'3')]), _body(b'abc')))
    found = served.ask(method=b'HEAD')
    assert found.fields[b'content-length'] == b'3'
    assert found.body == b''


@pytest.mark.parametrize('status', [204, 304])
def test_a_status_without_a_body_has_none(serve_asgi, status):
    heard = serve_asgi(_sending(dict(START, status=status), _body(b'x'))).raw(
        b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    assert heard.endswith(b'\r\n\r\n')


WRONG = [
    [],
    [START],
    [_body()],
    [START, START],
    [dict(START, status='200'), _body()],
    [dict(START, status=100), _body()],
    [dict(START, headers=[('a', 'b')]), _body()],
    [dict(START, headers=[(b'a', b'b\r\nc: d')]), _body()],
    [dict(START, headers=[(b'a b', b'c')]), _body()],
    [START, _body('text')],
    [{'type': 'http.response.nothing'}],
    [dict(START, headers=[(b'content-length', b'9')]), _body(b'a')],
    [dict(START, headers=[(b'content-length', b'x')]), _body(b'a')],
]


@pytest.mark.parametrize('messages', WRONG, ids=short)
def test_a_wrong_response_is_500(serve_asgi, expect_log, messages):
    expect_log('the application failed on')
    assert serve_asgi(_sending(*messages)).ask().status == 500


LATE = [
    [START, _body(b'a', more_body=True)],
    [START, _body(b'a', more_body=True), _body('text')],
    [START, _body(b'a', more_body=True), START],
    [dict(START, headers=[(b'content-length', b'2')]), _body(b'a', more_body=True), _body(b'bc')],
    [dict(START, headers=[(b'content-length', b'9')]), _body(b'a', more_body=True), _body(b'b')],
]


@pytest.mark.parametrize('messages', LATE, ids=short)
def test_a_response_that_breaks_off_cuts_the_connection(serve_asgi, expect_log, messages):
    records = expect_log('the application failed on')
    heard = serve_asgi(_sending(*messages)).raw(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n')
    assert not heard.endswith(b'0\r\n\r\n')
    assert len(records) == 1


def test_a_message_behind_the_response_raises(serve_asgi):
    raised = []

    async def app(scope, receive, send):
        await answer(send, b'x')
        try:
            await send(_body(b'y'))
        except LocalProtocolError as exc:
            raised.append(str(exc))

    served = serve_asgi(app)
    assert served.ask().body == b'x'
    served.until(lambda: raised)
    assert raised == ['http.response.body cannot be sent now']


# -- extensions ------------------------------------------------------------------------------------
def test_trailers_are_sent_to_a_client_that_takes_them(serve_asgi):
    app = _sending(dict(START, trailers=True), _body(b'a'),
                   {'type': 'http.response.trailers', 'headers': [(b'x', b'1')],
                    'more_trailers': True},
                   {'type': 'http.response.trailers', 'headers': [(b'y', b'2')]})
    heard = serve_asgi(app).raw(
        b'GET / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n')
    assert heard.endswith(b'1\r\na\r\n0\r\nx: 1\r\ny: 2\r\n\r\n')


def test_trailers_are_not_sent_to_other_clients(serve_asgi):
    app = _sending(dict(START, trailers=True), _body(b'a'),
                   {'type': 'http.response.trailers', 'headers': [(b'x', b'1')]})
    heard = serve_asgi(app).raw(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    assert heard.endswith(b'1\r\na\r\n0\r\n\r\n')


@pytest.mark.parametrize('fields, known', [((), False), ((b'TE: trailers',), True)], ids=short)
def test_the_scope_names_trailers_if_the_client_takes_them(serve_asgi, fields, known):
    found = serve_asgi(_told('extensions')).ask(fields=fields).body
    assert (b'http.response.trailers' in found) == known


def test_early_hints_precede_the_response(serve_asgi):
    app = _sending({'type': 'http.response.early_hint', 'links': [b'</a>; rel=preload', b'</b>']},
                   START, _body(b'x'))
    heard = serve_asgi(app).raw(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    assert heard.startswith(b'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n'
                            b'Link: </b>\r\n\r\nHTTP/1.1 200 OK\r\n')


def test_a_client_of_http_1_0_gets_no_early_hints(serve_asgi):
    app = _sending({'type': 'http.response.early_hint', 'links': [b'</a>']}, START, _body(b'x'))
    assert serve_asgi(app).raw(b'GET / HTTP/1.0\r\n\r\n').startswith(b'HTTP/1.1 200 OK\r\n')


def test_a_path_is_sent(serve_asgi, tmpdir):
    path = os.path.join(str(tmpdir), 'file')
    with open(path, 'wb') as out:
        out.write(b'x' * 100000)
    found = serve_asgi(_sending(START, {'type': 'http.response.pathsend', 'path': path})).ask()
    assert found.fields[b'content-length'] == b'100000'
    assert found.body == b'x' * 100000


def test_a_path_that_is_missing_is_500(serve_asgi, expect_log, tmpdir):
    expect_log('the application failed on')
    path = os.path.join(str(tmpdir), 'missing')
    app = _sending(START, {'type': 'http.response.pathsend', 'path': path})
    assert serve_asgi(app).ask().status == 500
