# Copyright the carryall authors.  See LICENSE.
"""Lifespan: startup and shutdown of applications."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import CarryallError, TimedOut
from carryall.core.future import Future
from carryall.services.asgi.lifespan_py3 import StartupFailed
from tests.services.asgi.asgikit_py3 import answer


def _app(startup='lifespan.startup.complete', shutdown='lifespan.shutdown.complete'):
    async def app(scope, receive, send):
        if scope['type'] == 'http':
            await answer(send, repr(scope['state']).encode('ascii'))
            return
        assert (await receive())['type'] == 'lifespan.startup'
        scope['state']['pool'] = 5
        await send({'type': startup, 'message': 'no pool'})
        assert (await receive())['type'] == 'lifespan.shutdown'
        await send({'type': shutdown, 'message': 'stuck'})
    return app


def test_an_application_starts_and_stops(serve_asgi):
    served = serve_asgi(_app())
    served.wait(served.application.start())
    assert served.wait(served.application.stop()) is None


def test_requests_see_the_state(serve_asgi):
    served = serve_asgi(_app())
    served.wait(served.application.start())
    assert served.ask().body == b"{'pool': 5}"
    served.wait(served.application.stop())


def test_a_startup_that_fails_says_why(serve_asgi):
    served = serve_asgi(_app(startup='lifespan.startup.failed'))
    with pytest.raises(StartupFailed) as caught:
        served.wait(served.application.start())
    assert 'no pool' in str(caught.value)


def test_a_shutdown_that_fails_says_why(serve_asgi):
    served = serve_asgi(_app(shutdown='lifespan.shutdown.failed'))
    served.wait(served.application.start())
    with pytest.raises(CarryallError) as caught:
        served.wait(served.application.stop())
    assert 'stuck' in str(caught.value)


def test_an_application_without_lifespan_is_served(serve_asgi):
    async def app(scope, receive, send):
        assert scope['type'] == 'http'
        await answer(send, b'x')

    served = serve_asgi(app)
    served.wait(served.application.start())
    assert served.ask().body == b'x'
    assert served.wait(served.application.stop()) is None


def test_a_startup_that_takes_too_long_fails(serve_asgi):
    async def app(scope, receive, send):
        await Future()

    served = serve_asgi(app, startup_seconds=0.05)
    with pytest.raises(TimedOut):
        served.wait(served.application.start())


def test_a_shutdown_that_takes_too_long_fails(serve_asgi):
    async def app(scope, receive, send):
        await receive()
        await send({'type': 'lifespan.startup.complete'})
        await Future()

    served = serve_asgi(app, shutdown_seconds=0.05)
    served.wait(served.application.start())
    with pytest.raises(TimedOut):
        served.wait(served.application.stop())
