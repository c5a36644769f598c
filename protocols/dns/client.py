# Copyright the carryall authors.  See LICENSE.
"""The client's side of DNS: over datagrams, streams and TLS (RFC 1035, RFC 7766, RFC 7858).

    client = yield connect(loop, '192.0.2.53', 853, tls=TLSContext())
    reply = yield client.ask(query(b'\\7example\\0', MX))
    reader = yield client.transfer(origin)          # AXFR; with a record of the SOA it is IXFR

    reply = yield exchange(loop, ('192.0.2.53', 53), message)       # UDP, and TCP if it must

Trust:    Each datagram has a port of its own and a random number.  An answer to anything else is
          passed by, and the wait goes on (RFC 5452).  Who sees the packets can still forge one.
Tests:    tests/protocols/dns/test_client.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.crypto import crypto_of
from carryall.core.errors import CarryallError, ConnectionLost, RemoteProtocolError
from carryall.core.future import Future, Return, coroutine, failed, with_timeout
from carryall.core.net.ip import local_for
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.net.transport import Address
from carryall.core.tls import open_session
from carryall.protocols.dns.ednsoptions import EDNS
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.settings import PORT, Settings
from carryall.protocols.dns.wire import (QR, RD, TC, Message, Question, format_message,
                                         parse_message)
from carryall.protocols.dns.zonetransfer import TransferReader, request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple

__all__ = ['DNSClient', 'answers', 'connect', 'exchange', 'exchange_tcp', 'query', 'random_number']

# -- limits ------------------------------------------------------------------
MAX_PENDING = 1000          # queries of one stream without an answer
MAX_FALSE = 1000            # datagrams that answer something else, until we give up

SECONDS = 5.0               # for an answer over UDP


def query(name, rtype, rclass=1, recurse=True, edns=True):
    # type: (bytes, int, int, bool, bool) -> Message
    """The message with one question; its number is given when it is sent."""
    message = Message(0, RD if recurse else 0)
    message.questions = [Question(name, rtype, rclass)]
    if edns:
        message.edns = EDNS()
    return message


def random_number(loop):
    # type: (Any) -> int
    """An ID that cannot be guessed."""
    return struct.unpack('!H', crypto_of(loop).random(2))[0]


def answers(reply, message):
    # type: (Message, Message) -> bool
    """True if *reply* is one to *message*: its number, kind and question."""
    if reply.number != message.number or not reply.flags & QR or reply.opcode != message.opcode:
        return False
    if not reply.questions:
        # A server that could not read the question, or refuses all, need not repeat it.
        return reply.rcode in (1, 2, 4, 5, 9) or not message.questions
    return [each.key() for each in reply.questions] == [each.key() for each in message.questions]


# -- datagrams ---------------------------------------------------------------

class _Datagrams(DatagramProtocol):
    """Asks once, over UDP."""

    def __init__(self, message, packet):
        # type: (Message, bytes) -> None
        self.answer = Future()
        self._message = message
        self._packet = packet
        self._false = 0

    def connection_made(self, transport):
        DatagramProtocol.connection_made(self, transport)
        transport.sendto(self._packet)

    def datagram_received(self, data, addr):
        if self.answer.done():
            return
        try:
            reply = parse_message(data)
        except DNSError:
            reply = None
            if data[:2] == self._packet[:2] and len(data) >= 12 and ord(data[2:3]) & 0x82 == 0x82:
                # Cut in the middle of a record, and marked as such
                reply = Message(self._message.number, QR | TC)
                reply.questions = self._message.questions
        if reply is not None and answers(reply, self._message):
            self.answer.set_result((reply, data))
            return
        self._false += 1            # forged, late or broken: the right one may still come
        if self._false >= MAX_FALSE:
            self.answer.set_exception(DNSError(u'%d packets answer something else' % MAX_FALSE))

    def error_received(self, exc):
        if not self.answer.done():
            self.answer.set_exception(ConnectionLost(u'no name server listens there'))


@coroutine
def exchange(loop, server, message, seconds=SECONDS, signer=None):
    # type: (Any, Tuple[str, int], Message, float, Any) -> Any
    """A Future of the reply to *message*, over UDP; over TCP as well if it is truncated.

    Args:     server: (numeric host, port).
              signer: a Signer of TSIG for the message and its reply.

    Raises:   TimedOut, ConnectFailed, ConnectionLost: no answer.  DNSError: a wrong signature.
    """
    message.number = random_number(loop)
    packet = format_message(message)
    if signer is not None:
        packet = signer.sign(packet, loop.wall())
        signer.next_reply()
    asked = _Datagrams(message, packet)
    socket = loop.open_udp(lambda: asked, local_for(server[0]), 0, remote=Address(*server))
    try:
        found = yield with_timeout(loop, asked.answer, seconds,
                                   u'the name server %s does not answer' % server[0])
    finally:
        socket.close()
    reply, data = found
    if reply.flags & TC:
        reply = yield exchange_tcp(loop, server, message, seconds, signer)
    elif signer is not None:
        signer.check_reply(data, reply, loop.wall())
    raise Return(reply)


@coroutine
def exchange_tcp(loop, server, message, seconds=SECONDS, signer=None, tls=None):
    # type: (Any, Tuple[str, int], Message, float, Any, Any) -> Any
    """A Future of the reply over TCP or TLS, on a connection of its own."""
    client = yield connect(loop, server[0], server[1], tls=tls, timeout=seconds)
    try:
        reply = yield with_timeout(loop, client.ask(message, signer), seconds,
                                   u'the name server %s does not answer' % server[0])
    finally:
        client.close()
    raise Return(reply)


# -- streams -----------------------------------------------------------------

class DNSClient(Protocol):
    """Asks over one stream; answers come in any order.

    ``connect`` makes one.
    """

    def __init__(self, loop, settings=None):
        # type: (Any, Optional[Settings]) -> None
        self._loop = loop
        self._buffer = ReceiveBuffer()
        self._waiting = {}              # type: Dict[int, Any]
        self._lost = None               # type: Any

    # -- asking ------------------------------------------------------------------------------------

    def ask(self, message, signer=None):
        # type: (Message, Any) -> Future
        """A Future of the reply; the message gets a number that no other has."""
        future = Future()
        return self._send(message, signer, future, None)

    def transfer(self, origin, soa=None, signer=None, rclass=1):
        # type: (bytes, Any, Any, int) -> Future
        """A Future of a TransferReader with the zone, or with its changes since *soa*."""
        message = request(0, origin, soa, rclass)
        serial = None
        if soa is not None:
            serial = struct.unpack('!I', soa.data[-20:-16])[0]
        return self._send(message, signer, Future(), TransferReader(origin, serial, rclass))

    def _send(self, message, signer, future, reader):
        # type: (Message, Any, Future, Any) -> Future
        if self._lost is not None:
            return failed(self._lost)
        if len(self._waiting) >= MAX_PENDING:
            return failed(CarryallError(u'more than %d queries wait for their answers'
                                        % MAX_PENDING))
        number = random_number(self._loop)
        while number in self._waiting:
            number = (number + 1) & 0xffff
        message.number = number
        packet = format_message(message)
        if signer is not None:
            packet = signer.sign(packet, self._loop.wall())
            signer.next_reply()
        self._waiting[number] = (future, message, signer, reader)
        self.transport.write(struct.pack('!H', len(packet)) + packet)
        return future

    # -- answers -----------------------------------------------------------------------------------

    def data_received(self, data):
        self._buffer.append(data)
        while self._lost is None:
            head = self._buffer.peek(2)
            if len(head) < 2:
                return
            packet = self._buffer.maybe_take(2 + struct.unpack('!H', head)[0])
            if packet is None:
                return
            try:
                self._take(packet[2:])
            except RemoteProtocolError as exc:
                self._end(exc)
                self.transport.abort()

    def _take(self, packet):
        # type: (bytes) -> None
        reply = parse_message(packet)
        found = self._waiting.get(reply.number)
        if found is None:
            return                      # that of a query which was given up
        future, message, signer, reader = found
        if reader is None and not answers(reply, message):
            raise DNSError(u'a reply to another question')
        if future.done():
            del self._waiting[reply.number]     # its asker waits no longer
            return
        try:
            if signer is not None:
                signer.check_reply(packet, reply, self._loop.wall())
            if reader is None:
                del self._waiting[reply.number]
                future.set_result(reply)
            elif reader.add(reply):
                if signer is not None and not signer.complete:
                    raise DNSError(u'the end of a transfer is not signed')
                del self._waiting[reply.number]
                future.set_result(reader)
        except CarryallError as exc:
            self._waiting.pop(reply.number, None)
            future.set_exception(exc)

    # -- the end -----------------------------------------------------------------------------------

    def _end(self, exc):
        # type: (BaseException) -> None
        self._lost = exc
        waiting, self._waiting = self._waiting, {}
        for found in waiting.values():
            if not found[0].done():
                found[0].set_exception(exc)

    def connection_lost(self, exc):
        if self._lost is None:
            self._end(exc or ConnectionLost(u'the name server closed the connection'))

    def close(self):
        # type: () -> None
        """Ends the connection; queries that wait fail."""
        self.transport.close()


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None, hostname=None):
    # type: (Any, str, int, Any, float, Optional[Settings], Optional[str]) -> Future
    """Connects to a server; a Future of a DNSClient.

    Args:     tls: a TLSContext for DNS over TLS (RFC 7858); None for clear.
              timeout: seconds for connecting and TLS.
              hostname: the name that the certificate must have; *host* if left out.
    Raises:   ConnectFailed: no connection.
    """
    return open_session(loop, lambda: DNSClient(loop, settings), host, port, None, tls, timeout,
                        hostname=hostname)
