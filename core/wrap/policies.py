# Copyright the carryall authors.  See LICENSE.
"""Policies that a server puts in front of its protocols by wrapping the factory.

    limits = ConnectionLimits(total=1000, per_address=20, refusal=b'421 Too many connections\r\n')
    loop.listen_tcp(limits.wrap(SMTPFactory), ...)

    Throttle(loop, read=65536, write=65536).wrap(factory)       # octets a second, each way

    Trace(write_line).wrap(factory)             # shows the data on the wire

    Deadline(loop, 3600.0).wrap(factory)        # a time limit for each connection

A wrapped factory makes the real protocol and steps between it and its transport only if it must.

Tests:    tests/core/wrap/test_policies.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.deadlines import sweeper_of
from carryall.core.wrap.relay import Forwarding, Outer
from carryall.core.net.ip import source_of
from carryall.core.wrap.linger import leave
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import Wrapped
from carryall.core.net.transport import peer
from carryall.core.ratelimit import OctetRate

__all__ = ['ConnectionLimits', 'Deadline', 'Throttle', 'Trace']

MAX_LEAVING = 100           # refused connections that may read why, at the same time
MAX_TRACED = 256            # octets shown of one piece

log = get_logger('policies')


class _Between(Forwarding):
    """A protocol in front of another, which gets each call."""

    def __init__(self, inner):
        # type: (Any) -> None
        self.inner = inner

    def connection_made(self, transport):
        self.transport = transport
        self.inner.connection_made(self.inner_transport(transport))


# -- how many --------------------------------------------------------------------------------------


class ConnectionLimits(object):
    """Bounds on connections that are open at the same time (X-06).

    Args:     total: of the server; None for no bound.
              per_address: of one client address (of IPv6: one /64, ``core.ip.source_of``);
                           None for no bound.
              refusal: the protocol's reply to a client over the bound, before the close.
              clock: the loop; with it a client that is still sending can read the refusal.

    Attributes:
        open, refused: counts, for metrics.
        leaving: how many refused clients are still connected to read it; at most MAX_LEAVING.
    """

    def __init__(self, total=None, per_address=None, refusal=b'', clock=None):
        # type: (Optional[int], Optional[int], bytes, Any) -> None
        self.total = total
        self.per_address = per_address
        self.refusal = refusal
        self.open = 0
        self.refused = 0
        self.leaving = 0
        self._clock = clock
        self._by_source = {}        # type: Dict[str, int]

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose protocols are counted."""
        return Wrapped(lambda wrapped: _Limited(self, wrapped), factory)

    def _enter(self, source):
        # type: (str) -> bool
        """Counts a connection from *source*; False if it is one too many."""
        count = self._by_source.get(source, 0)
        if (self.total is not None and self.open >= self.total
                or self.per_address is not None and count >= self.per_address):
            self.refused += 1
            return False
        self.open += 1
        self._by_source[source] = count + 1
        return True

    def _leave(self, source):
        # type: (str) -> None
        self.open -= 1
        count = self._by_source[source] - 1
        if count:
            self._by_source[source] = count
        else:
            del self._by_source[source]


class _Limited(Forwarding):
    """Becomes the real protocol if the limits allow it; the data of a refused client is
    dropped.
    """

    _leaves = False                 # true if it was refused and may read the refusal first

    def __init__(self, limits, wrapped):
        # type: (ConnectionLimits, Wrapped) -> None
        self._limits = limits
        self._wrapped = wrapped

    def connection_made(self, transport):
        self.transport = transport
        address = peer(transport)
        host = address.host if address is not None else ''
        # An IPv4 address counts as it is; so does another name, such as the path of a Unix socket.
        self._source = host if ':' not in host else source_of(host) or host
        if not self._limits._enter(self._source):
            self._wrapped.refused.value += 1
            log.info('%s was refused: too many connections', address)
            self._refuse(self._limits)
            return
        inner = self._wrapped.factory()
        self.inner = inner
        inner.connection_made(transport)
        # For a transport that looks the method up only now.
        self.data_received = inner.data_received  # type: ignore

    def _refuse(self, limits):
        # type: (ConnectionLimits) -> None
        if limits.refusal:
            self.transport.write(limits.refusal)
        if limits.refusal and limits._clock is not None and limits.leaving < MAX_LEAVING:
            self._leaves = True
            limits.leaving += 1
            leave(self.transport, limits._clock)
        else:
            self.transport.close()

    def connection_lost(self, exc):
        if self.inner is not None:
            self._limits._leave(self._source)
            self.inner.connection_lost(exc)
        elif self._leaves:
            self._limits.leaving -= 1


