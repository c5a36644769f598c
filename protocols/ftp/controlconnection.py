# Copyright the carryall authors.  See LICENSE.
"""ControlConnection: the client's end of the control connection (RFC 959).

Commands go out, replies come in, in order.

States:   greeted -> commands, any number at a time (a server reads them one by one) -> closed
Not here: the meaning of commands, data connections (client.py).
Tests:    tests/protocols/ftp/test_controlconnection.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Future
from carryall.core.line.framing import LineProtocol
from carryall.core.logs import escape, get_logger
from carryall.protocols.ftp.errors import FTPError
from carryall.protocols.ftp.telnetfilter import TelnetFilter
from carryall.protocols.ftp.wire import MAX_REPLY_LINE, ReplyParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Sequence
    from carryall.protocols.ftp.wire import Reply

__all__ = ['ControlConnection', 'Exchange']

SECRET = (b'PASS', b'ACCT')

MAX_SHOWN = 200             # octets of a reply that an error shows
NOT_AVAILABLE = 421         # the server closes the connection (RFC 959 section 5.4)

log = get_logger('ftp.client')


class Exchange(object):
    """One command and its replies.

    Attributes:
        first: a Future of the first Reply, which may be preliminary (1xx).
        last: a Future of the last Reply.
    """

    __slots__ = ('verb', 'first', 'last')

    def __init__(self, verb):
        # type: (bytes) -> None
        self.verb = verb
        self.first = Future()
        self.last = Future()

    def fail(self, error):
        # type: (BaseException) -> None
        """No further reply will come."""
        for future in (self.first, self.last):
            if not future.done():
                future.set_exception(error)


class ControlConnection(LineProtocol):
    """One control connection.

    Args:     watch: called with '>' or '<' and each line of bytes, without passwords; None.

    Attributes:
        greeting: a Future of the Reply to the connection.
    """

    separator = b'\n'               # peer: some servers omit the CR, which is stripped
    max_line = MAX_REPLY_LINE

    def __init__(self, watch=None):
        # type: (Optional[Callable[[str, bytes], Any]]) -> None
        LineProtocol.__init__(self)
        hello = Exchange(b'')
        self.greeting = hello.last
        self._waiting = deque([hello])
        self._parser = ReplyParser()
        self._telnet = TelnetFilter()
        self._watch = watch
        self._over = None           # type: Optional[BaseException]
        self._refusal = None        # type: Optional[Reply]   # the last reply, if it was 4xx or 5xx

    def data_received(self, data):
        data = self._telnet.feed(data)
        if self._telnet.answer:
            self.transport.write(self._telnet.answer)
            self._telnet.answer = b''
        if data:
            LineProtocol.data_received(self, data)

    def line_received(self, line):
        if line[-1:] == b'\r':
            line = line[:-1]
        if self._watch is not None:
            self._watch('<', line)
        try:
            reply = self._parser.feed(line)
        except RemoteProtocolError as exc:
            self._fail(exc)
            return
        if reply is not None:
            self._reply_received(reply)

    def _reply_received(self, reply):
        # type: (Reply) -> None
        if not self._waiting:
            # The server leaves; the next command will fail with its reply.
            if reply.code == NOT_AVAILABLE:
                self._over = FTPError(reply)
            else:
                text = escape(reply.text[:80])
                log.info('a reply without a command: %d %s', reply.code, text)
            return
        exchange = self._waiting[0]
        if not exchange.first.done():
            exchange.first.set_result(reply)
        if reply.kind == 1:
            return
        self._waiting.popleft()
        self._refusal = reply if reply.kind >= 4 else None
        if reply.code == NOT_AVAILABLE:
            self._over = FTPError(reply)
        if not exchange.last.done():
            exchange.last.set_result(reply)

    def line_too_long(self):
        fault = u'a line of a reply of more than %d octets' % MAX_REPLY_LINE
        self._fail(RemoteProtocolError(fault))

    def _fail(self, error):
        # type: (BaseException) -> None
        self._over = error
        self.transport.abort()

    def connection_lost(self, exc):
        message = u'the FTP server closed the connection'
        refusal = self._refusal
        if refusal is not None:
            text = escape(refusal.text[:MAX_SHOWN])
            message += u' after its reply %d %s' % (refusal.code, text)
        error = self._over or exc or ConnectionLost(message)
        self._over = error
        waiting = list(self._waiting)
        self._waiting.clear()
        for exchange in waiting:
            exchange.fail(error)

    def begin(self, verb, argument=b''):
        # type: (bytes, bytes) -> Exchange
        """Sends a command.

        Raises:   LocalProtocolError: the argument would end the line.
        """
        if b'\r' in argument or b'\n' in argument or b'\0' in argument:
            shown = escape(argument[:80])
            raise LocalProtocolError(u'an argument of FTP cannot hold CR, LF or NUL: %s' % shown)
        exchange = Exchange(verb)
        if self._over is not None or self.transport is None or self.transport.is_closing():
            exchange.fail(self._over or ConnectionLost(u'the connection is closed'))
            return exchange
        self._waiting.append(exchange)
        behind = b' ' + argument if argument else b''
        if self._watch is not None:
            self._watch('>', verb + (b' ***' if verb in SECRET else behind))
        self.transport.write(verb + behind + b'\r\n')
        return exchange

    def command(self, verb, argument=b'', wanted=(2,)):
        # type: (bytes, bytes, Sequence[int]) -> Future
        """Sends a command; a Future of its last Reply.

        Args:     wanted: the first digits of success; with others it fails with FTPError.
        """
        def judge(reply):
            # type: (Any) -> Any
            if reply.kind not in wanted:
                raise FTPError(reply)
            return reply
        return self.begin(verb, argument).last.then(judge)

    def interrupt(self):
        # type: () -> Future
        """ABOR behind IAC IP IAC DM (RFC 959 section 4.1.3); a Future of its Reply."""
        self.transport.write(b'\xff\xf4\xff\xf2')
        return self.command(b'ABOR', wanted=(2, 4))
