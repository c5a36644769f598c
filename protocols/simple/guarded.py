# Copyright the carryall authors.  See LICENSE.
"""UDP servers that cannot be abused against third parties, and the client that asks them.

The sender of a UDP packet can write any source address into it, and the answer goes there.  A
forged packet can make two echo servers answer each other for ever.  A small question to chargen can
send a big answer to a third party.  So a SourceGuard judges each packet first, and answers none:

    port      from below 1024, where servers are and not clients (RFC 6335 section 6: system ports)
    peers     from a port on which we serve ourselves, on any host: echo never talks to chargen
    address   from multicast, broadcast or unspecified addresses, or from our own socket
    rate      beyond a number of answers a second to one source (IPv6: one /64), or to all sources

Not here: the interface; the service listens on the loopback interface unless told otherwise.
Tests:    tests/protocols/simple/test_guarded.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import TimedOut
from carryall.core.future import Future
from carryall.core.net.ip import MAPPED, is_loopback, packed, source_of
from carryall.core.logs import get_logger
from carryall.core.net.protocol import DatagramProtocol
from carryall.core.net.transport import here
from carryall.core.ratelimit import KeyedRateLimit, RateLimit

__all__ = ['AskDatagram', 'GuardedDatagrams', 'SourceGuard', 'ask_udp']

# -- limits ------------------------------------------------------------------
FIRST_USER_PORT = 1024      # RFC 6335 section 6
ANSWERS_A_SECOND = 10.0     # to one source
BURST = 20.0                # answers that one source may get at once
ALL_A_SECOND = 500.0        # to all sources together
MAX_SOURCES = 4096          # sources that are remembered
MAX_PACKET = 512            # octets of an answer that is not the question itself; RFC 864 and 865
ASK_SECONDS = 2.0           # until a client asks again
ASK_TIMES = 3               # times that it asks

# The question of a client if any packet is good.
# jython: not an empty one, which a connected channel of java.nio takes and does not send
QUESTION = b'\n'

log = get_logger('simple')


# -- guard -------------------------------------------------------------------

class SourceGuard(object):
    """Decides which packets are answered; one for all UDP servers of a service.

    Args:     clock: anything with ``time()``.
              rate, burst: answers to one source, a second and at once.
              total: answers a second to all.

    Attributes:
        served: the ports on which we serve, which get no answers; a server adds its port.
        refused: the number of packets that were not answered.
        sources: KeyedRateLimit of the sources.
    """

    def __init__(self, clock, rate=ANSWERS_A_SECOND, burst=BURST, total=ALL_A_SECOND,
                 max_sources=MAX_SOURCES):
        # type: (Any, float, float, float, int) -> None
        self.served = set()             # type: Set[int]
        self.refused = 0
        # Packets with a new forged source each push others out of the table; what can be gained
        # by that is bounded by the rate for all.
        self.sources = KeyedRateLimit(clock, rate, burst, max_sources)
        self._all = RateLimit(clock, total, total)

    def allows(self, addr):
        # type: (Any) -> bool
        """True if the packet from *addr* (an Address) may be answered now; counts the answer."""
        if self._is_client(addr) and self.sources.take(source_of(addr[0])) and self._all.take():
            return True
        self.refused += 1
        # The 1st, 2nd, 4th, 8th ...: a flood does not flood the log.
        if self.refused & (self.refused - 1) == 0:
            log.info('no answer to %s (%d packets refused so far)', addr, self.refused)
        return False

    def _is_client(self, addr):
        # type: (Any) -> bool
        host, port = addr[:2]
        if port is None or port < FIRST_USER_PORT or port in self.served:
            return False
        octets = packed(host.partition('%')[0])
        if octets is not None and len(octets) == 16 and octets[:12] == MAPPED:
            octets = octets[12:]
        if octets is None:
            return False
        if len(octets) == 4:  # 0/8 is "this network", 224/3 multicast, reserved and broadcast
            return b'\1' <= octets[:1] < b'\xe0'
        return octets[:1] != b'\xff' and octets != b'\0' * 16


# -- server ------------------------------------------------------------------

class GuardedDatagrams(DatagramProtocol):
    """Answers each packet that the guard allows with the result of ``answer()``."""

    def __init__(self, guard):
        # type: (SourceGuard) -> None
        self._guard = guard

    def connection_made(self, transport):
        self.transport = transport
        address = here(transport)
        if address is not None and address.port is not None:
            self._guard.served.add(address.port)

    def datagram_received(self, data, addr):
        if self._guard.allows(addr):
            answer = self.answer(data, addr)
            if answer is not None:
                self.transport.sendto(answer, addr)

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """One packet for one packet; None for no answer."""
        raise NotImplementedError


# -- client ------------------------------------------------------------------

class AskDatagram(DatagramProtocol):
    """Sends one packet, again if nothing comes back, and takes the first answer.

    The socket must be connected to the server (``remote``), so that no other host can answer.

    Attributes:
        reply: a Future of the answer, which fails with TimedOut after the last try.  Its
               cancellation closes the socket.
    """

    def __init__(self, clock, data=QUESTION, seconds=ASK_SECONDS, times=ASK_TIMES):
        # type: (Any, bytes, float, int) -> None
        self.reply = Future(lambda _: self._end())
        self._clock = clock
        self._data = data
        self._seconds = seconds
        self._left = times
        self._timer = None              # type: Any

    def connection_made(self, transport):
        self.transport = transport
        if self.reply.done():           # cancelled before
            self._end()
        else:
            self._send()

    def _send(self):
        # type: () -> None
        if self._left == 0:
            self.reply.set_exception(TimedOut(u'the server does not answer'))
            self._end()
            return
        self._left -= 1
        self.transport.sendto(self._data)
        self._timer = self._clock.call_later(self._seconds, self._send)

    def datagram_received(self, data, addr):
        if not self.reply.done():
            self.reply.set_result(data)
            self._end()

    def error_received(self, exc):
        if not self.reply.done():       # refused: no server listens there
            self.reply.set_exception(exc)
            self._end()

    def connection_lost(self, exc):
        if not self.reply.done():
            self.reply.set_exception(
                exc or TimedOut(u'the socket was closed before the server answered'))
        self._stop_timer()

    def _end(self):
        # type: () -> None
        self._stop_timer()
        if self.transport is not None:
            self.transport.close()

    def _stop_timer(self):
        # type: () -> None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def ask_udp(loop, host, port, data=QUESTION, seconds=ASK_SECONDS, times=ASK_TIMES):
    # type: (Any, str, int, bytes, float, int) -> Future
    """Sends *data* to the server until it answers; a Future of the answer's octets.

    Args:     seconds: between two tries.
              times: the number of tries.
    """
    def ask(found):
        # type: (Any) -> Future
        asking = AskDatagram(loop, data, seconds, times)
        version = 1 if ':' in found[0].host else 0
        local = (('127.0.0.1', '::1') if is_loopback(found[0].host) else ('0.0.0.0', '::'))[version]
        loop.open_udp(lambda: asking, local, 0, remote=found[0])
        return asking.reply

    return loop.resolve(host, port).then(ask)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Set
