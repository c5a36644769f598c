# Copyright the carryall authors.  See LICENSE.
"""The plug-in for other people's tests gives real servers, by its three fixtures and by Servers itself (TST-09)."""
from __future__ import absolute_import, division, print_function

import os
import threading

import pytest

from carryall import runtimes
from carryall.core.errors import UsageError
from carryall.core.future import Future
from carryall.core.protocol import Protocol
from carryall.protocols.http import Response
from carryall.pytest_plugin import Servers, carryall_servers, http_server, tcp_server     # noqa: F401  fixtures


class Echo(Protocol):
    """Sends back what it gets."""

    def data_received(self, data):
        """Send it back."""
        self.transport.write(data)


class Asking(Protocol):
    """Sends a question, gathers all of the answer."""

    def __init__(self, question, done):
        self._question = question
        self._done = done
        self._answer = []

    def connection_made(self, transport):
        """Ask."""
        transport.write(self._question)

    def data_received(self, data):
        """Gather, and hang up after the whole answer."""
        self._answer.append(data)
        if b''.join(self._answer).endswith(b'.\n'):
            self._done.set_result(b''.join(self._answer))


def ask(address, question):
    """The answer of the server at (host, port), which has to end with a full stop; asked by a loop of this thread."""
    loop = runtimes.choose()
    try:
        done = Future()
        loop.run_until(loop.connect_tcp(lambda: Asking(question, done), address[0], int(address[1])))
        return loop.run_until(done)
    finally:
        loop.close()


def get(url, path):
    """The response to GET *path* of a URL that a fixture gave."""
    host, port = url[len('http://'):].split(':')
    question = 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' % (path, host)
    return ask((host, port), question.encode('ascii'))


def test_tcp_server(tcp_server):      # noqa: F811
    """Two servers of one test have two ports."""
    first, second = tcp_server(Echo), tcp_server(Echo)
    assert first != second
    assert ask(first, b'one.\n') == b'one.\n'
    assert ask(second, b'two.\n') == b'two.\n'


def test_http_server_of_an_application(http_server):      # noqa: F811
    """The application's answer comes back."""
    url = http_server(app=lambda request: Response(200, [(b'Content-Type', b'text/plain')], request.path + b'.\n'))
    answer = get(url, '/asked')
    assert answer.startswith(b'HTTP/1.1 200 ') and answer.endswith(b'\r\n\r\n/asked.\n'), answer


def test_http_server_of_a_folder(http_server, tmpdir):    # noqa: F811
    """A file of the folder comes back."""
    tmpdir.join('a.txt').write('from a file.\n')
    answer = get(http_server(path=str(tmpdir)), '/a.txt')
    assert answer.startswith(b'HTTP/1.1 200 ') and answer.endswith(b'from a file.\n'), answer


def test_any_service(carryall_servers, tmpdir):           # noqa: F811
    """A service is started by the words of its command line; what is wrong with them is said."""
    tmpdir.join('a.txt').write('from a service.\n')
    address, = carryall_servers.start('web', '--path', str(tmpdir), '--port', 'tcp:0:interface=127.0.0.1')
    assert get('http://' + address, '/a.txt').endswith(b'from a service.\n')
    with pytest.raises(UsageError):
        carryall_servers.start('web', '--path', os.path.join(str(tmpdir), 'nothing'), '--port', 'tcp:0')


def test_nothing_is_left():
    """After the context the thread has ended and the port is free."""
    with Servers() as servers:
        address = servers.tcp(Echo)
        name = servers._thread.name
    assert name not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(Exception) as refused:
        ask(address, b'still there.\n')
    assert 'refused' in str(refused.value).lower() or 'Refused' in type(refused.value).__name__, refused.value
