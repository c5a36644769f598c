# Copyright the carryall authors.  See LICENSE.
"""The objects that a protocol is given: Transport, DatagramTransport,
and the Address of either end.

The classes here are the contract, laws L8 to L12; ``carryall.runtimes`` implements them.  A
protocol learns the addresses and TLS by ``peer()``, ``here()`` and ``tls()`` below, and never asks
the transport with a string.  So it also runs on asyncio's own transports.

Tests:    tests/contract/ (laws L8 to L12), tests/core/net/test_transport.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type

__all__ = ['Address', 'DatagramTransport', 'HIGH_WATER', 'LOW_WATER', 'Listener', 'Transport',
           'WaterMarks', 'here', 'peer', 'tls']

HIGH_WATER = 65536      # bytes waiting to be sent above which the protocol is told to pause
LOW_WATER = 16384       # bytes at or below which it is told to go on


class Address(tuple):
    """One end of a connection: ``(host, port)`` for TCP and UDP, ``(path,
    None)`` for a Unix socket.

    ``host`` is the numeric address in its canonical text form (``::1``, not ``0:0:0:0:0:0:0:1``),
    with ``%scope`` where there is one.  Equal to the plain tuple; as text ``127.0.0.1:80``,
    ``[::1]:80`` or ``unix:/run/x``.
    """

    __slots__ = ()

    def __new__(cls, host, port=None):
        # type: (str, Optional[int]) -> Address
        return tuple.__new__(cls, (host, port))

    def __getnewargs__(self):
        # type: () -> Tuple[str, Optional[int]]
        return self.host, self.port

    @property
    def host(self):
        # type: () -> str
        """The numeric address, or the path of a Unix socket ('' for its unnamed end)."""
        return self[0]

    @property
    def port(self):
        # type: () -> Optional[int]
        """The port, 0 to 65535; None for a Unix socket."""
        return self[1]

    def __str__(self):
        if self[1] is None:
            return 'unix:%s' % (self[0],)
        return ('[%s]:%d' if ':' in self[0] else '%s:%d') % tuple(self)

    def __repr__(self):
        return 'Address(%s)' % (str(self),)


def _as_address(name):
    # type: (Any) -> Optional[Address]
    """An Address of what ``get_extra_info`` gave: ours, asyncio's tuples of 2 or 4,
    or the path of a Unix socket."""
    if name is None or isinstance(name, Address):
        return name
    if isinstance(name, (bytes, text_type)):
        return Address(name if isinstance(name, str) else native(name))
    host, port = name[:2]
    if len(name) == 4 and name[3] and '%' not in host:
        host = '%s%%%d' % (host, name[3])
    return Address(host, port)


def peer(transport):
    # type: (Any) -> Optional[Address]
    """The other end's Address; None if there is none (law L12)."""
    return _as_address(transport.get_extra_info('peername'))


def here(transport):
    # type: (Any) -> Optional[Address]
    """Our own end's Address (law L12)."""
    return _as_address(transport.get_extra_info('sockname'))


def tls(transport):
    # type: (Any) -> Any
    """The TLS parameters of this connection, or None for plain text (law L12)."""
    return transport.get_extra_info('tls') or transport.get_extra_info('ssl_object')


