# Copyright the carryall authors.  See LICENSE.
"""Scripts that set an ASGI application: .asgi."""
from __future__ import absolute_import, division, print_function

import pytest

SOURCE = b'''
seen = []

async def %s(scope, receive, send):
    if scope['type'] == 'lifespan':
        seen.append((await receive())['type'])
        await send({'type': 'lifespan.startup.complete'})
        await receive()
        await send({'type': 'lifespan.shutdown.complete'})
        return
    await send({'type': 'http.response.start', 'status': 200})
    await send({'type': 'http.response.body',
                'body': repr((scope['root_path'], scope['path'], seen)).encode()})
'''


@pytest.mark.parametrize('name', [b'app', b'application'])
def test_an_application_knows_its_place_and_has_started(folder, name):
    folder.write('a.asgi', SOURCE % name)
    assert folder.ask(b'/a.asgi/x').body == b"('/a.asgi', '/a.asgi/x', ['lifespan.startup'])"


def test_a_changed_script_is_run_again(folder):
    folder.write('a.asgi', SOURCE % b'app')
    folder.ask(b'/a.asgi')
    folder.write('a.asgi', SOURCE % b'application')
    assert folder.ask(b'/a.asgi').status == 200


def test_a_startup_that_fails_is_500(folder, expect_log):
    expect_log('failed')
    folder.write('a.asgi', b'async def app(scope, receive, send):\n'
                           b'    await receive()\n'
                           b'    await send({"type": "lifespan.startup.failed"})\n')
    assert folder.ask(b'/a.asgi').status == 500


def test_a_script_without_an_application_is_500(folder, expect_log):
    expect_log('failed')
    folder.write('a.asgi', b'nothing = 1\n')
    assert folder.ask(b'/a.asgi').status == 500
