# Copyright the carryall authors.  See LICENSE.
"""BodyOutput: the body of a response that the application writes while it is sent.

Its thread waits while more waits for the client than the limit; a client that is gone ends the
wait.

Tests:    tests/services/wsgi/test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import SimpleQueue
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, completed, failed

__all__ = ['BodyOutput', 'ClientGone']

_ROOM, _GONE = range(2)


class ClientGone(IOError):
    """The client is gone, so nothing more can be written."""


class BodyOutput(object):
    """A body with ``read(maximum)``, which a thread writes.

    Args:     post: calls a function on the loop's thread.
              most: octets that may wait for the client.

    Attributes:
        gone: true if nothing reads it any more.
    """

    __slots__ = ('gone', '_post', '_most', '_pieces', '_ended', '_error', '_reader', '_taken',
                 '_wanted', '_written', '_answers')

    def __init__(self, post, most):
        # type: (Callable[..., None], int) -> None
        self.gone = False
        self._post = post
        self._most = most
        self._pieces = deque()      # type: deque
        self._ended = False
        self._error = None          # type: Optional[BaseException]
        self._reader = None         # type: Optional[Future]
        self._taken = 0             # octets that were read
        # octets taken at which the thread that waits can go on
        self._wanted = None         # type: Optional[int]
        # Of the thread alone:
        self._written = 0
        self._answers = None        # type: Any

    # -- called by the application's thread --------------------------------------------------------

    def write(self, data):
        # type: (bytes) -> None
        """Adds *data*, and waits while too much waits for the client.

        Raises:   ClientGone.
        """
        if self.gone:
            raise ClientGone('the client is gone')
        self._post(self._feed, data)
        self._written += len(data)
        if self._written - self._taken > self._most:
            if self._answers is None:
                self._answers = SimpleQueue()
            self._post(self._want_room, self._written - self._most // 2)
            if self._answers.get() == _GONE:
                raise ClientGone('the client is gone')

    def end(self, error=None):
        # type: (Optional[BaseException]) -> None
        """Ends the body, or breaks it with *error*."""
        self._post(self._end, error)

    # -- called by the sender, on the loop's thread ------------------------------------------------

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
        self.gone = True
        self._pieces.clear()
        if self._wanted is not None:
            self._wanted = None
            self._answers.put(_GONE)

    # -- inside ------------------------------------------------------------------------------------

    def _take(self, maximum):
        # type: (int) -> bytes
        piece = self._pieces.popleft()
        if len(piece) > maximum:
            self._pieces.appendleft(piece[maximum:])
            piece = piece[:maximum]
        self._taken += len(piece)
        if self._wanted is not None and self._taken >= self._wanted:
            self._wanted = None
            self._answers.put(_ROOM)
        return piece

    def _feed(self, data):
        # type: (bytes) -> None
        if not self.gone:
            self._pieces.append(data)
            self._serve()

    def _end(self, error):
        # type: (Optional[BaseException]) -> None
        self._ended = True
        self._error = error
        self._serve()

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

    def _want_room(self, mark):
        # type: (int) -> None
        """Notes that the thread waits until *mark* octets were taken."""
        if self.gone:
            self._answers.put(_GONE)
        elif self._taken >= mark:
            self._answers.put(_ROOM)
        else:
            self._wanted = mark


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
