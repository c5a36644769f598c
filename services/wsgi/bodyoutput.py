# Copyright the carryall authors.  See LICENSE.
"""BodyOutput: the body of a response that the application writes while it is sent.

Its thread waits while more waits for the client than the limit; a client that is gone ends the
wait.

Tests:    tests/services/wsgi/test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import SimpleQueue
from carryall.protocols.http import Body, Headers

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

    __slots__ = ('gone', '_post', '_most', '_body', '_fed', '_taken', '_wanted', '_written',
                 '_answers')

    def __init__(self, post, most):
        # type: (Callable[..., None], int) -> None
        self.gone = False
        self._post = post
        self._most = most
        self._body = Body()
        self._fed = 0               # octets that have come from the thread
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
        piece = self._body.read(maximum)
        self._note_taken()
        return piece

    def close(self):
        # type: () -> None
        """Ends the reading: the response is over, or the client is gone."""
        self.gone = True
        self._body = Body()
        if self._wanted is not None:
            self._wanted = None
            self._answers.put(_GONE)

    def abort(self, error):
        # type: (BaseException) -> None
        """Breaks the body with *error*; the thread that writes finds no client."""
        body = self._body
        self.close()
        body.fail(error)

    # -- inside ------------------------------------------------------------------------------------

    def _feed(self, data):
        # type: (bytes) -> None
        if data and not self.gone:
            self._fed += len(data)
            self._body.feed(data)
            self._note_taken()

    def _end(self, error):
        # type: (Optional[BaseException]) -> None
        if error is None:
            self._body.end(Headers())
        else:
            self._body.fail(error, keep=True)

    def _note_taken(self):
        # type: () -> None
        """Counts what was read, and lets the thread go on if that is enough."""
        self._taken = self._fed - self._body.buffered
        if self._wanted is not None and self._taken >= self._wanted:
            self._wanted = None
            self._answers.put(_ROOM)

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
    from carryall.core.future import Future
