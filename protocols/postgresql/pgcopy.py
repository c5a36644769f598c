# Copyright the carryall authors.  See LICENSE.
"""The two directions of COPY: pieces that are sent when there is room, and octets that are taken.

Source:   PostgreSQL 18, section 55.2.7, "COPY Operations".
Tests:    tests/protocols/postgresql/test_copies.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.database import InterfaceError
from carryall.core.future import Future
from carryall.protocols.postgresql import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

__all__ = ['CopyIn', 'CopyOut']

COPY_PIECE = 65536          # octets of a copy that are sent together


class CopyIn(object):
    """A copy to the server.

    Args:     transport: that of the connection.
              statement: the one that is under way; its ``source`` has the pieces.
              blocked: the transport wants no more for now.
    """

    def __init__(self, transport, statement, blocked):
        # type: (Any, Any, bool) -> None
        self._write = transport.write
        self._statement = statement
        self._blocked = blocked
        self._pieces = None         # type: Any  # an iterator until the copy is over

    def begin(self):
        # type: () -> None
        """Sends as much as there is room for."""
        try:
            self._pieces = iter(self._statement.source)
        except TypeError as exc:
            self._give_up(exc)
        self._go_on()

    def stop(self):
        # type: () -> None
        """Sends no more: the server has refused it, or is gone."""
        self._pieces = None

    def pause(self):
        # type: () -> None
        """The transport wants no more for now."""
        self._blocked = True

    def resume(self):
        # type: () -> None
        """There is room again."""
        self._blocked = False
        self._go_on()

    def _go_on(self):
        # type: () -> None
        while self._pieces is not None and not self._blocked:
            try:
                pieces, waiting, over = _gathered(self._pieces)
                if pieces:
                    self._write(wire.message(b'd', b''.join(pieces)))
            except FAILURES as exc:
                self._give_up(exc)
                return
            if waiting is not None:
                waiting.add_done_callback(self._waited)
                return
            if over:
                self._pieces = None
                self._write(wire.COPY_DONE)

    def _waited(self, done):
        # type: (Future) -> None
        """Sends a piece for which the copy has waited."""
        if self._pieces is None:
            return                      # the server has refused the copy meanwhile
        try:
            self._write(wire.message(b'd', _checked(done.result())))
        except FAILURES as exc:
            self._give_up(exc)
            return
        self._go_on()

    def _give_up(self, error):
        # type: (Any) -> None
        self._statement.error = error
        self._pieces = None
        self._write(wire.message(b'f', b'the data could not be read\0'))


class CopyOut(object):
    """A copy from the server; its statement's ``sink`` takes the octets.

    Attributes:
        waited: the Future for which no more is read; None if there is none.
    """

    def __init__(self, transport, statement, is_text):
        # type: (Any, Any, bool) -> None
        self.waited = None          # type: Any
        self.cut = wire.copied_lines if is_text else wire.copied
        self._transport = transport
        self._statement = statement

    def take(self, octets):
        # type: (bytes) -> None
        """Hands octets to the sink."""
        sink = self._statement.sink
        if sink is None:
            return
        try:
            taking = sink(octets)
        except FAILURES as exc:
            self._sink_failed(exc)
            return
        if isinstance(taking, Future) and not taking.done():
            self._wait(taking)

    def _wait(self, taking):
        # type: (Future) -> None
        """Has the connection read no more before *taking* is done."""
        before = self.waited
        waited = taking if before is None else before.then(lambda _: taking)
        if before is None:
            self._transport.pause_reading()
        self.waited = waited

        def taken(done):
            # type: (Future) -> None
            if done.exception() is not None:
                self._sink_failed(done.exception())
            if self.waited is waited:
                self.waited = None
                self._transport.resume_reading()
        waited.add_done_callback(taken)

    def _sink_failed(self, error):
        # type: (Any) -> None
        # The rest has to be read, for the sake of the statements behind it.
        self._statement.error = error
        self._statement.sink = None


def _gathered(source):
    # type: (Any) -> Tuple[List[bytes], Any, bool]
    """(octets that leave together, a Future of more, True at the end) of the pieces of a copy."""
    pieces = []                     # type: List[bytes]
    size = 0
    for piece in source:
        if isinstance(piece, Future):
            if not piece.done():
                return pieces, piece, False
            piece = piece.result()
        pieces.append(_checked(piece))
        size += len(piece)
        if size >= COPY_PIECE:
            return pieces, None, False
    return pieces, None, True


def _checked(piece):
    # type: (Any) -> bytes
    if not isinstance(piece, (bytes, bytearray)):
        raise InterfaceError(u'a piece of a copy is octets, not %s' % type(piece).__name__)
    return bytes(piece)
