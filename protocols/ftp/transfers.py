# Copyright the carryall authors.  See LICENSE.
"""What goes through a data connection: a file by the system's own copy, pieces made on the way, or an upload.

    worker = SendFile(loop, opened, offset, count)
    connection.give_to(worker); worker.begin(connection)
    count = yield worker.done               # after the last octet was handed to the system and the connection is closed

Each fails with ConnectionLost (it broke), TimedOut (nothing moved), FileFault (the file), or RemoteProtocolError (what came
cannot be); cancelling ``done`` aborts the connection.  Memory stays flat: pieces stop at the water marks, and an upload
is written as it comes.

Tests:    tests/protocols/ftp/test_transfers.py
"""
from __future__ import absolute_import, division, print_function

import zlib

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError, TimedOut
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS
from carryall.protocols.ftp.filesystem import FAILED, FULL, FileFault
from carryall.protocols.ftp.rates import pause_for
from carryall.protocols.ftp.textmode import FromNetwork, ToNetwork

__all__ = ['Receive', 'SendFile', 'SendPieces', 'deflated', 'pieces_of']

PIECE_BYTES = 65536         # of a file, read at once
TURN_BYTES = 262144         # made for one connection before the others have their turn
INFLATE_BYTES = 262144      # that one step of inflating may give

log = get_logger('ftp')


class _Worker(object):
    """What all transfers share: the end, and the watch for one that does not move.

    Attributes:
        done: a Future of the octets that went over the connection.
        count: octets so far.
    """

    def __init__(self, loop, stall_seconds):
        # type: (Any, float) -> None
        self.done = Future(lambda _: self.drop())
        self.count = 0
        self.rates = ()             # type: Sequence[Any]
        self._loop = loop
        self._stall = stall_seconds
        self._transport = None      # type: Any
        self._connection = None     # type: Any
        self._timer = None          # type: Any
        self._failing = False
        self._seen = -1

    def begin(self, connection):
        # type: (Any) -> None
        """Take the connection and start."""
        self._connection = connection
        self._transport = connection.transport
        connection.give_to(self)
        if not self.done.done():
            self._watch()
            self._start()

    def _start(self):
        # type: () -> None
        raise NotImplementedError

    def moved(self):
        # type: () -> int
        """A number that changes as long as something goes on."""
        return self.count

    def _watch(self):
        # type: () -> None
        moved = self.moved()
        if moved == self._seen:
            self.fail(TimedOut(u'the transfer stood still for %g seconds' % self._stall))
            return
        self._seen = moved
        self._timer = self._loop.call_later(self._stall, self._watch)

    def fail(self, error):
        # type: (BaseException) -> None
        """End it with this error; those that come of ending it say nothing new."""
        if not self.done.done() and not self._failing:
            self._failing = True
            self.drop()
            self.done.set_exception(error)

    def drop(self):
        # type: () -> None
        """Break the connection, and let go of the file."""
        if self._timer is not None:
            self._timer.cancel()
        if self._connection is not None:
            self._connection.drop()
        self.release()

    def release(self):
        # type: () -> None
        """Let go of the file; may be called again."""

    def finish(self):
        # type: () -> None
        """It is complete."""
        if self._timer is not None:
            self._timer.cancel()
        self.release()
        if not self.done.done():
            self.done.set_result(self.count)

    # What the data connection calls.

    def data_received(self, data):
        # type: (bytes) -> None
        """A client that sends into a download is not listened to."""

    def ended(self):
        # type: () -> bool
        """The peer sends no more; a download goes on."""
        return True

    def full(self):
        # type: () -> None
        """The peer does not read fast enough."""

    def room(self):
        # type: () -> None
        """It does again."""

    def lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """The connection is over."""
        self.fail(exc or ConnectionLost(u'the data connection was closed'))


