# Copyright the carryall authors.  See LICENSE.
"""Chargen: characters for as long as the client reads them (RFC 864).

Wire:     Over TCP lines of 72 of the 95 printable ASCII characters and CRLF, each line beginning
          one character further.  Over UDP 0 to 512 octets of the same for each packet.
States:   none.
Tests:    tests/protocols/simple/test_chargen.py
"""
from __future__ import absolute_import, division, print_function

import random

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.compat import int2byte, range
from carryall.core.errors import ConnectionLost
from carryall.core.future import Future
from carryall.core.net.protocol import Protocol
from carryall.core.net.boundedprotocol import BoundedProtocol
from carryall.protocols.simple.errors import SimpleError
from carryall.protocols.simple.guarded import MAX_PACKET, GuardedDatagrams, ask_udp
from carryall.protocols.simple.settings import Settings

__all__ = ['CYCLE', 'Chargen', 'ChargenClient', 'ChargenDatagrams', 'fetch', 'fetch_udp', 'line']

# -- grammar -----------------------------------------------------------------
WIDTH = 72
RING = b''.join(int2byte(code) for code in range(0x20, 0x7f))


def line(number):
    # type: (int) -> bytes
    """Line *number* (from 0) with its CRLF; the lines repeat after 95."""
    start = number % len(RING)
    return (RING + RING)[start:start + WIDTH] + b'\r\n'


CYCLE = b''.join(line(number) for number in range(len(RING)))      # 7,030 octets
_BLOCK = CYCLE * 9          # about the high-water mark: one write a turn


# -- server ------------------------------------------------------------------

class Chargen(BoundedProtocol):
    """Sends lines over TCP until the peer closes.

    Args:     service: None.
              clock: the loop.
    """

    def __init__(self, service, clock, settings=None):
        # type: (None, Any, Optional[Settings]) -> None
        settings = settings or Settings()
        BoundedProtocol.__init__(self, clock, settings.stall_seconds)
        self._clock = clock
        self._longest = settings.longest_seconds
        self._paused = False
        self._next = None               # type: Any  # the timer of the next block
        self._end = None                # type: Any  # the timer of the longest connection

    def connection_made(self, transport):
        BoundedProtocol.connection_made(self, transport)
        self._end = self._clock.call_later(self._longest, self._too_long)
        self._produce()

    def _produce(self):
        # type: () -> None
        """Sends a block; the next one follows on a later turn, so that a fast reader does not hold
        up the loop.
        """
        self._next = None
        if self._paused or self.transport.is_closing():
            return
        self.transport.write(_BLOCK)
        self.progress()
        if not self._paused:
            self._next = self._clock.call_later(0.0, self._produce)

    def pause_writing(self):
        self._paused = True

    def resume_writing(self):
        self._paused = False
        if self._next is None:
            self._next = self._clock.call_later(0.0, self._produce)

    def data_received(self, data):
        """Drops the data of the client (RFC 864)."""

    def eof_received(self):
        """Keeps sending: a client need not say anything, and may still read."""
        return True

    def _too_long(self):
        # type: () -> None
        self.transport.abort()          # not close(): a flush would wait for the peer

    def connection_lost(self, exc):
        BoundedProtocol.connection_lost(self, exc)
        for timer in (self._next, self._end):
            if timer is not None:
                timer.cancel()
        self._next = None
        self._end = None


class ChargenDatagrams(GuardedDatagrams):
    """Answers each packet with 0 to 512 octets over UDP."""

    def __init__(self, guard, dice=None):
        # type: (SourceGuard, Any) -> None
        GuardedDatagrams.__init__(self, guard)
        self._dice = dice or random.Random()

    def answer(self, data, addr):
        # type: (bytes, Any) -> Optional[bytes]
        """Up to 512 octets of the lines, from the beginning of any of them."""
        start = self._dice.randrange(len(RING)) * len(line(0))
        return (CYCLE + CYCLE[:MAX_PACKET])[start:start + self._dice.randint(0, MAX_PACKET)]


# -- client ------------------------------------------------------------------

class ChargenClient(Protocol):
    """Reads *count* lines and closes.

    Attributes:
        lines: a Future of the list of lines, without CRLF.  It fails with SimpleError for a line of
            another width or octets that do not print.  It fails with ConnectionLost if the
            connection ends before.  Its cancellation ends the connection.
    """

    def __init__(self, count):
        # type: (int) -> None
        self.lines = Future(lambda _: self.transport and self.transport.abort())
        self._count = count
        self._buffer = ReceiveBuffer()
        self._found = []                # type: List[bytes]

    def data_received(self, data):
        self._buffer.append(data)
        while not self.lines.done():
            if len(self._found) == self._count:
                self.lines.set_result(self._found)
                break
            whole = self._buffer.maybe_take(WIDTH + 2)
            if whole is None:
                return
            if whole[WIDTH:] != b'\r\n' or whole[:WIDTH].strip(RING):
                self.lines.set_exception(
                    SimpleError(u'line %d is not chargen' % (len(self._found) + 1)))
                break
            self._found.append(whole[:WIDTH])
        self.transport.abort()          # not close(): more is on its way and will not be read

    def connection_lost(self, exc):
        if not self.lines.done():
            self.lines.set_exception(
                exc or ConnectionLost(u'the connection was closed before all lines came'))


def fetch(loop, host, port, count=95):
    # type: (Any, str, int, int) -> Future
    """A Future of the first *count* lines over TCP."""
    return loop.connect_tcp(lambda: ChargenClient(count), host, port).then(
        lambda made: made[1].lines)


def fetch_udp(loop, host, port):
    # type: (Any, str, int) -> Future
    """A Future of one packet of characters, which may be empty."""
    return ask_udp(loop, host, port)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.protocols.simple.guarded import SourceGuard
