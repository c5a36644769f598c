# Copyright the carryall authors.  See LICENSE.
"""Reply: sends one response; `framing` decides how its body ends (RFC 9112 section 6).

Tests:    tests/protocols/http/server/test_reply.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import FileFailed, LocalProtocolError
from carryall.core.logs import get_logger
from carryall.core.codec.numbers import decimal
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE
from carryall.protocols.http.fields.grammar import MAX_SIZE, OWS
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.message.response import FileBody
from carryall.protocols.http.message.bodysender import BodySender, FileSender
from carryall.protocols.http.fields.tables import BODILESS, HTTP_1_1

__all__ = ['CLOSE', 'KEEP_ALIVE', 'Reply', 'close_body', 'connection_options', 'contents',
           'framing', 'is_bodiless', 'length_and_end', 'with_close']

KEEP_ALIVE = b'Connection: keep-alive\r\n'
CLOSE = b'Connection: close\r\n'

MAX_LENGTHS = 4096          # lengths whose header lines are remembered
# length -> line.  jython: formatting a number costs 1 us
_lengths = {}               # type: Dict[int, bytes]

log = get_logger('http')


def length_and_end(length):
    # type: (int) -> bytes
    """The Content-Length line and the blank line, as the end of a header section."""
    lines = _lengths.get(length)
    if lines is None:
        lines = b'Content-Length: %d\r\n\r\n' % length
        if length < MAX_LENGTHS:
            _lengths[length] = lines
    return lines


def framing(response, method, version):
    # type: (Response, bytes, Tuple[int, int]) -> Tuple[bytes, int]
    """The header lines that frame the body of *response* to a request with *method* and *version*.

    Returns:  (header lines, length): length in octets, CHUNKED or UNTIL_CLOSE, as for a GET;
              ``is_bodiless`` tells if a body is sent at all.
    Raises:   LocalProtocolError: the application's headers do not agree with its body.
    Source:   RFC 9110 section 8.6, RFC 9112 section 6.
    """
    status = response.status
    body = response.body
    declared = _declared_length(response.headers) if response.headers.concern_framing() else None
    length = None
    if type(body) is bytes:
        length = len(body)
    elif isinstance(body, FileBody):
        length = body.count
    tunnel = method == b'CONNECT' and status < 300
    if tunnel or status in BODILESS:
        if declared is not None and status != 304:
            what = '%d to CONNECT' if tunnel else '%d'
            raise LocalProtocolError('a %s has no Content-Length' % (what % status))
        return b'Content-Length: 0\r\n' if status == 205 else b'', 0
    if declared is not None:
        if length is not None and length != declared and not (method == b'HEAD' and length == 0):
            raise LocalProtocolError('Content-Length is %d, the body has %d octets'
                                     % (declared, length))
        return b'', declared
    if length is not None:
        return b'Content-Length: %d\r\n' % length, length
    if version == HTTP_1_1:
        return b'Transfer-Encoding: chunked\r\n', CHUNKED
    return b'', UNTIL_CLOSE


def is_bodiless(method, status):
    # type: (bytes, int) -> bool
    """True if a response with *status* to *method* has no body (RFC 9110 section 6.4.1)."""
    return method == b'HEAD' or status in BODILESS or method == b'CONNECT' and status < 300


def connection_options(headers):
    # type: (Headers) -> List[bytes]
    """The members of Connection, in lower case (RFC 9110 section 7.6.1)."""
    return [option.strip(OWS) for option in headers.get(b'connection', b'').lower().split(b',')]


def with_close(headers):
    # type: (MutableHeaders) -> MutableHeaders
    """A copy of *headers* whose Connection has ``close`` and not ``keep-alive``; the given ones may
    serve other responses.
    """
    options = connection_options(headers)
    if b'close' in options and b'keep-alive' not in options:
        return headers
    headers = MutableHeaders(headers)
    kept = [option for option in options if option not in (b'', b'close', b'keep-alive')]
    headers.set(b'Connection', b', '.join(kept + [b'close']))
    return headers


def _declared_length(headers):
    # type: (MutableHeaders) -> Optional[int]
    """The application's Content-Length; None if it gave none."""
    if b'transfer-encoding' in headers:
        raise LocalProtocolError('Transfer-Encoding is set by the server')
    values = headers.get_all(b'content-length')
    if not values:
        return None
    length = decimal(values[0], MAX_SIZE)
    if length is None or len(values) > 1:
        raise LocalProtocolError('Content-Length must be one number')
    return length


