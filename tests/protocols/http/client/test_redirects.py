# Copyright the carryall authors.  See LICENSE.
"""Redirects: method rules, what goes along, where they end."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError, RemoteProtocolError
from carryall.protocols.http.client.redirects import new_method
from tests.protocols.http.client.client_kit import OK, World, reply

METHODS = [(301, b'GET', b'GET'), (301, b'POST', b'GET'), (301, b'PUT', b'PUT'),
           (301, b'HEAD', b'HEAD'),
           (302, b'POST', b'GET'), (302, b'DELETE', b'DELETE'), (303, b'POST', b'GET'),
           (303, b'PUT', b'GET'),
           (303, b'HEAD', b'HEAD'), (303, b'GET', b'GET'), (307, b'POST', b'POST'),
           (307, b'GET', b'GET'),
           (308, b'POST', b'POST'), (308, b'PUT', b'PUT')]


@pytest.mark.parametrize('status,method,then', METHODS)
def test_the_method_follows_rfc_9110(status, method, then):
    """The table of RFC 9110 section 15.4."""
    assert new_method(method, status) == then


def to(where, status=302):
    return reply(status, b'gone', (b'Location', where))


def test_a_relative_location_is_resolved():
    """A relative Location is resolved; the history and the final URL are told; one connection
    serves both.
    """
    world = World([to(b'../c?d#e'), OK])
    response = world.get('http://host.example/a/b')
    assert response.url == b'http://host.example/c?d'
    assert response.history == [(302, b'http://host.example/a/b')]
    assert world.body(response) == b'ok'
    assert world.requests[1].startswith(b'GET /c?d HTTP/1.1\r\n')
    assert len(world.connections) == 1


def test_post_becomes_get():
    """The body goes, and the fields about it."""
    world = World([to(b'/b'), OK])
    world.run(world.client.request('POST', 'http://host.example/',
                                   [('Content-Type', 'text/x'), ('X-A', '1')], b'data'))
    assert world.requests[0].startswith(b'POST / ')
    assert b'Content-Type: text/x' in world.requests[0]
    assert world.requests[1].startswith(b'GET /b ')
    assert b'Content-' not in world.requests[1]
    assert b'X-A: 1' in world.requests[1]


@pytest.mark.parametrize('body', [b'data', lambda: iter([b'da', b'ta'])])
def test_307_repeats_body(body):
    """307 sends the body again, if that can be had again."""
    world = World(lambda head: to(b'/b', 307) if b'POST / ' in head else OK)
    world.run(world.client.request('POST', 'http://host.example/', [('Content-Length', '4')], body))
    assert [head.split(b' ')[:2] for head in world.requests] == [[b'POST', b'/'], [b'POST', b'/b']]
    assert world.heard.count(b'data') == 2


def test_a_307_cannot_repeat_a_stream():
    """A stream that is gone cannot be sent again, and that is said."""
    world = World([to(b'/b', 307), OK])
    world.fails(LocalProtocolError, method='POST', headers=[('Content-Length', '4')],
                body=iter([b'data']))
    assert len(world.requests) == 1


SECRETS = [('Authorization', 'Bearer s3cret'), ('Cookie', 'a=s3cret'),
           ('Proxy-Authorization', 's3cret'), ('X-Plain', 'yes')]


@pytest.mark.parametrize('where,kept',
                         [(b'/b', True), (b'http://host.example:80/', True),
                          (b'http://other.example/', False),
                                        (b'//other.example/', False),
                          (b'http://HOST.example/', True)])
def test_secrets_stay_within_the_origin(where, kept):
    """Credentials stay within scheme, host and port."""
    world = World([to(where), OK])
    world.get(headers=SECRETS)
    assert (b's3cret' in world.requests[1]) == kept
    assert world.requests[1].count(b's3cret') == (3 if kept else 0)
    assert b'X-Plain: yes' in world.requests[1]


def test_secrets_not_on_return():
    """Secrets that a redirect dropped are not sent again after a redirect back."""
    world = World([to(b'http://other.example/'), to(b'http://host.example/2'), OK])
    world.get(headers=SECRETS)
    assert b's3cret' not in world.requests[2]


def test_host_header_not_taken_along():
    """A Host that the caller chose is for the first origin."""
    world = World([to(b'http://other.example/'), OK])
    world.get(headers=[('Host', 'chosen.example')])
    assert b'Host: chosen.example' in world.requests[0]
    assert b'Host: other.example' in world.requests[1]


def test_redirects_are_limited():
    """So many, and one more is an error."""
    def answer(head):
        number = int(head.split(b' ')[1][1:] or b'0')
        return to(b'/%d' % (number + 1)) if number < 3 else OK
    assert World(answer, redirects=3).fetch()[0] == 200
    assert 'more than 2' in World(answer, redirects=2).fails(RemoteProtocolError)


def test_a_circle_is_detected():
    """A loop is seen as one, before the maximum."""
    world = World(lambda head: to(b'/b') if b'GET /a' in head else to(b'/a'), redirects=100)
    assert 'loop' in world.fails(RemoteProtocolError)
    assert len(world.requests) < 5


def test_redirects_can_be_turned_off():
    """On request, and for what is no redirect or leads nowhere."""
    assert World([to(b'/b')]).fetch(follow=False) == (302, b'gone')
    for answer in (reply(304, b'')[:-2] + b'Location: /b\r\n\r\n',
                   reply(300, b'x', (b'Location', b'/b')), reply(302, b'x')):
        assert World([answer]).get().status in (300, 302, 304)


BAD = [b'ftp://host.example/', b'javascript:x', b'http://', b'http://a b/', b'http://a\\b/',
       b'file:///etc/passwd', b'http://u@@/',
       b'/%zz', b'http://[::1/']


@pytest.mark.parametrize('where', BAD)
def test_a_bad_location_is_an_error(where):
    """A Location that is no http URL is not followed, and is an error of the server."""
    world = World([to(where)])
    world.fails(RemoteProtocolError)
    assert len(world.requests) == 1


def test_two_locations_are_not_followed():
    """Two are none."""
    World([reply(302, b'', (b'Location', b'/a'), (b'Location', b'/b'))]).fails(RemoteProtocolError)
