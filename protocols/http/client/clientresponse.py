# Copyright the carryall authors.  See LICENSE.
"""ClientResponse: the response of a server, with its decoded body; resuming a download.

Tests:    tests/protocols/http/client/test_clientresponse.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.buffer import Pieces
from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost
from carryall.core.future import Future, Return, coroutine
from carryall.core.records import namedtuple
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.message.messagebody import PIECE_BYTES
from carryall.protocols.http.fields.dates import parse_date
from carryall.protocols.http.message.contentdecoder import Decoder
from carryall.protocols.http.fields.etags import parse_etag
from carryall.protocols.http.fields.ranges import format_range, parse_content_range

__all__ = ['ClientResponse', 'Timing', 'Via', 'is_whole', 'resume_fields', 'resumes_at',
           'validator']

# -- limits ------------------------------------------------------------------
# Seconds that a Last-Modified must be older than the response (RFC 9110 section 8.8.2.2)
STRONG_AGE = 1


# The times that it took to make a connection, in seconds; tls: None in clear.
Timing = namedtuple('Timing', 'resolve connect tls')

# The connection of a response: the server's Address; the TLSInfo, None in clear; its Timing, None
# if it existed already.
Via = namedtuple('Via', 'peer tls timing')


class ClientResponse(object):
    """The response to one request; read its body to the end, or ``close`` it.

    Attributes:
        status: 200 to 599; up to 999 of servers that break the rule.
        reason: bytes, often b''.
        version: HTTP_1_1 or HTTP_1_0.
        headers: ``Headers``.
        url: the last one, after all redirects (bytes).
        history: (status, url) of each redirect on the way.
        length: octets of the body on the wire; None if that is not known beforehand.
        decoded: true if ``read`` undoes a Content-Encoding.
        via: the connection that it came by, a ``Via``; None if unknown.
    """

    __slots__ = ('status', 'reason', 'version', 'headers', 'url', 'history', 'length', 'decoded',
                 'via', '_body',
                 '_exchange', '_decoder', '_pieces', '_rest')

    def __init__(self,
                 head,              # type: ResponseHead
                 body,              # type: Body
                 exchange,          # type: Exchange
                 url,               # type: bytes
                 history=(),        # type: Sequence[Tuple[int, bytes]]
                 decoder=None       # type: Optional[Decoder]
                 ):
        # type: (...) -> None
        self.status = head.status
        self.reason = head.reason
        self.version = head.version
        self.headers = head.headers
        self.url = url
        self.history = list(history)
        self.length = head.length if head.length >= 0 else None
        self.decoded = decoder is not None
        self.via = None             # type: Optional[Via]
        self._body = body
        self._exchange = exchange
        self._decoder = decoder
        # decoded octets that were not read yet
        self._pieces = None         # type: Optional[Iterator[bytes]]
        self._rest = b''            # of a piece that was larger than the caller asked for

    @property
    def trailers(self):
        # type: () -> Headers
        """The fields behind the body; known once it was read to its end."""
        return self._body.trailers

    def read(self, maximum=PIECE_BYTES):
        # type: (int) -> Future
        """A Future of the next octets as they come, 1 to *maximum* of them, b'' at the end.

        It fails with ConnectionLost, TimedOut, or HTTPError.
        """
        if self._decoder is None:
            return self._body.read(maximum)
        return self._read_decoded(maximum)

    @coroutine
    def _read_decoded(self, maximum):
        # type: (int) -> Any
        while True:
            try:
                piece = self._rest
                if not piece and self._pieces is not None:
                    piece = next(self._pieces, b'')
                if piece:
                    self._rest = piece[maximum:]
                    raise Return(piece[:maximum])
                self._pieces = None
                data = yield self._body.read()
                if not data:
                    self._decoder.finish()      # type: ignore
                    raise Return(b'')
                self._pieces = self._decoder.feed(data)     # type: ignore
            except HTTPError as exc:
                self._exchange.abandon(exc)
                raise

    @coroutine
    def read_all(self, maximum):
        # type: (int) -> Any
        """A Future of the rest of the body, *maximum* octets at the most; more is an HTTPError."""
        pieces = Pieces()
        total = 0
        while True:
            piece = yield self.read()
            if not piece:
                raise Return(pieces.joined())
            total += len(piece)
            if total > maximum:
                error = HTTPError(u'a body of more than %d octets' % maximum)
                self._exchange.abandon(error)
                raise error
            pieces.append(piece)

    def close(self):
        # type: () -> None
        """Drops the rest of the body; unless it was complete, the connection is cut."""
        self._exchange.abandon(ConnectionLost(u'the response was closed'))

    def discard(self, maximum):
        # type: (int) -> Future
        """Reads and drops the body, so that the connection can be used again; it is cut if the body
        has more than *maximum* octets.
        """
        if self.length is not None and self.length > maximum:
            self.close()
        return _discard(self._body, self._exchange, maximum)


@coroutine
def _discard(body, exchange, maximum):
    # type: (Body, Exchange, int) -> Any
    try:
        while maximum >= 0:
            piece = yield body.read()
            if not piece:
                return
            maximum -= len(piece)
        exchange.abandon(ConnectionLost(u'the rest of the response was not wanted'))
    except FAILURES:
        pass                        # whatever broke it, it was not wanted


# -- resuming ----------------------------------------------------------------
def validator(headers):
    # type: (Headers) -> Optional[bytes]
    """The value for If-Range that ensures that the rest is of the same representation; None without
    a strong one.

    It is a strong entity tag, or else a Last-Modified that is old enough (RFC 9110 sections
    8.8.2.2, 13.1.5).
    """
    tag = headers.get(b'etag')
    if tag is not None:
        found = parse_etag(tag)
        return tag if found is not None and not found.weak else None
    modified = headers.get(b'last-modified', b'')
    date = headers.get(b'date', b'')
    then = parse_date(modified)
    now = parse_date(date)
    return modified if then is not None and now is not None and now - then >= STRONG_AGE else None


def resume_fields(offset, condition):
    # type: (int, Optional[bytes]) -> List[Tuple[bytes, bytes]]
    """The fields of a request for the rest from *offset* on, under the *condition* of a
    ``validator``.
    """
    fields = [(b'Range', format_range(offset)), (b'Accept-Encoding', b'identity')]
    if condition is not None:
        fields.append((b'If-Range', condition))
    return fields


def is_whole(response):
    # type: (ClientResponse) -> bool
    """True if the body of *response* can be the whole representation; a 206 that gives less is a
    part (RFC 9110 section 15.3.7).

    A part without a Range in the request is a fault of the server or of a cache on the way.
    """
    if response.status != 206:
        return True
    extent = parse_content_range(response.headers.get(b'content-range', b''))
    return (extent is not None and extent.first == 0 and extent.size is not None and extent.last
            == extent.size - 1)


def resumes_at(response, offset):
    # type: (ClientResponse, int) -> int
    """The offset of the body of *response*, the answer to a request with ``resume_fields``:
    *offset* or 0.

    Raises:   HTTPError: neither the rest nor the whole.  A 416 for a file of exactly *offset*
              octets is the rest, which is empty.
    """
    extent = parse_content_range(response.headers.get(b'content-range', b''))
    if response.status == 200:
        return 0
    if response.status == 206 and extent is not None and extent.first == offset:
        return offset
    if response.status == 416 and extent is not None and extent.size == offset:
        return offset
    raise HTTPError(u'the server does not give the rest: status %d' % response.status)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Sequence, Tuple
    from carryall.protocols.http.message.messagebody import Body
    from carryall.protocols.http.client.clientconnection import Exchange
    from carryall.protocols.http.message.events import ResponseHead
    from carryall.protocols.http.fields.headerfields import Headers
