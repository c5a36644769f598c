# Copyright the carryall authors.  See LICENSE.
"""Sending a body that is not just bytes, piece by piece, as fast as the peer reads (RFC 9112
sections 6, 7).

A ``BodySender`` takes pieces of an application's body, and pauses while the transport is full; a
``FileSender`` lets the transport send a file.

Tests:    tests/protocols/http/message/test_bodysender.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, as_future
from carryall.core.logs import get_logger
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE

__all__ = ['BodySender', 'FileSender', 'LAST_CHUNK']

# -- limits ------------------------------------------------------------------
PIECE_BYTES = 65536         # octets asked of a source with read()
TURN_BYTES = 262144         # octets sent in one turn of the loop; then others have their turn
# The least octets that a piece counts for in that, so that a flood of empty ones ends too
MIN_COST = 512

LAST_CHUNK = b'0\r\n\r\n'

_END = object()             # the mark of a source's end

log = get_logger('http')


class BodySender(object):
    """Sends a body piece by piece.

    Args:     body: an iterable, an asynchronous iterable, or an object with ``read(maximum)``; see
                  Response.
              write: called with octets to send.
              done: called once with None, or with the error.
              clock: to go on in a later turn.
              length: the length in the head, CHUNKED or UNTIL_CLOSE.

    Attributes:
        octets: of the body, sent so far.
    """

    __slots__ = ('octets', '_body', '_write', '_done', '_clock', '_length', '_next', '_ends_empty',
                 '_paused', '_waiting',
                 '_pulling', '_resting', '_over')

    def __init__(self,
                 body,      # type: Any
                 write,     # type: Callable[[bytes], None]
                 done,      # type: Callable[[Optional[BaseException]], None]
                 clock,     # type: Any
                 length     # type: int
                 ):
        # type: (...) -> None
        self.octets = 0
        self._body = body
        self._write = write
        self._done = done
        self._clock = clock
        self._length = length
        self._ends_empty = hasattr(body, 'read')
        self._next = _puller(body)
        self._paused = False
        # the next piece, a Future
        self._waiting = None        # type: Optional[Future]
        self._pulling = False
        self._resting = False       # true if the rest waits for a later turn (law L21)
        self._over = False

    def pause(self):
        # type: () -> None
        """Pauses: the transport is full."""
        self._paused = True

    def resume(self):
        # type: () -> None
        """The transport can take more."""
        self._paused = False
        self.pull()

    def stop(self):
        # type: () -> None
        """Stops: the rest is not wanted."""
        self._over = True
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
        if not self._pulling:
            self._close_body()

    abort = stop                    # for a failure in a later turn

    def pull(self, steps=0):
        # type: (int) -> None
        """Sends until the body ends or must be waited for, the transport is full, or this turn's
        share is used.
        """
        if self._pulling or self._resting:
            return                  # resumed from within our own write
        self._pulling = True
        allowance = TURN_BYTES
        turns = getattr(self._clock, 'turns', None)
        while not (self._over or self._paused or self._waiting):
            if allowance <= 0:
                self._clock.call_later(0, self.pull)
                break
            before = self.octets
            self._step()
            allowance -= max(MIN_COST, self.octets - before)
            steps += 1
            if steps >= FREE_STEPS and turns is not None and not self._over and turns.over(steps):
                self._resting = True
                turns.wait(self._rested, self)
                break
        self._pulling = False
        if self._over:
            self._close_body()

    def _rested(self):
        # type: () -> None
        """Continues in its turn (law L21)."""
        self._resting = False
        self.pull(MAX_STEPS)

    def _step(self):
        # type: () -> None
        """Takes the next piece, and sends it if it is ready."""
        try:
            piece = self._next()
        except FAILURES as exc:
            self._end(exc)
            return
        if isinstance(piece, Future):
            if piece.done():
                self._arrived(piece)
            else:
                self._waiting = piece
                piece.add_done_callback(self._arrived_later)
        else:
            self._send(piece)

    def _arrived_later(self, piece):
        # type: (Future) -> None
        if self._waiting is piece:
            self._waiting = None
            self._arrived(piece)
            self.pull()

    def _arrived(self, piece):
        # type: (Future) -> None
        error = piece.exception()
        if error is None:
            self._send(_END if self._ends_empty and piece.result() == b'' else piece.result())
        elif type(
            error).__name__ == 'StopAsyncIteration':      # py2: the name is not there to be caught
            self._send(_END)
        else:
            self._end(error)

    def _send(self, piece):
        # type: (Any) -> None
        length = self._length
        if piece is _END:
            if length == CHUNKED:
                trailers = getattr(self._body, 'trailers', None)
                if isinstance(trailers, MutableHeaders):
                    self._write(b'0\r\n%s\r\n' % trailers.lines())
                else:
                    self._write(LAST_CHUNK)
            elif length != UNTIL_CLOSE and self.octets != length:
                self._end(LocalProtocolError('the body ended %d octets before its length'
                                             % (length - self.octets)))
                return
            self._end(None)
        elif type(piece) is not bytes:
            self._end(TypeError('a piece of a body is bytes, not %s' % type(piece).__name__))
        elif length >= 0 and self.octets + len(piece) > length:
            self._end(LocalProtocolError('the body goes on beyond its length of %d octets'
                                         % length))
        elif piece:                 # an empty chunk would be the last one
            self.octets += len(piece)
            self._write(b'%x\r\n%s\r\n' % (len(piece), piece) if length == CHUNKED else piece)

    def _end(self, error):
        # type: (Optional[BaseException]) -> None
        if not self._over:
            self._over = True
            if not self._pulling:
                self._close_body()
            self._done(error)

    def _close_body(self):
        # type: () -> None
        """Closes the source, once."""
        body, self._body = self._body, None
        try:
            if hasattr(body, 'aclose'):
                as_future(body.aclose())
            elif hasattr(body, 'close'):
                body.close()
        except FAILURES:
            log.exception('a body could not be closed')


def _puller(body):
    # type: (Any) -> Callable[[], Any]
    """The function that gives the next piece of *body*: bytes, a Future of bytes, or _END."""
    if hasattr(body, 'read'):
        return lambda: body.read(PIECE_BYTES)
    if hasattr(body, '__aiter__'):
        pieces = body.__aiter__()
        return lambda: as_future(pieces.__anext__())
    iterator = iter(body)
    return lambda: next(iterator, _END)


class FileSender(object):
    """Sends a FileBody; the same methods as BodySender."""

    __slots__ = ('octets', '_body', '_done', '_over')

    def __init__(self, body, done):
        # type: (FileBody, Callable[[Optional[BaseException]], None]) -> None
        self.octets = 0
        self._body = body
        self._done = done
        self._over = False

    def send(self, transport):
        # type: (Transport) -> None
        """Gives the file to *transport*."""
        body = self._body
        transport.write_file(body.fileobj, body.offset, body.count).add_done_callback(self._sent)

    def pause(self):
        # type: () -> None
        """Does nothing: the transport reads the file as fast as it can send."""

    resume = pause

    def stop(self):
        # type: () -> None
        """Does nothing: the transport, which is gone, closes the file itself."""
        self._over = True

    def _sent(self, future):
        # type: (Future) -> None
        try:
            self._body.close()
        except FAILURES:
            log.exception('a file could not be closed')
        error = future.exception()
        if error is None:
            self.octets = future.result()
        if not self._over:
            self._over = True
            self._done(error)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
    from carryall.core.net.transport import Transport
    from carryall.protocols.http.message.response import FileBody
