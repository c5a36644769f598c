# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of WSGI: an application behind a real loop, and a client of it."""
from __future__ import absolute_import, division, print_function

from carryall import runtimes
from carryall.core.future import Future, sleep, with_timeout
from carryall.core.net.protocol import Protocol
from carryall.protocols.http import Settings as HTTPSettings
from carryall.protocols.http import Site
from carryall.services.web.sessions import MemoryStore, Sessions
from carryall.services.wsgi import Settings, WSGIApplication

WAIT_SECONDS = 20.0


class Answer(object):
    """A response: its status, the header section in lower case, and the octets of its body."""

    def __init__(self, data):
        head, _, self.body = data.partition(b'\r\n\r\n')
        line, _, fields = head.partition(b'\r\n')
        self.status = int(line.split(b' ')[1]) if line else 0
        self.fields = dict(
            (name.lower(), value.strip()) for name, _, value in
            (field.partition(b':') for field in fields.split(b'\r\n') if field))
        if self.fields.get(b'transfer-encoding') == b'chunked' and self.body:
            self.body = b''.join(_chunks(self.body))


def _chunks(data):
    while True:
        line, _, data = data.partition(b'\r\n')
        size = int(line, 16)
        if not size:
            return
        yield data[:size]
        data = data[size + 2:]


class Client(Protocol):
    """Gathers what comes until the connection ends."""

    def __init__(self):
        self.heard = b''
        self.over = Future()

    def data_received(self, data):
        self.heard += data

    def connection_lost(self, exc):
        self.over.set_result(exc)


class Served(object):
    """An application of a site on a loop of its own.

    Args:     app: the WSGI application.
    """

    def __init__(self, app, **settings):
        self.loop = runtimes.choose()
        self.application = self.make(app, settings)
        self.listener = self.loop.listen_tcp(
            Site(self.application, self.loop, HTTPSettings(head_seconds=60.0)))

    def make(self, app, settings):
        """The application for the site."""
        return WSGIApplication(app, self.loop, Settings(**settings))

    def connect(self):
        """A Client that is connected."""
        client = Client()
        self.loop.run_until(self.loop.connect_tcp(
            lambda: client, '127.0.0.1', self.listener.address.port))
        return client

    def wait(self, future):
        """The result of *future*."""
        return self.loop.run_until(with_timeout(self.loop, future, WAIT_SECONDS))

    def until(self, condition):
        """Turns the loop until *condition()* is true."""
        done = Future()

        def look():
            if condition():
                done.set_result(None)
            else:
                self.loop.call_later(0.005, look)

        look()
        self.wait(done)

    def settle(self):
        """Lets the other side of the connections see what has happened."""
        self.wait(sleep(self.loop, 0.1))

    def raw(self, data):
        """All that comes after *data* was sent, until the server closes."""
        client = self.connect()
        client.transport.write(data)
        self.wait(client.over)
        return client.heard

    def ask(self, target=b'/', method=b'GET', fields=(), body=b'', version=b'1.1'):
        """The Answer to one request."""
        lines = [b'%s %s HTTP/%s' % (method, target, version), b'Host: h.example',
                 b'Connection: close'] + list(fields)
        if body:
            lines.append(b'Content-Length: %d' % len(body))
        return Answer(self.raw(b'\r\n'.join(lines) + b'\r\n\r\n' + body))

    def guard(self):
        """Puts sessions before the application."""
        self.listener.close()
        sessions = Sessions(MemoryStore(self.loop), self.loop)
        self.listener = self.loop.listen_tcp(Site(sessions.wrap(self.application), self.loop))

    def close(self):
        """Ends the loop and the threads."""
        self.application.close()
        self.loop.close()
