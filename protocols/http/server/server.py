# Copyright the carryall authors.  See LICENSE.
"""HTTPServer: one connection of a server, HTTP/0.9 to 1.1 (RFC 9112 section 9, RFC 9110 sections 7
and 10).

Requests are taken one at a time: the next one is parsed once the response to the last one is
complete.  So no response overtakes another, and a request sees the effects of those before it.
Requests that a client sends ahead wait as bytes, up to a limit; beyond it reading pauses.

States:   one for what the connection waits for, each with its own deadline; see STATES.
          IDLE -> HEAD -> BODY -> APP -> IDLE; WRITE while output waits for the peer.
          At the end FLUSH -> CLOSING, or LINGER -> CLOSING; SWITCHED after an Upgrade, when another
          protocol has the connection.
Not here: the grammar (message/heads.py), one request with its response (httpexchange.py), what
          connections share (httpsite.py).
Tests:    tests/protocols/http/server/test_server.py, tests/protocols/http/server/test_smuggling.py,
          tests/protocols/http/server/test_pipelining.py, tests/protocols/http/test_settings.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, native
from carryall.core.errors import (ConnectionLost, FileFailed, LocalProtocolError,
                                  RemoteProtocolError)
from carryall.core.logs import get_logger
from carryall.core.metrics import counters_of
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import here, peer, tls
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.core.wrap.relay import Handover
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.fields.tables import BODILESS, HTTP_1_1
from carryall.protocols.http.message.events import CLOSED
from carryall.protocols.http.message.heads import RequestReceiver
from carryall.protocols.http.message.response import Response, plain_response
from carryall.protocols.http.server.httpexchange import Exchange
from carryall.protocols.http.server.reply import CLOSE, length_and_end
from carryall.protocols.http.server.request import Request

__all__ = ['HTTPServer']

# -- limits ------------------------------------------------------------------
BATCH = 64                  # responses gathered for one write
# A longer body ends a batch: a client that does not read must not cost much memory
BATCH_BYTES = 1024
BIG_BYTES = 16384           # a body of this size is not copied to be written together with its head

EARLY_HINTS = b'HTTP/1.1 103 Early Hints\r\n'

# -- states ------------------------------------------------------------------
IDLE, HEAD, BODY, APP, WRITE, FLUSH, LINGER, CLOSING, SWITCHED = range(9)
OVER = FLUSH                # from this state on, input is not parsed

# -- turns -------------------------------------------------------------------
# Nothing to do; in `advance`; more to do than its share of a turn (law L21)
READY, ADVANCING, RESTING = range(3)

log = get_logger('http')


class HTTPServer(Protocol):
    """The server's side of one connection.

    Args:     service: the Site that it belongs to.
              clock: the loop.
              settings: a Settings.

    Attributes:
        began: when the first octet of the latest request came, in seconds of the clock.
        deadline: for the Sweeper.
        draining: true if the next response must be the last one.
        ended: true if the peer sends no more.
        exchange: the Exchange of the present request; None if there is none, or if its response was
            ready at once.
        paused: true if the transport has enough output.
        receiver: the RequestReceiver.
        state: one of STATES.
    """

    __slots__ = ('transport', 'began', 'clock', 'deadline', 'draining', 'ended', 'exchange',
                 'paused', 'receiver', 'settings', 'site', 'state', '_counters',
                 '_emitted', '_held_since', '_out', '_reading', '_switched', '_unsent', '_work')

    def __init__(self, service, clock, settings):
        # type: (Site, Any, Settings) -> None
        self.transport = None       # type: Any
        self.site = service
        self.clock = clock
        self.settings = settings
        self.receiver = RequestReceiver(settings, service.seen, Request)
        self.exchange = None        # type: Optional[Exchange]
        self.state = IDLE
        self.deadline = None        # type: Optional[float]
        self.began = 0.0
        self.paused = False
        self.ended = False
        self.draining = False
        self._counters = None       # type: Any     # None if nobody reads them
        self._out = []              # type: List[bytes]   # for one write
        self._work = READY
        self._reading = True
        self._held_since = 0.0      # when reading was paused
        self._unsent = 0            # octets that waited for the peer when the deadline was set
        self._emitted = 0           # octets of a response that were added since
        # has the connection after an Upgrade
        self._switched = None       # type: Optional[Handover]

    def __str__(self):
        return str(peer(self.transport) or 'a peer that is gone')

    # -- called by the transport -------------------------------------------------------------

    def connection_made(self, transport):
        # type: (Any) -> None
        self.transport = transport
        counters = counters_of(transport)
        if counters.watched:
            self._counters = counters
        if tls(transport) is None:
            # A Unix socket may come from a proxy on this machine that ends TLS.
            self.receiver.in_clear = getattr(here(transport), 'port', None) is not None
        sweeper = self.site.sweeper
        sweeper.add(self)
        self.deadline = sweeper.now + self.settings.head_seconds

    def data_received(self, data):
        # type: (bytes) -> None
        if self.state < OVER:
            self.receiver.receive_data(data)
            self.advance()
        elif self._switched is not None:
            self._switched.data_received(data)
        # Else input is dropped; linger_seconds bounds how much comes.

    def eof_received(self):
        # type: () -> bool
        """Goes on: a client may end its side and still wait for its responses."""
        if self._switched is not None:
            return bool(self._switched.eof_received())
        self.ended = True
        if self.state < OVER:
            self.receiver.receive_eof()
            self.advance()
        return self.state < OVER

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        self.site.sweeper.discard(self)
        self.deadline = None
        if self._switched is not None:
            self._switched.connection_lost(exc)
            return
        self.state = CLOSING
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            log.info('%s: the connection ended before its response was complete', self)
            exchange.break_off(exc or ConnectionLost('the connection was closed'))

    def pause_writing(self):
        # type: () -> None
        self.paused = True
        if self.exchange is not None:
            self.exchange.pause()
        if self._switched is not None:
            self._switched.pause_writing()
        self._settle()

    def resume_writing(self):
        # type: () -> None
        self.paused = False
        if self._switched is not None:
            self._switched.resume_writing()
        if self.state >= OVER:
            if self.state == FLUSH:
                self.close()
            return
        self.state = APP
        if self.exchange is not None:
            self.exchange.resume()
        self.advance()

    def drain(self):
        """Closes if no request is under way; otherwise after the next response."""
        self.draining = True
        if self._switched is not None:
            try:
                self._switched.drain()
            except FAILURES:
                log.exception('%s: the protocol after an Upgrade failed', self)
                self.transport.abort()
        elif self.exchange is None and self.state <= HEAD and self.receiver.between_messages():
            self.close()

    # -- deadlines, called by the Sweeper ----------------------------------------------------

    def deadline_expired(self, now):
        # type: (float) -> None
        """Acts on the passed deadline of the present state."""
        expired = STATES[self.state][1]
        if expired is not None:
            expired(self, now)

    def idle_expired(self, now):
        # type: (float) -> None
        """Closes: the client sends no further request."""
        self.close()

    def head_expired(self, now):
        # type: (float) -> None
        """Refuses with 408: the header section is incomplete."""
        self.refuse(HTTPError('the headers took too long', reply=408))

    def body_expired(self, now):
        # type: (float) -> None
        """Refuses with 408, unless the octets so far give the body more time."""
        self.deadline = self._body_deadline()
        if self.deadline <= now:
            self.refuse(HTTPError('the body took too long', reply=408))

    def output_expired(self, now):
        # type: (float) -> None
        """Aborts: the peer has not taken the output, or not ended its side, in time."""
        settings = self.settings
        unsent = self.transport.get_write_buffer_size()
        taken = self._unsent + self._emitted - unsent
        # It is enough to have taken all that waited at the start: the rest is newer.
        enough = max(1, settings.write_rate * settings.write_seconds)
        if unsent and taken >= min(self._unsent, enough):
            self._watch_output()
        elif unsent:
            log.info('%s: aborted: it took %d octets in %g seconds, %d wait', self, taken,
                     settings.write_seconds, unsent)
            self.deadline = None
            self.transport.abort()
        elif self.state == WRITE:
            self.state = APP        # the rest of the response is not made yet
            self._settle()
        else:
            self.deadline = None
            self.transport.close()

    # -- requests ----------------------------------------------------------------------------

    def advance(self, steps=0):
        # type: (int) -> None
        """Takes events and answers requests until there is something to wait for."""
        if self._work != READY:
            return
        self._work = ADVANCING
        next_event = self.receiver.next_event
        try:
            while self.state < OVER:
                if self.exchange is None:
                    event = None if self.paused else next_event()
                    if event is None:
                        break
                    if event is CLOSED:
                        self.close()
                    else:
                        self._begin(event)
                elif not self.exchange.take_of_body():
                    break
                steps += 1
                if steps >= FREE_STEPS and self._is_over(steps):
                    break
        except RemoteProtocolError as exc:
            self.refuse(exc)
        finally:
            if self._work == ADVANCING:
                self._work = READY
        if self._out:
            self.flush()
        self._settle()

    def _is_over(self, steps):
        # type: (int) -> bool
        """True if this turn's share is used up; the rest waits for a later turn (law L21)."""
        takes = self.exchange is None or self.exchange.body is not None
        if not takes or self.state >= OVER or not len(self.receiver):
            return False
        if not turn_is_over(self.transport, steps, self._go_on):
            return False
        self._work = RESTING
        return True

    def _go_on(self):
        # type: () -> None
        """Continues in the later turn."""
        self._work = READY
        self.advance(MAX_STEPS)

    def _begin(self, request):
        # type: (Request) -> None
        """Asks the application for the response to *request*."""
        site = self.site
        request.transport = self.transport
        request.connection = self
        request.incoming = None
        request.waiter = None
        if request.length or self._counters is not None or site.access_log is not None:
            if self.state != HEAD:
                self.began = self.clock.time()
            if request.length:
                self.exchange = Exchange(self, request)
        self.state = APP
        try:
            if request.method in site.methods and site.media_types is None:
                answer = site.app(request)
            else:
                answer = site.refusal(request) or site.app(request)
        except FAILURES as exc:
            answer = self.failure(request, exc)
        if type(answer) is not Response:
            exchange = self.exchange or Exchange(self, request)
            self.exchange = exchange
            exchange.wait_for(answer)
        elif not self.respond(request, answer):
            exchange = self.exchange or Exchange(self, request)
            self.exchange = exchange
            exchange.respond(answer)

    def respond(self, request, response):
        # type: (Request, Response) -> bool
        """Sends *response* if it is a plain one, as most are; false if its Exchange must send
        it."""
        site = self.site
        status = response.status
        headers = response.fields
        body = response.body
        if (type(body) is not bytes or not request.keep_alive or request.version != HTTP_1_1
                or request.method == b'HEAD' or status in BODILESS or self.draining
                or headers is not None and headers.concern_framing()
                or self.exchange is not None and self.exchange.body is not None):
            return False
        prefix = site.prefixes.get(status) if site.dated == site.sweeper.now else None
        head = b''.join((prefix or site.prefix(status), b'' if headers is None else headers.lines(),
                         length_and_end(len(body))))
        self.exchange = None
        if len(body) < BIG_BYTES:
            self._out.append(head + body)
            if len(self._out) >= BATCH or len(body) > BATCH_BYTES:
                self.flush()
        else:
            self._out.append(head)
            self.flush()
            self.transport.write(body)
        if self._counters is not None or site.access_log is not None:
            self.note(request, status, len(body))
        if request.waiter is not None:
            request.waiter.cancel()
        return True

    def failure(self, request, error):
        # type: (Request, BaseException) -> Response
        """The response to an *error* of the application; it tells the peer only a status."""
        status = error.reply if isinstance(error, RemoteProtocolError) else None
        if isinstance(status, int) and 400 <= status < 600:
            log.info('%s: %s', self, error)
            return self.site.error_response(request, status)
        asked = '%s %s' % (native(request.method), native(request.path))
        if isinstance(error, FileFailed):
            log.error('%s: %s: %s', self, asked, error)
            return self.site.error_response(request, 500)
        log.error('%s: the application failed on %s', self, asked,
                  exc_info=(type(error), error, getattr(error, '__traceback__', None)))
        return self.site.error_response(request, 500)

    # -- output ------------------------------------------------------------------------------

    def hint(self, request, fields):
        # type: (Request, MutableHeaders) -> None
        """Sends 103 Early Hints with *fields* before the response to *request* (RFC 8297)."""
        exchange = self.exchange
        if exchange is None:
            waits = self.state == APP and self._work == ADVANCING
        else:
            waits = exchange.request is request and not exchange.replies()
        if not waits or fields.concern_framing():
            raise LocalProtocolError('hints come before the response, and say nothing about its '
                                     'connection')
        self._out.append(b''.join((EARLY_HINTS, fields.lines(), b'\r\n')))
        self.flush()

    def queue(self, data):
        # type: (bytes) -> None
        """Adds *data* to the next write."""
        self._out.append(data)

    def emit(self, data):
        # type: (bytes) -> None
        """Sends *data*, a part of a response that is made bit by bit."""
        self._out.append(data)
        self._emitted += len(data)
        self.flush()

    def flush(self):
        # type: () -> None
        """Writes the queued output."""
        out = self._out
        if out:
            data = out[0] if len(out) == 1 else b''.join(out)
            del out[:]
            self.transport.write(data)

    def switch(self, protocol, head):
        # type: (Any, bytes) -> None
        """Hands the connection to *protocol*, after the *head* of the response to an Upgrade."""
        self._out.append(head)
        self.flush()
        self.exchange = None
        self.state = SWITCHED
        self.deadline = None
        self._resume_reading()
        switched = Handover(self.clock)
        self._switched = switched
        switched.connection_made(self.transport)
        full = self.paused          # a later pause reaches the protocol by itself
        try:
            switched.hand_over(protocol, self.receiver.unparsed())
            if full:
                switched.pause_writing()
        except FAILURES:
            log.exception('%s: the protocol after an Upgrade failed', self)
            self.transport.abort()

    # -- the end -----------------------------------------------------------------------------

    def refuse(self, error):
        # type: (RemoteProtocolError) -> None
        """Answers a peer that broke the rules or took too long with one last response, if that is
        still possible.
        """
        log.info('%s: refused with %s: %s', self, error.reply, error)
        exchange, self.exchange = self.exchange, None
        request = exchange.request if exchange is not None else None
        if request is None and self.state != HEAD:
            self.began = self.clock.time()      # its only segment is refused
        self.state = CLOSING
        if exchange is not None and exchange.break_off(error):
            if not exchange.is_answered():
                self.transport.abort()
                return
        else:
            response = plain_response(error.reply)
            body = b'' if request is not None and request.method == b'HEAD' else response.body
            lines = response.headers.lines()
            self._out.append(b''.join((self.site.prefix(error.reply), lines, CLOSE,
                                       length_and_end(len(response.body)), body)))
            self.note(request, error.reply, len(body))
        self.close(linger=True)

    def close(self, linger=False, framed=True):
        # type: (bool, bool) -> None
        """Closes once the output is sent.

        Args:     linger: the client may still be sending.  A close at once would reset the
                  connection, and could take the response away before it is read (RFC 9112 section
                  9.6).
                  framed: the client sees the end of the response without a close; TLS cannot close
                      one side alone.
        """
        self.state = CLOSING
        self.flush()
        transport = self.transport
        half = transport.can_write_eof()
        if linger and not self.ended and (half or framed):
            self.state = LINGER
            if half:
                transport.write_eof()
            self._resume_reading()
        elif self.paused:
            self.state = FLUSH      # a transport that closes gives the peer less time than we do
        else:
            transport.close()
        self._watch_output()

    def cut(self):
        # type: () -> None
        """Aborts the connection, for a response that cannot be completed."""
        self.state = CLOSING
        self.transport.abort()

    # -- what to wait for --------------------------------------------------------------------

    def _settle(self):
        # type: () -> None
        """Chooses the state and its deadline, and pauses or resumes reading."""
        if self.state >= OVER:
            return
        exchange = self.exchange
        idle = exchange is None and not self.paused and self.receiver.between_messages()
        if not idle or not self._reading:
            self._regulate()
        if idle:
            if self.state != IDLE:              # an empty line does not extend the deadline
                self.state = IDLE
                self.deadline = self.site.sweeper.now + self.settings.idle_seconds
        elif (self.paused or exchange is not None and exchange.replies()
              and self.transport.get_write_buffer_size()):
            if self.state != WRITE:
                self.state = WRITE
                self._watch_output()
        elif exchange is None:
            if self.state != HEAD:
                self.state = HEAD
                self.began = self.site.sweeper.now
                self.deadline = self.began + self.settings.head_seconds
        elif exchange.body is not None and self._reading:
            self.state = BODY
            self.deadline = self._body_deadline()
        else:
            self.state = APP
            self.deadline = None

    def _regulate(self):
        # type: () -> None
        """Pauses reading if the application or the peer is slower than the input; otherwise resumes
        it.
        """
        full = (self._work == RESTING or len(self.receiver) > self.settings.pipeline_bytes
                or self.exchange is not None and self.exchange.is_full())
        if full and self._reading:
            self._reading = False
            self._held_since = self.clock.time()
            self.transport.pause_reading()
        elif not full:
            self._resume_reading()

    def _resume_reading(self):
        # type: () -> None
        if not self._reading:
            self._reading = True
            # The client is not charged for that time
            self.began += self.clock.time() - self._held_since
            self.transport.resume_reading()

    def _body_deadline(self):
        # type: () -> float
        settings = self.settings
        taken = self.exchange.taken if self.exchange is not None else 0
        earned = taken / settings.body_rate if settings.body_rate else 0.0
        return self.began + settings.request_seconds + earned

    def _watch_output(self):
        # type: () -> None
        """Sets the deadline for the peer to take output, or, if none waits, to end its side."""
        settings = self.settings
        self._unsent = self.transport.get_write_buffer_size()
        self._emitted = 0
        seconds = settings.write_seconds if self._unsent else settings.linger_seconds
        self.deadline = self.clock.time() + seconds

    # -- the log -----------------------------------------------------------------------------

    def note(self, request, status, octets):
        # type: (Optional[Request], int, int) -> None
        """Counts a response with *octets* of body, and tells the access log about it."""
        counters = self._counters
        access_log = self.site.access_log
        if counters is None and access_log is None:
            return
        seconds = self.clock.time() - self.began
        if counters is not None:
            counters.responses[status].value += 1
            counters.durations.observe(seconds)
        if access_log is not None:
            access_log.served(peer(self.transport), request, status, octets, seconds)


# State: what the connection waits for; what is called at its deadline.
STATES = {
    IDLE: (u'a request', HTTPServer.idle_expired),
    HEAD: (u'the rest of a header section', HTTPServer.head_expired),
    BODY: (u'the rest of the body of a request', HTTPServer.body_expired),
    APP: (u'the response of the application', None),
    WRITE: (u'the peer to take output, and then goes on', HTTPServer.output_expired),
    FLUSH: (u'the peer to take output, and then closes', HTTPServer.output_expired),
    LINGER: (u'the peer to end its side', HTTPServer.output_expired),
    CLOSING: (u'the transport to close', HTTPServer.output_expired),
    SWITCHED: (u'another protocol', None),
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.protocols.http.settings import Settings
    from carryall.protocols.http.fields.headerfields import MutableHeaders
    from carryall.protocols.http.server.httpsite import Site
