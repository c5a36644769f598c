# Copyright the carryall authors.  See LICENSE.
"""A server in memory, and a client of it that the test plays:
control connection and data connections."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed
from carryall.core.auth.guard import LoginGuard
from carryall.core.future import completed, failed
from carryall.core.net.protocol import Protocol
from carryall.core.testing import FakeTransport, NullTLS, VirtualLoop
from carryall.core.net.transport import Address
from carryall.protocols.ftp import (ALL_LETTERS, Account, Accounts, FTPBackend, FTPServer, Observer,
                                    Settings)
from carryall.protocols.ftp.hostport import parse_epsv_reply
from carryall.services.ftp.memoryfiles import MemoryFiles

CLIENT = Address('127.0.0.1', 40000)
SERVER = Address('127.0.0.1', 2121)
FILES = {b'readme.txt': b'hello\nworld\n', b'pub/big.bin': bytes(bytearray(range(256))) * 1000,
         b'pub/sub/deep.txt': b'x\n', b'.hidden': b'h', b'empty/': b'',
         b'pub/caf\xc3\xa9.txt': b'latte'}
HOOKS = ('observer', 'account_wanted', 'advertise', 'media_type')


class People(Accounts):
    """anna has the password secret; one file system for all."""

    def __init__(self, files, letters=ALL_LETTERS, home=(), welcome=()):
        self.files = files
        self.letters = letters
        self.home = home
        self.welcome = welcome
        self.asked = []

    def login(self, loop, name, password, host):
        self.asked.append((name, password, host))
        if (name, password) != (u'anna', b'secret'):
            return failed(LoginFailed(u'no'))
        return completed(Account(name, self.files, self.letters, self.home, welcome=self.welcome))


class Watcher(Observer):
    """Notes everything."""

    def __init__(self):
        self.seen = []

    def logged_in(self, account, host):
        self.seen.append(('in', account.name, host))

    def login_failed(self, name, host):
        self.seen.append(('failed', name, host))

    def transferred(self, record):
        self.seen.append(('up' if record.incoming else 'down', record.path, record.octets,
                          record.complete))

    def logged_out(self, account, host):
        self.seen.append(('out', account.name, host))


class Site(object):
    """Servers that share a service and settings, in the order in which they were made."""

    def __init__(self, loop, service, settings):
        self.loop = loop
        self.service = service
        self.settings = settings
        self.accounts = service.accounts
        self.servers = []

    def __call__(self):
        server = FTPServer(self.service, self.loop, self.settings)
        self.servers.append(server)
        return server

    def drain(self):
        """Tells all servers that it is over."""
        for server in self.servers:
            server.drain()


def make_site(loop, files=None, letters=ALL_LETTERS, home=(), welcome=(), guard_delay=1.0, **given):
    """A Site over memory; *given* are hooks of the service and settings."""
    tree = files
    if not hasattr(files, 'stat'):
        tree = MemoryFiles(FILES if files is None else files, loop.wall)
    hooks = dict((name, given.pop(name)) for name in HOOKS if name in given)
    people = People(tree, letters, home, welcome)
    service = FTPBackend(people, LoginGuard(loop, guard_delay), **hooks)
    return Site(loop, service, Settings(**given))


def fresh(loop):
    """A server before the login; for ``play`` and ``transcript``."""
    return make_site(loop)()


class Data(Protocol):
    """The client's end of a data connection."""

    def __init__(self):
        self.got = b''
        self.ended = False
        self.over = False

    def data_received(self, data):
        self.got += data

    def eof_received(self):
        self.ended = True

    def connection_lost(self, exc):
        self.over = True


class Talk(object):
    """One client.

    Attributes:
        loop, site, server (the protocol), wire (of the control connection).
    """

    def __init__(self, login=True, loop=None, peer=CLIENT, here=SERVER, tls=False, **given):
        self.loop = loop or (VirtualLoop(tls=NullTLS()) if tls else VirtualLoop())
        self.site = given.pop('site', None) or make_site(self.loop, **given)
        self.server = self.site()
        self.wire = FakeTransport(self.loop, peername=peer, sockname=here).connect(self.server)
        self.loop.advance()
        self.banner = self.wire.take()
        if login:
            self.say(b'USER anna')
            answer = self.say(b'PASS secret')
            assert answer.startswith(b'230'), answer
            self.say(b'TYPE I')

    def say(self, *lines):
        """Sends lines; what the server says to them."""
        self.wire.feed(b''.join(line + b'\r\n' for line in lines))
        return self.hear()

    def hear(self, seconds=0.0):
        """The server's octets after that many seconds."""
        self.loop.advance(seconds)
        assert not self.loop.failures, '%r escaped' % (self.loop.failures[0],)
        return self.wire.take()

    def connect(self, port):
        """Opens a data connection to a port of the server's."""
        made = self.loop.connect_tcp(Data, '127.0.0.1', port)
        self.loop.advance()
        return made.result()[1]

    def passive(self):
        """EPSV, and the data connection."""
        answer = self.say(b'EPSV')
        assert answer.startswith(b'229'), answer
        return self.connect(parse_epsv_reply(answer[4:].strip()))

    def listen(self):
        """EPRT, and the list of data connections that come."""
        found = []

        def make():
            found.append(Data())
            return found[-1]

        listener = self.loop.listen_tcp(make, '127.0.0.1', 0)
        answer = self.say(b'EPRT |1|127.0.0.1|%d|' % listener.address.port)
        assert answer.startswith(b'200'), answer
        return found

    def fetch(self, line):
        """A command with a listing or file; (what came over the data connection, the replies)."""
        data = self.passive()
        answer = self.say(line)
        return data.got, answer

    def send(self, line, content):
        """A command that takes a file; the replies."""
        data = self.passive()
        answer = self.say(line)
        if answer.startswith(b'1'):
            data.transport.write(content)
            data.transport.close()
            answer += self.hear()
        return answer

    def content(self, path):
        """The content of a file of the server."""
        source, _size = self.site.accounts.files.open(tuple(path.split(b'/')))
        return source.read()


def codes(answer):
    """The codes of the replies in what was said, those of several lines once."""
    found = []
    inside = b''
    for line in answer.split(b'\r\n')[:-1]:
        if inside:
            if line[:4] == inside + b' ':
                inside = b''
            continue
        found.append(int(line[:3]))
        if line[3:4] == b'-':
            inside = line[:3]
    return found
