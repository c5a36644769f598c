# Copyright the carryall authors.  See LICENSE.
"""The client of NNTP (RFC 3977).

    client = yield connect(loop, 'news.example')
    count, low, high, name = yield client.group(u'misc.test')
    rows = yield client.over(low, high)             # [(number, {name: octets})]
    article = yield client.article(low)             # an Answer: number, message_id, octets
    yield client.quit()

Commands may be given without waiting for the answer to the last: many ARTICLE are under way at the
same time.  Commands that change the connection (STARTTLS, COMPRESS, POST) wait for all before them.

Tests:    tests/protocols/nntp/test_client.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.auth import sasl
from carryall.core.auth.sasl.authdialogue import authenticate
from carryall.core.codec.numbers import decimal
from carryall.core.errors import ConnectionLost, LocalProtocolError, TimedOut
from carryall.core.future import Future, Return, coroutine, failed
from carryall.core.line.framing import LineProtocol
from carryall.core.line.transparency import Stuffer
from carryall.core.net.transport import tls as tls_of
from carryall.core.tls import open_session
from carryall.protocols.nntp.compression import DeflateTransport, Inflater
from carryall.protocols.nntp.errors import NNTPError
from carryall.protocols.nntp.overview import FIELDS, parse_format, parse_overview
from carryall.protocols.nntp.settings import PORT, ClientSettings
from carryall.protocols.nntp.wire import (MAX_COMMAND, MAX_NUMBER, has_block, parse_capabilities,
                                          parse_reply)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Text, Tuple

__all__ = ['Answer', 'NNTPClient', 'connect']

LINE_OCTETS = 64            # of memory that a line of an answer takes beside its own, about
MAX_AUTH_LINE = 497         # octets of AUTHINFO SASL; RFC 4643 section 2.4.2


class Answer(object):
    """An article, or a part of it.

    Attributes:
        number: in the group; 0 if it was asked for by its message-id.
        message_id: octets.
        lines: octets without line ends; empty for STAT.
    """

    __slots__ = ('number', 'message_id', 'lines')

    def __init__(self, number, message_id, lines):
        # type: (int, bytes, List[bytes]) -> None
        self.number = number
        self.message_id = message_id
        self.lines = lines

    @property
    def octets(self):
        # type: () -> bytes
        """The lines with CRLF behind each."""
        return b''.join([line + b'\r\n' for line in self.lines])


class _Command(object):
    """A command whose answer has not come, or not all of it."""

    __slots__ = ('verb', 'future', 'size')

    def __init__(self, verb):
        # type: (bytes) -> None
        self.verb = verb
        self.future = Future()
        self.size = 0


class NNTPClient(LineProtocol):
    """A session; ``connect`` makes it.

    Args:     clock: the loop.

    Attributes:
        ready: a Future of the client, done with the greeting.
        welcome: the Reply that greeted, once it has come.
        may_post: true if the greeting says so.
    """

    def __init__(self, clock, settings=None):
        # type: (Any, Optional[ClientSettings]) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.settings = ClientSettings() if settings is None else settings
        self.max_line = self.settings.max_line
        self.welcome = None                 # type: Any
        self.may_post = False
        self._asked = deque()               # type: deque  # of _Command
        self._reply = None                  # type: Any  # the Reply whose block is coming
        self._lines = []                    # type: List[bytes]
        self._timer = None                  # type: Any
        self._fault = None                  # type: Optional[BaseException]
        self._inflater = None               # type: Optional[Inflater]
        self._names = None                  # type: Any  # of the fields of overview
        self.ready = self._expect(b'').then(self._greeted)

    def _greeted(self, answer):
        # type: (Any) -> NNTPClient
        reply = answer[0]
        if reply.code not in (200, 201):
            raise _error(reply)
        self.welcome = reply
        self.may_post = reply.code == 200
        return self

    # -- the connection ------------------------------------------------------

    def capabilities(self):
        # type: () -> Future
        """A Future of {label: [argument]}, octets in capitals; empty if the server has no such
        command."""
        asked = self.command(b'CAPABILITIES', 101)
        return asked.then(lambda answer: parse_capabilities(answer[1]), _nothing(500, 502))

    def mode_reader(self):
        # type: () -> Future
        """Tells the server that we read; a Future of None."""
        return self.command(b'MODE READER', 200, 201).then(self._greeted).then(lambda _: None)

    @coroutine
    def login(self, username, password, clear=False, mechanism=None):
        # type: (Text, bytes, bool, Optional[str]) -> Any
        """Logs in by the best mechanism of SASL that both sides have, or by USER and PASS.

        Args:     clear: show the password without TLS too.
                  mechanism: the name of a SASL mechanism, or 'USER', to use that.
        Raises:   NNTPError: refused.  sasl.NoMechanism: nothing that may be used is offered.
        """
        known = yield self.capabilities()
        secure = clear or tls_of(self.transport) is not None
        exchange = None                     # type: Any
        if mechanism != 'USER':
            try:
                exchange = sasl.choose(known.get(b'SASL', []), self.clock, secure, mechanism,
                                       username=username, password=password,
                                       tls=tls_of(self.transport))
            except sasl.NoMechanism:
                if mechanism is not None:
                    raise
        if exchange is not None:
            yield authenticate(exchange, self._ask_login, MAX_AUTH_LINE, b'AUTHINFO SASL')
            exchange.finish()
            raise Return(None)
        if not secure:
            raise sasl.NoMechanism(u'the password would be sent in clear')
        if b'\n' in password or b'\r' in password:
            raise LocalProtocolError(u'a password of more than one line')
        answer = yield self.command(b'AUTHINFO USER ' + username.encode('utf-8'), 281, 381)
        if answer[0].code == 381:
            yield self.command(b'AUTHINFO PASS ' + password, 281)

    def _ask_login(self, line):
        # type: (bytes) -> Future
        return self._ask(line or b'=').then(_challenge)

    @coroutine
    def start_tls(self, context, hostname=None):
        # type: (Any, Any) -> Any
        """STARTTLS (RFC 4642); a Future of None."""
        yield self.command(b'STARTTLS', 382)
        yield self.clock.start_tls(self.transport, context, hostname=hostname)

    @coroutine
    def compress(self):
        # type: () -> Any
        """COMPRESS DEFLATE (RFC 8054); a Future of None.  No other command may be under way."""
        if self._asked:
            raise LocalProtocolError(u'commands are under way')
        yield self.command(b'COMPRESS DEFLATE', 206)

    def _compressed(self):
        # type: () -> None
        """The octets behind the reply 206 are compressed."""
        self.transport = DeflateTransport(self.transport)
        self._inflater = Inflater()
        self._inflater.feed(self.take_backlog())
        self.clock.call_soon(self._inflate, b'')

    def quit(self):
        # type: () -> Future
        """Says QUIT and closes; a Future of None."""
        return self._ask(b'QUIT').then(lambda _: self.close(), lambda _: self.close())

    def close(self):
        # type: () -> None
        """Closes without a word."""
        if self.transport is not None:
            self.transport.close()

    # -- reading -------------------------------------------------------------

    def group(self, name):
        # type: (Text) -> Future
        """Chooses a group; a Future of (count, low, high, name)."""
        return self.command(b'GROUP ' + name.encode('utf-8'), 211).then(_group_of)

    def list(self, keyword=b'ACTIVE', argument=None):
        # type: (bytes, Optional[bytes]) -> Future
        """LIST; a Future of its lines."""
        line = b'LIST ' + keyword + (b'' if argument is None else b' ' + argument)
        return self.command(line, 215).then(lambda answer: answer[1])

    def article(self, which=None):
        # type: (Any) -> Future
        """A Future of an Answer.

        Args:     which: a number, a message-id (octets), or None for the current article.
        """
        return self._part(b'ARTICLE', which, 220)

    def head(self, which=None):
        # type: (Any) -> Future
        """As ``article``, the header alone."""
        return self._part(b'HEAD', which, 221)

    def body(self, which=None):
        # type: (Any) -> Future
        """As ``article``, the body alone."""
        return self._part(b'BODY', which, 222)

    def stat(self, which=None):
        # type: (Any) -> Future
        """As ``article``, without any lines."""
        return self._part(b'STAT', which, 223)

    def _part(self, verb, which, code):
        # type: (bytes, Any, int) -> Future
        if which is not None:
            verb += b' ' + (b'%d' % which if not isinstance(which, bytes) else which)
        return self.command(verb, code).then(_answer_of)

    @coroutine
    def over(self, low, high):
        # type: (int, int) -> Any
        """A Future of [(number, fields)] of overview, without numbers that are not there.

        Servers of RFC 2980 are asked by XOVER.
        """
        if self._names is None:
            self._names = yield self._format()
        wanted = b' %d-%d' % (low, high)
        try:
            answer = yield self.command(b'OVER' + wanted, 224)
        except NNTPError as exc:
            refusal = exc
            if refusal.code in (420, 423):
                raise Return([])
            if refusal.code not in (500, 503):
                raise refusal
            answer = yield self.command(b'XOVER' + wanted, 224)
        rows = [parse_overview(line, self._names) for line in answer[1]]
        raise Return([row for row in rows if row is not None])

    @coroutine
    def _format(self):
        # type: () -> Any
        try:
            lines = yield self.list(b'OVERVIEW.FMT')
        except NNTPError:
            lines = []
        raise Return(parse_format(lines) or FIELDS)

    # -- posting -------------------------------------------------------------

    @coroutine
    def post(self, octets):
        # type: (bytes) -> Any
        """Posts an article, lines ended by CRLF; a Future of the server's text."""
        yield self.command(b'POST', 340)
        answer = yield self._send_article(b'POST', b'', octets, (240,))
        raise Return(answer[0].text)

    @coroutine
    def ihave(self, message_id, octets):
        # type: (bytes, bytes) -> Any
        """Offers an article; a Future of true if the server took it, false if it has it."""
        try:
            yield self.command(b'IHAVE ' + message_id, 335)
        except NNTPError as exc:
            refusal = exc
            if refusal.code != 435:
                raise refusal
            raise Return(False)
        yield self._send_article(b'IHAVE', b'', octets, (235,))
        raise Return(True)

    def send_article(self, verb, octets):
        # type: (bytes, bytes) -> Future
        """Sends the article that the server has asked for; a Future of the Reply.

        Args:     verb: of the command, b'POST' or b'IHAVE'.
        """
        return self._send_article(verb, b'', octets, ()).then(lambda answer: answer[0])

    def check(self, message_id):
        # type: (bytes) -> Future
        """CHECK; a Future of true if the server wants the article.  NNTPError 431: later."""
        return self.command(b'CHECK ' + message_id, 238, 438).then(
            lambda answer: answer[0].code == 238)

    def takethis(self, message_id, octets):
        # type: (bytes, bytes) -> Future
        """TAKETHIS; a Future of true if the server took the article, false if it refused it."""
        sent = self._send_article(b'TAKETHIS', b'TAKETHIS ' + message_id + b'\r\n', octets,
                                  (239, 439))
        return sent.then(lambda answer: answer[0].code == 239)

    def _send_article(self, verb, first, octets, codes):
        # type: (bytes, bytes, bytes, Tuple[int, ...]) -> Future
        if self._fault is not None:
            return failed(self._fault)
        stuffer = Stuffer()
        try:
            text = stuffer.feed(octets) + stuffer.finish()
        except LocalProtocolError as exc:
            if not first:               # the server waits for an article: no other can be sent
                self.transport.abort()
            return failed(exc)
        self.transport.write(first + text)
        return self._expect(verb).then(lambda answer: _checked(answer, codes))

    # -- answers -------------------------------------------------------------

    def command(self, line, *codes):
        # type: (bytes, *int) -> Future
        """Sends a command; a Future of (Reply, lines of the block).

        Args:     codes: of replies that are no NNTPError; all below 400 unless given.
        """
        return self._ask(line).then(lambda answer: _checked(answer, codes))

    def _ask(self, line):
        # type: (bytes) -> Future
        if self._fault is not None:
            return failed(self._fault)
        if b'\r' in line or b'\n' in line or b'\0' in line:
            return failed(LocalProtocolError(u'a command of more than one line'))
        if len(line) > MAX_COMMAND and not self._asked and line[:9].upper() == b'AUTHINFO ':
            return failed(LocalProtocolError(u'a command of more than %d octets' % MAX_COMMAND))
        if len(self._asked) >= self.settings.max_asked:
            return failed(LocalProtocolError(u'%d commands are under way' % len(self._asked)))
        self.send_line(line)
        return self._expect(line.partition(b' ')[0].upper())

    def _expect(self, verb):
        # type: (bytes) -> Future
        command = _Command(verb)
        self._asked.append(command)
        if self.transport is not None and len(self._asked) == 1:
            self._restart_timer()
        return command.future

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self._restart_timer()

    def data_received(self, data):
        if self._inflater is None:
            LineProtocol.data_received(self, data)
        else:
            self._inflate(data)

    def _inflate(self, data):
        # type: (bytes) -> None
        inflater = self._inflater           # type: Any
        inflater.feed(data)
        try:
            while not self.transport.is_closing():
                piece = inflater.take()
                if not piece:
                    break
                LineProtocol.data_received(self, piece)
        except NNTPError as exc:
            self._break(exc)

    def line_received(self, line):
        try:
            self._take(line)
        except NNTPError as exc:
            self._break(exc)

    def _take(self, line):
        # type: (bytes) -> None
        if not self._asked:
            # RFC 3977 section 3.2.1: 400 may come at any time.
            raise NNTPError(u'the server closes: %s' % line[:200].decode('utf-8', 'replace'))
        command = self._asked[0]
        command.size += len(line) + LINE_OCTETS
        if command.size > self.settings.max_answer:
            raise NNTPError(u'an answer of more than %d octets' % self.settings.max_answer)
        if self._reply is None:
            self._restart_timer()
            reply = parse_reply(line)
            if has_block(command.verb, reply.code):
                self._reply = reply
            else:
                self._answered(reply)
        elif line == b'.':
            self._answered(self._reply)
        else:
            if not len(self._lines) & 1023:
                self._restart_timer()
            self._lines.append(line[1:] if line[:1] == b'.' else line)

    def _answered(self, reply):
        # type: (Any) -> None
        command = self._asked.popleft()
        lines = self._lines
        self._reply = None
        self._lines = []
        if not self._asked:
            self._stop_timer()
        if command.verb == b'COMPRESS' and reply.code == 206:
            self._compressed()
        if not command.future.done():
            command.future.set_result((reply, lines))

    def line_too_long(self):
        """Fails: no server sends such a line."""
        self._break(NNTPError(u'a line of more than %d octets' % self.max_line))

    def connection_lost(self, exc):
        self._fail(exc or ConnectionLost(u'the server closed the connection'))

    def _restart_timer(self):
        # type: () -> None
        self._stop_timer()
        self._timer = self.clock.call_later(self.settings.answer_seconds, self._expired)

    def _stop_timer(self):
        # type: () -> None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expired(self):
        # type: () -> None
        self._break(TimedOut(u'the server does not answer'))

    def _break(self, error):
        # type: (BaseException) -> None
        self._fail(error)
        self.transport.abort()

    def _fail(self, error):
        # type: (BaseException) -> None
        if self._fault is None:
            self._fault = error
        self._stop_timer()
        waiting, self._asked = self._asked, deque()
        for command in waiting:
            if not command.future.done():
                command.future.set_exception(self._fault)


