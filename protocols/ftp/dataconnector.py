# Copyright the carryall authors.  See LICENSE.
"""DataConnector: data connections of a client, by EPSV, PASV, EPRT or PORT (RFC 2428, 4217).

The address in a reply to PASV is ignored unless the settings say otherwise: the data comes from the
server's own address.  Another one leads to a third party, or comes from a server behind a NAT.

Tests:    tests/protocols/ftp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return, coroutine
from carryall.core.net.transport import here, peer, tls
from carryall.protocols.ftp import hostport
from carryall.protocols.ftp.dataconnection import DataConnection, PassivePort
from carryall.protocols.ftp.errors import FTPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.protocols.ftp.controlconnection import ControlConnection
    from carryall.protocols.ftp.settings import ClientSettings

__all__ = ['DataConnector']

UNKNOWN = (500, 501, 502, 522)          # replies of servers that lack EPSV or EPRT


class DataConnector(object):
    """Makes the data connections of one client.

    Args:     control: connected.
              seconds: for a data connection to open.
              settings: a ClientSettings.

    Attributes:
        context: TLSContext of data connections; None in clear.
        hostname: the name that the certificate must have.
    """

    def __init__(self, loop, control, seconds, settings):
        # type: (Any, ControlConnection, float, ClientSettings) -> None
        self.context = None             # type: Any
        self.hostname = None            # type: Optional[str]
        self._loop = loop
        self._control = control
        self._seconds = seconds
        self._settings = settings
        self._extended = settings.extended

    @coroutine
    def arrange(self):
        # type: () -> Any
        """A Future of a port for one transfer; its ``open()`` is a Future of a DataConnection."""
        if not self._settings.passive:
            port = yield self._listen()
            raise Return(port)
        server = _host(peer(self._control.transport))
        if self._extended:
            try:
                reply = yield self._control.command(b'EPSV')
                number = hostport.parse_epsv_reply(reply.text)
                if number is None:
                    raise RemoteProtocolError(u'a reply to EPSV without a port')
                raise Return(_Outgoing(self.connect(server, number)))
            except FTPError as exc:
                if exc.code not in UNKNOWN or ':' in server:
                    raise
                self._extended = False
        reply = yield self._control.command(b'PASV')
        found = hostport.parse_pasv_reply(reply.text)
        if found is None:
            raise RemoteProtocolError(u'a reply to PASV without an address')
        host = found[0] if self._settings.believe_address else server
        raise Return(_Outgoing(self.connect(host, found[1])))

    @coroutine
    def _listen(self):
        # type: () -> Any
        own = _host(here(self._control.transport))
        server = _host(peer(self._control.transport))
        port = PassivePort(self._loop, own, None, lambda host: host == server, self._seconds)
        try:
            yield self._tell(hostport.plain4(port.address.host), port.address.port)
        except FAILURES:
            port.close()
            raise
        raise Return(_Incoming(port, port.open().then(self.secured)))

    @coroutine
    def _tell(self, host, number):
        # type: (str, int) -> Any
        """Tells the server where we listen."""
        if self._extended:
            try:
                yield self._control.command(b'EPRT', hostport.format_eprt(host, number))
                raise Return(None)
            except FTPError as exc:
                if exc.code not in UNKNOWN or ':' in host:
                    raise
                self._extended = False
        yield self._control.command(b'PORT', hostport.format_port(host, number))

    def connect(self, host, port):
        # type: (str, int) -> Any
        """A Future of a DataConnection to a port of the server."""
        made = self._loop.connect_tcp(DataConnection, host, port, self._seconds)
        return made.then(lambda pair: self.secured(pair[1]))

    def secured(self, connection):
        # type: (DataConnection) -> Any
        """*connection*, or a Future of it after the handshake.

        The FTP client is the TLS client, whichever side connected (RFC 4217 section 7).
        """
        if self.context is None:
            return connection
        # Servers may want the data connection to resume the session of the control connection,
        # which is still open.  After CCC there is none, but TLS remembered it at its end.
        control = self._control.transport
        if tls(control) is not None:
            control.remember()
        secured = self._loop.start_tls(connection.transport, self.context, hostname=self.hostname)
        return secured.then(lambda _: connection)


def _host(address):
    # type: (Any) -> str
    """The numeric address of one end, IPv4 as such; '' if it has none."""
    return hostport.plain4(address.host) if address is not None else ''


class _Outgoing(object):
    """A port of the server."""

    def __init__(self, future):
        # type: (Any) -> None
        self._future = future

    def open(self):
        # type: () -> Any
        """A Future of the DataConnection, which was begun before the command that uses it."""
        return self._future

    def close(self):
        # type: () -> None
        """Drops it."""
        self._future.cancel()
        if self._future.done() and self._future.exception() is None:
            self._future.result().drop()


class _Incoming(object):
    """A port of ours."""

    def __init__(self, port, future):
        # type: (PassivePort, Any) -> None
        self._port = port
        self._future = future

    def open(self):
        # type: () -> Any
        """A Future of the DataConnection."""
        return self._future

    def close(self):
        # type: () -> None
        """Drops it."""
        self._port.close()
