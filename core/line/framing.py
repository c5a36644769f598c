# Copyright the carryall authors.  See LICENSE.
"""Framings: bytes cut anywhere in, whole lines or counted strings out.  Time is linear in the bytes.

    class Greeter(LineProtocol):
        def line_received(self, line):
            self.send_line(b'hello ' + line)

``pause()`` and ``hold()`` keep back what has come already (a command answers later), ``set_raw_mode()`` hands the rest over as it
comes.  An over-long line is reported once, and what follows is skipped to its end: a peer never gets the tail of a line
taken for a new one.

Tests:    tests/core/line/test_framing.py
"""
from __future__ import absolute_import, division, print_function

import struct

from carryall.core.codec.buffer import ReceiveBuffer
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.core.codec.numbers import decimal

__all__ = ['Int16Protocol', 'Int32Protocol', 'Int8Protocol', 'LineProtocol', 'NetstringProtocol']

MAX_LINE = 16384            # octets without the line end; ours, a protocol sets its own
MAX_STRING = 99999          # octets of a counted string; ours

log = get_logger('framing')


class _FramedProtocol(Protocol):
    """What framings share: the buffer, and a loop instead of recursion between modes."""

    # What most connections never change stands in the class, here and in the protocols above: making one costs less, and on
    # CPython an object of up to thirty attributes is found its way in faster.
    _reading_stopped = False                # whether reading is paused as well
    _end_held = False                       # whether the peer's end came meanwhile
    _resting = False                        # whether more is here than the share of this turn allowed (law L21)

    def __init__(self):
        # type: () -> None
        self._buffer = ReceiveBuffer()
        self._held = False
        self._busy = False
        self._fresh = False                 # whether what comes next can be handed over as it is, past the buffer

    def data_received(self, data):
        self._fresh = False
        self._buffer.append(data)
        if self._held or self._resting:
            self._stop_reading()
        self._work()

    def eof_received(self):
        """The peer has ended: at once, or when what is held back has been dealt with."""
        self._end_held = self._held or self._resting
        return self._end_held

    def transport_changed(self, transport):
        """TLS begins: what has come in clear behind the command that asked for it may be anybody's, and is dropped (L18)."""
        left = len(self._buffer)
        if left:
            self._buffer.take_all()
            log.warning('%s: %d octets that came in clear, behind the command to begin TLS, are discarded', peer(transport), left)
        Protocol.transport_changed(self, transport)

    def _work(self, steps=0):
        # type: (int) -> None
        if self._busy or self._resting:     # called from within a callback: the loop below goes on by itself
            return
        if self._buffer.data:
            self._busy = True
            try:
                while not self._held and not self.transport.is_closing() and self._step():
                    steps += 1
                    if steps >= FREE_STEPS and self._is_over(steps):
                        break
            finally:
                self._busy = False
                self.worked()
        self._fresh = not self._held and not self._resting and self._between()

    def _is_over(self, steps):
        # type: (int) -> bool
        """Whether more is here than the share of this turn allows; then it goes on in a later one (law L21)."""
        if not self._held and self._buffer.data:
            self._resting = turn_is_over(self.transport, steps, self._rested)
        return self._resting

    def _rested(self):
        # type: () -> None
        """Its turn has come."""
        self._resting = False
        self._work(MAX_STEPS)
        self._worked_off()

    def _step(self):
        # type: () -> bool
        """Hand over one frame; False when none is complete."""
        raise NotImplementedError

    def _between(self):
        # type: () -> bool
        """Whether the next octet begins a frame; asked when no complete one is left."""
        return False

    def worked(self):
        # type: () -> None
        """What has come was handed over as far as it can be: the time to send what was gathered meanwhile."""

    def hold(self):
        # type: () -> None
        """As ``pause()``, but reading stops when more comes, and not before: a peer that waits for its answer sends nothing."""
        self._held = True
        self._fresh = False

    def pause(self):
        # type: () -> None
        """Hand over nothing more, not even what is here, until ``unpause()``."""
        self.hold()
        self._stop_reading()

    def _stop_reading(self):
        # type: () -> None
        if not self._reading_stopped:
            self._reading_stopped = True
            self.transport.pause_reading()

    def unpause(self):
        # type: () -> None
        """Go on."""
        self._held = False
        self._work()
        self._worked_off()

    def _worked_off(self):
        # type: () -> None
        """Read on, or close behind the peer's end, unless something is here that waits still."""
        if self._held or self._resting:
            return
        if self._reading_stopped:
            self._reading_stopped = False
            self.transport.resume_reading()
        if self._end_held:
            self.transport.close()


class LineProtocol(_FramedProtocol):
    """Lines that end in ``separator``.

    Attributes:
        separator: the octets that end a line, and no others do.
        max_line: octets a line may have without them.
        lone_lf: whether a line that ends with LF alone is told to ``lf_line_received`` at once: who ends lines so would wait
            for ever.  A line within which an LF stands still comes whole, for ``split_line`` if need be.
    """

    separator = b'\r\n'
    max_line = MAX_LINE
    lone_lf = False
    _skipping = False                       # the rest of an over-long line

    def __init__(self):
        # type: () -> None
        _FramedProtocol.__init__(self)
        self._fresh = True
        self._raw = False

    def data_received(self, data):
        # What comes is one whole line most often, or raw: then it need not go through the buffer.
        if not self._fresh or self._busy or self.transport.is_closing():
            if self._skipping and self._is_skipped(data):
                return
            _FramedProtocol.data_received(self, data)
            return
        received = self.raw_data_received
        if not self._raw:
            received = self.line_received
            separator = self.separator
            end = len(data) - len(separator)
            if data.find(separator) != end or not 0 <= end <= self.max_line:
                _FramedProtocol.data_received(self, data)
                return
            data = data[:end]
        self._busy = True
        try:
            received(data)
        finally:
            self._busy = False
            self.worked()
        if self._buffer.data:               # something was put back
            self._work()

    def _step(self):
        buffered = self._buffer
        if self._raw:
            data = buffered.take_all()
            if data:
                self.raw_data_received(data)
            return bool(data)
        line = buffered.maybe_line(self.separator)
        if line is not None:
            if self._skipping or len(line) > self.max_line:
                self._odd_line(line)
            else:
                self.line_received(line)
            return True
        # What may be the first part of the separator stays.
        excess = len(buffered) - len(self.separator) + 1
        if self.lone_lf and (buffered.data[-1:] == b'\n' or self._skipping or excess > self.max_line):
            line = buffered.maybe_line(b'\n')
            if line is not None:
                self._lf_line(line)
                return True
        if self._skipping:
            buffered.discard(max(0, excess))
        elif excess > self.max_line:
            self._skipping = True
            buffered.discard(excess)
            self.line_too_long()
        return False

    def _is_skipped(self, data):
        # type: (bytes) -> bool
        """Drop *data* if it is all within the line that is skipped, without a copy."""
        keeps = len(self.separator) - 1
        if self._busy or self._held or self._resting or self.separator[keeps:] in data or len(data) < keeps:
            return False
        self._buffer.clear()
        if keeps:
            self._buffer.append(data[-keeps:])
        return True

    def _odd_line(self, line):
        # type: (bytes) -> None
        """The rest of a line that is skipped, or a line that is too long: but an LF within it counts however it was cut."""
        if self.lone_lf and b'\n' in line:
            self.split_line(line)
        elif self._skipping:
            self._skipping = False
        else:
            self.line_too_long()

    def _lf_line(self, line):
        # type: (bytes) -> None
        if len(line) > self.max_line and not self._skipping:
            self._skipping = True
            self.line_too_long()
            if self._held or self.transport.is_closing():
                return
        self.lf_line_received(line)

    def _between(self):
        return not (self._skipping or self._buffer.data)

    def set_raw_mode(self):
        # type: () -> None
        """From the next octet on call ``raw_data_received``; what has come already goes there too."""
        self._raw = True

    def set_line_mode(self, rest=b''):
        # type: (bytes) -> None
        """Back to lines, beginning with *rest*, what the raw mode was given too much."""
        self._raw = False
        if rest:
            self._put_back(rest)
        self._work()

    def _put_back(self, data):
        # type: (bytes) -> None
        self._fresh = False
        self._buffer.put_back(data)

    def send_line(self, line):
        # type: (bytes) -> None
        """Send *line* and the separator."""
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
        """From ``line_received``, for a line with an LF in it: let what stands before the LF be a line of its own."""
        first, _, rest = line.partition(b'\n')
        self._put_back(rest + self.separator)
        self._lf_line(first)

    def skip_line(self):
        # type: () -> None
        """Skip what is still to come of the present line, up to its separator."""
        self._skipping = True
        self._fresh = False

    def lf_line_received(self, line):
        # type: (bytes) -> None
        """A line that ended with LF alone, without it, or one more part of a line that is skipped, which then is over."""
        if self._skipping:
            self._skipping = False
        else:
            self.line_received(line)

    def line_too_long(self):
        # type: () -> None
        """A line has more than ``max_line`` octets; called once for it, and the rest of it is skipped."""
        self.transport.close()


class _CountedProtocol(_FramedProtocol):
    """Strings behind their length, as a big-endian number of fixed size."""

    _prefix = struct.Struct('!I')
    max_length = MAX_STRING

    def __init__(self):
        # type: () -> None
        _FramedProtocol.__init__(self)
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
        """Send *data* behind its length; ValueError if the length does not fit."""
        # Checked here: on Jython struct.pack takes what is out of range.
        if len(data) >> 8 * self._prefix.size:
            raise ValueError('%d octets do not fit a length of %d octets' % (len(data), self._prefix.size))
        self.transport.write(self._prefix.pack(len(data)) + data)

    def string_received(self, data):
        # type: (bytes) -> None
        """One string; may be empty."""
        raise NotImplementedError

    def length_exceeded(self, length):
        # type: (int) -> None
        """The peer announces more than ``max_length`` octets: nothing sensible can follow, so the connection is closed."""
        self.transport.abort()


class Int8Protocol(_CountedProtocol):
    """Strings of up to 255 octets behind one octet of length."""

    _prefix = struct.Struct('!B')


class Int16Protocol(_CountedProtocol):
    """Strings of up to 65,535 octets behind two octets of length."""

    _prefix = struct.Struct('!H')


class Int32Protocol(_CountedProtocol):
    """Strings behind four octets of length, up to ``max_length``."""


class NetstringProtocol(_FramedProtocol):
    """Netstrings: ``5:hello,`` (D. J. Bernstein, 1997)."""

    max_length = MAX_STRING

    def __init__(self):
        # type: () -> None
        _FramedProtocol.__init__(self)
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
        """Send *data* as a netstring."""
        self.transport.write(b'%d:%s,' % (len(data), data))

    def string_received(self, data):
        # type: (bytes) -> None
        """One string; may be empty."""
        raise NotImplementedError

    def bad_netstring(self):
        # type: () -> None
        """The peer does not speak netstrings, or one is too long: nothing sensible can follow."""
        self.transport.abort()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
