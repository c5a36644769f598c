# Copyright the carryall authors.  See LICENSE.
"""Transfers through a data connection: a file, pieces that are made on the way, or an upload.

    worker = SendFile(loop, opened, offset, count, stall_seconds)
    worker.begin(connection)
    count = yield worker.done               # the last octet is sent, and the connection is closed

Each fails with ConnectionLost, Stalled, FileFault, or RemoteProtocolError for malformed data.
Cancelling ``done`` aborts the connection.  Memory use is constant: pieces stop at the water marks,
and an upload is written as it arrives.

Tests:    tests/protocols/ftp/test_transfers.py
"""
from __future__ import absolute_import, division, print_function

import zlib

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import Future
from carryall.core.logs import get_logger
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS
from carryall.core.ratelimit import longest_wait
from carryall.protocols.ftp.errors import Stalled
from carryall.protocols.ftp.filesystem import FAILED, FULL, FileFault
from carryall.protocols.ftp.textmode import FromNetwork, ToNetwork
from carryall.protocols.ftp.wire import ABORTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Iterator, Optional, Sequence

__all__ = ['Receive', 'SendFile', 'SendPieces', 'deflated', 'pieces_of']

PIECE_BYTES = 65536         # of a file, read at once
TURN_BYTES = 262144         # made for one connection until the others have their turn
INFLATE_BYTES = 262144      # that one step of inflating may produce

NOT_DEFLATED = b'451 Requested action aborted: the data is not deflated.'

log = get_logger('ftp')


class _Worker(object):
    """The base of transfers: the end, and the watch for a stall.

    Attributes:
        done: a Future of the number of octets transferred.
        count: octets so far.
        rates: list of Rate that slow it down.
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
        """Takes the connection and starts."""
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
        """A number that changes as long as data moves."""
        return self.count

    def _watch(self):
        # type: () -> None
        moved = self.moved()
        if moved == self._seen:
            self.fail(Stalled(u'the transfer moved no data for %g seconds' % self._stall))
            return
        self._seen = moved
        self._timer = self._loop.call_later(self._stall, self._watch)

    def fail(self, error):
        # type: (BaseException) -> None
        """Ends it with this error; further ones are consequences of it."""
        if not self.done.done() and not self._failing:
            self._failing = True
            self.drop()
            self.done.set_exception(error)

    def drop(self):
        # type: () -> None
        """Aborts the connection, and closes the file."""
        if self._timer is not None:
            self._timer.cancel()
        if self._connection is not None:
            self._connection.drop()
        self.release()

    def release(self):
        # type: () -> None
        """Closes the file; may be called again."""

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
        """Data of the peer; a download ignores it."""

    def ended(self):
        # type: () -> bool
        """The peer has ended its side; a download goes on."""
        return True

    def full(self):
        # type: () -> None
        """The write buffer is full."""

    def room(self):
        # type: () -> None
        """The write buffer has room again."""

    def lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """The connection is over."""
        self.fail(exc or ConnectionLost(u'the data connection was closed'))


class SendFile(_Worker):
    """A part of a file as it is, copied by the system if possible (``Transport.write_file``).

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
        # The water marks do not count a file's octets.  Reading goes on to notice the peer's close.
        self._transport.resume_reading()
        written = self._transport.write_file(self._source, self._offset, self._size)
        written.add_done_callback(self._written)

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
    """A callback that waits in ``loop.turns``."""

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
        """Does not call it."""
        self._callback = None


class SendPieces(_Worker):
    """Pieces that are made while they are sent: text, compressed or slow files, listings.

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
            wait = longest_wait(self.rates, len(piece)) if self.rates else 0.0
            if wait or octets >= TURN_BYTES:
                if wait:
                    self._waiting = self._loop.call_later(wait, self._pump)
                else:
                    self._waiting = self._loop.call_soon(self._pump)
                return
            if number >= FREE_STEPS and self._loop.turns.over(number):
                self._waiting = _InTurn(self._loop.turns, self._rested, self)
                return

    def _rested(self):
        # type: () -> None
        """Continues in a later turn (law L21)."""
        self._pump(MAX_STEPS)

    def abort(self):
        # type: () -> None
        """A later turn failed: send nothing more."""
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
              text: convert line ends (TYPE A).
              inflated: inflate the data (MODE Z).
              limit: octets that the file may have; None for no limit.
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
            self.fail(RemoteProtocolError(u'the upload is not deflated', NOT_DEFLATED, exc))
            return
        except FAILURES as exc:
            self.fail(FileFault(FAILED, exc))
            return
        wait = longest_wait(self.rates, len(data)) if self.rates else 0.0
        if wait:
            self._transport.pause_reading()
            self._waiting = self._loop.call_later(wait, self._transport.resume_reading)

    def _take_inflated(self, data):
        # type: (bytes) -> None
        """Inflates in steps of bounded size: a small upload may become a large file."""
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
                    raise RemoteProtocolError(u'the deflated upload ends too early', ABORTED)
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
        # All data had come; how the connection ended does not matter.
        upload = self._upload
        self._upload = None
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
                log.info('an upload could not be abandoned cleanly: %r', exc)


def _is_finished(inflate):
    # type: (Any) -> bool
    """True if a whole compressed stream went through *inflate*."""
    # py2: decompressobj has no `eof`; but octets behind the end go to unused_data, and no others.
    finished = getattr(inflate, 'eof', None)
    if hasattr(inflate, 'inflater'):
        # jython: unused_data is not reliable, but the JDK's object is.
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
    """A part of an open file in pieces; raises FileFault if the file ends early.

    Args:     text: convert LF to CRLF.
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
    """The pieces compressed (MODE Z: a zlib stream, RFC 1950)."""
    deflate = zlib.compressobj(level)
    for piece in pieces:
        out = deflate.compress(piece)
        if out:
            yield out
    yield deflate.flush()
