# Copyright the carryall authors.  See LICENSE.
"""The tests that the types fastcgi, scgi and uwsgi share: applications behind another web server.
"""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.core.errors import UsageError
from tests.services.web.support import write

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



class BehindTests(object):
    """A subclass has `kind`, the type, and `protocol`, the package."""

    kind = None
    protocol = None

    @pytest.fixture
    def module(self, tmpdir, monkeypatch):
        """Makes a module of a new name."""
        monkeypatch.setattr(sys, 'path', list(sys.path))

        def make(name, source):
            """Writes it; its folder."""
            write(tmpdir, name + '.py', source)
            return str(tmpdir)

        return make

    def fetched(self, loop, target, *words):
        """(status, body) of the answer of a service."""
        return fetch(loop, self.kind, self.protocol, target, *words)

    def test_a_folder_is_served(self, loop, tmpdir):
        write(tmpdir, 'page.txt', b'hello')
        assert self.fetched(loop, b'/page.txt', '--path', str(tmpdir)) == (200, b'hello')

    def test_an_application_is_served(self, loop, module):
        name = 'ours_' + self.kind.name
        words = ['--app', name + ':app', '--folder', module(name, OURS)]
        assert self.fetched(loop, b'/x', *words) == (200, b'GET /x')

    def test_an_application_of_wsgi_is_served(self, loop, module):
        name = 'theirs_' + self.kind.name
        words = ['--wsgi', name + ':application', '--folder', module(name, THEIRS)]
        assert self.fetched(loop, b'/x', *words) == (200, b'/x')

    def test_one_application_is_enough(self):
        with pytest.raises(UsageError):
            self.kind.options.parse(['--app', 'a:b', '--wsgi', 'a:b'])

    def test_the_default_is_this_folder_on_the_usual_port(self):
        options = self.kind.options.parse([])
        assert options.path is not None
        wanted = u'tcp:%d:interface=127.0.0.1' % self.protocol.PORT
        assert self.kind.endpoints(options) == [wanted]
