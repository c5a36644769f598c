# Copyright the carryall authors.  See LICENSE.
"""How a body goes out that is not just bytes: piece by piece, as the peer takes it (RFC 9112
sections 6, 7).

A ``BodySender`` pulls pieces out of whatever an application gave, and stops while the transport has
enough; a ``FileSender`` lets the transport send a file.

Tests:    tests/protocols/http/message/test_bodysender.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import LocalProtocolError
from carryall.core.future import Future, as_future
from carryall.core.logs import get_logger
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS
from carryall.protocols.http.message.headersection import CHUNKED, UNTIL_CLOSE

__all__ = ['BodySender', 'FileSender', 'LAST_CHUNK']

# -- limits ------------------------------------------------------------------
PIECE_BYTES = 65536         # asked of a source with read()
TURN_BYTES = 262144         # sent in one turn of the loop, however fast the peer: others wait
# What the smallest piece counts for in that, so that a flood of empty ones ends too
MIN_COST = 512

LAST_CHUNK = b'0\r\n\r\n'

_END = object()             # what a source gives when it has no more

log = get_logger('http')


class BodySender(object):
    """Sends a body piece by piece.

    Args:     body: an iterable, an asynchronous iterable, or something with ``read(maximum)``; see
                  Response.
              write: where the octets go.
              done: called once with None, or with what went wrong.
              clock: to go on in a later turn.
              length: octets that were promised, CHUNKED or UNTIL_CLOSE.

    Attributes:
        octets: of the body, sent so far.
    """

    __slots__ = ('octets', '_body', '_write', '_done', '_clock', '_length', '_next', '_ends_empty',
                 '_paused', '_waiting',
                 '_pulling', '_resting', '_over')

    def __init__(self, body, write, done, clock, length):
        # type: (Any, Callable[[bytes], None], Callable[[Optional[BaseException]], None], Any, int) -> None
        self.octets = 0
        self._body = body
        self._write = write
        self._done = done
        self._clock = clock
        self._length = length
        self._ends_empty = hasattr(body, 'read')
        self._next = _puller(body)
        self._paused = False
        # the next piece, which is not there yet
        self._waiting = None        # type: Optional[Future]
        self._pulling = False
        self._resting = False       # true if more is to be made than the share of this turn allowed
        self._over = False

    def pause(self):
        # type: () -> None
        """The transport has enough."""
        self._paused = True

    def resume(self):
        # type: () -> None
        """The transport can take more."""
        self._paused = False
        self.pull()

    def stop(self):
        # type: () -> None
        """Nobody wants the rest."""
        self._over = True
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
        if not self._pulling:
            self._close_body()

    abort = stop                    # what fails in a later turn

    def pull(self, steps=0):
        # type: (int) -> None
        """Sends until the body ends, has to be waited for, or the transport or this turn has
        enough.
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
        """Its turn has come (law L21)."""
        self._resting = False
        self.pull(MAX_STEPS)

    def _step(self):
        # type: () -> None
        """Takes the next piece, and sends it if it is there."""
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
        """Lets the source clean up; once."""
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
        """Hands the file to *transport*."""
        body = self._body
        transport.write_file(body.fileobj, body.offset, body.count).add_done_callback(self._sent)

    def pause(self):
        # type: () -> None
        """Nothing to do: the transport takes of the file what it can send."""

    resume = pause

    def stop(self):
        # type: () -> None
        """Nobody wants the rest; the transport, which is gone, lets go of the file by itself."""
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
