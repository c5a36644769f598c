# Copyright the carryall authors.  See LICENSE.
"""How connections under TLS begin and end: listening, connecting, and upgrading in place.

`open_session` is what the ``connect`` of each protocol is made of, with TLS or without.

The number of handshakes of one listener is bounded, and so is the share of one client address.

Tests:    tests/core/tls/test_connection.py, tests/core/tls/test_opensession.py,
          tests/contract/test_l18_tls.py (law L18, over every backend)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import Cancelled, HandshakeFailed, LocalProtocolError
from carryall.core.future import Return, as_future, coroutine, with_timeout
from carryall.core.logs import get_logger
from carryall.core.net.ip import source_of
from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.tls.connection import TLSConnection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Set
    from carryall.core.future import Future

__all__ = ['connect_tls', 'greet', 'listening', 'open_session', 'start_tls', 'stop_tls']

MAX_HANDSHAKES = 2048       # in progress for one listener; further connections are reset; default
MAX_SHARE = 8               # an eighth of them for one client address, if half are in use; default

log = get_logger('tls')


def start_tls(loop, transport, context, server_side=False, hostname=None):
    # type: (Any, Any, Any, bool, Optional[str]) -> Future
    """``Loop.start_tls``."""
    # Policies between see the plain text, so they stay above.
    while hasattr(transport, 'lower'):
        transport = transport.lower
    session = context.session(loop.tls, server_side, hostname)
    connection = TLSConnection(loop, session, None, context.handshake_seconds)
    agreed = connection.agreed.then(lambda pair: pair[0].get_extra_info('tls'))
    connection.take_over(transport)
    return agreed


def stop_tls(transport, lenient=False):
    # type: (Any, bool) -> Future
    """``Loop.stop_tls``."""
    while not isinstance(transport, TLSConnection):
        transport = getattr(transport, 'lower', None)       # policies between
        if transport is None:
            raise LocalProtocolError(u'the connection is not under TLS')
    return transport.stop_tls(lenient)


def connect_tls(loop, context, factory, host, port, hostname=None, timeout=CONNECT_SECONDS):
    # type: (Any, Any, Callable[[], Any], str, int, Optional[str], float) -> Future
    """Connects to *host* under TLS; a Future of (transport, protocol).

    Args:     factory: makes the protocol when the handshake has succeeded.
              hostname: the name that the certificate must have; *host* if left out.
    It fails as ``Loop.connect_tcp`` does, and with HandshakeFailed, which is a ConnectFailed too.
    """
    loop.caps.require('tls')

    def make():
        # type: () -> TLSConnection
        session = context.session(loop.tls, False, hostname or host)
        return TLSConnection(loop, session, factory, min(timeout, context.handshake_seconds))

    return loop.connect_tcp(make, host, port, timeout).then(lambda pair: pair[1].agreed)


def open_session(loop,                      # type: Any
                 make,                      # type: Callable[[], Any]
                 host,                      # type: Any  # text; None with *path*
                 port,                      # type: int
                 ready=None,                # type: Optional[Callable[[Any], Any]]
                 tls=None,                  # type: Any
                 timeout=CONNECT_SECONDS,   # type: float
                 path=None,                 # type: Optional[str]
                 hostname=None              # type: Optional[str]
                 ):
    # type: (...) -> Future
    """Connects a client's session; a Future of what *ready* returns.

    Args:     make: makes the protocol of the session, without arguments.
              ready: called with that protocol once it is connected, and returns the session or a
                  Future of it.  If it fails, the connection ends.  The protocol is the session if
                  left out.
              tls: a TLSContext to use from the first octet; None for clear.
              timeout: seconds for connecting, TLS and *ready* together.
              path: of a Unix socket to connect to instead.
              hostname: the name that the certificate must have; *host* if left out.

    Raises:   ConnectFailed and its subclasses; TimedOut of TLS and *ready*; what *ready* raises.
    """
    if path is not None:
        connected = loop.connect_unix(make, path, timeout)
    elif tls is not None:
        connected = connect_tls(loop, tls, make, host, port, hostname, timeout)
    else:
        connected = loop.connect_tcp(make, host, port, timeout)
    if ready is not None:
        session = _readied(connected, ready)
    else:
        session = connected.then(lambda pair: pair[1])
        if tls is None:
            return session      # connecting has its own limit, and nothing follows it
    return with_timeout(loop, session, timeout,
                        u'%s does not answer in %g seconds' % (path or host, timeout))


@coroutine
def _readied(connected, ready):
    # type: (Future, Callable[[Any], Any]) -> Any
    transport, protocol = yield connected
    try:
        session = yield as_future(ready(protocol))
    except FAILURES as exc:
        # What came meanwhile may have changed the transport: TLS, or another protocol.
        transport = getattr(protocol, 'transport', None) or transport
        if isinstance(exc, Cancelled):
            transport.abort()       # it did not answer in time, and may not read either
        else:
            transport.close()
        raise
    raise Return(session)


@coroutine
def greet(client, starttls=None, hostname=None):
    # type: (Any, Any, Optional[str]) -> Any
    """Await the greeting by ``client.hello()`` and upgrade by ``client.start_tls()``; a Future of
    *client*.

    Args:     starttls: a TLSContext, or None for no upgrade.
              hostname: the name that the certificate must have.
    """
    yield client.hello()
    if starttls is not None:
        yield client.start_tls(starttls, hostname)
    raise Return(client)


def listening(loop, context, factory):
    # type: (Any, Any, Callable[[], Any]) -> Callable[[], Protocol]
    """A factory for ``loop.listen_*`` whose connections begin with a handshake.

    Args:     factory: makes the protocol when the handshake has succeeded.
    Raises:   Unsupported: no TLS here; UsageError: the certificate or the key cannot be used.
    """
    loop.caps.require('tls')
    context.prepare(loop.tls, True)             # faults of the files are raised now
    return _Handshakes(loop, context, factory).begin


class _Handshakes(object):
    """The handshakes in progress of one listener."""

    def __init__(self, loop, context, factory):
        # type: (Any, Any, Callable[[], Any]) -> None
        self._loop = loop
        self._context = context
        self._factory = factory
        self._under_way = set()     # type: Set[TLSConnection]
        self._full = False          # logged, and still so

    def begin(self):
        # type: () -> Protocol
        """The protocol of a new connection."""
        under_way = self._under_way
        count = len(under_way)
        if count >= MAX_HANDSHAKES:
            if not self._full:
                self._full = True
                log.warning('connections are reset: %d TLS handshakes are in progress', count)
            return _Rejected()
        self._full = False
        context = self._context
        session = context.session(self._loop.tls, True)
        seconds = context.handshake_seconds
        if count * 2 < MAX_HANDSHAKES:
            connection = TLSConnection(self._loop, session, self._factory, seconds)
        else:
            connection = _Judged(self._loop, session, self._factory, seconds, self._has_share)
        under_way.add(connection)
        connection.agreed.add_done_callback(lambda _: under_way.discard(connection))
        return connection

    def _has_share(self, transport):
        # type: (Any) -> bool
        """True if the client of a new connection has handshakes left of its share."""
        source = _source_of(transport)
        if source is None:
            return True
        connected = [each.transport for each in self._under_way if each.transport is not None]
        count = sum(1 for each in connected if _source_of(each) == source)
        return count * MAX_SHARE < MAX_HANDSHAKES


def _source_of(transport):
    # type: (Any) -> Optional[str]
    """The source that the client's address counts for; None if it has no address."""
    address = peer(transport)
    return source_of(address.host) if address is not None and address.host else None


class _Judged(TLSConnection):
    """A connection that is refused if its client has used up its share of handshakes."""

    def __init__(self, loop, session, factory, seconds, judge):
        # type: (Any, Any, Any, float, Callable[[Any], bool]) -> None
        TLSConnection.__init__(self, loop, session, factory, seconds)
        self._judge = judge

    def connection_made(self, transport):
        if self._judge(transport):
            TLSConnection.connection_made(self, transport)
        else:
            self.transport = transport
            self.fail(HandshakeFailed(u'this client has too many TLS handshakes in progress'))
            transport.abort()


class _Rejected(Protocol):
    """A connection beyond MAX_HANDSHAKES."""

    def connection_made(self, transport):
        transport.abort()
