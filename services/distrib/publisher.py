# Copyright the carryall authors.  See LICENSE.
"""Publisher: the personal server's side;
a web application offered to front ends (Twisted's ResourcePublisher).

Wire:     root.request(copy) is answered with 1, "not done yet".  The response follows as calls of
          the reference in the copy: setResponseCode, setHeader and addCookie, then any number of
          writes, then finish.  A long body registers a producer, and the front end calls its
          pauseProducing and resumeProducing.  No more than WINDOW octets of writes are unanswered:
          a front end of ours slows the response down by answering late.
Ends:     the reference is released when finish was answered.
Tests:    tests/services/distrib/test_publisher.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Future, as_future, completed
from carryall.core.logs import escape, get_logger
from carryall.protocols import pb
from carryall.protocols.http.message import UNTIL_CLOSE, BodySender
from carryall.protocols.http import FileBody, Headers, MutableHeaders, Response
from carryall.protocols.http.fields import BODILESS, REASONS
from carryall.services.distrib.state import REQUEST_TAG, CopiedRequest
from carryall.services.web.errorpage import error_response

__all__ = ['NOT_DONE_YET', 'Publisher']

# -- limits ------------------------------------------------------------------
PIECE_BYTES = 131072        # of one write; other implementations accept five times as much
WINDOW = 524288             # octets of unanswered writes
MAX_REQUESTS = 1000         # under way at a time, of all front ends; more are answered with 503

NOT_DONE_YET = 1            # the answer to the call

_COOKIE_WORDS = {b'expires': 'expires', b'domain': 'domain', b'path': 'path', b'max-age': 'max_age',
                 b'comment': 'comment', b'samesite': 'sameSite'}

log = get_logger('distrib')


class Publisher(pb.Root):
    """Offers *app*, a web application as a Site has it, to front ends.

    Attributes:
        served: the number of finished requests.
    """

    def __init__(self, app, loop, max_requests=MAX_REQUESTS):
        # type: (Callable[[Any], Any], Any, int) -> None
        self.app = app
        self.loop = loop
        self.served = 0
        # A lock that no other caller may hold until the application answers.
        self._serving = set()  # type: Set[_Serving]
        self._max_requests = max_requests
        self._drained = None        # type: Optional[Future]

    def broker(self, **options):
        # type: (**Any) -> pb.Broker
        """A Broker for a new connection of a front end."""
        broker = pb.Broker(self.loop, self, extensions=True, settings=LIMITS, **options)
        broker.registry.setUnjellyableForClass(REQUEST_TAG, CopiedRequest)
        broker.finished = self.drain
        return broker

    def drain(self):
        # type: () -> Future
        """A Future that completes when nothing is under way."""
        if not self.under_way:
            return completed(None)
        if self._drained is None:
            self._drained = Future()
        return self._drained

    def remote_request(self, copy):
        # type: (Any) -> int
        """Serves one request; the response follows by calls."""
        if not isinstance(copy, CopiedRequest):
            raise pb.PBError(u'Not a request.')
        serving = _Serving(self, copy)
        self._serving.add(serving)
        serving.begin()
        return NOT_DONE_YET

    @property
    def under_way(self):
        # type: () -> int
        """The number of requests that are not finished."""
        return len(self._serving)

    def may_begin(self):
        # type: () -> bool
        """True if one more request is within the limit."""
        return self.under_way <= self._max_requests

    def ended(self, serving):
        # type: (_Serving) -> None
        """Counts a request as finished."""
        self._serving.discard(serving)
        self.served += 1
        if not self.under_way and self._drained is not None:
            drained, self._drained = self._drained, None
            drained.set_result(None)


# A front end may release nothing before its garbage collector runs, and may not read for a while
# because its clients do not: neither must cost it its connection.
LIMITS = pb.Settings(references=16384, held=65536, faults=100000, write_seconds=0.0)


class _Serving(object):
    """One request from its copy to its end."""

    def __init__(self, publisher, copy):
        # type: (Publisher, CopiedRequest) -> None
        self._publisher = publisher
        self._copy = copy
        self._remote = copy.remote
        self._stream = pb.RemoteStream(copy.stream) if copy.stream is not None else None
        self._request = copy.request(self._pull)
        self._reading = False

    def begin(self):
        # type: () -> None
        """Asks the application, then sends its response."""
        try:
            answer = self._publisher.app(self._request) if self._publisher.may_begin() \
                else error_response(self._request, 503)
        except FAILURES as exc:
            answer = self._failure(exc)
        as_future(answer).add_done_callback(self._decided)

    def _decided(self, future):
        # type: (Future) -> None
        error = future.exception()
        response = future.result() if error is None else self._failure(error)
        if not isinstance(response, Response):
            response = self._failure(TypeError('the application returned %s, not a Response'
                                               % type(response).__name__))
        _Outflow(self._publisher.loop, self._remote, self._copy.prefix, self._request).send(
            response).add_done_callback(self._ended)

    def _failure(self, error):
        # type: (Any) -> Response
        if isinstance(error, RemoteProtocolError) and isinstance(error.reply, int) \
                and 400 <= error.reply < 600:
            return error_response(self._request, error.reply)
        log.error('the application failed on %s', escape(self._request.target[:200]),
                  exc_info=(type(error), error, getattr(error, '__traceback__', None)))
        return error_response(self._request, 500)

    def _ended(self, future):
        # type: (Future) -> None
        error = future.exception()
        if error is not None:
            log.info('a response could not be delivered: %s', error)
            if self._request.waiter is not None and not self._request.waiter.done():
                self._request.waiter.set_result(None)
        if self._stream is not None:
            self._stream.close()
            if self._request.incoming is not None:
                self._request.incoming.fail(ConnectionLost('the response is finished'))
        self._remote.release()
        self._publisher.ended(self)

    # -- the body of the request -------------------------------------------------------------------

    def _pull(self, body):
        # type: (Any) -> None
        """Asks for more of the body, which the application wants."""
        if self._reading or body.ended:
            return
        self._reading = True
        self._stream.read().add_done_callback(lambda future: self._arrived(body, future))

    def _arrived(self, body, future):
        # type: (Any, Future) -> None
        self._reading = False
        if future.exception() is not None:
            body.fail(ConnectionLost('the body is incomplete', future.exception()))
        elif future.result():
            body.feed(future.result())
        else:
            body.end(Headers())


class _Producer(pb.Referenceable):
    """The producer that a front end pauses and resumes."""

    def __init__(self, outflow):
        # type: (_Outflow) -> None
        self._outflow = outflow

    def remote_pauseProducing(self):
        # type: () -> None
        """Pauses the response."""
        self._outflow.hold(True)

    def remote_resumeProducing(self):
        # type: () -> None
        """Resumes the response."""
        self._outflow.hold(False)

    def remote_stopProducing(self):
        # type: () -> None
        """Ends the response: the client has disconnected."""
        self._outflow.stop(ConnectionLost(u'the front end stopped the response'))


class _FilePieces(object):
    """Reads a FileBody in pieces."""

    def __init__(self, body):
        # type: (FileBody) -> None
        self._body = body
        self._left = body.count
        body.fileobj.seek(body.offset)

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the next octets."""
        piece = self._body.fileobj.read(min(self._left, PIECE_BYTES))
        self._left -= len(piece)
        if not piece and self._left:
            raise LocalProtocolError('the file ended %d octets too early' % self._left)
        return completed(piece)

    def close(self):
        # type: () -> None
        """Closes the file."""
        self._body.close()


