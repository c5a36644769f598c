# Copyright the carryall authors.  See LICENSE.
"""The server's side of DNS over datagrams and over streams (RFC 1035, RFC 7766, RFC 7858).

    loop.open_udp(lambda: DNSDatagrams(service), '127.0.0.1', 5353)
    loop.listen_tcp(lambda: DNSServer(service, loop), '127.0.0.1', 5353)

The queries of a stream are answered as soon as their answers are there, in any order.

Not here: what is answered; a DNSService knows.
Tests:    tests/protocols/dns/test_server.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.compat import FAILURES
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.core.net.protocol import DatagramProtocol
from carryall.core.net.transport import peer
from carryall.protocols.dns.settings import ServerSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional

__all__ = ['DNSDatagrams', 'DNSServer', 'DNSService', 'Source']

# -- limits ------------------------------------------------------------------
MIN_QUERY = 12              # octets: the header

log = get_logger('dns')


class Source(object):
    """The client of a query.

    Attributes:
        host, port: its address.
        stream: the query came over a stream.
        tls: that is encrypted.
    """

    __slots__ = ('host', 'port', 'stream', 'tls')

    def __init__(self, host, port, stream=False, tls=False):
        # type: (str, int, bool, bool) -> None
        self.host = host
        self.port = port
        self.stream = stream
        self.tls = tls


class DNSService(object):
    """The answers: a subclass has them."""

    def admits(self, host):
        # type: (str) -> bool
        """False for a client that gets no stream."""
        return True

    def respond(self, packet, source):
        # type: (bytes, Source) -> Any
        """The octets of the answer, or a Future of them; None for silence.

        For a stream, an iterator of the octets of several messages is an answer, too.
        """
        raise NotImplementedError


class DNSDatagrams(DatagramProtocol):
    """Answers datagrams."""

    def __init__(self, service):
        # type: (DNSService) -> None
        self._respond = service.respond

    def datagram_received(self, data, addr):
        if len(data) < MIN_QUERY or addr.port == 0:
            return
        answer = self._respond(data, Source(addr.host, addr.port))
        if answer is None:
            return
        if isinstance(answer, Future):
            answer.add_done_callback(lambda done: self._send(done, addr))
        else:
            self.transport.sendto(answer, addr)

    def _send(self, done, addr):
        # type: (Future, Any) -> None
        try:
            answer = done.result()
        except FAILURES:
            log.exception('a query of %s was not answered', addr)
            return
        if answer is not None:
            self.transport.sendto(answer, addr)


class DNSServer(BoundedProtocol):
    """Answers the queries of one stream.

    Args:     service: a DNSService.
              clock: the loop; None for no time limit.
    """

    def __init__(self, service, clock=None, settings=None):
        # type: (DNSService, Any, Optional[ServerSettings]) -> None
        self._settings = settings or ServerSettings()
        BoundedProtocol.__init__(self, clock, self._settings.idle_seconds)
        self._service = service
        self._buffer = ReceiveBuffer()
        self._source = None                 # type: Any
        self._pending = 0
        self._streams = []                  # type: List[Iterator[bytes]]
        self._paused = False
        self._ended = False

    def connection_made(self, transport):
        BoundedProtocol.connection_made(self, transport)
        name = transport.get_extra_info('peername')
        host = getattr(name, 'host', '') or ''
        self._source = Source(host, getattr(name, 'port', 0) or 0, True,
                              bool(transport.get_extra_info('tls')))
        if not self._service.admits(host):
            transport.abort()

    # -- queries -----------------------------------------------------------------------------------

    def data_received(self, data):
        self._buffer.append(data)
        self._serve()

    def _serve(self):
        # type: () -> None
        """Answers what has come, unless too much waits."""
        buffer = self._buffer
        while not self._full():
            head = buffer.peek(2)
            if len(head) < 2:
                break
            size = struct.unpack('!H', head)[0]
            if size < MIN_QUERY:
                log.info('%s: a query of %d octets, closing', peer(self.transport), size)
                self.transport.abort()
                return
            packet = buffer.maybe_take(2 + size)
            if packet is None:
                break
            self.progress()
            self._answer(packet[2:])
        self._leave_if_done()

    def _full(self):
        # type: () -> bool
        """True, and nothing more is read, while too much waits."""
        full = self._paused or self._pending >= self._settings.max_pending
        if full:
            self.transport.pause_reading()
        return full

    def _answer(self, packet):
        # type: (bytes) -> None
        answer = self._service.respond(packet, self._source)
        if answer is None:
            return
        if isinstance(answer, bytes):
            self._send(answer)
        elif isinstance(answer, Future):
            self._pending += 1
            answer.add_done_callback(self._arrived)
        else:
            self._pending += 1
            self._streams.append(answer)
            self._pump()

    def _send(self, answer):
        # type: (bytes) -> None
        self.transport.write(struct.pack('!H', len(answer)) + answer)

    def _arrived(self, done):
        # type: (Future) -> None
        self._pending -= 1
        if self.transport.is_closing():
            return
        try:
            answer = done.result()
        except FAILURES:
            log.exception('%s: a query was not answered', peer(self.transport))
            answer = None
        if answer is not None and not isinstance(answer, bytes):
            self._pending += 1
            self._streams.append(answer)
            self._pump()
        elif answer is not None:
            self.progress()
            self._send(answer)
        self._go_on()

    def _go_on(self):
        # type: () -> None
        """Reads again, now that less waits."""
        if not self._paused and self._pending < self._settings.max_pending:
            self.transport.resume_reading()
            self._serve()

    # -- long answers ------------------------------------------------------------------------------

    def _pump(self):
        # type: () -> None
        """Sends the next messages of long answers, as fast as the peer reads."""
        while self._streams and not self._paused and not self.transport.is_closing():
            try:
                packet = next(self._streams[0], None)
            except FAILURES:
                log.exception('%s: a transfer has failed', peer(self.transport))
                self.transport.abort()
                return
            self.progress()
            if packet is None:
                del self._streams[0]
                self._pending -= 1
            else:
                self._send(packet)

    def pause_writing(self):
        self._paused = True

    def resume_writing(self):
        self._paused = False
        self.progress()
        self._pump()
        self._go_on()

    # -- the end -----------------------------------------------------------------------------------

    def eof_received(self):
        """Answers what was asked before the peer ended its side, then closes."""
        self._ended = True
        self._leave_if_done()
        return True

    def drain(self):
        # type: () -> None
        """Closes once the answers that wait are sent."""
        self._ended = True
        self._leave_if_done()

    def _leave_if_done(self):
        # type: () -> None
        if self._ended and not self._pending and not self.transport.is_closing():
            self.transport.close()

    def deadline_expired(self, now):
        # type: (float) -> None
        """An idle stream is closed; one whose answers wait for us is not."""
        if self._pending and not self._streams:
            self.progress()
            return
        BoundedProtocol.deadline_expired(self, now)

    def connection_lost(self, exc):
        BoundedProtocol.connection_lost(self, exc)
        for each in self._streams:
            close = getattr(each, 'close', None)
            if close is not None:
                close()
        self._streams = []
