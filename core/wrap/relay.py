# Copyright the carryall authors.  See LICENSE.
"""Handover: a protocol that speaks first and then hands its connection to another one.

The client of a proxy, the reader of a PROXY header and an HTTP server that upgrades are such.

    class Opening(Handover):
        def opening_received(self, data):
            ...
            self.hand_over(inner, rest)         # rest: octets that came behind our own

Given:    a clock; the subclass reads the opening in ``opening_received`` and calls ``hand_over``.
Returned: the inner protocol gets ``connection_made`` with what ``inner_transport`` gives, and then
          each call of the transport.
States:   opening (``inner`` is None) -> the inner protocol has the connection -> lost.  Surplus
          octets are delivered on a later turn, once the inner protocol resumes reading.

``Forwarding`` is the base of all protocols with another one behind them.  ``Outer`` is the base of
the transports that they put in front of the real one.

Not here: octets that go from one connection to another (streamrelay.py).
Tests:    tests/core/wrap/test_relay.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import Transport, peer

__all__ = ['Forwarding', 'Handover', 'Outer', 'innermost']

log = get_logger('handover')


class Outer(Transport):
    """A transport in front of another, ``lower``, which gets each call."""

    def __init__(self, lower):
        # type: (Any) -> None
        self.lower = lower
        # The methods that a protocol calls most are those of the lower transport, without a call
        # in between.
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
    """The real transport behind the Outers in front of it."""
    while isinstance(transport, Outer):
        transport = transport.lower
    return transport


class Forwarding(Protocol):
    """A protocol with another one behind it, ``inner``, which gets each call once it is set.

    Attributes:
        inner: the protocol that has the connection, or None.
    """

    inner = None                # type: Any

    def opening_received(self, data):
        # type: (bytes) -> None
        """Data before an inner protocol is set; dropped unless a subclass reads it."""

    def opening_ended(self):
        # type: () -> None
        """The end of input before an inner protocol is set; the connection is closed."""

    def opening_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """The loss of the connection before an inner protocol was set."""

    # A transport may look most of these up once, before connection_made, so each must work for an
    # inner protocol that is set later.

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
    """Data goes to ``opening_received`` first, and to the inner protocol after ``hand_over()``.

    Args:     clock: anything with ``call_later``.
    """

    def __init__(self, clock):
        # type: (Any) -> None
        self.clock = clock
        self._held = None           # type: Optional[_Held]

    def opening_received(self, data):
        # type: (bytes) -> None
        """Data before ``hand_over``."""
        raise NotImplementedError

    def hand_over(self, inner, rest=b''):
        # type: (Any, bytes) -> None
        """Gives the connection to *inner*, with what ``inner_transport`` returns as its transport.

        Args:     rest: octets that came behind the opening; *inner* gets them on a later turn.
        """
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
            log.warning('%s: data in clear before TLS is discarded', peer(transport))
        Forwarding.transport_changed(self, transport)
        if held is not None and not held.paused:
            transport.resume_reading()      # hand_over() has paused the one below


class _Held(Outer):
    """A transport with octets for a protocol that came later than they.

    The real transport does not read until they are delivered.
    """

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
        """Takes the octets that were not delivered yet."""
        rest, self._rest = self._rest, b''
        return rest

    def schedule(self):
        # type: () -> None
        """Delivers on a later turn: callbacks do not nest (law L3)."""
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
