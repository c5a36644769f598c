# Copyright the carryall authors.  See LICENSE.
"""Post Office Protocol version 3, the client (RFC 1939).

    transport, client = yield loop.connect_tcp(lambda: POP3Client(loop), 'mail.example', 110)
    yield client.hello()                                        the greeting, and CAPA
    yield client.start_tls(TLSContext(), 'mail.example')
    yield client.login(u'anna', b'secret')                      the best of AUTH, APOP, USER and PASS
    uids = yield client.uidl()
    for number, uid in uids:
        message = yield client.retrieve(number)
    yield client.quit()

Commands may be given without waiting for the answer to the last: they are sent at once where the
server has PIPELINING, and in turn where it has not.

Tests:    tests/protocols/pop3/test_client.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import re
from collections import deque

from carryall.core.auth import sasl
from carryall.core.crypto import crypto_of
from carryall.core.errors import LocalProtocolError, RemoteProtocolError, TimedOut
from carryall.core.line.framing import LineProtocol
from carryall.core.future import Future, Return, coroutine, failed
from carryall.core.net.transport import tls
from carryall.core.codec.numbers import decimal
from carryall.protocols.smtp.login import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['POP3Client', 'POP3Error']

# -- limits ------------------------------------------------------------------
# octets of a line; ours: RFC 2449 section 4 has 512 for replies, messages have any
MAX_LINE = 65536
MAX_MESSAGE = 256 << 20     # octets of an answer of many lines, unless said otherwise; ours
ANSWER_SECONDS = 120.0      # until the next line of an answer; ours
MAX_NUMBER = 2 ** 31 - 1
MAX_SIZE = 2 ** 63 - 1

# timestamp = msg-id (RFC 1939 section 7)
_TIMESTAMP = re.compile(br'<[^<>\s]{1,200}@[^<>\s]{1,200}>')
_CODE = re.compile(br'\[([A-Za-z0-9/-]{1,64})\] ?')


class POP3Error(RemoteProtocolError):
    """The server said ``-ERR``, or the connection broke.

    Attributes:
        code: the response code (RFC 2449 section 8), such as b'IN-USE'; b'' if there is none.
        lost: whether the connection is what failed.
    """

    def __init__(self, message, code=b'', lost=False, cause=None):
        # type: (str, bytes, bool, Optional[BaseException]) -> None
        RemoteProtocolError.__init__(self, message, None, cause)
        self.code = code
        self.lost = lost


class _Asked(object):
    """A command whose answer is to come."""

    __slots__ = ('future', 'line', 'many', 'first', 'lines', 'size', 'limit', 'auth')

    def __init__(self, future, line, many, limit, auth):
        # type: (Future, bytes, bool, int, bool) -> None
        self.future = future
        self.line = line
        self.many = many            # whether lines and a dot follow +OK
        self.auth = auth            # whether the server may answer with a challenge
        self.limit = limit
        self.first = None           # type: Optional[bytes]
        self.lines = []             # type: List[bytes]
        self.size = 0


class POP3Client(LineProtocol):
    """One connection to a server.

    Args:     clock: the loop.

    Attributes:
        timestamp: of the greeting, for APOP; b'' if there is none.
        capabilities: name -> its words, what CAPA told; {} if the server knows no CAPA.
    """

    max_line = MAX_LINE

    def __init__(self, clock):
        # type: (Any) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.timestamp = b''
        self.capabilities = {}      # type: Dict[bytes, List[bytes]]
        self._asked = deque()       # type: deque  # whose answers are to come
        self._waiting = deque()        # type: deque  # not sent yet
        self._timer = None          # type: Any
        self._fault = None          # type: Optional[BaseException]
        self._refusal = None        # type: Optional[POP3Error]   # the last answer, if it was one
        self._greeting = self._ask(b'', False, 0)

    # -- life --------------------------------------------------------------------------------------

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self._restart_timer()

    def connection_lost(self, exc):
        refusal = self._refusal
        said, code = (u'', b'') if refusal is None else (u': %s' % refusal.message, refusal.code)
        why = u'the server closed the connection' if exc is None else u'the connection broke'
        self._fail(POP3Error(why + said, code, lost=True, cause=exc))

    def _fail(self, error):
        # type: (BaseException) -> None
        if self._fault is None:
            self._fault = error
        self._stop_timer()
        waiting = [asked for queue in (self._asked, self._waiting) for asked in queue]
        self._asked, self._waiting = deque(), deque()
        for asked in waiting:
            if not asked.future.done():
                asked.future.set_exception(self._fault)

    def close(self):
        # type: () -> None
        """Close without a word: the server undoes deletions."""
        if self.transport is not None:
            self.transport.close()

    def _restart_timer(self):
        # type: () -> None
        self._stop_timer()
        if self._asked:
            self._timer = self.clock.call_later(ANSWER_SECONDS, self._expired)

    def _stop_timer(self):
        # type: () -> None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self):
        # type: () -> None
        self._break(POP3Error(u'the server does not answer', lost=True,
                              cause=TimedOut(u'no answer in time')))

    def _break(self, error):
        # type: (POP3Error) -> None
        self._fail(error)
        self.transport.abort()

    # -- answers -----------------------------------------------------------------------------------

    def _ask(self, line, many, limit, auth=False):
        # type: (bytes, bool, int, bool) -> Future
        if self._fault is not None:
            return failed(self._fault)
        asked = _Asked(Future(), line, many, limit, auth)
        if not line:
            self._asked.append(asked)
            if self.transport is not None:
                self._restart_timer()
        else:
            self._waiting.append(asked)
            self._send_held()
        return asked.future

    def _send_held(self):
        # type: () -> None
        """Send what may be sent now."""
        idle = not self._asked
        while self._waiting and (not self._asked or b'PIPELINING' in self.capabilities):
            asked = self._waiting.popleft()
            self._asked.append(asked)
            self.send_line(asked.line)
        if idle:
            self._restart_timer()

    def command(self, line, many=False, limit=MAX_MESSAGE):
        # type: (bytes, bool, int) -> Future
        """Send a line; a Future of the text behind ``+OK``, or with *many* of (that, the list of
        lines, dots undone).

        It fails with POP3Error.
        """
        if b'\r' in line or b'\n' in line or b'\0' in line:
            return failed(LocalProtocolError(u'a command is one line'))
        return self._ask(line, many, limit)

    def line_received(self, line):
        if not self._asked:
            self._break(POP3Error(u'the server said unasked: %s'
                                  % line[:200].decode('utf-8', 'replace'), lost=True))
            return
        self._restart_timer()
        asked = self._asked[0]
        if asked.first is not None:
            if line == b'.':
                self._answered((asked.first, asked.lines))
                return
            asked.size += len(line) + 2
            if asked.size > asked.limit:
                self._break(POP3Error(u'an answer of more than %d octets' % asked.limit, lost=True))
                return
            asked.lines.append(line[1:] if line[:1] == b'.' else line)
        elif line[:3] == b'+OK' and line[3:4] in (b'', b' '):
            if asked.many:
                asked.first = line[4:]
            else:
                self._answered(line[4:])
        elif line[:1] == b'+' and line[1:2] in (b'', b' ') and asked.auth:
            self._answered(_Challenge(line[2:]))
        elif line[:4] == b'-ERR' and line[4:5] in (b'', b' '):
            text = line[5:]
            code = _CODE.match(text)
            self._answered(POP3Error(u'the server said: %s' % text.decode('utf-8', 'replace'),
                                     code.group(1).upper() if code else b''))
        else:
            self._break(POP3Error(u'this is no POP3 answer: %r' % line[:80], lost=True))

    def _answered(self, answer):
        # type: (Any) -> None
        asked = self._asked.popleft()
        self._refusal = answer if isinstance(answer, POP3Error) else None
        self._send_held()
        if not self._asked:
            self._stop_timer()
        if asked.future.done():
            return
        if isinstance(answer, POP3Error):
            asked.future.set_exception(answer)
        else:
            asked.future.set_result(answer)

    def line_too_long(self):
        """No server sends such a line."""
        self._break(POP3Error(u'a line of more than %d octets' % MAX_LINE, lost=True))

    # -- login -------------------------------------------------------------------------------------

    @coroutine
    def hello(self):
        # type: () -> Any
        """Wait for the greeting, then ask what the server can; a Future of the greeting."""
        greeting = yield self._greeting
        found = _TIMESTAMP.search(greeting)
        self.timestamp = found.group() if found else b''
        yield self.ask_capabilities()
        raise Return(greeting)

    @coroutine
    def ask_capabilities(self):
        # type: () -> Any
        """CAPA (RFC 2449 section 5)."""
        self.capabilities = {}
        try:
            _, lines = yield self.command(b'CAPA', True, 65536)
        except POP3Error as exc:
            if exc.lost:
                raise
            return
        self.capabilities = dict((line.split()[0].upper(), line.split()[1:]) for line in lines
                                 if line.split())

    @coroutine
    def start_tls(self, context, hostname):
        # type: (Any, str) -> Any
        """STLS (RFC 2595 section 4); a Future of TLSInfo."""
        if b'STLS' not in self.capabilities:
            raise POP3Error(u'the server does not offer STLS')
        yield self.command(b'STLS')
        self.capabilities = {}
        info = yield self.clock.start_tls(self.transport, context, server_side=False,
                                          hostname=hostname)
        yield self.ask_capabilities()
        raise Return(info)

    @coroutine
    def login(self, username, password, clear=False, mechanism=None):
        # type: (str, bytes, bool, Optional[str]) -> Any
        """Log in: by AUTH, by APOP, by USER and PASS, whichever comes first of what both sides
        have.

        Args:     clear: whether the password may be shown without TLS.
                  mechanism: the name of a SASL mechanism, 'APOP' or 'USER', to use that.
        Raises:   POP3Error: refused, or there is no way that would not show the password.
        """
        secure = clear or tls(self.transport) is not None
        way, exchange = self._way(username, password, secure, mechanism)
        if way == 'SASL':
            yield self._exchange(exchange)
        elif way == 'APOP':
            digest = binascii.hexlify(crypto_of(self.clock).hash('md5', self.timestamp + password))
            yield self.command(b'APOP ' + username.encode('utf-8') + b' ' + digest)
        else:
            yield self.command(b'USER ' + username.encode('utf-8'))
            yield self.command(b'PASS ' + password)
        # What a server can may differ after the login (RFC 2449 section 5); few tell, so it is not
        # asked again.

    def _way(self, username, password, secure, mechanism):
        # type: (str, bytes, bool, Optional[str]) -> Tuple[str, Any]
        """How to log in: ('SASL', mechanism), ('APOP', None) or ('USER', None)."""
        if mechanism not in (None, 'APOP', 'USER'):
            return 'SASL', choose(self, (), username, password, secure, mechanism)
        if mechanism is None:
            try:
                return 'SASL', choose(self, self.capabilities.get(b'SASL', ()), username, password,
                                      secure)
            except sasl.NoMechanism:
                pass
        if self.timestamp and mechanism != 'USER':
            return 'APOP', None
        if mechanism == 'APOP':
            raise POP3Error(u'the server does not offer APOP')
        if not secure:
            raise POP3Error(u'the server has no login that does not show the password, and there '
                            u'is no TLS')
        return 'USER', None

    @coroutine
    def _exchange(self, exchange):
        # type: (Any) -> Any
        """AUTH (RFC 5034 section 4)."""
        initial = yield exchange.step()
        line = b'AUTH ' + exchange.name.encode('ascii')
        held = None                 # type: Optional[bytes]
        if initial is not None:
            # rfc: an initial response must fit into a line of 255 octets (RFC 5034 section 4)
            if len(line) + 1 + len(sasl.encode_initial(initial)) <= 253:
                line += b' ' + sasl.encode_initial(initial)
            else:
                held = sasl.encode(initial)
        answer = yield self._ask(line, False, 0, True)
        while isinstance(answer, _Challenge):
            if held is not None:
                said, held = held, None
            else:
                response = yield exchange.step(sasl.decode(answer.data))
                said = sasl.encode(response)
            answer = yield self._ask(said, False, 0, True) if said else self._say_nothing()
        exchange.finish()

    def _say_nothing(self):
        # type: () -> Future
        """An empty response, which is an empty line."""
        self.send_line(b'')
        return self._ask(b'', False, 0, True)

    # -- messages ----------------------------------------------------------------------------------

    @coroutine
    def stat(self):
        # type: () -> Any
        """A Future of (messages, octets)."""
        answer = yield self.command(b'STAT')
        raise Return(_numbers(answer))

    @coroutine
    def list(self):
        # type: () -> Any
        """A Future of [(number, octets)]."""
        _, lines = yield self.command(b'LIST', True)
        raise Return([_numbers(line) for line in lines])

    @coroutine
    def uidl(self):
        # type: () -> Any
        """A Future of [(number, unique-id)]."""
        _, lines = yield self.command(b'UIDL', True)
        found = []                  # type: List[Tuple[int, bytes]]
        for line in lines:
            number, _, uid = line.partition(b' ')
            index = decimal(number, MAX_NUMBER)
            if index is None or not 1 <= len(uid) <= 70:
                raise POP3Error(u'this is no unique-id: %r' % line[:80])
            found.append((index, uid))
        raise Return(found)

    @coroutine
    def retrieve(self, number, limit=MAX_MESSAGE):
        # type: (int, int) -> Any
        """A Future of the message, lines ended by CRLF."""
        _, lines = yield self.command(b'RETR %d' % number, True, limit)
        lines.append(b'')
        raise Return(b'\r\n'.join(lines))

    @coroutine
    def top(self, number, count):
        # type: (int, int) -> Any
        """A Future of the header, the blank line and *count* lines of the body."""
        _, lines = yield self.command(b'TOP %d %d' % (number, count), True)
        lines.append(b'')
        raise Return(b'\r\n'.join(lines))

    def delete(self, number):
        # type: (int) -> Future
        """Mark a message; it is deleted by ``quit()``."""
        return self.command(b'DELE %d' % number)

    def reset(self):
        # type: () -> Future
        """Take back all marks."""
        return self.command(b'RSET')

    def noop(self):
        # type: () -> Future
        """Say that we are still here."""
        return self.command(b'NOOP')

    @coroutine
    def quit(self):
        # type: () -> Any
        """QUIT: the marked messages are deleted, then the connection is closed.  POP3Error: they
        were not."""
        try:
            yield self.command(b'QUIT')
        finally:
            self._fail(POP3Error(u'the connection is closed', lost=True))
            self.transport.close()


class _Challenge(object):
    """What the server says within AUTH."""

    __slots__ = ('data',)

    def __init__(self, data):
        # type: (bytes) -> None
        self.data = data


def _numbers(line):
    # type: (bytes) -> Tuple[int, int]
    words = line.split()
    first = decimal(words[0], MAX_NUMBER) if len(words) > 1 else None
    second = decimal(words[1], MAX_SIZE) if len(words) > 1 else None
    if first is None or second is None:
        raise POP3Error(u'two numbers are wanted, not %r' % line[:80])
    return first, second
