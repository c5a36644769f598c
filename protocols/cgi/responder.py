# Copyright the carryall authors.  See LICENSE.
"""The side of the program: a Request of variables, and the answer to it (RFC 3875).

An application that serves HTTP, ``app(request)``, also runs behind another server, which hands over
variables and takes a CGI answer.  An Exchange does so for one request.  FastCGI, SCGI and uwsgi
carry its octets.

Tests:    tests/protocols/cgi/test_responder.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.codec.uri import join_segments
from carryall.core.compat import FAILURES, native
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import as_future
from carryall.core.logs import get_logger
from carryall.core.net.transport import Address
from carryall.protocols.cgi.errors import CGIError
from carryall.protocols.cgi.wire import HOP_BY_HOP
from carryall.protocols.http import (Body, FileBody, Headers, Request, Response, Upgrade,
                                     plain_response)
from carryall.protocols.http.fields import BODILESS, REASONS
from carryall.protocols.http.message import CHUNKED, UNTIL_CLOSE, BodySender, Section

__all__ = ['AnswerSender', 'Exchange', 'GatewayRequest', 'request_of']

MAX_LENGTH = 1 << 62        # of a body
STATUS = b'Status:'         # begins an answer of CGI
PIECE_BYTES = 65536         # read at once of a file
# Fields that have a variable of their own; some servers give both, and the client may have sent one
# with an underscore.
OWN_VARIABLE = frozenset((b'content-length', b'content-type'))
LOW = b'!'                  # the least octet of a target
HIGH = b'~'                 # and the greatest

log = get_logger('cgi')


class GatewayRequest(Request):
    """A Request that another server has taken from its client.

    Attributes:
        variables: name -> value, as that server gave them, bytes.
    """

    __slots__ = ('variables',)

    def __init__(self, method, target, section, variables):
        # type: (bytes, bytes, Any, Dict[bytes, bytes]) -> None
        Request.__init__(self, method, target, section)
        self.variables = variables

    @property
    def peer(self):
        """The Address of the client of that server."""
        return _address(self.variables, b'REMOTE_ADDR', b'REMOTE_PORT')

    @property
    def here(self):
        """The Address at which that server was asked."""
        return _address(self.variables, b'SERVER_ADDR', b'SERVER_PORT')

    @property
    def tls(self):
        """None: TLS is that server's matter."""
        return None

    @property
    def scheme(self):
        """``https`` if that server says so, else ``http``."""
        given = self.variables
        if given.get(b'HTTPS', b'off').lower() in (b'on', b'1'):
            return b'https'
        return b'https' if given.get(b'REQUEST_SCHEME') == b'https' else b'http'


def _address(variables, host, port):
    # type: (Dict[bytes, bytes], bytes, bytes) -> Optional[Address]
    name = variables.get(host)
    if not name:
        return None
    return Address(native(name), decimal(variables.get(port, b''), 65535) or 0)


def request_of(variables, transport=None):
    # type: (Dict[bytes, bytes], Any) -> GatewayRequest
    """The request that *variables* describe; its body is still to come.

    Raises:   CGIError: variables that no request has, reply 400.
    """
    method = variables.get(b'REQUEST_METHOD', b'')
    length = decimal(variables.get(b'CONTENT_LENGTH') or b'0', MAX_LENGTH)
    if not method or length is None:
        raise CGIError(u'variables without a method, or with a length that is none', reply=400)
    fields = []
    for name, value in sorted(variables.items()):
        if name[:5] == b'HTTP_':
            key = name[5:].lower().replace(b'_', b'-')
            if key != b'proxy' and key not in HOP_BY_HOP and key not in OWN_VARIABLE:
                fields.append((key, value))
    for name, key in ((b'CONTENT_TYPE', b'content-type'), (b'CONTENT_LENGTH', b'content-length')):
        if variables.get(name):
            fields.append((key, variables[name]))
    host = variables.get(b'HTTP_HOST') or variables.get(b'SERVER_NAME') or None
    version = (1, 0) if variables.get(b'SERVER_PROTOCOL') == b'HTTP/1.0' else (1, 1)
    if variables.get(b'HTTP_TRANSFER_ENCODING') and not variables.get(b'CONTENT_LENGTH'):
        length = CHUNKED            # its end is told by what carries it
    section = Section(version, Headers(fields), length, True, False, host)
    request = GatewayRequest(method, _target(variables), section, variables)
    request.transport = transport
    request.incoming = None
    request.waiter = None
    user = variables.get(b'REMOTE_USER')
    if user:
        request.user = user.decode('utf-8', 'replace')
        request.auth_type = variables.get(b'AUTH_TYPE') or None
    return request


def _target(variables):
    # type: (Dict[bytes, bytes]) -> bytes
    """The target of the request: as sent, or made of SCRIPT_NAME, PATH_INFO and QUERY_STRING."""
    target = variables.get(b'REQUEST_URI', b'')
    if target[:1] not in (b'/', b'*') and b'://' not in target:
        path = variables.get(b'SCRIPT_NAME', b'') + variables.get(b'PATH_INFO', b'')
        query = variables.get(b'QUERY_STRING', b'')
        target = join_segments(path.lstrip(b'/').split(b'/')) + (b'?' + query if query else b'')
    for octet in (min(target), max(target)):
        if octet < min(LOW) or octet > max(HIGH):
            raise CGIError(u'a target with octets that no URL has', reply=400)
    return target


class AnswerSender(object):
    """Sends a Response as the answer of a program: ``Status:``, fields, a blank line, the body.

    Args:     write: called with octets.
              done: called once with None, or with an error.
              clock: the loop.
              status: what stands before the number of the status.

    Attributes:
        begun: true if any of it was sent.
        octets: of the body so far.
    """

    def __init__(self, write, done, clock, status=STATUS):
        # type: (Callable[[bytes], None], Callable[[Any], None], Any, bytes) -> None
        self.begun = False
        self.octets = 0
        self._write = write
        self._done = done
        self._clock = clock
        self._status = status
        self._head = b''
        self._sender = None         # type: Any
        self._paused = False

    def send(self, response, request):
        # type: (Any, Any) -> None
        """Sends *response* to *request*."""
        headers = Headers([field for field in response.headers
                           if field[0].lower() not in HOP_BY_HOP])
        body = response.body
        bodiless = request.method == b'HEAD' or response.status in BODILESS
        reason = REASONS.get(response.status, b'OK')
        lines = [b'%s %d %s\r\n' % (self._status, response.status, reason)]
        lines += [b'%s: %s\r\n' % field for field in headers]
        length = _length_of(body)
        if length is not None and b'content-length' not in headers \
                and response.status not in BODILESS:
            lines.append(b'Content-Length: %d\r\n' % length)
        declared = decimal(headers.get(b'content-length', b''), MAX_LENGTH)
        if type(body) is bytes and not bodiless and declared not in (None, len(body)):
            # The other server would take what is left over for another answer.
            self._done(LocalProtocolError('a body of %d octets with a Content-Length of %d'
                                          % (len(body), declared)))
            return
        self._head = b''.join(lines) + b'\r\n'
        if bodiless or type(body) is bytes:
            if bodiless:
                _close(body)
            self._emit(b'' if bodiless else body)
            self._done(None)
            return
        if isinstance(body, FileBody):
            body = _Pieces(body)
        sender = BodySender(body, self._emit, self._finished, self._clock,
                            UNTIL_CLOSE if declared is None else declared)
        self._sender = sender
        if self._paused:
            sender.pause()
        sender.pull()
        if not self.begun:
            self._emit(b'')         # the first piece is late; the client need not wait for the head

    def pause(self):
        # type: () -> None
        """Pauses: the other server is slow."""
        self._paused = True
        if self._sender is not None:
            self._sender.pause()

    def resume(self):
        # type: () -> None
        """Resumes."""
        self._paused = False
        if self._sender is not None:
            self._sender.resume()

    def stop(self):
        # type: () -> None
        """Stops: the rest is not wanted."""
        if self._sender is not None:
            self._sender.stop()

    def _emit(self, data):
        # type: (bytes) -> None
        self.octets += len(data)
        if not self.begun:
            self.begun = True
            data = self._head + data
        if data:
            self._write(data)

    def _finished(self, error):
        # type: (Optional[BaseException]) -> None
        if error is None and not self.begun:
            self._emit(b'')
        self._done(error)


class _Pieces(object):
    """The pieces of a FileBody."""

    def __init__(self, body):
        # type: (FileBody) -> None
        body.fileobj.seek(body.offset)
        self._body = body
        self.left = body.count
        self.close = body.close

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        data = self._body.fileobj.read(min(self.left, PIECE_BYTES))
        if not data:
            raise LocalProtocolError('the file ended %d octets before its count' % self.left)
        self.left -= len(data)
        return data

    next = __next__                 # py2: the name of this method


def _length_of(body):
    # type: (Any) -> Optional[int]
    if type(body) is bytes:
        return len(body)
    return body.count if isinstance(body, FileBody) else None


def _close(body):
    # type: (Any) -> None
    if hasattr(body, 'close'):
        body.close()


