# Copyright the carryall authors.  See LICENSE.
"""The client of dict (RFC 2229).

    client = yield connect(loop, 'dict.example')
    for definition in (yield client.define(u'apple pie')):
        print(definition.description, definition.text)
    yield client.quit()

Commands may be given without waiting for the answer to the last (RFC 2229 section 4).

Tests:    tests/protocols/dict/test_client.py
"""
from __future__ import absolute_import, division, print_function

import binascii
from collections import deque

from carryall.core.auth import sasl
from carryall.core.auth.sasl.authdialogue import authenticate
from carryall.core.crypto import crypto_of
from carryall.core.errors import ConnectionLost, LocalProtocolError, TimedOut
from carryall.core.future import Future, coroutine, failed
from carryall.core.line.framing import LineProtocol
from carryall.core.net.transport import tls as tls_of
from carryall.core.tls import open_session
from carryall.protocols.dict.dictionary import Database, Definition, Strategy
from carryall.protocols.dict.errors import DICTError
from carryall.protocols.dict.settings import PORT, ClientSettings
from carryall.protocols.dict.wire import (MAX_CHARACTERS, TEXT_CODES, is_atom, parse_banner,
                                          parse_reply, quoted, split_words)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple
    from carryall.protocols.dict.wire import Banner, Reply

__all__ = ['DICTClient', 'connect']

LINE_OCTETS = 64            # of memory that a line of an answer takes beside its own, about

READY = 220
SEND_RESPONSE = 330
NO_MATCH = 552
NO_DATABASES = 554
NO_STRATEGIES = 555


class _Text(object):
    """A text of an answer.

    Attributes:
        reply: the status line before it.
        header: octets of MIME, with CRLF behind each line.
        text: the rest.
    """

    __slots__ = ('reply', 'header', 'text')

    def __init__(self, reply, lines, mime):
        # type: (Reply, List[bytes], bool) -> None
        self.reply = reply
        self.header = b''
        if mime:
            end = lines.index(b'') if b'' in lines else len(lines)
            self.header = b''.join(line + b'\r\n' for line in lines[:end])
            lines = lines[end + 1:]
        self.text = u''.join(line.decode('utf-8', 'replace') + u'\n' for line in lines)


class _Command(object):
    """A command whose answer has not come, or not all of it."""

    __slots__ = ('future', 'mime', 'texts', 'size')

    def __init__(self, mime):
        # type: (bool) -> None
        self.future = Future()
        self.mime = mime            # texts have a header once it is accepted
        self.texts = []             # type: List[_Text]
        self.size = 0


