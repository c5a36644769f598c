# Copyright the carryall authors.  See LICENSE.
"""Body: the octets of a message that is arriving, received no faster than they are read.

Tests:    tests/protocols/http/message/test_messagebody.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.codec.buffer import Pieces
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, Return, completed, coroutine, failed
from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.fields.headerfields import Headers

__all__ = ['Body']

# Of two pieces that are joined, because a piece of one octet takes the memory of fifty or more
JOINED_BYTES = 1024
PIECE_BYTES = 65536         # default maximum of one read()


class Body(object):
    """The body of a received message.

    States: arriving -> ended (complete), or broken (an error, which every later read raises).

    The methods of the connection (``feed``, ``end``, ``fail``, ``buffered``) are public for other
    sources of bodies; applications read.

    Args:     wanted: called without arguments when a reader waits for more octets; None if none
                  will come.

    Attributes:
        trailers: the ``Headers`` that followed the body; empty until ``ended``.
        ended: true if all of it was received (the reader may not have read it all).
        buffered: octets that were received and not read.
    """

    __slots__ = ('trailers', 'ended', 'buffered', '_wanted', '_pieces', '_error', '_reader',
                 '_maximum')

    def __init__(self, wanted=None):
        # type: (Optional[Callable[[], None]]) -> None
        self.trailers = Headers()
        self.ended = False
        self.buffered = 0
        self._wanted = wanted
        self._pieces = deque()      # type: deque
        self._error = None          # type: Optional[BaseException]
        # the Future of a reader that waits, for `_maximum` octets at the most
        self._reader = None         # type: Optional[Future]
        self._maximum = 0

    # -- for applications --------------------------------------------------------------------------

    def read(self, maximum=PIECE_BYTES):
        # type: (int) -> Future
        """A Future of the next octets: 1 to *maximum* of them as they come, or b'' at the end.

        It fails with the error of the body: ConnectionLost, or HTTPError for a malformed one.
        """
        if maximum < 1:
            raise ValueError('read() of less than one octet')
        if self._reader is not None:
            raise LocalProtocolError('the body is being read already')
        if self._pieces:
            return completed(self._take(maximum))
        if self._error is not None:
            return failed(self._error)
        if self.ended:
            return completed(b'')
        reader = Future(self._give_up)
        self._reader = reader
        self._maximum = maximum
        if self._wanted is not None:
            self._wanted()
        return reader

    @coroutine
    def read_all(self, maximum):
        # type: (int) -> Any
        """A Future of the rest of the body, *maximum* octets at the most.

        It fails with HTTPError, reply 413, if the rest is longer.
        """
        pieces = Pieces()
        total = 0
        while True:
            piece = yield self.read()
            if not piece:
                raise Return(pieces.joined())
            total += len(piece)
            if total > maximum:
                raise HTTPError('a body of more than %d octets' % maximum, reply=413)
            pieces.append(piece)

    # -- for the connection ------------------------------------------------------------------------

    def feed(self, data):
        # type: (bytes) -> None
        """Appends received octets."""
        pieces = self._pieces
        if pieces and len(pieces[-1]) + len(data) <= JOINED_BYTES:
            pieces[-1] += data
        else:
            pieces.append(data)
        self.buffered += len(data)
        self._serve()

    def end(self, trailers):
        # type: (Headers) -> None
        """Ends the body: it is complete."""
        self.trailers = trailers
        self.ended = True
        self._serve()

    def fail(self, error, keep=False):
        # type: (BaseException, bool) -> None
        """Breaks the body with *error*.

        Args:     keep: the octets that were not read can be read first; else they are dropped.
        """
        if not self.ended and self._error is None:
            self._error = error
            if not keep:
                self._pieces.clear()
                self.buffered = 0
            self._serve()

    # -- inside ------------------------------------------------------------------------------------

    def _take(self, maximum):
        # type: (int) -> bytes
        piece = self._pieces.popleft()
        if len(piece) > maximum:
            self._pieces.appendleft(piece[maximum:])
            piece = piece[:maximum]
        self.buffered -= len(piece)
        if not self._pieces and not self.ended and self._wanted is not None:
            self._wanted()
        return piece

    def _serve(self):
        # type: () -> None
        """Gives octets to the reader that waits, if there are any."""
        reader = self._reader
        if reader is None:
            return
        if self._pieces:
            self._reader = None
            reader.set_result(self._take(self._maximum))
        elif self._error is not None:
            self._reader = None
            reader.set_exception(self._error)
        elif self.ended:
            self._reader = None
            reader.set_result(b'')

    def _give_up(self, _reader):
        # type: (Future) -> None
        self._reader = None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
