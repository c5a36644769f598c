# Copyright the carryall authors.  See LICENSE.
"""Finger: who is logged in, and what they tell of themselves (RFC 1288).

Wire:     one line to the server, [/W] [user][@host...] CRLF; the answer is text, its end the connection's.
              {Q1}  "" lists users, "user" asks about one, "/W" for more
              {Q2}  "user@host" has the server ask the next host (off unless it is allowed)
States:   query -> answer -> closed
Not here: who the users are; a directory is handed in.
Tests:    tests/protocols/test_finger.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.compat import FAILURES, iterbytes
from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.line.framing import LineProtocol
from carryall.core.future import Future, as_future, with_timeout
from carryall.core.logs import escape, get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.protocols.simple.bounded import BoundedProtocol

__all__ = ['FingerClient', 'FingerServer', 'Query', 'clean', 'fetch', 'format_query', 'parse_query']

# -- limits ------------------------------------------------------------------
MAX_QUERY = 512             # octets of a query; ours: it holds a name and some hosts
MAX_HOPS = 4                # hosts in one query; ours (RFC 1288 section 3.2.1 lets a server bound them)
MAX_ANSWER = 1 << 20        # octets that a client takes; ours
QUERY_SECONDS = 30.0        # from the connection to the whole query; ours
ANSWER_SECONDS = 60.0       # until the answer must be there, and until it must be taken; ours

log = get_logger('finger')

# What a person's terminal must not be sent (RFC 1288 section 3.3): C0 and C1 controls but for line ends and tabs, and DEL.
_CONTROL = re.compile(u'[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]')


# -- grammar -----------------------------------------------------------------

class Query(object):
    """What is asked.

    user:  bytes, b'' for all
    hosts: list of bytes, the next to ask last; [] to be answered here
    verbose:  whether /W stood there
    """

    __slots__ = ('user', 'hosts', 'verbose')

    def __init__(self, user=b'', hosts=(), verbose=False):
        # type: (bytes, Sequence[bytes], bool) -> None
        self.user = user
        self.hosts = list(hosts)
        self.verbose = verbose


def parse_query(line):
    # type: (bytes) -> Optional[Query]
    """A query without its line end; None if it is none (RFC 1288 section 2.3)."""
    words = line.strip(b' \t').split()
    verbose = bool(words) and words[0].upper() == b'/W'
    if verbose:
        del words[0]
    if len(words) > 1:
        return None
    user, at, rest = (words[0] if words else b'').partition(b'@')
    hosts = rest.split(b'@') if at else []
    if any(not host for host in hosts) or len(hosts) > MAX_HOPS or _unprintable(user):
        return None
    return Query(user, hosts, verbose)


def _unprintable(name):
    # type: (bytes) -> bool
    return any(octet < b' ' or octet == b'\x7f' for octet in iterbytes(name))


def format_query(query):
    # type: (Query) -> bytes
    """The line, with its end."""
    words = ([b'/W'] if query.verbose else []) + [b'@'.join([query.user] + query.hosts)]
    return b' '.join(word for word in words if word) + b'\r\n'


def clean(text):
    # type: (str) -> str
    """Text with every control character but line ends and tabs as ``\\xNN``."""
    return _CONTROL.sub(lambda match: _escaped(match.group()), text.replace(u'\r\n', u'\n').replace(u'\r', u'\n'))


def _escaped(char):
    # type: (str) -> str
    return u'\\x%02x' % ord(char) if ord(char) < 256 else u'\\u%04x' % ord(char)


def _answer(text):
    # type: (str) -> bytes
    """Text for the wire: clean, with CRLF at the ends of its lines."""
    lines = clean(text).rstrip(u'\n')
    return lines.replace(u'\n', u'\r\n').encode('utf-8') + b'\r\n' if lines else b''


# -- server ------------------------------------------------------------------

class FingerServer(LineProtocol):
    """Answers one query.

    Args:     directory: has ``answer(user, verbose, host)``: text, or a Future of it, for a name (text, u'' for all) asked
                         from the numeric address *host*; None where nothing shall be said.
              forward: called with (Query for the next host, host's name as bytes); a Future of the answer's bytes.  None:
                       queries for other hosts are refused.
    """

    separator = b'\n'           # peer: many end the line with LF alone; the CR before it is taken off
    max_line = MAX_QUERY

    def __init__(self, directory, forward=None, sweeper=None):
        # type: (Any, Optional[Callable[[Query, bytes], Future]], Optional[Sweeper]) -> None
        LineProtocol.__init__(self)
        self._directory = directory
        self._forward = forward
        self._bound = BoundedProtocol(sweeper, QUERY_SECONDS)
        self._busy_with = None      # type: Optional[Future]

    def connection_made(self, transport):
        self.transport = transport
        self._bound.connection_made(transport)

    def connection_lost(self, exc):
        self._bound.connection_lost(exc)
        if self._busy_with is not None:
            self._busy_with.cancel()

    def eof_received(self):
        return self._busy_with is not None      # who has asked may shut his side down and wait

    def line_received(self, line):
        line = line[:-1] if line[-1:] == b'\r' else line
        self.answer_query(parse_query(line), line)

    def answer_query(self, query, line):
        # type: (Optional[Query], bytes) -> None
        """Answer what *line* asks; None if it cannot be understood."""
        address = peer(self.transport)
        host = address.host if address is not None and address.port is not None else ''
        log.info('%s asks for %s', host, escape(line))
        self.pause()                            # one query a connection
        if query is None:
            self._say(u'The query cannot be understood.')
            return
        try:
            if not query.hosts:
                future = as_future(self._directory.answer(query.user.decode('utf-8', 'replace'), query.verbose, host))
            elif self._forward is None:
                self._say(u'Finger forwarding service denied.')
                return
            else:
                next_host = query.hosts.pop()
                future = as_future(self._forward(query, next_host))
        except FAILURES:
            log.exception('a query could not be answered')
            self._say(u'The query cannot be answered.')
            return
        self._bound.deadline = None
        self._busy_with = future
        future.add_done_callback(self._answered)

    def _answered(self, future):
        # type: (Future) -> None
        self._busy_with = None
        if self.transport.is_closing():
            return
        exc = future.exception()
        if exc is not None:
            log.info('a query could not be answered: %s', exc)
            self._say(u'The query cannot be answered.')
            return
        found = future.result()
        self._say(found.decode('utf-8', 'replace') if isinstance(found, bytes) else found or u'')

    def _say(self, text):
        # type: (str) -> None
        self._bound.progress()
        self.transport.write(_answer(text))
        self.transport.close()

    def line_too_long(self):
        """No query is so long."""
        self._say(u'The query is too long.')


# -- client ------------------------------------------------------------------

class FingerClient(Protocol):
    """Asks one query.

    Attributes:
        answer: a Future of the bytes that come back, their line ends as ``\\n``; they may hold anything: ``clean`` them
                before a person sees them.
    """

    def __init__(self, query):
        # type: (Query) -> None
        self.answer = Future(lambda _: self.transport and self.transport.abort())
        self._query = query
        self._parts = []            # type: List[bytes]
        self._size = 0

    def connection_made(self, transport):
        self.transport = transport
        transport.write(format_query(self._query))

    def data_received(self, data):
        self._size += len(data)
        self._parts.append(data)
        if self._size > MAX_ANSWER and not self.answer.done():
            self.answer.set_exception(RemoteProtocolError(u'an answer of more than %d octets' % MAX_ANSWER))
            self.transport.abort()

    def eof_received(self):
        self._finish()

    def _finish(self):
        # type: () -> None
        if not self.answer.done():
            self.answer.set_result(b''.join(self._parts).replace(b'\r\n', b'\n'))

    def connection_lost(self, exc):
        if exc is None:
            self._finish()
        elif not self.answer.done():
            self.answer.set_exception(exc or ConnectionLost(u'the connection broke'))


def fetch(loop, query, host, port=79, seconds=ANSWER_SECONDS):
    # type: (Any, Query, str, int, float) -> Future
    """Ask *host*; a Future of the answer's bytes."""
    asked = loop.connect_tcp(lambda: FingerClient(query), host, port, seconds)
    return with_timeout(loop, asked.then(lambda made: made[1].answer), seconds, u'%s does not answer' % host)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Sequence
    from carryall.core.net.deadlines import Sweeper