class _Outflow(object):
    """Sends one response as calls."""

    def __init__(self, loop, remote, prefix, request):
        # type: (Any, Any, bytes, Any) -> None
        self._loop = loop
        self._remote = remote
        self._prefix = prefix
        self._request = request
        self._sender = None         # type: Optional[BodySender]
        self._unanswered = 0
        self._held = False
        self._error = None          # type: Any
        self._done = Future()
        self._producer = None       # type: Any

    def send(self, response):
        # type: (Response) -> Future
        """A Future that completes when the front end has the whole response,
        and fails if it wants no more."""
        try:
            self._send_head(response)
        except FAILURES as exc:
            self.stop(exc)
            return self._done
        body = response.body
        if self._request.method == b'HEAD' or response.status in BODILESS:
            _close(body)
            self._finish()
        elif type(body) is bytes and len(body) <= PIECE_BYTES:
            if body:
                self._write(body)
            self._finish()
        else:
            self._begin_body(body)
        return self._done

    def _call(self, name, *args):
        # type: (str, *Any) -> Future
        future = self._remote.call_remote(name, *args)
        future.add_done_callback(self._answered)
        return future

    def _answered(self, future):
        # type: (Future) -> None
        if future.exception() is not None:
            self.stop(future.exception())

    # -- the head ----------------------------------------------------------------------------------

    def _send_head(self, response):
        # type: (Response) -> None
        headers = MutableHeaders(list(response.headers))
        body = response.body
        if b'content-length' not in headers and response.status not in BODILESS:
            if type(body) is bytes:
                count = len(body)
            else:
                count = body.count if isinstance(body, FileBody) else None
            if count is not None and not (self._request.method == b'HEAD' and not count):
                headers.add(b'Content-Length', b'%d' % count)
        self._call('setResponseCode', response.status, REASONS.get(response.status, b''))
        names = []                  # type: List[bytes]
        for name, value in headers:
            key = name.lower()
            if key == b'set-cookie':
                self._send_cookie(value)
            elif key not in names:
                names.append(key)
                value = headers.get(name)
                if key == b'location' and value[:1] == b'/' and value[1:2] != b'/':
                    value = self._prefix + value  # the application does not know its prefix
                self._call('setHeader', name, value)

    def _send_cookie(self, line):
        # type: (bytes) -> None
        if self._remote.broker.extended:
            self._call('appendHeader', b'Set-Cookie', line)
            return
        pair, _, rest = line.partition(b';')
        name, _, value = pair.partition(b'=')
        words = {}                  # type: Dict[str, Any]
        for attribute in rest.split(b';'):
            key, _, detail = attribute.strip().partition(b'=')
            key = key.lower()
            if key in _COOKIE_WORDS:
                words[_COOKIE_WORDS[key]] = detail.lower() if key == b'samesite' else detail
            elif key == b'secure':
                words['secure'] = True
            elif key == b'httponly':
                words['httpOnly'] = True
        self._remote.call_remote('addCookie', name.strip(), value.strip(),
                                 **words).add_done_callback(self._answered)

    # -- the body ----------------------------------------------------------------------------------

    def _begin_body(self, body):
        # type: (Any) -> None
        if isinstance(body, FileBody):
            body = _FilePieces(body)
        elif type(body) is bytes:
            body = iter([body[at:at + PIECE_BYTES] for at in range(0, len(body), PIECE_BYTES)])
        if not self._remote.broker.extended:
            self._producer = _Producer(self)
            self._call('registerProducer', self._producer, True)
        self._sender = BodySender(body, self._write, self._body_ended, self._loop, UNTIL_CLOSE)
        if self._error is None:
            self._sender.pull()

    def _write(self, data):
        # type: (bytes) -> None
        for at in range(0, len(data), PIECE_BYTES):
            piece = data[at:at + PIECE_BYTES]
            self._unanswered += len(piece)
            self._call('write', piece).add_done_callback(
                lambda _, size=len(piece): self._taken(size))
        self._settle()

    def _taken(self, size):
        # type: (int) -> None
        self._unanswered -= size
        self._settle()

    def hold(self, held):
        # type: (bool) -> None
        """Pauses or resumes, as the front end asks."""
        self._held = held
        self._settle()

    def _settle(self):
        # type: () -> None
        if self._sender is None or self._error is not None:
            return
        if self._held or self._unanswered > WINDOW or self._remote.broker.paused:
            self._sender.pause()
            if self._remote.broker.paused:
                self._remote.broker.writable().add_done_callback(lambda _: self._settle())
        else:
            self._sender.resume()

    def _body_ended(self, error):
        # type: (Any) -> None
        self._sender = None
        if error is not None:
            log.info('a body is incomplete: %s', error)
            self._remote.call_remote('stop', pbanswer=False) if self._remote.broker.extended \
                else None
            self.stop(error)
            return
        if self._producer is not None:
            self._call('unregisterProducer')
        self._finish()

    def _finish(self):
        # type: () -> None
        self._call('finish').add_done_callback(lambda future: self._over(future.exception()))

    def stop(self, error):
        # type: (Any) -> None
        """Drops the rest of the response."""
        if self._error is None:
            self._error = error
        sender, self._sender = self._sender, None
        if sender is not None:
            sender.stop()
        self._over(error)

    def _over(self, error):
        # type: (Any) -> None
        if not self._done.done():
            if error is None:
                self._done.set_result(None)
            else:
                self._done.set_exception(error)


def _close(body):
    # type: (Any) -> None
    if hasattr(body, 'close'):
        body.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set
