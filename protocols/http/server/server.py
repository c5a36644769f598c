# Copyright the carryall authors.  See LICENSE.
"""HTTPServer: one connection of a site, HTTP/0.9 to 1.1 (RFC 9112 section 9, RFC 9110 sections 7 and 10).

Requests are taken one at a time: the next is not looked at before the response to the one before is complete.  So no
response can overtake another, and a request sees what those before it have done; what a client sends ahead waits as
bytes, up to a bound, and then reading pauses.

States:   by what the connection waits for, each with its own deadline:
          IDLE -> HEAD -> BODY -> APP -> IDLE; WRITE while the peer has to take what waits for it; LINGER and GONE at the end.
          After an Upgrade it is another protocol's, to which everything is handed on.
Not here: the grammar (heads.py, wire.py), what connections share (site.py), how a response goes out (reply.py, sending.py).
Tests:    tests/protocols/http/server/test_server.py, test_smuggling.py, test_limits.py, test_pipelining.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES, native
from carryall.core.errors import ConnectionLost, FileFailed, LocalProtocolError, RemoteProtocolError
from carryall.core.future import as_future
from carryall.core.wrap.relay import Handover
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import here, peer, tls
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.message.events import CLOSED
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE
from carryall.protocols.http.message.heads import RequestReceiver
from carryall.protocols.http.server.reply import Reply, connection_options, contents, framing, is_bodiless, with_close
from carryall.protocols.http.server.request import Request
from carryall.protocols.http.message.response import FileBody, Response, Upgrade, plain_response
from carryall.protocols.http.fields.tables import BODILESS, HTTP_0_9, HTTP_1_0, HTTP_1_1

__all__ = ['HTTPServer']

# -- limits ------------------------------------------------------------------
BATCH = 64                  # responses that are gathered for one write, at the most;
BATCH_BYTES = 1024          # and none with a body longer than this: a client that does not read must cost us little
BIG_BYTES = 16384           # a body of this size is not copied to be written together with its head
SMALL_FILE = 16384          # octets of a file that are read here and sent with the head, in one write
CHUNK_OCTETS = 64           # that a chunk of a body which nobody wants counts for beside its own: each takes time; ours
MAX_LENGTHS = 4096          # lengths whose lines are kept ready

# -- states ------------------------------------------------------------------
IDLE, HEAD, BODY, APP, WRITE, LINGER, GONE = range(7)

# -- formatting --------------------------------------------------------------
CONTINUE = b'HTTP/1.1 100 Continue\r\n\r\n'
_KEEP_ALIVE = b'Connection: keep-alive\r\n'
_CLOSE = b'Connection: close\r\n'
_lengths = {}               # type: Dict[int, bytes]   # length -> line.  jython: formatting a number costs 1 us

log = get_logger('http')


def _length_and_end(length):
    # type: (int) -> bytes
    """The Content-Length line and the blank line, as the end of a header section."""
    lines = _lengths.get(length)
    if lines is None:
        lines = b'Content-Length: %d\r\n\r\n' % length
        if length < MAX_LENGTHS:
            _lengths[length] = lines
    return lines


class HTTPServer(Protocol):
    """The server's side of one connection.

    ``emit``, ``replied``, ``paused`` and ``clock`` are for its Reply; ``deadline`` and ``deadline_expired`` for the Sweeper.
    """

    __slots__ = ('transport', 'deadline', 'clock', 'paused', '_site', '_settings', '_receiver', '_out', '_stage', '_began', '_advancing',
                 '_reading', '_resting', '_held_since', '_eof', '_over', '_unsent', '_emitted', '_switched',
                 '_request', '_body', '_taken', '_skipped', '_continue', '_pending', '_reply', '_answered', '_last')

    def __init__(self, site, clock, settings):
        # type: (Site, Any, Settings) -> None
        # Of the connection.
        self.transport = None       # type: Any
        self.deadline = None        # type: Optional[float]
        self.clock = clock
        self._settings = settings
        self.paused = False         # whether the transport has enough
        self._site = site
        self._receiver = RequestReceiver(settings, site.seen, Request)
        self._out = []              # type: List[bytes]   # to be written together
        self._stage = IDLE
        self._began = 0.0           # when the first byte of the latest request came
        self._advancing = False     # whether _advance is running, further up, or waits for its turn
        self._reading = True
        self._resting = False       # whether it waits for its turn: more is here than the share of one allowed (law L21)
        self._held_since = 0.0      # when reading was paused
        self._eof = False           # whether the peer will send no more
        self._over = False          # whether nothing is to be understood any more
        self._unsent = 0            # octets that waited for the peer when the deadline was set
        self._emitted = 0           # octets of a response that were added since
        self._switched = None       # type: Optional[Handover]   # has the connection after an Upgrade
        # Of the request that is being answered.
        self._request = None        # type: Any
        self._body = None           # type: Optional[Body]   # while it arrives
        self._taken = 0             # octets of it that have come
        self._skipped = 0           # octets of a body that nobody wants
        self._continue = False      # whether the client waits for a 100
        self._pending = None        # type: Any   # the Future of the response, while the application thinks
        self._reply = None          # type: Optional[Reply]   # unless the response was a plain one
        self._answered = False      # whether the response is complete, though the request is not
        self._last = False          # whether the connection ends with this response

    # -- the transport calls -----------------------------------------------------------------------------------------

    def connection_made(self, transport):
        # type: (Any) -> None
        self.transport = transport
        site = self._site
        if tls(transport) is None:
            # What comes by a Unix socket was under TLS, perhaps, up to a proxy on this machine.
            self._receiver.in_clear = getattr(here(transport), 'port', None) is not None
        site.opened(self)
        self.deadline = site.sweeper.now + self._settings.head_seconds
        if site.draining:
            self._close()

    def data_received(self, data):
        # type: (bytes) -> None
        if not self._over:              # else it is read and dropped: no more than comes in linger_seconds
            self._receiver.receive_data(data)
            self._advance()
        elif self._switched is not None:
            self._switched.data_received(data)

    def eof_received(self):
        # type: () -> bool
        """A client may close its side and still wait for its responses."""
        if self._switched is not None:
            return bool(self._switched.eof_received())
        self._eof = True
        if not self._over:
            self._receiver.receive_eof()
            self._advance()
        return not self._over

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        self._over = True
        self._stage = GONE
        self.deadline = None
        self._site.closed(self)
        request, self._request = self._request, None
        if self._switched is not None:
            self._switched.connection_lost(exc)
        if request is None:
            return
        log.info('%s: gone before its response was complete', self._who())
        self._abandon(exc if exc is not None else ConnectionLost('the connection was closed'))
        if self._reply is not None and self._reply.begun:
            self._note(request, self._reply.status, self._reply.octets)
        if request._lost is not None and not request._lost.done():
            request._lost.set_result(None)

    def pause_writing(self):
        # type: () -> None
        self.paused = True
        if self._reply is not None:
            self._reply.pause()
        if self._switched is not None:
            self._switched.pause_writing()
        self._settle()

    def resume_writing(self):
        # type: () -> None
        self.paused = False
        if self._switched is not None:
            self._switched.resume_writing()
        if self._over:
            if self._stage == WRITE:
                self._close()       # it was put off until so much was sent
            return
        self._stage = APP
        if self._reply is not None:
            self._reply.resume()
        self._advance()

    def deadline_expired(self, now):
        # type: (float) -> None
        """The Sweeper: the deadline of this stage has passed."""
        stage = self._stage
        if stage == IDLE:
            self._close()
        elif stage == HEAD:
            self._refuse(RemoteProtocolError('the headers took too long', reply=408))
        elif stage == BODY:
            self.deadline = self._body_deadline()
            if self.deadline <= now:
                self._refuse(RemoteProtocolError('the body took too long', reply=408))
        else:
            self._output_expired(stage)

    def _output_expired(self, stage):
        # type: (int) -> None
        """The peer had time to take what waits for it, or to be gone: did it?"""
        limits = self._settings
        unsent = self.transport.get_write_buffer_size()
        taken = self._unsent + self._emitted - unsent
        # All that waited then is enough, too: what waits now is newer.
        if unsent and taken >= min(self._unsent, max(1, limits.write_rate * limits.write_seconds)):
            self._watch_output()
        elif unsent:
            log.info('%s: cut, for it took %d octets in %g seconds, and %d wait', self._who(), taken, limits.write_seconds, unsent)
            self.deadline = None
            self.transport.abort()
        elif stage == WRITE and not self._over:
            self._stage = APP           # it took everything, and the rest of the response is not there yet
            self._settle()
        else:
            self.deadline = None
            self.transport.close()

    # -- the site calls ----------------------------------------------------------------------------------------------

    def drain(self):
        # type: () -> None
        """Close if nothing is under way; else the next response will be the last."""
        if self._switched is not None:
            try:
                getattr(self._switched.inner, 'drain', self.transport.close)()
            except FAILURES:        # the others must not miss it
                log.exception('%s: what the connection was switched to failed', self._who())
                self.transport.abort()
        elif self._request is None and not self._over and self._receiver.between_messages():
            self._close()

    # -- going on ----------------------------------------------------------------------------------------------------

    def _advance(self, steps=0):
        # type: (int) -> None
        """Take events and answer requests until something has to be waited for."""
        if self._advancing:
            return
        self._advancing = True
        next_event = self._receiver.next_event
        try:
            while not self._over:
                if self._request is None:
                    event = None if self.paused else next_event()
                    if event is None:
                        break
                    if event is CLOSED:
                        self._close()
                    else:
                        self._begin(event)
                elif self._body is None or not self._take_of_body(self._body):
                    break
                steps += 1
                if steps >= FREE_STEPS and self._is_over(steps):
                    break
        except RemoteProtocolError as exc:
            self._refuse(exc)
        finally:
            self._advancing = self._resting
        if self._out:
            self._flush()
        self._settle()

    def _is_over(self, steps):
        # type: (int) -> bool
        """Whether more is here than the share of this turn allows; then it goes on in a later one (law L21)."""
        if (self._request is None or self._body is not None) and not self._over and len(self._receiver):
            self._resting = turn_is_over(self.transport, steps, self._rested)
        return self._resting

    def _rested(self):
        # type: () -> None
        """Its turn has come."""
        self._resting = self._advancing = False
        self._advance(MAX_STEPS)

    def _begin(self, request):
        # type: (Request) -> None
        """A request has come: ask the application."""
        site = self._site
        self._request = request
        request._transport = self.transport
        request._body = request._lost = None
        if request.length or site.access_log is not None:
            self._begin_slowly(request)
        self._stage = APP
        if request.method in site.methods and site.media_types is None:
            try:
                answer = site.app(request)
            except FAILURES as exc:
                answer = self._failure(exc)
        else:
            answer = self._ask(request)
        if type(answer) is Response:
            self._respond(answer)
        else:
            self._pending = pending = as_future(answer)
            pending.add_done_callback(self._decided)

    def _begin_slowly(self, request):
        # type: (Request) -> None
        """What only a request with a body, or one that is logged, needs."""
        if self._stage != HEAD:
            self._began = self.clock.time()
        if request.length:
            self._body = request._body = Body(self._body_wanted)
            self._taken = self._skipped = 0
            self._continue = request.expects_continue
            self._answered = False

    def _ask(self, request):
        # type: (Request) -> Any
        """The site's own refusal, or else the application's answer."""
        try:
            return self._site.refusal(request) or self._site.app(request)
        except FAILURES as exc:
            return self._failure(exc)

    def _decided(self, pending):
        # type: (Future) -> None
        """The application has made up its mind."""
        if pending is not self._pending:
            return                  # nobody wants to know any more
        self._pending = None
        error = pending.exception()
        answer = pending.result() if error is None else self._failure(error)
        if not isinstance(answer, Response):
            answer = self._failure(TypeError('the application answered with %s, no Response' % type(answer).__name__))
        if isinstance(answer, Upgrade):
            self._switch(answer)
        else:
            self._respond(answer)
        self._advance()

    def _failure(self, error):
        # type: (BaseException) -> Response
        """The response to an *error* of the application: the peer learns a status and nothing else."""
        if isinstance(error, RemoteProtocolError) and isinstance(error.reply, int) and 400 <= error.reply < 600:
            log.info('%s: %s', self._who(), error)
            return plain_response(error.reply)
        if isinstance(error, FileFailed):
            log.error('%s: %s %s: %s', self._who(), native(self._request.method), native(self._request.path), error)
            return plain_response(500)
        log.error('%s: the application failed on %s %s', self._who(), native(self._request.method), native(self._request.path),
                  exc_info=(type(error), error, getattr(error, '__traceback__', None)))
        return plain_response(500)

    # -- the body of a request ---------------------------------------------------------------------------------------

    def _take_of_body(self, body):
        # type: (Body) -> bool
        """Take one more event; false if there is none, or no room for it."""
        if body.buffered >= self._settings.body_buffer_bytes:
            return False
        event = self._receiver.next_event()
        if event is None:
            return False
        if type(event) is not bytes:
            self._body = None
            if self._answered:
                self._end_exchange()
            else:
                body.end(event.trailers)
        else:
            self._taken += len(event)
            if self._answered:
                self._skip(len(event))
            else:
                body.feed(event)
        return True

    def _body_wanted(self):
        # type: () -> None
        """The application reads, and there is nothing."""
        if self._continue and (self._reply is None or not self._reply.begun):
            self._continue = False
            self._out.append(CONTINUE)      # RFC 9110 section 10.1.1; also if the body comes unasked, which is allowed
        self._advance()

    def _skip(self, count):
        # type: (int) -> None
        """*count* octets came that nobody wants: that is borne up to a bound."""
        self._skipped += count
        if self._skipped + self._receiver.chunks * CHUNK_OCTETS > self._settings.drain_bytes:
            self._last = True
            self._end_exchange()

    # -- the response ------------------------------------------------------------------------------------------------

    def _respond(self, response):
        # type: (Response) -> None
        """Send *response*; here what is plain, for speed."""
        request, site = self._request, self._site
        status, headers, body = response.status, response._headers, response.body
        if (type(body) is not bytes or not request.keep_alive or request.version != HTTP_1_1 or self._body is not None
                or request.method == b'HEAD' or status in BODILESS or site.draining
                or headers is not None and headers.concern_framing()):
            self._respond_slowly(response)
            return
        prefix = site.prefixes.get(status) if site.dated == site.sweeper.now else None
        head = b''.join((prefix or site.prefix(status), b'' if headers is None else headers.lines(),
                         _length_and_end(len(body))))
        if len(body) < BIG_BYTES:
            self._out.append(head + body)
            if len(self._out) >= BATCH or len(body) > BATCH_BYTES:
                self._flush()
        else:
            self._out.append(head)
            self._flush()
            self.transport.write(body)
        self._request = None
        if site.access_log is not None:
            self._note(request, status, len(body))
        if request._lost is not None:
            request._lost.cancel()

    def _respond_slowly(self, response):
        # type: (Response) -> None
        """Send *response*, whatever it is."""
        request, body = self._request, response.body
        if type(body) is FileBody and body.count <= SMALL_FILE and not is_bodiless(request.method, response.status):
            try:
                response.body = contents(body)
            except FAILURES as exc:
                response = self._failure(exc)
            self._respond(response)
            return
        try:
            lines, length = framing(response, request.method, request.version)
        except LocalProtocolError as exc:
            _close_body(body)
            response = self._failure(exc)
            lines, length = framing(response, request.method, request.version)
        self._last = not self._can_go_on(response, length)
        self._reply = Reply(self, response.status, self._head_of(response, lines))
        if is_bodiless(request.method, response.status):
            _close_body(body)
            self._reply.send(b'', 0)
        else:
            self._reply.send(response.body, length)

    def _can_go_on(self, response, length):
        # type: (Response, int) -> bool
        """Whether the connection can be used again after *response* (RFC 9112 section 9.3)."""
        request, site = self._request, self._site
        if not request.keep_alive or site.draining or length == UNTIL_CLOSE:
            return False
        if response.headers.concern_framing() and b'close' in connection_options(response.headers):
            return False
        if self._body is None or type(response.body) is not bytes:
            return True             # a body that is sent piece by piece may be made of the one that is received
        # An early answer.  A client that waits for a 100 may send the body or not: what comes next, nobody can tell.
        return not self._continue and (request.length == CHUNKED
                                       or request.length - self._taken <= self._settings.drain_bytes)

    def _head_of(self, response, lines):
        # type: (Response, bytes) -> bytes
        """The status line and the header section of *response*; *lines* frame its body."""
        version = self._request.version
        if version == HTTP_0_9:
            return b''
        headers = response.headers
        special = headers.concern_framing()
        connection = b''
        if self._last and special and b'connection' in headers:
            headers = with_close(headers)
        elif self._last:
            connection = _CLOSE
        elif version == HTTP_1_0:
            connection = _KEEP_ALIVE
        return b''.join((self._site.prefix(response.status, not special or b'date' not in headers), headers.lines(), lines,
                         connection, b'\r\n'))

    def _switch(self, upgrade):
        # type: (Upgrade) -> None
        """Hand the connection to another protocol: 101, or 200 to CONNECT (RFC 9110 sections 7.8 and 9.3.6).

        400 if the request cannot be answered so, 503 while the site drains.  400 also for a client that has ended its side
        meanwhile: the protocol would wait for ever for what it says.
        """
        request, site = self._request, self._site
        tunnel = request.method == b'CONNECT'
        headers = request.headers
        possible = tunnel or (request.version == HTTP_1_1 and b'upgrade' in headers
                              and b'upgrade' in connection_options(headers))
        if not possible or self._body is not None or self._eof or site.draining:
            self._respond(plain_response(503 if site.draining else 400))
            return
        status = 200 if tunnel else 101
        end = b'\r\n' if tunnel else b'Connection: Upgrade\r\n\r\n'
        self._out.append(b''.join((site.prefix(status), upgrade.headers.lines(), end)))
        self._flush()
        self._note(request, status, 0)
        self._request = None
        if request._lost is not None:
            request._lost.cancel()
        self._over = True
        self._stage = GONE
        self.deadline = None
        self._resume_reading()
        self._switched = switched = Handover(self.clock)
        switched.connection_made(self.transport)
        full = self.paused          # if it comes to that later on, the protocol is told by itself
        try:
            switched.hand_over(upgrade.protocol, self._receiver.unparsed())
            if full:
                switched.pause_writing()
        except FAILURES:
            log.exception('%s: what the connection was switched to failed', self._who())
            self.transport.abort()

    def emit(self, data):
        # type: (bytes) -> None
        """The Reply sends *data*."""
        self._out.append(data)
        self._emitted += len(data)
        self._flush()

    def replied(self, error):
        # type: (Optional[BaseException]) -> None
        """The Reply is complete, or cannot be."""
        if error is None:
            if self._body is None or self._last or self._continue:
                self._last = self._last or self._continue and self._body is not None
                self._end_exchange()
            else:
                self._answered = True       # the rest of the request is taken and dropped
                self._skipped = -self._receiver.chunks * CHUNK_OCTETS
                self._body.fail(LocalProtocolError('the response is complete: nobody reads the body'))
        elif self._reply.begun:             # type: ignore
            if not isinstance(error, ConnectionLost):
                self._failure(error)
            self._over = True
            self.transport.abort()          # to be cut off is all that can tell the peer now
        else:
            self._reply = None
            self._respond_slowly(self._failure(error))
        self._advance()

    def _end_exchange(self):
        # type: () -> None
        """Request and response are complete, or the connection ends with them."""
        request, self._request = self._request, None
        reply, self._reply = self._reply, None
        if reply is not None:
            self._note(request, reply.status, reply.octets)
        if request._lost is not None:
            request._lost.cancel()
        if self._last:
            # The client may be sending still: a body that nobody wanted, or requests that it thought would be answered.
            # A CONNECT may be followed by the first octets for a tunnel.
            sends_on = request.keep_alive or self._body is not None or request.method == b'CONNECT'
            self._close(sends_on, request.version == HTTP_1_1)
            self._abandon(LocalProtocolError('the response is complete: nobody reads the body'))

    # -- ending ------------------------------------------------------------------------------------------------------

    def _refuse(self, error):
        # type: (RemoteProtocolError) -> None
        """The peer broke the rules, or took too long: one last response, if one can be given yet."""
        log.info('%s: refused with %s: %s', self._who(), error.reply, error)
        request, self._request = self._request, None
        reply, self._reply = self._reply, None
        self._over = True
        self._abandon(error, reply)
        if request is not None and request._lost is not None and not request._lost.done():
            request._lost.set_result(None)
        if reply is not None and reply.begun:
            self._note(request, reply.status, reply.octets)
            if not self._answered:
                self.transport.abort()
                return
        else:
            if request is None and self._stage != HEAD:
                self._began = self.clock.time()     # its only segment is refused
            response = plain_response(error.reply)
            body = b'' if request is not None and request.method == b'HEAD' else response.body
            self._out.append(b''.join((self._site.prefix(error.reply), response.headers.lines(), _CLOSE,
                                       _length_and_end(len(response.body)), body)))
            self._note(request, error.reply, len(body))
        self._close(linger=True)

    def _abandon(self, error, reply=None):
        # type: (BaseException, Optional[Reply]) -> None
        """Stop whoever still works on the request: *error* is why."""
        pending, self._pending = self._pending, None
        body, self._body = self._body, None
        reply = reply or self._reply
        if reply is not None:
            reply.stop()
        if body is not None:
            body.fail(error)
        if pending is not None:
            pending.cancel()

    def _close(self, linger=False, framed=True):
        # type: (bool, bool) -> None
        """End the connection when what waits is sent.

        Args:     linger: the client may still be sending.  To close on it at once would reset the connection, and with it
                  take away the response before it is read (RFC 9112 section 9.6).
                  framed: it can tell where the response ends though we do not close; over TLS we cannot close one side.
        """
        self._over = True
        self._flush()
        transport = self.transport
        half = transport.can_write_eof()
        if linger and not self._eof and (half or framed):
            self._stage = LINGER
            if half:
                transport.write_eof()
            self._resume_reading()
        elif self.paused:
            self._stage = WRITE     # a transport that closes gives the peer less time than we do
        else:
            self._stage = GONE
            transport.close()
        self._watch_output()

    # -- output and deadlines ----------------------------------------------------------------------------------------

    def _flush(self):
        # type: () -> None
        out = self._out
        if out:
            data = out[0] if len(out) == 1 else b''.join(out)
            del out[:]
            self.transport.write(data)

    def _settle(self):
        # type: () -> None
        """Decide whether to read on, and what is waited for until when."""
        if self._over:
            return
        idle = self._request is None and not self.paused and self._receiver.between_messages()
        if not idle or not self._reading:
            self._regulate()
        site = self._site
        if idle:
            if self._stage != IDLE:             # an empty line does not make it wait longer
                self._stage = IDLE
                self.deadline = site.sweeper.now + self._settings.idle_seconds
        elif self.paused or self._reply is not None and self.transport.get_write_buffer_size():
            if self._stage != WRITE:
                self._stage = WRITE
                self._watch_output()
        elif self._request is None:
            if self._stage != HEAD:
                self._stage = HEAD
                self._began = site.sweeper.now
                self.deadline = self._began + self._settings.head_seconds
        elif self._body is not None and self._reading:
            self._stage = BODY
            self.deadline = self._body_deadline()
        else:
            self._stage = APP
            self.deadline = None

    def _regulate(self):
        # type: () -> None
        """Read on, or pause because the application or the peer is slower than what comes."""
        limits = self._settings
        body = self._body
        full = (self._resting or len(self._receiver) > limits.pipeline_bytes
                or body is not None and body.buffered >= limits.body_buffer_bytes)
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
            self._began += self.clock.time() - self._held_since    # the client cannot be blamed for that time
            self.transport.resume_reading()

    def _body_deadline(self):
        # type: () -> float
        limits = self._settings
        earned = self._taken / limits.body_rate if limits.body_rate else 0.0
        return self._began + limits.request_seconds + earned

    def _watch_output(self):
        # type: () -> None
        """From now on the peer must take some of what waits, or, if nothing does, be gone."""
        limits = self._settings
        self._unsent = self.transport.get_write_buffer_size()
        self._emitted = 0
        self.deadline = self.clock.time() + (limits.write_seconds if self._unsent else limits.linger_seconds)

    # -- the log -----------------------------------------------------------------------------------------------------

    def _who(self):
        # type: () -> str
        return str(peer(self.transport) or 'a peer that is gone')

    def _note(self, request, status, octets):
        # type: (Optional[Request], int, int) -> None
        """Tell the access log."""
        access_log = self._site.access_log
        if access_log is not None:
            access_log.served(peer(self.transport), request, status, octets, self.clock.time() - self._began)


def _close_body(body):
    # type: (Any) -> None
    """Let go of a body that will not be sent."""
    try:
        if hasattr(body, 'close'):
            body.close()
    except FAILURES:
        log.exception('a body could not be closed')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.core.future import Future
    from carryall.protocols.http.settings import Settings
    from carryall.protocols.http.server.httpsite import Site
