# Copyright the carryall authors.  See LICENSE.
"""Content codings: the choice of one, and compressing a stream.

Wire:     ``Accept-Encoding: gzip;q=0.8, br`` (RFC 9110 section 12.5.3); gzip (RFC 1952), deflate
          (RFC 1950), br (RFC 7932), zstd (RFC 8878).
Optional: br needs the package brotli; zstd needs Python 3.14 or the package backports.zstd.  A
          coding whose package is missing is not in CODINGS and is never chosen.
Beware:   if a compressed page has both a secret and data of the visitor, its size lets an
          eavesdropper guess the secret (BREACH).  So nothing here compresses by default: a service
          turns it on, for static files.
Not here: decompressing (contentdecoder.py).
Tests:    tests/protocols/http/fields/test_codings.py
"""
from __future__ import absolute_import, division, print_function

import struct
import zlib

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.fields.fieldsyntax import (is_token, parse_parameters, parse_weight,
                                                        split_list)

try:
    import brotli               # an extra: the standard library has no br
except ImportError:
    brotli = None               # type: ignore
try:
    from compression import zstd            # 3.14
except ImportError:
    try:
        # an extra: the same module for older versions
        from backports import zstd          # type: ignore
    except ImportError:
        zstd = None             # type: ignore

__all__ = ['ALIASES', 'CODINGS', 'CompressedBody', 'IDENTITY', 'choose_coding', 'compress',
           'compressor',
           'parse_accept_encoding', 'rank_codings']

# -- limits ------------------------------------------------------------------
MAX_MEMBERS = 64            # of one Accept-Encoding; the RFC is silent

IDENTITY = b'identity'
ALIASES = {b'x-gzip': b'gzip', b'x-compress': b'compress'}      # RFC 9110 section 8.4.1
ZLIB_LEVEL = 6              # of 9
BROTLI_LEVEL = 4            # of 11: as quick as gzip at 6 and still smaller
ZSTD_LEVEL = 3              # of 22

# magic, deflate, no flags, no time, no extra flags, unknown system (RFC 1952 section 2.3)
GZIP_HEADER = b'\x1f\x8b\x08\0\0\0\0\0\0\xff'


# -- agreement ---------------------------------------------------------------
def parse_accept_encoding(value):
    # type: (bytes) -> Optional[List[Tuple[bytes, int]]]
    """The (coding, weight) pairs of *value*, weights in thousandths, as sent (RFC 9110 section
    12.5.3).

    A malformed member is left out; more than MAX_MEMBERS make it None.
    """
    members = split_list(value, maximum=MAX_MEMBERS)
    if members is None:
        return None
    pairs = []
    for member in members:
        if b';' not in member:
            name = member.lower()
            weight = 1000           # type: Optional[int]
        else:
            parsed = parse_parameters(member)
            if parsed is None:
                continue
            name = parsed[0].lower()
            weights = [text for key, text in parsed[1] if key == b'q']
            weight = parse_weight(weights[0]) if weights else 1000
        if weight is not None and is_token(name):
            pairs.append((ALIASES.get(name, name), weight))
    return pairs


def rank_codings(value, available):
    # type: (Optional[bytes], Sequence[bytes]) -> Tuple[bytes, ...]
    """The codings of *available* (ours, best first) that the client accepts, and IDENTITY if it
    does, the best one first.

    Without the field, or with an empty one, the list is IDENTITY alone: such a program may be
    unable to decode.  With it, IDENTITY comes last unless the client prefers it (RFC 9110 section
    12.5.3).  An empty list is a 406.
    """
    pairs = parse_accept_encoding(value) if value else None
    if not pairs:
        return (IDENTITY,)
    weights = {}                    # type: Dict[bytes, int]
    for name, weight in pairs:
        weights.setdefault(name, weight)
    others = weights.get(b'*', 0)
    ranked = [(-weights.get(name, others), place, name) for place, name in enumerate(available)]
    if IDENTITY in weights:
        ranked.append((-weights[IDENTITY], len(ranked), IDENTITY))
    taken = [name for weight, _, name in sorted(ranked) if weight]
    if IDENTITY not in weights and weights.get(b'*') != 0:
        taken.append(IDENTITY)
    return tuple(taken)


