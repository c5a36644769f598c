# Copyright the carryall authors.  See LICENSE.
"""An application behind another server: requests of variables, answers as a program gives them."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import ConnectionLost
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.cgi import CGIError, request_of
from carryall.protocols.cgi.responder import Exchange
from carryall.protocols.http import FileBody, HTTPError, Response, Upgrade
from tests.protocols.http.ids import short

VARIABLES = {b'REQUEST_METHOD': b'GET', b'REQUEST_URI': b'/a%20b?c=d', b'SCRIPT_NAME': b'',
             b'PATH_INFO': b'/a b', b'QUERY_STRING': b'c=d', b'SERVER_PROTOCOL': b'HTTP/1.1',
             b'HTTP_HOST': b'www.example', b'HTTP_ACCEPT_LANGUAGE': b'de', b'HTTP_PROXY': b'evil',
             b'REMOTE_ADDR': b'192.0.2.7', b'REMOTE_PORT': b'4711', b'SERVER_ADDR': b'192.0.2.1',
             b'SERVER_PORT': b'80', b'REMOTE_USER': b'ann', b'AUTH_TYPE': b'Digest',
             b'CONTENT_TYPE': b'a/b', b'CONTENT_LENGTH': b'5'}


def variables(**changes):
    """VARIABLES with changes; None takes one away."""
    found = dict(VARIABLES)
    for name, value in changes.items():
        key = name.encode('ascii')
        if value is None:
            del found[key]
        else:
            found[key] = value
    return found


@pytest.mark.parametrize('name, value', [
    ('method', b'GET'), ('target', b'/a%20b?c=d'), ('path', b'/a%20b'), ('query', b'c=d'),
    ('version', (1, 1)), ('host', b'www.example'), ('length', 5), ('scheme', b'http'),
    ('peer', ('192.0.2.7', 4711)), ('here', ('192.0.2.1', 80)), ('user', u'ann'),
    ('auth_type', b'Digest'), ('tls', None)])
def test_a_request_has_what_the_variables_say(name, value):
    assert getattr(request_of(VARIABLES), name) == value


@pytest.mark.parametrize('name, value', [
    (b'accept-language', b'de'), (b'content-type', b'a/b'), (b'content-length', b'5'),
    (b'proxy', None)])
def test_a_request_has_the_fields_of_the_variables(name, value):
    assert request_of(VARIABLES).headers.get(name) == value


@pytest.mark.parametrize('name', [b'content-type', b'content-length'])
def test_a_field_that_is_told_twice_is_there_once(name):
    twice = variables(HTTP_CONTENT_TYPE=b'c/d', HTTP_CONTENT_LENGTH=b'7')
    assert request_of(twice).headers.get(name) == request_of(VARIABLES).headers.get(name)


def test_https_is_a_variable():
    assert request_of(variables(HTTPS=b'on')).scheme == b'https'


@pytest.mark.parametrize('changes, target', [
    ({'REQUEST_URI': None}, b'/a%20b?c=d'),
    ({'REQUEST_URI': None, 'SCRIPT_NAME': b'/app', 'QUERY_STRING': b''}, b'/app/a%20b'),
    ({'REQUEST_URI': b'http://h/x'}, b'http://h/x'), ({'REQUEST_URI': b'*'}, b'*')])
def test_the_target_is_that_of_the_client_or_made_of_the_parts(changes, target):
    assert request_of(variables(**changes)).target == target


@pytest.mark.parametrize('changes', [
    {'REQUEST_METHOD': None}, {'CONTENT_LENGTH': b'x'}, {'CONTENT_LENGTH': b'-1'},
    {'REQUEST_URI': b'/a b'}, {'REQUEST_URI': b'/\xe9'}, {'REQUEST_URI': b'/a\r\nb'}])
def test_variables_that_no_request_has_are_refused(changes):
    with pytest.raises(CGIError) as caught:
        request_of(variables(**changes))
    assert caught.value.code == 400


class Behind(object):
    """One exchange, and what came out of it."""

    def __init__(self, app, **changes):
        self.loop = VirtualLoop()
        self.out = []
        self.ends = []
        self.wanted = 0
        self.exchange = Exchange(app, self.loop, self.out.append, self.ends.append, self._want)
        self.exchange.begin(variables(**changes))

    def _want(self):
        self.wanted += 1

    def said(self):
        """The answer so far."""
        return b''.join(self.out)


@pytest.mark.parametrize('response, answer', [
    (Response(200, body=b'hello'), b'Status: 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
    (Response(404, [(b'X-Own', b'y')]),
     b'Status: 404 Not Found\r\nX-Own: y\r\nContent-Length: 0\r\n\r\n'),
    (Response(200, body=[b'a', b'', b'b']), b'Status: 200 OK\r\n\r\nab'),
    (Response(200, body=FileBody(io.BytesIO(b'0123456789'), 2, 5)),
     b'Status: 200 OK\r\nContent-Length: 5\r\n\r\n23456'),
    (Response(204), b'Status: 204 No Content\r\n\r\n'),
    (Response(200, [(b'Connection', b'close'), (b'Content-Length', b'1')], [b'x']),
     b'Status: 200 OK\r\nContent-Length: 1\r\n\r\nx'),
    (Upgrade(None), b'Status: 501 Not Implemented\r\nContent-Type: text/plain\r\n'
                    b'Content-Length: 20\r\n\r\n501 Not Implemented\n')], ids=short)
def test_a_response_becomes_an_answer(response, answer):
    behind = Behind(lambda request: response)
    behind.loop.advance(0.1)
    assert behind.said() == answer
    assert behind.ends == [None]


def test_a_head_request_gets_the_length_alone():
    behind = Behind(lambda request: Response(200, body=b'hello'), REQUEST_METHOD=b'HEAD')
    assert behind.said() == b'Status: 200 OK\r\nContent-Length: 5\r\n\r\n'


def test_a_response_may_come_later():
    later = Future()
    behind = Behind(lambda request: later)
    assert behind.said() == b''
    later.set_result(Response(200, body=b'x'))
    assert behind.said().endswith(b'\r\n\r\nx')


def _refuse(request):
    raise HTTPError('no', reply=403)


def test_a_refusal_has_its_status():
    assert Behind(_refuse).said().startswith(b'Status: 403 ')


@pytest.mark.parametrize('app', [
    lambda request: 1 // 0, lambda request: u'text',
    lambda request: Response(200, [(b'X', b'a\r\nSet-Cookie: b=c')]),
    lambda request: Response(200, [(b'Content-Length', b'1')], b'hello')],
    ids=['raises', 'no response', 'a field of two lines', 'another length'])
def test_an_application_that_fails_is_500(app, expect_log):
    expect_log('the application failed')
    assert Behind(app).said().startswith(b'Status: 500 ')


def test_variables_that_no_request_has_are_answered():
    behind = Behind(lambda request: Response(200), CONTENT_LENGTH=b'x')
    assert behind.said().startswith(b'Status: 400 ')
    assert behind.ends == [None]


def test_the_application_reads_the_body_as_it_comes():
    behind = Behind(lambda request: request.body.read_all(100).then(
        lambda data: Response(200, body=data[::-1])))
    assert behind.wanted
    assert behind.exchange.feed(b'he')
    assert behind.exchange.feed(b'llo')
    assert behind.said().endswith(b'\r\n\r\nolleh')


def test_a_body_that_is_too_long_is_told():
    behind = Behind(lambda request: Future())
    assert not behind.exchange.feed(b'hello!')


def test_a_body_that_ends_early_breaks():
    later = Future()
    behind = Behind(lambda request: later)
    behind.exchange.feed(b'he')
    assert not behind.exchange.end()
    assert later.cancelled()
    assert behind.said() == b''


def test_a_body_that_ends_in_time_changes_nothing():
    behind = Behind(lambda request: Future())
    behind.exchange.feed(b'hello')
    assert behind.exchange.end()


def test_the_answer_pauses():
    behind = Behind(lambda request: Future())
    assert not behind.exchange.is_full(1)
    pieces = iter([b'a', b'b', b'c'])
    behind = Behind(lambda request: Future())
    behind.exchange.pause()
    behind.exchange._pending.set_result(Response(200, body=pieces))
    behind.loop.advance(1.0)
    assert b'a' not in behind.said()[20:]
    behind.exchange.resume()
    assert behind.said().endswith(b'abc')


def test_an_exchange_that_is_stopped_cancels_the_application():
    later = Future()
    lost = []

    def app(request):
        """Waits for ever."""
        request.lost.add_done_callback(lost.append)
        return later

    behind = Behind(app)
    behind.exchange.stop(ConnectionLost(u'gone'))
    assert later.cancelled()
    assert lost
    assert behind.ends == []


def test_a_body_of_the_answer_that_fails_is_told(expect_log):
    expect_log('the application failed')

    def pieces():
        """Fails behind the first piece."""
        yield b'begun'
        raise ZeroDivisionError('no')

    behind = Behind(lambda request: Response(200, body=pieces()))
    behind.loop.advance(0.1)
    assert isinstance(behind.ends[0], ZeroDivisionError)