# -- how long --------------------------------------------------------------------------------------


class Deadline(object):
    """No connection lives longer than *seconds*; it is aborted."""

    def __init__(self, clock, seconds):
        # type: (Any, float) -> None
        self.clock = clock
        self.seconds = seconds

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose protocols are bounded in time."""
        return Wrapped(lambda wrapped: _Mortal(self, wrapped.factory()), factory)


class _Mortal(_Between):
    """One connection under a Deadline."""

    deadline = None                 # type: Optional[float]

    def __init__(self, policy, inner):
        # type: (Deadline, Any) -> None
        _Between.__init__(self, inner)
        self._policy = policy
        # No call of ours on the hot path.
        self.data_received = inner.data_received  # type: ignore

    def connection_made(self, transport):
        policy = self._policy
        self.deadline = policy.clock.time() + policy.seconds
        sweeper_of(policy.clock).add(self)
        _Between.connection_made(self, transport)

    def deadline_expired(self, now):
        # type: (float) -> None
        """The sweeper: its time is over."""
        log.info('%s was open for %g seconds and is cut', peer(self.transport),
                 self._policy.seconds)
        self.transport.abort()

    def connection_lost(self, exc):
        sweeper_of(self._policy.clock).discard(self)
        _Between.connection_lost(self, exc)


# -- how fast --------------------------------------------------------------------------------------


class Throttle(object):
    """Bytes a second, each way, for each connection; None for no bound."""

    def __init__(self, clock, read=None, write=None):
        # type: (Any, Optional[float], Optional[float]) -> None
        self.clock = clock
        self.read = read
        self.write = write

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose protocols are throttled."""
        return Wrapped(lambda wrapped: _Throttled(self, wrapped.factory()), factory)


class _Throttled(_Between):
    """One connection under a Throttle: reading pauses, and the protocol is told to pause its
    writing.
    """

    def __init__(self, policy, inner):
        # type: (Throttle, Any) -> None
        _Between.__init__(self, inner)
        self._policy = policy
        self._reads = OctetRate(policy.clock, policy.read) if policy.read else None
        self.writes = OctetRate(policy.clock, policy.write) if policy.write else None
        # The latest timer of each, which may have run.
        self._read_timer = None     # type: Any
        self._write_timer = None    # type: Any
        self._theirs = False        # true if the real transport has asked to pause
        self._ours = False          # true if the rate has

    def inner_transport(self, transport):
        return _ThrottledTransport(self, transport) if self.writes is not None else transport

    def data_received(self, data):
        if self._reads is not None:
            wait = self._reads.spend(len(data))
            if wait > 0:
                self.transport.pause_reading()
                if self._read_timer is not None:
                    self._read_timer.cancel()
                self._read_timer = self._policy.clock.call_later(wait, self._read_on)
        self.inner.data_received(data)

    def _read_on(self):
        # type: () -> None
        self.transport.resume_reading()

    def spent(self, count):
        # type: (int) -> None
        """Counts *count* bytes that the protocol has written."""
        wait = self.writes.spend(count)        # type: ignore
        if wait > 0 and not self._ours:
            self._ours = True
            if not self._theirs:
                self.inner.pause_writing()
            self._write_timer = self._policy.clock.call_later(wait, self._write_on)

    def _write_on(self):
        # type: () -> None
        self._ours = False
        if not self._theirs and not self.transport.is_closing():
            self.inner.resume_writing()

    def pause_writing(self):
        self._theirs = True
        if not self._ours:
            self.inner.pause_writing()

    def resume_writing(self):
        self._theirs = False
        if not self._ours:
            self.inner.resume_writing()

    def connection_lost(self, exc):
        for timer in (self._read_timer, self._write_timer):
            if timer is not None:
                timer.cancel()
        self.inner.connection_lost(exc)


