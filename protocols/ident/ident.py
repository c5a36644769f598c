# Copyright the carryall authors.  See LICENSE.
"""Ident: which user of the client's machine owns a connection (RFC 1413).

Wire:     CRLF lines.  The one who asks is the server of the connection in question; the ports are seen from the machine
          that is asked:
              6193, 23                                ->  6193, 23 : USERID : UNIX : stjohns
                                                          6193, 23 : ERROR : NO-USER
States:   asked -> answered -> asked ... -> closed
Not here: how the owner is found; ``lookup`` is handed in.
Tests:    tests/protocols/ident/test_ident.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, iterbytes, text_type
from carryall.core.errors import ConnectionLost, RemoteProtocolError
from carryall.core.line.framing import LineProtocol
from carryall.core.future import Future, as_future, with_timeout
from carryall.core.logs import get_logger
from carryall.core.net.transport import Address, here, peer
from carryall.core.codec.numbers import decimal
from carryall.core.net.boundedprotocol import BoundedProtocol

__all__ = ['HIDDEN_USER', 'IdentClient', 'IdentError', 'IdentServer', 'Identity', 'NO_USER', 'fetch']

# -- limits ------------------------------------------------------------------
MAX_QUERY = 1000            # octets; RFC 1413 section 4 (notes on syntax)
MAX_USER = 512              # octets of a user's name; RFC 1413 section 4
MAX_TOKEN = 64              # octets of a system's or an error's name; RFC 1413 section 4
MAX_QUERIES = 100           # on one connection; ours
QUERY_SECONDS = 60.0        # until the next whole query; RFC 1413 section 3 lets a server close after 60 to 180
ASK_SECONDS = 30.0          # for a client, in all; RFC 1413 section 5 wants at least that

# -- codes -------------------------------------------------------------------
INVALID_PORT, NO_USER, HIDDEN_USER, UNKNOWN_ERROR = b'INVALID-PORT', b'NO-USER', b'HIDDEN-USER', b'UNKNOWN-ERROR'

log = get_logger('ident')


# -- grammar -----------------------------------------------------------------

def parse_query(line):
    # type: (bytes) -> Optional[Tuple[int, int]]
    """The two ports in ``6193, 23``, blanks allowed around each; None if they are none."""
    parts = line.split(b',')
    if len(parts) != 2:
        return None
    first, second = [decimal(part.strip(b' \t'), 65535) for part in parts]
    return (first, second) if first and second else None


def parse_reply(line):
    # type: (bytes) -> Tuple[Tuple[int, int], Identity]
    """The ports and the Identity in a reply.

    Raises:   IdentError: the reply is an error.  RemoteProtocolError: it is no reply at all.
    """
    parts = line.split(b':', 3)         # a user's name may hold colons
    kind = parts[1].strip(b' \t').upper() if len(parts) > 2 else b''
    ports = parse_query(parts[0])
    if kind == b'ERROR':
        token = b':'.join(parts[2:]).strip(b' \t')
        if not 0 < len(token) <= MAX_TOKEN:
            raise RemoteProtocolError(u'an ident error without a name')
        raise IdentError(token)
    if kind != b'USERID' or len(parts) != 4 or ports is None:
        raise RemoteProtocolError(u'this is no ident reply')
    system, _, charset = [part.strip(b' \t') for part in parts[2].partition(b',')]
    user = parts[3]
    # rfc: all that follows the last colon is the name, but the RFC's own example has a blank there, and so have peers.
    if user[:1] == b' ':
        user = user[1:]
    if not 0 < len(user) <= MAX_USER or not 0 < len(system) <= MAX_TOKEN or len(charset) > MAX_TOKEN or b'\0' in user:
        raise RemoteProtocolError(u'an ident reply with a name that is too long or missing')
    return ports, Identity(user, system, charset or b'US-ASCII')


# -- data objects ------------------------------------------------------------

class Identity(object):
    """Who owns a connection: the user's name, the system it is a name on, and its charset, all bytes.

    Believe it as far as you believe that machine: RFC 1413 section 6.
    """

    __slots__ = ('user', 'system', 'charset')

    def __init__(self, user, system=b'UNIX', charset=b'US-ASCII'):
        # type: (bytes, bytes, bytes) -> None
        self.user = user
        self.system = system
        self.charset = charset


class IdentError(RemoteProtocolError):
    """The server answered with an error; ``token`` is its name as bytes: b'NO-USER' ..."""

    def __init__(self, token):
        # type: (bytes) -> None
        RemoteProtocolError.__init__(self, u'ident: %s' % token.decode('latin-1'))
        self.token = token


# -- server ------------------------------------------------------------------

class IdentServer(LineProtocol):
    """Answers queries.

    Args:     lookup: called with two Addresses, our end and the other of the connection in question; returns, now or as
                      a Future, the user's name (text or bytes), or NO_USER or HIDDEN_USER.
    """

    max_line = MAX_QUERY
    lone_lf = True

    def __init__(self, lookup, clock=None, seconds=QUERY_SECONDS):
        # type: (Callable[[Any, Any], Any], Any, float) -> None
        LineProtocol.__init__(self)
        self._lookup = lookup
        self._left = MAX_QUERIES
        self._bound = BoundedProtocol(clock, seconds)

    def connection_made(self, transport):
        self.transport = transport
        self._bound.connection_made(transport)

    def connection_lost(self, exc):
        self._bound.connection_lost(exc)

    def line_received(self, line):
        if b'\n' in line:
            self.split_line(line)
            return
        ports = parse_query(line)
        if ports is None:
            # No progress, and so no more time, for a line that is no query.  What cannot be read cannot be repeated.
            self._reply((0, 0), b'ERROR', INVALID_PORT)
            return
        ours, theirs = here(self.transport), peer(self.transport)
        self.pause()                                        # the next query waits until this one is answered
        self._bound.deadline = None                         # and it is not the peer who is slow
        try:
            # The addresses are those of this connection: nobody can ask about connections with others (section 4).
            future = as_future(self._lookup(Address(ours.host if ours else '', ports[0]),
                                            Address(theirs.host if theirs else '', ports[1])))
        except FAILURES:
            log.exception('the lookup failed')
            self._answer(ports, None)
            return
        future.add_done_callback(lambda done: self._looked_up(ports, done))

    def _looked_up(self, ports, done):
        # type: (Tuple[int, int], Future) -> None
        if done.exception() is not None:
            log.error('the lookup failed: %s', done.exception())
        self._answer(ports, None if done.exception() is not None else done.result())

    def _answer(self, ports, found):
        # type: (Tuple[int, int], Any) -> None
        self._bound.progress()
        if self.transport.is_closing():
            return
        name = found.encode('utf-8') if isinstance(found, text_type) else found
        if name in (NO_USER, HIDDEN_USER):
            self._reply(ports, b'ERROR', name)
        elif not name or len(name) > MAX_USER or any(octet in name for octet in (b'\0', b'\r', b'\n')):
            self._reply(ports, b'ERROR', UNKNOWN_ERROR)
        else:
            charset = b'' if max(iterbytes(name)) <= b'~' else b',UTF-8'
            self._reply(ports, b'USERID', b'UNIX' + charset + b' : ' + name)
        self.unpause()

    def _reply(self, ports, kind, rest):
        # type: (Tuple[int, int], bytes, bytes) -> None
        self.send_line(b'%d, %d : %s : %s' % (ports[0], ports[1], kind, rest))
        self._left -= 1
        if not self._left:
            self.transport.close()

    def line_too_long(self):
        """RFC 1413 section 4 lets either side give up after 1,000 octets without a line's end."""
        self.transport.close()


