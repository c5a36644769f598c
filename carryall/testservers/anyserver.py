# Copyright the carryall authors.  See LICENSE.
"""Servers for tests of any protocol: TypeServer and LazyServer, and TCPServer.

TypeServer runs any type of service with the words of its command line.

Tests:    tests/house/testservers/test_anyserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type, to_bytes
from carryall.services.testservers.typeserver import word_of
from carryall.testservers.server import WAIT_SECONDS, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

__all__ = ['LazyServer', 'TCPServer', 'TypeServer']


class TypeServer(Server):
    """A service of any type.

    Options:  type: its name, as ``carryall types`` lists it.
              words: of its command line; ports are free ones unless they name some.
    """

    kind = 'type'
    options = {'type': 'text', 'words': None}
    type_name = ''

    def told(self, options):
        found = Server.told(self, options)
        words = [word_of(word) for word in found.pop('words', ())]
        for name in ('host', 'port'):
            found.pop(name, None)
        found['type'] = text_type(found.get('type') or self.type_name)
        found['words'] = self.words() + words
        return found

    def words(self):
        # type: () -> List[str]
        """Words in front of those that are given."""
        if not self.type_name:
            return []
        host = self.values.get('host') or u'127.0.0.1'
        interface = u'[%s]' % host if u':' in host else host
        return [u'--port', u'tcp:%d:interface=%s' % (self.values.get('port', 0), interface)]

    @property
    def addresses(self):
        # type: () -> List[str]
        """host:port of each listener."""
        self.number
        return [('[%s]:%d' if ':' in host else '%s:%d') % (native(host), port)
                for _, host, port in self.places]

    def __call__(self, *words):
        # type: (*Any) -> List[str]
        """The addresses of one more server of this type, with these words."""
        name = self.values.get('type') or self.type_name
        return self.another(TypeServer, type=name, words=words).addresses


class LazyServer(TypeServer):
    """A service of any type that starts when it is first asked for something.

    A type may need words, which the caller of the fixture gives.
    """

    def __init__(self, runner=None, **options):
        # type: (Any, **Any) -> None
        TypeServer.__init__(self, runner, **options)
        self._wanted = False

    def start(self):
        return TypeServer.start(self) if self._wanted else self

    @property
    def number(self):
        # type: () -> int
        """The number that its runner has given it."""
        self._wanted = True
        self.start()
        return TypeServer.number.fget(self)         # type: ignore


class TCPServer(Server):
    """A server that echoes, or answers as it is told.

    Options:  greeting: octets that a new connection gets.
              echo: False: what nothing is told for gets no answer.
              tls: TLS from the first octet.
              factory: makes the protocol of each connection, in this process alone.
    """

    kind = 'tcp'
    name = 'tcp_server'
    options = {'greeting': 'text', 'echo': bool, 'tls': bool, 'factory': None}

    def told(self, options):
        if options.get('factory') is not None:
            self.need_this_process('a protocol')
        return Server.told(self, options)

    @property
    def received(self):
        # type: () -> bytes
        """All octets that came, of all connections."""
        return b''.join([row['data'] for row in self.ask('came')])

    def wait(self, count=1, timeout=WAIT_SECONDS):
        # type: (int, float) -> List[bytes]
        """The pieces of data, once there are *count*; NotArrived if that takes too long."""
        return [row['data'] for row in self.came(count, timeout, 'pieces of data')]

    def answer(self, wanted, reply, close=False):
        # type: (Any, Any, bool) -> None
        """Sends *reply* each time that *wanted* has come; an empty one stands for anything."""
        self.ask('answer', wanted=to_bytes(wanted), reply=to_bytes(reply), close=close)

    def send(self, data):
        # type: (Any) -> int
        """Sends octets to every connection; how many there are."""
        return self.ask('send', data=to_bytes(data))

    @property
    def connections(self):
        # type: () -> int
        """How many connections there are."""
        return self.ask('open')

    def __call__(self, factory, tls=False):
        # type: (Any, bool) -> Tuple[str, int]
        """(host, port) of one more server, with the protocols that *factory* makes."""
        return self.another(TCPServer, factory=factory, tls=tls).address