def _error(reply):
    # type: (Any) -> NNTPError
    return NNTPError(u'%d %s' % (reply.code, reply.text.decode('utf-8', 'replace')), reply.code,
                     reply.line)


def _checked(answer, codes):
    # type: (Any, Tuple[int, ...]) -> Any
    reply = answer[0]
    if reply.code not in codes if codes else reply.code >= 400:
        raise _error(reply)
    return answer


def _nothing(*codes):
    # type: (*int) -> Any
    """A callback that turns errors with these codes into an empty dictionary."""
    def nothing(exc):
        # type: (BaseException) -> Dict[bytes, List[bytes]]
        if isinstance(exc, NNTPError) and exc.code in codes:
            return {}
        raise exc
    return nothing


def _group_of(answer):
    # type: (Any) -> Tuple[int, int, int, Text]
    words = answer[0].text.split()
    numbers = [decimal(word, MAX_NUMBER) for word in words[:3]]
    if len(words) < 4 or None in numbers:
        raise NNTPError(u'the server sent no marks of a group', 211, answer[0].line)
    count, low, high = numbers
    return count or 0, low or 0, high or 0, words[3].decode('utf-8', 'replace')


def _answer_of(answer):
    # type: (Any) -> Answer
    words = answer[0].text.split()
    number = decimal(words[0], MAX_NUMBER) if words else None
    if number is None:
        raise NNTPError(u'the server sent no number of an article', answer[0].code, answer[0].line)
    return Answer(number, words[1] if len(words) > 1 else b'', answer[1])


def _challenge(answer):
    # type: (Any) -> Any
    """(challenge in base64 or None, answer), as ``authenticate`` wants it."""
    reply = answer[0]
    if reply.code == 383:
        return (b'' if reply.text == b'=' else reply.text), answer
    _checked(answer, (281, 283))
    return None, answer


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None):
    # type: (Any, str, int, Any, float, Optional[ClientSettings]) -> Future
    """Connects to a server; a Future of a NNTPClient that has been greeted.

    Args:     tls: a TLSContext, used from the first octet (RFC 8143); None for clear.
              timeout: seconds for connecting, TLS and the greeting.
    Raises:   ConnectFailed: no connection.  NNTPError: the server refuses us.
    """
    return open_session(loop, lambda: NNTPClient(loop, settings), host, port,
                        lambda client: client.ready, tls, timeout)
