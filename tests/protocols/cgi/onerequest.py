# Copyright the carryall authors.  See LICENSE.
"""The tests that SCGI and uwsgi share: a connection of one request."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols.http import Body, Headers, Response

PAIRS = [(b'REQUEST_METHOD', b'POST'), (b'REQUEST_URI', b'/x?y'), (b'HTTP_HOST', b'h')]


def echo(request):
    """An application that gives the body back."""
    return Response(200, body=request.body)


def body_of(*pieces):
    """A Body that has come."""
    made = Body()
    for piece in pieces:
        made.feed(piece)
    made.end(Headers())
    return made


def whole(loop, response):
    """The whole body of a response."""
    if type(response.body) is bytes:
        return response.body
    found = b''
    while True:
        piece = loop.run_until(response.body.read())
        if not piece:
            return found
        found += piece


class OneRequestTests(object):
    """A subclass has `settings`, `server` and `head`."""

    settings = None
    status = b'Status:'

    def server(self, app, loop, settings):
        """The protocol of a connection."""
        raise NotImplementedError

    def head(self, pairs):
        """The octets that begin a request."""
        raise NotImplementedError

    def wired(self, app, **settings):
        """A connection; its transport."""
        loop = VirtualLoop()
        transport = FakeTransport(loop)
        transport.connect(self.server(app, loop, self.settings(**settings)))
        return transport

    def say(self, transport, data):
        """Gives octets to the server."""
        transport.feed(data)
        transport.loop.advance(0.1)

    @pytest.mark.parametrize('step', [1, 7, 1000])
    def test_a_request_is_answered_and_the_connection_closed(self, step):
        transport = self.wired(echo)
        data = self.head(PAIRS + [(b'CONTENT_LENGTH', b'5')]) + b'hello'
        for at in range(0, len(data), step):
            self.say(transport, data[at:at + step])
        assert transport.take() == self.status + b' 200 OK\r\n\r\nhello'
        assert transport.closed

    def test_octets_behind_the_body_are_dropped(self):
        transport = self.wired(echo)
        self.say(transport, self.head(PAIRS + [(b'CONTENT_LENGTH', b'2')]) + b'hello')
        assert transport.take().endswith(b'\r\n\r\nhe')

    def test_the_application_is_told_of_the_request(self):
        transport = self.wired(lambda request: Response(200, body=request.target))
        self.say(transport, self.head(PAIRS))
        assert transport.take().endswith(b'\r\n\r\n/x?y')

    def test_variables_that_no_request_has_are_answered(self):
        transport = self.wired(echo)
        self.say(transport, self.head([(b'X', b'y')]))
        assert transport.take().startswith(self.status + b' 400 ')

    def test_a_request_that_does_not_come_is_not_waited_for(self):
        transport = self.wired(echo, head_seconds=5.0)
        self.say(transport, self.head(PAIRS)[:-1])
        transport.loop.advance(7.0)
        assert transport.closed

    def test_a_body_that_ends_early_ends_the_request(self):
        later = Future()
        transport = self.wired(lambda request: later)
        self.say(transport, self.head(PAIRS + [(b'CONTENT_LENGTH', b'5')]) + b'he')
        transport.feed_eof()
        transport.loop.advance(0.1)
        assert later.cancelled()
        assert transport.closed

    def test_an_application_may_take_its_time(self):
        transport = self.wired(lambda request: Future())
        self.say(transport, self.head(PAIRS))
        transport.loop.advance(1000.0)
        assert not transport.closed

    def test_variables_have_a_limit(self):
        transport = self.wired(echo, head_bytes=100)
        self.say(transport, self.head(PAIRS + [(b'LONG', b'x' * 200)]))
        assert transport.closed
        assert transport.take() == b''

    def test_a_body_that_is_not_read_pauses_the_connection(self):
        transport = self.wired(lambda request: Future(), body_buffer_bytes=100)
        self.say(transport, self.head(PAIRS + [(b'CONTENT_LENGTH', b'1000')]) + b'x' * 99)
        assert transport.is_reading()
        self.say(transport, b'x')
        assert not transport.is_reading()

    def test_a_server_that_goes_cancels_the_application(self):
        later = Future()
        transport = self.wired(lambda request: later)
        self.say(transport, self.head(PAIRS))
        transport.abort()
        transport.loop.advance(0.1)
        assert later.cancelled()

    def test_an_answer_that_breaks_is_not_complete(self, expect_log):
        expect_log('the application failed')

        def pieces():
            """Fails behind the first piece."""
            yield b'begun'
            raise ZeroDivisionError('no')

        transport = self.wired(lambda request: Response(200, body=pieces()))
        self.say(transport, self.head(PAIRS))
        assert transport.closed

    def test_a_drain_closes_a_connection_without_a_request(self):
        transport = self.wired(echo)
        transport.protocol.drain()
        transport.loop.advance(0.1)
        assert transport.closed