# -- client ------------------------------------------------------------------

class IdentClient(LineProtocol):
    """Asks one question.

    Args:     ports: (port on the machine that is asked, port on ours).

    Attributes:
        answer: a Future of the Identity; IdentError, RemoteProtocolError or ConnectionLost if there is none.
    """

    max_line = MAX_QUERY

    def __init__(self, ports):
        # type: (Tuple[int, int]) -> None
        LineProtocol.__init__(self)
        self.answer = Future(lambda _: self.transport and self.transport.abort())
        self._ports = ports

    def connection_made(self, transport):
        self.transport = transport
        self.send_line(b'%d, %d' % self._ports)

    def line_received(self, line):
        try:
            ports, identity = parse_reply(line)
            if ports != self._ports:
                raise RemoteProtocolError(u'an ident reply about other ports')
        except RemoteProtocolError as exc:
            self._finish(exc)
        else:
            if not self.answer.done():
                self.answer.set_result(identity)
        self.transport.close()

    def line_too_long(self):
        """No reply is so long."""
        self._finish(RemoteProtocolError(u'an ident reply of more than %d octets' % MAX_QUERY))
        self.transport.abort()

    def connection_lost(self, exc):
        self._finish(exc or ConnectionLost(u'the connection was closed before the answer came'))

    def _finish(self, error):
        # type: (BaseException) -> None
        if not self.answer.done():
            self.answer.set_exception(error)


def fetch(loop, transport, port=113, seconds=ASK_SECONDS):
    # type: (Any, Any, int, float) -> Future
    """Ask the peer's machine who owns the connection of *transport*, a server's over TCP; a Future of the Identity."""
    theirs, ours = peer(transport), here(transport)     # type: Any, Any
    # From the very address that the peer talks to: the machine that is asked takes it as the other end (section 4).
    asked = loop.connect_tcp(lambda: IdentClient((theirs.port, ours.port)), theirs.host, port, seconds, (ours.host, 0))
    return with_timeout(loop, asked.then(lambda made: made[1].answer), seconds)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
