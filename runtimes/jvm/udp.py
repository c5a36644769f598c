# Copyright the carryall authors.  See LICENSE.
"""UDP over java.nio, with multicast.

Tests:    tests/contract/ (law L19)
"""
from __future__ import absolute_import, division, print_function

import jarray
from java.lang import Throwable
from java.net import NetworkInterface, StandardProtocolFamily, StandardSocketOptions
from java.nio import ByteBuffer
from java.nio.channels import DatagramChannel as _DatagramChannel, SelectionKey

from carryall.core.net.ip import canonical
from carryall.core.net.transport import Address
from carryall.runtimes.jvm import javafaults as faults
from carryall.runtimes.jvm.addresses import address_of, inet, look_up, to_system
from carryall.runtimes.jvm.octets import from_java, to_java, write_channel

__all__ = ['DatagramChannel', 'open_udp']

PACKET_BYTES = 65536        # the largest packet there is


class DatagramChannel(object):
    """A UDP channel (the counterpart of ``readiness.bsd.DatagramChannel``)."""

    read_op = SelectionKey.OP_READ
    write_op = SelectionKey.OP_WRITE

    def __init__(self, nio, remote):
        # type: (_DatagramChannel, Optional[Address]) -> None
        nio.configureBlocking(False)
        self.nio = nio
        self.key = None             # type: Any
        self._remote = remote
        self._array = jarray.zeros(PACKET_BYTES, 'b')
        self._buffer = ByteBuffer.wrap(self._array)
        self._groups = {}           # type: Dict[Tuple[str, Optional[str]], Any]

    def receive(self, _limit):
        # type: (int) -> Optional[Tuple[bytes, Optional[Address]]]
        """The next packet and where it came from; None when there is none now.

        Raises what an earlier one met.
        """
        while True:
            self._buffer.clear()
            source = self.nio.receive(self._buffer)
            if source is None:
                return None
            source = address_of(source)
            if self._remote in (None, source):
                return from_java(self._array, self._buffer.position()), source

    def send(self, data, address):
        # type: (bytes, Optional[Address]) -> bool
        """Sends one packet; False if the system has no room for it now."""
        packet = ByteBuffer.wrap(to_java(data))
        if not data:
            return self._send_empty(to_system(self._remote or address))
        if self._remote is not None:
            return write_channel(self.nio, packet) == len(data)
        return self.nio.send(packet, to_system(address)) == len(data)

    def _send_empty(self, address):
        # type: (Any) -> bool
        """Sends a packet without octets; whether there was room cannot be known,
        for it counts as 0 either way."""
        if self._remote is not None:
            # Java sends none over a connected channel.  What strangers send meanwhile is dropped by
            # receive().
            self.nio.disconnect()
        self.nio.send(ByteBuffer.allocate(0), address)
        if self._remote is not None:
            self.nio.connect(address)
        return True

    lost_fault = staticmethod(faults.lost_fault)

    def peername(self):
        # type: () -> Optional[Address]
        """The Address it is connected to, or None."""
        return self._remote

    def sockname(self):
        # type: () -> Optional[Address]
        """Our own Address; None when it is closed."""
        try:
            return address_of(self.nio.getLocalAddress())
        except Throwable:
            return None

    def set_group(self, group, interface, join):
        # type: (str, Optional[str], bool) -> None
        """Joins or leave a multicast group; raises what Java throws."""
        if not join:
            self._groups.pop((group, interface)).drop()
            return
        card = _card(interface)
        self.nio.setOption(StandardSocketOptions.IP_MULTICAST_IF, card)
        self._groups[group, interface] = self.nio.join(inet(group), card)

    def close(self):
        # type: () -> None
        """Closes the channel."""
        self.nio.close()


def _card(interface):
    # type: (Optional[str]) -> NetworkInterface
    """The network interface that has the address *interface*;
    without one the first that can multicast."""
    if interface is not None:
        return NetworkInterface.getByInetAddress(inet(interface))
    cards = [card for card in NetworkInterface.getNetworkInterfaces() if card.isUp()]
    return ([card for card in cards if card.supportsMulticast() and not card.isLoopback()]
            + cards)[0]


def open_udp(host, port, remote, reuse_port):
    # type: (str, int, Optional[Address], bool) -> DatagramChannel
    """Opens a UDP socket on a numeric address; raises ListenFailed."""
    where = Address(canonical(host) or look_up(host, port)[0].host, port)
    family = StandardProtocolFamily.INET6 if ':' in where.host else StandardProtocolFamily.INET
    nio = _DatagramChannel.open(family)
    try:
        if reuse_port:
            nio.setOption(StandardSocketOptions.SO_REUSEADDR, True)
            nio.setOption(StandardSocketOptions.SO_REUSEPORT, True)
        nio.bind(to_system(where))
        if remote is not None:
            nio.connect(to_system(remote))
        return DatagramChannel(nio, remote)
    except Throwable as exc:
        nio.close()
        raise faults.listen_fault(exc, where)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
