# Copyright the carryall authors.  See LICENSE.
"""The service type asgi: its options, and an application that they name."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall import runtimes
from carryall.core.errors import CarryallError, UsageError
from carryall.core.future import with_timeout
from carryall.services.asgi.service import SCHEMA, TYPE
from tests.services.wsgi.wsgikit import WAIT_SECONDS, Answer, Client

SOURCE = b'''
seen = []


async def app(scope, receive, send):
    if scope['type'] == 'lifespan':
        for word in ('startup', 'shutdown'):
            assert (await receive())['type'] == 'lifespan.' + word
            seen.append(word)
            await send({'type': 'lifespan.%s.complete' % word})
        return
    await send({'type': 'http.response.start', 'status': 200})
    await send({'type': 'http.response.body', 'body': repr((scope['root_path'], seen)).encode()})


async def failing(scope, receive, send):
    await receive()
    await send({'type': 'lifespan.startup.failed', 'message': 'no pool'})
'''


@pytest.fixture
def folder(tmpdir):
    """A folder with a module of applications."""
    tmpdir.join('asgiservicesample.py').write_binary(SOURCE)
    yield str(tmpdir)
    sys.path[:] = [path for path in sys.path if path != str(tmpdir)]
    sys.modules.pop('asgiservicesample', None)


@pytest.fixture
def loop():
    """The asyncio guest."""
    made = runtimes.choose('asyncio')
    yield made
    made.close()


def test_an_application_is_started_served_and_stopped(loop, folder):
    service = TYPE.make(SCHEMA.parse(
        ['asgiservicesample', '--folder', folder, '-p', '0', '--root-path', '/a']))
    service.start(loop)
    client = Client()
    loop.run_until(loop.connect_tcp(
        lambda: client, '127.0.0.1', service.server.listeners[0].address.port))
    client.transport.write(b'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')
    loop.run_until(with_timeout(loop, client.over, WAIT_SECONDS))
    assert Answer(client.heard).body == b"('/a', ['startup'])"
    loop.run_until(service.stop(1.0))
    assert sys.modules['asgiservicesample'].seen == ['startup', 'shutdown']


def test_a_startup_that_fails_ends_the_start(loop, folder):
    service = TYPE.make(SCHEMA.parse(
        ['asgiservicesample:failing', '--folder', folder, '-p', '0']))
    with pytest.raises(CarryallError) as caught:
        service.start(loop)
    assert 'no pool' in str(caught.value)


def test_the_service_asks_for_the_asyncio_guest():
    assert TYPE.make(SCHEMA.parse(['m:a'])).backend == 'asyncio'


@pytest.mark.parametrize('words', [[], ['m:a', '--root-path', 'x'], ['m:a', '--lifespan', 'x']])
def test_wrong_options_are_refused(words):
    with pytest.raises(UsageError):
        SCHEMA.parse(words)
