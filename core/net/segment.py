# Copyright the carryall authors.  See LICENSE.
"""FileSegment: a part of an open file on its way to a peer, for anyone who implements
``Transport.write_file``.

Tests:    tests/runtimes/test_output.py, tests/contract/test_write_file.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import FileFailed, LocalProtocolError
from carryall.core.future import Future

__all__ = ['FileSegment']


class FileSegment(object):
    """A part of an open file that must be sent."""

    __slots__ = ('source', 'offset', 'left', 'count', 'descriptor', 'future')

    def __init__(self, source, offset, count):
        # type: (Any, int, int) -> None
        self.source = source
        self.offset = offset
        self.left = count
        self.count = self.left
        self.future = Future()
        try:
            self.descriptor = source.fileno()
        except FAILURES:            # a BytesIO and its like have none
            self.descriptor = None

    def read(self, limit):
        # type: (int) -> bytes
        """The next bytes, *limit* at the most; b'' where the file ends early."""
        self.source.seek(self.offset)
        return self.source.read(min(limit, self.left))

    def fault_of(self, exc):
        # type: (BaseException) -> BaseException
        """The error for *exc*, which sending the file has raised: FileFailed if the file cannot be
        read, else itself."""
        try:
            self.read(1)
        except FAILURES as fault:
            error = FileFailed(u'a file cannot be read: %s' % fault, fault)
            if not self.future.done():
                self.future.set_exception(error)
            return error
        return exc

    def advance(self, count):
        # type: (int) -> None
        """Notes that *count* bytes are gone."""
        self.offset += count
        self.left -= count

    def ended_early(self):
        # type: () -> LocalProtocolError
        """The error of a file that is shorter than was said; its future has failed with it."""
        error = LocalProtocolError(u'the file ended %d bytes before its count' % self.left)
        self.future.set_exception(error)
        return error


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