class SendFile(_Worker):
    """A part of a file as it is, copied by the system where it can (``Transport.write_file``).

    Args:     source: a binary file, closed at the end.
    """

    def __init__(self, loop, source, offset, size, stall_seconds):
        # type: (Any, Any, int, int, float) -> None
        _Worker.__init__(self, loop, stall_seconds)
        self._source = source
        self._offset = offset
        self._size = size
        self._sent = False

    def _start(self):
        # A file is no octets in memory, so the marks of a buffer say nothing; and who closes is to be heard.
        self._transport.resume_reading()
        self._transport.write_file(self._source, self._offset, self._size).add_done_callback(self._written)

    def moved(self):
        return self._transport.get_write_buffer_size()

    def _written(self, future):
        # type: (Future) -> None
        exc = future.exception()
        if exc is not None:
            self.fail(FileFault(FAILED, exc) if isinstance(exc, LocalProtocolError) else exc)
            return
        self.count = self._size
        self._sent = True
        self._transport.close()

    def lost(self, exc):
        if exc is None and self._sent:
            self.finish()
        else:
            _Worker.lost(self, exc)

    def release(self):
        source, self._source = self._source, None
        if source is not None:
            source.close()


class _InTurn(object):
    """Stands for a callback that waits in ``loop.turns``."""

    def __init__(self, turns, callback, worker):
        # type: (Any, Callable[[], None], _Worker) -> None
        self._callback = callback       # type: Optional[Callable[[], None]]
        turns.wait(self._run, worker)

    def _run(self):
        # type: () -> None
        if self._callback is not None:
            self._callback()

    def cancel(self):
        # type: () -> None
        """Do not call it."""
        self._callback = None


class SendPieces(_Worker):
    """Pieces that are made while they are sent: text, compressed or slowed files, listings.

    Args:     pieces: an iterator of bytes; what it raises ends the transfer.
              source: a file to be closed at the end, or None.
    """

    def __init__(self, loop, pieces, stall_seconds, source=None):
        # type: (Any, Iterable[bytes], float, Any) -> None
        _Worker.__init__(self, loop, stall_seconds)
        self._pieces = iter(pieces)
        self._source = source
        self._full = False
        self._waiting = None        # type: Any  # the next turn
        self._sent = False

    def _start(self):
        self._transport.resume_reading()
        turns = self._loop.turns
        if turns.crowded:
            self._waiting = _InTurn(turns, self._rested, self)
        else:
            self._pump()

    def moved(self):
        return self.count - self._transport.get_write_buffer_size()

    def _pump(self, number=0):
        # type: (int) -> None
        self._waiting = None
        octets = 0
        while not self._full and not self._sent and not self.done.done():
            try:
                piece = next(self._pieces, None)
            except FileFault as fault:
                self.fail(fault)
                return
            except FAILURES as exc:
                self.fail(FileFault(FAILED, exc))
                return
            if piece is None:
                self._sent = True
                self._transport.close()
                return
            number += 1
            octets += len(piece)
            self.count += len(piece)
            if piece:
                self._transport.write(piece)
            wait = pause_for(self.rates, len(piece)) if self.rates else 0.0
            if wait or octets >= TURN_BYTES:
                self._waiting = self._loop.call_later(wait, self._pump) if wait else self._loop.call_soon(self._pump)
                return
            if number >= FREE_STEPS and self._loop.turns.over(number):
                self._waiting = _InTurn(self._loop.turns, self._rested, self)
                return

    def _rested(self):
        # type: () -> None
        """Its turn has come (law L21)."""
        self._pump(MAX_STEPS)

    def abort(self):
        # type: () -> None
        """What failed in a later turn: nothing more is sent."""
        self.drop()

    def full(self):
        self._full = True

    def room(self):
        self._full = False
        if self._waiting is None:
            self._waiting = self._loop.call_soon(self._pump)

    def lost(self, exc):
        if exc is None and self._sent:
            self.finish()
        else:
            _Worker.lost(self, exc)

    def release(self):
        if self._waiting is not None:
            self._waiting.cancel()
        source, self._source = self._source, None
        if source is not None:
            source.close()


