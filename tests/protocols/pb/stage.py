# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of Perspective Broker: two brokers in memory, or one broker and a peer
of bytes."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.protocols import pb
from carryall.protocols.pb.banana import NOTHING, PB, WORDS, Decoder, encode

HELLO = b'\x02\x80\x02\x82pb\x04\x82none'
CHOICE = b'\x02\x82pb'
VERSION = b'\x02\x80\x13\x87\x06\x81'


class Pair(object):
    """A client and a server, connected; ``near`` and ``far`` are options of the brokers."""

    def __init__(self, root=None, near=None, far=None, settings=None):
        self.loop = VirtualLoop()
        self.servers = []

        def make():
            self.servers.append(pb.Broker(self.loop, root, settings=settings, **(far or {})))
            return self.servers[-1]

        self.listener = self.loop.listen_tcp(make, '127.0.0.1', 0)
        self.client = self.wait(pb.connect(self.loop, '127.0.0.1', self.listener.address.port,
                                           **(near or {})))
        self.server = self.servers[0]
        self.root = self.client.remote()

    def settle(self):
        """Lets everything that can happen now happen."""
        self.loop.advance()
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)

    def wait(self, future, seconds=0.0):
        """The result of a Future that needs no more than those seconds."""
        self.loop.advance(seconds)
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        assert future.done(), 'it does not come'
        return future.result()

    def call(self, name, *args, **kwargs):
        """The answer to a call of the root."""
        return self.wait(self.root.call_remote(name, *args, **kwargs))

    def error(self, future):
        """The exception of a Future."""
        self.settle()
        assert future.done(), 'it does not come'
        return future.exception()


class Peer(object):
    """A server broker whose client is the test, which says and hears elements."""

    def __init__(self, root=None, **options):
        self.loop = VirtualLoop()
        self.broker = pb.Broker(self.loop, root, **options)
        self.wire = FakeTransport(self.loop)
        self.wire.connect(self.broker)
        self.loop.advance()
        assert HELLO[1:] in self.wire.take(), 'the server says its dialects first'
        self.decoder = Decoder(words=WORDS)
        self.wire.feed(CHOICE + VERSION)
        assert self.hear() == [[b'version', 6]], 'then its version'

    def say(self, *elements):
        """Sends elements, each in one piece."""
        for element in elements:
            self.wire.feed(element if isinstance(element, bytes) else encode(element, PB))
        self.loop.advance()
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)

    def hear(self):
        """The elements that came since the last time."""
        self.loop.advance()
        self.decoder.receive_data(self.wire.take())
        heard = []
        while True:
            element = self.decoder.next_element()
            if element is NOTHING:
                return heard
            heard.append(element)

    def ask(self, *elements):
        """Says and hears."""
        self.say(*elements)
        return self.hear()

    def message(self, number, name, *args, **more):
        """A call of the root."""
        return [b'message', number, more.get('object', b'root'), name, 1, [b'tuple'] + list(args),
                [b'dictionary']]
