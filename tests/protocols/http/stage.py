# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of HTTP: a receiver's events as plain values, and a server on a
stage."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future
from carryall.core.records import names_of
from carryall.core.testing import FakeTransport, VirtualLoop, chunkings, play
from carryall.protocols.http import Response, Settings, Site
from carryall.protocols.http.message.events import CLOSED, End, RequestHead

WALL = 784111777.0                      # RFC 9110's example: Sun, 06 Nov 1994 08:49:37 GMT
DATE = b'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n'
GET = b'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'


# -- the grammar ---------------------------------------------------------------

def plain(event):
    """An event as a tuple that can be compared."""
    if event is CLOSED:
        return ('closed',)
    if isinstance(event, End):
        return ('end', list(event.trailers))
    if isinstance(event, RequestHead):
        return ('request', event.method, event.target, event.version, event.length,
                list(event.headers))
    return ('response', event.status, event.reason, event.version, event.length,
            list(event.headers))


def add_event(event, into):
    """One event onto the list *into*; the pieces of a body are joined."""
    if type(event) is not bytes:
        into.append(plain(event))
    elif into and into[-1][0] == 'body':
        into[-1] = ('body', into[-1][1] + event)
    else:
        assert event, 'an empty piece of a body'
        into.append(('body', event))


def take_events(receiver, into, add=add_event):
    """All events that can be had now, by *add* onto the list *into*.  False after an error, or when
    no more can come.
    """
    while True:
        try:
            event = receiver.next_event()
        except RemoteProtocolError as exc:
            into.append(('error', exc.reply))
            return False
        if event is None:
            return True
        add(event, into)
        if event is CLOSED:
            return False


def events_of(make, data, eof=False):
    """The events of *data*, which must be the same however it is cut; *make* makes a receiver."""
    first = None
    for name, pieces in chunkings(data):
        receiver = make()
        events = []
        good = True
        for piece in pieces:
            receiver.receive_data(piece)
            good = good and take_events(receiver, events)
        if eof and good:
            receiver.receive_eof()
            take_events(receiver, events)
        if first is None:
            first = events
        assert events == first, 'data %s: %r, but whole: %r' % (name, events, first)
    return first


# -- the server ----------------------------------------------------------------

def settled(options, kind=Settings):
    """*options* with those that are settings in one record of *kind*."""
    chosen = dict(pair for pair in options.items() if pair[0] in names_of(kind.rows))
    others = dict(pair for pair in options.items() if pair[0] not in chosen)
    others['settings'] = options.get('settings', kind()).replace(**chosen)
    return others


class Stage(object):
    """A site with one connection in memory; *app* is called for its requests.

    Attributes:
        seen: the requests that the application got.
    """

    def __init__(self, app=None, **options):
        self.seen = []
        self.protocols = []
        self.loop = VirtualLoop()
        self.loop.wall = lambda: WALL
        self._app = app or (lambda request: Response(200, body=b'hello'))
        self.site = Site(self._ask, self.loop, **settled(options))
        self.wire = self.connect()

    def _ask(self, request):
        self.seen.append(request)
        return self._app(request)

    def connect(self):
        """One more connection."""
        wire = FakeTransport(self.loop)
        self.protocols.append(self.site())
        wire.connect(self.protocols[-1])
        return wire

    def drain(self):
        """The server stops: as StreamServer does, for each connection."""
        for protocol in self.protocols:
            protocol.drain()

    def say(self, data):
        """The client sends *data*; what the server answers."""
        self.wire.feed(data)
        self.loop.advance()
        return self.hear()

    def hear(self):
        """The server's octets since the last call."""
        assert not self.loop.failures, self.loop.failures
        return self.wire.take()


def site(app=None, **options):
    """A factory for ``play``: makes a server on a loop."""
    def make(loop):
        loop.wall = lambda: WALL
        return Site(app or (lambda request: Response(200, body=b'hello')), loop,
                    **settled(options))()
    return make


def ok(body=b'hello', fields=b'', status=b'200 OK'):
    """The response of the server to a plain request."""
    return b''.join((b'HTTP/1.1 ', status, b'\r\n', DATE, fields,
                     b'Content-Length: %d\r\n\r\n' % len(body), body))


def said(status):
    """The response of the server's own that says no more than *status*, as b'400 Bad Request', and
    is the last.
    """
    body = status + b'\n'
    return b''.join((b'HTTP/1.1 ', status, b'\r\n', DATE,
                     b'Content-Type: text/plain\r\nConnection: close\r\n',
                     b'Content-Length: %d\r\n\r\n' % len(body), body))


def later():
    """(application, futures): the application answers with a Future, which is put into the list
    *futures*.
    """
    futures = []

    def app(_request):
        futures.append(Future())
        return futures[-1]
    return app, futures


__all__ = ['DATE', 'GET', 'Stage', 'WALL', 'events_of', 'later', 'ok', 'plain', 'play', 'said',
           'settled', 'site',
           'take_events']