def choose_coding(value, available):
    # type: (Optional[bytes], Sequence[bytes]) -> Optional[bytes]
    """The first of ``rank_codings``; None if the list is empty."""
    return (rank_codings(value, available) or (None,))[0]


# -- compressing --------------------------------------------------------------
class _Deflate(object):
    """zlib with the two methods of the compressors here."""

    def __init__(self):
        # type: () -> None
        coder = zlib.compressobj(ZLIB_LEVEL, zlib.DEFLATED, 15)
        self.compress = coder.compress
        self.finish = coder.flush


class _Gzip(object):
    """One gzip member.

    jython: zlib writes the gzip header again with every call, so the member is framed here, around
    raw deflate.
    """

    def __init__(self):
        # type: () -> None
        self._coder = zlib.compressobj(ZLIB_LEVEL, zlib.DEFLATED, -15)
        self._head = GZIP_HEADER
        self._crc = zlib.crc32(b'')
        self._size = 0

    def compress(self, data):
        # type: (bytes) -> bytes
        """The compressed octets of *data* that are ready."""
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        head, self._head = self._head, b''
        return head + self._coder.compress(data)

    def finish(self):
        # type: () -> bytes
        """The rest of the compressed octets."""
        trailer = struct.pack('<II', self._crc & 0xffffffff, self._size & 0xffffffff)
        return self._head + self._coder.flush() + trailer


class _Brotli(object):
    """The package brotli."""

    def __init__(self):
        # type: () -> None
        coder = brotli.Compressor(quality=BROTLI_LEVEL)
        self.compress = coder.process
        self.finish = coder.finish


class _Zstd(object):
    """The module zstd."""

    def __init__(self):
        # type: () -> None
        coder = zstd.ZstdCompressor(ZSTD_LEVEL)
        self.compress = coder.compress
        self.finish = coder.flush


_COMPRESSORS = {b'gzip': _Gzip, b'deflate': _Deflate}       # type: Dict[bytes, Any]
if brotli is not None:
    _COMPRESSORS[b'br'] = _Brotli
if zstd is not None:
    _COMPRESSORS[b'zstd'] = _Zstd

# The codings of this interpreter, the best first.  deflate is last: peers disagree on its form.
CODINGS = tuple(name for name in (b'zstd', b'br', b'gzip', b'deflate') if name in _COMPRESSORS)


def compressor(coding):
    # type: (bytes) -> Any
    """A new compressor: ``compress(data)`` and, once at the end, ``finish()``, both giving bytes
    that may be empty.

    Raises:   LocalProtocolError: *coding* is not in CODINGS.
    """
    maker = _COMPRESSORS.get(coding)
    if maker is None:
        raise LocalProtocolError('the coding %r is not available here; there are %r'
                                 % (coding, CODINGS))
    return maker()


class CompressedBody(object):
    """An iterator of the compressed octets of *pieces*, a piece at a time; ``close()`` closes
    *pieces* if it has that method.

    The result of a piece may be empty: a search for octets could go through a whole file.
    """

    def __init__(self, pieces, coding):
        # type: (Iterable[bytes], bytes) -> None
        self._pieces = pieces
        self._coder = compressor(coding)
        self._iterator = iter(pieces)       # type: Optional[Iterator[bytes]]

    def __iter__(self):
        return self

    def __next__(self):
        # type: () -> bytes
        if self._iterator is None:
            raise StopIteration
        piece = next(self._iterator, None)
        if piece is None:
            self._iterator = None
            return self._coder.finish()
        return self._coder.compress(piece)

    next = __next__             # py2

    def close(self):
        # type: () -> None
        """Closes *pieces*: the rest is not wanted."""
        self._iterator = None
        if hasattr(self._pieces, 'close'):
            self._pieces.close()            # type: ignore


def compress(data, coding):
    # type: (bytes, bytes) -> bytes
    """Compresses all of *data*."""
    coder = compressor(coding)
    return coder.compress(data) + coder.finish()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple
