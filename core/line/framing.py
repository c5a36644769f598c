# Copyright the carryall authors.  See LICENSE.
"""Framings: they turn octets that are split anywhere into whole lines or counted strings.

Time is linear in the octets.

    class Greeter(LineProtocol):
        def line_received(self, line):
            self.send_line(b'hello ' + line)

``pause()`` and ``hold()`` keep back data that has arrived, while a command is answered later.
``set_raw_mode()`` passes on data as it comes.  An over-long line is reported once and skipped to
its end, so the tail of a line is never taken for a new one.

Tests:    tests/core/line/test_framing.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.codec.numbers import decimal
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.net.turns import (FREE_STEPS, LONG_PIECE, MAX_STEPS, turn_is_over,
                                     waits_in_a_crowd)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

__all__ = ['FramedProtocol', 'Int16Protocol', 'Int32Protocol', 'Int8Protocol', 'LineProtocol',
           'NetstringProtocol']

MAX_LINE = 16384            # octets without the line end; default, a protocol sets its own
MAX_STRING = 99999          # octets of a counted string; default, a protocol sets its own

# -- states ------------------------------------------------------------------
# The usual state is 0, which a hot path tests without a comparison.
#
# ``activity``: what is done with the octets that have come.
IDLE = 0                    # nothing; a frame that comes is passed on
BUSY = 1                    # a callback of this connection is running
RESTING = 2                 # this turn's share is used up, the rest waits for a later one (L21)

# ``reading``: what is done with the transport.
READING = 0                 # it reads
STOPPED = 1                 # its reading is paused until nothing waits any more
ENDED = 2                   # the peer has ended its side while data waited

# ``mode`` of a LineProtocol.
LINES = 0                   # octets are passed on as lines
RAW = 1                     # octets are passed on as they come
SKIPPING = 2                # the rest of an over-long line is dropped

# Reasons in ``held``.
HELD = 1                    # hold() or pause() was called
FULL = 2                    # the peer does not read its replies

log = get_logger('framing')


class FramedProtocol(Protocol):
    """The base of all framings: a buffer, and a loop in place of recursion between modes.

    A framing overrides ``_step`` and ``_between`` in this module; protocols use what has no
    underscore.

    | activity | data comes | a callback ends | the share of the turn ends | the turn comes |
    |---|---|---|---|---|
    | IDLE | BUSY, or RESTING in a crowd | - | - | - |
    | BUSY | BUSY | IDLE | RESTING | - |
    | RESTING | RESTING | - | - | IDLE, and BUSY if data waits |

    | reading | stop_reading() | the peer ends, and data waits | nothing waits any more |
    |---|---|---|---|
    | READING | STOPPED | ENDED | READING |
    | STOPPED | STOPPED | ENDED | READING |
    | ENDED | ENDED | - | the connection is closed |

    Attributes:
        activity: IDLE, BUSY or RESTING.
        reading: READING, STOPPED or ENDED.
        held: the reasons, HELD and FULL, why data that has arrived is kept back; 0 if it is not.
    """

    # Values that most connections never change stand in the class, here and in the protocols above:
    # a connection is made faster, and CPython finds attributes faster on objects with at most
    # thirty of them.
    reading = READING

    def __init__(self):
        # type: () -> None
        self._buffer = ReceiveBuffer()
        self.held = 0
        self.activity = IDLE
        self._fresh = False                 # what comes next may bypass the buffer

    def data_received(self, data):
        self._fresh = False
        self._buffer.append(data)
        if self.held or self.activity == RESTING:
            self.data_waits()
        elif len(data) >= LONG_PIECE and self.activity == IDLE:
            if waits_in_a_crowd(self.transport, self.rested):
                self.activity = RESTING
        self.work()

    def eof_received(self):
        """Closes at once, or after the data that is kept back has been processed."""
        if self.held or self.activity == RESTING:
            self.reading = ENDED
            return True
        return False

    def transport_changed(self, transport):
        """Discards data received in clear behind the command that began TLS:
        anybody may have sent it (law L18)."""
        left = len(self._buffer)
        if left:
            self._buffer.take_all()
            log.warning('%s: discarded %d octets received in clear behind the command to begin TLS',
                        peer(transport), left)
        Protocol.transport_changed(self, transport)

    @property
    def backlog(self):
        # type: () -> int
        """Octets that have arrived and wait."""
        return len(self._buffer)

    def discard_backlog(self):
        # type: () -> None
        """Drops what has arrived and waits."""
        if self._buffer.data:
            self._buffer.clear()

    def take_backlog(self):
        # type: () -> bytes
        """Takes the octets that have arrived and wait, for a caller that decodes them itself."""
        return self._buffer.take_all() if self._buffer.data else b''

    def data_waits(self):
        # type: () -> None
        """Data has arrived that must wait; the default stops reading."""
        self.stop_reading()

    def work(self, steps=0):
        # type: (int) -> None
        """Processes what has arrived, within this turn's share.

        Args:     steps: frames already processed in this turn.
        """
        if self.activity:                   # called from within a callback: its loop goes on
            return
        if self._buffer.data:
            self.activity = BUSY
            try:
                while not self.held and not self.transport.is_closing() and self._step():
                    steps += 1
                    if steps >= FREE_STEPS and self._is_over(steps):
                        break
            finally:
                if self.activity == BUSY:
                    self.activity = IDLE
                self.worked()
        self._fresh = not self.held and not self.activity and self._between()

    def _is_over(self, steps):
        # type: (int) -> bool
        """True if more has arrived than this turn's share;
        the rest waits for a later turn (law L21)."""
        if self.held or not self._buffer.data:
            return False
        if not turn_is_over(self.transport, steps, self.rested):
            return False
        self.activity = RESTING
        return True

    def rested(self):
        # type: () -> None
        """Continues in a later turn."""
        self.activity = IDLE
        self.work(MAX_STEPS)
        self.work_done()

    def _step(self):
        # type: () -> bool
        """Passes on one frame; False if none is complete."""
        raise NotImplementedError

    def _between(self):
        # type: () -> bool
        """True if the next octet begins a frame; asked when no complete frame is left."""
        return False

    def worked(self):
        # type: () -> None
        """All frames that could be passed on have been: the moment to send gathered replies."""

    def hold(self, why=HELD):
        # type: (int) -> None
        """Passes on no more frames until ``unpause()``; reading stops when more data comes.

        A peer that waits for its answer sends nothing, so reading need not stop for it.
        """
        self.held |= why
        self._fresh = False

    def pause(self):
        # type: () -> None
        """Passes on no more frames until ``unpause()``, and stops reading now."""
        self.hold()
        self.stop_reading()

    def stop_reading(self):
        # type: () -> None
        """Pauses the transport's reading until nothing waits any more."""
        if self.reading == READING:
            self.reading = STOPPED
            self.transport.pause_reading()

    def unpause(self):
        # type: () -> None
        """Continues after ``hold()`` or ``pause()``."""
        self.held &= ~HELD
        if not self.held:
            self.work()
            self.work_done()

    def work_done(self):
        # type: () -> None
        """Resumes reading, or closes after the peer's end, unless something still waits."""
        if self.held or self.activity == RESTING:
            return
        if self.reading == STOPPED:
            self.reading = READING
            self.transport.resume_reading()
        elif self.reading == ENDED:
            self.transport.close()


class LineProtocol(FramedProtocol):
    """Lines that end in ``separator``.

    Attributes:
        separator: the only octets that end a line.
        max_line: octets of a line without the separator.
        lone_lf: report a line that ends with LF alone to ``lf_line_received`` at once; its sender
            would wait for ever.  A line that contains an LF still comes whole, see ``split_line``.
        mode: LINES, RAW or SKIPPING.
    """

    separator = b'\r\n'
    max_line = MAX_LINE
    lone_lf = False

    def __init__(self):
        # type: () -> None
        FramedProtocol.__init__(self)
        self._fresh = True
        self.mode = LINES

    def data_received(self, data):
        # Most data is one whole line, or raw, and bypasses the buffer.
        if not self._fresh or self.activity or self.transport.is_closing():
            if self.mode == SKIPPING and self._is_skipped(data):
                return
            FramedProtocol.data_received(self, data)
            return
        received = self.raw_data_received
        if not self.mode:
            received = self.line_received
            separator = self.separator
            end = len(data) - len(separator)
            if data.find(separator) != end or not 0 <= end <= self.max_line:
                FramedProtocol.data_received(self, data)
                return
            data = data[:end]
        self.activity = BUSY
        try:
            received(data)
        finally:
            self.activity = IDLE
            self.worked()
        if self._buffer.data:               # something was put back
            self.work()

    def _step(self):
        buffered = self._buffer
        if self.mode and self.mode == RAW:
            data = buffered.take_all()
            if data:
                self.raw_data_received(data)
            return bool(data)
        line = buffered.maybe_line(self.separator)
        if line is not None:
            if self.mode or len(line) > self.max_line:
                self._odd_line(line)
            else:
                self.line_received(line)
            return True
        # The beginning of a separator stays in the buffer.
        excess = len(buffered) - len(self.separator) + 1
        if self.lone_lf and (buffered.data[-1:] == b'\n' or self.mode
                             or excess > self.max_line):
            line = buffered.maybe_line(b'\n')
            if line is not None:
                self._lf_line(line)
                return True
        if self.mode:
            buffered.discard(max(0, excess))
        elif excess > self.max_line:
            self.mode = SKIPPING
            buffered.discard(excess)
            self.line_too_long()
        return False

    def _is_skipped(self, data):
        # type: (bytes) -> bool
        """Drops *data*, without a copy, if all of it belongs to the line that is skipped."""
        keeps = len(self.separator) - 1
        if self.activity or self.held or len(data) < keeps or self.separator[keeps:] in data:
            return False
        self._buffer.clear()
        if keeps:
            self._buffer.append(data[-keeps:])
        return True

    def _odd_line(self, line):
        # type: (bytes) -> None
        """Processes the rest of a skipped line, or a line that is too long;
        an LF within it counts."""
        if self.lone_lf and b'\n' in line:
            self.split_line(line)
        elif self.mode == SKIPPING:
            self.mode = LINES
        else:
            self.line_too_long()

    def _lf_line(self, line):
        # type: (bytes) -> None
        if len(line) > self.max_line and not self.mode:
            self.mode = SKIPPING
            self.line_too_long()
            if self.held or self.transport.is_closing():
                return
        self.lf_line_received(line)

    def _between(self):
        return not self._buffer.data and self.mode != SKIPPING

    def set_raw_mode(self):
        # type: () -> None
        """Passes on all further octets, and those that wait, to ``raw_data_received``."""
        self.mode = RAW

    def set_line_mode(self, rest=b''):
        # type: (bytes) -> None
        """Returns to lines, beginning with *rest*: octets that raw mode received behind its own."""
        self.mode = LINES
        if rest:
            self._put_back(rest)
        self.work()

    def _put_back(self, data):
        # type: (bytes) -> None
        self._fresh = False
        self._buffer.put_back(data)

    def send_line(self, line):
        # type: (bytes) -> None
        """Sends *line* and the separator."""
        self.transport.write(line + self.separator)

    def line_received(self, line):
        # type: (bytes) -> None
        """One line, without its end; may be empty."""
        raise NotImplementedError

    def raw_data_received(self, data):
        # type: (bytes) -> None
        """Octets in raw mode."""
        raise NotImplementedError

    def split_line(self, line):
        # type: (bytes) -> None
        """Treats the part of *line* before its LF as a line of its own; called by
        ``line_received``."""
        first, _, rest = line.partition(b'\n')
        self._put_back(rest + self.separator)
        self._lf_line(first)

    def skip_line(self):
        # type: () -> None
        """Skips the rest of the present line, up to its separator."""
        self.mode = SKIPPING
        self._fresh = False

    def lf_line_received(self, line):
        # type: (bytes) -> None
        """Processes a line that ended with LF alone, or the last part of a skipped line."""
        if self.mode == SKIPPING:
            self.mode = LINES
        else:
            self.line_received(line)

    def line_too_long(self):
        # type: () -> None
        """A line exceeds ``max_line`` octets: called once, the rest of the line is skipped."""
        self.transport.close()


class _CountedProtocol(FramedProtocol):
    """Strings after their length, a big-endian number of fixed size."""

    _prefix = struct.Struct('!I')
    max_length = MAX_STRING

    def __init__(self):
        # type: () -> None
        FramedProtocol.__init__(self)
        self._length = None                 # type: Optional[int]  # of the string that is coming

    def _step(self):
        if self._length is None:
            prefix = self._buffer.maybe_take(self._prefix.size)
            if prefix is None:
                return False
            self._length = self._prefix.unpack(prefix)[0]
            if self._length > self.max_length:
                self.length_exceeded(self._length)
                return False
        data = self._buffer.maybe_take(self._length)
        if data is None:
            return False
        self._length = None
        self.string_received(data)
        return True

    def send_string(self, data):
        # type: (bytes) -> None
        """Sends *data* behind its length; ValueError if the length does not fit."""
        # jython: struct.pack accepts numbers that are out of range.
        if len(data) >> 8 * self._prefix.size:
            raise ValueError('%d octets do not fit a length of %d octets'
                             % (len(data), self._prefix.size))
        self.transport.write(self._prefix.pack(len(data)) + data)

    def string_received(self, data):
        # type: (bytes) -> None
        """One string; may be empty."""
        raise NotImplementedError

    def length_exceeded(self, length):
        # type: (int) -> None
        """The peer announced more than ``max_length`` octets: abort,
        nothing sensible can follow."""
        self.transport.abort()


