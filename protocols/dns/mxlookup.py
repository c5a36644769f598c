# Copyright the carryall authors.  See LICENSE.
"""MX records: which hosts take the mail of a domain, asked of a name server (RFC 1035, RFC 5321
section 5.1, RFC 7505).

    answer = yield ask(loop, [('192.0.2.53', 53)], 'a.example', MX)
    answer.hosts        [(10, 'mx.a.example')]; answer.code, NO_ERROR or NO_NAME

Wire:     header of 12 octets, question, records; over TCP two octets with the length before it.
          A name is labels of 1 to 63 octets behind their length, or ends in a pointer to an earlier
          place.
Not here: a server, other types of records, and caching: the name server that is asked does that.
Trust:    each question goes out of a port of its own with a number of chance, and an answer to
          anything else is passed over (RFC 5452); whoever sees the packets can still forge one.
Tests:    tests/protocols/dns/test_mxlookup.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.crypto import crypto_of
from carryall.core.codec.cursor import Cursor, Writer
from carryall.core.errors import (CarryallError, ConnectionLost, LocalProtocolError,
                                  RemoteProtocolError)
from carryall.core.future import Future, Return, coroutine, with_timeout
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.net.transport import Address
from carryall.core.net.ip import local_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Sequence, Tuple

__all__ = ['Answer', 'MX', 'NO_ERROR', 'NO_NAME', 'ask', 'format_question', 'parse_answer']

# -- limits ------------------------------------------------------------------
MAX_NAME = 255              # octets of a name on the wire; RFC 1035 section 2.3.4
MAX_LABEL = 63              # octets of a label; the same
MAX_RECORDS = 1000          # of one answer that are looked at
MAX_PACKET = 1232           # octets over UDP that we say we take; what resolvers agreed on
ASK_SECONDS = 5.0           # for one answer; ours, and that of most systems
TRIES = 2                   # rounds through the servers; likewise

MX = 15
CNAME = 5
OPT = 41
INTERNET = 1
NO_ERROR = 0
NO_NAME = 3
_QUERY = 0x0000
_RECURSE = 0x0100
_RESPONSE = 0x8000
_TRUNCATED = 0x0200


# -- grammar -----------------------------------------------------------------

class Answer(object):
    """What a name server says.

    code:       NO_ERROR, NO_NAME, or another of RFC 1035 section 4.1.1
    truncated:  whether it has to be asked again over TCP
    hosts:      [(preference, host)]; the host '' is that of a null MX
    """

    __slots__ = ('code', 'truncated', 'hosts')

    def __init__(self, code, truncated, hosts):
        # type: (int, bool, List[Tuple[int, str]]) -> None
        self.code = code
        self.truncated = truncated
        self.hosts = hosts


def _labels(name):
    # type: (str) -> List[bytes]
    """The labels of a domain; LocalProtocolError if there cannot be such a name."""
    labels = name.rstrip('.').encode('ascii', 'replace').lower().split(b'.')
    size = sum(len(label) + 1 for label in labels) + 1
    if size > MAX_NAME or any(not 0 < len(label) <= MAX_LABEL for label in labels):
        raise LocalProtocolError(u'not a domain name: %s' % name[:80])
    return labels


def format_question(number, name, kind):
    # type: (int, str, int) -> bytes
    """The packet that asks for records of *kind*; *number* is repeated in the answer."""
    out = Writer()
    for value in (number, _QUERY | _RECURSE, 1, 0, 0, 1):
        out.uint16(value)
    for label in _labels(name):
        out.uint8(len(label))
        out.raw(label)
    out.uint8(0)
    out.uint16(kind)
    out.uint16(INTERNET)
    # RFC 6891 section 6.1.2: how large a packet may be
    out.uint8(0)
    out.uint16(OPT)
    out.uint16(MAX_PACKET)
    out.uint32(0)
    out.uint16(0)
    return out.finish()


def _read_name(cursor):
    # type: (Cursor) -> bytes
    """A name, in small letters, labels joined by dots.  Pointers lead to earlier places only, so it
    ends."""
    labels = []                     # type: List[bytes]
    size = 0
    limit = cursor.position
    at = cursor                     # where the name goes on, behind a pointer
    while True:
        length = at.uint8()
        if length & 0xc0 == 0xc0:
            target = (length & 0x3f) << 8 | at.uint8()
            if target >= limit:
                raise RemoteProtocolError(u'a name points forward')
            limit = target
            at = Cursor(cursor.data, target)
            continue
        if length > MAX_LABEL:
            raise RemoteProtocolError(u'a label of a kind that there is not')
        if not length:
            return b'.'.join(labels)
        size += length + 1
        if size >= MAX_NAME:
            raise RemoteProtocolError(u'a name of more than %d octets' % MAX_NAME)
        labels.append(at.take(length).lower())


def parse_answer(packet, number, name, kind):
    # type: (bytes, int, str, int) -> Answer
    """The answer to that question; RemoteProtocolError if the packet is none, or one to another."""
    cursor = Cursor(packet)
    said = cursor.uint16()
    flags = cursor.uint16()
    questions = cursor.uint16()
    answers = cursor.uint16()
    cursor.uint32()
    if said != number or not flags & _RESPONSE or flags & 0x7800 or questions != 1:
        raise RemoteProtocolError(u'this answers something else')
    owner = b'.'.join(_labels(name))
    if (_read_name(cursor), cursor.uint16(), cursor.uint16()) != (owner, kind, INTERNET):
        raise RemoteProtocolError(u'this answers something else')
    if flags & _TRUNCATED:
        return Answer(flags & 15, True, [])
    hosts = []                      # type: List[Tuple[int, str]]
    for _ in range(min(answers, MAX_RECORDS)):
        whose = _read_name(cursor)
        found = cursor.uint16()
        where = cursor.uint16()
        cursor.uint32()             # how long it may be kept
        count = cursor.uint16()
        data = Cursor(packet, cursor.position, cursor.position + count)
        cursor.take(count)
        if whose != owner or where != INTERNET:
            continue
        if found == CNAME:          # RFC 1034 section 3.6.2: what follows is the other name's
            owner = _read_name(data)
        elif found == kind == MX:
            preference = data.uint16()
            hosts.append((preference, _host(_read_name(data))))
            data.check_end()
    return Answer(flags & 15, False, hosts)


def _host(name):
    # type: (bytes) -> str
    """A name that can be connected to; '' for the root."""
    text = name.decode('ascii', 'replace')
    if any(not (char.isalnum() and char < u'\x80' or char in u'-_.') for char in text):
        raise RemoteProtocolError(u'a host with a name that none can have')
    return str(text)


# -- client ------------------------------------------------------------------

class _Datagrams(DatagramProtocol):
    """Asks once, over UDP."""

    def __init__(self, packet, parse):
        # type: (bytes, Callable[[bytes], Answer]) -> None
        self.answer = Future()
        self._packet = packet
        self._parse = parse

    def connection_made(self, transport):
        DatagramProtocol.connection_made(self, transport)
        transport.sendto(self._packet)

    def datagram_received(self, data, addr):
        if self.answer.done():
            return
        try:
            self.answer.set_result(self._parse(data))
        except RemoteProtocolError:
            pass                    # somebody else's, or forged: the right one may still come

    def error_received(self, exc):
        if not self.answer.done():
            self.answer.set_exception(ConnectionLost(u'nobody listens there'))


class _Stream(Protocol):
    """Asks once, over TCP."""

    def __init__(self, packet, parse):
        # type: (bytes, Callable[[bytes], Answer]) -> None
        self.answer = Future()
        self._packet = packet
        self._parse = parse
        self._buffer = ReceiveBuffer()

    def connection_made(self, transport):
        Protocol.connection_made(self, transport)
        out = Writer()
        out.uint16(len(self._packet))
        transport.write(out.finish() + self._packet)

    def data_received(self, data):
        self._buffer.append(data)
        head = self._buffer.peek(2)
        if self.answer.done() or len(head) < 2:
            return
        packet = self._buffer.maybe_take(2 + Cursor(head).uint16())
        if packet is None:
            return
        try:
            self.answer.set_result(self._parse(packet[2:]))
        except RemoteProtocolError as exc:
            self.answer.set_exception(exc)
        self.transport.close()

    def connection_lost(self, exc):
        if not self.answer.done():
            self.answer.set_exception(exc
                                      or ConnectionLost(u'the name server closed the connection'))


@coroutine
def ask(loop, servers, name, kind=MX, seconds=ASK_SECONDS, tries=TRIES):
    # type: (Any, Sequence[Tuple[str, int]], str, int, float, int) -> Any
    """A Future of the Answer of the first of (numeric host, port) that knows one: NO_ERROR or
    NO_NAME.

    Raises:   CarryallError: nobody answers, or all say that something is wrong; another time it may
                             go better.
    """
    fault = CarryallError(u'there is no name server to ask for %s'
                          % name)      # type: BaseException
    for _ in range(tries):
        for server in servers:
            try:
                answer = yield _ask_one(loop, server, name, kind, seconds)
            except CarryallError as exc:
                if isinstance(exc, LocalProtocolError):
                    raise
                fault = exc
                continue
            if answer.code in (NO_ERROR, NO_NAME):
                raise Return(answer)
            fault = RemoteProtocolError(u'the name server %s answers %d for %s'
                                        % (server[0], answer.code, name))
    raise fault


@coroutine
def _ask_one(loop, server, name, kind, seconds):
    # type: (Any, Tuple[str, int], str, int, float) -> Any
    number = Cursor(crypto_of(loop).random(2)).uint16()
    packet = format_question(number, name, kind)
    parse = lambda data: parse_answer(data, number, name, kind)
    why = u'the name server %s does not answer' % server[0]
    asked = _Datagrams(packet, parse)
    socket = loop.open_udp(lambda: asked, local_for(server[0]), 0, remote=Address(*server))
    try:
        answer = yield with_timeout(loop, asked.answer, seconds, why)
    finally:
        socket.close()
    if answer.truncated:
        _, stream = yield loop.connect_tcp(lambda: _Stream(packet, parse), server[0], server[1],
                                           seconds)
        try:
            answer = yield with_timeout(loop, stream.answer, seconds, why)
        finally:
            stream.transport.abort()
        if answer.truncated:
            raise RemoteProtocolError(u'the name server %s cuts its answers' % server[0])
    raise Return(answer)
