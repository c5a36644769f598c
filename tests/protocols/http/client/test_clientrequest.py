# Copyright the carryall authors.  See LICENSE.
"""The head of a request: what is in it, and what cannot get into it."""
from __future__ import absolute_import, division, print_function

import io

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.client.clientrequest import body_of, can_repeat, frame
from carryall.protocols.http.message.headersection import CHUNKED
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.message.response import FileBody
from tests.protocols.http.client.client_kit import OK, World


def head_of(url='http://host.example/', method='GET', **options):
    world = World(lambda head: OK)
    world.run(world.client.request(method, url, **options))
    return world.heard


def test_a_request_has_exact_octets():
    """Byte for byte."""
    assert (head_of('http://host.example/a?b',
                    headers=[('X-A', 'b'), ('Accept-Encoding', 'identity')]) == (
        b'GET /a?b HTTP/1.1\r\nHost: host.example\r\nUser-Agent: carryall\r\nAccept: */*\r\n'
        b'X-A: b\r\nAccept-Encoding: identity\r\n\r\n'))


def test_a_field_of_the_caller_wins():
    """A field set by the caller is sent once, as it was set."""
    head = head_of(headers={'User-Agent': 'me', 'Accept': 'text/x', 'Host': 'chosen.example:8'})
    assert head.count(b'User-Agent') == 1
    assert b'User-Agent: me\r\n' in head
    assert head.count(b'Host:') == 1
    assert b'Host: chosen.example:8\r\n' in head
    assert b'*/*' not in head


INJECTIONS = [
    {'headers': [('X', 'a\r\nY: b')]}, {'headers': [('X', 'a\nb')]}, {'headers': [('X', 'a\rb')]},
    {'headers': [('X', 'a\x00')]},
    {'headers': [('X\r\nY', 'a')]}, {'headers': [('X Y', 'a')]}, {'headers': [('X:', 'a')]},
    {'headers': [('', 'a')]},
    {'headers': [('Host', 'a b')]}, {'headers': [('Host', 'a'), ('Host', 'b')]},
    {'headers': [('Host', 'a/b')]},
    {'headers': [('Host', '')]}, {'headers': [('Host', 'u@a')]},
    {'headers': [('Content-Length', '1')]}, {'headers': [('Content-Length', '+0')]},
    {'headers': [('Content-Length', '0'), ('Content-Length', '0')]},
    {'headers': [('Transfer-Encoding', 'chunked')]},
    {'headers': [('transfer-encoding', 'identity')]}, {'headers': [('Upgrade', 'h2c')]},
    {'headers': [('Expect', '100-continue')]},
    {'headers': [('Connection', 'upgrade')]}, {'headers': [('Connection', 'close, X-A')]},
    {'headers': [('TE', 'trailers')]},
    {'headers': [('Trailer', 'X')]}, {'headers': [('X', u'\u20ac')]},
    {'method': 'GET / HTTP/1.1\r\nX:'}, {'method': 'G T'}, {'method': ''}, {'method': 'CONNECT'},
    {'url': u'http://host.example/\r\nX: y'}, {'url': u'http://host.example/ HTTP/1.1'},
    {'url': u'http://host.example\r\n/'},
    {'body': u'text'}, {'body': bytearray(b'x')}, {'body': 7}, {'body': {'a': 'b'}},
    {'auth': None, 'headers': [('Cookie', 'a\r\n')]},
]


@pytest.mark.parametrize('options', INJECTIONS,
                         ids=[str(number) for number in range(len(INJECTIONS))])
def test_a_request_that_could_be_split_is_refused(options):
    """Every way to say more than one request is refused before a byte is sent, or a connection
    made.
    """
    world = World([OK])
    options = dict(options)
    world.fails(LocalProtocolError, options.pop('url', 'http://host.example/'), **options)
    assert world.connections == []
    assert world.heard == b''


FRAMES = [(b'GET', b'', b'', 0), (b'POST', b'', b'Content-Length: 0\r\n', 0),
          (b'GET', b'x', b'Content-Length: 1\r\n', 1),
          (b'PUT', FileBody(None, 0, 9), b'Content-Length: 9\r\n', 9),
          (b'PUT', [b''], b'Transfer-Encoding: chunked\r\n', CHUNKED),
          (b'DELETE', b'', b'', 0)]


@pytest.mark.parametrize('method,body,lines,length', FRAMES)
def test_the_framing_follows_the_body(method, body, lines, length):
    """Content-Length where it is known, else chunked; nothing where there is nothing."""
    assert frame(method, MutableHeaders(), body) == (lines, length)


def test_a_stream_may_have_a_declared_length():
    """The caller may declare the length of a stream."""
    assert frame(b'PUT', MutableHeaders([('Content-Length', '9')]), iter([b''])) == (b'', 9)


def test_bodies_know_if_they_can_be_sent_again():
    """Bodies that can be sent once, and bodies that can be sent again."""
    assert body_of(None) == b''
    assert body_of(lambda: b'x') == b'x'
    assert can_repeat(None)
    assert can_repeat(b'')
    assert can_repeat(lambda: b'x')
    assert not can_repeat(iter([]))
    assert not can_repeat(io.BytesIO())
    assert not can_repeat(FileBody(None, 0, 0))


def test_close_is_kept():
    """Connection: close from the caller ends the connection."""
    world = World(lambda head: OK)
    world.fetch(headers=[('Connection', 'close')])
    assert len(world.client.pool) == 0
