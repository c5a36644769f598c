# Copyright the carryall authors.  See LICENSE.
"""Post Office Protocol version 3, the client (RFC 1939).

    client = yield connect(loop, 'mail.example', starttls=TLSContext())
    yield client.login(u'anna', b'secret')                  # the best of AUTH, APOP, USER and PASS
    uids = yield client.uidl()
    for number, uid in uids:
        message = yield client.retrieve(number)
    yield client.quit()

Commands can be given without waiting for earlier answers.  They are sent at once if the server
offers PIPELINING, and one after the other if it does not.

Tests:    tests/protocols/pop3/test_client.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import re
from collections import deque

from carryall.core.auth import sasl
from carryall.core.auth.sasl.authdialogue import authenticate
from carryall.core.codec.numbers import decimal
from carryall.core.compat import FAILURES
from carryall.core.crypto import crypto_of
from carryall.core.errors import LocalProtocolError, TimedOut
from carryall.core.future import Future, Return, coroutine, failed, with_timeout
from carryall.core.line.transparency import unstuffed
from carryall.core.line.framing import LineProtocol
from carryall.core.net.transport import tls as tls_of
from carryall.core.tls import greet, open_session
from carryall.protocols.pop3.errors import POP3Error
from carryall.protocols.pop3.settings import ClientSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['PORT', 'POP3Client', 'TLS_PORT', 'connect']

PORT = 110
TLS_PORT = 995              # RFC 8314

# -- limits ------------------------------------------------------------------
MAX_NUMBER = 2 ** 31 - 1    # of messages; default, the RFC is silent
MAX_SIZE = 2 ** 63 - 1      # octets of a message or maildrop; default
MAX_COMMAND = 253           # octets without CRLF; RFC 2449 section 4, RFC 5034 section 4
MAX_CAPABILITIES = 65536    # octets of the answer to CAPA; default

# timestamp = msg-id (RFC 1939 section 7)
_TIMESTAMP = re.compile(br'<[^<>\s]{1,200}@[^<>\s]{1,200}>')
_CODE = re.compile(br'\[([A-Za-z0-9/-]{1,64})\] ?')


def connect(loop, host, port=PORT, tls=None, starttls=None, timeout=30.0, settings=None):
    # type: (Any, str, int, Any, Any, float, Optional[ClientSettings]) -> Future
    """A Future of a POP3Client that was greeted and has asked for the capabilities.

    Args:     tls: a TLSContext from the first octet on, or None.
              starttls: a TLSContext to upgrade to by STLS (RFC 2595), or None.
              timeout: seconds for all of this.
    Raises:   ConnectFailed: no connection, or no TLS.  POP3Error: the server refuses us.
    """
    return open_session(loop, lambda: POP3Client(loop, settings), host, port,
                        lambda client: greet(client, starttls, host), tls, timeout)


class _Command(object):
    """A command whose answer has not come, or not all of it."""

    __slots__ = ('future', 'line', 'many', 'first', 'lines', 'size', 'limit', 'auth')

    def __init__(self, line, many, limit, auth):
        # type: (bytes, bool, int, bool) -> None
        self.future = Future()
        self.line = line
        self.many = many            # true if lines and a dot follow +OK
        self.auth = auth            # true if the server may answer with a challenge
        self.limit = limit
        self.first = None           # type: Optional[bytes]
        self.lines = []             # type: List[bytes]
        self.size = 0


class _Challenge(object):
    """A challenge of the server within AUTH."""

    __slots__ = ('data',)

    def __init__(self, data):
        # type: (bytes) -> None
        self.data = data


class POP3Client(LineProtocol):
    """One connection to a server.

    Args:     clock: the loop.
              settings: ClientSettings.

    Attributes:
        timestamp: of the greeting, for APOP; b'' if there is none.
        capabilities: name to its words, as CAPA gives them; {} if the server does not know CAPA.
    """

    def __init__(self, clock, settings=None):
        # type: (Any, Optional[ClientSettings]) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.settings = settings or ClientSettings()
        self.max_line = self.settings.max_line
        self.timestamp = b''
        self.capabilities = {}      # type: Dict[bytes, List[bytes]]
        self._asked = deque()       # type: deque  # of _Command, sent and not answered
        self._waiting = deque()     # type: deque  # of _Command, not sent yet
        self._timer = None          # type: Any
        self._fault = None          # type: Optional[BaseException]
        self._refusal = None        # type: Optional[POP3Error]  # the last answer, if it was -ERR
        self._greeting = self._ask(b'', False, 0)

    # -- life ----------------------------------------------------------------

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self._restart_timer()

    def connection_lost(self, exc):
        why = u'the server closed the connection' if exc is None else u'the connection broke'
        code = b''
        if self._refusal is not None:
            why = u'%s: %s' % (why, self._refusal.message)
            code = self._refusal.code
        self._fail(POP3Error(why, code, lost=True, cause=exc))

    def _fail(self, error):
        # type: (BaseException) -> None
        """Fails all that is awaited, now and later."""
        if self._fault is None:
            self._fault = error
        self._stop_timer()
        waiting = list(self._asked) + list(self._waiting)
        self._asked = deque()
        self._waiting = deque()
        for command in waiting:
            if not command.future.done():
                command.future.set_exception(self._fault)

    def close(self):
        # type: () -> None
        """Closes the connection without QUIT, so that nothing is deleted."""
        if self.transport is not None:
            self.transport.close()

    def _restart_timer(self):
        # type: () -> None
        self._stop_timer()
        if self._asked:
            self._timer = self.clock.call_later(self.settings.answer_seconds, self._expired)

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

    # -- answers -------------------------------------------------------------

    def _ask(self, line, many, limit, auth=False):
        # type: (bytes, bool, int, bool) -> Future
        if self._fault is not None:
            return failed(self._fault)
        command = _Command(line, many, limit, auth)
        if not line:
            self._asked.append(command)
            if self.transport is not None:
                self._restart_timer()
        else:
            self._waiting.append(command)
            self._send_waiting()
        return command.future

    def _send_waiting(self):
        # type: () -> None
        """Sends what may be sent now."""
        idle = not self._asked
        while self._waiting and (not self._asked or b'PIPELINING' in self.capabilities):
            command = self._waiting.popleft()
            self._asked.append(command)
            self.send_line(command.line)
        if idle:
            self._restart_timer()

    def command(self, line, many=False, limit=None):
        # type: (bytes, bool, Optional[int]) -> Future
        """Sends a line; a Future of the text behind ``+OK``, which fails with POP3Error.

        Args:     many: lines and a dot follow; the Future is then of (text, list of lines).
                  limit: octets of these lines; ``max_message`` of the settings if left out.
        """
        if b'\r' in line or b'\n' in line or b'\0' in line:
            return failed(LocalProtocolError(u'a command is one line'))
        return self._ask(line, many, self.settings.max_message if limit is None else limit)

    def line_received(self, line):
        if not self._asked:
            text = line[:200].decode('utf-8', 'replace')
            self._break(POP3Error(u'unexpected answer: %s' % text, lost=True))
            return
        self._restart_timer()
        command = self._asked[0]
        if command.first is not None:
            self._line_of_many(command, line)
        elif line[:3] == b'+OK' and line[3:4] in (b'', b' '):
            if command.many:
                command.first = line[4:]
            else:
                self._answered(line[4:])
        elif line[:1] == b'+' and line[1:2] in (b'', b' ') and command.auth:
            self._answered(_Challenge(line[2:]))
        elif line[:4] == b'-ERR' and line[4:5] in (b'', b' '):
            self._refused(line[5:])
        else:
            self._break(POP3Error(u'not a POP3 answer: %r' % line[:80], lost=True))

    def _line_of_many(self, command, line):
        # type: (_Command, bytes) -> None
        if line == b'.':
            self._answered((command.first, command.lines))
            return
        command.size += len(line) + 2
        if command.size > command.limit:
            self._break(POP3Error(u'an answer of more than %d octets' % command.limit, lost=True))
            return
        command.lines.append(unstuffed(line))

    def _refused(self, text):
        # type: (bytes) -> None
        code = _CODE.match(text)
        self._answered(POP3Error(u'the server said: %s' % text.decode('utf-8', 'replace'),
                                 code.group(1).upper() if code else b''))

    def _answered(self, answer):
        # type: (Any) -> None
        command = self._asked.popleft()
        self._refusal = answer if isinstance(answer, POP3Error) else None
        self._send_waiting()
        if not self._asked:
            self._stop_timer()
        if command.future.done():
            return
        if isinstance(answer, POP3Error):
            command.future.set_exception(answer)
        else:
            command.future.set_result(answer)

    def line_too_long(self):
        """Fails: no server sends such a line."""
        self._break(POP3Error(u'a line of more than %d octets' % self.max_line, lost=True))

    # -- login ---------------------------------------------------------------

    @coroutine
    def hello(self):
        # type: () -> Any
        """Awaits the greeting and asks for the capabilities; a Future of the greeting."""
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
            _, lines = yield self.command(b'CAPA', True, MAX_CAPABILITIES)
        except POP3Error as exc:
            if exc.lost:
                raise
            return
        rows = [line.split() for line in lines if line.split()]
        self.capabilities = dict((row[0].upper(), row[1:]) for row in rows)

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
        """Logs in by the first of AUTH, APOP, and USER with PASS that both sides support.

        Args:     clear: show the password without TLS too.
                  mechanism: the name of a SASL mechanism, 'APOP' or 'USER', to use that.
        Raises:   POP3Error: refused, or each way would show the password.
        """
        secure = clear or tls_of(self.transport) is not None
        exchange = self._mechanism(username, password, secure, mechanism)
        if exchange is not None:
            yield authenticate(exchange, self._ask_login, MAX_COMMAND)
            exchange.finish()
        elif self._uses_apop(secure, mechanism):
            digest = crypto_of(self.clock).hash('md5', self.timestamp + password)
            name = username.encode('utf-8')
            yield self.command(b'APOP ' + name + b' ' + binascii.hexlify(digest))
        else:
            yield self.command(b'USER ' + username.encode('utf-8'))
            yield self.command(b'PASS ' + password)
        # The capabilities may differ after the login (RFC 2449 section 5); few servers do that, so
        # they are not asked for again.

    def _mechanism(self, username, password, secure, name):
        # type: (str, bytes, bool, Optional[str]) -> Any
        """The client's side of a SASL exchange; None for APOP and USER."""
        if name in ('APOP', 'USER'):
            return None
        try:
            return sasl.choose(self.capabilities.get(b'SASL', ()), self.clock, secure, name,
                               username=username, password=password, tls=tls_of(self.transport))
        except sasl.NoMechanism:
            if name is not None:
                raise
            return None

    def _uses_apop(self, secure, mechanism):
        # type: (bool, Optional[str]) -> bool
        """True for APOP, False for USER and PASS; POP3Error if neither is possible."""
        if self.timestamp and mechanism != 'USER':
            return True
        if mechanism == 'APOP':
            raise POP3Error(u'the server does not offer APOP')
        if not secure:
            raise POP3Error(
                u'each login that the server offers would show the password without TLS')
        return False

    def _ask_login(self, line):
        # type: (bytes) -> Future
        """Sends a line of AUTH (RFC 5034 section 4); a Future of (challenge or None, answer)."""
        if line:
            asked = self._ask(line, False, 0, True)
        else:
            # An empty response is an empty line, which no other command is.
            self.send_line(b'')
            asked = self._ask(b'', False, 0, True)
        return asked.then(lambda answer: (answer.data if isinstance(answer, _Challenge) else None,
                                          answer))

    # -- messages ------------------------------------------------------------

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
                raise POP3Error(u'not a unique-id: %r' % line[:80])
            found.append((index, uid))
        raise Return(found)

    def retrieve(self, number, limit=None):
        # type: (int, Optional[int]) -> Future
        """A Future of the message, lines ended by CRLF."""
        return self.command(b'RETR %d' % number, True, limit).then(_joined)

    def top(self, number, count):
        # type: (int, int) -> Future
        """A Future of the header, the blank line and *count* lines of the body."""
        return self.command(b'TOP %d %d' % (number, count), True).then(_joined)

    def delete(self, number):
        # type: (int) -> Future
        """Marks a message, which ``quit()`` deletes."""
        return self.command(b'DELE %d' % number)

    def reset(self):
        # type: () -> Future
        """Removes all marks."""
        return self.command(b'RSET')

    def noop(self):
        # type: () -> Future
        """NOOP, which keeps the connection alive."""
        return self.command(b'NOOP')

    @coroutine
    def quit(self):
        # type: () -> Any
        """QUIT: deletes the marked messages, then closes.  POP3Error: some were not deleted."""
        try:
            yield self.command(b'QUIT')
        finally:
            self._fail(POP3Error(u'the connection is closed', lost=True))
            self.transport.close()


def _joined(answer):
    # type: (Tuple[bytes, List[bytes]]) -> bytes
    """The lines of an answer, each ended by CRLF."""
    lines = answer[1]
    lines.append(b'')
    return b'\r\n'.join(lines)


def _numbers(line):
    # type: (bytes) -> Tuple[int, int]
    words = line.split()
    first = decimal(words[0], MAX_NUMBER) if len(words) > 1 else None
    second = decimal(words[1], MAX_SIZE) if len(words) > 1 else None
    if first is None or second is None:
        raise POP3Error(u'expected two numbers, not %r' % line[:80])
    return first, second
