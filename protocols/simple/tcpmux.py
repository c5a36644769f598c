# Copyright the carryall authors.  See LICENSE.
"""Tcpmux: one port for many services, chosen by name (RFC 1078).

Wire:     The client sends a name, in any case, and CRLF.  The server answers ``+``, a text and
          CRLF, and the connection has that service's protocol from there on.  Or it answers ``-``,
          a reason and CRLF, and closes.  To the name HELP it answers with the names, one a line,
          and closes.
States:   naming -> service, or closed
Tests:    tests/protocols/simple/test_tcpmux.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type
from carryall.core.errors import ConnectionLost
from carryall.core.line.framing import LineProtocol
from carryall.core.future import Future
from carryall.core.wrap.relay import Forwarding
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.protocols.simple.errors import SimpleError
from carryall.protocols.simple.settings import Settings

__all__ = ['Tcpmux', 'TcpmuxClient']

# -- limits ------------------------------------------------------------------
MAX_NAME = 255              # octets
MAX_REPLY = 512             # octets of the line that answers a name


class _FirstLine(LineProtocol):
    """Reads lines for *owner* until it has an inner protocol, which gets the data behind them.

    Args:     owner: a Forwarding with ``line_received`` and ``line_too_long``.
              max_line: octets.
              lone_lf: a line may end with LF alone.
    """

    def __init__(self, owner, max_line, lone_lf=False):
        # type: (Any, int, bool) -> None
        LineProtocol.__init__(self)
        self.max_line = max_line
        self.lone_lf = lone_lf
        self._owner = owner

    def line_received(self, line):
        if self.lone_lf and b'\n' in line:
            self.split_line(line)
        else:
            self._owner.line_received(line)

    def line_too_long(self):
        self._owner.line_too_long()

    def hand_over(self, inner):
        # type: (Any) -> None
        """Gives the connection to *inner*, with the data that has come already."""
        self.set_raw_mode()
        self._owner.inner = inner
        inner.connection_made(self.transport)

    def raw_data_received(self, data):
        self._owner.inner.data_received(data)


# -- server ------------------------------------------------------------------

class Tcpmux(Forwarding):
    """Hands the connection to the service that the client names.

    Args:     service: {name (bytes or ASCII text): callable that makes its protocol}.
              clock: the loop; None for no time limit.
    """

    def __init__(self, service, clock=None, settings=None):
        # type: (Dict[Any, Callable[[], Any]], Any, Optional[Settings]) -> None
        self._lines = _FirstLine(self, MAX_NAME, lone_lf=True)
        self._services = dict((_key(name), factory) for name, factory in service.items())
        self._bound = BoundedProtocol(clock, (settings or Settings()).name_seconds)

    def connection_made(self, transport):
        self.transport = transport
        self._lines.connection_made(transport)
        self._bound.connection_made(transport)

    def opening_received(self, data):
        self._lines.data_received(data)

    def line_received(self, line):
        # type: (bytes) -> None
        """The name of a service."""
        name = line.upper()
        if name == b'HELP':
            for known in sorted(self._services):
                self._lines.send_line(known.lower())
            self.transport.close()
        elif name in self._services:
            self._bound.connection_lost(None)       # the service has its own limits
            self._lines.send_line(b'+Go')
            self._lines.hand_over(self._services[name]())
        else:
            self._refuse(b'-Service not available')

    def line_too_long(self):
        """Refuses a name that is too long."""
        self._refuse(b'-Service name too long')

    def _refuse(self, line):
        # type: (bytes) -> None
        self._lines.send_line(line)
        self.transport.close()

    def connection_lost(self, exc):
        self._bound.connection_lost(exc)
        Forwarding.connection_lost(self, exc)


def _key(name):
    # type: (Any) -> bytes
    return (name.encode('ascii') if isinstance(name, text_type) else name).upper()


# -- client ------------------------------------------------------------------

class TcpmuxClient(Forwarding):
    """Asks for a service and hands the connection to the protocol that *factory* makes.

    Attributes:
        ready: a Future of that protocol; it fails with SimpleError and the server's reason if it
               refuses.
    """

    def __init__(self, name, factory):
        # type: (bytes, Callable[[], Any]) -> None
        self._lines = _FirstLine(self, MAX_REPLY)
        self.ready = Future(lambda _: self.transport and self.transport.abort())
        self._name = name
        self._factory = factory

    def connection_made(self, transport):
        self.transport = transport
        self._lines.connection_made(transport)
        self._lines.send_line(self._name)

    def opening_received(self, data):
        self._lines.data_received(data)

    def line_received(self, line):
        # type: (bytes) -> None
        """The server's answer."""
        if line[:1] != b'+':
            why = u'it is not a tcpmux server'
            if line[:1] == b'-':
                why = u'tcpmux: %s' % line[1:].decode('latin-1')
            self._fail(SimpleError(why))
            self.transport.close()
            return
        if not self.ready.done():
            inner = self._factory()
            self._lines.hand_over(inner)
            self.ready.set_result(inner)

    def line_too_long(self):
        """Gives up after an answer that is too long."""
        self._fail(SimpleError(u'a tcpmux answer of more than %d octets' % MAX_REPLY))
        self.transport.abort()

    def connection_lost(self, exc):
        self._fail(exc or ConnectionLost(u'the connection was closed before the service was there'))
        Forwarding.connection_lost(self, exc)

    def _fail(self, error):
        # type: (BaseException) -> None
        if not self.ready.done():
            self.ready.set_exception(error)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional
