# Copyright the carryall authors.  See LICENSE.
"""Leaving: the last word of a server reaches a peer that is still sending.

    transport.write(b'421 Too many errors\r\n')
    leave(transport, clock)

To close a connection while octets of the peer's are unread, or on their way, resets it, and a reset
may take away what the peer has not read yet: the very refusal that was said last (RFC 1122 section
4.2.2.13).  So only our half is closed; what comes is dropped, and the peer's end,
or a deadline, closes the rest.

Tests:    tests/core/wrap/test_linger.py, tests/contract/test_leaving.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.relay import innermost
from carryall.core.net.protocol import Protocol

__all__ = ['LINGER_SECONDS', 'leave']

PIECE_SECONDS = 0.00005     # to receive a piece and drop it, roughly; measured on CPython
LINGER_SECONDS = 5.0        # from our end to the close, unless the peer ends first


def leave(transport, clock, seconds=LINGER_SECONDS):
    # type: (Any, Any, float) -> None
    """Close *transport* so that the peer can read what was written.

    The protocol of the connection hears nothing more but ``connection_lost``;
    what it writes is dropped.

    Args:     seconds: for the peer to end; then the connection is closed,
              when what is unsent has been taken.
    """
    below = innermost(transport)
    if below.is_closing() or not below.can_write_eof():
        below.close()  # TLS cannot close one half, and waits for the peer's end by itself
        return
    leaving = _Leaving(below.get_protocol(), below)
    below.set_protocol(leaving)
    below.write_eof()
    below.resume_reading()
    leaving.timer = clock.call_later(seconds, below.close)


class _Leaving(Protocol):
    """Has the connection from our end to the peer's."""

    def __init__(self, left, transport):
        # type: (Any, Any) -> None
        self._left = left
        self._transport = transport
        self._turns = transport.get_extra_info('turns')
        self.timer = None               # type: Any

    def data_received(self, data):
        """Drop it; the next piece has to wait for its turn (law L21)."""
        if self._turns is not None:
            self._transport.pause_reading()
            self._turns.wait(self._read_on, self._transport)

    def _read_on(self):
        # type: () -> float
        self._transport.resume_reading()
        return PIECE_SECONDS

    def connection_lost(self, exc):
        if self.timer is not None:
            self.timer.cancel()
        self._left.connection_lost(exc)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
