# Copyright the carryall authors.  See LICENSE.
"""BIND: the client has somebody connect to us, and gets that connection (RFC 1928 section 4,
the SOCKS4 paper).

Wire:     two replies: where we listen; then, when the caller is here, who it is.
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
              request: the Request; its host is who may call, 0.0.0.0 or ::
                       for anybody the rules let.
    Raises:   ListenFailed.  Denied: the caller is to be told by a name, which proves nothing.
    """

    def __init__(self, server, request):
        # type: (Any, wire.Request) -> None
        octets = packed(request.host)
        if octets is None:
            raise Denied(u'a caller is named by its address')
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
        """Whether the one at *address* is the caller that is waited for; then nobody else is."""
        if self._listener is None or address is None:
            return False
        request = self._request
        if not self._anybody and packed(address.host) != packed(request.host) \
                or not self._server.gate.rules.permits(request, self._server.host, address.host):
            log.info('%s: %s called, and is not let in', self._server.host, address)
            return False
        self.close()
        return True

    def joined(self, caller, address):
        # type: (Far, Any) -> None
        """The caller is here: the second reply, and the relay."""
        self._server.grant(self._request.version, address)
        self._server.join(caller)

    def _late(self):
        # type: () -> None
        self.close()
        self._server.refuse(self._request.version, FAILED)

    def close(self):
        # type: () -> None
        """Wait no longer."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        if self._timer is not None:
            self._timer.cancel()


class _Caller(Far):
    """Somebody who connected to a Binding."""

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
        if self._admitted:              # a stranger's end means nothing to the client
            Far.connection_lost(self, exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
