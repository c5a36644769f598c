# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of the distributed web: a front end and a personal server in memory,
HTTP in front of them."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols import pb
from carryall.protocols.http import Response, Site
from carryall.services.distrib.publisher import Publisher
from carryall.services.distrib.subscription import Subscription


class Scene(object):
    """A client's connection, a front end, a personal server with *app*.

    Args:     own: whether the personal server shows that it is one of ours.
    """

    def __init__(self, app=None, own=True, **options):
        self.loop = VirtualLoop()
        self.seen = []
        self.brokers = []

        def keep(request):
            self.seen.append(request)
            return app(request) if app is not None else Response(
                200, [(b'Content-Type', b'text/plain')], b'hello\n')

        self.publisher = Publisher(keep, self.loop)

        def make():
            broker = self.publisher.broker()
            broker._extensions = own
            self.brokers.append(broker)
            return broker

        self.listener = self.loop.listen_unix(make, '/personal')
        self.subscription = Subscription(
            self.loop, [lambda: pb.connect_unix(self.loop, '/personal', **Subscription.options())],
            **options)
        self.site = Site(lambda request: self.subscription(request, 1), self.loop)
        self.wire = FakeTransport(self.loop)
        self.wire.connect(self.site())

    def ask(self, data, seconds=0.0):
        """The answer that the client gets."""
        self.wire.feed(data)
        return self.hear(seconds)

    def hear(self, seconds=0.0):
        """The octets that came since the last call."""
        self.loop.advance(seconds)
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        return self.wire.take()

    def get(self, path=b'/x/', method=b'GET', fields=b'', body=b'', seconds=0.0):
        """(status, head, body) of a request on the kept connection."""
        if body:
            fields += b'Content-Length: %d\r\n' % len(body)
        heard = self.ask(b'%s %s HTTP/1.1\r\nHost: h\r\n%s\r\n%s' % (method, path, fields, body),
                         seconds)
        return parts(heard)

    def front(self):
        """The front end's broker."""
        return self.subscription.sturdy.reference.broker

    def left(self):
        """Live references, of both ends."""
        return sum(self.front().live()[:4]), sum(self.brokers[-1].live()[:4])


def parts(heard):
    """(status, head, body) of one response."""
    head, _, body = heard.partition(b'\r\n\r\n')
    if b'chunked' in head.lower():
        whole = b''
        while body and not body.startswith(b'0\r\n'):
            size, _, body = body.partition(b'\r\n')
            whole, body = whole + body[:int(size, 16)], body[int(size, 16) + 2:]
        body = whole
    return int(head[9:12] or b'0'), head, body
