# Copyright the carryall authors.  See LICENSE.
"""The client's way to a data connection: EPSV, PASV, EPRT or PORT, and TLS on it (RFC 2428, 4217).

The address in a PASV reply is not believed unless told to: the data is where the server is, and who says otherwise sends
us to third parties, or does not know his own address for a NAT in between.

Tests:    tests/protocols/ftp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return, coroutine
from carryall.core.net.transport import here, peer, tls
from carryall.protocols.ftp import hostport
from carryall.protocols.ftp.dataconnection import DataConnection, PassivePort
from carryall.protocols.ftp.wire import Refused

__all__ = ['DataWays']

NOT_KNOWN = (500, 501, 502, 522)        # what a server says to EPSV that has none


class DataWays(object):
    """How data connections are made, as far as it is known by now.

    Args:     client: an FTPClient, connected.
              passive: the server listens; else we do.
              extended: whether EPSV and EPRT are tried.
              believe: take the address that PASV tells.
              seconds: for a connection to come about.

    Attributes:
        context: TLSContext of data connections; None: in clear.
        hostname: what the certificate must be for.
    """

    def __init__(self, loop, client, passive=True, extended=True, believe=False, seconds=30.0):
        # type: (Any, Any, bool, bool, bool, float) -> None
        self.context = None             # type: Any
        self.hostname = None            # type: Optional[str]
        self._loop = loop
        self._client = client
        self._passive = passive
        self._extended = extended
        self._believe = believe
        self._seconds = seconds

    @coroutine
    def arrange(self):
        # type: () -> Any
        """A Future of something with ``open()``, which gives a Future of a DataConnection, and ``close()``."""
        if not self._passive:
            port = yield self._listen()
            raise Return(port)
        server = _host(peer(self._client.transport))
        if self._extended:
            try:
                reply = yield self._client.command(b'EPSV')
                number = hostport.parse_epsv_reply(reply.text)
                if number is None:
                    raise RemoteProtocolError(u'a reply to EPSV without a port')
                raise Return(_Outgoing(self, server, number))
            except Refused as exc:
                if exc.refusal.code not in NOT_KNOWN or ':' in server:
                    raise
                self._extended = False
        reply = yield self._client.command(b'PASV')
        found = hostport.parse_pasv_reply(reply.text)
        if found is None:
            raise RemoteProtocolError(u'a reply to PASV without an address')
        raise Return(_Outgoing(self, found[0] if self._believe else server, found[1]))

    @coroutine
    def _listen(self):
        # type: () -> Any
        own = _host(here(self._client.transport))
        server = _host(peer(self._client.transport))
        port = PassivePort(self._loop, own, None, lambda host: host == server, self._seconds)
        host, number = hostport.plain4(port.address.host), port.address.port
        try:
            if self._extended:
                try:
                    yield self._client.command(b'EPRT', hostport.format_eprt(host, number))
                    raise Return(_Incoming(self, port))
                except Refused as exc:
                    if exc.refusal.code not in NOT_KNOWN or ':' in host:
                        raise
                    self._extended = False
            yield self._client.command(b'PORT', hostport.format_port(host, number))
        except Return:
            raise
        except FAILURES:
            port.close()
            raise
        raise Return(_Incoming(self, port))

    def secured(self, connection):
        # type: (DataConnection) -> Any
        """*connection*, or a Future of it after the handshake; the client of FTP is that of TLS (RFC 4217 section 7)."""
        if self.context is None:
            return connection
        # Servers may want the data connection to go on with the session of the control connection, which is still open.
        if tls(self._client.transport) is not None:     # not after CCC: TLS has remembered it as it went
            self._client.transport.remember()
        return self._loop.start_tls(connection.transport, self.context, hostname=self.hostname).then(lambda _: connection)


def _host(address):
    # type: (Any) -> str
    """An end's numeric address, IPv4 as such; '' where there is none."""
    return hostport.plain4(address.host) if address is not None else ''


class _Outgoing(object):
    """A port of the server's."""

    def __init__(self, ways, host, port):
        # type: (DataWays, str, int) -> None
        self._ways = ways
        self._future = ways._loop.connect_tcp(DataConnection, host, port, ways._seconds).then(
            lambda pair: ways.secured(pair[1]))

    def open(self):
        # type: () -> Any
        """A Future of the DataConnection; it was begun before the command that uses it is sent."""
        return self._future

    def close(self):
        # type: () -> None
        """It is not needed."""
        self._future.cancel()
        if self._future.done() and self._future.exception() is None:
            self._future.result().drop()


class _Incoming(object):
    """A port of ours."""

    def __init__(self, ways, port):
        # type: (DataWays, PassivePort) -> None
        self._port = port
        self._future = port.open().then(ways.secured)

    def open(self):
        # type: () -> Any
        """A Future of the DataConnection."""
        return self._future

    def close(self):
        # type: () -> None
        """It is not needed."""
        self._port.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