class Int8Protocol(_CountedProtocol):
    """Strings of up to 255 octets behind one octet of length."""

    _prefix = struct.Struct('!B')


class Int16Protocol(_CountedProtocol):
    """Strings of up to 65,535 octets behind two octets of length."""

    _prefix = struct.Struct('!H')


class Int32Protocol(_CountedProtocol):
    """Strings behind four octets of length, up to ``max_length``."""


class NetstringProtocol(FramedProtocol):
    """Netstrings: ``5:hello,`` (D. J. Bernstein, 1997)."""

    max_length = MAX_STRING

    def __init__(self):
        # type: () -> None
        FramedProtocol.__init__(self)
        self._length = None                 # type: Optional[int]

    def _step(self):
        if self._length is None:
            digits = self._buffer.maybe_line(b':')
            if digits is None:
                if len(self._buffer) > len(b'%d' % self.max_length):
                    self.bad_netstring()
                return False
            self._length = decimal(digits, self.max_length)
            if self._length is None or digits[:1] == b'0' and digits != b'0':
                self.bad_netstring()
                return False
        data = self._buffer.maybe_take(self._length + 1)
        if data is None:
            return False
        self._length = None
        if data[-1:] != b',':
            self.bad_netstring()
            return False
        self.string_received(data[:-1])
        return True

    def send_string(self, data):
        # type: (bytes) -> None
        """Sends *data* as a netstring."""
        self.transport.write(b'%d:%s,' % (len(data), data))

    def string_received(self, data):
        # type: (bytes) -> None
        """One string; may be empty."""
        raise NotImplementedError

    def bad_netstring(self):
        # type: () -> None
        """The peer sent no netstring, or one that is too long: abort,
        nothing sensible can follow."""
        self.transport.abort()
