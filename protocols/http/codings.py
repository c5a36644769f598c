# Copyright the carryall authors.  See LICENSE.
"""Content codings: which one is agreed on, and compressing a stream.

Wire:     ``Accept-Encoding: gzip;q=0.8, br`` (RFC 9110 section 12.5.3); gzip (RFC 1952), deflate (RFC 1950), br
          (RFC 7932), zstd (RFC 8878).
Optional: br needs the package brotli; zstd needs Python 3.14 or the package backports.zstd.  A coding whose package is
          missing is not in CODINGS and is never agreed on.
Beware:   a page that holds both a secret and what the visitor sent lets an eavesdropper guess the secret by its size
          once compressed (BREACH).  So nothing here compresses by itself: a service turns it on, for static files.
Not here: decompressing (decoding.py).
Tests:    tests/protocols/http/test_codings.py
"""
from __future__ import absolute_import, division, print_function

import struct
import zlib

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.parameters import is_token, parse_parameters, parse_weight, split_list

try:
    import brotli               # an extra: the standard library has no br
except ImportError:
    brotli = None               # type: ignore
try:
    from compression import zstd            # 3.14
except ImportError:
    try:
        from backports import zstd          # type: ignore  # an extra: the same module for older versions
    except ImportError:
        zstd = None             # type: ignore

__all__ = ['ALIASES', 'CODINGS', 'IDENTITY', 'choose_coding', 'compress_stream', 'compressor', 'parse_accept_encoding']

# -- limits ------------------------------------------------------------------
MAX_MEMBERS = 64            # of one Accept-Encoding; ours

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
    """The (coding, weight) pairs of *value*, weights in thousandths, as sent (RFC 9110 section 12.5.3).

    A member that is not the grammar is left out; more than MAX_MEMBERS make it None.
    """
    members = split_list(value, maximum=MAX_MEMBERS)
    if members is None:
        return None
    pairs = []
    for member in members:
        if b';' not in member:
            name, weight = member.lower(), 1000     # type: Tuple[bytes, Optional[int]]
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


def choose_coding(value, available):
    # type: (Optional[bytes], Sequence[bytes]) -> Optional[bytes]
    """The best of *available* (ours, best first) that the client takes, else IDENTITY (RFC 9110 section 12.5.3).

    Without the field, or with an empty one, that is IDENTITY: a program that does not ask cannot decode.

    Returns:  None: the client takes none of them and not even IDENTITY, which is a 406.
    """
    pairs = parse_accept_encoding(value) if value else None
    if not pairs:
        return IDENTITY
    weights = {}                    # type: Dict[bytes, int]
    for name, weight in pairs:
        weights.setdefault(name, weight)
    star = weights.get(b'*')
    # Not being listed, identity is acceptable unless `*;q=0` says no; and it is what we send only if nothing is better.
    plain = weights.get(IDENTITY)
    if plain is None:
        plain = 0 if star == 0 else 1
    best, best_weight = IDENTITY, plain if b'identity' in weights else 0
    found = plain > 0
    for name in available:
        weight = weights.get(name, star or 0)
        if weight > best_weight or weight and weight == best_weight and best == IDENTITY:
            best, best_weight, found = name, weight, True
    return best if found else None


# -- compressing --------------------------------------------------------------
class _Deflate(object):
    """zlib behind the two calls that every compressor here has."""

    def __init__(self):
        # type: () -> None
        coder = zlib.compressobj(ZLIB_LEVEL, zlib.DEFLATED, 15)
        self.compress = coder.compress
        self.finish = coder.flush


class _Gzip(object):
    """One gzip member.

    jython: zlib writes the gzip header again with every call, so the member is framed here, around raw deflate.
    """

    def __init__(self):
        # type: () -> None
        self._coder = zlib.compressobj(ZLIB_LEVEL, zlib.DEFLATED, -15)
        self._head = GZIP_HEADER
        self._crc = zlib.crc32(b'')
        self._size = 0

    def compress(self, data):
        # type: (bytes) -> bytes
        """What comes out when *data* go in."""
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        head, self._head = self._head, b''
        return head + self._coder.compress(data)

    def finish(self):
        # type: () -> bytes
        """The rest."""
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

# What this interpreter can do, best first.  deflate is last: peers do not agree on what it is.
CODINGS = tuple(name for name in (b'zstd', b'br', b'gzip', b'deflate') if name in _COMPRESSORS)


def compressor(coding):
    # type: (bytes) -> Any
    """A new compressor: ``compress(data)`` and, once at the end, ``finish()``, both giving bytes that may be empty.

    Raises:   LocalProtocolError: *coding* is not in CODINGS.
    """
    maker = _COMPRESSORS.get(coding)
    if maker is None:
        raise LocalProtocolError('the coding %r is not available here; there are %r' % (coding, CODINGS))
    return maker()


def compress_stream(pieces, coding):
    # type: (Iterable[bytes], bytes) -> Iterator[bytes]
    """The octets of *pieces*, compressed, piece by piece and never more at once; closes *pieces* if that can be."""
    coder = compressor(coding)
    try:
        for piece in pieces:
            data = coder.compress(piece)
            if data:
                yield data
        data = coder.finish()
        if data:
            yield data
    finally:
        close = getattr(pieces, 'close', None)
        if close is not None:
            close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple
