# Copyright the carryall authors.  See LICENSE.
"""Byte streams over calls: the receiver asks for each piece, so that none pile up.

Wire:     the side that has the octets sends a reference.  The other calls its ``read(maximum)``,
          answered with 1 to *maximum* octets, or none at the end;
          and ``close()`` if it does not want the rest.

    # anything with read(maximum) that gives a Future of bytes
    return ByteSource(body)

    stream = RemoteStream(reference)
    piece = yield stream.read()                             # b'' at the end; itself such a thing

Tests:    tests/protocols/pb/test_pager.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import int_types
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import as_future, completed
from carryall.protocols.pb.failures import PBError
from carryall.protocols.pb.flavors import Referenceable
from carryall.protocols.pb.settings import SIZE_LIMIT

__all__ = ['ByteSource', 'FileSource', 'RemoteStream']

READ_BYTES = 262144         # octets that a stream asks for at a time


class ByteSource(Referenceable):
    """A stream of ours that the peer reads.

    Args:     source: has ``read(maximum)``, a Future of octets, b'' at the end; it may have
              ``close()``.
    """

    def __init__(self, source):
        # type: (Any) -> None
        self._source = source
        self._reading = False

    def remote_read(self, maximum):
        # type: (Any) -> Any
        """The next octets."""
        if not isinstance(maximum, int_types) or maximum < 1 or self._reading \
                or self._source is None:
            raise PBError(u'This cannot be read now.')
        self._reading = True
        future = as_future(self._source.read(min(maximum, SIZE_LIMIT)))
        future.add_done_callback(self._read)
        return future

    def _read(self, _future):
        # type: (Any) -> None
        self._reading = False

    def remote_close(self):
        # type: () -> None
        """Closes the source: the peer wants no more."""
        source, self._source = self._source, None
        if source is not None and hasattr(source, 'close'):
            source.close()

    def released_by_peer(self, broker):
        self.remote_close()


class FileSource(object):
    """An open binary file as a source; closed with it."""

    def __init__(self, fileobj):
        # type: (Any) -> None
        self._file = fileobj

    def read(self, maximum):
        # type: (int) -> Any
        """A Future of the next octets."""
        return completed(self._file.read(maximum))

    def close(self):
        # type: () -> None
        """Closes the file."""
        self._file.close()


class RemoteStream(object):
    """Reads from a ByteSource of the peer; the reference ends with the stream."""

    def __init__(self, reference):
        # type: (Any) -> None
        self._reference = reference.keep()
        self._rest = b''
        self._ended = False

    def read(self, maximum=READ_BYTES):
        # type: (int) -> Any
        """A Future of the next octets, 1 to *maximum*; b'' at the end.

        It fails with what breaks the call.
        """
        if self._rest:
            piece, self._rest = self._rest[:maximum], self._rest[maximum:]
            return completed(piece)
        if self._ended:
            return completed(b'')
        return self._reference.call_remote('read', READ_BYTES).then(
            lambda data: self._take(data, maximum))

    def _take(self, data, maximum):
        # type: (Any, int) -> bytes
        if type(data) is not bytes or len(data) > READ_BYTES:
            raise RemoteProtocolError('the piece is not a byte string, or too long')
        if not data:
            self._ended = True
            self._reference.release()
        self._rest = data[maximum:]
        return data[:maximum]

    def close(self):
        # type: () -> None
        """Closes the stream."""
        if not self._ended:
            self._ended = True
            self._reference.call_remote('close', pbanswer=False)
            self._reference.release()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
