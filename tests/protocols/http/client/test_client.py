# Copyright the carryall authors.  See LICENSE.
"""HTTPClient: retries, timeouts, limits, and against our own server."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import Cancelled, ConnectionLost, RemoteProtocolError, TimedOut
from carryall.core.testing import VirtualLoop
from carryall.protocols.http.client.client import HTTPClient, Timeouts
from carryall.protocols.http.client.clientconnection import NoAnswer
from carryall.protocols.http.client.settings import Settings
from tests.protocols.http.stage import settled
from carryall.protocols.http.message.response import Response
from carryall.protocols.http.server.httpsite import Site
from carryall.protocols.http.client.authorization import Login
from tests.protocols.http.client.client_kit import OK, World, reply

URL = 'http://host.example/'


def dying(then):
    """A server that answers once on each connection, and then only with *then*."""
    seen = []

    def answer(head):
        seen.append(head)
        return OK if len(seen) != 2 else then
    return answer


@pytest.mark.parametrize('how', [(b'', 'close'), (b'', 'abort')])
@pytest.mark.parametrize('method', ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
def test_a_dead_kept_connection_is_retried(method, how):
    """A kept connection that dies without an answer costs an idempotent request nothing."""
    world = World(dying(how))
    world.fetch()
    response = world.run(world.client.request(method, URL, body=b'x' if method == 'PUT' else b''))
    assert response.status == 200
    assert len(world.requests) == 3
    assert len(world.connections) == 2


@pytest.mark.parametrize('method,body,then', [
    ('POST', b'', (b'', 'close')),                      # not idempotent
    ('PATCH', b'', (b'', 'close')),
    ('PUT', iter([b'x']), (b'', 'close')),              # gone
    ('GET', b'', (b'HTTP/1.1 2', 'close')),             # something was heard
    ('GET', b'', (b'HTTP/1.1 100 C\r\n\r\n', 'abort')),
])
def test_a_request_with_effects_is_not_retried(method, body, then):
    """A request that may have had an effect, or that cannot be sent again, is not repeated."""
    world = World(dying(then))
    world.fetch()
    headers = [('Content-Length', '1')] if method == 'PUT' else []
    world.fails((ConnectionLost, RemoteProtocolError), method=method, body=body, headers=headers)
    assert len(world.requests) == 2


def test_no_retry_on_a_new_connection():
    """A server that never answers is asked once."""
    world = World(lambda head: None)
    world.fails(NoAnswer)
    assert len(world.requests) == 1


def test_the_second_try_is_the_last():
    """The second try is the last, and on a new connection."""
    answers = [OK, (b'', 'close'), (b'', 'close'), OK]
    world = World(answers)
    world.fetch()
    world.fails(NoAnswer)
    assert len(world.requests) == 3


def test_an_http_error_is_a_response():
    """An HTTP error is a response."""
    for status in (400, 404, 500, 503, 599):
        assert World([reply(status, b'x')]).fetch() == (status, b'x')


def test_the_total_timeout_covers_redirects_and_body():
    """Over redirects, head and body together; nothing is left."""
    for answer in (lambda head: (b'', 'wait'), lambda head: OK[:-1], lambda head: OK[:20]):
        world = World(answer)
        world.fails(TimedOut, timeouts=Timeouts(total=5.0, idle=None, first_byte=None))
        assert 1005.0 <= world.loop.now <= 1006.0
        assert len(world.client.pool) == 0


def test_timeouts_of_the_client():
    """Timeouts of the client count if a request brings none."""
    world = World(lambda head: (b'', 'wait'), timeouts=Timeouts(first_byte=3.0))
    world.fails(TimedOut)
    assert 1003.0 <= world.loop.now <= 1004.0


def test_cancelling_cuts_the_connection():
    """Cancelling cuts the connection, before and after the head."""
    world = World(lambda head: (b'', 'wait'))
    future = world.client.get(URL)
    world.loop.advance()
    future.cancel()
    world.loop.advance()
    assert isinstance(future.exception(), Cancelled)
    assert len(world.client.pool) == 0
    assert world.connections[0].transport.closed


def test_a_response_beyond_the_limits_is_refused():
    """A response beyond the limits is refused."""
    world = World([reply(200, b'x' * 11), reply(200, b'', (b'X', b'y' * 200))], body_bytes=10,
                  header_bytes=100)
    world.fails(RemoteProtocolError)
    world.fails(RemoteProtocolError)


def test_an_unread_download_stays_with_the_server():
    """Unread data of a download stays with the server."""
    world = World([reply(200, b'x' * 300000)], body_buffer_bytes=10000,
                  way='random 0 of seed 20020707')
    response = world.get()
    world.loop.advance()
    assert response._body.buffered < 10000 + 4096
    assert not world.connections[0].transport._far.reading
    assert len(world.body(response)) == 300000


# -- against our own server --------------------------------------------------
def served(app, **options):
    loop = VirtualLoop()
    site = Site(app, loop)
    listener = loop.listen_tcp(site, '127.0.0.1', 80)
    return loop, HTTPClient(loop, **settled(options, Settings)), listener


def ask(loop, future, maximum=1 << 24):
    response = loop.run_until(future)
    return response, loop.run_until(response.read_all(maximum))


def echo(request):
    return Response(200, [('X-Method', request.method)],
                    request.body if request.method == b'POST' else request.target)


def test_every_shape_of_body_passes_both_ways():
    """Every shape of body, both ways, on one connection."""
    loop, client, _ = served(echo)
    assert ask(loop, client.get('http://127.0.0.1/a?b'))[1] == b'/a?b'
    for body in (b'', b'x', b'y' * 300000):
        assert ask(loop, client.request('POST', 'http://127.0.0.1/', body=body))[1] == body
        pieces = [body[at:at + 7777] for at in range(0, len(body), 7777)]
        assert ask(loop, client.request('POST', 'http://127.0.0.1/', body=iter(pieces)))[1] == body
    response, body = ask(loop, client.request('HEAD', 'http://127.0.0.1/x'))
    assert response.headers.get('x-method') == b'HEAD'
    assert body == b''
    assert len(client.pool) == 1


def test_own_server_relay():
    """The body of a response is the body of the next request: it streams through."""
    loop, client, _ = served(lambda request: Response(200, body=request.body) if request.method
                             == b'POST' else
                             Response(200, body=[b'x' * 50000] * 20))
    first = loop.run_until(client.get('http://127.0.0.1/'))
    assert ask(loop, client.request('POST', 'http://127.0.0.1/', body=first))[1] == b'x' * 1000000


def test_the_kept_connection_of_a_server_that_drains_is_given_up():
    loop = VirtualLoop()
    site = Site(echo, loop)
    made = []

    def make():
        made.append(site())
        return made[-1]

    loop.listen_tcp(make, '127.0.0.1', 80)
    client = HTTPClient(loop)
    ask(loop, client.get('http://127.0.0.1/'))
    assert len(client.pool) == 1
    made[0].drain()
    loop.advance()
    assert len(client.pool) == 0


# Answers beyond the grammar, the status that is meant, and the tolerance that takes them.
ODD = [
    (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2  \r\nok\r\n0 \t\r\n\r\n', 200,
     'chunk_padding'),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok', 200, 'same_lengths'),
    (b'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok', 200, 'same_lengths'),
    (b'HTTP/1.1 999 Request denied\r\nContent-Length: 2\r\n\r\nok', 999, 'odd_status'),
    (b'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', 200, 'bare_status'),
    (b'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok', 200, 'obs_fold')]


@pytest.mark.parametrize('answer, status, leniency', ODD)
def test_known_deviations_of_servers_are_accepted(answer, status, leniency):
    for way in ('whole', 'by 1', 'by 7'):
        assert World([answer], way).fetch() == (status, b'ok')
    World([answer], settings=Settings().strict()).fails(RemoteProtocolError)
    World([answer], **{leniency: False}).fails(RemoteProtocolError)


@pytest.mark.parametrize('answer', [
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
    b'HTTP/1.1 200 OK\r\nContent-Length: 2, 02\r\n\r\nok',
    b'HTTP/1.1 200 OK\r\nContent-Length: 2,\r\n\r\nok',
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok',
    b'HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\nok',
    b'HTTP/1.1 1000 X\r\nContent-Length: 2\r\n\r\nok',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 2\r\nok\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 2\r\nok\r\n0\r\n\r\n'])
def test_an_ambiguous_response_is_refused(answer):
    World([answer]).fails(RemoteProtocolError)


@pytest.mark.parametrize('location, target', [
    (b'/a b', b'/a%20b'), (b'/a b?c d#e f', b'/a%20b?c%20d'),
    (b'http://host.example/a "<x>"', b'/a%20%22%3Cx%3E%22'),
    (b'a%20b c', b'/a%20b%20c'), (b'/caf\xc3\xa9 1', b'/caf%C3%A9%201'), (b'/a\tb', b'/ab')])
def test_blanks_in_a_redirect_are_encoded(location, target):
    """WHATWG URL section 4.4: as browsers do."""
    answers = [reply(302, b'', (b'Location', location)), OK]
    world = World(list(answers))
    assert world.fetch() == (200, b'ok')
    assert world.requests[1].startswith(b'GET ' + target + b' HTTP/1.1\r\n')
    if b' ' in location:
        World(list(answers), settings=Settings().strict()).fails(RemoteProtocolError)


@pytest.mark.parametrize('location',
                         [b'http://host .example/', b'http://ho"st.example/', b'/a\\b', b'/a\x7fb'])
def test_an_ambiguous_redirect_is_refused(location):
    World([b'HTTP/1.1 302 F\r\nContent-Length: 0\r\nLocation: ' + location
           + b'\r\n\r\n']).fails(RemoteProtocolError)


def test_digest_with_a_protected_body():
    """RFC 7616: auth-int alone; a body that is no bytes cannot be protected, and the 401 is the
    answer.
    """
    challenge = reply(401, b'no', (b'WWW-Authenticate', b'Digest realm=r, nonce=n, qop="auth-int"'))
    world = World([challenge, OK])
    response = world.run(world.client.request('POST', URL, body=b'a=1', auth=Login(u'u', u'p')))
    assert response.status == 200
    assert b'qop=auth-int' in world.requests[1]
    world = World([challenge])
    assert (world.run(world.client.request('POST', URL, body=lambda: iter([b'a=1']),
                                           headers=[('Content-Length', '3')],
                                          auth=Login(u'u', u'p'))).status == 401)
