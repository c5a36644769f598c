# Copyright the carryall authors.  See LICENSE.
"""CallDeadlines: applications that never return."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.compat import SimpleQueue
from tests.services.wsgi.wsgikit import Answer, Served

PLAIN = [('Content-Type', 'text/plain')]


class Site(object):
    """An application whose paths block until they are let go.

    Attributes:
        gate: a queue; each entry lets one call of /stuck go on.
    """

    def __init__(self, **settings):
        self.gate = SimpleQueue()
        self.served = Served(self.app, call_seconds=0.3, **settings)

    def app(self, environ, start_response):
        """The WSGI application."""
        write = start_response('200 OK', PLAIN)
        if environ['PATH_INFO'] == '/begun':
            write(b'first')
        if environ['PATH_INFO'] != '/quick':
            self.gate.get()
        return [b'answer']

    def deadlines(self):
        """The CallDeadlines."""
        return self.served.application.deadlines


@pytest.fixture
def site():
    """A Site with two threads."""
    made = Site(threads=2, stuck=3)
    yield made
    for _ in range(20):
        made.gate.put(None)
    made.served.close()


def test_a_call_that_blocks_is_500(site, expect_log):
    expect_log('nothing has come for 0.3 seconds')
    assert site.served.ask(b'/stuck').status == 500
    assert site.deadlines().stuck == 1


def test_others_are_answered_while_calls_are_stuck(site, expect_log):
    expect_log('nothing has come')
    for _ in range(3):              # one more than there are threads
        assert site.served.ask(b'/stuck').status == 500
    assert site.served.ask(b'/quick').body == b'answer'


def test_requests_that_wait_get_the_places_of_stuck_threads(site, expect_log):
    expect_log('nothing has come')
    clients = [site.served.connect() for _ in range(3)]
    for client in clients:
        client.transport.write(b'GET /stuck HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    for client in clients:
        site.served.wait(client.over)
        assert Answer(client.heard).status == 500


def test_not_more_threads_than_allowed_are_replaced(site, expect_log):
    expect_log('nothing has come')
    for _ in range(5):
        assert site.served.ask(b'/stuck').status == 500
    assert site.deadlines().stuck == 5
    # Three were replaced; the two that there are now are stuck as well
    assert site.served.application.workers.pending == 2


def test_a_thread_that_returns_is_not_missed(site, expect_log):
    expect_log('nothing has come')
    assert site.served.ask(b'/stuck').status == 500
    site.gate.put(None)
    site.served.until(lambda: site.deadlines().stuck == 0)
    assert site.served.ask(b'/quick').body == b'answer'


def test_a_response_that_has_begun_breaks_off(site, expect_log):
    expect_log('nothing has come')
    expect_log('the application failed on GET /begun')
    heard = site.served.raw(b'GET /begun HTTP/1.1\r\nHost: h\r\n\r\n')
    assert b'first' in heard
    assert not heard.endswith(b'0\r\n\r\n')


def test_without_a_limit_nothing_is_watched():
    served = Served(lambda environ, start: start('200 OK', PLAIN) and [])
    assert served.application.deadlines is None
    served.close()
