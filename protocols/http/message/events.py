# Copyright the carryall authors.  See LICENSE.
"""The events of a Receiver: heads of messages, their ends, and the end of the input (RFC 9112
section 2.1).

A piece of a body is plain bytes; None means that more input is needed.

Tests:    tests/protocols/http/message/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.fields.grammar import split_target
from carryall.protocols.http.fields.headerfields import Headers

__all__ = ['CLOSED', 'End', 'PLAIN_END', 'RequestHead', 'ResponseHead']


class RequestHead(object):
    """A request line and its header section.

    Attributes:
        method, target: bytes, as sent.
        version: HTTP_1_1, HTTP_1_0 or HTTP_0_9.
        headers: ``Headers``.
        length: octets of the body that follows, or CHUNKED; 0: no body, and no End either.
        keep_alive: true if the connection can carry another request; never behind a CONNECT.
        expects_continue: true if it waits for ``100 Continue`` before it sends the body.
        host: the requested authority, as sent: of the target if that has one, else the Host field;
            None in HTTP/1.0.
    """

    __slots__ = ('method', 'target', 'version', 'headers', 'length', 'keep_alive',
                 'expects_continue', 'host')

    def __init__(self, method, target, section):
        # type: (bytes, bytes, Section) -> None
        self.method = method
        self.target = target
        self.version = section.version
        self.headers = section.headers
        self.length = section.length
        self.keep_alive = section.keep_alive
        self.expects_continue = section.expects_continue
        self.host = section.host

    @property
    def path(self):
        # type: () -> bytes
        """The path of the target, as sent (percent-encoded), without the query."""
        return split_target(self.target)[0]

    @property
    def query(self):
        # type: () -> bytes
        """The query of the target behind the first ``?``, as sent; b'' if it is missing."""
        return split_target(self.target)[1]


class ResponseHead(object):
    """A status line and its header section.

    Attributes:
        version, headers: as in RequestHead.
        status: 100 to 599.
        reason: bytes, often b''.
        length: octets of the body that follows, CHUNKED or UNTIL_CLOSE; 0: no body, and no End
            either.
        keep_alive: true if the connection can be used again after this.
    """

    __slots__ = ('version', 'status', 'reason', 'headers', 'length', 'keep_alive')

    def __init__(self, status, reason, section):
        # type: (int, bytes, Section) -> None
        self.version = section.version
        self.status = status
        self.reason = reason
        self.headers = section.headers
        self.length = section.length
        self.keep_alive = section.keep_alive


class End(object):
    """The end of a message; ``trailers`` are its ``Headers``, nearly always empty."""

    __slots__ = ('trailers',)

    def __init__(self, trailers):
        # type: (Headers) -> None
        self.trailers = trailers


class _Closed(object):
    """The end of the input, between two messages."""

    __slots__ = ()

    def __repr__(self):
        return 'CLOSED'


CLOSED = _Closed()
PLAIN_END = End(Headers())           # of the messages without trailers


TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.protocols.http.message.headersection import Section
