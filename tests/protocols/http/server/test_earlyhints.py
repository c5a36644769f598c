# Copyright the carryall authors.  See LICENSE.
"""103 Early Hints: where they may come, and to whom (HTS-09; RFC 8297)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future
from carryall.core.net.transport import Address
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Response, Site

STYLE = [(b'Link', b'</style.css>; rel=preload; as=style')]
HINT = b'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n'


class World(object):
    """A site with an application that a test gives."""

    def __init__(self, app):
        self.loop = VirtualLoop()
        self.wire = FakeTransport(self.loop, peername=Address('127.0.0.1', 5)).connect(
            Site(app, self.loop)())

    def ask(self, octets=b'GET / HTTP/1.1\r\nHost: h\r\n\r\n'):
        """The answer to these octets."""
        self.wire.feed(octets)
        self.loop.advance(0.1)
        return self.wire.take()


def hinting(request):
    """An application that is ready at once."""
    request.early_hints(STYLE)
    return Response(200, body=b'hello')


def test_hints_come_before_the_response():
    said = World(hinting).ask()
    assert said.startswith(HINT + b'HTTP/1.1 200 OK\r\n')
    assert said.endswith(b'\r\n\r\nhello')


def test_hints_come_while_the_response_is_made():
    ready = Future()

    def app(request):
        request.early_hints(STYLE)
        return ready

    world = World(app)
    assert world.ask() == HINT
    ready.set_result(Response(200))
    world.loop.advance(0.1)
    assert world.wire.take().startswith(b'HTTP/1.1 200 OK\r\n')


def test_hints_may_come_more_than_once():
    def app(request):
        request.early_hints(STYLE)
        return hinting(request)

    assert World(app).ask().startswith(HINT * 2 + b'HTTP/1.1 200 OK\r\n')


def test_hints_keep_the_order_of_pipelined_requests():
    said = World(hinting).ask(b'GET / HTTP/1.1\r\nHost: h\r\n\r\n' * 3)
    parts = [line for line in said.split(b'\r\n') if line.startswith((b'HTTP/1.1', b'helloHTTP'))]
    assert parts == [b'HTTP/1.1 103 Early Hints', b'HTTP/1.1 200 OK',
                     b'helloHTTP/1.1 103 Early Hints', b'HTTP/1.1 200 OK',
                     b'helloHTTP/1.1 103 Early Hints', b'HTTP/1.1 200 OK']


def test_a_client_of_http_1_0_gets_no_hints():
    """RFC 9110 section 15.2."""
    said = World(hinting).ask(b'GET / HTTP/1.0\r\nHost: h\r\n\r\n')
    assert said.startswith(b'HTTP/1.1 200 OK\r\n')


def test_hints_about_a_body_that_arrives():
    """The request has a body, which the application does not wait for."""
    said = World(hinting).ask(b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc')
    assert said.startswith(HINT + b'HTTP/1.1 200 OK\r\n')


@pytest.mark.parametrize('fields', [[(b'Content-Length', b'3')], [(b'Connection', b'close')],
                                    [(b'Link', b'a\r\nb')]])
def test_hints_that_would_break_the_message_are_refused(fields):
    faults = []

    def app(request):
        try:
            request.early_hints(fields)
        except LocalProtocolError as exc:
            faults.append(exc)
        return Response(200)

    assert World(app).ask().startswith(b'HTTP/1.1 200 OK\r\n')
    assert len(faults) == 1


def test_hints_after_the_response_are_refused():
    kept = []

    def app(request):
        kept.append(request)
        return Response(200)

    world = World(app)
    world.ask()
    with pytest.raises(LocalProtocolError):
        kept[0].early_hints(STYLE)
    assert world.wire.take() == b''
