# Copyright the carryall authors.  See LICENSE.
"""Roots of the web service that are no folder: --class, --resource-script, --wsgi."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall import runtimes
from carryall.app.objectnames import ImportFailed
from carryall.core.errors import UsageError
from carryall.core.future import Future, with_timeout
from carryall.services.web.service import TYPE
from tests.services.wsgi.wsgikit import WAIT_SECONDS, Answer, Client

SOURCE = b'''
from carryall.services.resources import Page, Resource


class Root(Resource):
    def render_GET(self, request):
        return u'the root'

    def get_child(self, name, request):
        return Page(name)


class Old:
    isLeaf = 1

    def render(self, request):
        return 'old ' + request.path


def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [environ['PATH_INFO'].encode('ascii')]
'''


@pytest.fixture
def folder(tmpdir, monkeypatch):
    """The current folder, with a module and a script."""
    tmpdir.join('rootoptionsample.py').write_binary(SOURCE)
    tmpdir.join('root.rpy').write_binary(SOURCE + b'\nresource = Root()\n')
    monkeypatch.chdir(tmpdir)
    before = list(sys.path)
    yield tmpdir
    sys.path[:] = before
    sys.modules.pop('rootoptionsample', None)


@pytest.fixture
def loop():
    """A loop of this runtime."""
    made = runtimes.choose()
    yield made
    made.close()


def _ask(loop, words, target):
    service = TYPE.make(TYPE.options.parse(words + ['-p', 'tcp:0:interface=127.0.0.1']))
    service.start(loop)
    place = [line for line in service.listening() if line.startswith('http')][0]
    client = Client()
    loop.run_until(loop.connect_tcp(
        lambda: client, '127.0.0.1', int(place.rpartition(':')[2])))
    client.transport.write(b'GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' % target)
    loop.run_until(with_timeout(loop, client.over, WAIT_SECONDS))
    loop.run_until(service.stop(1.0))
    return Answer(client.heard)


ROOTS = [
    (['--class', 'rootoptionsample.Root'], b'/', b'the root'),
    (['--class', 'rootoptionsample:Root'], b'/x', b'x'),
    (['--class', 'rootoptionsample.Old'], b'/x/y', b'old /x/y'),
    (['--resource-script', 'root.rpy'], b'/', b'the root'),
    (['--resource-script', 'root.rpy'], b'/x', b'x'),
    (['--wsgi', 'rootoptionsample'], b'/x', b'/x'),
]


@pytest.mark.parametrize('words, target, body', ROOTS)
def test_the_root_answers(loop, folder, words, target, body):
    assert _ask(loop, words, target).body == body


def test_a_class_that_is_missing_is_told_at_the_start(loop, folder):
    with pytest.raises(ImportFailed):
        _ask(loop, ['--class', 'rootoptionsample.Missing'], b'/')


def test_a_processor_renders_files(loop, folder):
    folder.join('rootoptionsample.py').write_binary(SOURCE + b'''

class Shown(Page):
    def __init__(self, path, registry):
        with open(path) as source:
            Page.__init__(self, source.read().upper())
''')
    folder.join('a.page').write_binary(b'shown')
    folder.join('a.page').chmod(0o644)
    words = ['--path', '.', '--processor', '.page=rootoptionsample.Shown']
    assert _ask(loop, words, b'/a.page').body == b'SHOWN'


def test_a_console_listens_beside_the_site(loop, folder):
    service = TYPE.make(TYPE.options.parse(
        ['--telnet', '0', '--telnet-password', 'x', '-p', 'tcp:0:interface=127.0.0.1']))
    service.start(loop)
    names = [line.partition(' ')[0] for line in service.listening()]
    loop.run_until(service.stop(1.0))
    assert names == ['http', 'telnet']


def test_a_console_takes_its_password_alone(loop, folder):
    service = TYPE.make(TYPE.options.parse(
        ['--telnet', '0', '--telnet-password', 'right', '-p', 'tcp:0:interface=127.0.0.1']))
    service.start(loop)
    place = [line for line in service.listening() if line.startswith('telnet')][0]
    heard = [_dialogue(loop, place, password) for password in (b'right', b'wrong')]
    loop.run_until(service.stop(1.0))
    assert ' on 127.0.0.1:' in place
    assert [b'>>> ' in each for each in heard] == [True, False]


def _dialogue(loop, place, password):
    """The words of the console to a login with *password*."""
    client = Client()
    loop.run_until(loop.connect_tcp(lambda: client, '127.0.0.1', int(place.rpartition(':')[2])))
    client.transport.write(b'admin\r\n' + password + b'\r\n')
    _until(loop, client, (b'>>> ', b'ncorrect', b'failed', b'wrong'))
    client.transport.abort()
    return client.heard


def _until(loop, client, marks):
    """Turns the loop until one of *marks* was heard, or the connection is over."""
    done = Future()

    def look():
        """Looks once."""
        if client.over.done() or any(mark in client.heard for mark in marks):
            done.set_result(None)
        else:
            loop.call_later(0.01, look)

    look()
    loop.run_until(with_timeout(loop, done, WAIT_SECONDS))


def test_a_console_without_a_password_does_not_start(loop, folder):
    service = TYPE.make(TYPE.options.parse(
        ['--telnet', '0', '-p', 'tcp:0:interface=127.0.0.1']))
    with pytest.raises(UsageError):
        service.start(loop)


@pytest.mark.parametrize('said_by', [TYPE.started_by_hand, TYPE.saved])
def test_a_password_is_made_up_and_shown(said_by):
    options = TYPE.options.parse(['--telnet', '0'])
    line = [said for said in said_by(options) if said.startswith(u'console')][0]
    assert line == u'console: user admin, password %s' % options.telnet_password
    assert len(options.telnet_password) > 15
