# Copyright the carryall authors.  See LICENSE.
"""Decoder: undoes the codings of a Content-Encoding in steps, within a limit (RFC 9110 section
8.4).

Wire:     gzip (RFC 1952, any number of members), deflate (RFC 1950, and without its wrapper, as
          some send it), br (RFC 7932), zstd (RFC 8878).
Optional: br needs the package brotli 1.2, whose output can be bounded; zstd see codings.py.
          DECODABLE has the available ones.
Bounds:   a kilobyte can decompress to a gigabyte.  The output is counted, comes in pieces, and
          stops at a limit.
Tests:    tests/protocols/http/message/test_contentdecoder.py
"""
from __future__ import absolute_import, division, print_function

import struct
import zlib

from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.fields.codings import ALIASES, IDENTITY, brotli, zstd
from carryall.protocols.http.fields.fieldsyntax import split_list

__all__ = ['DECODABLE', 'Decoder']

# -- limits ------------------------------------------------------------------
MAX_DECODED = 64 << 20      # default octets out of one decoder
MAX_STACKED = 2             # codings on top of each other; the RFC is silent
MAX_GZIP_HEADER = 4096      # octets of one gzip header with its file name and comment
PIECE_BYTES = 65536         # octets out of one step

# -- gzip (RFC 1952 section 2.3.1) --------------------------------------------
FHCRC = 2
FEXTRA = 4
FNAME = 8
FCOMMENT = 16
RESERVED = 0xe0

BROKEN = 'the compressed data are broken'
HEAD, BODY, TAIL, DONE = range(4)


class Decoder(object):
    """Undoes the codings of *content_encoding*, giving at most *maximum* octets in all.

    ``feed`` gives an iterator, which must be exhausted before the next call.  All methods raise
    HTTPError: for a coding that is not DECODABLE, and for malformed, truncated or too many data.
    """

    def __init__(self, content_encoding, maximum=MAX_DECODED):
        # type: (bytes, int) -> None
        names = split_list(content_encoding.lower(), maximum=MAX_STACKED)
        if names is None:
            raise HTTPError('more than %d codings on top of each other' % MAX_STACKED)
        names = [ALIASES.get(name, name) for name in names if name != IDENTITY]
        unknown = [name for name in names if name not in _DECODERS]
        if unknown:
            raise HTTPError('the coding %r is not available here' % unknown[0])
        self._stages = [_DECODERS[name]() for name in reversed(names)]
        self._left = maximum
        self._maximum = self._left

    def feed(self, data):
        # type: (bytes) -> Iterator[bytes]
        """The decoded octets of *data*, in pieces of 1 to PIECE_BYTES."""
        for piece in self._through(0, data):
            self._left -= len(piece)
            if self._left < 0:
                raise HTTPError('the data decompress to more than %d octets' % self._maximum)
            if piece:
                yield piece

    def finish(self):
        # type: () -> None
        """Ends the input; raises HTTPError if the data are incomplete."""
        for stage in self._stages:
            if not stage.complete():
                raise HTTPError('the compressed data were cut off')

    def _through(self, number, data):
        # type: (int, bytes) -> Iterator[bytes]
        if number == len(self._stages):
            yield data
            return
        for piece in self._stages[number].pieces(data):
            for inner in self._through(number + 1, piece):
                yield inner


class _Inflate(object):
    """The common part of gzip and deflate: a head, raw deflate, a tail with a checksum.

    The head and the tail are read here and not by zlib.  On 2.7 and Jython zlib does not tell the
    end of a stream.  On Jython it also reads gzip's checksum only if that comes in the same piece
    as the end of the data.
    """

    TAIL_BYTES = 0              # of the checksum behind the data

    def __init__(self):
        # type: () -> None
        self._state = HEAD
        self._held = b''            # part of a head or a tail that is incomplete
        self._coder = None          # type: Any
        self._empty = True          # no octet was received
        self._begin()

    def pieces(self, data):
        # type: (bytes) -> Iterator[bytes]
        """The decoded octets of *data*, PIECE_BYTES at a time."""
        if not data:
            return
        self._empty = False
        data, self._held = self._held + data, b''
        while data:
            if self._state == HEAD:
                data = self._take_head(data)
            elif self._state == BODY:
                full = True
                while self._state == BODY and (data or full):
                    piece = self._inflate(data)
                    full = len(piece) == PIECE_BYTES
                    data = self._coder.unconsumed_tail
                    if piece:
                        self._sum(piece)
                        yield piece
                    if self._coder.unused_data:
                        data = self._coder.unused_data
                        self._state = TAIL
            elif self._state == TAIL:
                data = self._take_tail(data)
            else:
                data = self._after(data)

    def complete(self):
        # type: () -> bool
        """True if the data may end here; they may be empty, because a HEAD or a 304 has the field
        and no body.
        """
        return self._empty or self._state == DONE

    def _inflate(self, data):
        # type: (bytes) -> bytes
        try:
            return self._coder.decompress(data, PIECE_BYTES)
        except zlib.error:
            raise HTTPError(BROKEN)

    def _take_head(self, data):
        # type: (bytes) -> bytes
        size = self._head_size(data)
        if size is None:
            if len(data) > MAX_GZIP_HEADER:
                raise HTTPError('the header of the compressed data is too long')
            self._held = data
            return b''
        self._coder = zlib.decompressobj(-15)
        if hasattr(self._coder, 'gzip'):
            # jython: otherwise zlib takes 8 octets behind any raw data for a checksum
            self._coder.gzip = False
        self._state = BODY
        return data[size:]

    def _take_tail(self, data):
        # type: (bytes) -> bytes
        tail = data[:self.TAIL_BYTES]
        if len(tail) < self.TAIL_BYTES:
            self._held = data
            return b''
        if tail != self._checksum():
            raise HTTPError(BROKEN)
        self._state = DONE
        return data[self.TAIL_BYTES:]

    def _begin(self):
        # type: () -> None
        raise NotImplementedError

    def _head_size(self, data):
        # type: (bytes) -> Optional[int]
        raise NotImplementedError

    def _sum(self, piece):
        # type: (bytes) -> None
        raise NotImplementedError

    def _checksum(self):
        # type: () -> bytes
        raise NotImplementedError

    def _after(self, data):
        # type: (bytes) -> bytes
        """Handles *data* behind the end: none are allowed."""
        return b''


