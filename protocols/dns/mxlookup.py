# Copyright the carryall authors.  See LICENSE.
"""MX records: the hosts that accept the mail of a domain, from a name server (RFC 1035, RFC 5321
section 5.1, RFC 7505).

    answer = yield ask(loop, [('192.0.2.53', PORT)], 'a.example', MX)
    answer.hosts        # [(10, 'mx.a.example')]
    answer.code         # NO_ERROR or NO_NAME

Wire:     A header of 12 octets, a question, records; over TCP two octets with the length before
          it.  A name is labels of 1 to 63 octets behind their length.  It may end in a pointer to
          an earlier place.
Not here: a server, other types of records, and a cache: the name server has one.
Trust:    Each question has a port of its own and a random number, and an answer to anything else is
          ignored (RFC 5452).  An attacker who sees the packets can still forge an answer.
Tests:    tests/protocols/dns/test_mxlookup.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.crypto import crypto_of
from carryall.core.codec.cursor import Cursor, Writer
from carryall.core.errors import (CarryallError, ConnectionLost, LocalProtocolError,
                                  RemoteProtocolError)
from carryall.core.future import Future, Return, coroutine, with_timeout
from carryall.core.net.protocol import DatagramProtocol, Protocol
from carryall.core.net.transport import Address
from carryall.core.net.ip import local_for
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Sequence, Tuple

__all__ = ['Answer', 'MX', 'NO_ERROR', 'NO_NAME', 'PORT', 'ask', 'format_question',
           'parse_answer']

PORT = 53

# -- limits ------------------------------------------------------------------
MAX_NAME = 255              # octets of a name on the wire; RFC 1035 section 2.3.4
MAX_LABEL = 63              # octets of a label; the same
MAX_RECORDS = 1000          # of one answer that are read; the RFC is silent
MAX_PACKET = 1232           # octets over UDP that we announce, as most resolvers do

DEFAULTS = Settings()

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
    """The answer of a name server.

    code:       NO_ERROR, NO_NAME, or another of RFC 1035 section 4.1.1
    truncated:  true if the question must be repeated over TCP
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
    """The labels of a domain.

    Raises:   LocalProtocolError: no domain can have the name.
    """
    labels = name.rstrip('.').encode('ascii', 'replace').lower().split(b'.')
    size = sum(len(label) + 1 for label in labels) + 1
    if size > MAX_NAME or any(not 0 < len(label) <= MAX_LABEL for label in labels):
        raise LocalProtocolError(u'not a domain name: %s' % name[:80])
    return labels


def format_question(number, name, kind):
    # type: (int, str, int) -> bytes
    """The packet with the question for records of *kind*; the answer repeats *number*."""
    out = Writer()
    for value in (number, _QUERY | _RECURSE, 1, 0, 0, 1):
        out.uint16(value)
    for label in _labels(name):
        out.uint8(len(label))
        out.raw(label)
    out.uint8(0)
    out.uint16(kind)
    out.uint16(INTERNET)
    # RFC 6891 section 6.1.2: the largest packet of an answer
    out.uint8(0)
    out.uint16(OPT)
    out.uint16(MAX_PACKET)
    out.uint32(0)
    out.uint16(0)
    return out.finish()


def _read_name(cursor):
    # type: (Cursor) -> bytes
    """A name in lower case, its labels joined by dots.

    Pointers may lead to earlier places only, so that each name ends.
    """
    labels = []                     # type: List[bytes]
    size = 0
    limit = cursor.position
    at = cursor                     # the rest of the name, behind a pointer
    while True:
        length = at.uint8()
        if length & 0xc0 == 0xc0:
            target = (length & 0x3f) << 8 | at.uint8()
            if target >= limit:
                raise DNSError(u'a name points forward')
            limit = target
            at = Cursor(cursor.data, target)
            continue
        if length > MAX_LABEL:
            raise DNSError(u'a label of an unknown kind')
        if not length:
            return b'.'.join(labels)
        size += length + 1
        if size >= MAX_NAME:
            raise DNSError(u'a name of more than %d octets' % MAX_NAME)
        labels.append(at.take(length).lower())


