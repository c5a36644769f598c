# Copyright the carryall authors.  See LICENSE.
"""The pytest plug-in: real servers on free ports of 127.0.0.1, for the tests of programs that talk to servers.

pytest finds it by its entry point where carryall is installed; from a checkout, say ``-p carryall.pytest_plugin``.

    def test_download(http_server):
        url = http_server(path='tests/data')                # or app=a web application of carryall
        assert urlopen(url + '/a.txt').read() == b'a'

    def test_my_client(tcp_server):
        host, port = tcp_server(Echo)                       # the callable that makes a protocol

    def test_old_clock(carryall_servers):
        address, = carryall_servers.start('simple', '--tcp', 'daytime:0')

They live as long as the test.  For a longer life use ``Servers`` in a fixture of your own, of any scope:

    @pytest.fixture(scope='session')
    def site():
        with Servers() as servers:
            yield servers.http(path='site')

Tests:    tests/house/test_pytest_plugin.py
"""
from __future__ import absolute_import, division, print_function

import threading

import pytest

from carryall import runtimes
from carryall.core.compat import FAILURES, reraise
from carryall.core.future import as_future
from carryall.core.registry import Registry
from carryall.protocols.http.site import Site
from carryall.services.web.static import StaticFiles

__all__ = ['Servers', 'carryall_servers', 'http_server', 'tcp_server']

HOST = '127.0.0.1'
WAIT_SECONDS = 30.0         # until a server has started, or stopped
DRAIN_SECONDS = 1.0         # for the requests that are under way when a test ends


class Servers(object):
    """Servers on a loop that runs in a thread of its own; a context manager.

    Args:     backend: the loop's backend; the best that this interpreter has, if not said.
    """

    def __init__(self, backend=None):
        self.loop = runtimes.choose(backend)
        self._closing = []              # what ends each server, called on the loop's thread; may return a Future
        self._thread = threading.Thread(target=self.loop.run, name='carryall servers')
        self._thread.daemon = True

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        try:
            while self._closing:
                self.call(self._closing.pop())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(WAIT_SECONDS)
            self.loop.close()

    def tcp(self, factory):
        """Listen with the protocols that *factory* makes; (host, port)."""
        listener = self.call(self.loop.listen_tcp, factory, HOST, 0)
        self._closing.append(listener.close)
        return listener.address.host, listener.address.port

    def http(self, app=None, path=None):
        """Serve a web application, or a folder; the URL, without a slash at its end."""
        if (app is None) == (path is None):
            raise TypeError('http() takes app or path')
        site = Site(StaticFiles(path, wall=self.loop.wall) if app is None else app, self.loop)
        address = self.tcp(site)
        self._closing.append(site.abort)
        return 'http://%s:%d' % address

    def start(self, name, *words):
        """Start a service as ``carryall NAME WORDS...`` does; the addresses that it listens on, as text."""
        kind = Registry().get(name)
        service = kind.make(kind.options.parse(list(words)))
        self.call(service.start, self.loop)
        self._closing.append(lambda: service.stop(DRAIN_SECONDS))
        return [line.rpartition(' on ')[2] for line in self.call(service.listening)]

    def call(self, function, *args):
        """Call a function on the loop's thread; what it returns, or what the Future that it returns comes to."""
        done, outcome = threading.Event(), []

        def finish(future):
            outcome.append(future)
            done.set()

        def begin():
            try:
                as_future(function(*args)).add_done_callback(finish)
            except FAILURES as exc:
                outcome.append(exc)
                done.set()

        self.loop.call_soon_threadsafe(begin)
        if not done.wait(WAIT_SECONDS):
            raise RuntimeError('%r took longer than %d seconds' % (function, WAIT_SECONDS))
        if hasattr(outcome[0], 'result'):
            return outcome[0].result()
        return reraise(outcome[0], None)


@pytest.fixture
def carryall_servers():
    """``Servers`` for one test."""
    with Servers() as servers:
        yield servers


@pytest.fixture
def tcp_server(carryall_servers):
    """Call it with what makes a protocol; (host, port)."""
    return carryall_servers.tcp


@pytest.fixture
def http_server(carryall_servers):
    """Call it with ``app=`` or ``path=``; the URL, without a slash at its end."""
    return carryall_servers.http
