# Copyright the carryall authors.  See LICENSE.
"""FastCGIServer: an application behind another web server (FastCGI 1.0, role Responder).

Requests of one connection are answered side by side.  If the application does not read one body
fast enough, the connection is not read, for all of them.

States:   of a request: variables -> body and answer -> ended
Not here: the roles Authorizer and Filter, which are told to be unknown.
Tests:    tests/protocols/fastcgi/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.core.logs import get_logger
from carryall.core.net.deadlines import sweeper_of
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.protocols.cgi import Exchange
from carryall.protocols.fastcgi import wire
from carryall.protocols.fastcgi.errors import FastCGIError
from carryall.protocols.fastcgi.settings import Settings

__all__ = ['FastCGIServer']

# The values that a server may ask for (section 4.1)
VALUES = (b'FCGI_MAX_CONNS', b'FCGI_MAX_REQS', b'FCGI_MPXS_CONNS')

log = get_logger('fastcgi')


class _Request(object):
    """A request that is under way: its variables, then its Exchange."""

    def __init__(self, number, keep):
        # type: (int, bool) -> None
        self.number = number
        self.keep = keep
        self.params = []            # type: List[bytes]
        self.octets = 0
        self.exchange = None        # type: Optional[Exchange]


class FastCGIServer(Protocol):
    """One connection of a web server.

    Args:     service: the application, called with each request.
              clock: the loop.
              settings: a Settings.
    """

    def __init__(self, service, clock, settings=None):
        # type: (Any, Any, Any) -> None
        self.settings = Settings() if settings is None else settings
        self.deadline = None        # type: Optional[float]
        self._app = service
        self._clock = clock
        self._sweeper = sweeper_of(clock)
        self._reader = wire.RecordReader()
        self._requests = {}         # type: Dict[int, _Request]
        self._draining = False
        self._full = False          # the other server takes no output
        self._reading = True

    def connection_made(self, transport):
        self.transport = transport
        self._sweeper.add(self)
        self.deadline = self._sweeper.now + self.settings.idle_seconds

    def connection_lost(self, exc):
        self._sweeper.discard(self)
        requests = list(self._requests.values())
        self._requests.clear()
        for request in requests:
            if request.exchange is not None:
                request.exchange.stop(exc or ConnectionLost(u'the web server is gone'))

    def deadline_expired(self, now):
        # type: (float) -> None
        """Closes a connection without requests, and one whose variables do not come."""
        log.info('%s: closed: nothing has come', peer(self.transport))
        self.transport.abort()

    def drain(self):
        """Ends the requests that are under way, and takes no more."""
        self._draining = True
        if not self._requests:
            self.transport.close()

    def pause_writing(self):
        self._full = True
        for request in list(self._requests.values()):
            if request.exchange is not None:
                request.exchange.pause()

    def resume_writing(self):
        self._full = False
        for request in list(self._requests.values()):
            if request.exchange is not None:
                request.exchange.resume()

    # -- records -----------------------------------------------------------------------------------

    def data_received(self, data):
        try:
            for kind, number, content in self._reader.receive_data(data):
                self._take(kind, number, content)
                if self.transport.is_closing():
                    return
        except FastCGIError as exc:
            log.info('%s: closed: %s', peer(self.transport), exc)
            self.transport.abort()
            return
        self._regulate()

    def _take(self, kind, number, content):
        # type: (int, int, bytes) -> None
        if number == 0:
            self._take_management(kind, content)
            return
        if kind == wire.BEGIN_REQUEST:
            self._begin(number, content)
            return
        request = self._requests.get(number)
        if request is None:
            return                  # section 3.3: of a request that has ended
        if kind == wire.PARAMS:
            self._take_params(request, content)
        elif kind == wire.STDIN:
            self._take_body(request, content)
        elif kind == wire.ABORT_REQUEST:
            if request.exchange is not None:
                request.exchange.stop(ConnectionLost(u'the request was aborted'))
            self._end(request, 1)

    def _take_management(self, kind, content):
        # type: (int, bytes) -> None
        """Sections 4.1 and 4.2."""
        if kind != wire.GET_VALUES:
            body = bytes(bytearray((kind,))) + b'\0' * 7
            self.transport.write(wire.format_record(wire.UNKNOWN_TYPE, 0, body))
            return
        known = dict(zip(VALUES, (b'1000', b'%d' % self.settings.max_requests, b'1')))
        asked = [name for name, _ in wire.parse_pairs(content)]
        pairs = [(name, known[name]) for name in asked if name in known]
        self.transport.write(wire.format_record(wire.GET_VALUES_RESULT, 0,
                                                wire.format_pairs(pairs)))

    def _begin(self, number, content):
        # type: (int, bytes) -> None
        role, flags = wire.parse_begin(content)
        if number in self._requests:
            raise FastCGIError(u'request %d begins twice' % number)
        request = _Request(number, bool(flags & wire.KEEP_CONN))
        if role != wire.RESPONDER:
            self._refuse(request, wire.UNKNOWN_ROLE)
        elif len(self._requests) >= self.settings.max_requests or self._draining:
            self._refuse(request, wire.OVERLOADED)
        else:
            self._requests[number] = request
            self.deadline = self._sweeper.now + self.settings.params_seconds

    def _refuse(self, request, reason):
        # type: (_Request, int) -> None
        self.transport.write(wire.format_record(wire.END_REQUEST, request.number,
                                                wire.end_body(0, reason)))
        if not request.keep and not self._requests:
            self.transport.close()

    def _take_params(self, request, content):
        # type: (_Request, bytes) -> None
        if request.exchange is not None:
            raise FastCGIError(u'variables behind their end')
        if content:
            request.octets += len(content)
            if request.octets > self.settings.params_bytes:
                raise FastCGIError(u'more than %d octets of variables'
                                   % self.settings.params_bytes)
            request.params.append(content)
            return
        variables = dict(wire.parse_pairs(b''.join(request.params)))
        request.params = []
        self.deadline = None
        exchange = Exchange(self._app, self._clock,
                            lambda data: self._write(request, data),
                            lambda error: self._answered(request, error), self._regulate)
        request.exchange = exchange
        if self._full:
            exchange.pause()
        exchange.begin(variables, self.transport)

    def _take_body(self, request, content):
        # type: (_Request, bytes) -> None
        if request.exchange is None:
            raise FastCGIError(u'a body before the variables')
        if not content:
            if not request.exchange.end():
                self._end(request, 1)
        elif not request.exchange.feed(content):
            raise FastCGIError(u'a body that is longer than its length')

    def _regulate(self):
        # type: () -> None
        """Reads as long as no body of a request waits."""
        most = self.settings.body_buffer_bytes
        full = any(request.exchange is not None and request.exchange.is_full(most)
                   for request in self._requests.values())
        if full and self._reading:
            self._reading = False
            self.transport.pause_reading()
        elif not full and not self._reading:
            self._reading = True
            self.transport.resume_reading()

    # -- answers -----------------------------------------------------------------------------------

    def _write(self, request, data):
        # type: (_Request, bytes) -> None
        self.transport.write(wire.format_stream(wire.STDOUT, request.number, data))

    def _answered(self, request, error):
        # type: (_Request, Optional[BaseException]) -> None
        if error is not None:
            # There is no other way to tell that the answer is incomplete.
            self.transport.abort()
            return
        self._end(request, 0)

    def _end(self, request, status):
        # type: (_Request, int) -> None
        if self._requests.pop(request.number, None) is None:
            return
        number = request.number
        self.transport.write(wire.format_record(wire.STDOUT, number)
                             + wire.format_record(wire.END_REQUEST, number,
                                                  wire.end_body(status)))
        if not self._requests:
            self.deadline = self._sweeper.now + self.settings.idle_seconds
            if self._draining or not request.keep:
                self.transport.close()
                return
        self._regulate()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
