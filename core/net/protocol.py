# Copyright the carryall authors.  See LICENSE.
"""Protocol: start here to write a new one.

A protocol is a plain class whose methods the loop calls.  The names and their order are PEP 3156's,
so the same class also runs on a stock asyncio loop::

    start -> connection_made -> data_received* -> eof_received? -> connection_lost -> end

Between ``connection_made`` and ``connection_lost`` the pairs ``pause_writing`` / ``resume_writing``
may come, also from within ``transport.write()``.  No other calls nest (law L3), and all run on the
loop's one thread (L13).

``data_received`` gets bytes cut anywhere: one byte, half a line, three requests at once.  Test a
protocol at every size with ``carryall.core.testing``.

The constructor gets all that a protocol needs (L7): its service and a clock.  A clock is any object
with ``time()`` and ``call_later()``, such as a loop.

Tests:    tests/contract/ (laws L1 to L7, over every backend)
"""
from __future__ import absolute_import, division, print_function

__all__ = ['DatagramProtocol', 'Protocol']


class Protocol(object):
    """The protocol of a stream connection, whose methods the loop calls."""

    transport = None            # type: Any

    def connection_made(self, transport):
        # type: (Any) -> None
        """The connection is there; *transport* is where to write (law L1)."""
        self.transport = transport

    def transport_changed(self, transport):
        # type: (Any) -> None
        """``loop.start_tls`` has put TLS under the connection:
        write to *transport* from now on (law L18)."""
        self.transport = transport

    def tls_stopped(self, transport):
        # type: (Any) -> None
        """``loop.stop_tls`` has taken TLS off: write to *transport*, in clear, from now on; what
        comes is clear, too (L18).

        What came behind the peer's goodbye follows at once, so do not pause reading here.
        """
        self.transport = transport

    def data_received(self, data):
        # type: (bytes) -> None
        """The next bytes from the peer, at least one (law L2)."""

    def eof_received(self):
        # type: () -> Optional[bool]
        """The peer will send no more (law L4).

        Return true to keep our side open; else it is closed after a flush.
        """
        return None

    def drain(self):
        # type: () -> None
        """The server stops: finish what is under way, begin nothing new, then close.

        The default leaves the connection to the time limit of the stop, after which it is aborted.
        """

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """It is over (law L5): None for a clean end or our own close, else a ConnectionLost."""

    def pause_writing(self):
        # type: () -> None
        """More than the high-water mark is waiting to be sent:
        produce no more for now (law L11)."""

    def resume_writing(self):
        # type: () -> None
        """The low-water mark is reached again: go on."""


class DatagramProtocol(object):
    """The side of a datagram socket that understands what is said (law L19)."""

    transport = None            # type: Any

    def connection_made(self, transport):
        # type: (Any) -> None
        """The socket is open."""
        self.transport = transport

    def datagram_received(self, data, addr):
        # type: (bytes, Any) -> None
        """One packet, which may be empty, and the Address it came from."""

    def error_received(self, exc):
        # type: (BaseException) -> None
        """An earlier packet could not be delivered, as the system tells it;
        the socket stays open."""

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """The socket is closed: None for our own close."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
