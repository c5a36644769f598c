# Copyright the carryall authors.  See LICENSE.
"""The service type wsgi: its options, and an application that they name."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from carryall import runtimes
from carryall.app.objectnames import ImportFailed
from carryall.core.errors import UsageError
from carryall.core.future import with_timeout
from carryall.services.wsgi.service import SCHEMA, TYPE
from tests.services.wsgi.wsgikit import WAIT_SECONDS, Answer, Client

SOURCE = b'''
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [environ['SCRIPT_NAME'].encode('ascii') + b'|' + environ['PATH_INFO'].encode('ascii')]


def make():
    return application
'''


@pytest.fixture
def folder(tmpdir):
    """A folder with a module of applications."""
    tmpdir.join('wsgiservicesample.py').write_binary(SOURCE)
    yield str(tmpdir)
    sys.path[:] = [path for path in sys.path if path != str(tmpdir)]
    sys.modules.pop('wsgiservicesample', None)


@pytest.fixture
def loop():
    """A loop of this runtime."""
    made = runtimes.choose()
    yield made
    made.close()


def _ask(loop, service, target):
    port = service.server.listeners[0].address.port
    client = Client()
    loop.run_until(loop.connect_tcp(lambda: client, '127.0.0.1', port))
    client.transport.write(b'GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' % target)
    loop.run_until(with_timeout(loop, client.over, WAIT_SECONDS))
    return Answer(client.heard)


@pytest.mark.parametrize('name', ['wsgiservicesample', 'wsgiservicesample:application',
                                  'wsgiservicesample:make()'])
def test_an_application_is_served(loop, folder, name):
    service = TYPE.make(SCHEMA.parse([name, '--folder', folder, '-p', '0']))
    service.start(loop)
    assert _ask(loop, service, b'/x').body == b'|/x'
    loop.run_until(service.stop(1.0))


def test_a_script_name_and_a_log_are_used(loop, folder):
    log = os.path.join(folder, 'log')
    service = TYPE.make(SCHEMA.parse(
        ['wsgiservicesample', '--folder', folder, '-p', '0', '--script-name', '/a', '-l', log]))
    service.start(loop)
    assert _ask(loop, service, b'/a/x').body == b'/a|/x'
    loop.run_until(service.stop(1.0))
    with open(log, 'rb') as lines:
        assert b'"GET /a/x HTTP/1.1" 200 5' in lines.read()


@pytest.mark.parametrize('name', ['wsgiservicesample:missing', 'no_such_module', 'os:sep',
                                  'wsgiservicesample:application()'])
def test_a_name_that_leads_to_nothing_is_explained(loop, folder, name):
    service = TYPE.make(SCHEMA.parse([name, '--folder', folder, '-p', '0']))
    with pytest.raises(ImportFailed):
        service.start(loop)


@pytest.mark.parametrize('words', [[], ['a b'], ['m:a', '--threads', '0'],
                                   ['m:a', '--script-name', 'x'], ['m:a', '--script-name', '/x/']])
def test_wrong_options_are_refused(words):
    with pytest.raises(UsageError):
        SCHEMA.parse(words)


def test_a_tap_keeps_the_options():
    values = SCHEMA.parse(['m:a', '--threads', '2'])
    assert SCHEMA.complete(values).threads == 2
    assert SCHEMA.parse(SCHEMA.words(values)) == values


@pytest.mark.parametrize('words, folder', [([], False), (['--reload'], True)])
def test_the_folder_is_watched_if_asked_for(tmpdir, words, folder):
    options = TYPE.options.parse(['shop:app', '--folder', str(tmpdir)] + words)
    assert TYPE.watched_folder(options) == (str(tmpdir) if folder else None)
