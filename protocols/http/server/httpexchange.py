# Copyright the carryall authors.  See LICENSE.
"""Exchange: one request and its response (RFC 9110 section 3.3).

A request without a body needs no Exchange if its response is plain and ready at once: then the
connection sends it.

Phases:   ASKED (the application makes the response) -> REPLYING -> SKIPPING (the response is
          complete, and the rest of the request is dropped) -> DONE; from ASKED or REPLYING to DONE
          if the request is complete.
Tests:    tests/protocols/http/server/test_server.py, tests/protocols/http/server/test_reply.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import as_future
from carryall.protocols.http.fields.tables import HTTP_0_9, HTTP_1_0, HTTP_1_1
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.message.response import FileBody, Response, Upgrade, plain_response
from carryall.protocols.http.server.reply import (CLOSE, KEEP_ALIVE, Reply, close_body,
                                                  connection_options, contents, framing,
                                                  is_bodiless, with_close)

__all__ = ['Exchange', 'SMALL_FILE']

# -- limits ------------------------------------------------------------------
# Octets of a file that is read at once and sent with the head, in one write
SMALL_FILE = 16384
# That each chunk of a dropped body counts for in addition to its own, because it takes time
CHUNK_OCTETS = 64

# -- phases ------------------------------------------------------------------
ASKED, REPLYING, SKIPPING, DONE = range(4)

CONTINUE = b'HTTP/1.1 100 Continue\r\n\r\n'


class Exchange(object):
    """One request and its response.

    Args:     connection: the HTTPServer.
              request: the Request.

    Attributes:
        body: the Body while it arrives; None before and after.
        taken: octets of the body that were received.
        last: true if the connection ends with this response.
    """

    __slots__ = ('body', 'last', 'request', 'taken', '_awaits_continue', '_connection', '_pending',
                 '_phase', '_reply', '_skipped')

    def __init__(self, connection, request):
        # type: (HTTPServer, Request) -> None
        self.request = request
        self.body = None            # type: Optional[Body]
        self.taken = 0
        self.last = False
        self._connection = connection
        self._phase = ASKED
        self._pending = None        # type: Optional[Future]   # of the response
        self._reply = None          # type: Optional[Reply]
        self._skipped = 0           # octets of a body that is dropped
        self._awaits_continue = False
        if request.length:
            self.body = Body(self._body_wanted)
            request.incoming = self.body
            self._awaits_continue = request.expects_continue

    # -- the response of the application -----------------------------------------------------

    def wait_for(self, answer):
        # type: (Any) -> None
        """Responds once *answer*, a Response, a Future or a coroutine, has given a Response."""
        pending = as_future(answer)
        self._pending = pending
        pending.add_done_callback(self._decided)

    def _decided(self, pending):
        # type: (Future) -> None
        if pending is not self._pending:
            return                  # the exchange ended first
        self._pending = None
        error = pending.exception()
        answer = pending.result() if error is None else self._failure(error)
        if not isinstance(answer, Response):
            kind = type(answer).__name__
            answer = self._failure(TypeError('the application gave %s, not a Response' % kind))
        if isinstance(answer, Upgrade):
            self._switch(answer)
        else:
            self.respond(answer)
        self._connection.advance()

    def _failure(self, error):
        # type: (BaseException) -> Response
        return self._connection.failure(self.request, error)

    def respond(self, response):
        # type: (Response) -> None
        """Sends *response*."""
        request = self.request
        body = response.body
        bodiless = is_bodiless(request.method, response.status)
        if type(body) is FileBody and body.count <= SMALL_FILE and not bodiless:
            try:
                response.body = contents(body)
            except FAILURES as exc:
                response = self._failure(exc)
        if self._connection.respond(request, response):
            self._phase = DONE
        else:
            self._send(response)

    def _send(self, response):
        # type: (Response) -> None
        """Sends a response that the connection cannot send by itself."""
        connection = self._connection
        request = self.request
        try:
            lines, length = framing(response, request.method, request.version)
        except LocalProtocolError as exc:
            close_body(response.body)
            response = self._failure(exc)
            lines, length = framing(response, request.method, request.version)
        self.last = not self._can_go_on(response, length)
        self._phase = REPLYING
        head = self._head_of(response, lines)
        reply = Reply(response.status, head, connection.emit, self._replied)
        self._reply = reply
        if is_bodiless(request.method, response.status):
            close_body(response.body)
            reply.send(b'', 0, connection)
        else:
            reply.send(response.body, length, connection)

    def _can_go_on(self, response, length):
        # type: (Response, int) -> bool
        """True if the connection can be used again after *response* (RFC 9112 section 9.3)."""
        request = self.request
        if not request.keep_alive or self._connection.draining or length == UNTIL_CLOSE:
            return False
        if response.headers.concern_framing() and b'close' in connection_options(response.headers):
            return False
        if self.body is None or type(response.body) is not bytes:
            return True             # a body in pieces may be made of the one that arrives
        # An early response.  A client that awaits a 100 may send the body or not, so the next
        # octets are ambiguous.
        if self._awaits_continue:
            return False
        left = request.length - self.taken
        return request.length == CHUNKED or left <= self._connection.settings.drain_bytes

    def _head_of(self, response, lines):
        # type: (Response, bytes) -> bytes
        """The status line and the header section of *response*; *lines* frame its body."""
        version = self.request.version
        if version == HTTP_0_9:
            return b''
        headers = response.headers
        special = headers.concern_framing()
        connection = b''
        if self.last and special and b'connection' in headers:
            headers = with_close(headers)
        elif self.last:
            connection = CLOSE
        elif version == HTTP_1_0:
            connection = KEEP_ALIVE
        dated = not special or b'date' not in headers
        prefix = self._connection.site.prefix(response.status, dated)
        return b''.join((prefix, headers.lines(), lines, connection, b'\r\n'))

    def _switch(self, upgrade):
        # type: (Upgrade) -> None
        """Gives the connection to another protocol: 101, or 200 to CONNECT (RFC 9110 sections 7.8
        and 9.3.6).

        It is 400 if the request does not allow it, and 503 if the connection drains.  It is also
        400 for a client that has ended its side: the protocol would wait for its input for ever.
        """
        request = self.request
        connection = self._connection
        headers = request.headers
        tunnel = request.method == b'CONNECT'
        possible = tunnel or (request.version == HTTP_1_1 and b'upgrade' in headers
                              and b'upgrade' in connection_options(headers))
        if connection.draining or not possible or self.body is not None or connection.ended:
            self.respond(plain_response(503 if connection.draining else 400))
            return
        self._phase = DONE
        status = 200 if tunnel else 101
        end = b'\r\n' if tunnel else b'Connection: Upgrade\r\n\r\n'
        connection.note(request, status, 0)
        request.conclude()
        connection.switch(upgrade.protocol,
                          b''.join((connection.site.prefix(status), upgrade.headers.lines(), end)))

    # -- the body of the request -------------------------------------------------------------

    def is_full(self):
        # type: () -> bool
        """True if no more of the body can be taken now."""
        body = self.body
        return body is not None and body.buffered >= self._connection.settings.body_buffer_bytes

    def take_of_body(self):
        # type: () -> bool
        """Takes one more event of the body; false if there is none, or the buffer is full."""
        body = self.body
        if body is None or body.buffered >= self._connection.settings.body_buffer_bytes:
            return False
        event = self._connection.receiver.next_event()
        if event is None:
            return False
        if type(event) is not bytes:
            self.body = None
            if self._phase == SKIPPING:
                self._end()
            else:
                body.end(event.trailers)
        else:
            self.taken += len(event)
            if self._phase == SKIPPING:
                self._skip(len(event))
            else:
                body.feed(event)
        return True

    def _body_wanted(self):
        # type: () -> None
        """Resumes reading: the application waits for more of the body."""
        if self._awaits_continue and (self._reply is None or not self._reply.begun):
            self._awaits_continue = False
            # RFC 9110 section 10.1.1; allowed too if the body is on its way
            self._connection.queue(CONTINUE)
        self._connection.advance()

    def _skip(self, count):
        # type: (int) -> None
        """Drops *count* octets; beyond a limit the connection ends instead."""
        self._skipped += count
        connection = self._connection
        cost = self._skipped + connection.receiver.chunks * CHUNK_OCTETS
        if cost > connection.settings.drain_bytes:
            self.last = True
            self._end()

    # -- output ------------------------------------------------------------------------------

    def replies(self):
        # type: () -> bool
        """True while the response is sent bit by bit, or the rest of the request is dropped after
        it.
        """
        return self._reply is not None

    def is_answered(self):
        # type: () -> bool
        """True if the response is complete."""
        return self._phase >= SKIPPING

    def pause(self):
        # type: () -> None
        """Pauses: the transport is full."""
        if self._reply is not None:
            self._reply.pause()

    def resume(self):
        # type: () -> None
        """Resumes: the transport can take more."""
        if self._reply is not None:
            self._reply.resume()

    def _replied(self, error):
        # type: (Optional[BaseException]) -> None
        """Ends the response, which is complete or failed with *error*."""
        connection = self._connection
        reply = self._reply
        if error is None:
            if self._awaits_continue and self.body is not None:
                self.last = True
            if self.body is None or self.last:
                self._end()
            else:
                self._phase = SKIPPING
                self._skipped = -connection.receiver.chunks * CHUNK_OCTETS
                self.body.fail(LocalProtocolError('the body is not read: the response is complete'))
        elif reply.begun:           # type: ignore
            if not isinstance(error, ConnectionLost):
                self._failure(error)
            connection.cut()        # nothing else can tell the peer that the body is incomplete
        else:
            self._reply = None
            self._send(self._failure(error))
        connection.advance()

    # -- the end -----------------------------------------------------------------------------

    def _end(self):
        # type: () -> None
        """Ends the exchange: request and response are complete, or the connection ends."""
        self._phase = DONE
        connection = self._connection
        request = self.request
        connection.exchange = None
        if self._reply is not None:
            connection.note(request, self._reply.status, self._reply.octets)
        request.conclude()
        if self.last:
            # The client may still send: an unwanted body, or requests for which it expects
            # responses.  After a CONNECT it may send the first octets for a tunnel.
            sends_on = request.keep_alive or self.body is not None or request.method == b'CONNECT'
            connection.close(sends_on, request.version == HTTP_1_1)
            self._stop(LocalProtocolError('the body is not read: the response is complete'))

    def break_off(self, error):
        # type: (BaseException) -> bool
        """Ends early, because of *error*; true if a part of the response was sent."""
        reply = self._reply
        self._stop(error)
        self.request.conclude(lost=True)
        if reply is None or not reply.begun:
            return False
        self._connection.note(self.request, reply.status, reply.octets)
        return True

    def _stop(self, error):
        # type: (BaseException) -> None
        """Stops all that still works on the request."""
        pending, self._pending = self._pending, None
        body, self.body = self.body, None
        if self._reply is not None:
            self._reply.stop()
        if body is not None:
            body.fail(error)
        if pending is not None:
            pending.cancel()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
    from carryall.core.future import Future
    from carryall.protocols.http.server.request import Request
    from carryall.protocols.http.server.server import HTTPServer