def parse_answer(packet, number, name, kind):
    # type: (bytes, int, str, int) -> Answer
    """The Answer to the question of ``format_question``.

    Raises:   DNSError, or another RemoteProtocolError: the packet is malformed, or answers another
              question.
    """
    cursor = Cursor(packet)
    said = cursor.uint16()
    flags = cursor.uint16()
    questions = cursor.uint16()
    answers = cursor.uint16()
    cursor.uint32()
    if said != number or not flags & _RESPONSE or flags & 0x7800 or questions != 1:
        raise DNSError(u'the packet answers something else')
    owner = b'.'.join(_labels(name))
    if (_read_name(cursor), cursor.uint16(), cursor.uint16()) != (owner, kind, INTERNET):
        raise DNSError(u'the packet answers something else')
    if flags & _TRUNCATED:
        return Answer(flags & 15, True, [])
    hosts = []                      # type: List[Tuple[int, str]]
    for _ in range(min(answers, MAX_RECORDS)):
        whose = _read_name(cursor)
        found = cursor.uint16()
        where = cursor.uint16()
        cursor.uint32()             # seconds that a cache may keep it
        count = cursor.uint16()
        data = Cursor(packet, cursor.position, cursor.position + count)
        cursor.take(count)
        if whose != owner or where != INTERNET:
            continue
        if found == CNAME:          # RFC 1034 section 3.6.2: the records of the other name follow
            owner = _read_name(data)
        elif found == kind == MX:
            preference = data.uint16()
            hosts.append((preference, _host(_read_name(data))))
            data.check_end()
    return Answer(flags & 15, False, hosts)


def _host(name):
    # type: (bytes) -> str
    """A name that a host can have; '' for the root."""
    text = name.decode('ascii', 'replace')
    if any(not (char.isalnum() and char < u'\x80' or char in u'-_.') for char in text):
        raise DNSError(u'a host with a name that no host can have')
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
            pass                    # forged, or to another question: the right one may still come

    def error_received(self, exc):
        if not self.answer.done():
            self.answer.set_exception(ConnectionLost(u'no name server listens there'))


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


def ask(loop, servers, name, kind=MX, settings=DEFAULTS, tries=None, **former):
    # type: (Any, Sequence[Tuple[str, int]], str, int, Settings, Any, **Any) -> Future
    """A Future of the first Answer with NO_ERROR or NO_NAME from one of the servers.

    Args:     servers: (numeric host, port) of each, the preferred first.
              settings: a Settings.

    Raises:   DNSError: the last server has answered with an error, or not as the RFC says.
              CarryallError: no server answers.  A later try may succeed.
    """
    seconds = former.pop('seconds', None)
    if former:
        raise TypeError('ask() has no %s' % ', '.join(sorted(former)))
    if not isinstance(settings, Settings):
        seconds = settings
        settings = DEFAULTS
    if seconds is not None or tries is not None:
        warnings.warn('give ask() its times in one Settings', DeprecationWarning, 2)
    if seconds is not None:
        settings = settings.replace(answer_seconds=seconds)
    if tries is not None:
        settings = settings.replace(tries=tries)
    return _ask_all(loop, servers, name, kind, settings)


@coroutine
def _ask_all(loop, servers, name, kind, settings):
    # type: (Any, Sequence[Tuple[str, int]], str, int, Settings) -> Any
    fault = CarryallError(u'no name server is known to ask for %s'
                          % name)      # type: BaseException
    for _ in range(settings.tries):
        for server in servers:
            try:
                answer = yield _ask_one(loop, server, name, kind, settings.answer_seconds)
            except CarryallError as exc:
                if isinstance(exc, LocalProtocolError):
                    raise
                fault = exc
                continue
            if answer.code in (NO_ERROR, NO_NAME):
                raise Return(answer)
            fault = DNSError(u'the name server %s answers %d for %s'
                             % (server[0], answer.code, name), reply=answer.code)
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
            raise DNSError(u'the name server %s truncates its answers' % server[0])
    raise Return(answer)
