# Copyright the carryall authors.  See LICENSE.
"""Servers inside another program: a test, an application,
a Java program with carryall.jar on its class path.

    with Servers() as servers:
        url = servers.http(path='site')                             # http://127.0.0.1:PORT
        # https://..., trusted with servers.ca_file
        secure = servers.https(path='site')
        # as `carryall simple --tcp daytime:0`; '127.0.0.1:PORT'
        address, = servers.start('simple', '--tcp', 'daytime:0')
        # the callable that makes a protocol
        host, port = servers.tcp(Echo)

They run on a loop of their own in a thread of their own, on free ports of 127.0.0.1,
and end with the context.

Not here: servers in another process (carryall/separate.py), which has the same methods.
Tests:    tests/house/test_pytest_plugin.py, tests/house/test_embedded.py
"""
from __future__ import absolute_import, division, print_function

import os
import shutil
import tempfile
import threading
import time

from carryall import runtimes
from carryall.core.compat import FAILURES, reraise
from carryall.core.errors import UsageError
from carryall.core.future import as_future
from carryall.core.tls.authority import authority
from carryall.core.wrap.faultrules import CERTIFICATES
from carryall.commands.catalogue import known_types
from carryall.protocols.http import Site
from carryall.services.testservers.typeserver import parse_words, word_of
from carryall.services.web.static import StaticFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

__all__ = ['Certificates', 'Servers', 'ask_loop']

HOST = '127.0.0.1'
NAMES = ('localhost', '127.0.0.1', '::1')       # that the certificate of every server is for
WAIT_SECONDS = 30.0         # until a server has started, or stopped
DRAIN_SECONDS = 1.0         # for the requests that are under way when a test ends
YEAR_SECONDS = 366 * 86400.0


def ask_loop(loop, seconds, function, *args):
    # type: (Any, float, Callable[..., Any], *Any) -> Any
    """The value that *function* returns on the thread of *loop*, or that of its Future.

    Called on another thread, which waits.

    Raises:   RuntimeError: it took longer than *seconds*; else what *function* raises.
    """
    done = threading.Event()        # type: Any
    outcome = []                    # type: List[Any]

    def finish(future):
        # type: (Any) -> None
        outcome.append(future)
        done.set()

    def begin():
        # type: () -> None
        try:
            future = as_future(function(*args))
        except FAILURES as exc:
            outcome.append(exc)
            done.set()
        else:
            future.add_done_callback(finish)

    loop.call_soon_threadsafe(begin)
    if not done.wait(seconds):
        raise RuntimeError('%r took longer than %g seconds' % (function, seconds))
    if hasattr(outcome[0], 'result'):
        return outcome[0].result()
    return reraise(outcome[0], None)            # type: ignore


