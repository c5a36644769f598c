# Copyright the carryall authors.  See LICENSE.
"""The tests that the options --scgi and --uwsgi share."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.endpoints import parse_endpoint
from carryall.core.errors import UsageError
from carryall.core.future import Future, failed
from carryall.core.testing import VirtualLoop
from carryall.protocols.cgi import CGIError
from carryall.protocols.http import Body, Headers, Response
from carryall.protocols.http.message import CHUNKED
from carryall.services.web.options import SCHEMA
from carryall.services.web.programs import Script
from carryall.services.web.sessions import MemoryStore, Sessions
from tests.protocols.cgi.onerequest import whole
from tests.services.web.support import request

SCRIPT = Script(b'/srv/a.app', b'/a.app', b'/more', b'/srv', None)


class _Nowhere(object):
    """A transport without addresses."""

    @staticmethod
    def get_extra_info(name, default=None):
        """Nothing."""
        return default


def _asked(method=b'GET', pieces=None):
    """A request; with a chunked body of *pieces*."""
    made = request(b'/a.app/more?x=y', method=method, transport=_Nowhere())
    if pieces is not None:
        made.length = CHUNKED
        made.incoming = Body()
        for piece in pieces:
            made.incoming.feed(piece)
        made.incoming.end(Headers())
    return made


class Behind(object):
    """An application, and the handler that asks it."""

    def __init__(self, kind, option, server, app):
        self.loop = VirtualLoop()
        self.servers = []

        def made():
            """The server of a connection."""
            self.servers.append(server(app, self.loop))
            return self.servers[-1]

        self.listener = self.loop.listen_tcp(made, '127.0.0.1', 0)
        options = SCHEMA.parse([option, u'.app=tcp:%d' % self.listener.address.port])
        self.handler = kind.make(options, self.loop)

    def ask(self, asked):
        """(status, body) of the answer."""
        response = self.loop.run_until(self.handler(asked, SCRIPT))
        return response.status, whole(self.loop, response)


class SuffixTests(object):
    """A subclass has `kind`, `option` and `server`."""

    kind = None
    option = None
    server = None

    def behind(self, app):
        """A Behind."""
        return Behind(type(self).kind, self.option, type(self).server, app)

    def test_the_option_names_suffix_and_place(self):
        options = SCHEMA.parse([self.option, u'.app=tcp:9', self.option, u'.x=unix:/run/x.sock'])
        assert self.kind.suffixes(options) == [b'.app', b'.x']
        assert parse_endpoint(u'tcp:9').text() in self.kind.describe(options)

    def test_nothing_runs_without_the_option(self):
        options = SCHEMA.parse([])
        assert self.kind.suffixes(options) == []
        assert self.kind.describe(options) is None

    @pytest.mark.parametrize('values', [
        [u'app=tcp:9'], [u'.app'], [u'.app=udp:9'], [u'.A/b=tcp:9'], [u'.x=tcp:1', u'.x=tcp:2'],
        [u'.cgi=tcp:1'], [u'.x=tcp:1', None]])
    def test_a_wrong_application_is_refused(self, values):
        words = []
        for value in values:
            words += [u'--no-programs'] if value is None else [self.option, value]
        with pytest.raises(UsageError):
            SCHEMA.parse(words)

    def test_an_application_is_told_the_variables(self):
        seen = []
        behind = self.behind(lambda asked: seen.append(asked.variables) or Response(200, body=b'y'))
        assert behind.ask(_asked()) == (200, b'y')
        names = (b'SCRIPT_NAME', b'PATH_INFO', b'QUERY_STRING', b'SCRIPT_FILENAME')
        assert [seen[0][name] for name in names] == [b'/a.app', b'/more', b'x=y', b'/srv/a.app']

    def test_a_chunked_body_is_collected_first(self):
        behind = self.behind(lambda asked: asked.body.read_all(99).then(
            lambda data: Response(200, body=data + asked.variables[b'CONTENT_LENGTH'])))
        assert behind.ask(_asked(b'POST', [b'hello ', b'world'])) == (200, b'hello world11')

    def test_each_request_has_a_connection_that_ends(self):
        behind = self.behind(lambda asked: Response(200, body=b'y'))
        for _ in range(3):
            behind.ask(_asked())
            behind.loop.advance(0.1)
        assert len(behind.servers) == 3
        assert not behind.handler.close()

    def test_an_application_that_is_not_there_is_a_bad_gateway(self, expect_log):
        expect_log('cannot be reached')
        behind = self.behind(None)
        behind.listener.close()
        with pytest.raises(CGIError) as caught:
            behind.ask(_asked())
        assert caught.value.reply == 502

    def test_an_application_that_goes_is_a_bad_gateway(self, expect_log):
        expect_log('the application is gone')
        behind = self.behind(lambda asked: (asked.transport.abort(), Future())[1])
        with pytest.raises(CGIError) as caught:
            behind.ask(_asked())
        assert caught.value.reply == 502

    def test_an_application_that_fails_is_an_answer(self, expect_log):
        expect_log('failed')
        behind = self.behind(lambda asked: failed(ValueError('broken')))
        assert behind.ask(_asked())[0] == 500

    def test_an_application_cannot_set_the_cookie_of_a_session(self, expect_log):
        expect_log('is dropped')
        cookies = [(b'Set-Cookie', b'own=1'), (b'Set-Cookie', b'carryall-session=x')]
        behind = self.behind(lambda asked: Response(200, cookies, b'y'))
        wrapped = Sessions(MemoryStore(behind.loop), behind.loop).wrap(
            lambda asked: behind.handler(asked, SCRIPT))
        response = behind.loop.run_until(wrapped(_asked()))
        assert response.headers.get_all(b'set-cookie') == [b'own=1']
