# Copyright the carryall authors.  See LICENSE.
"""MX records: the hosts that accept the mail of a domain, from a name server (RFC 1035, RFC 5321
section 5.1, RFC 7505).

    answer = yield ask(loop, [('192.0.2.53', PORT)], 'a.example', MX)
    answer.hosts        # [(10, 'mx.a.example')]
    answer.code         # NO_ERROR or NO_NAME

Not here: a cache: the name server has one.
Trust:    As client.py says: an attacker who sees the packets can forge an answer.
Tests:    tests/protocols/dns/test_mxlookup.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.errors import CarryallError, LocalProtocolError
from carryall.core.future import Return, coroutine
from carryall.protocols.dns.client import answers, exchange, query
from carryall.protocols.dns.domainname import ROOT, folded, format_name, parse_name
from carryall.protocols.dns.errors import DNSError
from carryall.protocols.dns.settings import PORT, Settings
from carryall.protocols.dns.wire import TC, Message, format_message, parse_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple

__all__ = ['Answer', 'MX', 'NO_ERROR', 'NO_NAME', 'PORT', 'ask', 'format_question',
           'parse_answer']

# -- limits ------------------------------------------------------------------
MAX_RECORDS = 1000          # of one answer that are read; the RFC is silent

DEFAULTS = Settings()

MX = 15
CNAME = 5
INTERNET = 1
NO_ERROR = 0
NO_NAME = 3


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


def _question(number, name, kind):
    # type: (int, str, int) -> Message
    """The message that asks for records of *kind*."""
    owner = parse_name(name.rstrip('.').encode('ascii', 'replace').lower())
    if owner == ROOT:
        raise LocalProtocolError(u'not a domain name: %s' % name[:80])
    message = query(owner, kind)
    message.number = number
    return message


def format_question(number, name, kind):
    # type: (int, str, int) -> bytes
    """The packet with the question for records of *kind*; the answer repeats *number*."""
    return format_message(_question(number, name, kind))


def parse_answer(packet, number, name, kind):
    # type: (bytes, int, str, int) -> Answer
    """The Answer to the question of ``format_question``.

    Raises:   DNSError, or another RemoteProtocolError: the packet is malformed, or answers another
              question.
    """
    message = _question(number, name, kind)
    reply = _parsed(packet)
    if not reply.questions or not answers(reply, message):
        raise DNSError(u'the packet answers something else')
    return _answer_of(reply)


def _parsed(packet):
    # type: (bytes) -> Message
    # The records of a truncated answer do not count, so that they need not be whole.
    if len(packet) >= 12 and ord(packet[2:3]) & TC >> 8:
        packet = packet[:6] + b'\0' * 6 + packet[12:]
        end = packet.find(b'\0', 12) + 5
        packet = packet[:end]
    return parse_message(packet)


def _answer_of(reply):
    # type: (Message) -> Answer
    if reply.flags & TC:
        return Answer(reply.rcode, True, [])
    owner = folded(reply.questions[0].name) if reply.questions else ROOT
    kind = reply.questions[0].rtype if reply.questions else MX
    hosts = []                      # type: List[Tuple[int, str]]
    for record in reply.answers[:MAX_RECORDS]:
        if folded(record.name) != owner or record.rclass != INTERNET:
            continue
        if record.rtype == CNAME:   # RFC 1034 section 3.6.2: the records of the other name follow
            owner = folded(record.data)
        elif record.rtype == kind == MX:
            preference = ord(record.data[:1]) << 8 | ord(record.data[1:2])
            hosts.append((preference, _host(folded(record.data[2:]))))
    return Answer(reply.rcode, False, hosts)


def _host(name):
    # type: (bytes) -> str
    """A name that a host can have; '' for the root."""
    text = format_name(name)[:-1]
    if any(not (char.isalnum() and char < u'\x80' or char in u'-_.') for char in text):
        raise DNSError(u'a host with a name that no host can have')
    return str(text)


# -- client ------------------------------------------------------------------

def ask(loop, servers, name, kind=MX, settings=DEFAULTS, tries=None, **former):
    # type: (Any, Sequence[Tuple[str, int]], str, int, Settings, Any, **Any) -> Any
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
    reply = yield exchange(loop, server, _question(0, name, kind), seconds)
    if reply.flags & TC:
        raise DNSError(u'the name server %s truncates its answers' % server[0])
    raise Return(_answer_of(reply))
