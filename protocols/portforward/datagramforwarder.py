# Copyright the carryall authors.  See LICENSE.
"""Relay of datagrams: each client gets a socket of its own towards the target,
for as long as it talks.

Wire:     any packets; nothing of ours.
Not here: where the target is; its Address is handed in.
Tests:    tests/protocols/portforward/test_datagramforwarder.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.compat import FAILURES
from carryall.core.net.ip import local_for
from carryall.core.logs import get_logger
from carryall.core.net.protocol import DatagramProtocol

__all__ = ['DatagramForwarder']

# -- limits ------------------------------------------------------------------
# That have a socket at the same time; the one that was silent longest makes room.
MAX_CLIENTS = 1024
# Without a packet either way; ours (RFC 4787 section 4.3 wants 120 of a NAT and allows it less)
IDLE_SECONDS = 60.0

log = get_logger('portforward')


class DatagramForwarder(DatagramProtocol):
    """The side of the clients.

    Args:     loop: opens the sockets towards the target.
              target: the Address that packets go to; None while it is not known: they are dropped.
              permits: called with a client's numeric address; False: its packets are dropped.
    """

    def __init__(self, loop, target, permits=None, idle_seconds=IDLE_SECONDS,
                 max_clients=MAX_CLIENTS):
        # type: (Any, Any, Optional[Callable[[str], bool]], float, int) -> None
        self._loop = loop
        self.target = target
        self._permits = permits
        self._idle_seconds = idle_seconds
        self._max_clients = max_clients
        # By the client's Address, silent the longest first.
        self._paths = OrderedDict()  # type: Dict[Any, _Path]
        self._timer = None              # type: Any

    def connection_made(self, transport):
        self.transport = transport
        self._timer = self._loop.call_later(self._idle_seconds / 2, self._sweep)

    def datagram_received(self, data, addr):
        path = self._paths.pop(addr, None)
        if path is None:
            if self.target is None or self._permits is not None and not self._permits(addr[0]):
                return
            while len(self._paths) >= self._max_clients:
                self._paths.popitem(last=False)[1].end()
            path = _Path(self, addr)
            try:
                self._loop.open_udp(lambda: path, local_for(self.target.host), 0,
                                    remote=self.target)
            except FAILURES as exc:
                # Out of descriptors: this client's packets are lost, as packets are.
                log.info('%s: no socket towards the target: %s', addr, exc)
                return
        self._paths[addr] = path
        path.send(data, self._loop.time())

    def _sweep(self):
        # type: () -> None
        oldest = self._loop.time() - self._idle_seconds
        for addr, path in list(self._paths.items()):
            if path.heard < oldest:
                del self._paths[addr]
                path.end()
        self._timer = self._loop.call_later(self._idle_seconds / 2, self._sweep)

    def connection_lost(self, exc):
        self._timer.cancel()
        for path in self._paths.values():
            path.end()
        self._paths.clear()


class _Path(DatagramProtocol):
    """One client's socket towards the target."""

    MAX_EARLY = 16          # packets kept until the socket is open, on the next turn

    def __init__(self, forwarder, client):
        # type: (DatagramForwarder, Any) -> None
        self._forwarder = forwarder
        self._client = client
        self._early = []            # type: List[bytes]
        self.heard = 0.0
        self._over = False

    def connection_made(self, transport):
        self.transport = transport
        if self._over:
            transport.close()
        early, self._early = self._early, []
        for data in early:
            transport.sendto(data)

    def send(self, data, now):
        # type: (bytes, float) -> None
        """Sends a packet on to the target."""
        self.heard = now
        if self.transport is not None:
            self.transport.sendto(data)
        elif len(self._early) < self.MAX_EARLY:
            self._early.append(data)

    def datagram_received(self, data, addr):
        self.heard = self._forwarder._loop.time()
        self._forwarder.transport.sendto(data, self._client)

    def end(self):
        # type: () -> None
        """Closes the socket."""
        self._over = True
        if self.transport is not None:
            self.transport.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
