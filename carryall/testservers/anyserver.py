# Copyright the carryall authors.  See LICENSE.
"""Servers for tests of all other protocols.

TypeServer runs any type of service with the words of its command line; the others know theirs.

Tests:    tests/house/testservers/test_anyserver.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import shutil
import tempfile

from carryall.core.compat import native, text_type, to_bytes
from carryall.services.testservers.typeserver import word_of
from carryall.testservers.server import WAIT_SECONDS, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['FingerServer', 'LazyServer', 'PBServer', 'PortForwardServer', 'SOCKSServer',
           'SimpleServer', 'TCPServer', 'TelnetServer', 'TypeServer', 'WebSocketServer']


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


class TelnetServer(TypeServer):
    """A Python console over Telnet, with one account."""

    type_name = 'telnet'
    name = 'telnet_server'
    scheme = 'telnet'
    options = {'user': 'text', 'password': 'text', 'words': None}

    user = property(lambda self: str(self.values.get('user', 'user')),
                    doc='The name of the account.')
    password = property(lambda self: str(self.values.get('password', 'secret')),
                        doc='Its password.')
    login = property(lambda self: (self.user, self.password), doc='(name, password).')

    def told(self, options):
        found = TypeServer.told(self, options)
        for name in ('user', 'password'):
            found.pop(name, None)
        return found

    def words(self):
        return TypeServer.words(self) + [u'--username', text_type(self.user), u'--password',
                                         text_type(self.password)]


class FingerServer(TypeServer):
    """A finger server for people that the test makes up."""

    type_name = 'finger'
    name = 'finger_server'
    scheme = 'finger'
    options = {'words': None}

    def __init__(self, runner=None, **options):
        # type: (Any, **Any) -> None
        TypeServer.__init__(self, runner, **options)
        self._folder = None         # type: Optional[str]

    def words(self):
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix='carryall-people-')
        return TypeServer.words(self) + [u'--folder', text_type(self._folder), u'--list']

    def add(self, login, name=u'', plan=u'', project=u''):
        # type: (Any, Any, Any, Any) -> None
        """One more person."""
        self.number
        folder = os.path.join(str(self._folder), str(login))
        if not os.path.isdir(folder):
            os.mkdir(folder)
        for key, value in (('name', name), ('plan', plan), ('project', project)):
            if value:
                with io.open(os.path.join(folder, key), 'wb') as target:
                    target.write(to_bytes(value))

    def close(self):
        try:
            TypeServer.close(self)
        finally:
            folder, self._folder = self._folder, None
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)


class SOCKSServer(TypeServer):
    """A proxy: SOCKS 4, 4a, 5 and HTTP CONNECT on one port."""

    type_name = 'socks'
    name = 'socks_server'
    scheme = 'socks5'
    options = {'words': None}


class PBServer(TypeServer):
    """Objects by Perspective Broker: an echo, or what ``root`` names as module:name.

    Options:  root: where the server's runtime can import it.
    """

    type_name = 'pb'
    name = 'pb_server'
    scheme = 'pb'
    options = {'root': 'text', 'words': None}

    def told(self, options):
        found = TypeServer.told(self, options)
        found.pop('root', None)
        return found

    def words(self):
        root = self.values.get('root')
        return TypeServer.words(self) + ([] if root is None else [u'--root', text_type(root)])


class SimpleServer(TypeServer):
    """The small services: echo, discard, daytime, time, chargen and qotd, each on a port."""

    type_name = 'simple'
    name = 'simple_server'
    options = {'words': None}
    served = ('echo', 'discard', 'daytime', 'time', 'chargen', 'qotd')

    def words(self):
        found = []                  # type: List[str]
        if not self.values.get('words'):
            for name in self.served:
                found += [u'--tcp', u'%s:0' % name]
        return found

    @property
    def ports(self):
        # type: () -> Dict[str, int]
        """The port of each service by its name."""
        return dict(zip(self.served, [place[2] for place in self.places]))


class PortForwardServer(TypeServer):
    """A relay to ``target``, HOST:PORT.

    It starts when the target is known: with the option, or when ``forward`` is called.
    """

    type_name = 'portforward'
    name = 'portforward_server'
    options = {'target': 'text', 'words': None}

    def start(self):
        if self.values.get('target') is None and not self.values.get('words'):
            return self
        return TypeServer.start(self)

    def forward(self, target):
        # type: (str) -> PortForwardServer
        """Relay to HOST:PORT from now on; the server itself."""
        self.values['target'] = word_of(target)
        if not self.started:
            return self.start()
        return self.restart()

    def told(self, options):
        found = TypeServer.told(self, options)
        found.pop('target', None)
        return found

    def words(self):
        target = self.values.get('target')
        return TypeServer.words(self) + ([] if target is None else
                                         [u'--target', u'tcp:' + text_type(target)])


class WebSocketServer(Server):
    """A WebSocket on every path, which echoes or says what it is told.

    Options:  tls: True for wss.
              echo: False: messages that nothing is told for get no answer.
              subprotocols: those that it knows.
    """

    kind = 'websocket'
    name = 'websocket_server'
    options = {'tls': bool, 'echo': bool, 'subprotocols': None}

    @property
    def scheme(self):
        """ws or wss."""
        return 'wss' if self.values.get('tls') else 'ws'

    @property
    def messages(self):
        # type: () -> List[Any]
        """The messages that came, text and bytes."""
        return [row['message'] for row in self.ask('came')]

    def wait(self, count=1, timeout=WAIT_SECONDS):
        # type: (int, float) -> List[Any]
        """The messages, once there are *count*; NotArrived if that takes too long."""
        return [row['message'] for row in self.came(count, timeout, 'messages')]

    def answer(self, message, *replies):
        # type: (Any, *Any) -> None
        """Send *replies* each time that *message* comes."""
        self.ask('answer', message=message, replies=list(replies))

    def send(self, message):
        # type: (Any) -> int
        """Send a message to every connection; how many there are."""
        return self.ask('send', message=message)

    @property
    def connections(self):
        # type: () -> int
        """How many connections there are."""
        return self.ask('open')

    def hang_up(self, code=1000):
        # type: (int) -> None
        """Close every connection with that code."""
        self.ask('close', code=code)


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
        """Send *reply* each time that *wanted* has come; an empty one stands for anything."""
        self.ask('answer', wanted=to_bytes(wanted), reply=to_bytes(reply), close=close)

    def send(self, data):
        # type: (Any) -> int
        """Send octets to every connection; how many there are."""
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