class Receive(_Worker):
    """An upload.

    Args:     upload: of a file system.
              text: whether line ends are turned.
              inflated: whether what comes is compressed (MODE Z).
              limit: octets that the file may have; None for no bound.
    """

    def __init__(self, loop, upload, stall_seconds, text=False, inflated=False, limit=None):
        # type: (Any, Any, float, bool, bool, Optional[int]) -> None
        _Worker.__init__(self, loop, stall_seconds)
        self._upload = upload
        self._text = FromNetwork() if text else None
        self._inflate = zlib.decompressobj() if inflated else None
        self._left = None if limit is None else limit - upload.size
        self._complete = False
        self._waiting = None        # type: Any

    def _start(self):
        self._transport.resume_reading()

    def data_received(self, data):
        if self.done.done():
            return
        self.count += len(data)
        try:
            if self._inflate is not None:
                self._take_inflated(data)
            else:
                self._take(data)
        except FileFault as fault:
            self.fail(fault)
            return
        except zlib.error as exc:
            self.fail(RemoteProtocolError(u'the upload is not deflated', b'451 What came is not deflated.', exc))
            return
        except FAILURES as exc:
            self.fail(FileFault(FAILED, exc))
            return
        wait = pause_for(self.rates, len(data)) if self.rates else 0.0
        if wait:
            self._transport.pause_reading()
            self._waiting = self._loop.call_later(wait, self._transport.resume_reading)

    def _take_inflated(self, data):
        # type: (bytes) -> None
        """Inflate in steps of bounded size: a small upload may be a large file."""
        while data:
            out = self._inflate.decompress(data, INFLATE_BYTES)     # type: ignore
            data = self._inflate.unconsumed_tail                    # type: ignore
            if out:
                self._take(out)
            elif data:
                raise zlib.error('no progress')

    def _take(self, data):
        # type: (bytes) -> None
        if self._text is not None:
            data = self._text.convert(data)
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise FileFault(FULL)
        if data:
            self._upload.write(data)

    def ended(self):
        try:
            if self._inflate is not None:
                finished = _is_finished(self._inflate)
                self._take(self._inflate.flush())
                if self.count and not finished:
                    raise RemoteProtocolError(u'the upload ends too early', b'426 The deflated data ends too early.')
            if self._text is not None:
                rest = self._text.finish()
                if rest:
                    self._upload.write(rest)
        except RemoteProtocolError as exc:
            self.fail(exc)
        except FileFault as fault:
            self.fail(fault)
        except FAILURES as exc:
            self.fail(FileFault(FAILED, exc))
        else:
            self._complete = True
        return False

    def lost(self, exc):
        if not self._complete:
            _Worker.lost(self, exc)
            return
        # All had come before; how the connection ended then is of no matter.
        upload, self._upload = self._upload, None
        try:
            if upload is not None:
                upload.finish()
        except FileFault as fault:
            self.fail(fault)
        except FAILURES as fault:
            self.fail(FileFault(FAILED, fault))
        else:
            self.finish()

    def release(self):
        if self._waiting is not None:
            self._waiting.cancel()
        upload, self._upload = self._upload, None
        if upload is not None:
            try:
                upload.abandon()
            except FAILURES as exc:
                log.info('an upload could not be given up cleanly: %r', exc)


def _is_finished(inflate):
    # type: (Any) -> bool
    """Whether the whole of a compressed stream went through *inflate*."""
    # py2: decompressobj has no `eof`; but what comes behind the end lands in unused_data, and only there.
    finished = getattr(inflate, 'eof', None)
    if hasattr(inflate, 'inflater'):            # jython: unused_data is not to be relied on, but the JDK's object shows
        finished = bool(inflate.inflater.finished())
    if finished is None:
        before = len(inflate.unused_data)
        try:
            inflate.decompress(b'\0')
        except zlib.error:
            return False
        finished = len(inflate.unused_data) > before
    return finished


# -- pieces ------------------------------------------------------------------

def pieces_of(source, offset, size, text=False):
    # type: (Any, int, int, bool) -> Iterator[bytes]
    """A part of an open file in pieces; FileFault if it ends early.

    Args:     text: turn LF into CRLF.
    """
    source.seek(offset)
    convert = ToNetwork().convert if text else None
    while size > 0:
        data = source.read(min(PIECE_BYTES, size))
        if not data:
            raise FileFault(FAILED)
        size -= len(data)
        yield data if convert is None else convert(data)


def deflated(pieces, level=6):
    # type: (Iterable[bytes], int) -> Iterator[bytes]
    """The same, compressed (MODE Z: a zlib stream, RFC 1950)."""
    deflate = zlib.compressobj(level)
    for piece in pieces:
        out = deflate.compress(piece)
        if out:
            yield out
    yield deflate.flush()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Iterator, Optional, Sequence
