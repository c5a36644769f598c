# Copyright the carryall authors.  See LICENSE.
"""The head of a client's request, with the fields that frame its body (RFC 9112 sections 3, 6).

Rules:    every part is checked before a byte is sent.  The fields that frame the message or name
          its host are set here; a caller's field that contradicts them is an error.
Tests:    tests/protocols/http/client/test_clientrequest.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type
from carryall.core.errors import LocalProtocolError
from carryall.core.records import namedtuple
from carryall.core.codec.numbers import decimal
from carryall.protocols.http.message.headersection import CHUNKED
from carryall.protocols.http.fields.grammar import MAX_SIZE, is_host
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.message.response import FileBody

__all__ = ['IDEMPOTENT', 'Timeouts', 'body_of', 'can_repeat', 'frame', 'is_last', 'request_head']

# Methods that a repetition does not change the effect of (RFC 9110 section 9.2.2), and those that
# announce a body.
IDEMPOTENT = frozenset((b'GET', b'HEAD', b'OPTIONS', b'TRACE', b'PUT', b'DELETE', b'PROPFIND',
                        b'REPORT', b'SEARCH'))
WITH_BODY = frozenset((b'POST', b'PUT', b'PATCH'))

# What would make the rest of the connection something else than this client speaks.
REFUSED = ((b'transfer-encoding', u'Transfer-Encoding is decided by the client'),
           (b'upgrade', u'this client does not switch protocols'),
           (b'expect', u'this client does not wait for 100 (Continue)'),
           (b'te', u'TE is decided by the client'), (b'trailer', u'this client sends no trailers'),
           (b'http2-settings', u'this client does not switch protocols'))


class Timeouts(namedtuple('Timeouts', 'resolve connect tls first_byte idle total')):
    """Seconds, or None for ever.

    resolve:    from name to addresses.
    connect:    to the first address that answers, all tries together.
    tls:        the handshake.
    first_byte: from the end of the request to the first byte of the response.
    idle:       without a byte in or out, while the client reads or writes.
    total:      of a request with its redirects, up to the last byte of the body.
    """

    __slots__ = ()

    def __new__(cls,
                resolve=20.0,       # type: Optional[float]
                connect=30.0,       # type: Optional[float]
                tls=20.0,           # type: Optional[float]
                first_byte=60.0,    # type: Optional[float]
                idle=60.0,          # type: Optional[float]
                total=None          # type: Optional[float]
                ):
        # type: (...) -> Timeouts
        return super(Timeouts, cls).__new__(cls, resolve, connect, tls, first_byte, idle, total)


def frame(method, headers, body):
    # type: (bytes, MutableHeaders, Any) -> Tuple[bytes, int]
    """(field lines, length) that frame *body*: octets or CHUNKED (RFC 9112 section 6).

    Raises:   LocalProtocolError: a field that only this client may set, or a Content-Length that is
              not true.
    """
    for name, why in REFUSED:
        if name in headers:
            raise LocalProtocolError(why)
    declared = headers.get_all(b'content-length')
    length = None                   # type: Optional[int]
    if type(body) is bytes:
        length = len(body)
    elif isinstance(body, FileBody):
        length = body.count
    if declared:
        number = decimal(declared[0], MAX_SIZE)
        if number is None or len(declared) > 1 or length is not None and number != length:
            raise LocalProtocolError(u'Content-Length is not the length of the body')
        return b'', number
    if length is None:
        return b'Transfer-Encoding: chunked\r\n', CHUNKED
    return b'Content-Length: %d\r\n' % length if length or method in WITH_BODY else b'', length


def request_head(method, location, headers, extra, framing):
    # type: (bytes, Location, MutableHeaders, Sequence[Tuple[bytes, bytes]], bytes) -> bytes
    """Request line and header section.

    Args:     headers: the caller's; extra: ours, each sent unless the caller has one of that name.
    Raises:   LocalProtocolError: a Host that is malformed or duplicate.
    """
    hosts = headers.get_all(b'host')
    if len(hosts) > 1 or hosts and not is_host(hosts[0]):
        raise LocalProtocolError(u'Host must be one host')
    fields = MutableHeaders()
    if not hosts:
        fields.add(b'Host', location.authority)     # first, as RFC 9110 section 7.2 would have it
    for name, value in extra:
        if name not in headers:
            fields.add(name, value)
    return (b'%s %s HTTP/1.1\r\n%s%s%s\r\n'
            % (method, location.target, fields.lines(), headers.lines(), framing))


def is_last(headers):
    # type: (MutableHeaders) -> bool
    """True if the caller's fields say that the connection ends with this request.

    Raises:   LocalProtocolError: a connection option that this client does not know.
    """
    options = [word.strip(b' \t') for word in headers.get(b'connection', b'').lower().split(b',')]
    if [word for word in options if word not in (b'', b'close', b'keep-alive')]:
        raise LocalProtocolError(u'Connection may say "close" or "keep-alive" alone')
    return b'close' in options


def body_of(body):
    # type: (Any) -> Any
    """The body to send: *body*, or its result if it can be called.

    Raises:   LocalProtocolError: the body is of no type that gives octets; text must be encoded.
    """
    made = body() if callable(body) else body
    if made is None:
        return b''
    if isinstance(made, (text_type, bytearray, dict)):
        raise LocalProtocolError(u'a body is bytes, not %s: encode it' % type(made).__name__)
    gives = hasattr(made, 'read') or hasattr(made, '__iter__') or hasattr(made, '__aiter__')
    if not gives and not isinstance(made, (bytes, FileBody)):       # py2: bytes have no __iter__
        raise LocalProtocolError(u'a body is bytes, a FileBody, or gives bytes, and not %s'
                                 % type(made).__name__)
    return made


def can_repeat(body):
    # type: (Any) -> bool
    """True if a body can be sent a second time: bytes, none, or a function that makes it."""
    return body is None or isinstance(body, bytes) or callable(body)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence, Tuple
    from carryall.protocols.http.client.clienturl import Location
