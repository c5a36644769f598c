# Copyright the carryall authors.  See LICENSE.
"""BIND: another host connects to the proxy, and the client gets that connection (RFC 1928 section
4, the SOCKS4 paper).

Wire:     Two replies: the address where we listen; then, once the caller has come, its address.
States:   listening -> joined, or closed
Tests:    tests/protocols/socks/test_bind.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.ip import packed
from carryall.core.logs import get_logger
from carryall.core.net.transport import here, peer
from carryall.core.wrap.streamrelay import Far
from carryall.protocols.socks import wire
from carryall.protocols.socks.gate import Denied

__all__ = ['Binding']

FAILED = (wire.REJECTED, wire.TTL_EXPIRED, 504)

log = get_logger('socks')


class Binding(object):
    """A port that waits for one caller.

    Args:     server: the SOCKSServer of the client.
              request: the Request.  Its host is the address of the caller, 0.0.0.0 or :: for any
                       caller that the rules allow.
    Raises:   ListenFailed.  Denied: the caller is given by a name, which proves nothing.
    """

    def __init__(self, server, request):
        # type: (Any, wire.Request) -> None
        octets = packed(request.host)
        if octets is None:
            raise Denied(u'a caller must be given by its address')
        self._server = server
        self._request = request
        self._anybody = not octets.strip(b'\0')
        self._timer = None          # type: Any
        ours = here(server.transport)
        host = ours.host if ours is not None and ours.port is not None else '127.0.0.1'
        self._listener = server.gate.loop.listen_tcp(self._called, host, 0, 1)
        self._timer = server.gate.loop.call_later(server.settings.bind_seconds, self._late)
        server.grant(request.version, self._listener.address)

    def _called(self):
        # type: () -> Far
        caller = _Caller(self._server.relay, self)
        caller.other = self._server
        return caller

    def admits(self, address):
        # type: (Any) -> bool
        """True if the host at *address* is the awaited caller; then the port is closed."""
        if self._listener is None or address is None:
            return False
        request = self._request
        expected = self._anybody or packed(address.host) == packed(request.host)
        rules = self._server.gate.rules
        if not expected or not rules.permits(request, self._server.host, address.host):
            log.info('%s: a call from %s is refused', self._server.host, address)
            return False
        self.close()
        return True

    def joined(self, caller, address):
        # type: (Far, Any) -> None
        """The caller has come: send the second reply, and relay."""
        self._server.grant(self._request.version, address)
        self._server.join(caller)

    def _late(self):
        # type: () -> None
        self.close()
        self._server.refuse(self._request.version, FAILED)

    def close(self):
        # type: () -> None
        """Closes the port."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        if self._timer is not None:
            self._timer.cancel()


class _Caller(Far):
    """The connection of a caller to a Binding."""

    def __init__(self, relay, binding):
        # type: (Any, Binding) -> None
        Far.__init__(self, relay)
        self._binding = binding
        self._admitted = False

    def connection_made(self, transport):
        Far.connection_made(self, transport)
        address = peer(transport)
        if not self._binding.admits(address):
            transport.abort()
            return
        self._admitted = True
        self._binding.joined(self, address)

    def connection_lost(self, exc):
        if self._admitted:              # the end of a refused caller does not concern the client
            Far.connection_lost(self, exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
