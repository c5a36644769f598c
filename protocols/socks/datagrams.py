# Copyright the carryall authors.  See LICENSE.
"""UDP ASSOCIATE: datagrams through the proxy for as long as the TCP connection lives (RFC 1928
section 7).

Wire:     Each datagram between client and proxy has a header with the other end's address
          (wire.format_datagram).
States:   open, from the reply to the end of the TCP connection.

The proxy takes packets from the client's host alone.  Their port is the one in the request, or that
of the first packet (source pinning).  Fragments are dropped.  Answers are taken from hosts that the
client has sent to.  The reply has the address that the client itself has reached, never 0.0.0.0, so
that it is usable over IPv6 too.

Tests:    tests/protocols/socks/test_datagrams.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import FAILURES
from carryall.core.errors import RemoteProtocolError
from carryall.core.net.ip import packed
from carryall.core.logs import get_logger
from carryall.core.net.protocol import DatagramProtocol
from carryall.core.net.transport import Address, here
from carryall.protocols.socks import wire

__all__ = ['Association', 'ClientDatagrams']

# -- limits ------------------------------------------------------------------
MAX_HOSTS = 256             # whose answers one client gets; the oldest makes room
MAX_RESOLVING = 16          # names looked up for one client at a time; other packets are dropped

log = get_logger('socks')


# -- server ------------------------------------------------------------------

class Association(object):
    """The datagrams of one client.

    Args:     server: its SOCKSServer.
              request: the Request; the client will send from its port, unless that is 0.
    Raises:   ListenFailed, Unsupported: no socket.
    """

    def __init__(self, server, request):
        # type: (Any, wire.Request) -> None
        self._server = server
        self._user = request.user
        self._port = request.port
        self._client = None         # type: Any  # its Address, once it has sent
        self._outward = {}          # type: Dict[int, _Outward]  # by the length of an address
        self._hosts = OrderedDict()         # type: Any  # octets of an address -> True
        self._names = OrderedDict()         # type: Any  # (host, port) -> Address
        self._resolving = set()     # type: Set[Any]
        ours = here(server.transport)
        host = ours.host if ours is not None and ours.port is not None else '127.0.0.1'
        self._inward = server.gate.loop.open_udp(lambda: _Inward(self), host, 0)
        bound = here(self._inward)      # type: Any
        server.grant(request.version, Address(host, bound.port))

    def from_client(self, packet, addr):
        # type: (bytes, Any) -> None
        """Sends on a packet of the client."""
        if not self._pinned(addr):
            return
        try:
            host, port, data = wire.parse_datagram(packet)
        except RemoteProtocolError as exc:
            log.debug('%s: %s', addr, exc)
            return
        known = self._names.get((host, port))
        if known is not None:
            self._send(known, data)
        elif packed(host) is not None:
            self._judge(host, port, data)
        elif len(self._resolving) < MAX_RESOLVING and (host, port) not in self._resolving:
            self._resolving.add((host, port))
            self._judge(host, port, data)

    def _pinned(self, addr):
        # type: (Any) -> bool
        """True if the packet is from the client."""
        if self._client is not None:
            return addr == self._client
        if packed(addr[0].partition('%')[0]) != packed(self._server.host.partition('%')[0]):
            return False
        if self._port and addr[1] != self._port:
            return False
        self._client = addr
        return True

    def _judge(self, host, port, data):
        # type: (str, int, bytes) -> None
        request = wire.Request(5, wire.ASSOCIATE, host, port, self._user)
        self._server.gate.judge(request, self._server.host).add_done_callback(
            lambda done: self._judged(host, port, data, done))

    def _judged(self, host, port, data, done):
        # type: (str, int, bytes, Future) -> None
        self._resolving.discard((host, port))
        if done.exception() is not None:
            log.debug('%s: datagram to %s: %s', self._server.host, host, done.exception())
            return
        if self._inward is None:
            return
        address = Address(done.result()[0].host, port)
        while len(self._names) >= MAX_HOSTS:
            self._names.popitem(last=False)
        self._names[host, port] = address
        self._send(address, data)

    def _send(self, address, data):
        # type: (Any, bytes) -> None
        octets = packed(address.host.partition('%')[0])
        if octets is None or self._inward is None:
            return
        outward = self._outward.get(len(octets))
        if outward is None:
            outward = _Outward(self)
            try:
                self._server.gate.loop.open_udp(lambda: outward, '0.0.0.0' if len(octets) == 4
                                                else '::', 0)
            except FAILURES as exc:
                log.info('%s: no socket for datagrams: %s', self._server.host, exc)
                return
            self._outward[len(octets)] = outward
        self._hosts.pop(octets, None)
        while len(self._hosts) >= MAX_HOSTS:
            self._hosts.popitem(last=False)
        self._hosts[octets] = True
        outward.send(data, address)

    def from_outside(self, data, addr):
        # type: (bytes, Any) -> None
        """Sends an answer on to the client."""
        host = addr[0].partition('%')[0]
        octets = packed(host)
        if self._client is not None and octets in self._hosts and self._inward is not None:
            self._inward.sendto(wire.format_datagram(host, addr[1], data), self._client)

    def close(self):
        # type: () -> None
        """Closes all sockets, because the TCP connection is over."""
        inward, self._inward = self._inward, None
        if inward is not None:
            inward.close()
        for outward in self._outward.values():
            outward.close()


class _Inward(DatagramProtocol):
    def __init__(self, association):
        # type: (Association) -> None
        self._association = association

    def datagram_received(self, data, addr):
        self._association.from_client(data, addr)


class _Outward(DatagramProtocol):
    def __init__(self, association):
        # type: (Association) -> None
        self._association = association
        # Until the socket is open, on the next turn.
        self._early = []  # type: List[Tuple[bytes, Any]]
        self._closed = False

    def connection_made(self, transport):
        self.transport = transport
        if self._closed:
            transport.close()
        early, self._early = self._early, []
        for data, address in early:
            transport.sendto(data, address)

    def send(self, data, address):
        # type: (bytes, Any) -> None
        """Sends a packet out."""
        if self.transport is not None:
            self.transport.sendto(data, address)
        elif len(self._early) < MAX_RESOLVING:
            self._early.append((data, address))

    def datagram_received(self, data, addr):
        self._association.from_outside(data, addr)

    def close(self):
        # type: () -> None
        """Closes the socket."""
        self._closed = True
        if self.transport is not None:
            self.transport.close()


# -- client ------------------------------------------------------------------

class ClientDatagrams(DatagramProtocol):
    """The client's socket towards the proxy; its inner protocol sees the addresses of the targets.

    Args:     inner: a DatagramProtocol; its transport sends through the proxy,
              ``sendto(data, (host or name, port))``.
              control: the transport of the TCP connection, which ends with this.
    """

    def __init__(self, inner, control):
        # type: (Any, Any) -> None
        self.inner = inner
        self._control = control

    def connection_made(self, transport):
        self.transport = transport
        self.inner.connection_made(self)

    def sendto(self, data, addr):
        # type: (bytes, Any) -> None
        """Sends one packet to *addr*, by way of the proxy."""
        self.transport.sendto(wire.format_datagram(addr[0], addr[1], data))

    def get_extra_info(self, name, default=None):
        # type: (str, Any) -> Any
        """As a transport's."""
        return self.transport.get_extra_info(name, default)

    def datagram_received(self, data, addr):
        try:
            host, port, inside = wire.parse_datagram(data)
        except RemoteProtocolError as exc:
            log.debug('%s', exc)
            return
        self.inner.datagram_received(inside, Address(host, port))

    def error_received(self, exc):
        self.inner.error_received(exc)

    def close(self):
        # type: () -> None
        """Closes it, and the association."""
        self._control.close()
        self.transport.close()

    abort = close

    def connection_lost(self, exc):
        self._control.close()
        self.inner.connection_lost(exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Set, Tuple
    from carryall.core.future import Future
