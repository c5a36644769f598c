# Copyright the carryall authors.  See LICENSE.
"""ASGIOutput: the body of a response that the application sends piece by piece.

Tests:    tests/services/asgi/test_asgiapplication_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Future
from carryall.protocols.http import Body, Headers

__all__ = ['ASGIOutput']


class ASGIOutput(object):
    """A body with ``read(maximum)``, and a ``room`` to wait for.

    Args:     most: octets that may wait for the client.
              lost: called once if the reading ends before the body does.

    Attributes:
        trailers: MutableHeaders for behind the body; None if there are none.
    """

    __slots__ = ('trailers', '_most', '_lost', '_body', '_ended', '_room')

    def __init__(self, most, lost):
        # type: (int, Callable[[], None]) -> None
        self.trailers = None        # type: Any
        self._most = most
        self._lost = lost
        self._body = Body()
        self._ended = False
        self._room = None           # type: Optional[Future]

    # -- for the application -----------------------------------------------------------------------

    def write(self, data):
        # type: (bytes) -> Optional[Future]
        """Adds *data*; a Future to wait for if too much waits for the client, else None."""
        if data:
            self._body.feed(data)
        if self._body.buffered <= self._most:
            return None
        if self._room is None:
            self._room = Future(self._forget_room)
        return self._room

    def end(self, error=None):
        # type: (Optional[BaseException]) -> None
        """Ends the body, or breaks it with *error*."""
        self._ended = True
        if error is None:
            self._body.end(Headers())
        else:
            self._body.fail(error, keep=True)

    # -- for the sender ----------------------------------------------------------------------------

    def read(self, maximum):
        # type: (int) -> Future
        """A Future of the next octets, b'' at the end."""
        piece = self._body.read(maximum)
        if self._room is not None and self._body.buffered <= self._most // 2:
            self._open_room()
        return piece

    def close(self):
        # type: () -> None
        """Ends the reading: the response is over, or the client is gone."""
        self._body = Body()
        self._open_room()
        if not self._ended:
            self._ended = True
            self._lost()

    # -- inside ------------------------------------------------------------------------------------

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
