# Copyright the carryall authors.  See LICENSE.
"""leave: close a connection so that a peer that is still sending can read the last reply.

    transport.write(b'421 Too many errors\r\n')
    leave(transport, clock)

A close while octets of the peer are unread or on their way resets the connection (RFC 1122 section
4.2.2.13).  A reset may take away what the peer has not read yet, such as the refusal.  So only our
half is closed, and what comes is dropped.  The peer's end or a deadline closes the rest.

Tests:    tests/core/wrap/test_linger.py, tests/contract/test_leaving.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.wrap.relay import innermost
from carryall.core.net.protocol import Protocol

__all__ = ['LINGER_SECONDS', 'leave']

PIECE_SECONDS = 0.00005     # to receive a piece and drop it, measured on CPython
LINGER_SECONDS = 5.0        # from our end to the close, unless the peer ends first
UNSENT_SECONDS = 300.0      # from that close until what the peer has not taken is dropped


def leave(transport, clock, seconds=LINGER_SECONDS):
    # type: (Any, Any, float) -> None
    """Closes *transport* so that the peer can read what was written.

    The protocol of the connection gets no more calls but ``connection_lost``, and its writes are
    dropped.

    Args:     seconds: for the peer to end.  Then the connection is closed once the unsent output
                       has been taken, or aborted after UNSENT_SECONDS more.
    """
    below = innermost(transport)
    if below.is_closing() or not below.can_write_eof():
        below.close()       # TLS cannot close one half, and waits for the peer's end by itself
        return
    leaving = _Leaving(below.get_protocol(), below)
    below.set_protocol(leaving)
    below.write_eof()
    below.resume_reading()
    leaving.timer = clock.call_later(seconds, leaving.close, clock)


class _Leaving(Protocol):
    """The protocol of the connection between our end and the peer's."""

    def __init__(self, left, transport):
        # type: (Any, Any) -> None
        self._left = left
        self._transport = transport
        self._turns = transport.get_extra_info('turns')
        self.timer = None               # type: Any

    def close(self, clock):
        # type: (Any) -> None
        """Closes; a peer that reads nothing does not keep the connection for ever."""
        self.timer = clock.call_later(UNSENT_SECONDS, self._transport.abort)
        self._transport.close()

    def data_received(self, data):
        """Drops the data; the next piece waits for a turn (law L21)."""
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
