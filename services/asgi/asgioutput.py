# Copyright the carryall authors.  See LICENSE.
"""ASGIOutput: the body of a response that the application sends piece by piece.

Tests:    tests/services/asgi/test_asgiapplication_py3.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, completed, failed

__all__ = ['ASGIOutput']


class ASGIOutput(object):
    """A body with ``read(maximum)``, and a ``room`` to wait for.

    Args:     most: octets that may wait for the client.
              lost: called once if the reading ends before the body does.

    Attributes:
        trailers: MutableHeaders for behind the body; None if there are none.
    """

    __slots__ = ('trailers', '_most', '_lost', '_pieces', '_size', '_ended', '_error', '_reader',
                 '_room')

    def __init__(self, most, lost):
        # type: (int, Callable[[], None]) -> None
        self.trailers = None        # type: Any
        self._most = most
        self._lost = lost
        self._pieces = deque()      # type: deque
        self._size = 0
        self._ended = False
        self._error = None          # type: Optional[BaseException]
        self._reader = None         # type: Optional[Future]
        self._room = None           # type: Optional[Future]

    # -- for the application -----------------------------------------------------------------------

    def write(self, data):
        # type: (bytes) -> Optional[Future]
        """Adds *data*; a Future to wait for if too much waits for the client, else None."""
        if data:
            self._pieces.append(data)
            self._size += len(data)
            self._serve()
        if self._size <= self._most:
            return None
        if self._room is None:
            self._room = Future(self._forget_room)
        return self._room

    def end(self, error=None):
        # type: (Optional[BaseException]) -> None
        """Ends the body, or breaks it with *error*."""
        self._ended = True
        self._error = error
        self._serve()

    # -- for the sender ----------------------------------------------------------------------------

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the next octets, b'' at the end."""
        if self._pieces:
            return completed(self._take(maximum))
        if self._error is not None:
            return failed(self._error)
        if self._ended:
            return completed(b'')
        if self._reader is not None:
            raise LocalProtocolError('the body is being read already')
        reader = Future(self._give_up)
        self._reader = reader
        return reader

    def close(self):
        # type: () -> None
        """Ends the reading: the response is over, or the client is gone."""
        self._pieces.clear()
        self._size = 0
        self._open_room()
        if not self._ended:
            self._ended = True
            self._lost()

    # -- inside ------------------------------------------------------------------------------------

    def _take(self, maximum):
        # type: (int) -> bytes
        piece = self._pieces.popleft()
        if len(piece) > maximum:
            self._pieces.appendleft(piece[maximum:])
            piece = piece[:maximum]
        self._size -= len(piece)
        if self._room is not None and self._size <= self._most // 2:
            self._open_room()
        return piece

    def _serve(self):
        # type: () -> None
        """Completes the read that waits, if it can be."""
        reader = self._reader
        if reader is None:
            return
        self._reader = None
        if self._pieces:
            reader.set_result(self._take(len(self._pieces[0])))
        elif self._error is not None:
            reader.set_exception(self._error)
        else:
            reader.set_result(b'')

    def _give_up(self, _reader):
        # type: (Future) -> None
        self._reader = None

    def _open_room(self):
        # type: () -> None
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _forget_room(self, _room):
        # type: (Future) -> None
        self._room = None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
