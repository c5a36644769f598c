# Copyright the carryall authors.  See LICENSE.
"""ASGIApplication: failures, clients that go, slow clients, and what asyncio gives applications."""
from __future__ import absolute_import, division, print_function

import asyncio
import contextvars

import pytest

from carryall.core.future import sleep
from tests.services.asgi.asgikit_py3 import START, Served, answer

GET = b'GET / HTTP/1.1\r\nHost: h\r\n\r\n'


@pytest.fixture
def guest():
    """Called with an application, gives a Served on the asyncio guest."""
    made = []

    def start(app, **settings):
        made.append(Served(app, 'asyncio', **settings))
        return made[-1]

    yield start
    for served in made:
        served.close()


def _piece(data, more=True):
    return {'type': 'http.response.body', 'body': data, 'more_body': more}


# -- failures --------------------------------------------------------------------------------------
async def _fails(scope, receive, send):
    raise ValueError('before')


async def _fails_behind_start(scope, receive, send):
    await send(START)
    raise ValueError('behind http.response.start')


async def _exits(scope, receive, send):
    await receive()
    raise RuntimeError('behind a wait')


@pytest.mark.parametrize('app', [_fails, _fails_behind_start, _exits])
def test_a_failure_before_the_body_is_500(serve_asgi, expect_log, app):
    records = expect_log('the application failed on')
    assert serve_asgi(app).ask().status == 500
    assert len(records) == 1


def test_a_failure_in_the_body_cuts_the_connection(serve_asgi, expect_log):
    records = expect_log('the application failed on')

    async def app(scope, receive, send):
        await send(START)
        await send(_piece(b'begun'))
        raise ValueError('during')

    heard = serve_asgi(app).raw(GET)
    assert not heard.endswith(b'0\r\n\r\n')
    assert len(records) == 1


def test_a_failure_behind_the_response_is_logged(serve_asgi, expect_log):
    records = expect_log('behind its response')

    async def app(scope, receive, send):
        await answer(send, b'whole')
        raise ValueError('after')

    served = serve_asgi(app)
    assert served.ask().body == b'whole'
    assert len(records) == 1


# -- clients that go -------------------------------------------------------------------------------
def test_a_client_that_goes_is_told_as_http_disconnect(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        await receive()
        seen.append('asked')
        seen.append((await receive())['type'])

    served = serve_asgi(app)
    client = served.connect()
    client.transport.write(GET)
    served.until(lambda: seen)
    client.transport.abort()
    served.until(lambda: len(seen) == 2)
    assert seen == ['asked', 'http.disconnect']


def test_a_call_that_goes_on_for_a_client_that_is_gone_is_cancelled(guest):
    seen = []

    async def app(scope, receive, send):
        seen.append('asked')
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            seen.append('cancelled')
            raise

    served = guest(app, cancel_seconds=0.0)
    client = served.connect()
    client.transport.write(GET)
    served.until(lambda: seen)
    client.transport.abort()
    served.until(lambda: len(seen) == 2)
    assert seen == ['asked', 'cancelled']


def test_send_to_a_client_that_is_gone_raises_an_os_error(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        await receive()
        await send(START)
        await send(_piece(b'begun'))
        seen.append('begun')
        await receive()
        try:
            await send(_piece(b'more'))
        except OSError:
            seen.append('raised')

    served = serve_asgi(app)
    client = served.connect()
    client.transport.write(GET)
    served.until(lambda: seen)
    client.transport.abort()
    served.until(lambda: len(seen) == 2)
    assert seen == ['begun', 'raised']


def test_a_body_that_stops_half_way_is_a_disconnect(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        while True:
            message = await receive()
            seen.append(message['type'])
            if message['type'] == 'http.disconnect':
                return

    served = serve_asgi(app)
    client = served.connect()
    client.transport.write(b'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc')
    served.until(lambda: seen)
    client.transport.abort()
    served.until(lambda: 'http.disconnect' in seen)
    assert seen == ['http.request', 'http.disconnect']


def test_a_slow_client_stops_the_application(serve_asgi):
    sent = []

    async def app(scope, receive, send):
        await send(START)
        for number in range(1000):
            sent.append(number)
            await send(_piece(b'x' * 65536))
        await send(_piece(b'', False))

    served = serve_asgi(app)
    client = served.connect()
    client.transport.pause_reading()
    client.transport.write(GET)
    served.until(lambda: len(sent) > 1)
    served.settle()
    assert len(sent) < 900
    client.transport.abort()


def test_a_background_task_goes_on_behind_the_response(serve_asgi):
    seen = []

    async def app(scope, receive, send):
        await answer(send, b'x')
        seen.append('answered')
        await sleep(served.loop, 0.05)
        seen.append('done')

    served = serve_asgi(app)
    assert served.ask().body == b'x'
    served.until(lambda: len(seen) == 2)
    assert seen == ['answered', 'done']


# -- asyncio ---------------------------------------------------------------------------------------
def test_an_application_runs_in_a_task(guest):
    async def app(scope, receive, send):
        await answer(send, type(asyncio.current_task()).__name__.encode('ascii'))

    assert guest(app).ask().body == b'Task'


def test_an_application_may_wait_for_all_that_asyncio_has(guest):
    async def app(scope, receive, send):
        found = await asyncio.wait_for(asyncio.gather(asyncio.sleep(0, b'a'), _later(b'b')), 5)
        await answer(send, b''.join(found))

    async def _later(value):
        await asyncio.sleep(0.01)
        return value

    assert guest(app).ask().body == b'ab'


def test_each_request_has_a_context_of_its_own(guest):
    number = contextvars.ContextVar('number', default=0)

    async def app(scope, receive, send):
        number.set(number.get() + 1)
        await asyncio.sleep(0)
        await answer(send, b'%d' % number.get())

    served = guest(app)
    assert [served.ask().body for _ in range(3)] == [b'1'] * 3


def test_asyncio_without_its_guest_is_explained(expect_log):
    records = expect_log('the application failed on')

    async def app(scope, receive, send):
        await asyncio.sleep(1)

    served = Served(app, 'epoll')
    assert served.ask().status == 500
    served.close()
    assert len(records) == 1


def test_an_application_cannot_set_the_cookie_of_a_session(serve_asgi, expect_log):
    expect_log('is dropped')

    async def plant(scope, receive, send):
        """Sets a cookie of its own, and ours."""
        await answer(send, b'x', headers=[(b'set-cookie', b'carryall-session=x'),
                                          (b'set-cookie', b'own=1')])

    served = serve_asgi(plant)
    served.guard()
    assert served.ask().fields[b'set-cookie'] == b'own=1'
