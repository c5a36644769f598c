# Copyright the carryall authors.  See LICENSE.
"""PHP: which program or application runs which suffix, and what it is told (feature WEB-06)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.endpoints import parse_endpoint
from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.core.testing import VirtualLoop
from carryall.protocols.fastcgi import FastCGIServer
from carryall.protocols.http import Body, Headers, Response
from carryall.protocols.http.message import CHUNKED
from carryall.services.cgi.suffixapplications import ProgramsBySuffix
from carryall.services.fastcgi.phpprograms import PHP, describe, make, php_cgi, suffixes
from carryall.services.web.options import SCHEMA
from carryall.services.web.programs import Script
from carryall.services.web.sessions import MemoryStore, Sessions
from tests.protocols.cgi.onerequest import whole
from tests.services.web.support import request, write

SCRIPT = Script(b'/srv/a.php', b'/a.php', b'', b'/srv', None)


@pytest.fixture
def program(tmpdir):
    """A php-cgi that says what it was told."""
    path = write(tmpdir, 'bin/php-cgi', b'#!/bin/sh\n')
    os.chmod(path, 0o755)
    return path


@pytest.fixture
def nothing(monkeypatch):
    """A machine without PHP."""
    monkeypatch.setenv('PATH', '/nonexistent')


def parsed(*words):
    return SCHEMA.parse(words)


def test_php_cgi_is_found_on_the_path(program, nothing):
    assert php_cgi(parsed(), '/nonexistent' + os.pathsep + os.path.dirname(program)) == program


def test_another_program_may_be_named(program, nothing):
    options = parsed('--php-cgi', program)
    assert describe(options) == program
    assert suffixes(options) == sorted(PHP)


def test_nothing_runs_without_php(nothing):
    assert describe(parsed()) is None
    assert suffixes(parsed()) == []


def test_an_application_answers_for_all_suffixes_of_php(nothing):
    options = parsed('--fastcgi', '.php=tcp:9000')
    assert suffixes(options) == sorted(PHP)
    assert describe(options) == u'FastCGI at %s' % parse_endpoint(u'tcp:9000').text()


def test_an_application_may_have_a_suffix_of_its_own(nothing):
    options = parsed('--fastcgi', '.app=tcp:9001', '--fastcgi', '.php5=tcp:9002')
    assert suffixes(options) == [b'.app', b'.php5']


@pytest.mark.parametrize('words', [
    ['--fastcgi', 'php=tcp:9000'], ['--fastcgi', '.php'], ['--fastcgi', '.php=udp:9000'],
    ['--fastcgi', '.PHP=tcp:9000'], ['--fastcgi', '.a/b=tcp:9000'],
    ['--fastcgi', '.x=tcp:1', '--fastcgi', '.x=tcp:2'], ['--fastcgi', '.cgi=tcp:1'],
    ['--fastcgi', '.x=tcp:1', '--no-programs']])
def test_a_wrong_application_is_refused(words):
    with pytest.raises(UsageError):
        parsed(*words)


def seen_by(ask, body=b''):
    """The variables that an application gets, with the body that it reads."""
    loop = VirtualLoop()
    seen = []

    def app(asked):
        """Keeps the variables."""
        seen.append(asked.variables)
        return asked.body.read_all(1 << 20).then(lambda data: Response(200, body=data))

    listener = loop.listen_tcp(lambda: FastCGIServer(app, loop), '127.0.0.1', 0)
    options = parsed('--fastcgi', '.php=tcp:%d' % listener.address.port)
    handler = make(options, loop)
    response = loop.run_until(handler(ask, SCRIPT))
    found = whole(loop, response)
    handler.close()
    return seen[0], found


@pytest.mark.parametrize('name, value', [
    (b'SCRIPT_FILENAME', b'/srv/a.php'), (b'SCRIPT_NAME', b'/a.php'),
    (b'REDIRECT_STATUS', b'200'), (b'PATH_TRANSLATED', b'/srv/a.php'),
    (b'DOCUMENT_ROOT', b'/srv'), (b'REQUEST_URI', b'/a.php?x=y'), (b'QUERY_STRING', b'x=y'),
    (b'GATEWAY_INTERFACE', b'CGI/1.1')])
def test_an_application_is_told_what_php_wants(name, value):
    asked = request(b'/a.php?x=y', transport=_Nowhere())
    assert seen_by(asked)[0][name] == value


def test_a_chunked_body_is_collected_first():
    asked = request(b'/a.php', method=b'POST', transport=_Nowhere())
    asked.length = CHUNKED
    body = Body()
    body.feed(b'hello ')
    body.feed(b'world')
    body.end(Headers())
    asked.incoming = body
    variables, found = seen_by(asked)
    assert variables[b'CONTENT_LENGTH'] == b'11'
    assert found == b'hello world'


class _Nowhere(object):
    """A transport without addresses."""

    @staticmethod
    def get_extra_info(name, default=None):
        """Nothing."""
        return default


def test_each_suffix_goes_to_what_runs_it():
    asked = []
    handler = ProgramsBySuffix({b'.php': lambda request, script: asked.append('php'),
                                       b'.app': lambda request, script: asked.append('app')})
    for name in (b'/srv/x.php', b'/srv/x.app', b'/srv/X.PHP'):
        handler(None, Script(name, b'', b'', b'', None))
    assert asked == ['php', 'app', 'php']


def test_an_endpoint_of_the_options_is_one():
    endpoint = dict(parsed('--fastcgi', '.php=unix:/run/php.sock').fastcgi)[u'.php']
    assert to_bytes(parse_endpoint(endpoint).path).endswith(b'/run/php.sock')


def test_an_application_cannot_set_the_cookie_of_a_session(expect_log):
    expect_log('is dropped')
    loop = VirtualLoop()
    cookies = [(b'Set-Cookie', b'own=1'), (b'Set-Cookie', b'carryall-session=x')]
    listener = loop.listen_tcp(lambda: FastCGIServer(lambda _: Response(200, cookies), loop),
                               '127.0.0.1', 0)
    handler = make(parsed('--fastcgi', '.php=tcp:%d' % listener.address.port), loop)
    app = Sessions(MemoryStore(loop), loop).wrap(lambda asked: handler(asked, SCRIPT))
    response = loop.run_until(app(request(b'/a.php', transport=_Nowhere())))
    assert response.headers.get_all(b'set-cookie') == [b'own=1']
    handler.close()
