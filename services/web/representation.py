# Copyright the carryall authors.  See LICENSE.
"""Representation: one form of one file, with its header fields, ready to be given whole or in parts (RFC 9110 section 3.2).

Tests:    tests/services/web/test_representation.py
"""
from __future__ import absolute_import, division, print_function

import os
from binascii import hexlify

from carryall.core.errors import RemoteProtocolError
from carryall.protocols.http.codings import IDENTITY, compress_stream
from carryall.protocols.http.conditionals import NOT_MODIFIED, PRECONDITION_FAILED, evaluate, range_applies
from carryall.protocols.http.dates import format_date
from carryall.protocols.http.etags import format_etag
from carryall.protocols.http.headers import MutableHeaders
from carryall.protocols.http.ranges import format_content_range, multipart_layout, parse_range, unsatisfied_range
from carryall.protocols.http.response import FileBody, Response

__all__ = ['Representation', 'read_exactly']

PIECE_BYTES = 65536         # read at once of a file that is not sent by the system

# What a 304 repeats of the fields of a 200 (RFC 9110 section 15.4.5).
KEPT_FOR_304 = (b'cache-control', b'content-location', b'date', b'etag', b'expires', b'last-modified', b'vary')


class Representation(object):
    """What is given to whom asks for a file.

    Args:
        headers: MutableHeaders with Content-Type and all that does not depend on the request; completed here.
        etag: ``etags.ETag``.
        modified: seconds, for Last-Modified.
        size: octets.
        content: all octets, if they are at hand.
        reopen: a function that opens the file anew, if they are not; the file is as large as *size*.
        coding: a coding that the octets have yet to be given, on their way; then *size* is that before.
    """

    def __init__(self, headers, etag, modified, size, content=None, reopen=None, coding=IDENTITY):
        # type: (MutableHeaders, ETag, int, int, Optional[bytes], Optional[Callable[[], Any]], bytes) -> None
        self.headers = headers
        self.etag = etag
        self.modified = modified
        self.size = size
        self.content = content
        self._open = reopen
        self._coding = coding
        headers.add(b'ETag', format_etag(etag.opaque, etag.weak))
        headers.add(b'Last-Modified', format_date(modified))
        if coding == IDENTITY:
            headers.add(b'Accept-Ranges', b'bytes')

    def answer(self, request, now):
        # type: (Any, float) -> Response
        """The response to a GET or HEAD, with its conditions and ranges (RFC 9110 sections 13.2.2, 14.2)."""
        fields = request.headers.get
        verdict = evaluate(request.method, fields, self.etag, self.modified, now)
        if verdict == NOT_MODIFIED:
            kept = [(name, value) for name, value in self.headers if name.lower() in KEPT_FOR_304]
            return Response(304, kept)
        if verdict == PRECONDITION_FAILED:
            raise RemoteProtocolError('a precondition failed', reply=412)
        if self._coding == IDENTITY and range_applies(request.method, fields, self.etag, self.modified, now):
            parts = parse_range(fields(b'range'), self.size)
            if parts is not None:
                return self._partial(parts)
        return self.whole(request.method == b'HEAD')

    def whole(self, head=False):
        # type: (bool) -> Response
        """The response with everything; for a HEAD without opening the file."""
        if self.content is not None:
            return Response(200, self.headers, self.content)
        if self._coding != IDENTITY:
            pieces = iter(()) if head else compress_stream(_Pieces(self._open(), [(b'', 0, self.size)]), self._coding)
            return Response(200, self.headers, pieces)
        if head:
            return Response(200, self._with([(b'Content-Length', b'%d' % self.size)]))
        return Response(200, self.headers, FileBody(self._open(), 0, self.size))

    def _partial(self, parts):
        # type: (List[Tuple[int, int]]) -> Response
        """206 with one part or several, or 416 for none."""
        if not parts:
            return Response(416, [(b'Content-Range', unsatisfied_range(self.size)), (b'Content-Type', b'text/plain')],
                            b'416 Range Not Satisfiable\n')
        if len(parts) == 1:
            first, count = parts[0]
            headers = self._with([(b'Content-Range', format_content_range(first, count, self.size))])
            if self.content is not None:
                return Response(206, headers, self.content[first:first + count])
            return Response(206, headers, FileBody(self._open(), first, count))
        return self._multipart(parts)

    def _multipart(self, parts):
        # type: (List[Tuple[int, int]]) -> Response
        # 128 bits by chance: not in the octets, unless whoever wrote them can foresee it.
        boundary = hexlify(os.urandom(16))
        layout, tail, length = multipart_layout(parts, self.size, self.headers.get(b'content-type', b''), boundary)
        headers = self._with([(b'Content-Length', b'%d' % length)])
        headers.set(b'Content-Type', b'multipart/byteranges; boundary=' + boundary)
        if self.content is not None:
            pieces = []
            for part in layout:
                pieces += [part.head, self.content[part.first:part.first + part.count]]
            return Response(206, headers, b''.join(pieces) + tail)
        return Response(206, headers, _Pieces(self._open(), layout, tail))

    def _with(self, more):
        # type: (List[Tuple[bytes, bytes]]) -> MutableHeaders
        headers = MutableHeaders(self.headers)
        for name, value in more:
            headers.add(name, value)
        return headers


class _Pieces(object):
    """An iterator over parts of a file, piece by piece; closes the file.

    Args:     layout: (octets to be sent before, first octet of the part, count) each.
              tail: octets after all of them.
    """

    def __init__(self, fileobj, layout, tail=b''):
        # type: (Any, Sequence[Tuple[bytes, int, int]], bytes) -> None
        self._fileobj = fileobj
        self._steps = self._run(layout, tail)

    def __iter__(self):
        return self

    def __next__(self):
        # type: () -> bytes
        return next(self._steps)

    next = __next__             # py2

    def close(self):
        # type: () -> None
        """Close the file."""
        self._fileobj.close()

    def _run(self, layout, tail):
        # type: (Sequence[Tuple[bytes, int, int]], bytes) -> Iterator[bytes]
        for head, first, count in layout:
            if head:
                yield head
            self._fileobj.seek(first)
            while count:
                data = self._fileobj.read(min(PIECE_BYTES, count))
                if not data:
                    raise EOFError('the file ended %d octets before its size' % count)
                count -= len(data)
                yield data
        if tail:
            yield tail


def read_exactly(fileobj, count):
    # type: (Any, int) -> Optional[bytes]
    """All *count* octets of a file from its start; None if it has fewer, or more."""
    pieces = []
    left = count + 1
    while left:
        data = fileobj.read(left)
        if not data:
            break
        pieces.append(data)
        left -= len(data)
    return b''.join(pieces) if left == 1 else None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple
    from carryall.protocols.http.etags import ETag