class Transport(object):
    """A stream connection, as its protocol sees it."""

    __slots__ = ()

    def write(self, data):
        # type: (bytes) -> None
        """Sends *data*, now or as soon as the peer takes it; never blocks (law L8).

        Raises:   TypeError: not exactly bytes.  Never anything for the peer's faults; after close
                  or abort *data* is dropped.
        """
        raise NotImplementedError

    def write_file(self, source, offset, count):
        # type: (Any, int, int) -> Future
        """Sends *count* bytes of the open binary file *source* from *offset*,
        after all that was written before.

        Memory stays flat, and the system copies by itself (sendfile) where it can.  The file must
        stay open until the Future completes; it is not closed here.

        Returns:  a Future of the number of bytes handed to the system; it fails with ConnectionLost
                  when the connection ends first, and with LocalProtocolError when the file ends
                  first (the connection is then aborted, for what was promised cannot be kept).
        """
        raise NotImplementedError

    def write_eof(self):
        # type: () -> None
        """Flushes, then tells the peer that nothing more will come; reading goes on."""
        raise NotImplementedError

    def can_write_eof(self):
        # type: () -> bool
        """True if this kind of connection has half-close."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Flushes, then closes (law L9); ``connection_lost(None)`` follows on a later turn."""
        raise NotImplementedError

    def abort(self):
        # type: () -> None
        """Closes now and drops what is unsent (law L9); the peer of a TCP connection sees a
        reset."""
        raise NotImplementedError

    def is_closing(self):
        # type: () -> bool
        """True if it is closed or on its way."""
        raise NotImplementedError

    def pause_reading(self):
        # type: () -> None
        """No ``data_received`` from now on, not even of what is here already (law L10)."""
        raise NotImplementedError

    def resume_reading(self):
        # type: () -> None
        """Goes on reading, on a later turn."""
        raise NotImplementedError

    def is_reading(self):
        # type: () -> bool
        """True if it is neither paused nor closing."""
        raise NotImplementedError

    def set_write_buffer_limits(self, high=None, low=None):
        # type: (Optional[int], Optional[int]) -> None
        """The water marks in bytes (law L11): 64 KiB and a quarter of *high* unless said."""
        raise NotImplementedError

    def get_write_buffer_size(self):
        # type: () -> int
        """Bytes that wait to be sent, those of files included."""
        raise NotImplementedError

    def get_extra_info(self, name, default=None):
        # type: (str, Any) -> Any
        """'peername', 'sockname' and 'tls' (law L12); protocols call ``peer()``, ``here()`` and
        ``tls()`` instead."""
        raise NotImplementedError


class DatagramTransport(object):
    """An open datagram socket (law L19)."""

    __slots__ = ()

    def sendto(self, data, addr=None):
        # type: (bytes, Any) -> None
        """Sends one packet to *addr* (or to the peer the socket is connected to); never blocks.

        What the system cannot take now is queued up to a bound, then dropped, as the network would.
        """
        raise NotImplementedError

    def join_group(self, group, interface=None):
        # type: (str, Optional[str]) -> None
        """Receives what is sent to the multicast address *group*,
        on the interface with that address.

        Raises:   Unsupported: no multicast here (``caps.multicast`` is false).
        """
        raise NotImplementedError

    def leave_group(self, group, interface=None):
        # type: (str, Optional[str]) -> None
        """Undoes ``join_group``."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Closes after what is queued was sent;
        ``connection_lost(None)`` follows on a later turn."""
        raise NotImplementedError

    def abort(self):
        # type: () -> None
        """Closes now."""
        raise NotImplementedError

    def get_extra_info(self, name, default=None):
        # type: (str, Any) -> Any
        """'peername' and 'sockname'."""
        raise NotImplementedError


class Listener(object):
    """The result of ``listen_tcp`` and ``listen_unix``: a socket that accepts connections (law
    L16).

    Attributes:
        address: where it listens.
        counters: the ListenerMetrics of its server, for the connections that come from now on;
            their transports give it as ``counters`` (``carryall.core.metrics.counters_of``).
        starved: true while it accepts nothing because the system has no descriptor left.
    """

    __slots__ = ()

    address = None              # type: Any
    counters = None             # type: Any
    starved = False

    def pause(self):
        # type: () -> None
        """Takes no connections for now; they wait in the system's queue."""
        raise NotImplementedError

    def resume(self):
        # type: () -> None
        """Takes connections again."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Stops listening at once; the connections that were taken live on."""
        raise NotImplementedError


class WaterMarks(object):
    """The arithmetic of law L11, for anyone who implements a Transport.

    ``paused`` is whether the protocol has been told to pause.
    """

    __slots__ = ('high', 'low', 'paused')

    def __init__(self, high=None, low=None):
        # type: (Optional[int], Optional[int]) -> None
        self.paused = False
        self.set(high, low)

    def set(self, high=None, low=None):
        # type: (Optional[int], Optional[int]) -> None
        """Chooses the marks; ValueError unless 0 <= low <= high."""
        if high is None:
            high = HIGH_WATER if low is None else 4 * low
        if low is None:
            low = high // 4
        if not 0 <= low <= high:
            raise ValueError('water marks need 0 <= low <= high, not low=%r high=%r' % (low, high))
        self.high = high
        self.low = low


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple
    from carryall.core.future import Future
