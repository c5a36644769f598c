# Copyright the carryall authors.  See LICENSE.
"""Response: the answer of an application, with a body of one of five types.

Tests:    tests/protocols/http/message/test_response.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_types, text_type
from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.fields.tables import REASONS

__all__ = ['FileBody', 'Response', 'Upgrade', 'method_not_allowed', 'plain_response']


class FileBody(object):
    """*count* octets of an open binary file, from *offset* on; sent by the system if it can.

    The file is closed when the response is over, however it ends.
    """

    __slots__ = ('fileobj', 'offset', 'count')

    def __init__(self, fileobj, offset, count):
        # type: (Any, int, int) -> None
        self.fileobj = fileobj
        self.offset = offset
        self.count = count

    def close(self):
        # type: () -> None
        """Closes the file."""
        self.fileobj.close()


class Response(object):
    """The answer to one request.

    Args:
        status: 200 to 599.
        headers: pairs, a mapping, or MutableHeaders (which are used unchanged, and can serve many
            responses).  The server sets Date and the fields that frame the body; a Content-Length
            given here must be true.
        body: of one of these types:

            - bytes
            - a ``FileBody``
            - an iterable of bytes or of Futures of bytes, taken one by one as the peer reads.  Its
              ``close()``, if any, is called at the end.
            - an asynchronous iterable of bytes (3.x)
            - an object with ``read(maximum)`` that gives a Future of bytes, b'' at the end, such as
              the body of a request.  If it has ``trailers``, MutableHeaders, these follow a body in
              chunks (RFC 9112 section 7.1.2)

    Attributes:
        fields: the MutableHeaders, or None; `headers` makes them.
    Raises:   LocalProtocolError: a status out of range, or a header that is not one line.
    """

    __slots__ = ('status', 'body', 'fields')

    def __init__(self, status=200, headers=None, body=b''):
        # type: (int, Any, Any) -> None
        if not isinstance(status, int_types) or not 200 <= status <= 599:
            raise LocalProtocolError('the status of a response is a number from 200 to 599, not %r'
                                     % (status,))
        if type(body) is not bytes and isinstance(body, (text_type, bytearray)):
            raise TypeError('a body is bytes, not %s: encode it' % type(body).__name__)
        self.status = status
        self.body = body
        if headers is not None and not isinstance(headers, MutableHeaders):
            headers = MutableHeaders(headers)
        self.fields = headers     # type: Optional[MutableHeaders]

    @property
    def headers(self):
        # type: () -> MutableHeaders
        """The header fields, which may be changed until the response is returned."""
        if self.fields is None:
            self.fields = MutableHeaders()
        return self.fields


class Upgrade(Response):
    """101, or 200 to CONNECT: gives the connection to *protocol* (RFC 9110 sections 7.8 and
    9.3.6).

    After a plain Response of 2xx to CONNECT the connection ends behind the head.

    Args:
        protocol: a Protocol, which gets the connection and the octets behind the request.  If it
            has a ``drain()``, that is called when the server stops.
        headers: with Upgrade among them, unless the request is a CONNECT; the server sets
            Connection.
    """

    __slots__ = ('protocol',)

    def __init__(self, protocol, headers=()):
        # type: (Any, Any) -> None
        Response.__init__(self, 200, headers)
        self.status = 101
        self.protocol = protocol


def plain_response(status, headers=()):
    # type: (int, Iterable[Tuple[bytes, bytes]]) -> Response
    """A response whose body is its status as one line of text."""
    fields = MutableHeaders(headers)
    fields.set(b'Content-Type', b'text/plain')
    return Response(status, fields, b'%d %s\n' % (status, REASONS.get(status, b'')))


def method_not_allowed(methods):
    # type: (Iterable[bytes]) -> Response
    """405 with the *methods* that would be allowed (RFC 9110 section 15.5.6)."""
    return plain_response(405, [(b'Allow', b', '.join(methods))])


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional, Tuple
