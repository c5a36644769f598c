# Copyright the carryall authors.  See LICENSE.
"""Representation: one form of one file with its header fields, ready to be sent whole or in parts
(RFC 9110 section 3.2).

Tests:    tests/services/web/test_static.py, test_served.py
"""
from __future__ import absolute_import, division, print_function

import os
from binascii import hexlify

from carryall.core.errors import FileFailed
from carryall.protocols.http.fields import (IDENTITY, NOT_MODIFIED, PRECONDITION_FAILED,
                                            CompressedBody, evaluate, format_content_range,
                                            format_date, format_etag, multipart_layout,
                                            parse_range, range_applies, unsatisfied_range)
from carryall.protocols.http import FileBody, MutableHeaders, Response
from carryall.services.web.errorpage import error_response

__all__ = ['Representation', 'read_exactly']

PIECE_BYTES = 65536         # read at once of a file that is not sent by the system
COMPRESSED_BYTES = 16384    # and of one that is compressed, which is slow

# The fields of a 200 that a 304 repeats (RFC 9110 section 15.4.5)
KEPT_FOR_304 = (b'cache-control', b'content-location', b'date', b'etag', b'expires',
                b'last-modified', b'vary')


class Representation(object):
    """The form of a file that a client gets.

    Args:
        headers: MutableHeaders with Content-Type and all fields that do not depend on the request;
            completed here.
        etag: ``etags.ETag``.
        modified: seconds, for Last-Modified.
        source: has ``content()``, which returns all octets, or None if they are too many.  In that
            case ``open()`` returns the file, ``size`` is its length, and ``coding`` must be applied
            while it is sent.
        ranges: True if parts of it can be requested.
        dated: True if *modified* stands for one state of the file alone.

    Attributes:
        tag: the value of ETag.
        response: the whole file as a response that can be sent again and again; None before
            ``prepare``, or if the file is not in memory.
    """

    def __init__(self, headers, etag, modified, source, ranges=True, dated=False):
        # type: (MutableHeaders, ETag, int, Any, bool, bool) -> None
        self.headers = headers
        self.etag = etag
        self.modified = modified
        self._source = source
        self._ranges = ranges
        self._strong = modified if dated else None      # the date that If-Range may name
        self.response = None        # type: Optional[Response]
        self._not_modified = None   # type: Optional[Response]
        self.tag = format_etag(etag.opaque, etag.weak)
        headers.add(b'ETag', self.tag)
        headers.add(b'Last-Modified', format_date(modified))
        if ranges:
            headers.add(b'Accept-Ranges', b'bytes')

    def answer(self, request, now):
        # type: (Any, float) -> Response
        """The response to a GET or HEAD, with its conditions and ranges (RFC 9110 sections 13.2.2,
        14.2).
        """
        fields = request.headers.get
        verdict = evaluate(request.method, fields, self.etag, self.modified, now)
        if verdict == NOT_MODIFIED:
            return self.not_modified()
        if verdict == PRECONDITION_FAILED:
            return error_response(request, 412)
        content = self._source.content()
        size = self._source.size if content is None else len(content)
        if self._ranges and range_applies(request.method, fields, self.etag, self._strong, now):
            parts = parse_range(fields(b'range'), size)
            if parts == []:
                return error_response(request, 416,
                                      [(b'Content-Range', unsatisfied_range(size))])
            if parts is not None:
                return self._partial(parts, content, size)
        if content is not None:
            return Response(200, self.headers, content)
        return self._streamed(request.method == b'HEAD', size)

    def not_modified(self):
        # type: () -> Response
        """The response 304, which is made once."""
        if self._not_modified is None:
            kept = [(name, value) for name, value in self.headers if name.lower() in KEPT_FOR_304]
            self._not_modified = Response(304, kept)
        return self._not_modified

    def prepare(self):
        # type: () -> int
        """Prepares it for repeated use; returns the octets that are kept for it."""
        content = self._source.content()
        if content is None:
            return 0
        self.response = Response(200, self.headers, content)
        return len(content)

    def _streamed(self, head, size):
        # type: (bool, int) -> Response
        """The whole of a file that is not in memory; for a HEAD without opening it."""
        coding = self._source.coding
        if coding != IDENTITY:
            pieces = (() if head
                      else CompressedBody(_Pieces(self._source.open(), [(b'', 0, size)],
                                                  piece=COMPRESSED_BYTES), coding))
            return Response(200, self.headers, pieces)
        if head:
            return Response(200, self._with([(b'Content-Length', b'%d' % size)]))
        return Response(200, self.headers, FileBody(self._source.open(), 0, size))

    def _partial(self, parts, content, size):
        # type: (List[Tuple[int, int]], Optional[bytes], int) -> Response
        """206 with one part or several."""
        if len(parts) > 1:
            return self._multipart(parts, content, size)
        first, count = parts[0]
        headers = self._with([(b'Content-Range', format_content_range(first, count, size))])
        if content is not None:
            return Response(206, headers, content[first:first + count])
        return Response(206, headers, FileBody(self._source.open(), first, count))

    def _multipart(self, parts, content, size):
        # type: (List[Tuple[int, int]], Optional[bytes], int) -> Response
        # 128 random bits: the octets cannot contain them by an author's intention.
        boundary = hexlify(os.urandom(16))
        layout, tail, length = multipart_layout(parts, size, self.headers.get(b'content-type', b''),
                                                boundary)
        headers = self._with([(b'Content-Length', b'%d' % length)])
        headers.set(b'Content-Type', b'multipart/byteranges; boundary=' + boundary)
        if content is None:
            return Response(206, headers, _Pieces(self._source.open(), layout, tail))
        pieces = []
        for part in layout:
            pieces += [part.head, content[part.first:part.first + part.count]]
        return Response(206, headers, b''.join(pieces) + tail)

    def _with(self, more):
        # type: (List[Tuple[bytes, bytes]]) -> MutableHeaders
        headers = MutableHeaders(self.headers)
        for name, value in more:
            headers.add(name, value)
        return headers


