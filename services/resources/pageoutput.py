# Copyright the carryall authors.  See LICENSE.
"""PageOutput: the body of a page that is written after its method has returned.

Tests:    tests/services/resources/test_resourcetree.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.future import Future, completed

__all__ = ['PageOutput']


class PageOutput(object):
    """A body with ``read(maximum)``; what is written waits for the client.

    Args:     lost: called once if the reading ends before the page does.
    """

    __slots__ = ('_lost', '_pieces', '_ended', '_reader')

    def __init__(self, lost):
        # type: (Callable[[], None]) -> None
        self._lost = lost
        self._pieces = deque()      # type: deque
        self._ended = False
        self._reader = None         # type: Optional[Future]

    def write(self, data):
        # type: (bytes) -> None
        """Adds *data*."""
        if data and not self._ended:
            self._pieces.append(data)
            self._serve()

    def end(self):
        # type: () -> None
        """Ends the body."""
        self._ended = True
        self._serve()

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the next octets, b'' at the end."""
        if self._pieces:
            return completed(self._take(maximum))
        if self._ended:
            return completed(b'')
        reader = Future(self._give_up)
        self._reader = reader
        return reader

    def close(self):
        # type: () -> None
        """Ends the reading."""
        self._pieces.clear()
        if not self._ended:
            self._ended = True
            self._lost()

    def _take(self, maximum):
        # type: (int) -> bytes
        piece = self._pieces.popleft()
        if len(piece) > maximum:
            self._pieces.appendleft(piece[maximum:])
            piece = piece[:maximum]
        return piece

    def _serve(self):
        # type: () -> None
        reader = self._reader
        if reader is None:
            return
        self._reader = None
        reader.set_result(self._take(len(self._pieces[0])) if self._pieces else b'')

    def _give_up(self, _reader):
        # type: (Future) -> None
        self._reader = None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Optional
