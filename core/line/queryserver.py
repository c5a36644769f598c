# Copyright the carryall authors.  See LICENSE.
"""QueryServer: one line asked, an answer sent, then the end of the connection (finger, whois).

Tests:    tests/core/line/test_queryserver.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.activity import TOLD, tell
from carryall.core.compat import FAILURES
from carryall.core.errors import (Cancelled, ConnectFailed, ConnectionLost,
                                  RemoteProtocolError)
from carryall.core.future import as_future
from carryall.core.line.framing import LineProtocol
from carryall.core.logs import escape, get_logger
from carryall.core.metrics import counters_of
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.core.net.transport import peer
from carryall.core.records import Record, names_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.core.future import Future

__all__ = ['QueryServer', 'QuerySettings']

log = get_logger('query')

FAILED = u'The query cannot be answered.'
TOO_LONG = u'The query is too long.'


class QuerySettings(Record):
    """How a server limits its clients; a protocol's Settings are a subclass of it."""

    rows = (
        ('query_seconds', 30.0, u'from the connection to the whole query, and from the answer to '
                                u'its end'),
    )
    __slots__ = names_of(rows)


DEFAULTS = QuerySettings()

# Failures of other machines, which no operator of this one can mend
EXPECTED = (Cancelled, ConnectFailed, ConnectionLost)


class QueryServer(LineProtocol):
    """The server of one connection.

    Args:     service: answers the queries; a subclass says how.
              clock: the loop; None for no time limit.
              settings: QuerySettings.
    """

    separator = b'\n'           # peer: many end the line with LF alone; a CR before it is removed

    def __init__(self, service, clock=None, settings=None):
        # type: (Any, Any, Optional[QuerySettings]) -> None
        LineProtocol.__init__(self)
        self.service = service
        self._clock = clock
        self._bound = BoundedProtocol(clock, (settings or DEFAULTS).query_seconds)
        self._asked = None          # type: Optional[Future]
        self._query = b''
        self._began = 0.0           # by the clock, if there is one

    def connection_made(self, transport):
        self.transport = transport
        self._bound.connection_made(transport)

    def connection_lost(self, exc):
        self._bound.connection_lost(exc)
        if self._asked is not None:
            self._asked.cancel()

    def eof_received(self):
        return self._asked is not None      # a client may end its side and wait for the answer

    def line_received(self, line):
        if line[-1:] == b'\r':
            line = line[:-1]
        address = peer(self.transport)
        host = address.host if address is not None and address.port is not None else ''
        log.info('%s asks for %s', host, escape(line), extra=TOLD)
        self._query = line
        self._began = self._now()
        counters_of(self.transport).commands[b'QUERY'].value += 1
        self.pause()                        # one query for each connection
        try:
            asked = as_future(self.ask(line, host))
        except FAILURES as exc:
            self._fail(exc)
            return
        self._bound.deadline = None
        self._asked = asked
        asked.add_done_callback(self._answered)

    def _answered(self, future):
        # type: (Future) -> None
        self._asked = None
        if self.transport.is_closing():
            return
        exc = future.exception()
        if exc is None:
            self._say(future.result())
        else:
            self._fail(exc)

    def _fail(self, exc):
        # type: (Any) -> None
        """Tells the client of a refusal, or that something went wrong; the log tells what."""
        if isinstance(exc, RemoteProtocolError) and exc.reply is not None:
            self._say(exc.reply)
            return
        if isinstance(exc, EXPECTED):
            log.info('a query could not be answered: %s', exc)
        else:
            log.error('a query could not be answered',
                      exc_info=(type(exc), exc, getattr(exc, '__traceback__', None)))
        self._say(FAILED)

    def _say(self, answer):
        # type: (Any) -> None
        self._bound.progress()
        octets = self.encode(answer)
        self.transport.write(octets)
        tell(self.transport, u'"%s"' % escape(self._query), u'answered', len(octets),
             self._now() - self._began)
        self.transport.close()

    def _now(self):
        # type: () -> float
        clock = self._clock
        return 0.0 if clock is None else clock.time()

    def line_too_long(self):
        self._say(TOO_LONG)

    # -- hooks -----------------------------------------------------------------------------------

    def ask(self, line, host):
        # type: (bytes, str) -> Any
        """The answer to *line*, or a Future of it, in the form that ``encode`` takes.

        Args:     host: the client's numeric address; '' on a Unix socket.

        Raises:   RemoteProtocolError: the line is no query; its ``reply`` is the answer.
        """
        raise NotImplementedError

    def encode(self, answer):
        # type: (Any) -> bytes
        """The octets of an answer."""
        raise NotImplementedError