class _ThrottledTransport(Outer):
    """Counts the written bytes for the policy."""

    def __init__(self, between, lower):
        # type: (_Throttled, Any) -> None
        Outer.__init__(self, lower)
        self._between = between
        self.write = self._write        # type: ignore

    def _write(self, data):
        # type: (bytes) -> None
        self.lower.write(data)
        self._between.spent(len(data))

    def write_file(self, source, offset, count):
        future = self.lower.write_file(source, offset, count)
        self._between.spent(count)
        return future


# -- what ------------------------------------------------------------------------------------------


class Trace(object):
    """Shows the data on the wire, a line for each piece.

    Args:     write_line: called with each line of text; to the log if left out.
    """

    def __init__(self, write_line=None):
        # type: (Optional[Callable[[str], Any]]) -> None
        self.write_line = write_line or (lambda line: log.info('%s', line))
        self._number = 0

    def wrap(self, factory):
        # type: (Callable[[], Any]) -> Callable[[], Any]
        """A factory whose connections are shown."""
        def make(wrapped):
            # type: (Wrapped) -> _Traced
            self._number += 1
            return _Traced(self.write_line, self._number, wrapped.factory())
        return Wrapped(make, factory)


class _Traced(_Between):
    """One connection under a Trace."""

    def __init__(self, write_line, number, inner):
        # type: (Callable[[str], Any], int, Any) -> None
        _Between.__init__(self, inner)
        self._write_line = write_line
        self._number = number

    def show(self, mark, data):
        # type: (str, bytes) -> None
        """One line: '>' is sent, '<' is received."""
        more = u' ... (%d octets)' % len(data) if len(data) > MAX_TRACED else u''
        self._write_line(u'%d %s %s%s' % (self._number, mark, escape(data[:MAX_TRACED]), more))

    def connection_made(self, transport):
        self.transport = transport
        self._write_line(u'%d = open, with %s' % (self._number, peer(transport)))
        self.inner.connection_made(self.inner_transport(transport))

    def inner_transport(self, transport):
        return _TracedTransport(self, transport)

    def transport_changed(self, transport):
        self._write_line(u'%d = TLS begins' % self._number)
        _Between.transport_changed(self, transport)

    def tls_stopped(self, transport):
        self._write_line(u'%d = TLS ends' % self._number)
        _Between.tls_stopped(self, transport)

    def data_received(self, data):
        self.show('<', data)
        self.inner.data_received(data)

    def eof_received(self):
        self._write_line(u'%d < (end)' % self._number)
        return self.inner.eof_received()

    def connection_lost(self, exc):
        self._write_line(u'%d = closed%s' % (self._number, u', %s' % exc if exc else u''))
        self.inner.connection_lost(exc)


class _TracedTransport(Outer):
    """Shows the written data."""

    def __init__(self, between, lower):
        # type: (_Traced, Any) -> None
        Outer.__init__(self, lower)
        self._between = between
        self.write = self._write        # type: ignore

    def _write(self, data):
        # type: (bytes) -> None
        self._between.show('>', data)
        self.lower.write(data)

    def write_file(self, source, offset, count):
        self._between.show('>', b'(%d octets of a file)' % count)
        return self.lower.write_file(source, offset, count)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
