# Copyright the carryall authors.  See LICENSE.
"""The plug-in for other people's tests gives real servers,
by its three fixtures and by Servers itself (TST-09)."""
from __future__ import absolute_import, division, print_function

import os
import sys
import threading

import pytest

from carryall import runtimes
from carryall.core.errors import UsageError
from carryall.core.future import Future
from carryall.core.net.protocol import Protocol
from carryall.protocols.http import Response
from carryall.core.tls import TLSContext, connect_tls
from carryall.pytest_plugin import (      # noqa: F401  fixtures
    FIXTURES, Servers, carryall_ca, carryall_certificates, carryall_servers,
    carryall_servers_module, http_server, http_server_module, https_server, pytest_configure,
    tcp_server)


class Echo(Protocol):
    """Sends back what it gets."""

    def data_received(self, data):
        """Sends it back."""
        self.transport.write(data)


class Asking(Protocol):
    """Sends a question, gathers all of the answer."""

    def __init__(self, question, done):
        self._question = question
        self._done = done
        self._answer = []

    def connection_made(self, transport):
        """Asks."""
        transport.write(self._question)

    def data_received(self, data):
        """Gathers, and hangs up after the whole answer."""
        self._answer.append(data)
        if b''.join(self._answer).endswith(b'.\n'):
            self._done.set_result(b''.join(self._answer))


def ask(address, question, context=None):
    """The answer of the server at (host, port), which has to end with a full stop;
    asked by a loop of this thread."""
    loop = runtimes.choose()
    try:
        done = Future()
        if context is None:
            loop.run_until(loop.connect_tcp(lambda: Asking(question, done), address[0],
                                            int(address[1])))
        else:
            loop.run_until(connect_tls(loop, context, lambda: Asking(question, done), address[0],
                                       int(address[1])))
        return loop.run_until(done)
    finally:
        loop.close()


def get(url, path, context=None):
    """The response to GET *path* of a URL that a fixture gave."""
    host, port = url.partition('://')[2].split(':')
    question = 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' % (path, host)
    return ask((host, port), question.encode('ascii'), context)


def test_two_tcp_servers_have_two_ports(tcp_server):      # noqa: F811
    """Two servers of one test have two ports."""
    first = tcp_server(Echo)
    second = tcp_server(Echo)
    assert first != second
    assert ask(first, b'one.\n') == b'one.\n'
    assert ask(second, b'two.\n') == b'two.\n'


def test_http_server_of_an_application(http_server):      # noqa: F811
    """The application's answer comes back."""
    url = http_server(app=lambda request: Response(200, [(b'Content-Type', b'text/plain')],
                                                   request.path + b'.\n'))
    answer = get(url, '/asked')
    assert answer.startswith(b'HTTP/1.1 200 ') and answer.endswith(b'\r\n\r\n/asked.\n'), answer


def test_http_server_of_a_folder(http_server, tmpdir):    # noqa: F811
    """A file of the folder comes back."""
    tmpdir.join('a.txt').write('from a file.\n')
    answer = get(http_server(path=str(tmpdir)), '/a.txt')
    assert answer.startswith(b'HTTP/1.1 200 ') and answer.endswith(b'from a file.\n'), answer


def test_any_service_starts_by_its_words(carryall_servers, tmpdir):           # noqa: F811
    """A service is started by the words of its command line; what is wrong with them is said."""
    tmpdir.join('a.txt').write('from a service.\n')
    address, = carryall_servers.start('web', '--path', str(tmpdir), '--port',
                                      'tcp:0:interface=127.0.0.1')
    assert get('http://' + address, '/a.txt').endswith(b'from a service.\n')
    with pytest.raises(UsageError):
        carryall_servers.start('web', '--path', os.path.join(str(tmpdir), 'nothing'), '--port',
                               'tcp:0')


def test_https_server_is_trusted(https_server, carryall_ca, tmpdir):       # noqa: F811
    """A client that trusts the throw-away authority gets the file;
    the certificate is for 127.0.0.1."""
    tmpdir.join('a.txt').write('over TLS.\n')
    url = https_server(path=str(tmpdir))
    assert url.startswith('https://127.0.0.1:')
    assert get(url, '/a.txt', TLSContext(trust=carryall_ca)).endswith(b'over TLS.\n')


def test_authority_is_one_for_the_run(carryall_servers, carryall_ca):      # noqa: F811
    """Every server's certificate is of the same authority, and that is what the fixture names."""
    assert carryall_servers.ca_file == carryall_ca


_seen = []


@pytest.mark.parametrize('turn', [1, 2])
def test_scope_of_a_module(http_server_module, carryall_servers_module, tmpdir, turn):  # noqa: F811
    """The same servers for all tests of a module:
    what the first started still serves the second."""
    if not _seen:
        tmpdir.join('a.txt').write('for long.\n')
        _seen.append((carryall_servers_module, http_server_module(path=str(tmpdir))))
    assert carryall_servers_module is _seen[0][0]
    assert get(_seen[0][1], '/a.txt').endswith(b'for long.\n')


def test_every_row_has_its_fixtures():
    """The names in the table are fixtures for each scope."""
    from carryall import pytest_plugin
    for row in FIXTURES:
        for ending in ('', '_module', '_session'):
            assert hasattr(pytest_plugin, row[0] + ending)
            assert row[0] + ending in pytest_plugin.__all__


def test_nothing_is_left():
    """After the context the thread has ended and the port is free."""
    with Servers() as servers:
        address = servers.tcp(Echo)
        thread = servers._thread
    assert thread not in threading.enumerate()
    with pytest.raises(Exception) as refused:
        ask(address, b'still there.\n')
    assert 'refused' in str(refused.value).lower() or 'Refused' in type(refused.value).__name__, \
        refused.value


class Config(object):
    """The part of pytest's configuration that the plug-in asks for."""

    def __init__(self, option, ini=''):
        self._option = option
        self._ini = ini

    def getoption(self, name):
        """The option's word."""
        assert name == '--carryall-runtime'
        return self._option

    def getini(self, name):
        """The word in the ini file, which has no options."""
        return {'carryall_runtime': self._ini, 'carryall_options': []}[name]


@pytest.mark.parametrize('word', ['nonsense', '/no/where', 'none.jar'])
def test_a_runtime_that_is_not_there_is_told_before_any_test(word):
    for config in (Config(word), Config(None, word)):
        with pytest.raises(pytest.UsageError) as caught:
            pytest_configure(config)
        assert str(caught.value).startswith('--carryall-runtime: there is no ') and word in str(
            caught.value)
    pytest_configure(Config(sys.executable))
    pytest_configure(Config(None))
