# Copyright the carryall authors.  See LICENSE.
"""TLSConnection: a protocol to the transport below, and a transport to the protocol above.

States:   shaking hands -> open -> closing (our last bytes wait) -> over (until the peer has ended, too)
          open -> stopping (TLS is taken off, see stopping.py) -> over, while the connection goes on without us

Whoever closes a socket while octets of the peer lie unread resets the connection, and what is still on its way to the peer
is lost.  In TLS 1.3 there always may be such octets, though the protocol above says nothing: tickets, a close_notify.  So a
close ends our side only, reads on and drops what comes, and lets the connection go when the peer ends or LINGER_SECONDS
are over.  For the same reason a server sends its tickets with the first octets that the protocol writes, or with the end
(RFC 8446 section 4.6.1 lets it choose the time): a peer that only sends, and has gone by the time they come, would reset
what is on its way.

The protocol above has its ``connection_made`` when the handshake is over, and hears nothing of one that fails.  One that
was there already (``start_tls``) gets the new transport at once, and what it writes waits for the handshake.

    what comes                        what the protocol above sees
    close_notify                      eof_received (RFC 8446 section 6.1)
    an end without close_notify       connection_lost(ConnectionLost): it may have been cut by somebody between
    nothing for handshake_seconds     connection_lost(ConnectionLost), or nothing if it was never connected

Water marks are those of the transport below, in octets of ciphertext; what waits here is added.

Tests:    tests/core/tls/test_connection.py, tests/contract/test_l18_tls.py (law L18, over every backend)
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError, ConnectionLost, HandshakeFailed, Unsupported
from carryall.core.future import Future, completed, failed
from carryall.core.net.ip import source_of
from carryall.core.logs import get_logger
from carryall.core.net.loop import CONNECT_SECONDS
from carryall.core.net.protocol import Protocol
from carryall.core.net.segment import FileSegment
from carryall.core.tls.stopping import CLOSING, OPEN, OVER, SHAKING, STOPPING, Stopping
from carryall.core.net.transport import HIGH_WATER, LOW_WATER, Transport, peer

__all__ = ['TLSConnection', 'connect_tls', 'listening', 'start_tls']

MAX_HANDSHAKES = 2048       # under way at once for one listener; further connections are reset
MAX_SHARE = 8               # of them one client address may have an eighth, once half of them are under way; ours
PIECE_BYTES = 65536         # of a file, encrypted at once
BURST_BYTES = 1 << 20       # of files encrypted before other connections have their turn
FLUSH_SECONDS = 60.0        # how long a close waits for the files before it
LINGER_SECONDS = 5.0        # how long it then waits for the peer's own end

log = get_logger('tls')


class TLSConnection(Stopping, Protocol, Transport):
    """One connection under TLS.

    Args:     loop: for timers and turns.
              session: of a provider, see ``carryall.runtimes.tls``.
              factory: makes the protocol above, when the handshake is over.
              seconds: for the handshake.

    Attributes:
        agreed: a Future of (this transport, the protocol above); fails with HandshakeFailed.
    """

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
        self._tickets = b''         # what goes before the next that is said
        self._state = SHAKING
        self._paused = False        # the protocol above reads nothing for now
        self._held = b''            # what it has not been given for that reason
        self._ended = False         # its eof_received has been called
        self._queue = deque()       # type: deque  # bytes and FileSegments that cannot go yet
        self._queued = 0            # bytes in it
        self._below_full = False    # the transport below has asked us to pause
        self._told = False          # the protocol above has been asked to pause
        self._high, self._low = HIGH_WATER, LOW_WATER
        self._close_asked = False   # close() came while shaking hands
        self._deaf = False          # what came while we closed was no TLS: the rest is not looked at
        self._pumping = False       # a turn of _pump is queued, or runs
        self._fault = None          # type: Optional[BaseException]
        self._timer = None          # type: Any
        self._info = None           # type: Any
        self.agreed = Future(lambda _: self.abort())

    # -- the handshake -----------------------------------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self._timer = self._loop.call_later(self._seconds, self._timed_out)
        try:
            self._session.start()
        except FAILURES as exc:
            self._broken(exc)
            return
        self._flush()
        if self._session.ready:             # a provider for tests needs no word of the peer
            self._shaken()

    def take_over(self, transport):
        # type: (Any) -> None
        """Step between *transport*, which is connected, and its protocol."""
        inner = self._inner = transport.get_protocol()
        self._data_received = inner.data_received
        self._paused = not transport.is_reading()
        transport.set_protocol(self)
        self.transport = transport
        inner.transport_changed(self)
        self.connection_made(transport)
        transport.resume_reading()

    def _shaken(self):
        # type: () -> None
        """The handshake is over, and well."""
        self._timer.cancel()
        self._info = self._session.info()
        self._state = OPEN
        self._tickets = self._session.tickets()
        if self._tickets:
            self._seal, self._take = self._seal_first, self._take_first
        else:
            self._flush()
        if self._inner is None:
            # Here, and not before: who does not speak TLS never costs more than a session.
            inner = self._inner = self._factory()
            self._data_received = inner.data_received
            inner.connection_made(self)
        if not self.agreed.done():
            self.agreed.set_result((self, self._inner))
        if self._queue:
            self._pump()
        if self._close_asked:
            self.close()

    def _seal_first(self, data):
        # type: (bytes) -> bytes
        """As seal and take of the session, for once: behind the tickets."""
        return self._take_first() + self._seal(data)

    def _take_first(self):
        # type: () -> bytes
        tickets, self._tickets = self._tickets, b''
        self._seal, self._take = self._session.seal, self._session.take
        return tickets + self._take()

    def _timed_out(self):
        # type: () -> None
        self._broken(HandshakeFailed(u'the TLS handshake took longer than %g seconds' % self._seconds))

    def _broken(self, exc):
        # type: (BaseException) -> None
        """The peer does not speak TLS, or not as it must: send it the alert that the session has, and end."""
        text = u'%s' % (exc,)
        if not isinstance(exc, CarryallError):
            log.error('%s: the TLS provider failed: %r', peer(self.transport), exc)
        elif self._state == SHAKING:
            log.info('%s: %s', peer(self.transport), text)
        self._fault = exc if isinstance(exc, ConnectionLost) else ConnectionLost(text, exc)
        self._end_handshake(exc if isinstance(exc, HandshakeFailed) else HandshakeFailed(text, exc))
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

    # -- what comes from below ---------------------------------------------------------------------------------------

    def data_received(self, data):
        if self._state not in (SHAKING, OPEN):
            if self._state == STOPPING:
                self._receive_last(data)
            else:
                self._receive_late(data)
            return
        try:
            plain = self._receive(data)
        except FAILURES as exc:
            self._broken(exc)
            return
        if self._state == SHAKING:
            if not self._session.ready:
                self._flush()
                return
            self._shaken()
        elif self._session.pending:         # an answer of TLS itself: a new key, a ticket
            self._flush()
        if plain:
            if self._paused or self._held:
                self._held += plain         # bounded: nothing more is read from below meanwhile
            elif self._state == OPEN:
                self._data_received(plain)
        if self._session.ended and self._state == OPEN:
            self._peer_ended()

    def _peer_ended(self):
        # type: () -> None
        """close_notify came."""
        if self._held or self._paused or self._ended:
            return
        self._ended = True
        self._receive = _drop               # what comes behind it means nothing
        if not self._inner.eof_received():
            self.close()

    def _deliver(self):
        # type: () -> None
        """A later turn after resume_reading: hand over what was held."""
        if self._paused or self._state not in (OPEN, STOPPING):
            return
        held, self._held = self._held, b''
        try:
            if held:
                self._data_received(held)
            if self._state == STOPPING:
                self._turn_clear()
            elif self._session.ended and self._state == OPEN:
                self._peer_ended()
        except FAILURES as exc:
            self._loop.report_failure('a callback of %s' % self, exc)
            self.abort()

    def eof_received(self):
        """The stream below has ended; without a close_notify it may have been cut off."""
        if self._state == STOPPING and (self._session.ended or self._lenient and self._said):
            self._end_below = True
            self._rest = self._rest or b''      # peer: one that says no close_notify is lenient with us, too
            self._turn_clear()
            return True
        if not self._session.ended and self._state in (SHAKING, OPEN, STOPPING):
            if self._state == SHAKING:
                self._broken(HandshakeFailed(u'the peer ended the connection during the TLS handshake'))
            else:
                self._fault = ConnectionLost(u'the peer ended the connection without a close_notify')
                self._state = OVER
                self._drop_queue()
                self.transport.abort()
            return True
        return self._state in (OPEN, CLOSING)

    def connection_lost(self, exc):
        state, self._state = self._state, OVER
        if self._timer is not None:
            self._timer.cancel()
        if state == SHAKING:
            self._fault = exc or ConnectionLost(u'the connection was closed during the TLS handshake')
            self._end_handshake(HandshakeFailed(u'the connection broke during the TLS handshake', exc))
        elif state in (OPEN, STOPPING):
            self._fault = exc               # else we had ended it ourselves, and what came after that is no fault (L5)
        self._drop_queue()
        self._session.over()
        inner, self._inner = self._inner, None
        # No cycle is left for a collector that may come late.
        self._receive = self._seal = self._take = self._factory = self._data_received = None
        if self._stopped is not None and not self._stopped.done():
            self._stopped.set_exception(self._fault or ConnectionLost(u'the connection was closed before TLS had stopped'))
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
        """Law L11, for the queue here and the buffer below together."""
        full = self._below_full or self._queued > (self._low if self._told else self._high)
        if full != self._told and self._inner is not None:
            self._told = full
            if full:
                self._inner.pause_writing()
            elif self._state in (OPEN, STOPPING):
                self._inner.resume_writing()

    # -- what comes from above ---------------------------------------------------------------------------------------

    def write(self, data):
        if type(data) is not bytes:
            raise TypeError('write() takes bytes, not %s' % type(data).__name__)
        if self._state == OPEN and not self._queue:
            if data:
                try:
                    sealed = self._seal(data)
                except FAILURES as exc:
                    self._broken(exc)
                else:
                    self.transport.write(sealed)
        elif self._state in (SHAKING, OPEN, STOPPING) and data and not self._close_asked:
            (self._clear if self._state == STOPPING else self._queue).append(data)
            self._queued += len(data)
            self._tell()

    def write_file(self, source, offset, count):
        if self._state not in (SHAKING, OPEN, STOPPING) or self._close_asked:
            return failed(ConnectionLost(u'the connection was closed before the file was sent'))
        if not count:
            return completed(0)
        segment = FileSegment(source, offset, count)
        (self._clear if self._state == STOPPING else self._queue).append(segment)
        self._queued += count
        if self._state == OPEN:
            self._pump()
        self._tell()
        return segment.future

    def _pump(self):
        # type: () -> None
        """Encrypt what waits, while the transport below takes it."""
        if self._pumping:
            return
        self._pumping = True
        budget = BURST_BYTES
        try:
            while self._queue and budget > 0 and not self._below_full and self._state in (OPEN, STOPPING, CLOSING):
                budget -= self._encrypt_next()
        finally:
            self._pumping = False
        if self._queue and not self._below_full and self._state in (OPEN, STOPPING, CLOSING):
            self._pumping = True
            self._loop.call_soon(self._pump_on)
        self._tell()
        if self._state == CLOSING and not self._queue:
            self._finish()
        elif self._state == STOPPING and not self._queue and not self._said:
            self._say_end()

    def _pump_on(self):
        # type: () -> None
        self._pumping = False
        if self._queue:
            self._pump()

    def _encrypt_next(self):
        # type: () -> int
        """Send the next piece of the queue; returns its size in bytes."""
        head = self._queue[0]
        if isinstance(head, FileSegment):
            try:
                data = head.read(PIECE_BYTES)
                error = None if data else head.ended_early()    # type: Any
            except FAILURES as exc:
                error = head.fault_of(exc)
            if error is not None:
                self._queue.popleft()
                log.error('%s: %s', self, error)        # what was promised cannot be kept
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
            self._broken(exc)
            return 0
        self.transport.write(sealed)
        if isinstance(head, FileSegment) and not head.left:
            head.future.set_result(head.count)
        return len(data)

    def _drop_queue(self):
        # type: () -> None
        items = list(self._queue) + list(self._clear)
        self._queue.clear()
        self._clear = ()
        self._queued = 0
        for item in items:
            if isinstance(item, FileSegment) and not item.future.done():
                item.future.set_exception(ConnectionLost(u'the connection was closed before the file was sent'))

    def _flush(self):
        # type: () -> None
        """Send what the session itself has to say."""
        sealed = self._take()
        if sealed:
            self.transport.write(sealed)

    def write_eof(self):
        """Unsupported: a close_notify ends both directions for most peers (RFC 5246 section 7.2.1)."""
        raise Unsupported(u'half close: not under TLS, where many peers take it for the end of both directions')

    def can_write_eof(self):
        return False

    def close(self):
        if self._state == SHAKING and self._queue:
            self._close_asked = True        # what was written goes out first
        elif self._state == SHAKING:
            self.abort()
        elif self._state == OPEN:
            self._state = CLOSING
            if self._queue:
                self._timer = self._loop.call_later(FLUSH_SECONDS, self.abort)
                self._pump()
            else:
                self._finish()
        elif self._state == STOPPING and not self._close_asked:
            self._close_asked = True
            self._close_clear()
            if not self._said:
                self._timer = self._loop.call_later(FLUSH_SECONDS, self.abort)

    def _finish(self):
        # type: () -> None
        """All is sent: say so (RFC 8446 section 6.1) and close."""
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
        """Tickets that come while we close are good for the next connection; the peer's close_notify ends the wait."""
        if self._deaf or self._session.ended:
            return
        try:
            self._receive(data)
        except FAILURES as exc:
            self._deaf = True
            log.debug('%s: what came while it was closing: %s', self, exc)
        if self._state == OVER and self._session.ended:
            self.transport.close()

    def abort(self):
        self._state = OVER
        self._end_handshake(HandshakeFailed(u'the connection was closed during the TLS handshake'))
        self._drop_queue()
        if self.transport is not None:
            self.transport.abort()

    def is_closing(self):
        return self._state in (CLOSING, OVER) or self._close_asked or self.transport.is_closing()

    def pause_reading(self):
        self._paused = True
        if self._state in (OPEN, STOPPING):
            self.transport.pause_reading()

    def resume_reading(self):
        if self._paused:
            self._paused = False
            if self._state in (OPEN, STOPPING):
                self._loop.call_soon(self._deliver)
                if self._rest is None:
                    self.transport.resume_reading()

    def is_reading(self):
        return not self._paused and not self.is_closing()

    def set_write_buffer_limits(self, high=None, low=None):
        self.transport.set_write_buffer_limits(high, low)
        self._high = HIGH_WATER if high is None and low is None else 4 * low if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self):
        return self._queued + self.transport.get_write_buffer_size()

    def get_extra_info(self, name, default=None):
        if name == 'tls':
            return self._info if self._info is not None else default
        return self.transport.get_extra_info(name, default)

    def remember(self):
        # type: () -> None
        """Of a client: let the next connection to the same host go on with this session, while this one is still open."""
        if self._state == OPEN:
            self._session.remember()

    # -- for another TLS inside this one -----------------------------------------------------------------------------

    def set_protocol(self, protocol):
        # type: (Any) -> None
        """Hand the connection to another protocol, without a word to either."""
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


