# Copyright the carryall authors.  See LICENSE.
"""A SOCKS server on a virtual loop, with something to connect to."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.guard import LoginGuard
from carryall.core.auth.portal import Portal, Realm
from carryall.core.net.deadlines import sweeper_of
from carryall.core.testing import FakeTransport, StrictProtocol, VirtualLoop
from carryall.core.net.transport import Address
from carryall.core.wrap.streamrelay import RelaySettings
from carryall.protocols.socks import Gate, Settings
from carryall.protocols.socks.server import SOCKSServer

CLIENT = Address('198.51.100.9', 40000)
FRONT = Address('198.51.100.1', 1080)
TARGET = Address('192.0.2.7', 80)

ASK_4 = b'\4\1\0P\xc0\0\2\7ann\0'
ASK_4A = b'\4\1\0P\0\0\0\1ann\0host.example\0'
ASK_5 = b'\5\1\0\1\xc0\0\2\7\0P'
ASK_5_NAME = b'\5\1\0\3\x0chost.example\0P'
ASK_HTTP = b'CONNECT host.example:80 HTTP/1.1\r\nHost: host.example:80\r\n\r\n'
DONE_HTTP = b'HTTP/1.1 200 Connection established\r\n\r\n'


class Target(StrictProtocol):
    """The target: notes all that comes, and says the stage's *greeting*."""

    keep_open = True

    def __init__(self, stage):
        StrictProtocol.__init__(self)
        self.stage = stage
        stage.targets.append(self)

    def made(self):
        if self.stage.greeting:
            self.transport.write(self.stage.greeting)


class Stage(object):
    """Gate, wire to a client, and target."""

    def __init__(self, login=False, **given):
        self.loop = VirtualLoop({'host.example': ['192.0.2.7'],
                                 'two.example': ['192.0.2.66', '192.0.2.7']})
        self.targets = []
        self.greeting = b''
        self.loop.listen_tcp(lambda: Target(self), TARGET.host, TARGET.port)
        if login:
            given['portal'] = Portal(Realm(), [MemoryChecker({u'ann': b'secret'})])
            given['guard'] = LoginGuard(self.loop, ban_after=3)
        self.sweeper = sweeper_of(self.loop)
        given.setdefault('relay', RelaySettings(idle_seconds=600.0))
        chosen = dict((name, given.pop(name)) for name in list(given) if name in Settings.__slots__)
        self.gate = Gate(self.loop, settings=Settings(**chosen), **given)
        self.wire = self.connect()

    def connect(self, peername=CLIENT):
        """Another client's wire."""
        return FakeTransport(self.loop, peername=peername, sockname=FRONT).connect(
            SOCKSServer(self.gate))

    def say(self, data, wire=None):
        """The client says *data*; what comes back."""
        wire = wire or self.wire
        wire.feed(data)
        self.loop.advance()
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        return wire.take()

    def done5(self):
        """The reply to a CONNECT that went well."""
        return b'\5\0\0\1' + self.bound()

    def bound(self):
        """Our end towards the newest target, as octets: address and port."""
        here = self.targets[-1].transport.get_extra_info('peername')
        return bytes(bytearray([127, 0, 0, 1, here.port >> 8, here.port & 255]))

    def left(self):
        """Members of the sweeper and connections, when all should be over."""
        self.loop.advance(5.0)
        return len(self.sweeper), len(self.loop._wires)
