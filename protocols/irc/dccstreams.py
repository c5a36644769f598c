# Copyright the carryall authors.  See LICENSE.
"""The connections of DCC: a chat, and a file that is sent or received (modern.ircdocs.horse/dcc).

States:   waiting -> running -> done: the Future ``done`` tells how it ended.
Pace:     a file is read as fast as the peer takes it, and taken as fast as the disk writes it.

Not here: offers, addresses and names (directconnections.py).
Tests:    tests/protocols/irc/test_dccstreams.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.files.appendfile import write_whole
from carryall.core.future import Future
from carryall.core.line.framing import LineProtocol
from carryall.core.logs import get_logger
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.protocols.irc.errors import DCCError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['ChatStream', 'FileReceiver', 'FileSender']

# -- limits ------------------------------------------------------------------
IDLE_SECONDS = 120.0        # in which a transfer must go on by an octet
FINAL_SECONDS = 30.0        # for the last acknowledgment, behind the last octet
MAX_LINE = 4096             # octets of a line of a chat
MAX_UNREAD = 262144         # octets that wait for the peer of a chat; then nothing more is said
MAX_ACKNOWLEDGED = 1024     # octets of acknowledgments that wait; then some are left out

WRAP = 0xffffffff           # an acknowledgment has 32 bits, however large the file is

log = get_logger('irc.dcc')


class ChatStream(LineProtocol):
    """A chat in lines.

    Args:     received: called with the ChatStream and each line (bytes).

    Attributes:
        begun: a Future of itself, done when it is connected.
        done: a Future of None, done when it has ended.
    """

    separator = b'\n'
    max_line = MAX_LINE

    def __init__(self, received=None):
        # type: (Any) -> None
        LineProtocol.__init__(self)
        self.received = received
        self.begun = Future()
        self.done = Future()

    def connection_made(self, transport):
        LineProtocol.connection_made(self, transport)
        self.begun.set_result(self)

    def line_received(self, line):
        line = line.rstrip(b'\r')
        if self.received is None:
            return
        try:
            self.received(self, line)
        except FAILURES:
            log.exception('the program failed at a line of a chat')

    def line_too_long(self):
        self.transport.abort()

    def say(self, line):
        # type: (bytes) -> None
        """Sends a line.

        Raises:   LocalProtocolError: it has a line end, or the peer reads too slowly.
        """
        if b'\n' in line or b'\r' in line or len(line) > MAX_LINE:
            raise LocalProtocolError(u'a line of a chat has at most %d octets and no line end'
                                     % MAX_LINE)
        if self.transport.get_write_buffer_size() > MAX_UNREAD:
            raise LocalProtocolError(u'the peer does not read: %d octets wait' % MAX_UNREAD)
        self.transport.write(line + b'\n')

    def close(self):
        # type: () -> None
        """Ends the chat."""
        self.transport.close()

    def connection_lost(self, exc):
        LineProtocol.connection_lost(self, exc)
        if not self.done.done():
            self.done.set_result(None)


class _Transfer(BoundedProtocol):
    """The common part of both directions.

    Args:     loop: the loop.
              file: an open binary file.
              offset: octets that are there already.

    Attributes:
        begun: a Future of itself, done when it is connected.
        done: a Future of the octets of the whole file.
    """

    def __init__(self, loop, file, offset):
        # type: (Any, Any, int) -> None
        BoundedProtocol.__init__(self, loop, IDLE_SECONDS)
        self.begun = Future()
        self.done = Future()
        self._file = file
        self._count = offset
        self._fault = None          # type: Optional[BaseException]

    def connection_made(self, transport):
        BoundedProtocol.connection_made(self, transport)
        self.begun.set_result(self)

    def _fail(self, exc):
        # type: (BaseException) -> None
        """Ends the transfer with that error."""
        if self._fault is None:
            self._fault = exc
        self.transport.abort()

    def _lost(self, exc):
        # type: (Optional[BaseException]) -> BaseException
        """The error of a transfer that has ended too early."""
        if self._fault is not None:
            return self._fault
        if exc is not None:
            return exc
        return ConnectionLost(u'the transfer has ended after %d octets' % self._count)


class FileSender(_Transfer):
    """Sends a file from *offset* on, up to *size* octets."""

    def __init__(self, loop, file, size, offset=0):
        # type: (Any, Any, int, int) -> None
        _Transfer.__init__(self, loop, file, offset)
        self._size = size
        self._begin = offset
        self._is_sent = False
        self._tail = b''            # the last acknowledgment, and a part of the next

    def connection_made(self, transport):
        _Transfer.connection_made(self, transport)
        left = self._size - self._begin
        if left <= 0:
            self._sent(0)
        else:
            transport.write_file(self._file, self._begin, left).then(self._sent, self._not_sent)

    def _sent(self, count):
        # type: (int) -> None
        self._count += count
        self._is_sent = True
        self.seconds = FINAL_SECONDS
        self.progress()
        self._settle()

    def _not_sent(self, exc):
        # type: (BaseException) -> None
        self._fail(exc)

    def data_received(self, data):
        self.progress()
        data = self._tail + data
        # The last whole number and what is behind it: a peer may acknowledge each octet.
        extra = len(data) % 4
        self._tail = data[max(0, len(data) - extra - 4):]
        self._settle()

    def _settle(self):
        # type: () -> None
        """Ends when all is sent, and the peer has acknowledged it."""
        if not self._is_sent or self.done.done():
            return
        known = struct.unpack('>I', self._tail[:4])[0] if len(self._tail) >= 4 else None
        # Some clients count what came, and not what was there before.
        if known in (self._size & WRAP, (self._size - self._begin) & WRAP) \
                or self._size == self._begin:
            self._end()

    def _end(self):
        # type: () -> None
        if not self.done.done():
            self.done.set_result(self._size)
        self.transport.close()

    def deadline_expired(self, now):
        # A peer that has all, and acknowledges nothing, has it still.
        if self._is_sent and not self.transport.get_write_buffer_size():
            self._end()
        else:
            self._fail(DCCError(u'the peer takes nothing'))

    def connection_lost(self, exc):
        _Transfer.connection_lost(self, exc)
        if self.done.done():
            return
        if self._is_sent and self._fault is None and exc is None:
            self.done.set_result(self._size)
        else:
            self.done.set_exception(self._lost(exc))


class FileReceiver(_Transfer):
    """Receives a file.

    Args:     size: octets of the whole file; None: up to the end of the connection.
              maximum: octets that are taken at the most.
    """

    def __init__(self, loop, file, size, offset, maximum):
        # type: (Any, Any, Optional[int], int, int) -> None
        _Transfer.__init__(self, loop, file, offset)
        self._loop = loop
        self._size = size
        self._maximum = maximum if size is None else size
        self._is_writing = False
        self._ended = False         # the peer has sent all, or is gone
        self._reason = None         # type: Optional[BaseException]

    def connection_made(self, transport):
        _Transfer.connection_made(self, transport)
        if self._count == self._size:
            self._finish()

    def data_received(self, data):
        if self._fault is not None or self.done.done():
            return
        self.progress()
        if self._count + len(data) > self._maximum:
            self._fail(DCCError(u'the peer sends more than %d octets' % self._maximum))
            return
        self._is_writing = True
        self.transport.pause_reading()
        count = len(data)
        write = self._file.write
        self._loop.run_in_thread(write_whole, write, data).then(
            lambda _: self._written(count), self._not_written)

    def _written(self, count):
        # type: (int) -> None
        self._is_writing = False
        self._count += count
        if self._ended:
            self._settle()
            return
        self.progress()
        whole = self._count == self._size
        if whole or self.transport.get_write_buffer_size() < MAX_ACKNOWLEDGED:
            self.transport.write(struct.pack('>I', self._count & WRAP))
        if whole:
            self._finish()
        else:
            self.transport.resume_reading()

    def _not_written(self, exc):
        # type: (BaseException) -> None
        self._is_writing = False
        self._fault = exc
        if self._ended:
            self._settle()
        else:
            self.transport.abort()

    def _finish(self):
        # type: () -> None
        self.done.set_result(self._count)
        self.transport.close()

    def deadline_expired(self, now):
        self._fail(DCCError(u'the peer sends nothing'))

    def connection_lost(self, exc):
        _Transfer.connection_lost(self, exc)
        self._ended = True
        self._reason = exc
        if not self._is_writing:
            self._settle()

    def _settle(self):
        # type: () -> None
        """Tells how it ended, once nothing is being written."""
        if self.done.done():
            return
        whole = self._size is None or self._count == self._size
        if whole and self._fault is None and self._reason is None:
            self.done.set_result(self._count)
        else:
            self.done.set_exception(self._lost(self._reason))
