# Copyright the carryall authors.  See LICENSE.
"""TLSConnection: a protocol to the transport below, and a transport to the protocol above.

    state           accepts writes   encrypts   delivers   left by
    shaking hands   queued           no         no         handshake -> open, fault -> over
    open            yes              yes        yes        close -> closing, stop_tls -> stopping
    stopping        yes, for later   yes        yes        both close_notifys -> over (closure.py)
    closing         no               yes        no         queue empty -> over
    over            no               no         no         connection_lost

A close ends only our side: it reads on, drops what arrives, and closes the transport when the peer
ends its side or after LINGER_SECONDS.  A close of a socket with unread octets resets the
connection, and output on its way to the peer is lost.  TLS 1.3 sends such octets by itself
(tickets, close_notify).  For the same reason a server sends its tickets with the first octets that
the protocol writes, or with the end.  They could reset the connection of a peer that only sends
(RFC 8446 section 4.6.1).

A protocol above that a factory makes has its ``connection_made`` after the handshake; a handshake
that fails is not reported to it.  After ``start_tls`` the protocol that was there has the new
transport at once, and what it writes waits for the handshake.

    received                          the protocol above sees
    close_notify                      eof_received (RFC 8446 section 6.1)
    an end without close_notify       connection_lost(ConnectionLost): the stream may have been cut
    nothing for handshake_seconds     connection_lost(ConnectionLost), if it was connected

Water marks are those of the transport below, in octets of ciphertext, plus what waits here.

Tests:    tests/core/tls/test_connection.py, tests/contract/test_l18_tls.py (over every backend)
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import (CarryallError, ConnectionLost, HandshakeFailed,
                                  LocalProtocolError, Unsupported)
from carryall.core.future import Future, completed, failed
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.segment import FileSegment
from carryall.core.net.transport import Transport, WaterMarks, peer
from carryall.core.records import namedtuple
from carryall.core.tls.closure import Closure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['TLSConnection']

PIECE_BYTES = 65536         # of a file, encrypted at once
BURST_BYTES = 1 << 20       # of files, encrypted until other connections have their turn
FLUSH_SECONDS = 60.0        # that a close waits for queued files; default
LINGER_SECONDS = 5.0        # that a close then waits for the peer's end; default
STOP_SECONDS = 30.0         # that stop_tls waits for the peer's close_notify; default

log = get_logger('tls')

_State = namedtuple('_State', 'name accepts seals delivers')

SHAKING = _State('shaking hands', True, False, False)
OPEN = _State('open', True, True, True)
STOPPING = _State('stopping', True, True, True)
CLOSING = _State('closing', False, True, False)
OVER = _State('over', False, False, False)


class TLSConnection(Protocol, Transport):
    """One connection under TLS.

    Args:     loop: for timers and turns.
              session: of a provider, see ``carryall.runtimes.tls``.
              factory: makes the protocol above after the handshake.
              seconds: for the handshake.

    Attributes:
        agreed: a Future of (this transport, the protocol above); fails with HandshakeFailed.
    """

    _closure = None             # type: Any  # a Closure, since stop_tls

    def __init__(self, loop, session, factory, seconds):
        # type: (Any, Any, Any, float) -> None
        self._loop = loop
        self._session = session
        self._receive = session.receive     # type: Any
        self._seal = session.seal           # type: Any
        self._take = session.take           # type: Any
        self._factory = factory
        self._seconds = seconds
        self._inner = None          # type: Any
        self._data_received = None  # type: Any
        self._tickets = b''         # sent with the next octets
        self._state = SHAKING
        self._paused = False        # by the protocol above
        self._held = b''            # plain text that waits for it
        self._ended = False         # its eof_received was called
        self._queue = deque()       # type: deque  # bytes and FileSegments that wait
        self._queued = 0            # octets in it
        self._below_full = False    # the transport below has paused us
        self._marks = WaterMarks()
        self._close_asked = False   # close() came before it was possible
        self._pumping = False       # a turn of _pump is queued, or runs
        self._fault = None          # type: Optional[BaseException]
        self._timer = None          # type: Any
        self._info = None           # type: Any
        self.agreed = Future(lambda _: self.abort())

    # -- the handshake ---------------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self._timer = self._loop.call_later(self._seconds, self._timed_out)
        try:
            self._session.start()
        except FAILURES as exc:
            self.fail(exc)
            return
        self._flush()
        if self._session.ready:             # a provider for tests needs nothing from the peer
            self._shaken()

    def take_over(self, transport):
        # type: (Any) -> None
        """Steps between *transport*, which is connected, and its protocol."""
        inner = transport.get_protocol()
        self.set_protocol(inner)
        self._paused = not transport.is_reading()
        transport.set_protocol(self)
        self.transport = transport
        inner.transport_changed(self)
        self.connection_made(transport)
        transport.resume_reading()

    def _shaken(self):
        # type: () -> None
        """The handshake has succeeded."""
        self._timer.cancel()
        self._info = self._session.info()
        self._state = OPEN
        self._tickets = self._session.tickets()
        if self._tickets:
            self._seal = self._seal_first
            self._take = self._take_first
        else:
            self._flush()
        if self._inner is None:
            # Made this late, a peer that does not speak TLS never costs more than a session.
            inner = self._factory()
            self.set_protocol(inner)
            inner.connection_made(self)
        if not self.agreed.done():
            self.agreed.set_result((self, self._inner))
        if self._queue:
            self._pump()
        if self._close_asked:
            self.close()

    def _seal_first(self, data):
        # type: (bytes) -> bytes
        """As the session's seal, once: behind the tickets."""
        return self._take_first() + self._seal(data)

    def _take_first(self):
        # type: () -> bytes
        tickets = self._tickets
        self._tickets = b''
        self._seal = self._session.seal
        self._take = self._session.take
        return tickets + self._take()

    def _timed_out(self):
        # type: () -> None
        seconds = self._seconds
        self.fail(HandshakeFailed(u'the TLS handshake took longer than %g seconds' % seconds))

    def fail(self, exc):
        # type: (BaseException) -> None
        """Ends the connection for a fault of the peer or the provider, with the session's alert."""
        text = u'%s' % (exc,)
        if not isinstance(exc, CarryallError):
            log.error('%s: the TLS provider failed: %r', peer(self.transport), exc)
        elif self._state is SHAKING:
            log.info('%s: %s', peer(self.transport), text)
        self._fault = exc if isinstance(exc, ConnectionLost) else ConnectionLost(text, exc)
        fault = exc if isinstance(exc, HandshakeFailed) else HandshakeFailed(text, exc)
        self._end_handshake(fault)
        self._state = OVER
        self._drop_queue()
        self._flush()
        self.transport.close()

    def _end_handshake(self, error):
        # type: (BaseException) -> None
        if self._timer is not None:
            self._timer.cancel()
        if not self.agreed.done():
            self.agreed.set_exception(error)

    # -- from below ------------------------------------------------------------------------------

    def data_received(self, data):
        state = self._state
        if state is not OPEN and state is not SHAKING:
            if state is STOPPING:
                self._receive_last(data)
            else:
                self._receive_late(data)
            return
        try:
            plain = self._receive(data)
        except FAILURES as exc:
            self.fail(exc)
            return
        session = self._session
        if state is SHAKING:
            if not session.ready:
                self._flush()
                return
            self._shaken()
        elif session.pending:               # an answer of TLS itself: a new key, a ticket
            self._flush()
        if plain:
            if self._paused or self._held:
                self._held += plain         # bounded: reading below is paused meanwhile
            elif self._state is OPEN:
                self._data_received(plain)
        if session.ended and self._state is OPEN:
            self._peer_ended()

    def _peer_ended(self):
        # type: () -> None
        """The peer's close_notify has come."""
        if self._held or self._paused or self._ended:
            return
        self._ended = True
        self._receive = _drop               # octets behind it have no meaning
        if not self._inner.eof_received():
            self.close()

    def _deliver(self):
        # type: () -> None
        """Hands over what was held; in a turn after resume_reading."""
        if self._paused or not self._state.delivers:
            return
        held = self._held
        self._held = b''
        try:
            if held:
                self._data_received(held)
            if self._state is STOPPING:
                self._go_clear()
            elif self._session.ended and self._state is OPEN:
                self._peer_ended()
        except FAILURES as exc:
            self._loop.report_failure('a callback of %s' % self, exc)
            self.abort()

    def eof_received(self):
        """The stream below has ended; without a close_notify it may have been cut."""
        state = self._state
        if state is STOPPING and self._closure.stream_ended():
            # peer: one that sends no close_notify does not expect ours either.
            self._go_clear()
            return True
        if not self._session.ended and state.accepts:
            if state is SHAKING:
                fault = u'the peer ended the connection during the TLS handshake'
                self.fail(HandshakeFailed(fault))
            else:
                fault = u'the peer ended the connection without a close_notify'
                self._fault = ConnectionLost(fault)
                self._state = OVER
                self._drop_queue()
                self.transport.abort()
            return True
        return state is OPEN or state is CLOSING

    def connection_lost(self, exc):
        state = self._state
        self._state = OVER
        if self._timer is not None:
            self._timer.cancel()
        if state is SHAKING:
            fault = ConnectionLost(u'the connection was closed during the TLS handshake')
            self._fault = exc or fault
            broken = u'the connection broke during the TLS handshake'
            self._end_handshake(HandshakeFailed(broken, exc))
        elif state.delivers:
            self._fault = exc               # in the other states the end was ours: no fault (L5)
        self._drop_queue()
        self._session.over()
        inner = self._inner
        self._inner = None
        # No cycle is left for a garbage collector that may run late.
        self._receive = None
        self._seal = None
        self._take = None
        self._factory = None
        self._data_received = None
        closure = self._closure
        if closure is not None and not closure.done.done():
            closed = ConnectionLost(u'the connection was closed before TLS had stopped')
            closure.done.set_exception(self._fault or closed)
        if inner is not None:
            inner.connection_lost(self._fault)

    def pause_writing(self):
        self._below_full = True
        self._tell()

    def resume_writing(self):
        self._below_full = False
        if self._queue:
            self._pump()
        self._tell()

    def _tell(self):
        # type: () -> None
        """Applies law L11 to the queue here and the buffer below together."""
        marks = self._marks
        full = self._below_full or self._queued > (marks.low if marks.paused else marks.high)
        if full != marks.paused and self._inner is not None:
            marks.paused = full
            if full:
                self._inner.pause_writing()
            elif self._state.delivers:
                self._inner.resume_writing()

    # -- from above ------------------------------------------------------------------------------

    def write(self, data):
        if type(data) is not bytes:
            raise TypeError('write() takes bytes, not %s' % type(data).__name__)
        if self._state is OPEN and not self._queue:
            if data:
                try:
                    sealed = self._seal(data)
                except FAILURES as exc:
                    self.fail(exc)
                else:
                    self.transport.write(sealed)
        elif self._state.accepts and data and not self._close_asked:
            self._wait(data, len(data))
            self._tell()

    def write_file(self, source, offset, count):
        if not self._state.accepts or self._close_asked:
            return failed(ConnectionLost(u'the connection was closed before the file was sent'))
        if not count:
            return completed(0)
        segment = FileSegment(source, offset, count)
        self._wait(segment, count)
        if self._state is OPEN:
            self._pump()
        self._tell()
        return segment.future

    def _wait(self, item, count):
        # type: (Any, int) -> None
        """Queues *item*, bytes or a FileSegment of *count* octets."""
        queue = self._queue if self._closure is None else self._closure.written
        queue.append(item)
        self._queued += count

    def _pump(self):
        # type: () -> None
        """Encrypts what waits, while the transport below takes it."""
        if self._pumping:
            return
        self._pumping = True
        budget = BURST_BYTES
        try:
            while self._queue and budget > 0 and not self._below_full and self._state.seals:
                budget -= self._encrypt_next()
        finally:
            self._pumping = False
        if self._queue and not self._below_full and self._state.seals:
            self._pumping = True
            self._loop.call_soon(self._pump_on)
        self._tell()
        if not self._queue:
            if self._state is CLOSING:
                self._finish()
            elif self._state is STOPPING and not self._closure.said:
                self._say_end()

    def _pump_on(self):
        # type: () -> None
        self._pumping = False
        if self._queue:
            self._pump()

    def _encrypt_next(self):
        # type: () -> int
        """Sends the next piece of the queue; its size in octets."""
        head = self._queue[0]
        if isinstance(head, FileSegment):
            try:
                data = head.read(PIECE_BYTES)
                error = None if data else head.ended_early()    # type: Any
            except FAILURES as exc:
                error = head.fault_of(exc)
            if error is not None:
                self._queue.popleft()
                log.error('%s: %s', self, error)
                # The octets that were announced cannot be sent.
                self._fault = ConnectionLost(u'%s' % error, error)
                self.abort()
                return 0
            head.advance(len(data))
            if not head.left:
                self._queue.popleft()
        else:
            data = self._queue.popleft()
        self._queued -= len(data)
        try:
            sealed = self._seal(data)
        except FAILURES as exc:
            self.fail(exc)
            return 0
        self.transport.write(sealed)
        if isinstance(head, FileSegment) and not head.left:
            head.future.set_result(head.count)
        return len(data)

    def _drop_queue(self):
        # type: () -> None
        items = list(self._queue)
        self._queue.clear()
        if self._closure is not None:
            items += self._closure.written
            del self._closure.written[:]
        self._queued = 0
        for item in items:
            if isinstance(item, FileSegment) and not item.future.done():
                fault = ConnectionLost(u'the connection was closed before the file was sent')
                item.future.set_exception(fault)

    def _flush(self):
        # type: () -> None
        """Sends what the session itself has to say."""
        sealed = self._take()
        if sealed:
            self.transport.write(sealed)

    def write_eof(self):
        """Unsupported: close_notify ends both directions for many peers (RFC 5246)."""
        raise Unsupported(u'half close: TLS has none, for many peers it ends both directions')

    def can_write_eof(self):
        return False

    # -- the end ---------------------------------------------------------------------------------

    def close(self):
        state = self._state
        if state is SHAKING and self._queue:
            self._close_asked = True        # what was written goes out first
        elif state is SHAKING:
            self.abort()
        elif state is OPEN:
            self._state = CLOSING
            if self._queue:
                self._timer = self._loop.call_later(FLUSH_SECONDS, self.abort)
                self._pump()
            else:
                self._finish()
        elif state is STOPPING and not self._close_asked:
            self._close_asked = True
            if self._closure.said:
                self._close_clear()
            else:
                self._timer = self._loop.call_later(FLUSH_SECONDS, self.abort)

    def _finish(self):
        # type: () -> None
        """Everything is sent: send close_notify (RFC 8446 section 6.1) and close."""
        self._state = OVER
        if self._timer is not None:
            self._timer.cancel()
        self._session.finish()
        self._flush()
        below = self.transport
        if self._session.ended or not below.can_write_eof():
            below.close()
        else:
            below.write_eof()
            below.resume_reading()
            self._timer = self._loop.call_later(LINGER_SECONDS, below.close)

    def _receive_late(self, data):
        # type: (bytes) -> None
        """Reads on while closing: tickets serve the next connection, close_notify ends the wait."""
        if self._session.ended:
            return
        try:
            self._receive(data)
        except FAILURES as exc:
            self._receive = _drop           # it is no TLS, and neither is the rest
            log.debug('%s: received while closing: %s', self, exc)
        if self._state is OVER and self._session.ended:
            self.transport.close()

    def abort(self):
        self._state = OVER
        self._end_handshake(HandshakeFailed(u'the connection was closed during the TLS handshake'))
        self._drop_queue()
        if self.transport is not None:
            self.transport.abort()

    def is_closing(self):
        if not self._state.accepts or self._close_asked:
            return True
        return self.transport.is_closing()

    # -- TLS is taken off (law L18) --------------------------------------------------------------

    def stop_tls(self, lenient):
        # type: (bool) -> Future
        """``Loop.stop_tls``."""
        if self._state is not OPEN or self._ended:
            raise LocalProtocolError(u'TLS can be stopped only while it is open, and once')
        self._state = STOPPING
        self._closure = Closure(self._session, lenient)
        if not self._queue:
            self._say_end()
        return self._closure.done

    def _say_end(self):
        # type: () -> None
        """Sends our close_notify: all that was written before is encrypted."""
        closure = self._closure
        closure.said = True
        self._session.finish()
        self._flush()
        if self._timer is not None:
            self._timer.cancel()
        if not closure.lenient:
            self._timer = self._loop.call_later(STOP_SECONDS, self._stop_expired)
        if self._close_asked:
            self._close_clear()
        else:
            # The peer's may have come already; callbacks do not nest (L3).
            self._loop.call_soon(self._deliver)

    def _close_clear(self):
        # type: () -> None
        """Closes without waiting for the peer's close_notify."""
        self._write_clear()
        self.transport.close()

    def _write_clear(self):
        # type: () -> None
        self._queued = 0
        self._closure.write_to(self.transport)

    def _stop_expired(self):
        # type: () -> None
        if self._paused or self._closure.rest is not None:
            # The peer is not the cause of the delay.
            self._timer = self._loop.call_later(STOP_SECONDS, self._stop_expired)
        else:
            fault = u'the peer did not stop TLS within %g seconds' % STOP_SECONDS
            self.fail(ConnectionLost(fault))

    def _receive_last(self, data):
        # type: (bytes) -> None
        """Receives while TLS stops."""
        closure = self._closure
        try:
            plain = closure.receive(data)
        except FAILURES as exc:
            self.fail(exc)
            return
        if plain:
            if self._paused or self._held:
                self._held += plain
            else:
                self._data_received(plain)
        if self._state is STOPPING:
            if self._session.pending and not closure.said:
                self._flush()
            self._go_clear()

    def _go_clear(self):
        # type: () -> None
        """If both close_notifys are through, give the transport below to the protocol above."""
        closure = self._closure
        if not closure.peer_has_stopped():
            return
        below = self.transport
        if self._paused or self._held or not closure.said:
            below.pause_reading()
            return
        self._state = OVER
        self._info = None
        if self._timer is not None:
            self._timer.cancel()
        self._session.over()
        self._receive = None
        self._seal = None
        self._take = None
        self._data_received = None
        self._write_clear()         # which may ask us to pause
        inner = self._inner
        self._inner = None
        below.set_protocol(inner)
        try:
            inner.tls_stopped(below)
            if self._marks.paused and not self._below_full:
                inner.resume_writing()
            below.resume_reading()
            if closure.rest and not below.is_closing():
                inner.data_received(closure.rest)
            if closure.end_below and not inner.eof_received():
                below.close()
        finally:
            closure.done.set_result(None)

    # -- reading, limits, facts ------------------------------------------------------------------

    def pause_reading(self):
        self._paused = True
        if self._state.delivers:
            self.transport.pause_reading()

    def resume_reading(self):
        if self._paused:
            self._paused = False
            if self._state.delivers:
                self._loop.call_soon(self._deliver)
                if self._closure is None or self._closure.rest is None:
                    self.transport.resume_reading()

    def is_reading(self):
        return not self._paused and not self.is_closing()

    def set_write_buffer_limits(self, high=None, low=None):
        self.transport.set_write_buffer_limits(high, low)
        self._marks.set(high, low)

    def get_write_buffer_size(self):
        return self._queued + self.transport.get_write_buffer_size()

    def get_extra_info(self, name, default=None):
        if name == 'tls':
            return self._info if self._info is not None else default
        return self.transport.get_extra_info(name, default)

    def remember(self):
        # type: () -> None
        """Of a client: let the next connection to this host resume the session of this open one."""
        if self._state is OPEN:
            self._session.remember()

    # -- for another TLS inside this one ---------------------------------------------------------

    def set_protocol(self, protocol):
        # type: (Any) -> None
        """Hands the connection to another protocol, without a callback to either."""
        self._inner = protocol
        self._data_received = protocol.data_received

    def get_protocol(self):
        # type: () -> Any
        """The protocol that has the connection."""
        return self._inner

    def __str__(self):
        return 'the TLS connection with %s' % (peer(self.transport) or 'a peer that is gone',)


def _drop(_data):
    # type: (bytes) -> bytes
    return b''
