# Copyright the carryall authors.  See LICENSE.
"""Handover: a protocol that speaks first and then hands its connection to another (a proxy's
client, a header).

    class Opening(Handover):
        def opening_received(self, data):
            ...
            self.hand_over(inner, rest)         # rest: octets that came behind our own

What came too much reaches the inner protocol on a later turn, and not before it reads:
it may have paused.

``Forwarding`` is what all such protocols share, whether they are a Handover, wait for a line,
or only count.

Tests:    tests/core/wrap/test_relay.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import Transport, peer

__all__ = ['Forwarding', 'Handover', 'Outer', 'innermost']

log = get_logger('handover')


class Outer(Transport):
    """A transport in front of another, ``lower``; hands everything on."""

    def __init__(self, lower):
        # type: (Any) -> None
        self.lower = lower
        # Each by its name: these are the methods that a protocol calls most,
        # and so they cost nothing.
        self.write = lower.write                                    # type: ignore
        self.write_eof = lower.write_eof                            # type: ignore
        self.can_write_eof = lower.can_write_eof                    # type: ignore
        self.close = lower.close                                    # type: ignore
        self.abort = lower.abort                                    # type: ignore
        self.is_closing = lower.is_closing                          # type: ignore

    def write_file(self, source, offset, count):
        return self.lower.write_file(source, offset, count)

    def pause_reading(self):
        self.lower.pause_reading()

    def resume_reading(self):
        self.lower.resume_reading()

    def is_reading(self):
        return self.lower.is_reading()

    def set_write_buffer_limits(self, high=None, low=None):
        self.lower.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self):
        return self.lower.get_write_buffer_size()

    def get_extra_info(self, name, default=None):
        return self.lower.get_extra_info(name, default)

    def __str__(self):
        return str(self.lower)


def innermost(transport):
    # type: (Any) -> Any
    """The real transport behind what a Handover gave to its inner protocol."""
    while isinstance(transport, Outer):
        transport = transport.lower
    return transport


class Forwarding(Protocol):
    """A protocol that has another behind it, or will:
    everything goes to ``inner`` once there is one.

    Attributes:
        inner: the protocol that the connection belongs to, or None.
    """

    inner = None                # type: Any

    def opening_received(self, data):
        # type: (bytes) -> None
        """Octets before there is an inner protocol; dropped unless a subclass wants them."""

    def opening_ended(self):
        # type: () -> None
        """The peer sends no more, before there is an inner protocol; the connection is closed."""

    def opening_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """The connection is over, before there was an inner protocol."""

    # A transport may look most of these up once, before connection_made, so all must work when one
    # is replaced later on.

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
            self.inner.transport_changed(self.inner_transport(transport))

    def tls_stopped(self, transport):
        self.transport = transport
        if self.inner is not None:
            self.inner.tls_stopped(self.inner_transport(transport))

    def inner_transport(self, transport):
        # type: (Any) -> Any
        """The transport for the inner protocol: this one, or an Outer in front of it."""
        return transport

    def drain(self):
        if self.inner is not None:
            self.inner.drain()

    def connection_lost(self, exc):
        if self.inner is not None:
            self.inner.connection_lost(exc)
        else:
            self.opening_lost(exc)


class Handover(Forwarding):
    """Everything goes to ``opening_received`` first,
    and to the inner protocol after ``hand_over()``.

    Args:     clock: anything with ``call_later``.
    """

    def __init__(self, clock):
        # type: (Any) -> None
        self.clock = clock
        self._held = None           # type: Optional[_Held]

    def opening_received(self, data):
        # type: (bytes) -> None
        """Octets before the hand-over."""
        raise NotImplementedError

    def hand_over(self, inner, rest=b''):
        # type: (Any, bytes) -> None
        """From here on it is the connection of *inner*,
        whose transport is what ``inner_transport`` gives."""
        self.inner = inner
        transport = self.inner_transport(self.transport)
        if not rest:
            inner.connection_made(transport)
            return
        held = _Held(self, transport, rest)
        self._held = held
        self.transport.pause_reading()
        inner.connection_made(held)
        held.schedule()

    def transport_changed(self, transport):
        held, self._held = self._held, None
        if held is not None and held.take_rest():
            log.warning('%s: what came in clear, before TLS began, is discarded', peer(transport))
        Forwarding.transport_changed(self, transport)
        if held is not None and not held.paused:
            transport.resume_reading()      # it was we who paused the one below


class _Held(Outer):
    """A transport with octets that came before its protocol;
    the real one does not read while there are some."""

    def __init__(self, owner, lower, rest):
        # type: (Handover, Any, bytes) -> None
        Outer.__init__(self, lower)
        self._owner = owner
        self._rest = rest
        self.paused = False

    def pause_reading(self):
        self.paused = True
        self.lower.pause_reading()

    def resume_reading(self):
        self.paused = False
        if self._rest:
            self.schedule()
        else:
            self.lower.resume_reading()

    def is_reading(self):
        return not self.paused and not self.lower.is_closing()

    def take_rest(self):
        # type: () -> bytes
        """Take away what was not delivered yet."""
        rest, self._rest = self._rest, b''
        return rest

    def schedule(self):
        # type: () -> None
        """Deliver on a later turn: callbacks do not nest (law L3)."""
        self._owner.clock.call_later(0.0, self._deliver)

    def _deliver(self):
        # type: () -> None
        if self.paused or not self._rest or self.lower.is_closing():
            return
        self._owner.inner.data_received(self.take_rest())
        if self._owner._held is self and not self.paused and not self.lower.is_closing():
            self.lower.resume_reading()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
