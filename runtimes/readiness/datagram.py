# Copyright the carryall authors.  See LICENSE.
"""UDP sockets of the readiness family.

Tests:    tests/contract/ (law L19)
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import Unsupported
from carryall.core.net.transport import Address, DatagramTransport
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS

__all__ = ['ReadinessDatagramTransport']

PACKET_BYTES = 65536        # the largest packet there is
MAX_QUEUED = 256  # packets that wait for room; further ones are dropped, as the network would


class ReadinessDatagramTransport(DatagramTransport):
    """One UDP socket (see ``carryall.core.net.transport.DatagramTransport``)."""

    __slots__ = ('channel', 'wants_read', 'wants_write', 'protocol', '_loop', '_queue', '_closing',
                 '_closed')

    def __init__(self, loop, channel, protocol):
        # type: (Any, Any, Any) -> None
        self.channel = channel
        self.wants_read = False
        self.wants_write = False
        self.protocol = protocol
        self._loop = loop
        self._queue = deque()       # type: deque
        self._closing = False
        self._closed = False
        loop.open_transports.add(self)
        loop.call_soon(self._begin)

    def _begin(self):
        # type: () -> None
        # Closed meanwhile or not: connection_lost is to follow it.
        self._call(self.protocol.connection_made, self)
        if not self._closing:
            self.wants_read = True
            self._loop.poller.watch(self)

    def _call(self, callback, *args):
        # type: (Callable[..., Any], *Any) -> None
        """Calls the protocol; what escapes is reported and the socket lives on:
        one packet must not end a server."""
        try:
            callback(*args)
        except FAILURES as exc:
            where = 'a datagram callback on %s' % (self.channel.sockname(),)
            self._loop.report_failure(where, exc)

    def on_readable(self):
        # type: () -> None
        """Packets wait."""
        turns = self._loop.turns
        for taken in range(1, MAX_STEPS + 1):
            if not self.wants_read:
                return
            try:
                packet = self.channel.receive(PACKET_BYTES)
            except FAILURES as exc:
                self._call(self.protocol.error_received, self.channel.lost_fault(exc))
                continue
            if packet is None:
                return
            self._call(self.protocol.datagram_received, *packet)
            if taken >= FREE_STEPS and turns.over(taken):
                return                  # the poller says again that more wait (law L21)

    def sendto(self, data, addr=None):
        if type(data) is not bytes:
            raise TypeError('sendto() takes bytes, not %s' % type(data).__name__)
        if self._closing:
            return
        if addr is not None and not isinstance(addr, Address):
            addr = Address(*addr[:2])
        if self._queue:
            if len(self._queue) < MAX_QUEUED:
                self._queue.append((data, addr))
        elif not self._send(data, addr):
            self._queue.append((data, addr))
            self._watch(True)

    def _send(self, data, addr):
        # type: (bytes, Optional[Address]) -> bool
        """Sends now; False if there is no room.

        A fault is told on a later turn: sendto never raises for the network.
        """
        try:
            return self.channel.send(data, addr)
        except FAILURES as exc:
            self._loop.call_soon(self._fault, self.channel.lost_fault(exc))
            return True

    def _fault(self, exc):
        # type: (BaseException) -> None
        if not self._closed:
            self._call(self.protocol.error_received, exc)

    def on_writable(self):
        # type: () -> None
        """There is room."""
        queue = self._queue
        while queue and self._send(*queue[0]):
            queue.popleft()
        if not queue and self.wants_write:
            self._watch(False)
            if self._closing:
                self.abort()

    def _watch(self, write):
        # type: (bool) -> None
        self.wants_write = write
        self._loop.poller.watch(self)

    def join_group(self, group, interface=None):
        self._set_group(group, interface, True)

    def leave_group(self, group, interface=None):
        self._set_group(group, interface, False)

    def _set_group(self, group, interface, join):
        # type: (str, Optional[str], bool) -> None
        self._loop.caps.require('multicast')
        try:
            self.channel.set_group(group, interface, join)
        except FAILURES as exc:
            raise Unsupported(u'multicast group %s: %s' % (group, self.channel.lost_fault(exc)),
                              exc)

    def close(self):
        self._closing = True
        if not self._queue:
            self.abort()
        elif self.wants_read:
            self.wants_read = False
            self._loop.poller.watch(self)

    def abort(self):
        if self._closed:
            return
        self._closing = True
        self._closed = True
        self._queue.clear()
        self.wants_read = False
        self.wants_write = False
        self._loop.poller.watch(self)
        self._loop.call_soon(self._connection_lost)

    def _connection_lost(self):
        # type: () -> None
        self._loop.open_transports.discard(self)
        self._call(self.protocol.connection_lost, None)
        self.channel.close()

    def get_extra_info(self, name, default=None):
        if name == 'peername':
            return self.channel.peername()
        if name == 'sockname':
            return self.channel.sockname()
        return default


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