class DICTClient(LineProtocol):
    """A session; ``connect`` makes it.

    Args:     clock: the loop.

    Attributes:
        ready: a Future of the client, done with the banner.
        banner: a Banner, once it has come.
    """

    def __init__(self, clock, settings=None):
        # type: (Any, Optional[ClientSettings]) -> None
        LineProtocol.__init__(self)
        self.clock = clock
        self.settings = ClientSettings() if settings is None else settings
        self.max_line = self.settings.max_line
        self.banner = None                  # type: Optional[Banner]
        self._asked = deque()               # type: deque  # of _Command
        self._text = None                   # type: Any  # the Reply whose text is coming
        self._lines = []                    # type: List[bytes]  # of that text
        self._mime = False
        self._timer = None                  # type: Any
        self._fault = None                  # type: Optional[BaseException]
        self.ready = self._expect().then(self._greeted)

    def _greeted(self, answer):
        # type: (Tuple[Reply, Any]) -> DICTClient
        reply = answer[0]
        if reply.code != READY:
            raise DICTError(u'the server is not ready: %s' % reply.text, reply.code)
        self.banner = parse_banner(reply.data)
        if self.settings.client:
            self._ask(u'CLIENT', (), self.settings.client)
        return self

    # -- commands ------------------------------------------------------------

    def define(self, word, database=u'*'):
        # type: (str, str) -> Future
        """Looks a word up; a Future of a list of Definition, empty if there is none."""
        asked = self._ask(u'DEFINE', [database], word)
        return asked.then(_definitions, _nothing(NO_MATCH))

    def match(self, word, database=u'*', strategy=u'.'):
        # type: (str, str, str) -> Future
        """Finds words; a Future of a list of (name of the database, word)."""
        asked = self._ask(u'MATCH', [database, strategy], word)
        return asked.then(_pairs, _nothing(NO_MATCH))

    def databases(self):
        # type: () -> Future
        """A Future of a list of Database."""
        asked = self._ask(u'SHOW DB').then(_pairs, _nothing(NO_DATABASES))
        return asked.then(lambda rows: [Database(*row) for row in rows])

    def strategies(self):
        # type: () -> Future
        """A Future of a list of Strategy."""
        asked = self._ask(u'SHOW STRAT').then(_pairs, _nothing(NO_STRATEGIES))
        return asked.then(lambda rows: [Strategy(*row) for row in rows])

    def info(self, database):
        # type: (str) -> Future
        """A Future of the text about the source and licence of a database."""
        return self._ask(u'SHOW INFO', [database]).then(_one_text)

    def about(self):
        # type: () -> Future
        """A Future of the text about the server."""
        return self._ask(u'SHOW SERVER').then(_one_text)

    def help(self):
        # type: () -> Future
        """A Future of the text about the server's commands."""
        return self._ask(u'HELP').then(_one_text)

    def status(self):
        # type: () -> Future
        """A Future of a line of text."""
        return self._ask(u'STATUS').then(lambda answer: answer[0].text)

    def option_mime(self):
        # type: () -> Future
        """Has a header before each text from now on; a Future of None."""
        return self._ask(u'OPTION MIME').then(lambda _: None)

    def auth(self, user, secret):
        # type: (str, bytes) -> Future
        """Logs in by the MD5 of the msg-id and a secret; a Future of None.

        Raises:   DICTError: refused, or the banner has no msg-id.
        """
        if self.banner is None or not self.banner.msg_id:
            return failed(DICTError(u'the server gives no msg-id for AUTH'))
        digest = crypto_of(self.clock).hash('md5', self.banner.msg_id + secret)
        line = u'AUTH %s %s' % (quoted(user), binascii.hexlify(digest).decode('ascii'))
        return self._ask(line).then(lambda _: None)

    @coroutine
    def login(self, username, password, clear=False, mechanism=None):
        # type: (str, bytes, bool, Optional[str]) -> Any
        """Logs in by the best mechanism of SASL that both sides have, or else by AUTH.

        Args:     clear: show the password without TLS too.
                  mechanism: the name of a SASL mechanism, or 'AUTH', to use that.
        Raises:   DICTError: refused, or the server has no way to log in.
                  sasl.NoMechanism: the mechanism cannot be used.
                  sasl.SASLError: the server has not proved its identity.
        """
        exchange = None             # type: Any
        if mechanism != 'AUTH':
            exchange = self._exchange(username, password, clear, mechanism)
        if exchange is None:
            yield self.auth(username, password)
        else:
            yield authenticate(exchange, self._ask_login, MAX_CHARACTERS, b'SASLAUTH', _response,
                               b'""')
            exchange.finish()

    def _exchange(self, username, password, clear, name):
        # type: (str, bytes, bool, Optional[str]) -> Any
        """The client's side of an exchange; None if no mechanism can be used, and none is asked
        for.
        """
        names = [] if self.banner is None else self.banner.mechanisms
        secure = clear or tls_of(self.transport) is not None
        try:
            return sasl.choose(names, self.clock, secure, name, username=username,
                               password=password, tls=tls_of(self.transport))
        except sasl.NoMechanism:
            if name is not None:
                raise
            return None

    def _ask_login(self, line):
        # type: (bytes) -> Future
        return self._ask(line.decode('ascii')).then(_challenge)

    def quit(self):
        # type: () -> Future
        """Says QUIT and closes; a Future of None."""
        return self._ask(u'QUIT').then(lambda _: self.close())

    def close(self):
        # type: () -> None
        """Closes without a word."""
        if self.transport is not None:
            self.transport.close()

    # -- answers -------------------------------------------------------------

    def _ask(self, line, names=(), word=None):
        # type: (str, Sequence[str], Optional[str]) -> Future
        """Sends a command; a Future of (Reply, texts).

        Args:     names: of databases and strategies, which cannot be quoted.
        """
        if self._fault is not None:
            return failed(self._fault)
        for name in names:
            if not is_atom(name):
                return failed(LocalProtocolError(u'"%s" is no name of a database or strategy'
                                                 % name))
        parts = [line] + list(names)
        if word is not None:
            parts.append(quoted(word))
        line = u' '.join(parts)
        if len(line) > MAX_CHARACTERS:
            return failed(LocalProtocolError(u'a command of more than %d characters'
                                             % MAX_CHARACTERS))
        self.send_line(line.encode('utf-8'))
        return self._expect(line == u'OPTION MIME').then(_accepted)

    def _expect(self, mime=False):
        # type: (bool) -> Future
        command = _Command(mime)
        self._asked.append(command)
        if self.transport is not None and len(self._asked) == 1:
            self._restart_timer()
        return command.future

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self._restart_timer()

    def line_received(self, line):
        try:
            self._take(line)
        except DICTError as exc:
            self._break(exc)

    def _take(self, line):
        # type: (bytes) -> None
        if not self._asked:
            raise DICTError(u'the server sent an answer that no command asked for')
        self._restart_timer()
        command = self._asked[0]
        command.size += len(line) + LINE_OCTETS
        if command.size > self.settings.max_answer:
            raise DICTError(u'an answer of more than %d octets' % self.settings.max_answer)
        if self._text is None:
            self._take_reply(command, parse_reply(line))
        elif line == b'.':
            if len(command.texts) >= self.settings.max_definitions:
                raise DICTError(u'an answer of more than %d definitions'
                                % self.settings.max_definitions)
            command.texts.append(_Text(self._text, self._lines, self._mime))
            self._text = None
            self._lines = []
        else:
            # peer: dictd 1.13 doubles the dot of a line that is a dot alone, and no other.
            self._lines.append(line[1:] if line[:2] == b'..' else line)

    def _take_reply(self, command, reply):
        # type: (_Command, Reply) -> None
        if reply.code in TEXT_CODES:
            self._text = reply
        elif reply.code >= 200:
            self._asked.popleft()
            if not self._asked:
                self._stop_timer()
            if command.mime and reply.code < 300:
                self._mime = True
            if not command.future.done():
                command.future.set_result((reply, command.texts))

    def line_too_long(self):
        """Fails: no server sends such a line."""
        self._break(DICTError(u'a line of more than %d octets' % self.max_line))

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


def _accepted(answer):
    # type: (Tuple[Reply, List[_Text]]) -> Any
    reply = answer[0]
    if reply.code >= 400:
        raise DICTError(reply.text, reply.code)
    return answer


def _nothing(code):
    # type: (int) -> Any
    """A callback that turns the error with this code into an empty list."""
    def nothing(exc):
        # type: (BaseException) -> Any
        if isinstance(exc, DICTError) and exc.code == code:
            return []
        raise exc
    return nothing


def _response(message):
    # type: (bytes) -> bytes
    return b'SASLRESP ' + (message or b'""')


def _challenge(answer):
    # type: (Tuple[Reply, List[_Text]]) -> Any
    """(challenge in base64 or None, answer); a challenge may have several lines, or be empty."""
    if answer[0].code != SEND_RESPONSE:
        return None, answer
    return b''.join(_one_text(answer).encode('utf-8').split()), answer


def _one_text(answer):
    # type: (Tuple[Reply, List[_Text]]) -> str
    return u''.join(each.text for each in answer[1])


def _definitions(answer):
    # type: (Tuple[Reply, List[_Text]]) -> List[Definition]
    found = []                      # type: List[Definition]
    for each in answer[1]:
        word, database, description = each.reply.parameters(3)
        found.append(Definition(word, database, description, each.text, each.header))
    return found


def _pairs(answer):
    # type: (Tuple[Reply, List[_Text]]) -> List[Tuple[str, str]]
    """The rows of two words in a text."""
    rows = []                       # type: List[Tuple[str, str]]
    for line in _one_text(answer).split(u'\n'):
        words = split_words(line)
        if words is None:           # peer: an apostrophe may stand outside of quotes
            words = line.split(None, 1)
        if len(words) == 1:
            raise DICTError(u'the server sent a row that is no pair of words')
        if words:
            rows.append((words[0], u' '.join(words[1:])))
    return rows


def connect(loop, host, port=PORT, tls=None, timeout=30.0, settings=None):
    # type: (Any, str, int, Any, float, Optional[ClientSettings]) -> Future
    """Connects to a server; a Future of a DICTClient that has its banner.

    Args:     tls: a TLSContext, used from the first octet; None for clear.
              timeout: seconds for connecting, TLS and the banner.
    Raises:   ConnectFailed: no connection.  DICTError: the server refuses us.
    """
    return open_session(loop, lambda: DICTClient(loop, settings), host, port,
                        lambda client: client.ready, tls, timeout)
