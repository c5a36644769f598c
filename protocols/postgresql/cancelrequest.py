# Copyright the carryall authors.  See LICENSE.
"""A request to cancel: one message on a connection of its own, under TLS if the session is.

Source:   PostgreSQL 18, section 55.2.9, "Canceling Requests in Progress".
Tests:    tests/protocols/postgresql/test_pgdriver.py, tests/protocols/postgresql/test_hostile.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.future import Future
from carryall.core.net.protocol import Protocol
from carryall.core.tls.handshakes import connect_tls
from carryall.protocols.postgresql import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['CANCEL_SECONDS', 'send_cancel']

CANCEL_SECONDS = 5.0        # to connect for a request to cancel, and for the server to take it


def send_cancel(loop, octets, host, port, path=None, tls=None, starttls=None, hostname=None):
    # type: (Any, bytes, str, int, Any, Any, Any, Any) -> Future
    """Sends a request to cancel, on a connection of its own.

    A Future of None, when the server has taken it or cannot be reached: later, nothing more
    will be cancelled.

    Args:     path, tls, starttls: as of ``connect``.
    """
    canceller = _Canceller(loop, octets, starttls, hostname or host)
    if path is not None:
        connecting = loop.connect_unix(lambda: canceller, path, CANCEL_SECONDS)
    elif tls is not None:
        connecting = connect_tls(loop, tls, lambda: canceller, host, port, hostname or host,
                                 CANCEL_SECONDS)
    else:
        connecting = loop.connect_tcp(lambda: canceller, host, port, CANCEL_SECONDS)
    connecting.add_done_callback(canceller.connected)
    return canceller.ended


class _Canceller(Protocol):
    """Sends one message; the server closes when it has signalled.

    Attributes:
        ended: a Future of None, at the end of the connection.
    """

    def __init__(self, loop, octets, starttls, hostname):
        # type: (Any, bytes, Any, str) -> None
        self.ended = Future()
        self._loop = loop
        self._octets = octets
        self._starttls = starttls
        self._hostname = hostname
        self._timer = None          # type: Any

    def connected(self, connecting):
        # type: (Future) -> None
        """Takes the result of connecting."""
        if connecting.exception() is not None and not self.ended.done():
            self.ended.set_result(None)

    def connection_made(self, transport):
        self.transport = transport
        self._timer = self._loop.call_later(CANCEL_SECONDS, transport.abort)
        if self._starttls is None:
            transport.write(self._octets)
        else:
            transport.write(wire.SSL_REQUEST)

    def data_received(self, data):
        if self._starttls is None or data != b'S':
            self.transport.abort()      # it would show the key, or is no server
            return
        context, self._starttls = self._starttls, None
        self._loop.start_tls(self.transport, context, server_side=False,
                             hostname=self._hostname).add_done_callback(self._secured)

    def _secured(self, done):
        # type: (Future) -> None
        try:
            done.result()
        except FAILURES:
            self.transport.abort()
        else:
            self.transport.write(self._octets)

    def connection_lost(self, exc):
        self._timer.cancel()
        if not self.ended.done():
            self.ended.set_result(None)
