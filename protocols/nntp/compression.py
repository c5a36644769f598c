# Copyright the carryall authors.  See LICENSE.
"""COMPRESS DEFLATE: a connection whose octets are compressed both ways (RFC 8054).

Tests:    tests/protocols/nntp/test_logins.py
"""
from __future__ import absolute_import, division, print_function

import zlib

from carryall.protocols.nntp.errors import NNTPError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ['DeflateTransport', 'Inflater', 'PIECE']

# -- limits ------------------------------------------------------------------
PIECE = 65536               # octets that are made of a peer's octets at once
_RAW = -15                  # window bits without a header; RFC 8054 section 2.2.2


class DeflateTransport(object):
    """A transport that compresses what is written; all else is that of *inner*."""

    def __init__(self, inner):
        # type: (Any) -> None
        self._inner = inner
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, _RAW)
        # The inner one's own methods: no call of ours around them.
        self.abort = inner.abort
        self.can_write_eof = inner.can_write_eof
        self.close = inner.close
        self.get_extra_info = inner.get_extra_info
        self.get_write_buffer_size = inner.get_write_buffer_size
        self.is_closing = inner.is_closing
        self.is_reading = inner.is_reading
        self.pause_reading = inner.pause_reading
        self.resume_reading = inner.resume_reading
        self.set_write_buffer_limits = inner.set_write_buffer_limits
        self.write_eof = inner.write_eof

    def write(self, data):
        # type: (bytes) -> None
        """Sends *data* so that the peer can read all of it."""
        if data and not self._inner.is_closing():
            self._inner.write(self._deflate.compress(data)
                              + self._deflate.flush(zlib.Z_SYNC_FLUSH))


class Inflater(object):
    """The octets of the peer, piece by piece.

    A few octets may stand for a thousand times as many, so the rest waits until it is asked for.
    """

    __slots__ = ('_inflate', '_left')

    def __init__(self):
        # type: () -> None
        self._inflate = zlib.decompressobj(_RAW)
        self._left = b''

    @property
    def waits(self):
        # type: () -> bool
        """True if octets have come that were not taken."""
        return bool(self._left)

    def feed(self, data):
        # type: (bytes) -> None
        """Takes octets as they came."""
        self._left += data

    def take(self):
        # type: () -> bytes
        """The next octets; b'' if no more can be made of what came.

        Raises:   NNTPError: they are not compressed, or the stream has ended.
        """
        while self._left:
            if self._inflate.unused_data:
                raise NNTPError(u'the compressed stream has ended')
            try:
                made = self._inflate.decompress(self._left, PIECE)
            except zlib.error as exc:
                raise NNTPError(u'octets that are not compressed: %s' % exc)
            self._left = self._inflate.unconsumed_tail
            if made:
                return made
            if self._inflate.unused_data:
                raise NNTPError(u'the compressed stream has ended')
        return b''