# -- how one comes to be -----------------------------------------------------------------------------------------------


def start_tls(loop, transport, context, server_side=False, hostname=None):
    # type: (Any, Any, Any, bool, Optional[str]) -> Future
    """``Loop.start_tls``."""
    while hasattr(transport, 'lower'):              # policies that stand between see what is said, not how it is sealed
        transport = transport.lower
    session = context.session(loop.tls, server_side, hostname)
    connection = TLSConnection(loop, session, None, context.handshake_seconds)
    agreed = connection.agreed.then(lambda pair: pair[0].get_extra_info('tls'))
    connection.take_over(transport)
    return agreed


def listening(loop, context, factory):
    # type: (Any, Any, Callable[[], Any]) -> Callable[[], Protocol]
    """A factory for ``loop.listen_*``: each connection begins with a handshake, then *factory* makes its protocol.

    Raises:   Unsupported: no TLS here; UsageError: the certificate or the key cannot be used.
    """
    loop.caps.require('tls')
    context.prepare(loop.tls, True)                 # what is wrong with the files is said now, and not to each client
    return _Handshakes(loop, context, factory).begin


class _Handshakes(object):
    """Those of one listener that are under way; their number is bounded, and so is the share of one client address."""

    def __init__(self, loop, context, factory):
        # type: (Any, Any, Callable[[], Any]) -> None
        self._loop = loop
        self._context = context
        self._factory = factory
        self._under_way = set()     # type: Set[TLSConnection]
        self._full = False          # whether that was logged and has not passed

    def begin(self):
        # type: () -> Protocol
        """The protocol of a new connection."""
        under_way = self._under_way
        count = len(under_way)
        if count >= MAX_HANDSHAKES:
            if not self._full:
                self._full = True
                log.warning('connections are reset: %d TLS handshakes are under way', count)
            return _TurnedAway()
        self._full = False
        context = self._context
        session = context.session(self._loop.tls, True)
        if count * 2 < MAX_HANDSHAKES:
            connection = TLSConnection(self._loop, session, self._factory, context.handshake_seconds)
        else:
            connection = _Judged(self._loop, session, self._factory, context.handshake_seconds)
            connection.judge = self._has_share
        under_way.add(connection)
        connection.agreed.add_done_callback(lambda _: under_way.discard(connection))
        return connection

    def _has_share(self, transport):
        # type: (Any) -> bool
        """Whether the client of a new connection has fewer handshakes under way than its share."""
        source = _source_of(transport)
        if source is None:
            return True
        count = sum(1 for each in self._under_way if each.transport is not None and _source_of(each.transport) == source)
        return count * MAX_SHARE < MAX_HANDSHAKES


def _source_of(transport):
    # type: (Any) -> Optional[str]
    """What the client's address counts as; None if it has none."""
    address = peer(transport)
    return source_of(address.host) if address is not None and address.host else None


class _Judged(TLSConnection):
    """A connection that begins only if its client has not had its share of handshakes."""

    judge = None                    # type: Any

    def connection_made(self, transport):
        if self.judge(transport):
            TLSConnection.connection_made(self, transport)
        else:
            self.transport = transport
            self._broken(HandshakeFailed(u'too many TLS handshakes of this client are under way'))
            transport.abort()


class _TurnedAway(Protocol):
    """One connection too many."""

    def connection_made(self, transport):
        transport.abort()


def connect_tls(loop, context, factory, host, port, hostname=None, timeout=CONNECT_SECONDS):
    # type: (Any, Any, Callable[[], Any], str, int, Optional[str], float) -> Future
    """Connect to *host*, shake hands, and give the connection to what *factory* makes; a Future of (transport, protocol).

    Args:     hostname: what the certificate must be for; *host* if left out.
    It fails as ``Loop.connect_tcp`` does, and with HandshakeFailed (which is a ConnectFailed too).
    """
    loop.caps.require('tls')

    def make():
        # type: () -> TLSConnection
        session = context.session(loop.tls, False, hostname or host)
        return TLSConnection(loop, session, factory, min(timeout, context.handshake_seconds))

    return loop.connect_tcp(make, host, port, timeout).then(lambda pair: pair[1].agreed)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Set