class _Gunzip(_Inflate):
    """gzip: members one after the other, with NULs between them as on tapes (RFC 1952 section
    2.2).
    """

    TAIL_BYTES = 8

    def _begin(self):
        self._crc = zlib.crc32(b'')
        self._size = 0

    def _head_size(self, data):
        """Octets of the header at the start of *data*; None if it is incomplete."""
        if not (b'\x1f\x8b\x08'.startswith(data[:3]) or data[:3] == b'\x1f\x8b\x08'):
            raise HTTPError(BROKEN)
        if len(data) < 10:
            return None
        flags = ord(data[3:4])
        if flags & RESERVED:
            raise HTTPError(BROKEN)
        at = 10
        if flags & FEXTRA:
            if len(data) < 12:
                return None
            at = 12 + struct.unpack('<H', data[10:12])[0]
        for flag in (FNAME, FCOMMENT):
            if flags & flag:
                at = data.find(b'\0', at) + 1
                if not at:
                    return None
        if flags & FHCRC:
            at += 2
        return at if at <= len(data) else None

    def _sum(self, piece):
        self._crc = zlib.crc32(piece, self._crc)
        self._size += len(piece)

    def _checksum(self):
        return struct.pack('<II', self._crc & 0xffffffff, self._size & 0xffffffff)

    def _after(self, data):
        data = data.lstrip(b'\0')
        if data:
            self._begin()
            self._state = HEAD
        return data


class _Undeflate(_Inflate):
    """deflate: with the zlib wrapper, as the RFC requires, or without."""

    TAIL_BYTES = 4

    def _begin(self):
        self._adler = zlib.adler32(b'')
        self._wrapped = True

    def _head_size(self, data):
        """2 for a wrapper, 0 for none."""
        if len(data) < 2:
            return None
        method = ord(data[:1])
        number = struct.unpack('!H', data[:2])[0]
        # peer: servers by Microsoft sent raw deflate for years; only one in 31 such streams begins
        # like a wrapper.
        self._wrapped = method & 15 == 8 and method >> 4 <= 7 and number % 31 == 0
        if self._wrapped and number & 0x20:
            # RFC 1950 section 2.2, FDICT
            raise HTTPError('the compressed data need a dictionary')
        if not self._wrapped:
            self.TAIL_BYTES = 0
        return 2 if self._wrapped else 0

    def _sum(self, piece):
        self._adler = zlib.adler32(piece, self._adler)

    def _checksum(self):
        return struct.pack('!I', self._adler & 0xffffffff) if self._wrapped else b''

    def complete(self):
        if self._state != BODY or self._wrapped:
            return _Inflate.complete(self)
        # Without a tail zlib tells the end only if octets follow, so some are added.
        self._inflate(b'\0')
        return bool(self._coder.unused_data)


class _Unbrotli(object):
    """br."""

    def __init__(self):
        # type: () -> None
        self._coder = brotli.Decompressor()
        self._empty = True

    def pieces(self, data):
        # type: (bytes) -> Iterator[bytes]
        """The decoded octets of *data*."""
        self._empty = self._empty and not data
        piece = b''
        # It can accept more data as soon as its input is used up, and may still have a window full
        # of output.
        while data or piece or not self._coder.can_accept_more_data():
            try:
                piece = self._coder.process(data, output_buffer_limit=PIECE_BYTES)
            except brotli.error:
                raise HTTPError(BROKEN)
            data = b''
            for at in range(0, len(piece), PIECE_BYTES):        # the limit is met a little late
                yield piece[at:at + PIECE_BYTES]

    def complete(self):
        # type: () -> bool
        """True if the data may end here."""
        return self._empty or self._coder.is_finished()


class _Unzstd(object):
    """zstd: frames one after the other."""

    def __init__(self):
        # type: () -> None
        self._coder = zstd.ZstdDecompressor()
        self._empty = True

    def pieces(self, data):
        # type: (bytes) -> Iterator[bytes]
        """The decoded octets of *data*."""
        self._empty = self._empty and not data
        while data or not self._coder.needs_input and not self._coder.eof:
            if self._coder.eof:
                self._coder = zstd.ZstdDecompressor()
            try:
                yield self._coder.decompress(data, PIECE_BYTES)
            except zstd.ZstdError:
                raise HTTPError(BROKEN)
            data = self._coder.unused_data if self._coder.eof else b''

    def complete(self):
        # type: () -> bool
        """True if the data may end here."""
        return self._empty or self._coder.eof


def _bounded_brotli():
    # type: () -> bool
    # Since 1.2
    return brotli is not None and hasattr(brotli.Decompressor, 'can_accept_more_data')


_DECODERS = {b'gzip': _Gunzip, b'deflate': _Undeflate}      # type: Dict[bytes, Any]
if _bounded_brotli():
    _DECODERS[b'br'] = _Unbrotli
if zstd is not None:
    _DECODERS[b'zstd'] = _Unzstd

# The codings that this interpreter can decode, the best first, for a client's Accept-Encoding.
DECODABLE = tuple(name for name in (b'zstd', b'br', b'gzip', b'deflate') if name in _DECODERS)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, Optional