class Exchange(object):
    """One request of another server, and the answer of an application.

    Args:     app: called with the request; gives a Response, a Future of one, or a coroutine.
              clock: the loop.
              write: called with octets of the answer.
              done: called once at the end: with None, or with an error after which the other server
                  must be told that the answer is incomplete.
              wanted: called if the application waits for more of the request's body.
              status: what stands before the number of the status.

    Attributes:
        request: the GatewayRequest, once it has begun.
        body: the Body of it; None if it is complete.
        left: octets of it that are still to come, or CHUNKED.
    """

    def __init__(self, app, clock, write, done, wanted, status=STATUS):
        # type: (Any, Any, Any, Any, Any, bytes) -> None
        self.request = None         # type: Any
        self.body = None            # type: Optional[Body]
        self._app = app
        self._done = done
        self._wanted = wanted
        self._pending = None        # type: Any
        self.left = 0
        self._over = False
        self._sender = AnswerSender(write, self._sent, clock, status)

    def begin(self, variables, transport=None):
        # type: (Dict[bytes, bytes], Any) -> None
        """Asks the application."""
        try:
            request = request_of(variables, transport)
        except CGIError as exc:
            log.info('refused with 400: %s', exc)
            self.request = _Nothing()
            self._sender.send(plain_response(400), self.request)
            return
        self.request = request
        self.left = request.length
        if request.length:
            self.body = Body(self._wanted)
            request.incoming = self.body
        try:
            answer = self._app(request)
        except FAILURES as exc:
            answer = self._failure(exc)
        pending = as_future(answer)
        self._pending = pending
        pending.add_done_callback(self._decided)

    def _decided(self, pending):
        # type: (Any) -> None
        if pending is not self._pending:
            return
        self._pending = None
        error = pending.exception()
        answer = pending.result() if error is None else self._failure(error)
        if isinstance(answer, Upgrade):
            answer = plain_response(501)
        elif not isinstance(answer, Response):
            answer = self._failure(TypeError('the application gave %s, not a Response'
                                             % type(answer).__name__))
        self._sender.send(answer, self.request)

    def _failure(self, error):
        # type: (BaseException) -> Response
        status = error.reply if isinstance(error, RemoteProtocolError) else None
        if isinstance(status, int) and 400 <= status < 600:
            log.info('%s %s: %s', native(self.request.method), native(self.request.path), error)
            return plain_response(status)
        log.error('the application failed on %s %s', native(self.request.method),
                  native(self.request.path),
                  exc_info=(type(error), error, getattr(error, '__traceback__', None)))
        return plain_response(500)

    def feed(self, data):
        # type: (bytes) -> bool
        """Takes octets of the request's body; false if there are more than it has."""
        if self.left != CHUNKED:
            if len(data) > self.left:
                return False
            self.left -= len(data)
        if self.body is not None:
            self.body.feed(data)
            if not self.left:
                self._end_body()
        return True

    def end(self):
        # type: () -> bool
        """Takes the end of the request's body; false if that came too early, and nothing more is
        done for the request.
        """
        if self.left == CHUNKED and self.body is not None:
            self._end_body()
        if self.body is None:
            return True
        self.stop(ConnectionLost(u'the body ended %d octets too early' % self.left))
        return False

    def is_full(self, most):
        # type: (int) -> bool
        """True if *most* octets of the body wait for the application."""
        return self.body is not None and self.body.buffered >= most

    def pause(self):
        # type: () -> None
        """Pauses the answer."""
        self._sender.pause()

    def resume(self):
        # type: () -> None
        """Resumes it."""
        self._sender.resume()

    def stop(self, error):
        # type: (BaseException) -> None
        """Ends early: the other server is gone, or has no use for the answer."""
        if self._over:
            return
        self._over = True
        pending, self._pending = self._pending, None
        self._sender.stop()
        if self.body is not None:
            self.body.fail(error)
        if self.request is not None:
            self.request.conclude(lost=True)
        if pending is not None:
            pending.cancel()

    def _end_body(self):
        # type: () -> None
        body, self.body = self.body, None
        body.end(Headers())         # type: ignore

    def _sent(self, error):
        # type: (Optional[BaseException]) -> None
        if self._over:
            return
        if error is not None and not isinstance(error, ConnectionLost):
            failed = self._failure(error)
            if not self._sender.begun:
                self._sender.send(failed, self.request)
                return
        self._over = True
        if self.body is not None:
            self.body.fail(LocalProtocolError('the body is not read: the response is complete'))
            self.body = None
        self.request.conclude()
        self._done(error)


class _Nothing(object):
    """The request that cannot be understood."""

    method = b'GET'

    @staticmethod
    def conclude(lost=False):
        # type: (bool) -> None
        """Does nothing."""


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Optional
