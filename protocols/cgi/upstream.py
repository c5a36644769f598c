# Copyright the carryall authors.  See LICENSE.
"""The gateway's side of a connection: a request goes out, an answer comes back.

FastCGI, SCGI and uwsgi have this in common; how octets are wrapped is theirs.

Tests:    tests/protocols/cgi/test_upstream.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.protocol import Protocol
from carryall.protocols.cgi.errors import CGIError
from carryall.protocols.cgi.gateway import ProgramAnswer
from carryall.protocols.cgi.settings import Settings

__all__ = ['BodyPump', 'UpstreamClient']

PIECE_BYTES = 65536         # read at once of a body


class BodyPump(object):
    """Reads a body no faster than the connection takes it.

    Args:     body: an object with ``read(maximum)``, such as the body of a request.
              write: called with octets; b'' at the end.
              failed: called with the error of a body that breaks.
    """

    def __init__(self, body, write, failed):
        # type: (Any, Callable[[bytes], None], Callable[[BaseException], None]) -> None
        self._body = body
        self._write = write
        self._failed = failed
        self._paused = False
        self._reading = False
        self._over = False

    def pull(self):
        # type: () -> None
        """Reads the next piece."""
        if not (self._paused or self._reading or self._over):
            self._reading = True
            self._body.read(PIECE_BYTES).add_done_callback(self._arrived)

    def pause(self):
        # type: () -> None
        """Reads no more for now."""
        self._paused = True

    def resume(self):
        # type: () -> None
        """Reads again."""
        self._paused = False
        self.pull()

    def is_done(self):
        # type: () -> bool
        """True if all of the body was sent."""
        return self._over

    def stop(self):
        # type: () -> None
        """The rest is not wanted."""
        self._over = True

    def _arrived(self, piece):
        # type: (Any) -> None
        self._reading = False
        if self._over:
            return
        error = piece.exception()
        if error is not None:
            self._over = True
            self._failed(error)
            return
        data = piece.result()
        self._over = not data
        self._write(data)
        self.pull()


class UpstreamClient(Protocol):
    """A connection to an application, which answers one request at a time.

    A subclass has `wrap_head`, `wrap_body` and `unwrap`; it calls `answer.feed`, and `finish` at
    the end of the answer.

    Args:     clock: the loop.
              settings: a Settings of CGI: the limits on the answers.
              complain: called with the octets of a message that is meant for the log.

    Attributes:
        answer: the ProgramAnswer to the request that is under way, else None.
        repeated: called if the connection is lost before anything has come for the request.  True
            means that another connection takes it and completes the Future of its response.
        ended: called with this object when the answer is complete, or the connection is lost.
    """

    def __init__(self, clock, settings=None, complain=None):
        # type: (Any, Any, Any) -> None
        self.answer = None          # type: Any
        self.ended = None           # type: Any
        self.repeated = None        # type: Optional[Callable[[], bool]]
        self.complain = complain
        self._clock = clock
        self._settings = Settings() if settings is None else settings
        self._pump = None           # type: Optional[BodyPump]
        self._heard = False

    # -- for the gateway ---------------------------------------------------------------------------

    def request(self, variables, body=None, method=None, response=None):
        # type: (List[Tuple[bytes, bytes]], Any, Optional[bytes], Optional[Future]) -> Any
        """Sends a request; a Future of its Response, or of a Redirect.

        Args:     variables: (name, value) pairs, with CONTENT_LENGTH if there is a body.
                  body: an object with ``read(maximum)``; None for no body.
                  response: the Future, see ProgramAnswer.
        """
        asked = dict(variables).get(b'REQUEST_METHOD', b'GET') if method is None else method
        transport = self.transport
        answer = ProgramAnswer(self._clock, self._settings, asked, transport.pause_reading,
                               transport.resume_reading, self._stopped, response)
        self.answer = answer
        self._heard = False
        transport.write(self.wrap_head(variables, body is not None))
        if body is not None:
            self._pump = BodyPump(body, self._send, answer.fail)
            self._pump.pull()
        return answer.response

    def close(self):
        # type: () -> None
        """Closes the connection."""
        self.transport.close()

    # -- for a subclass ----------------------------------------------------------------------------

    def wrap_head(self, variables, has_body):
        # type: (List[Tuple[bytes, bytes]], bool) -> bytes
        """The octets that begin a request."""
        raise NotImplementedError

    def wrap_body(self, data):
        # type: (bytes) -> bytes
        """The octets that carry a piece of the body; of b'', those that end it."""
        return data

    def unwrap(self, data):
        # type: (bytes) -> None
        """Takes octets of the answer."""
        self.answer.feed(data)

    def finish(self):
        # type: () -> None
        """The answer is complete, and the connection can be used again."""
        answer, self.answer = self.answer, None
        pump, self._pump = self._pump, None
        if pump is not None and not pump.is_done():
            pump.stop()
            self.transport.abort()      # the rest of the body would be taken for another request
        if answer is not None:
            if answer.is_held():
                self.transport.resume_reading()     # for the next answer
            answer.end()
        self._tell()

    # -- callbacks ---------------------------------------------------------------------------------

    def data_received(self, data):
        if self.answer is None:
            self.transport.abort()      # nothing was asked
            return
        self._heard = True
        try:
            self.unwrap(data)
        except CGIError as exc:
            self.answer.fail(exc)

    def connection_lost(self, exc):
        answer, self.answer = self.answer, None
        if self._pump is not None:
            self._pump.stop()
        if answer is not None:
            if not self._heard and self.repeated is not None and self.repeated():
                answer.leave()
            else:
                self.lost(answer, exc)
        self._tell()

    def lost(self, answer, exc):
        # type: (Any, Optional[BaseException]) -> None
        """The connection is gone before `finish`: the answer is incomplete."""
        answer.fail(CGIError(u'the application is gone before the end of its answer', cause=exc))

    def pause_writing(self):
        if self._pump is not None:
            self._pump.pause()

    def resume_writing(self):
        if self._pump is not None:
            self._pump.resume()

    def _send(self, data):
        # type: (bytes) -> None
        wrapped = self.wrap_body(data)
        if self.answer is not None:
            self.answer.progress()
            if wrapped:
                self.transport.write(wrapped)

    def _stopped(self, reason):
        # type: (Optional[BaseException]) -> None
        """The rest of the answer is not wanted: nothing else tells the application so."""
        self.transport.abort()

    def _tell(self):
        # type: () -> None
        ended, self.ended = self.ended, None
        if ended is not None:
            ended(self)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Tuple
    from carryall.core.future import Future