class _Pieces(object):
    """An iterator over parts of a file, piece by piece; closes the file.

    Args:     layout: for each part (octets to send before it, its first octet, its length).
              tail: octets after all parts.
              piece: octets that are read at once.
    """

    def __init__(self, fileobj, layout, tail=b'', piece=PIECE_BYTES):
        # type: (Any, Sequence[Tuple[bytes, int, int]], bytes, int) -> None
        self._fileobj = fileobj
        self._piece = piece
        self._steps = self._run(layout, tail)

    def __iter__(self):
        return self

    def __next__(self):
        # type: () -> bytes
        return next(self._steps)

    next = __next__             # py2

    def close(self):
        # type: () -> None
        """Closes the file."""
        self._fileobj.close()

    def _run(self, layout, tail):
        # type: (Sequence[Tuple[bytes, int, int]], bytes) -> Iterator[bytes]
        for head, first, count in layout:
            if head:
                yield head
            self._fileobj.seek(first)
            while count:
                data = read_piece(self._fileobj, min(self._piece, count))
                if not data:
                    raise EOFError('the file ended %d octets before its size' % count)
                count -= len(data)
                yield data
        if tail:
            yield tail


def read_piece(fileobj, count):
    # type: (Any, int) -> bytes
    """At most *count* octets of a file that is served; FileFailed if it cannot be read."""
    try:
        return fileobj.read(count)
    except (IOError, OSError) as exc:
        raise FileFailed(u'a file cannot be read: %s' % exc, exc)


def read_exactly(fileobj, count):
    # type: (Any, int) -> Optional[bytes]
    """All *count* octets of a file from its start; None if it has fewer, or more."""
    pieces = []
    left = count + 1
    while left:
        data = read_piece(fileobj, left)
        if not data:
            break
        pieces.append(data)
        left -= len(data)
    return b''.join(pieces) if left == 1 else None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Sequence, Tuple
    from carryall.protocols.http.fields import ETag
