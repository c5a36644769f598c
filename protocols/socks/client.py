# Copyright the carryall authors.  See LICENSE.
"""SOCKS client: connects through a proxy of version 4, 4a or 5, or by HTTP CONNECT (RFC 1928,
1929; RFC 9110 9.3.6).

    proxy = parse_proxy(u'socks5h://127.0.0.1:1080')
    transport, protocol = yield connect(loop, proxy, Factory, 'host.example', 80)

    # binding.address, and binding.accepted, a Future
    binding = yield bind(loop, proxy, Factory, '192.0.2.7')

    # transport.sendto(b'...', ('192.0.2.7', 53))
    transport = yield associate(loop, proxy, Datagrams)

Wire:     Messages in wire.py and httpconnect.py.
States:   [methods -> login ->] request -> the inner protocol       (BIND: two replies before it)
Tests:    tests/protocols/socks/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.compat import byte2int
from carryall.core.errors import (ConnectFailed, ConnectionLost, LocalProtocolError, Refused,
                                  RemoteProtocolError, Unsupported)
from carryall.core.future import Future, Return, coroutine, with_timeout
from carryall.core.wrap.relay import Handover
from carryall.core.net.ip import canonical
from carryall.core.net.transport import Address, peer
from carryall.core.net.ip import local_for
from carryall.protocols.socks import wire
from carryall.protocols.socks.datagrams import ClientDatagrams
from carryall.protocols.socks.httpconnect import format_connect, maybe_response

__all__ = ['Bound', 'ProxyRefused', 'associate', 'bind', 'connect']

CONNECT_SECONDS = 30.0          # for the connection and the dialogue; default
BIND_SECONDS = 120.0            # until the caller must have come; the SOCKS4 paper
SOCKS4 = ('socks4', 'socks4a')
SOCKS5 = ('socks5', 'socks5h')
HTTP = ('http',)


class ProxyRefused(ConnectFailed):
    """The proxy refuses the request.

    Attributes:
        code: the code of its answer: 91 to 93 of SOCKS4, 1 to 8 or 255 of SOCKS5, a status of HTTP.
    """

    def __init__(self, code, reason):
        # type: (int, str) -> None
        ConnectFailed.__init__(self, u'the proxy refuses: %s (%d)' % (reason, code))
        self.code = code


def _refusal4(code):
    # type: (int) -> ConnectFailed
    reasons = {wire.NO_IDENT: u'it cannot ask our ident server',
               wire.OTHER_USER: u'our ident server names another user'}
    return ProxyRefused(code, reasons.get(code, u'rejected or failed'))


def _refusal_of_http(status):
    # type: (int) -> ConnectFailed
    return ProxyRefused(status, u'a login is required' if status == 407 else u'HTTP status')


def _refusal5(code):
    # type: (int) -> ConnectFailed
    if code == wire.REFUSED:
        return Refused(u'the proxy says: connection refused')
    return ProxyRefused(code, wire.REASONS.get(code, u'for a reason of its own'))


# -- the dialogue ------------------------------------------------------------

class _Opening(Handover):
    """Sends a request to the proxy, and hands the connection to the inner protocol.

    Args:     proxy: a ``carryall.app.proxies.Proxy``.
              request: the wire.Request.
              factory: makes the inner protocol; None for UDP ASSOCIATE, which has none.

    Attributes:
        bound: a Future of the Address in the (first) reply.
        ready: a Future of the inner protocol.
    """

    def __init__(self, clock, proxy, request, factory):
        # type: (Any, Any, wire.Request, Optional[Callable[[], Any]]) -> None
        Handover.__init__(self, clock)
        self.bound = Future(self._gave_up)
        self.ready = Future(self._gave_up)
        self._proxy = proxy
        self._request = request
        self._factory = factory
        self._buffer = ReceiveBuffer()
        self._step = None           # type: Optional[Callable[[], bool]]
        # Called when an association's connection ends.
        self.on_lost = None  # type: Optional[Callable[[], Any]]

    def _gave_up(self, _):
        # type: (Future) -> None
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport):
        self.transport = transport
        proxy = self._proxy
        request = self._request
        user = proxy.username.encode('utf-8') if proxy.username is not None else None
        password = (proxy.password or u'').encode('utf-8')
        try:
            if proxy.scheme in SOCKS4:
                self._step = self._reply4
                transport.write(wire.format_request4(request.command, request.host, request.port,
                                                     user or b''))
            elif proxy.scheme in SOCKS5:
                self._login = None if user is None else wire.format_login(user, password)
                self._ask = wire.format_request5(request.command, request.host, request.port)
                self._step = self._method
                transport.write(wire.format_methods(b'\0' if user is None else b'\0\2'))
            else:
                self._step = self._response
                transport.write(format_connect(request.host, request.port, user, password))
        except LocalProtocolError as exc:
            self._fail(ConnectFailed(exc.message, exc))

    def opening_received(self, data):
        self._buffer.append(data)
        try:
            while self._step is not None and self.inner is None and self._step():
                pass
        except RemoteProtocolError as exc:
            self._fail(ConnectFailed(
                u'the proxy does not speak %s: %s' % (self._proxy.scheme, exc.message), exc))

    def opening_lost(self, exc):
        if self.on_lost is not None:
            self.on_lost()
        self._fail(self._last_word() or ConnectFailed(u'the proxy closed the connection',
                                                      exc or ConnectionLost(u'closed')))

    def _last_word(self):
        # type: () -> Optional[ConnectFailed]
        """The refusal in an incomplete answer before the close; None if there is none.

        peer: some send no more of it than the status; some end an HTTP head with the connection.
        """
        if self.bound.done() and self.ready.done():
            return None
        status = byte2int(self._buffer.peek(2)[1:] or b'\0')
        if self._step == self._reply4 and status not in (0, wire.GRANTED):
            return _refusal4(status)
        if self._step == self._reply5 and status != wire.SUCCEEDED:
            return _refusal5(status)
        if self._step == self._response and self._buffer.find(b'\n') >= 0:
            self._buffer.append(b'\r\n\r\n')
            try:
                status = maybe_response(self._buffer) or 200
            except RemoteProtocolError:
                return None
            return None if 200 <= status < 300 else _refusal_of_http(status)
        return None

    def _fail(self, error):
        # type: (BaseException) -> None
        self._step = None
        for future in (self.bound, self.ready):
            if not future.done():
                future.set_exception(error)
        self.transport.abort()

    # -- replies -----------------------------------------------------------------------------------

    def _reply4(self):
        # type: () -> bool
        found = wire.maybe_reply4(self._buffer)
        if found is None:
            return False
        if found[0] != wire.GRANTED:
            self._fail(_refusal4(found[0]))
            return False
        return self._granted(found[1], found[2])

    def _method(self):
        # type: () -> bool
        answer = self._buffer.maybe_take(2)
        if answer is None:
            return False
        if answer == b'\5\0':
            self._step = self._reply5
            self.transport.write(self._ask)
        elif answer == b'\5\2' and self._login is not None:
            self._step = self._logged_in
            self.transport.write(self._login)
        elif answer == b'\5\xff':
            self._fail(ProxyRefused(255, u'it accepts none of our login methods'))
        else:
            raise RemoteProtocolError(u'a method that was not offered')
        return True

    def _logged_in(self):
        # type: () -> bool
        answer = self._buffer.maybe_take(2)
        if answer is None:
            return False
        # peer: some answer with their version instead of 1 here; only the status counts.
        if answer[1:] != b'\0':
            self._fail(ProxyRefused(255, u'the login failed'))
            return False
        self._step = self._reply5
        self.transport.write(self._ask)
        return True

    def _reply5(self):
        # type: () -> bool
        found = wire.maybe_reply5(self._buffer)
        if found is None:
            return False
        if found[0] != wire.SUCCEEDED:
            self._fail(_refusal5(found[0]))
            return False
        return self._granted(found[1], found[2])

    def _response(self):
        # type: () -> bool
        status = maybe_response(self._buffer)
        if status is None:
            return False
        if not 200 <= status < 300:
            self._fail(_refusal_of_http(status))
            return False
        return self._granted('0.0.0.0', 0)

    def _granted(self, host, port):
        # type: (str, int) -> bool
        first = not self.bound.done()
        if first:
            self.bound.set_result(Address(host, port))
        if first and self._request.command != wire.CONNECT:
            return self._request.command == wire.BIND       # the second reply comes with the caller
        self._step = None
        if not self.ready.done():
            self.caller = Address(host, port)
            inner = self._factory()                         # type: ignore
            self.hand_over(inner, self._buffer.take_all())
            self.ready.set_result(inner)
        return False


@coroutine
def _open(loop, proxy, request, factory, timeout):
    # type: (Any, Any, wire.Request, Optional[Callable[[], Any]], float) -> Any
    """Connects to the proxy and sends the request; the _Opening after its first reply."""
    if canonical(request.host) is None and not proxy.resolves:
        found = yield loop.resolve(request.host, request.port)
        if proxy.scheme in SOCKS4:
            found = [address for address in found if ':' not in address.host]
        if not found:
            raise ConnectFailed(u'%s has no IPv4 address, which SOCKS4 needs'
                                % request.host)
        request.host = found[0].host.partition('%')[0]
    opening = _Opening(loop, proxy, request, factory)
    yield loop.connect_tcp(lambda: opening, proxy.host, proxy.port, timeout)
    yield opening.bound
    raise Return(opening)


def _transport_of(inner, opening):
    # type: (Any, _Opening) -> Any
    """The transport that the inner protocol got."""
    return getattr(inner, 'transport', None) or opening.transport


def _bounded(loop, future, timeout):
    # type: (Any, Future, float) -> Future
    return with_timeout(loop, future, timeout, u'the proxy does not answer in %g seconds' % timeout)


# -- requests ----------------------------------------------------------------

def connect(loop, proxy, factory, host, port, timeout=CONNECT_SECONDS):
    # type: (Any, Any, Callable[[], Any], str, int, float) -> Future
    """Connects to *host* by way of *proxy*; a Future of (transport, protocol), as
    ``loop.connect_tcp``.

    The name is resolved by the proxy, unless its scheme is socks4 or socks5.
    """
    @coroutine
    def go():
        # type: () -> Any
        request = wire.Request(1, wire.CONNECT, canonical(host) or host, port)
        opening = yield _open(loop, proxy, request, factory, timeout)
        inner = yield opening.ready
        raise Return((_transport_of(inner, opening), inner))

    return _bounded(loop, go(), timeout)


class Bound(object):
    """A port of the proxy that waits for a caller.

    address:   where the caller must connect to; the proxy's own host if the reply has 0.0.0.0
    accepted:  a Future of (transport, protocol, Address of the caller)
    """

    __slots__ = ('address', 'accepted')

    def __init__(self, address, accepted):
        # type: (Any, Future) -> None
        self.address = address
        self.accepted = accepted


def bind(loop, proxy, factory, host='0.0.0.0', port=0, timeout=CONNECT_SECONDS):
    # type: (Any, Any, Callable[[], Any], str, int, float) -> Future
    """Lets the proxy wait for a caller; a Future of a Bound.

    Args:     host: the only address that may call, or 0.0.0.0 for any.
    """
    if proxy.scheme in HTTP:
        raise Unsupported(u'an HTTP proxy cannot wait for a caller')

    @coroutine
    def go():
        # type: () -> Any
        opening = yield _open(loop, proxy, wire.Request(1, wire.BIND, host, port), factory, timeout)
        accepted = opening.ready.then(
            lambda inner: (_transport_of(inner, opening), inner, opening.caller))
        raise Return(Bound(_reachable(opening),
                           with_timeout(loop, accepted, BIND_SECONDS, u'no caller came')))

    return _bounded(loop, go(), timeout)


def associate(loop, proxy, factory, timeout=CONNECT_SECONDS):
    # type: (Any, Any, Callable[[], Any], float) -> Future
    """Lets the proxy relay datagrams; a Future of the datagram transport that a protocol of
    *factory* got.
    """
    if proxy.scheme not in SOCKS5:
        raise Unsupported(u'datagrams need SOCKS5')

    @coroutine
    def go():
        # type: () -> Any
        opening = yield _open(loop, proxy, wire.Request(5, wire.ASSOCIATE, '0.0.0.0', 0), None,
                              timeout)
        opened = _Opened(factory(), opening.transport)
        far = _reachable(opening)
        loop.open_udp(lambda: opened, local_for(far.host), 0, remote=far)
        opening.on_lost = opened.control_lost
        datagrams = yield opened.opened
        raise Return(datagrams)

    return _bounded(loop, go(), timeout)


class _Opened(ClientDatagrams):
    """Datagrams with a Future, ``opened``, of the open socket."""

    def __init__(self, inner, control):
        # type: (Any, Any) -> None
        ClientDatagrams.__init__(self, inner, control)
        self.opened = Future()

    def connection_made(self, transport):
        ClientDatagrams.connection_made(self, transport)
        self.opened.set_result(self)

    def control_lost(self):
        # type: () -> None
        """The proxy has ended the association."""
        if self.transport is not None:
            self.transport.close()


def _reachable(opening):
    # type: (_Opening) -> Address
    """The Address in the first reply, with the proxy's own host if it is unspecified."""
    address = opening.bound.result()
    proxy = peer(opening.transport)
    if proxy is not None and proxy.port is not None and address.host in ('0.0.0.0', '::'):
        return Address(proxy.host, address.port)
    return address


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
