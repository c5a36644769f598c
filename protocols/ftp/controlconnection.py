# Copyright the carryall authors.  See LICENSE.
"""FTPClient: the client's end of the control connection; commands go out, replies come in, in order (RFC 959).

States:   greeted -> commands, as many at a time as one likes (a server reads them one by one) -> closed
Not here: what commands mean, data connections (clientsession.py).
Tests:    tests/protocols/ftp/test_controlconnection.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.line.framing import LineProtocol
from carryall.core.future import Future
from carryall.core.logs import escape, get_logger
from carryall.protocols.ftp.wire import MAX_REPLY_LINE, Refused, ReplyParser
from carryall.protocols.ftp.telnetfilter import TelnetFilter

__all__ = ['Exchange', 'FTPClient']

SECRET = (b'PASS', b'ACCT')

MAX_TOLD = 200              # octets of a reply that an error tells; ours

log = get_logger('ftp.client')


class Exchange(object):
    """One command and what is answered.

    Attributes:
        first: a Future of the first Reply, which may be preliminary (1xx).
        last: a Future of the Reply that ends it.
    """

    __slots__ = ('verb', 'first', 'last')

    def __init__(self, verb):
        # type: (bytes) -> None
        self.verb = verb
        self.first = Future()
        self.last = Future()

    def fail(self, error):
        # type: (BaseException) -> None
        """There will be no reply."""
        for future in (self.first, self.last):
            if not future.done():
                future.set_exception(error)


class FTPClient(LineProtocol):
    """One control connection.

    Args:     watch: called with '>' or '<' and each line of bytes, passwords left out; None.

    Attributes:
        greeting: a Future of the Reply to the connection.
    """

    separator = b'\n'               # peer: a few servers forget the CR; it is taken off where it is
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
        self._refusal = None        # type: Optional[Reply]   # the last reply, if it was one

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
        if reply is None:
            return
        if not self._waiting:
            if reply.code != 421:           # the server goes; whoever says something next will be told
                log.info('a reply to nothing: %d %s', reply.code, escape(reply.text[:80]))
            self._over = Refused(reply) if reply.code == 421 else self._over
            return
        exchange = self._waiting[0]
        if not exchange.first.done():
            exchange.first.set_result(reply)
        if reply.kind == 1:
            return
        self._waiting.popleft()
        self._refusal = reply if reply.kind >= 4 else None
        if reply.code == 421:
            self._over = Refused(reply)
        if not exchange.last.done():
            exchange.last.set_result(reply)

    def line_too_long(self):
        self._fail(RemoteProtocolError(u'a line of a reply of more than %d octets' % MAX_REPLY_LINE))

    def _fail(self, error):
        # type: (BaseException) -> None
        self._over = error
        self.transport.abort()

    def connection_lost(self, exc):
        said = u'' if self._refusal is None else u' after it had said: %d %s' % (
            self._refusal.code, escape(self._refusal.text[:MAX_TOLD]))
        error = self._over = self._over or exc or ConnectionLost(u'the FTP server closed the connection' + said)
        waiting = list(self._waiting)
        self._waiting.clear()
        for exchange in waiting:
            exchange.fail(error)

    def begin(self, verb, argument=b''):
        # type: (bytes, bytes) -> Exchange
        """Send a command.

        Raises:   LocalProtocolError: the argument would end the line.
        """
        if b'\r' in argument or b'\n' in argument or b'\0' in argument:
            raise LocalProtocolError(u'an argument of FTP cannot hold a line end or NUL: %s' % escape(argument[:80]))
        exchange = Exchange(verb)
        if self._over is not None or self.transport is None or self.transport.is_closing():
            exchange.fail(self._over or ConnectionLost(u'the connection is closed'))
            return exchange
        self._waiting.append(exchange)
        if self._watch is not None:
            self._watch('>', verb + (b' ***' if verb in SECRET else b' ' + argument if argument else b''))
        self.transport.write(verb + (b' ' + argument if argument else b'') + b'\r\n')
        return exchange

    def command(self, verb, argument=b'', wanted=(2,)):
        # type: (bytes, bytes, Sequence[int]) -> Future
        """Send a command; a Future of the Reply that ends it.

        Args:     wanted: the first digits that are right; with others it fails with Refused.
        """
        def judge(reply):
            # type: (Any) -> Any
            if reply.kind not in wanted:
                raise Refused(reply)
            return reply
        return self.begin(verb, argument).last.then(judge)

    def interrupt(self):
        # type: () -> Future
        """ABOR, with IAC IP IAC DM in front (RFC 959 section 4.1.3); a Future of its Reply."""
        self.transport.write(b'\xff\xf4\xff\xf2')
        return self.command(b'ABOR', wanted=(2, 4))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Sequence
    from carryall.protocols.ftp.wire import Reply
