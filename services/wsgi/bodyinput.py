# Copyright the carryall authors.  See LICENSE.
"""wsgi.input of a body that arrives while the application reads it, and what is collected before
(PEP 3333, "Input and Error Streams").

A thread that reads waits for the loop, and never the loop for a thread.

Tests:    tests/services/wsgi/test_pep3333.py, test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

import io

from carryall.core.compat import SimpleQueue

__all__ = ['BodyBroken', 'BodyInput', 'collect']

PIECE_BYTES = 65536         # octets that are asked of the connection at once


class BodyBroken(IOError):
    """The rest of a request's body will not come: the client is gone, or broke the rules."""


class BodyInput(object):
    """The octets of a Body as a file, for a thread that is not the loop's.

    Args:     body:  the Body.
              first: octets that were read of it.
              post:  calls a function on the loop's thread.
    """

    def __init__(self, body, first, post):
        # type: (Any, bytes, Callable[..., None]) -> None
        self._body = body
        self._piece = io.BytesIO(first)
        self._post = post
        self._answers = SimpleQueue()       # type: Any
        self._ended = False

    def read(self, size=-1):
        # type: (Optional[int]) -> bytes
        """*size* octets, or fewer at the end; all without a size."""
        return self._gathered(size, self._piece.read, b'')

    def readline(self, size=-1):
        # type: (Optional[int]) -> bytes
        """The next line with its end, *size* octets at the most; b'' at the end."""
        return self._gathered(size, self._piece.readline, b'\n')

    def readlines(self, _hint=-1):
        # type: (Optional[int]) -> List[bytes]
        """All lines."""
        return list(self)

    def __iter__(self):
        return iter(self.readline, b'')

    def _gathered(self, size, take, last):
        # type: (Optional[int], Callable[[int], bytes], bytes) -> bytes
        """Octets that *take* gives of one piece after the other, up to *size* or *last*."""
        left = -1 if size is None else size
        found = []                  # type: List[bytes]
        while left:
            data = take(left)
            found.append(data)
            if left > 0:
                left -= len(data)
            if last and data[-1:] == last or not data and not self._fetch():
                break
        return b''.join(found)

    def _fetch(self):
        # type: () -> bool
        """Waits for the next piece; false at the end.

        Raises:   BodyBroken.
        """
        if self._ended:
            return False
        self._post(self._ask)
        future = self._answers.get()
        error = future.exception()
        if error is not None:
            raise BodyBroken('the body of the request is incomplete: %s' % error)
        piece = self._piece
        piece.seek(0)
        piece.truncate()
        piece.write(future.result())
        piece.seek(0)
        self._ended = not future.result()
        return not self._ended

    def _ask(self):
        # type: () -> None
        """Reads of the body, on the loop's thread."""
        self._body.read(PIECE_BYTES).add_done_callback(self._answers.put)


def collect(body, most, done):
    # type: (Any, int, Callable[[bytes, bool], None]) -> None
    """Reads *body* to its end, or until more than *most* octets have come.

    Calls ``done(octets, complete)``; never, if the body breaks before.
    """
    pieces = []                     # type: List[bytes]
    total = [0]

    def arrived(future):
        # type: (Any) -> None
        if future.exception() is not None:
            return                  # the connection answers, if it can
        piece = future.result()
        pieces.append(piece)
        total[0] += len(piece)
        if not piece or total[0] > most:
            done(b''.join(pieces), not piece)
        else:
            body.read(PIECE_BYTES).add_done_callback(arrived)

    body.read(PIECE_BYTES).add_done_callback(arrived)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional
