# Copyright the carryall authors.  See LICENSE.
"""ClientConnection: a client's side of one HTTP/1.1 connection (RFC 9112 section 9), one exchange
at a time.

An Exchange is one request and its response.  A request is sent once the response to the last one is
complete (there is no pipelining).  So octets that no request asked for show that the ends of
responses cannot be trusted, and the connection is cut.

Deadlines: one timer, which is moved when it fires:

- ``idle``: while the server takes nothing of the request, and between two pieces of the response
  unless the caller does not read
- ``first_byte``: from the end of the request to the first byte of a response
- the exchange's own ``deadline`` for all of it

States:   IDLE -> SENDING -> WAITING -> RECEIVING -> IDLE; GONE.  SENDING may still go on when a
          response comes.
Not here: the choice of a connection (connectionpool.py), redirects and retries (client.py).
Tests:    tests/protocols/http/client/test_clientconnection.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost, TimedOut
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.message.events import CLOSED, End, ResponseHead
from carryall.protocols.http.message.heads import ResponseReceiver
from carryall.protocols.http.message.response import FileBody
from carryall.protocols.http.message.bodysender import BodySender, FileSender

__all__ = ['ClientConnection', 'Exchange', 'NoAnswer']

# -- limits ------------------------------------------------------------------
MAX_INFORMATIONAL = 32      # 1xx before one response; the RFC is silent

# -- states ------------------------------------------------------------------
IDLE, SENDING, WAITING, RECEIVING, GONE = range(5)

log = get_logger('http.client')


class NoAnswer(ConnectionLost):
    """The connection ended before the first byte of a response."""


class Exchange(object):
    """One request and its response.

    Args:
        method: of the request; the end of the response depends on it.
        head: request line and fields, all bytes up to the body.
        body: bytes, a FileBody, or a body for a BodySender.
        length: octets of the body as in the head, or CHUNKED.
        timeouts: an object with ``first_byte`` and ``idle``, in seconds or None.
        deadline: loop time by which all must be over, or None.
        progress: None, or called with (octets sent, octets received) of the bodies as they move.
        last: true if the head says ``Connection: close``.

    Attributes:
        response: a Future of (ResponseHead, Body) when the head has come; cancelling it gives the
            connection up.
        heard: true if any byte of a response has come.
    """

    __slots__ = ('method', 'head', 'body', 'length', 'timeouts', 'deadline', 'progress', 'last',
                 'response', 'heard',
                 'received', 'connection', 'answer')

    def __init__(self, method, head, body, length, timeouts, deadline=None, progress=None,
                 last=False):
        # type: (bytes, bytes, Any, int, Any, Optional[float], Any, bool) -> None
        self.method = method
        self.head = head
        self.body = body
        self.length = length
        self.timeouts = timeouts
        self.deadline = deadline
        self.progress = progress
        self.last = last
        self.response = Future(self._cancelled)
        self.heard = False
        self.received = 0
        self.connection = None          # type: Optional[ClientConnection]
        # the final head, once it has come
        self.answer = None              # type: Optional[ResponseHead]

    def abandon(self, error):
        # type: (BaseException) -> None
        """Cuts the connection, unless the exchange is over: the rest is not wanted."""
        if self.connection is not None:
            self.connection.fail(error)

    def _cancelled(self, _future):
        # type: (Future) -> None
        self.abandon(ConnectionLost(u'the request was cancelled'))


class ClientConnection(Protocol):
    """The client's side of one connection.

    Args:     clock: the loop, or an object with ``time()`` and ``call_later()``.
              settings: the Settings of the client.
              freed: called with the connection when an exchange is over and it can take another,
                  and once when it is gone.

    Attributes:
        used: the number of exchanges that have begun on it.
        gone: true if it cannot be used any more.
        timing: the times that it took to connect, a ``clientresponse.Timing``; the pool sets it.
    """

    __slots__ = ('transport', 'used', 'timing', '_clock', '_settings', '_freed', '_receiver',
                 '_exchange', '_body', '_sender', '_state',
                 '_advancing', '_held', '_informational', '_eof', '_timer', '_due', '_deadline',
                 '_unsent', '_sent', '_told',
                 '_announced')

    def __init__(self, clock, settings, freed):
        # type: (Any, Settings, Callable[[ClientConnection], None]) -> None
        self.transport = None           # type: Any
        self.used = 0
        self.timing = None              # type: Any
        self._clock = clock
        self._settings = settings
        self._freed = freed
        self._receiver = ResponseReceiver(settings)
        self._exchange = None           # type: Optional[Exchange]
        self._body = None               # type: Optional[Body]   # of the response that is arriving
        self._sender = None             # type: Any   # of the request's body, while it goes out
        self._state = IDLE
        self._advancing = False         # true if _advance runs, further up
        self._held = False              # true if reading is paused because the body is not read
        self._informational = 0         # 1xx so far
        self._eof = False
        self._timer = None              # type: Any
        self._due = 0.0                 # when the timer fires
        # of the state, without the exchange's own
        self._deadline = None           # type: Optional[float]
        self._unsent = 0                # octets that waited to be sent when the deadline was set
        self._sent = 0                  # octets of the request's body, given to the transport
        self._told = False              # true if `freed` was told that we are gone
        # a response and its result, for the Future once _advance has ended
        self._announced = None          # type: Any

    @property
    def gone(self):
        # type: () -> bool
        """True if it is closed, or closing."""
        return (self._state == GONE or self._eof or self.transport is not None
                and self.transport.is_closing())

    # -- for the pool ------------------------------------------------------------------------------

    def start(self, exchange):
        # type: (Exchange) -> None
        """Sends a request; only when nothing is under way."""
        assert self._exchange is None
        assert self._state == IDLE
        self._exchange = exchange
        exchange.connection = self
        self.used += 1
        self._informational = 0
        self._sent = 0
        self._state = SENDING
        self._receiver.expect(exchange.method)
        self._watch(exchange.timeouts.idle)
        body = exchange.body
        if type(body) is bytes:
            self.transport.write(exchange.head + body)
            self._sent = len(body)
            self._request_sent(None)
            return
        self.transport.write(exchange.head)
        if isinstance(body, FileBody):
            self._sender = FileSender(body, self._request_sent)
            self._sender.send(self.transport)
        else:
            self._sender = BodySender(body, self._write_piece, self._request_sent, self._clock,
                                      exchange.length)
            self._sender.pull()

    def fail(self, error):
        # type: (BaseException) -> None
        """Ends all with *error*: the callers that wait get it, and the connection is cut."""
        self._end_exchange(error)
        self._leave()
        if self.transport is not None:
            self.transport.abort()
        self._tell()

    def close(self):
        # type: () -> None
        """Closes it; only when nothing is under way."""
        self._leave()
        self.transport.close()
        self._tell()

    # -- the transport calls -----------------------------------------------------------------------

    def data_received(self, data):
        # type: (bytes) -> None
        if self._exchange is None:
            if self._state != GONE:
                log.debug('a server sent %d octets without a request', len(data))
                self.fail(ConnectionLost(u'the server sent data without a request'))
            return
        self._exchange.heard = True
        self._watch(self._exchange.timeouts.idle)
        self._receiver.receive_data(data)
        self._advance()

    def eof_received(self):
        # type: () -> bool
        self._eof = True
        self._receiver.receive_eof()
        self._advance()
        return False

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        if self._exchange is not None:
            if exc is None and not self._eof:
                self._receiver.receive_eof()
            self._eof = True
            self._held = False
            # The octets so far may be the whole response, however the connection ended
            self._advance()
        exchange = self._exchange
        if exchange is not None:
            kind = ConnectionLost if exchange.heard else NoAnswer
            self._end_exchange(kind(u'the connection ended before the response was complete', exc))
        self._leave()
        self._tell()

    def pause_writing(self):
        # type: () -> None
        if self._sender is not None:
            self._sender.pause()

    def resume_writing(self):
        # type: () -> None
        if self._sender is not None:
            self._sender.resume()

    # -- the request -------------------------------------------------------------------------------

    def _write_piece(self, data):
        # type: (bytes) -> None
        self.transport.write(data)
        if self._state == SENDING:
            self._watch(self._exchange.timeouts.idle)       # type: ignore
        if self._sender is not None:
            self._sent = self._sender.octets
        self._report()

    def _request_sent(self, error):
        # type: (Optional[BaseException]) -> None
        """Notes that the whole request was given to the transport, or that it cannot be."""
        sender, self._sender = self._sender, None
        exchange = self._exchange
        if exchange is None:
            return
        if error is not None:
            # A connection that broke under the upload may have brought a response with the reason:
            # connection_lost tells it.
            if not isinstance(error, ConnectionLost):
                self.fail(error)
            return
        if sender is not None:
            self._sent = sender.octets
        self._report()
        if self._state == SENDING:
            self._state = WAITING
            self._watch(exchange.timeouts.first_byte)

    def _report(self):
        # type: () -> None
        exchange = self._exchange
        if exchange is not None and exchange.progress is not None:
            exchange.progress(self._sent, exchange.received)

    # -- the response ------------------------------------------------------------------------------

    def _advance(self):
        # type: () -> None
        """Parses the received octets, as far as the caller reads."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._exchange is not None and not self._held:
                event = self._receiver.next_event()
                if event is None:
                    break
                self._take(event)
        except HTTPError as exc:
            self.fail(exc)
        finally:
            self._advancing = False
        announced, self._announced = self._announced, None
        if announced is not None:
            # Not before the octets behind the head were parsed: a short response is then complete,
            # and the connection free again.
            announced[0].set_result(announced[1])

    def _take(self, event):
        # type: (Any) -> None
        """Acts on one event of the receiver."""
        exchange = self._exchange       # type: Any
        if isinstance(event, ResponseHead):
            self._take_head(event)
        elif isinstance(event, bytes):
            self._take_piece(event)
        elif isinstance(event, End):
            self._complete(event.trailers)
        elif event is CLOSED:
            kind = ConnectionLost if exchange.heard else NoAnswer
            self.fail(kind(u'the server closed the connection without a response'))

    def _take_piece(self, piece):
        # type: (bytes) -> None
        body = self._body
        assert self._exchange is not None
        assert body is not None
        self._exchange.received += len(piece)
        self._report()
        # Otherwise the caller's progress function has cancelled the request
        if body is self._body:
            body.feed(piece)
        if body is self._body and body.buffered >= self._settings.body_buffer_bytes \
                and not self._eof:
            self._held = True
            self.transport.pause_reading()
            self._watch(None)

    def _take_head(self, head):
        # type: (ResponseHead) -> None
        exchange = self._exchange       # type: Any
        if head.status < 200:
            self._informational += 1
            if head.status == 101:
                raise HTTPError(u'the server switched to another protocol without an Upgrade')
            if self._informational > MAX_INFORMATIONAL:
                raise HTTPError(u'more than %d interim responses' % MAX_INFORMATIONAL)
            return
        self._state = RECEIVING
        exchange.answer = head
        body = Body(self._wanted)
        self._announced = exchange.response, (head, body)
        if head.length:
            self._body = body
        else:
            body.end(body.trailers)
            self._complete(None)

    def _wanted(self):
        # type: () -> None
        """Resumes reading: the caller waits for the body."""
        if self._held:
            self._held = False
            self.transport.resume_reading()
            if self._exchange is not None:
                self._watch(self._exchange.timeouts.idle)
            self._advance()

    def _complete(self, trailers):
        # type: (Any) -> None
        """Ends the exchange: the response is complete.  The connection is free if all is well."""
        exchange = self._exchange       # type: Any
        self._exchange = None
        body, self._body = self._body, None
        exchange.connection = None
        sender, self._sender = self._sender, None
        self._stop_watch()
        if sender is not None:
            # The server answered before the end of the request, whose rest will not be sent
            sender.stop()
        if sender is not None or not self._receiver.between_messages():
            self._leave()
            self.transport.abort()
        elif self._eof or exchange.last or not exchange.answer.keep_alive \
                or self.transport.is_closing():
            self._leave()
            self.transport.close()
        else:
            self._state = IDLE
        # First the pool, then the reader: a caller that reads to the end and asks again must find
        # this connection free.
        if self._state == IDLE:
            self._freed(self)
        else:
            self._tell()
        if body is not None:
            body.end(trailers)

    def _end_exchange(self, error):
        # type: (BaseException) -> None
        """Fails the response, or the rest of it, with *error*."""
        exchange, self._exchange = self._exchange, None
        body, self._body = self._body, None
        sender, self._sender = self._sender, None
        self._stop_watch()
        if sender is not None:
            sender.stop()
        if exchange is not None:
            exchange.connection = None
            if body is not None:
                body.fail(error)
            elif not exchange.response.done():
                exchange.response.set_exception(error)

    def _leave(self):
        # type: () -> None
        self._state = GONE
        self._stop_watch()

    def _tell(self):
        # type: () -> None
        """Lets the pool know, once, that we are gone."""
        if not self._told:
            self._told = True
            self._freed(self)

    # -- deadlines ---------------------------------------------------------------------------------

    def _watch(self, seconds):
        # type: (Optional[float]) -> None
        """Sets the deadline to *seconds* from now (None: the exchange's own deadline alone)."""
        now = self._clock.time()
        self._deadline = None if seconds is None else now + seconds
        self._unsent = self.transport.get_write_buffer_size()
        self._arm(now)

    def _arm(self, now):
        # type: (float) -> None
        whole = self._exchange.deadline if self._exchange is not None else None
        ends = [when for when in (self._deadline, whole) if when is not None]
        if not ends:
            return
        due = min(ends)
        if self._timer is not None:
            if self._due <= due:
                # The timer fires, looks, and is set again: cheaper than a new one each time
                return
            self._timer.cancel()
        self._due = due
        self._timer = self._clock.call_later(max(0.0, due - now), self._look)

    def _stop_watch(self):
        # type: () -> None
        self._deadline = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self):
        # type: () -> None
        """Checks the deadlines when the timer fires."""
        self._timer = None
        exchange = self._exchange
        if exchange is None:
            return
        now = self._clock.time()
        if exchange.deadline is not None and exchange.deadline <= now:
            self.fail(TimedOut(u'the request took longer than allowed'))
        elif self._deadline is not None and self._deadline <= now:
            unsent = self.transport.get_write_buffer_size()
            # The source of the body is slow, not the server
            ours = self._state == SENDING and not unsent
            if ours or self._state in (SENDING, WAITING) and unsent < self._unsent:
                timeouts = exchange.timeouts
                self._watch(timeouts.idle if self._state == SENDING or unsent
                            else timeouts.first_byte)
            else:
                self.fail(TimedOut(_LATE[self._state]))
        else:
            self._arm(now)


_LATE = {SENDING: u'the server does not read the request',
         WAITING: u'the server does not answer',
         RECEIVING: u'the server stopped in the middle of its response'}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.protocols.http.client.settings import Settings
