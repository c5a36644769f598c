# Copyright the carryall authors.  See LICENSE.
"""Stream connections of the readiness family: the transport, the connect under way,
and the listener.

The hot path, for one request: the poller calls ``on_readable``, which receives, hands the bytes to
the protocol, and the protocol's ``write`` sends.  Three calls of ours and two of the system's;
everything else is for the rarer cases.

Tests:    tests/contract/ (laws L1 to L12, L16)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, FileFailed, LocalProtocolError, TimedOut
from carryall.core.future import Future, completed, failed
from carryall.core.logs import get_logger
from carryall.core.metrics import UNWATCHED, counting
from carryall.core.net.segment import FileSegment
from carryall.core.net.transport import Listener, Transport, WaterMarks
from carryall.core.net.turns import FIRST_SECONDS

__all__ = ['Connecting', 'StreamListener', 'StreamTransport']

READ_BYTES = 65536          # received at once
# Connections taken before other events have their turn, if that takes less than FIRST_SECONDS.
ACCEPT_BATCH = 256
ACCEPT_PAUSE = 0.1          # seconds without accepting after the system ran out of descriptors
READ_OUT = 16  # times READ_BYTES that are still read when a write finds the connection broken
FLUSH_SECONDS = 60.0        # ours: how long a close waits for the peer to take what is unsent

_OPEN, _CLOSING, _CLOSED = range(3)     # closing: only what is unsent still keeps it
# The sides that have ended their half: the peer by its end of stream, ours by write_eof.
_NO_SIDE, _PEER, _OURS, _BOTH = range(4)
_AFTER_PEER = (_PEER, _PEER, _BOTH, _BOTH)      # the next state, by the one before
_AFTER_OURS = (_OURS, _BOTH, _OURS, _BOTH)
_BY_PEER = (_PEER, _BOTH)
_BY_US = (_OURS, _BOTH)

log = get_logger('runtimes.readiness')


def _size(data):
    # type: (Optional[bytes]) -> int
    """Octets that a channel has read; it gives None if there are none yet."""
    return len(data) if data else 0


class StreamTransport(Transport):
    """One connection (see ``carryall.core.net.transport.Transport``)."""

    __slots__ = ('channel', 'wants_read', 'wants_write', '_loop', '_protocol', '_data_received',
                 '_read', '_write', '_state', '_output', '_marks', '_paused', '_ended',
                 '_slow', '_fault', '_reset', '_flush_timer', '_counters', '__weakref__')

    def __init__(self, loop, channel, protocol, counters=UNWATCHED):
        # type: (Any, Any, Any, Any) -> None
        self.channel = channel
        self.wants_read = False
        self.wants_write = False
        self._loop = loop
        self._read = channel.read
        self._write = channel.write
        self._state = _OPEN
        self._output = None         # type: Any  # an Output while something waits to be sent
        # Made when first needed: most connections never are slow.
        self._marks = None  # type: Optional[WaterMarks]
        self._paused = False        # by pause_reading
        self._ended = _NO_SIDE      # the sides that will send no more
        self._slow = False  # whether write() must look twice: something waits, or we are not open
        self._fault = None          # type: Optional[BaseException]
        self._reset = False
        self._flush_timer = None    # type: Any
        self._counters = counters
        if counters.watched:
            self._read = counting(channel.read, counters.received, _size)
            self._write = counting(channel.write, counters.sent, int)
        self.set_protocol(protocol)
        loop.open_transports.add(self)

    def set_protocol(self, protocol):
        # type: (Any) -> None
        """Hands the connection to another protocol, without a word to either."""
        self._protocol = protocol
        self._data_received = protocol.data_received

    def get_protocol(self):
        # type: () -> Any
        """The protocol that has the connection."""
        return self._protocol

    def begin(self):
        # type: () -> None
        """Tells the protocol that it is connected, and starts to read."""
        try:
            self._protocol.connection_made(self)
        except FAILURES as exc:
            self._callback_failed('connection_made', exc)
        if self._state == _OPEN and not self._paused:
            # Who only looks at the beginning has stepped aside by now.
            self._data_received = self._protocol.data_received
            self.wants_read = True
            self._loop.poller.watch(self)

    # -- reading -----------------------------------------------------------------------------------

    def on_readable(self):
        # type: () -> None
        """The poller: there is something to read, or the connection broke."""
        if not self.wants_read:
            return
        try:
            data = self._read(READ_BYTES)
        except FAILURES as exc:
            if not self.channel.is_retry(exc):
                self._lose(exc)
            return
        if data:
            try:
                self._data_received(data)
            except FAILURES as exc:
                self._callback_failed('data_received', exc)
        elif data is not None:
            self._end_of_stream()

    def _end_of_stream(self):
        # type: () -> None
        self._ended = _AFTER_PEER[self._ended]
        self._update(False, self.wants_write)
        try:
            keep = self._protocol.eof_received()
        except FAILURES as exc:
            self._callback_failed('eof_received', exc)
            return
        if not keep or self._ended in _BY_US and self._output is None:
            self.close()

    def pause_reading(self):
        self._paused = True
        self._update(False, self.wants_write)

    def resume_reading(self):
        self._paused = False
        if self._state == _OPEN and self._ended not in _BY_PEER:
            self._update(True, self.wants_write)

    def is_reading(self):
        return self._state == _OPEN and not self._paused

    def _update(self, read, write):
        # type: (bool, bool) -> None
        """Changes what the poller watches, if it is a change."""
        if (read != self.wants_read or write != self.wants_write) and self._state != _CLOSED:
            self.wants_read = read
            self.wants_write = write
            self._loop.poller.watch(self)

    # -- writing -----------------------------------------------------------------------------------

    def write(self, data):
        if type(data) is not bytes:
            raise TypeError('write() takes bytes, not %s' % type(data).__name__)
        if self._slow:
            self._write_slowly(data)
            return
        try:
            sent = self._write(data)
        except FAILURES as exc:
            if not self.channel.is_retry(exc):
                self._lose(exc)
                return
            sent = 0
        if sent != len(data):
            self._start_output().append(data[sent:])
            self._wait_for_room()

    def _write_slowly(self, data):
        # type: (bytes) -> None
        if self._state == _OPEN and self._ended not in _BY_US and data:
            self._output.append(data)
            self._wait_for_room()

    def write_file(self, source, offset, count):
        if self._state != _OPEN or self._ended in _BY_US:
            return failed(ConnectionLost(u'the connection was closed before the file was sent'))
        if not count:
            return completed(0)
        segment = FileSegment(source, offset, count)
        if self._output is not None:
            self._output.append_file(segment)
            self._wait_for_room()
        else:
            self._start_output().append_file(segment)
            self._flush()
            if self._output is not None:
                self._wait_for_room()
        return segment.future

    def _start_output(self):
        # type: () -> Any
        self._output = self.channel.new_output()
        self._slow = True
        return self._output

    def _wait_for_room(self):
        # type: () -> None
        """Watches for room, and pauses the protocol above the high-water mark."""
        if not self.wants_write:
            self._update(self.wants_read, True)
        marks = self._marks
        if marks is None:
            marks = WaterMarks()
            self._marks = marks
        if not marks.paused and self._output.size > marks.high:
            marks.paused = True
            try:
                self._protocol.pause_writing()
            except FAILURES as exc:
                self._callback_failed('pause_writing', exc)

    def on_writable(self):
        # type: () -> None
        """The poller: there is room, or the connection broke."""
        if self._output is not None:
            self._flush()

    def _flush(self):
        # type: () -> None
        output = self._output
        try:
            output.flush()
        except FAILURES as exc:
            self._lose(exc)
            return
        finally:
            self._counters.sent.value += output.sent
            output.sent = 0
        if self._state == _CLOSED:
            return
        if not output.size and not self.channel.busy:
            self._output = None
            self._slow = self._state != _OPEN or self._ended in _BY_US
            self._update(self.wants_read, False)
        elif not self.wants_write:
            self._update(self.wants_read, True)
        marks = self._marks
        if marks is not None and marks.paused and output.size <= marks.low:
            self._resume_protocol(marks)
        if self._output is None and self._state != _CLOSED:
            self._flushed()

    def _resume_protocol(self, marks):
        # type: (WaterMarks) -> None
        marks.paused = False
        if self._state == _OPEN:
            try:
                self._protocol.resume_writing()
            except FAILURES as exc:
                self._callback_failed('resume_writing', exc)

    def _flushed(self):
        # type: () -> None
        """Everything is sent: do what waited for that."""
        if self._state == _CLOSING:
            self._finish()
        elif self._ended in _BY_US:
            self.channel.shut_down_write()
            if self._ended == _BOTH:
                self.close()

    def set_write_buffer_limits(self, high=None, low=None):
        if self._marks is None:
            self._marks = WaterMarks(high, low)
        else:
            self._marks.set(high, low)

    def get_write_buffer_size(self):
        return 0 if self._output is None else self._output.size

    # -- ending ------------------------------------------------------------------------------------

    def can_write_eof(self):
        return True

    def write_eof(self):
        if self._ended in _BY_US or self._state != _OPEN:
            return
        self._ended = _AFTER_OURS[self._ended]
        self._slow = True
        self._watch_busy()
        if self._output is None:
            self._flushed()

    def _watch_busy(self):
        # type: () -> None
        """Has something to wait for while a channel of blocking threads still writes what it has
        taken."""
        if self._output is None and self.channel.busy:
            self._start_output()
            self._update(self.wants_read, True)

    def write_failed(self, exc):
        # type: (BaseException) -> None
        """A channel of blocking threads could not write what it had taken."""
        self._lose(exc)

    def close(self):
        if self._state != _OPEN:
            self._paused = True         # and no word more of what is read out
            return
        self._state = _CLOSING
        self._slow = True
        self._watch_busy()
        if self._output is None:
            self._update(False, False)
            self._finish()
        else:
            self._update(False, True)
            self._flush_timer = self._loop.call_later(FLUSH_SECONDS, self.abort)

    def abort(self):
        self._paused = True
        if self._state != _CLOSED:
            self._reset = True
            self._finish()

    def is_closing(self):
        return self._state != _OPEN

    def _lose(self, exc):
        # type: (BaseException) -> None
        """The connection broke with *exc*."""
        if self._state == _CLOSED:
            return
        fault = exc if isinstance(exc, ConnectionLost) else self.channel.lost_fault(exc)
        # A file ended early: what was promised cannot be kept.
        if isinstance(exc, (LocalProtocolError, FileFailed)):
            log.error('%s: %s', self, exc)
            self._reset = True
        # A peer that ends and then breaks has not ended cleanly.
        if self._ended in _BY_PEER or self._state == _OPEN:
            self._fault = fault
            if not (self._paused or self._ended in _BY_PEER or self._reset):
                self._loop.call_soon(self._read_out)
        self._finish(fault)

    def _callback_failed(self, name, exc):
        # type: (str, BaseException) -> None
        """Law L6; called while *exc* is being handled."""
        self._loop.report_failure('%s of %s' % (name, self), exc)
        self.abort()

    def _finish(self, fault=None):
        # type: (Optional[BaseException]) -> None
        """Stops all traffic now; the rest happens on the next turn (law L9)."""
        self._update(False, False)
        self._state = _CLOSED
        self._slow = True
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        if self._output is not None:
            output, self._output = self._output, None
            output.drop(fault
                        or ConnectionLost(u'the connection was closed before the file was sent'))
        self._loop.call_soon(self._connection_lost)

    def _read_out(self):
        # type: () -> None
        """A write may find the connection broken before what the peer said last was read: a refusal
        that says why, maybe."""
        try:
            for _ in range(READ_OUT):
                if self._paused:
                    return
                try:
                    data = self._read(READ_BYTES)
                except FAILURES:
                    return                  # that it is broken is known already
                if not data:
                    return
                self._data_received(data)
        except FAILURES as exc:
            self._loop.report_failure('data_received of %s' % self, exc)

    def _connection_lost(self):
        # type: () -> None
        protocol = self._protocol
        channel = self.channel
        channel.peername()              # still to be asked for in connection_lost
        self._loop.open_transports.discard(self)
        try:
            protocol.connection_lost(self._fault)
        except FAILURES as exc:
            self._loop.report_failure('connection_lost of %s' % self, exc)
        # No cycle is left for a collector that may come late.  py2: nor a bound method that keeps
        # the descriptor open.
        self._protocol = None
        self._data_received = None
        self._read = None
        self._write = None
        channel.close(self._reset)

    # -- who is who --------------------------------------------------------------------------------

    def get_extra_info(self, name, default=None):
        if name == 'peername':
            return self.channel.peername()
        if name == 'sockname':
            return self.channel.sockname()
        if name == 'peer_credentials':
            return self.channel.peer_credentials()
        if name == 'turns':
            return self._loop.turns
        if name == 'counters':
            return self._counters
        return default

    def __str__(self):
        return 'the connection with %s' % (self.channel.peername() or 'a peer that is gone',)


class Connecting(object):
    """A connect under way: a target that becomes a StreamTransport, or a failure."""

    __slots__ = ('channel', 'wants_read', 'wants_write', 'future', '_loop', '_address', '_timer')

    def __init__(self, loop, channel, address, timeout):
        # type: (Any, Any, Any, float) -> None
        self.channel = channel
        self.wants_read = False
        self.wants_write = True
        self.future = Future(lambda _: self._give_up())     # of the connected channel
        self._loop = loop
        self._address = address
        self._timer = loop.call_later(timeout, self._timed_out, timeout)
        loop.open_transports.add(self)
        if channel.connected:           # at once, and no poller will say so
            loop.call_soon(self.on_writable)
        else:
            loop.poller.watch(self)

    def on_readable(self):
        # type: () -> None
        """Never asked for."""

    def on_writable(self):
        # type: () -> None
        """It is decided."""
        if not self.wants_write:
            return
        try:
            if not self.channel.finish_connect():
                return
        except FAILURES as exc:
            self._give_up()
            self.future.set_exception(exc)
            return
        self._release()
        self.future.set_result(self.channel)

    def _timed_out(self, seconds):
        # type: (float) -> None
        self._give_up()
        self.future.set_exception(
            TimedOut(u'cannot connect to %s: no answer in %g seconds' % (self._address, seconds)))

    def _release(self):
        # type: () -> None
        self.wants_write = False
        self._loop.poller.watch(self)
        self._loop.open_transports.discard(self)
        self._timer.cancel()

    def _give_up(self):
        # type: () -> None
        if self.wants_write:
            self._release()
            self.channel.close()

    def abort(self):
        # type: () -> None
        """The loop is closing."""
        self._give_up()


class StreamListener(Listener):
    """Takes connections in batches (see ``carryall.core.net.transport.Listener``)."""

    def __init__(self, loop, channel, factory):
        # type: (Any, Any, Callable[[], Any]) -> None
        self.channel = channel
        self.address = channel.address
        self.wants_read = True
        self.wants_write = False
        self._loop = loop
        self._factory = factory
        self.counters = UNWATCHED
        self._closed = False
        self._held = False          # by pause()
        self._retry = None          # type: Any  # the timer while the system is out of descriptors
        self.starved = False
        # A connection whose descriptor is above what the poller can watch.
        self._stashed = None  # type: Any
        loop.open_transports.add(self)
        loop.poller.watch(self)

    def on_readable(self):
        # type: () -> None
        """Connections wait."""
        time = self._loop.time
        until = time() + FIRST_SECONDS
        for _ in range(ACCEPT_BATCH):
            if not self.wants_read:
                return
            try:
                channel = self._next()
            except FAILURES as exc:
                self._accept_failed(exc)
                return
            if channel is None:
                break
            highest = self._loop.poller.max_descriptor
            if highest is not None and channel.fileno() > highest:
                self._stashed = channel
                self._hold_off('this backend cannot watch more than %d descriptors' % (highest + 1))
                return
            self._take(channel)
            if time() >= until:
                break                   # the poller says again that more wait (law L21)
        self.starved = False

    def _next(self):
        # type: () -> Any
        """The connection that was put aside, on a lower descriptor if there is one by now;
        else the next one."""
        if self._stashed is None:
            return self.channel.accept()
        stashed, self._stashed = self._stashed, None
        return stashed.renumbered()

    def _take(self, channel):
        # type: (Any) -> None
        try:
            protocol = self._factory()
        except FAILURES as exc:
            where = 'the protocol factory of %s' % (self.address,)
            self._loop.report_failure(where, exc)
            channel.close(True)
            return
        StreamTransport(self._loop, channel, protocol, self.counters).begin()

    def _accept_failed(self, exc):
        # type: (BaseException) -> None
        if self._closed:
            return
        if self.channel.is_out_of_resources(exc):
            self._hold_off(exc)
        else:
            log.error('%s: accepting failed for good: %s', self.address, exc)
            self.close()

    def _hold_off(self, why):
        # type: (Any) -> None
        """Accepts nothing for a moment; those who wait stay in the system's queue."""
        if not self.starved:
            self.starved = True
            log.warning('%s: accepting pauses until there is room: %s', self.address, why)
        self._retry = self._loop.call_later(ACCEPT_PAUSE, self._try_again)
        self._update()

    def _try_again(self):
        # type: () -> None
        self._retry = None
        self._update()

    def pause(self):
        self._held = True
        self._update()

    def resume(self):
        self._held = False
        self._update()

    def _update(self):
        # type: () -> None
        wanted = not (self._held or self._closed or self._retry)
        if wanted != self.wants_read:
            self.wants_read = wanted
            self._loop.poller.watch(self)

    def close(self):
        if not self._closed:
            self._closed = True
            if self._retry is not None:
                self._retry.cancel()
            self._update()
            self._loop.open_transports.discard(self)
            self.channel.close()
            if self._stashed is not None:
                self._stashed.close(True)

    abort = close


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
