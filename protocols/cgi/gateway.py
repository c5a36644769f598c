# Copyright the carryall authors.  See LICENSE.
"""ProgramAnswer: makes a Response of what a program says, as it says it (RFC 3875 section 6).

States:   HEADER (it is not complete) -> HELD (for a moment, as a short answer may end in it) ->
          BODY -> OVER; from HEADER to DROPPING if the client gets no body (HEAD, 204, 304), and the
          program may still end by itself.
Tests:    tests/protocols/cgi/test_gateway.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.core.future import Future
from carryall.core.net.deadlines import sweeper_of
from carryall.protocols.cgi.errors import CGIError
from carryall.protocols.cgi.wire import LOCAL_REDIRECT, AnswerReader
from carryall.protocols.http import Body, Headers, Response
from carryall.protocols.http.fields import BODILESS

__all__ = ['ProgramAnswer', 'Redirect']

# -- limits ------------------------------------------------------------------
HELD_BYTES = 16384          # octets of a body that wait for its end

HEADER, HELD, BODY, DROPPING, OVER = range(5)


class Redirect(object):
    """A local redirect: the server answers with another of its own pages (section 6.2.2).

    Attributes:
        location: an absolute path, perhaps with a query.
    """

    def __init__(self, location):
        # type: (bytes) -> None
        self.location = location


class ProgramAnswer(object):
    """The answer of a program to one request.

    Args:     clock: the loop.
              settings: a Settings.
              method: of the request.
              pause, resume: called to stop and to continue the reading of the program's output.
              stop: called once, with the reason, if the program's output is not wanted any more;
                  with None behind a local redirect.
              response: the Future to complete, whose owner calls ``abandon`` if it is cancelled;
                  one of its own if left out.

    Attributes:
        response: a Future of a Response, or of a Redirect; it fails with CGIError.
        deadline: loop time at which the program is stopped; the sweeper reads it.
        octets: of output so far.
        failure: the error that ended it; None so far, and for a good end.
    """

    def __init__(self,
                 clock,             # type: Any
                 settings,          # type: Any
                 method,            # type: bytes
                 pause,             # type: Callable[[], None]
                 resume,            # type: Callable[[], None]
                 stop,              # type: Callable[[Optional[BaseException]], None]
                 response=None      # type: Optional[Future]
                 ):
        # type: (...) -> None
        self.response = Future(self._given_up) if response is None else response
        self.octets = 0
        self.failure = None         # type: Optional[BaseException]
        self._settings = settings
        self._method = method
        self._pause = pause
        self._resume = resume
        self._stop = stop
        self._state = HEADER
        self._reader = AnswerReader(settings.header_bytes, settings.header_count)
        self._clock = clock
        self._held = []             # type: List[bytes]
        self._timer = None          # type: Any
        self._body = None           # type: Any  # a Body from the state BODY on
        self._paused = False
        self._sweeper = sweeper_of(clock)
        self._sweeper.add(self)
        self._began = clock.time()
        self.deadline = self._began + settings.head_seconds     # type: Optional[float]

    # -- what the program says ---------------------------------------------------------------------

    def feed(self, data, last=False):
        # type: (bytes, bool) -> None
        """Takes octets of the output.

        Args:     last: true if these are the last: ``end()`` follows at once.
        """
        if self._state == OVER:
            return
        self.octets += len(data)
        limit = self._settings.output_bytes
        if limit and self.octets > limit:
            self.fail(CGIError(u'the answer is longer than %d octets' % limit))
            return
        try:
            rest = self._reader.receive_data(data)
        except CGIError as exc:
            self.fail(exc)
            return
        if self._state == HEADER and self._reader.head is not None:
            self._begin(last)
        if rest and self._state == HELD:
            self._held.append(rest)
            if not last and sum(map(len, self._held)) > HELD_BYTES:
                self._release()
        elif rest and self._state == BODY:
            self._body.feed(rest)
            if self._body.buffered >= self._settings.buffer_bytes and not self._paused:
                self._paused = True
                self._pause()
        if not last:
            self._set_deadline()

    def end(self):
        # type: () -> None
        """Takes the end of the output."""
        if self._state == OVER:
            return
        try:
            self._reader.receive_eof()
        except CGIError as exc:
            self._end_with(exc)
            return
        before = self._state
        self._over()
        if before == HELD:
            self._respond_whole()
        elif before == BODY:
            self._body.end(Headers())

    def fail(self, error):
        # type: (BaseException) -> None
        """Ends the answer early: the program failed, or must be stopped."""
        if self._state != OVER:
            self._end_with(error)
            self._stop(error)

    def progress(self):
        # type: () -> None
        """The program takes input: it has its time for the header again."""
        if self._state == HEADER:
            self.deadline = min(self._began + self._settings.wall_seconds,
                                self._sweeper.now + self._settings.head_seconds)

    def is_held(self):
        # type: () -> bool
        """True if output waits for the client."""
        return self._paused

    # -- inside ------------------------------------------------------------------------------------

    def _begin(self, last):
        # type: (bool) -> None
        """The header is complete; with *last* the body is too."""
        head = self._reader.head    # type: Any
        if head.kind == LOCAL_REDIRECT:
            self._over()
            self._stop(None)        # it has no body, and the program ends by itself
            self.response.set_result(Redirect(head.location))
            return
        bodiless = head.status in BODILESS
        if bodiless and head.status != 304:
            head.headers.remove(b'content-length')
        if bodiless or self._method == b'HEAD':
            self._state = DROPPING
            self.response.set_result(Response(head.status, head.headers))
            return
        self._state = HELD
        if last:
            return
        if self._settings.hold_seconds:
            self._timer = self._clock.call_later(self._settings.hold_seconds, self._release)
        else:
            self._release()

    def _release(self):
        # type: () -> None
        """The client gets what there is, and the rest as it comes."""
        self._stop_timer()
        self._state = BODY
        self._body = Body(self._wanted)
        for piece in self._held:
            self._body.feed(piece)
        self._held = []
        head = self._reader.head    # type: Any
        self.response.set_result(Response(head.status, head.headers, _Output(self, self._body)))

    def _respond_whole(self):
        # type: () -> None
        """The answer is short, and complete."""
        head = self._reader.head    # type: Any
        held = self._held
        data = held[0] if len(held) == 1 else b''.join(held)
        if head.length is not None and head.length != len(data):
            self.failure = CGIError(u'the answer has %d octets, and not %s'
                                    % (len(data), head.length))
            self.response.set_exception(self.failure)
            return
        self.response.set_result(Response(head.status, head.headers, data))

    def _stop_timer(self):
        # type: () -> None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wanted(self):
        # type: () -> None
        """The client waits for more of the body."""
        if self._paused and self._state != OVER:
            self._paused = False
            self._set_deadline()
            self._resume()

    def _set_deadline(self):
        # type: () -> None
        settings = self._settings
        if self._state == HEADER or self._state == OVER:
            return
        self.deadline = self._began + settings.wall_seconds
        if not self._paused:
            self.deadline = min(self.deadline, self._sweeper.now + settings.idle_seconds)

    def deadline_expired(self, now):
        # type: (float) -> None
        """Stops a program that takes too long."""
        self.fail(CGIError(u'the program takes too long', reply=504))

    def _given_up(self, _future):
        # type: (Future) -> None
        """The client is gone before the answer came."""
        self.abandon()

    def abandon(self):
        # type: () -> None
        """Stops the program: the client is gone."""
        if self._state != OVER:
            self._over()
            self._stop(ConnectionLost(u'the client is gone'))

    def leave(self):
        # type: () -> None
        """Ends without a response: another answer completes it."""
        self._over()

    def _end_with(self, error):
        # type: (BaseException) -> None
        before = self._state
        self.failure = error
        self._over()
        if before in (HEADER, HELD) and not self.response.done():
            self.response.set_exception(error)
        elif before == BODY:
            self._body.fail(error)

    def _over(self):
        # type: () -> None
        self._state = OVER
        self._stop_timer()
        self.deadline = None
        self._sweeper.discard(self)


class _Output(object):
    """The body of the Response: it is read as the client takes it."""

    def __init__(self, answer, body):
        # type: (ProgramAnswer, Body) -> None
        self._answer = answer
        self.read = body.read

    def close(self):
        # type: () -> None
        """Stops the program, unless it has ended: the response is over."""
        self._answer.abandon()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
