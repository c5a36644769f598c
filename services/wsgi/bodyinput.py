# Copyright the carryall authors.  See LICENSE.
"""wsgi.input of a body that arrives while the application reads it, and what is collected before
(PEP 3333, "Input and Error Streams").

A thread that reads waits for the loop, and never the loop for a thread.

Tests:    tests/services/wsgi/test_pep3333.py, test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

import io

from carryall.core.compat import SimpleQueue

__all__ = ['BodyBroken', 'collect', 'open_input']

PIECE_BYTES = 65536         # octets that are asked of the connection at once


class BodyBroken(IOError):
    """The rest of a request's body will not come: the client is gone, or broke the rules."""


class _RawInput(io.RawIOBase):
    """The octets of a Body, for a thread that is not the loop's.

    Args:     body:  the Body.
              first: octets that were read of it.
              post:  calls a function on the loop's thread.
    """

    def __init__(self, body, first, post):
        # type: (Any, bytes, Callable[..., None]) -> None
        io.RawIOBase.__init__(self)
        self._body = body
        self._left = first
        self._post = post
        self._answers = SimpleQueue()       # type: Any
        self._ended = False

    def readable(self):
        return True

    def readinto(self, target):
        if not self._left and not self._ended:
            self._left = self._next()
            self._ended = not self._left
        piece = self._left[:len(target)]
        self._left = self._left[len(piece):]
        target[:len(piece)] = piece
        return len(piece)

    def _next(self):
        # type: () -> bytes
        """Waits for the next octets; b'' at the end."""
        self._post(self._ask)
        future = self._answers.get()
        error = future.exception()
        if error is not None:
            raise BodyBroken('the body of the request is incomplete: %s' % error)
        return future.result()

    def _ask(self):
        # type: () -> None
        """Reads of the body, on the loop's thread."""
        self._body.read(PIECE_BYTES).add_done_callback(self._answers.put)


def open_input(body, first, post):
    # type: (Any, bytes, Callable[..., None]) -> Any
    """A file object for the *first* octets and the rest of *body*."""
    return io.BufferedReader(_RawInput(body, first, post), PIECE_BYTES)


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
    from typing import Any, Callable, List
