# Copyright the carryall authors.  See LICENSE.
"""WSGICall: one call of an application, on a thread (PEP 3333).

States:   COLLECTING (of the body) -> RUNNING; then nothing was sent, or the response is WHOLE, or
          STREAMING -> OVER.
          A response is whole if the application returns a list or a plain file.  The same holds
          for a piece with as many octets as the Content-Length says.  Otherwise pieces are sent as
          they come.
Tests:    tests/services/wsgi/test_wsgiapplication.py, tests/services/wsgi/test_pep3333.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import reraise
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.protocols.http import Response, plain_response
from carryall.protocols.http.fields import BODILESS
from carryall.services.wsgi.bodyoutput import BodyOutput, ClientGone
from carryall.services.wsgi.filewrapper import FileWrapper, file_body
from carryall.services.wsgi.startedresponse import parse_headers, parse_status
from carryall.services.wsgi.workers import FATAL

__all__ = ['WSGICall']

log = get_logger('wsgi')

# -- states of the response -----------------------------------------------------
NOTHING, WHOLE, STREAMING, OVER = range(4)


class WSGICall(object):
    """One call.

    Args:     app:     the application.
              environ: for it.
              post:    Workers.post.
              most:    octets of the response that may wait for the client.
              request: the Request.
              time:    gives seconds, for ``since``.

    Attributes:
        future: of the Response.
        peer: the client's Address.
        spool: the Spool of the request's body; None unless it is large.
        since: since when nothing has come of the application; None if it is not waited for.
        ended: true when the application has returned.
    """

    __slots__ = ('future', 'environ', 'peer', 'spool', 'since', 'ended', '_time', '_bounded',
                 '_whole', '_app', '_post', '_most', '_is_head', '_gone',
                 '_state', '_status', '_started', '_output', '_sent')

    def __init__(self, app, environ, post, most, request, time):
        # type: (Any, Dict[str, Any], Callable[..., None], int, Request, Any) -> None
        self.peer = request.peer
        self.since = None           # type: Optional[float]
        self.ended = False
        self._time = time
        self._bounded = False
        self._whole = None          # type: Optional[Response]
        self.environ = environ
        self.spool = None           # type: Optional[Spool]
        self.future = Future(self._cancelled)
        self._app = app
        self._post = post
        self._most = most
        self._is_head = request.method == b'HEAD'
        self._gone = False          # true if the client is gone; set by the loop
        self._state = NOTHING
        self._status = None         # type: Any
        self._started = None        # type: Any
        self._output = None         # type: Any
        self._sent = 0              # octets of the body

    # -- on the loop's thread ----------------------------------------------------------------------

    def _cancelled(self, _future):
        # type: (Future) -> None
        self._gone = True

    @property
    def name(self):
        # type: () -> str
        """The request, for logs."""
        return '%s %r' % (self.environ['REQUEST_METHOD'], self.environ['REQUEST_URI'])

    def expire(self, seconds):
        # type: (float) -> None
        """Answers for the application, of which nothing has come for *seconds*."""
        self._gone = True
        output = self._output
        if not self.future.done():
            self.future.set_result(plain_response(500))
        elif output is not None:
            output.abort(LocalProtocolError('the application wrote nothing for %g seconds'
                                            % seconds))

    def deliver_whole(self, response):
        # type: (Optional[Response]) -> None
        """Takes what ``bounded`` has returned."""
        if response is not None:
            self._deliver(response)

    def keep_thread(self):
        # type: () -> None
        """From now on ``bounded`` has its thread alone: what comes is delivered at once."""
        self._bounded = False
        whole, self._whole = self._whole, None
        self.deliver_whole(whole)

    def _deliver(self, response):
        # type: (Response) -> None
        if not self.future.done():
            self.future.set_result(response)
        elif hasattr(response.body, 'close'):
            response.body.close()

    def _deliver_error(self, error):
        # type: (BaseException) -> None
        if not self.future.done():
            self.future.set_exception(error)

    # -- on a thread of the application ------------------------------------------------------------

    def __call__(self):
        # type: () -> None
        """Calls the application, and sends what it gives."""
        self.since = self._time()
        try:
            if not self._gone:
                self._run()
        except ClientGone:
            log.info('the client went before the response was complete')
        except FATAL as exc:
            self._fail(exc)
        if self.spool is not None:
            self.spool.file.close()             # here, as the loop may have ended
            self._post(self.spool.close)
        self.since = None
        self.ended = True

    def bounded(self):
        # type: () -> Optional[Response]
        """The same on the loop's thread; a whole response is returned and not delivered."""
        self._bounded = True
        self()
        return self._whole

    def _run(self):
        # type: () -> None
        result = self._app(self.environ, self.start_response)
        close = True
        try:
            if type(result) in (list, tuple):
                self._send_whole(_joined(result))
                return
            if isinstance(result, FileWrapper) and self._state == NOTHING:
                body = file_body(result, self._require().length)
                if body is not None:
                    close = False           # the sender does it
                    self._send_file(body)
                    return
            for piece in result:
                if piece or type(piece) is not bytes:
                    self.write(piece)
                if self._is_over():
                    break
            self._end()
        finally:
            if close and hasattr(result, 'close'):
                result.close()

    def _is_over(self):
        # type: () -> bool
        """True if the rest of the iterable is not wanted."""
        if self._state == WHOLE:
            return self._is_head
        return self._gone or self._output is not None and self._output.gone

    def start_response(self, status, headers, exc_info=None):
        # type: (Any, Any, Any) -> Callable[[bytes], None]
        """Notes status and headers; they are sent with the first octets of the body."""
        if exc_info is not None:
            try:
                if self._state != NOTHING:
                    reraise(exc_info[1], exc_info[2])
            finally:
                exc_info = None     # it refers to this frame
        elif self._status is not None:
            raise LocalProtocolError('start_response was called twice, without exc_info')
        number = parse_status(status)
        self._started = parse_headers(headers)
        self._status = number
        return self.write

    def _require(self):
        # type: () -> Any
        """The headers that start_response was given."""
        if self._status is None:
            raise LocalProtocolError('the application did not call start_response')
        return self._started

    def write(self, data):
        # type: (bytes) -> None
        """Sends *data*, the next octets of the body."""
        if type(data) is not bytes:
            if not isinstance(data, bytes):
                raise TypeError('a body is made of bytes, not %s' % type(data).__name__)
            data = bytes(data)
        declared = self._require().length
        if self._gone:
            raise ClientGone('the client is gone')
        if declared is not None and self._sent + len(data) > declared and not self._is_head:
            raise LocalProtocolError('the body is longer than its Content-Length of %d' % declared)
        self._sent += len(data)
        if self._state == NOTHING:
            if self._is_head or declared == len(data) or self._status in BODILESS:
                self._give(data if declared == len(data) else b'')
            else:
                self._begin(declared)
        if self._state == STREAMING and data:
            self.since = None       # the client is waited for
            self._output.write(data)
            self.since = self._time()

    def _send_whole(self, data):
        # type: (bytes) -> None
        """Sends a body that is complete; behind what was written, if anything was."""
        declared = self._require().length
        if self._state != NOTHING or declared is not None and declared != len(data):
            if data or not self._is_head:
                self.write(data)
            self._end()
        elif self._is_head and declared is None:
            self._give(data)
        else:
            self._give(data)

    def _give(self, data):
        # type: (bytes) -> None
        """Gives the loop a whole Response."""
        started = self._started
        status = self._status
        fields = started.fields
        if status in BODILESS:
            data = b''
            if status == 304 and started.length is not None:
                fields = started.with_length(started.length)
        elif self._is_head and started.length is not None and started.length != len(data):
            data = b''
            fields = started.with_length(started.length)
        self._state = WHOLE
        if self._bounded:
            self._whole = Response(status, fields, data)
        else:
            self._post(self._deliver, Response(status, fields, data))

    def _begin(self, declared):
        # type: (Optional[int]) -> None
        """Gives the loop a Response whose body will come."""
        fields = self._started.fields
        if declared is not None:
            fields = self._started.with_length(declared)
        self._output = BodyOutput(self._post, self._most)
        self._state = STREAMING
        self._post(self._deliver, Response(self._status, fields, self._output))

    def _send_file(self, body):
        # type: (Any) -> None
        self._state = WHOLE
        started = self._started
        fields = started.fields
        if started.length is not None:
            fields = started.with_length(started.length)
        if self._status in BODILESS:
            body.close()
            self._give(b'')
            return
        self._post(self._deliver, Response(self._status, fields, body))

    def _end(self):
        # type: () -> None
        """Ends the response: the iterable is at its end."""
        self._require()
        if self._state == NOTHING:
            declared = self._started.length
            if declared and not self._is_head and self._status not in BODILESS:
                raise LocalProtocolError('the body is empty, and its Content-Length is %d'
                                         % declared)
            self._give(b'')
        elif self._state == STREAMING:
            self._state = OVER
            self._output.end()

    def _fail(self, error):
        # type: (BaseException) -> None
        """Ends the response because of *error*, with 500 if nothing was sent."""
        if not isinstance(error, Exception) and isinstance(error, BaseException):
            # SystemExit and its like would mean the server there
            wrapped = LocalProtocolError('the application raised %s' % type(error).__name__)
            wrapped.cause = error
            error = wrapped
        if self._state == NOTHING:
            self._post(self._deliver_error, error)
        elif self._state == STREAMING:
            self._output.end(error)
        else:
            log.error('the application failed behind its response', exc_info=(
                type(error), error, getattr(error, '__traceback__', None)))


def _joined(pieces):
    # type: (Sequence[Any]) -> bytes
    for piece in pieces:
        if not isinstance(piece, bytes):
            raise TypeError('a body is made of bytes, not %s' % type(piece).__name__)
    return b''.join(pieces)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional, Sequence
    from carryall.protocols.http import Request
    from carryall.services.web.bodyspool import Spool