class Certificates(object):
    """A throw-away authority and one certificate of it, in files of a folder that goes with
    `close`; made when asked for."""

    def __init__(self):
        # type: () -> None
        self._folder = None     # type: Optional[str]
        self._authority = None  # type: Any
        self._has_wrong = False

    @property
    def ca_file(self):
        # type: () -> str
        """Path of the authority's certificate (PEM): what a client has to trust."""
        return os.path.join(self._made(), 'ca.pem')

    @property
    def certificate(self):
        # type: () -> str
        """Path of the servers' certificate (PEM)."""
        return os.path.join(self._made(), 'server.pem')

    @property
    def key(self):
        # type: () -> str
        """Path of its key (PEM)."""
        return os.path.join(self._made(), 'server.key')

    def endpoint(self):
        # type: () -> str
        """An endpoint on a free port with this certificate, for a service's --port."""
        files = [path.replace('\\', '\\\\').replace(':', '\\:')
                 for path in (self.certificate, self.key)]
        return 'tls:0:interface=%s:certificate=%s:key=%s' % (HOST, files[0], files[1])

    def files(self):
        # type: () -> Dict[str, List[str]]
        """Paths of certificate and key: the right ones, and those that are wrong in some way.

        The wrong ones are there once ``make_wrong`` was called.
        """
        folder = self._made()
        found = {'right': [self.certificate, self.key]}
        for name in CERTIFICATES:
            found[name] = [os.path.join(folder, name + '.pem'), os.path.join(folder, name + '.key')]
        return found

    def make_wrong(self):
        # type: () -> None
        """Makes the wrong certificates: for another name, of another authority, and expired."""
        if self._has_wrong:
            return
        self._made()
        now = time.time()
        long_ago = now - 2 * YEAR_SECONDS
        pairs = {'name': self._authority.issue(['elsewhere.example'], now),
                 'authority': authority(u'another authority', now).issue(list(NAMES), now),
                 'expired': self._authority.issue(list(NAMES), long_ago, 365)}
        for name, paths in self.files().items():
            if name in pairs:
                self._write(paths[0], pairs[name].certificate)
                self._write(paths[1], pairs[name].key)
        self._has_wrong = True

    def _made(self):
        # type: () -> str
        if self._folder is None:
            folder = tempfile.mkdtemp(prefix='carryall-ca-')        # the owner's alone
            now = time.time()
            self._authority = authority(u'carryall tests', now)
            pair = self._authority.issue(list(NAMES), now)
            self._write(os.path.join(folder, 'ca.pem'), self._authority.certificate)
            self._write(os.path.join(folder, 'server.pem'), pair.certificate)
            self._write(os.path.join(folder, 'server.key'), pair.key)
            self._folder = folder
        return self._folder

    @staticmethod
    def _write(path, data):
        # type: (str, bytes) -> None
        with open(path, 'wb') as target:
            target.write(data)

    def close(self):
        # type: () -> None
        """Removes the files."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._has_wrong = False


class Servers(object):
    """Servers on a loop that runs in a thread of its own; a context manager.

    Args:     backend: the loop's backend; the best that this interpreter has, if not said.
              certificates: a Certificates to share, which is not closed at the end;
                            one of its own if not given.
    """

    def __init__(self, backend=None, certificates=None):
        # type: (Optional[str], Optional[Certificates]) -> None
        self.loop = runtimes.choose(backend)
        # What ends each server; may return a Future.
        self._closing = []  # type: List[Callable[[], Any]]
        self._own = Certificates() if certificates is None else None
        self.certificates = certificates or self._own
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
            if self._own is not None:
                self._own.close()

    # -- the same from Java, which has no `with` for these -----------------------------------------

    def open(self):
        # type: () -> Servers
        """Begins; the servers themselves."""
        return self.__enter__()

    def close(self):
        # type: () -> None
        """Ends all of them."""
        self.__exit__(None, None, None)

    # -- servers -----------------------------------------------------------------------------------

    @property
    def ca_file(self):
        # type: () -> str
        """Path of what a client of the TLS servers has to trust (PEM)."""
        return self.certificates.ca_file        # type: ignore

    def tcp(self, factory, tls=False):
        # type: (Callable[[], Any], bool) -> Tuple[str, int]
        """Listens with the protocols that *factory* makes, over TLS if that is said;
        (host, port)."""
        if tls:
            factory = self._over_tls(factory)
        listener = self.call(self.loop.listen_tcp, factory, HOST, 0)
        self._closing.append(listener.close)
        return listener.address.host, listener.address.port

    def http(self, app=None, path=None, tls=False):
        # type: (Any, Any, bool) -> str
        """Serves a web application, or a folder; the URL, without a slash at its end.

        Raises:   UsageError: there is no such folder.
        """
        if (app is None) == (path is None):
            raise TypeError('http() takes app or path')
        if path is not None:
            path = word_of(path)
            if not os.path.isdir(path):
                raise UsageError(u'there is no folder %s' % path)
        site = Site(StaticFiles(path, wall=self.loop.wall) if app is None else app, self.loop)
        address = self.tcp(site, tls)
        return '%s://%s:%d' % (('https' if tls else 'http',) + address)

    def https(self, app=None, path=None):
        # type: (Any, Any) -> str
        """As `http`, over TLS, with a certificate for localhost that `ca_file` vouches for."""
        return self.http(app, path, True)

    def start(self, name, *words):
        # type: (str, *Any) -> List[str]
        """Starts a service as ``carryall serve NAME WORDS...`` does; the addresses that it listens
        on, as text.

        A word may be a path object.  The ports are free ones unless the words name some.
        """
        kind = known_types().get(name)
        service = kind.make(parse_words(kind, words))
        self.call(service.start, self.loop)
        self._closing.append(lambda: service.stop(DRAIN_SECONDS))
        return [line.rpartition(' on ')[2] for line in self.call(service.listening)]

    def call(self, function, *args):
        # type: (Callable[..., Any], *Any) -> Any
        """Calls a function on the loop's thread; what it returns,
        or what the Future that it returns comes to."""
        return ask_loop(self.loop, WAIT_SECONDS, function, *args)

    def _over_tls(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        from carryall.core.tls import Identity, TLSContext, listening
        files = self.certificates       # type: Any
        return listening(self.loop, TLSContext(Identity(files.certificate, files.key),
                                               alpn=('http/1.1',)), factory)