class Reply(object):
    """Sends the head and the body of one response, the head together with the first piece of the
    body.

    So the peer can still be told about an error in the making of the body, if nothing was sent yet.

    Args:
        status: of the response.
        head: its status line and header section; b'' in HTTP/0.9.
        emit: called with octets to send.
        done: called once at the end, with None or an error.

    Attributes:
        begun: true if any of it was sent.
    """

    __slots__ = ('status', 'begun', '_head', '_write', '_done', '_octets', '_sender', '_over')

    def __init__(self, status, head, emit, done):
        # type: (int, bytes, Callable[[bytes], None], Callable[[Any], None]) -> None
        self.status = status
        self.begun = False
        self._head = head
        self._write = emit
        self._done = done
        self._octets = 0
        self._sender = None         # type: Any
        self._over = False

    @property
    def octets(self):
        # type: () -> int
        """Octets of the body, sent so far."""
        return self._octets if self._sender is None else self._sender.octets

    def send(self, body, length, connection):
        # type: (Any, int, HTTPServer) -> None
        """Sends *body*, of one of the types that Response allows, on *connection*.

        Args:     length: in octets, or CHUNKED, or UNTIL_CLOSE.
        """
        try:
            if isinstance(body, FileBody):
                self._begin()
                file_sender = FileSender(body, self._end)
                self._sender = file_sender
                file_sender.send(connection.transport)
                return
            if type(body) is bytes:
                self._emit(body)
                self._octets = len(body)
                self._end(None)
                return
            sender = BodySender(body, self._emit, self._end, connection.clock, length)
            self._sender = sender
        except FAILURES as exc:     # an object that is not a body
            self._end(exc)
            return
        if connection.paused:
            sender.pause()
        sender.pull()
        if not self._over:
            self._begin()           # the first piece is late; the client need not wait for the head

    def pause(self):
        # type: () -> None
        """Pauses: the transport is full."""
        if self._sender is not None:
            self._sender.pause()

    def resume(self):
        # type: () -> None
        """Resumes: the transport can take more."""
        if self._sender is not None:
            self._sender.resume()

    def stop(self):
        # type: () -> None
        """Stops: the rest is not wanted."""
        self._over = True
        if self._sender is not None:
            self._sender.stop()

    def _begin(self):
        # type: () -> None
        if not self.begun:
            self._emit(b'')

    def _emit(self, data):
        # type: (bytes) -> None
        if not self.begun:
            self.begun = True
            data = self._head + data
        self._write(data)

    def _end(self, error):
        # type: (Optional[BaseException]) -> None
        if not self._over:
            self._over = True
            if error is None:
                self._begin()       # an empty body sent nothing
            self._done(error)


def contents(body):
    # type: (FileBody) -> bytes
    """The octets of *body*, read at once; the file is closed.

    Raises:   LocalProtocolError: the file is shorter.  FileFailed: it cannot be read.
    """
    try:
        body.fileobj.seek(body.offset)
        data = body.fileobj.read(body.count)
    except (IOError, OSError) as exc:
        raise FileFailed(u'a file cannot be read: %s' % exc, exc)
    finally:
        body.close()
    if len(data) != body.count:
        missing = body.count - len(data)
        raise LocalProtocolError('the file ended %d octets before its count' % missing)
    return data


def close_body(body):
    # type: (Any) -> None
    """Closes a body that is not sent."""
    try:
        if hasattr(body, 'close'):
            body.close()
    except FAILURES:
        log.exception('a body could not be closed')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from carryall.protocols.http.fields.headerfields import Headers
    from carryall.protocols.http.message.response import Response
    from carryall.protocols.http.server.server import HTTPServer
