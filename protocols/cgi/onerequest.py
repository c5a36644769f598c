# Copyright the carryall authors.  See LICENSE.
"""Connections of one request: what SCGI and uwsgi have in common, either side.

Tests:    tests/protocols/scgi/test_scgi.py, tests/protocols/uwsgi/test_uwsgi.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.core.logs import get_logger
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.records import Record, names_of
from carryall.protocols.cgi.errors import CGIError
from carryall.protocols.cgi.responder import Exchange
from carryall.protocols.cgi.upstream import UpstreamClient

__all__ = ['OneAnswerClient', 'OneRequestServer', 'OneRequestSettings']

log = get_logger('cgi')

ROWS = (
    ('head_bytes', 262144, u'octets of the variables of a request; the connection is closed'),
    ('body_buffer_bytes', 65536,
     u'octets of a body that the application has not read; beyond it reading pauses'),
    ('head_seconds', 20.0, u'from the connection to the end of the variables'),
)


class OneRequestSettings(Record):
    """How an application limits the server before it."""

    __slots__ = names_of(ROWS)
    rows = ROWS


class OneRequestServer(Protocol):
    """One connection of a web server, with one request; a subclass has `take_head`.

    Attributes:
        status: what begins an answer, before the number of the status.

    Args:     service: the application, called with the request.
              clock: the loop.
              settings: an OneRequestSettings.
    """

    status = b'Status:'

    def __init__(self, service, clock, settings=None):
        # type: (Any, Any, Any) -> None
        self.settings = OneRequestSettings() if settings is None else settings
        self.deadline = None        # type: Optional[float]
        self._sweeper = sweeper_of(clock)
        self._exchange = Exchange(service, clock, self._write, self._answered, self._regulate,
                                  self.status)
        self._head = b''
        self._reading = True

    def take_head(self, data):
        # type: (bytes) -> Any
        """(variables as pairs, octets behind them) of *data*; None if they are not complete.

        Raises:   CGIError: they are malformed.
        """
        raise NotImplementedError

    def connection_made(self, transport):
        self.transport = transport
        self._sweeper.add(self)
        self.deadline = self._sweeper.now + self.settings.head_seconds

    def connection_lost(self, exc):
        self._sweeper.discard(self)
        self._exchange.stop(exc or ConnectionLost(u'the web server is gone'))

    def eof_received(self):
        """Keeps our side open: the answer is still to be sent."""
        return self._exchange.request is not None and self._exchange.end()

    def deadline_expired(self, now):
        # type: (float) -> None
        """Closes a connection whose variables do not come."""
        log.info('%s: closed: no request has come', peer(self.transport))
        self.transport.abort()

    def drain(self):
        """Closes a connection without a request; others end by themselves."""
        if self._exchange.request is None:
            self.transport.close()

    def data_received(self, data):
        if self._exchange.request is not None:
            self._take_body(data)
            return
        self._head += data
        try:
            found = self.take_head(self._head)
            if found is None and len(self._head) > self.settings.head_bytes:
                raise CGIError(u'more than %d octets of variables' % self.settings.head_bytes)
        except CGIError as exc:
            log.info('%s: closed: %s', peer(self.transport), exc)
            self.transport.abort()
            return
        if found is None:
            return
        self._head = b''
        self.deadline = None
        variables, rest = found
        self._exchange.begin(dict(variables), self.transport)
        if rest:
            self._take_body(rest)

    def _take_body(self, data):
        # type: (bytes) -> None
        # Octets behind the body have no meaning, and the answer may still be on its way.
        left = self._exchange.left
        self._exchange.feed(data if left < 0 else data[:left])
        self._regulate()

    def _regulate(self):
        # type: () -> None
        full = self._exchange.is_full(self.settings.body_buffer_bytes)
        if full and self._reading:
            self._reading = False
            self.transport.pause_reading()
        elif not full and not self._reading:
            self._reading = True
            self.transport.resume_reading()

    def pause_writing(self):
        self._exchange.pause()

    def resume_writing(self):
        self._exchange.resume()

    def _write(self, data):
        # type: (bytes) -> None
        self.transport.write(data)

    def _answered(self, error):
        # type: (Optional[BaseException]) -> None
        if error is None:
            self.transport.close()
        else:
            self.transport.abort()      # nothing else tells that the answer is incomplete


class OneAnswerClient(UpstreamClient):
    """A connection whose answer ends with it; a subclass has `wrap_head`."""

    def eof_received(self):
        if self.answer is not None:
            self.finish()
        return False


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
