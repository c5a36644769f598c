# Copyright the carryall authors.  See LICENSE.
"""Applications behind another web server: the types fastcgi, scgi and uwsgi."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.core.errors import UsageError
from carryall.protocols import fastcgi, scgi, uwsgi
from carryall.services.fastcgi.service import TYPE as FASTCGI
from carryall.services.scgi.service import TYPE as SCGI
from carryall.services.uwsgi.service import TYPE as UWSGI
from tests.services.web.support import write

KINDS = [(FASTCGI, fastcgi), (SCGI, scgi), (UWSGI, uwsgi)]
IDS = ['fastcgi', 'scgi', 'uwsgi']
each_kind = pytest.mark.parametrize('kind, protocol', KINDS, ids=IDS)

OURS = b"""from carryall.protocols.http import Response


def app(request):
    return Response(200, body=request.method + b' ' + request.path)
"""
THEIRS = b"""def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [environ['PATH_INFO'].encode('ascii')]
"""


def fetch(loop, kind, protocol, target, *words):
    """(status, body) of the answer of a service."""
    service = kind.make(kind.options.parse(['--port', 'tcp:0'] + list(words)))
    service.start(loop)
    try:
        port = int(service.listening()[0].rpartition(':')[2].split()[0])
        client = loop.run_until(protocol.connect(loop, '127.0.0.1', port))
        response = loop.run_until(client.request([
            (b'REQUEST_METHOD', b'GET'), (b'REQUEST_URI', target), (b'PATH_INFO', target),
            (b'SCRIPT_NAME', b''), (b'SERVER_NAME', b'h'), (b'SERVER_PORT', b'80')]))
        if type(response.body) is bytes:
            return response.status, response.body
        return response.status, loop.run_until(response.body.read())
    finally:
        loop.run_until(service.stop(5.0))


@pytest.fixture
def module(tmpdir, monkeypatch):
    """Makes a module of a new name."""
    monkeypatch.setattr(sys, 'path', list(sys.path))

    def make(name, source):
        """Writes it; its folder."""
        write(tmpdir, name + '.py', source)
        return str(tmpdir)

    return make


@each_kind
def test_a_folder_is_served(loop, tmpdir, kind, protocol):
    write(tmpdir, 'page.txt', b'hello')
    assert fetch(loop, kind, protocol, b'/page.txt', '--path', str(tmpdir)) == (200, b'hello')


@each_kind
def test_an_application_is_served(loop, module, kind, protocol):
    folder = module('ours_' + kind.name, OURS)
    words = ['--app', 'ours_%s:app' % kind.name, '--folder', folder]
    assert fetch(loop, kind, protocol, b'/x', *words) == (200, b'GET /x')


@each_kind
def test_an_application_of_wsgi_is_served(loop, module, kind, protocol):
    folder = module('theirs_' + kind.name, THEIRS)
    words = ['--wsgi', 'theirs_%s:application' % kind.name, '--folder', folder]
    assert fetch(loop, kind, protocol, b'/x', *words) == (200, b'/x')


@each_kind
def test_one_application_is_enough(kind, protocol):
    with pytest.raises(UsageError):
        kind.options.parse(['--app', 'a:b', '--wsgi', 'a:b'])


@each_kind
def test_the_default_is_this_folder_on_the_usual_port(kind, protocol):
    options = kind.options.parse([])
    assert options.path is not None
    assert kind.endpoints(options) == [u'tcp:%d:interface=127.0.0.1' % protocol.PORT]
