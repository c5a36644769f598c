# Copyright the carryall authors.  See LICENSE.
"""Connections to a FastCGI application that are kept between requests."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.endpoints import parse_endpoint
from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.protocols.cgi import Settings
from carryall.protocols.fastcgi import FastCGIServer, connect
from carryall.protocols.http import Response
from carryall.services.cgi.applicationpool import Pool
from tests.protocols.cgi.onerequest import whole

GET = {b'REQUEST_METHOD': b'GET', b'REQUEST_URI': b'/x'}
POST = {b'REQUEST_METHOD': b'POST', b'REQUEST_URI': b'/x'}


class Place(object):
    """A FastCGI application, and a pool of connections to it."""

    def __init__(self, app=lambda request: Response(200, body=b'hello'), **settings):
        self.loop = VirtualLoop()
        self.servers = []
        self.app = app
        self.listener = self.loop.listen_tcp(self._server, '127.0.0.1', 0)
        self.pool = Pool(self.loop, parse_endpoint('tcp:%d' % self.listener.address.port),
                         Settings(**settings), connect)
        self.over = []

    def _server(self):
        made = FastCGIServer(lambda request: self.app(request), self.loop)
        self.servers.append(made)
        return made

    def begin(self, variables=None):
        """A run."""
        return self.pool.run(GET if variables is None else variables, None, 'label',
                             self.over.append)

    def body(self, run):
        """The whole body of the answer of a run."""
        response = self.loop.run_until(run.answer.response)
        found = whole(self.loop, response)
        self.loop.advance(0.1)
        return found


def test_a_connection_is_used_again():
    place = Place()
    for _ in range(3):
        run = place.begin()
        assert place.body(run) == b'hello'
        assert place.over.pop() is run
    assert len(place.servers) == 1


def test_requests_at_the_same_time_have_connections_of_their_own():
    place = Place()
    runs = [place.begin() for _ in range(3)]
    assert [place.body(run) for run in runs] == [b'hello'] * 3
    assert len(place.servers) == 3


def test_a_kept_connection_that_was_closed_is_replaced():
    place = Place()
    place.body(place.begin())
    place.servers[0].transport.close()
    place.loop.advance(1.0)
    assert place.body(place.begin()) == b'hello'


def _die(place):
    """Lets the connection end when the next request comes, and no other."""
    def app(request):
        """Ends it."""
        place.app = lambda request: Response(200, body=b'again')
        place.servers[0].transport.abort()
        return Future()
    place.app = app


def test_a_request_on_a_connection_that_ends_is_sent_again():
    place = Place()
    place.body(place.begin())
    _die(place)
    assert place.body(place.begin()) == b'again'


def test_a_post_is_not_sent_again(expect_log):
    expect_log('is gone before the end')
    place = Place()
    place.body(place.begin())
    _die(place)
    run = place.begin(POST)
    place.loop.advance(1.0)
    assert run.answer.response.exception().code == 502
    assert place.over[-1] is run


def test_an_application_that_is_not_there_is_a_bad_gateway(expect_log):
    expect_log('cannot be reached')
    place = Place()
    place.listener.close()
    run = place.begin()
    place.loop.advance(1.0)
    assert run.answer.response.exception().code == 502
    assert place.over == [run]


def test_a_client_that_goes_ends_the_request():
    later = Future()
    place = Place(lambda request: later)
    run = place.begin()
    place.loop.advance(1.0)
    run.answer.response.cancel()
    place.loop.advance(1.0)
    assert later.cancelled()
    assert place.over == [run]


def test_a_client_that_goes_before_the_connection_is_there_ends_the_request():
    place = Place()
    run = place.begin()
    run.answer.response.cancel()
    place.loop.advance(1.0)
    assert place.over == [run]


def test_a_failure_behind_the_header_is_logged(expect_log):
    expect_log('label: the program takes too long')

    def pieces():
        """Never ends."""
        yield b'begun'
        yield Future()

    place = Place(lambda request: Response(200, body=pieces()), idle_seconds=5.0)
    run = place.begin()
    response = place.loop.run_until(run.answer.response)
    assert place.loop.run_until(response.body.read()) == b'begun'
    place.loop.advance(10.0)
    assert response.body.read().exception().code == 504
    assert place.over == [run]


def test_a_closed_pool_keeps_no_connection():
    place = Place()
    place.body(place.begin())
    place.pool.close()
    place.loop.advance(1.0)
    assert place.servers[0].transport.is_closing()


@pytest.mark.parametrize('method', [b'GET', b'HEAD'])
def test_a_run_that_has_no_body_is_over(method):
    place = Place(lambda request: Response(204))
    run = place.begin({b'REQUEST_METHOD': method, b'REQUEST_URI': b'/'})
    assert place.loop.run_until(run.answer.response).status == 204
    place.loop.advance(0.1)
    assert place.over == [run]
