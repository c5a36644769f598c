# Copyright the carryall authors.  See LICENSE.
"""Handover: a protocol that speaks first and then hands its connection to another (a proxy's client, a header).

    class Opening(Handover):
        def opening_received(self, data):
            ...
            self.hand_over(inner, rest)         # rest: octets that came behind our own

What came too much reaches the inner protocol on a later turn, and not before it reads: it may have paused.

Tests:    tests/core/test_handover.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.protocol import Protocol
from carryall.core.transport import Transport

__all__ = ['Handover', 'Outer', 'innermost']


class Outer(Transport):
    """A transport in front of another, ``plain``; hands everything on."""

    def __init__(self, plain):
        # type: (Any) -> None
        self.plain = plain
        # Each by its name: these are the methods that a protocol calls most, and so they cost nothing.
        self.write = plain.write                                    # type: ignore
        self.write_eof = plain.write_eof                            # type: ignore
        self.can_write_eof = plain.can_write_eof                    # type: ignore
        self.close = plain.close                                    # type: ignore
        self.abort = plain.abort                                    # type: ignore
        self.is_closing = plain.is_closing                          # type: ignore

    def write_file(self, source, offset, count):
        return self.plain.write_file(source, offset, count)

    def pause_reading(self):
        self.plain.pause_reading()

    def resume_reading(self):
        self.plain.resume_reading()

    def is_reading(self):
        return self.plain.is_reading()

    def set_write_buffer_limits(self, high=None, low=None):
        self.plain.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self):
        return self.plain.get_write_buffer_size()

    def get_extra_info(self, name, default=None):
        return self.plain.get_extra_info(name, default)

    def __str__(self):
        return str(self.plain)


def innermost(transport):
    # type: (Any) -> Any
    """The real transport behind what a Handover gave to its inner protocol."""
    while isinstance(transport, Outer):
        transport = transport.plain
    return transport


class Handover(Protocol):
    """Everything goes to ``opening_received`` first, and to the inner protocol after ``hand_over()``.

    Args:     clock: anything with ``call_later``.

    Attributes:
        inner: the protocol that the connection was handed to, or None.
    """

    def __init__(self, clock):
        # type: (Any) -> None
        self.clock = clock
        self.inner = None           # type: Any

    def opening_received(self, data):
        # type: (bytes) -> None
        """Octets before the hand-over."""
        raise NotImplementedError

    def opening_ended(self):
        # type: () -> None
        """The peer sends no more, before the hand-over; the connection is closed."""

    def opening_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """The connection is over, before the hand-over."""

    def hand_over(self, inner, rest=b'', transport=None):
        # type: (Any, bytes, Any) -> None
        """From here on it is the connection of *inner*, which sees *transport* (an Outer) if that is given."""
        self.inner = inner
        transport = transport or self.transport
        if not rest:
            inner.connection_made(transport)
            return
        held = _Held(self, transport, rest)
        self.transport.pause_reading()
        inner.connection_made(held)
        held.schedule()

    def data_received(self, data):
        if self.inner is not None:
            self.inner.data_received(data)
        else:
            self.opening_received(data)

    def eof_received(self):
        if self.inner is not None:
            return self.inner.eof_received()
        self.opening_ended()
        return None

    def pause_writing(self):
        if self.inner is not None:
            self.inner.pause_writing()

    def resume_writing(self):
        if self.inner is not None:
            self.inner.resume_writing()

    def transport_changed(self, transport):
        self.transport = transport
        if self.inner is not None:
            self.inner.transport_changed(transport)

    def connection_lost(self, exc):
        if self.inner is not None:
            self.inner.connection_lost(exc)
        else:
            self.opening_lost(exc)


class _Held(Outer):
    """A transport with octets that came before its protocol; the real one does not read while there are some."""

    def __init__(self, owner, plain, rest):
        # type: (Handover, Any, bytes) -> None
        Outer.__init__(self, plain)
        self._owner = owner
        self._rest = rest
        self._paused = False

    def pause_reading(self):
        self._paused = True
        self.plain.pause_reading()

    def resume_reading(self):
        self._paused = False
        if self._rest:
            self.schedule()
        else:
            self.plain.resume_reading()

    def is_reading(self):
        return not self._paused and not self.plain.is_closing()

    def schedule(self):
        # type: () -> None
        """Deliver on a later turn: callbacks do not nest (law L3)."""
        self._owner.clock.call_later(0.0, self._deliver)

    def _deliver(self):
        # type: () -> None
        if self._paused or not self._rest or self.plain.is_closing():
            return
        rest, self._rest = self._rest, b''
        self._owner.inner.data_received(rest)
        if not self._paused and not self.plain.is_closing():
            self.plain.resume_reading()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
