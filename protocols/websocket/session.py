# Copyright the carryall authors.  See LICENSE.
"""WebSocket: one connection of either role after its handshake, and what stands above it (RFC
6455).

    class Shout(MessageProtocol):
        def message_received(self, message):
            self.websocket.send(message.upper())

A message is bytes (BINARY) or text (TEXT), both ways.  Pings are answered here, and sent when the
peer is silent.

States:   OPEN -> ENDING (our CLOSE is sent, the peer's is awaited) -> OVER; OPEN -> OVER at once
          when the peer sends his first, or breaks the rules.  In OVER nothing is understood any
          more, and the peer has close_seconds to be gone.
Not here: the grammar (wire.py), how it begins (server.py, client.py), streams in place of messages
    (messagestream.py).
Tests:    tests/protocols/websocket/test_session.py
"""
from __future__ import absolute_import, division, print_function

import io
import os

from carryall.core.compat import FAILURES, text_type
from carryall.core.errors import Cancelled, ConnectionLost, LocalProtocolError, RemoteProtocolError
from carryall.core.future import as_future
from carryall.core.logs import get_logger
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.core.net.turns import FREE_STEPS, MAX_STEPS, turn_is_over
from carryall.protocols.websocket.deflate import Deflater, Inflater
from carryall.protocols.websocket.settings import Settings
from carryall.protocols.websocket.wire import (ABNORMAL, AGAIN, BINARY, CLEAN_CODES, CLOSE,
                                               GOING_AWAY, INTERNAL, MAX_CONTROL,
                                                    NO_CODE, NORMAL, PING, PONG, TEXT, Closing,
                                               Control, Receiver,
                                                    close_payload, frame, is_close_code)

__all__ = ['MessageProtocol', 'WebSocket']

# -- limits ------------------------------------------------------------------
MIN_SQUEEZED = 64           # octets of a message below which compression is not tried

DEFAULTS = Settings()

# -- states ------------------------------------------------------------------
OPEN, ENDING, OVER = range(3)

log = get_logger('http.websocket')


class MessageProtocol(object):
    """What stands above a WebSocket: start here to write one.

    The calls come as those of a Protocol do: ``connection_made`` first, ``connection_lost`` last,
    never one within another but ``pause_writing`` and ``resume_writing``.

    ``connection_made``, ``message_received``, ``piece_received`` and ``peer_closing`` may return a
    Future or (3.x) a coroutine; what comes waits until it is done, and it is cancelled when the
    connection is lost.  An exception out of a call, or of what it returned, is logged and ends the
    WebSocket with 1011.
    """

    websocket = None            # type: Any
    _gathered = None            # type: Any     # of a message that comes in pieces

    def connection_made(self, websocket):
        # type: (WebSocket) -> Any
        """The connection is there."""
        self.websocket = websocket

    def message_received(self, message):
        # type: (Union[bytes, Text]) -> Any
        """One whole message."""

    def piece_received(self, piece):
        # type: (Piece) -> Any
        """A part of a message; for those who do not want to wait for the whole."""
        gathered = self._gathered
        if gathered is None and piece.last:
            return self.message_received(piece.data)
        if gathered is None:
            gathered = io.StringIO() if piece.kind == TEXT else io.BytesIO()
            self._gathered = gathered
        gathered.write(piece.data)
        if piece.last:
            self._gathered = None
            return self.message_received(gathered.getvalue())
        return None

    def peer_closing(self, code, reason):
        # type: (int, Text) -> Any
        """The peer has sent a CLOSE: it is over, both ways; NO_CODE if there was none in it."""

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """It is over: None for our own close, and for a peer that went in peace; else a
        ConnectionLost.
        """

    def pause_writing(self):
        # type: () -> None
        """More waits to be sent than the high-water mark: produce no more for now."""

    def resume_writing(self):
        # type: () -> None
        """Go on."""


class WebSocket(Protocol):
    """One connection.

    Args:     above: a MessageProtocol.
              clock: the loop.
              settings: a Settings.
              client: true on the client's side, which masks.
              deflate: the Deflate that was agreed on, or None.
              subprotocol: the one that was agreed on (bytes), or None.

    Attributes:
        above, subprotocol: as given.
        close_code, close_reason: what the peer said in the end: None while it has not, ABNORMAL if
            it went without a word.
        failure: the exception of the application that ended it; None while there was none.
    """

    def __init__(self, above, clock, settings=DEFAULTS, client=False, deflate=None,
                 subprotocol=None):
        # type: (Any, Any, Settings, bool, Optional[Deflate], Optional[bytes]) -> None
        self.above = above
        self.subprotocol = subprotocol
        self.close_code = None      # type: Optional[int]
        self.close_reason = u''
        self.failure = None         # type: Optional[BaseException]
        self._clock = clock
        self._client = client
        self._settings = settings
        self._deflater = None     # type: Any
        self._inflater = None
        if deflate is not None:
            self._deflater = Deflater(deflate.client_fresh if client else deflate.server_fresh,
                                      deflate.level)
            self._inflater = Inflater(deflate.server_fresh if client else deflate.client_fresh)
        self._receiver = Receiver(not client, settings, self._inflater)
        self._state = OPEN
        self._paused = False        # true if nobody wants what comes
        self._taking = False        # true if _take runs, further up
        # True if more is here than the share of this turn allowed (law L21)
        self._resting = False
        self._full = False          # true if the transport has enough
        self._ours = False          # true if it was we who ended it
        self._fault = None          # type: Optional[BaseException]
        self._working = []          # type: List[Future]   # of calls that are not done
        # of the peer, to be answered when there is room
        self._ping = None           # type: Optional[bytes]
        self._heard = False         # true if anything came since the last look
        self._asked = False         # true if a ping of ours was not followed by anything
        self._unsent = 0            # octets that waited for the peer at the last look
        self._timer = None          # type: Any

    def __str__(self):
        return ('the WebSocket of %s'
                % (peer(self.transport) if self.transport is not None else 'nobody',))

    # -- for those above ---------------------------------------------------------------------------

    def send(self, message):
        # type: (Union[bytes, Text]) -> None
        """Send one message: text, or binary if it is bytes.  After the end it is dropped.

        Raises:   TypeError: it is neither.
        """
        kind = BINARY
        if type(message) is not bytes:
            if not isinstance(message, text_type):
                raise TypeError('a message is bytes or text, not %s' % type(message).__name__)
            kind = TEXT
            message = message.encode('utf-8')
        if self._state != OPEN:
            return
        if self._deflater is not None and len(message) >= MIN_SQUEEZED:
            self._write(kind, self._deflater.compress(message), True)
        else:
            self._write(kind, message)

    def ping(self, data=b''):
        # type: (bytes) -> None
        """Ask whether the peer is there; LocalProtocolError for more than 125 octets."""
        if len(data) > MAX_CONTROL:
            raise LocalProtocolError(u'a PING has %d octets at the most' % MAX_CONTROL)
        if self._state == OPEN:
            self._write(PING, data)

    def close(self, code=NORMAL, reason=u''):
        # type: (Optional[int], Text) -> None
        """Send what waits, say that it is over, and close when the peer has said so too.

        Args:     code: that may be on the wire (RFC 6455 section 7.4), else LocalProtocolError;
                      None says nothing, nor a reason.
        """
        if code is not None and not is_close_code(code):
            raise LocalProtocolError(u'no CLOSE can have the code %d' % code)
        if self._state == OPEN:
            payload = close_payload(code, reason)
            self._ours = True
            self._state = ENDING
            self._write(CLOSE, payload)
            self._hear_on()
            self._watch(self._settings.close_seconds)

    def drain(self):
        # type: () -> None
        """The server stops: tell the peer, who may come again."""
        self.close(GOING_AWAY)

    def fail(self, code, why, cause=None):
        # type: (int, Text, Optional[BaseException]) -> None
        """End it at once and tell the peer the *code*; *why* is for our log, *cause* for
        ``connection_lost``.
        """
        if self._state != OVER:
            log.info('%s: ended with %d: %s', self, code, why)
            if not self._ours:
                self._fault = ConnectionLost(why, cause)
            if self._state == OPEN:
                self._write(CLOSE, close_payload(code))
            self._end(True)

    def abort(self):
        # type: () -> None
        """Close at once, and drop what is unsent."""
        self._ours = True
        self._cut()

    def is_closing(self):
        # type: () -> bool
        """True if it is over, or will be."""
        return self._state != OPEN or self.transport.is_closing()

    def pause_reading(self):
        # type: () -> None
        """Let what comes wait."""
        if self._state == OPEN:
            self._paused = True
            self.transport.pause_reading()

    def resume_reading(self):
        # type: () -> None
        """Go on, on a later turn."""
        if self._paused:
            self._paused = False
            self._clock.call_later(0.0, self._go_on)

    def is_reading(self):
        # type: () -> bool
        """True if it is neither paused nor over."""
        return not self._paused and not self.is_closing()

    # -- the transport calls -----------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self._watch(self._settings.ping_seconds)
        self._call(self.above.connection_made, self)

    def data_received(self, data):
        self._heard = True
        if self._state != OVER:
            self._receiver.receive_data(data)
            if not self._paused and not self._taking and not self._resting:
                self._call(self._take)

    def eof_received(self):
        if self._state == OPEN:
            self._fault = ConnectionLost(u'the peer ended the connection without a CLOSE')
        self._state = OVER
        return False

    def connection_lost(self, exc):
        if self._timer is not None:
            self._timer.cancel()
        if self._fault is None and self._state == OPEN and not self._ours:
            self._fault = exc if exc is not None else ConnectionLost(u'the connection was closed')
        if self.close_code is None:
            self.close_code = ABNORMAL
        self._state = OVER
        for future in list(self._working):
            future.cancel()
        above, self.above = self.above, _NOBODY
        above.connection_lost(None if self._ours else self._fault)

    def pause_writing(self):
        self._full = True
        self._call(self.above.pause_writing)

    def resume_writing(self):
        self._full = False
        ping, self._ping = self._ping, None
        if ping is not None and self._state == OPEN:
            self._write(PONG, ping)
        if not self._full:
            self._call(self.above.resume_writing)

    # -- what comes --------------------------------------------------------------------------------

    def _take(self, steps=0):
        # type: (int) -> None
        """Understand what has come, as far as somebody wants it."""
        next_event = self._receiver.next_event
        self._taking = True
        try:
            while not self._paused and self._state != OVER:
                try:
                    event = next_event()
                except RemoteProtocolError as exc:
                    self.fail(exc.reply, exc.message)
                    return
                if event is None:
                    return
                if event is AGAIN:
                    pass
                elif type(event) is Control:
                    self._take_control(event)
                elif type(event) is Closing:
                    self._take_close(event)
                elif self._state == OPEN:       # what was on its way when we ended it is dropped
                    working = self.above.piece_received(event)
                    if working is not None:
                        self._wait_for(working)
                steps += 1
                if steps >= FREE_STEPS and self._is_over(steps):
                    return
        finally:
            self._taking = False

    def _is_over(self, steps):
        # type: (int) -> bool
        """True if more is here than the share of this turn allows; then it goes on in a later one
        (law L21).
        """
        if self._paused or not self._receiver.more:
            return False
        self._resting = turn_is_over(self.transport, steps, self._rested)
        if self._resting:
            self.transport.pause_reading()
        return self._resting

    def _rested(self):
        # type: () -> None
        """Its turn has come."""
        self._resting = False
        self._go_on(MAX_STEPS)

    def _go_on(self, steps=0):
        # type: (int) -> None
        """A later turn after resume_reading."""
        if self._paused or self._taking or self._resting:
            return
        self._call(self._take, steps)
        if not self._paused and not self._resting and not self.transport.is_closing():
            self.transport.resume_reading()

    def _take_control(self, event):
        # type: (Control) -> None
        """RFC 6455 sections 5.5.2 and 5.5.3; any PONG will do as a sign of life."""
        if event.opcode == PING and self._state == OPEN:
            if self._full:
                self._ping = event.data         # of many that wait, the last is answered
            else:
                self._write(PONG, event.data)

    def _take_close(self, event):
        # type: (Closing) -> None
        """The peer's CLOSE (RFC 6455 sections 5.5.1 and 7.1.5)."""
        self.close_code = event.code if event.code is not None else NO_CODE
        self.close_reason = event.reason
        if self._state == OPEN:
            if self.close_code not in CLEAN_CODES:
                self._fault = ConnectionLost(u'the peer closed with the code %d' % self.close_code)
            working = self.above.peer_closing(self.close_code, event.reason)
            if working is not None:
                self._wait_for(working)
        if self._state == OPEN:
            self._write(CLOSE, close_payload(event.code))
        self._end(False)

    # -- the application ---------------------------------------------------------------------------

    def _call(self, callback, *args):
        # type: (Callable, *Any) -> None
        """Call *callback* of the application, or what leads to it; an exception ends the WebSocket
        with 1011.
        """
        try:
            working = callback(*args)
            if working is not None:
                self._wait_for(working)
        except FAILURES as exc:
            self._failed(exc)

    def _wait_for(self, working):
        # type: (Any) -> None
        """Keep back what comes until *working*, a Future or coroutine of the application, is
        done.
        """
        future = as_future(working)
        self._working.append(future)
        if future.done():               # a pause that it asked for itself stays
            self._worked(future, self._paused)
        else:
            self.pause_reading()
            future.add_done_callback(self._worked)

    def _worked(self, future, paused=False):
        # type: (Future, bool) -> None
        self._working.remove(future)
        error = future.exception()
        if error is not None and not (isinstance(error, Cancelled) and self._state == OVER):
            self._failed(error)
        elif not self._working and not paused:
            self.resume_reading()

    def _failed(self, error):
        # type: (BaseException) -> None
        """The application raised *error*: the peer learns that it was not the peer's fault (RFC
        6455 section 7.4.1).
        """
        self.failure = error
        log.error('%s: the application failed', self,
                  exc_info=(type(error), error, getattr(error, '__traceback__', None)))
        self.fail(INTERNAL, u'the application failed', error)

    # -- what goes out -----------------------------------------------------------------------------

    def _write(self, opcode, payload, squeezed=False):
        # type: (int, bytes, bool) -> None
        # A key that nobody can guess, so that no page can make octets of its choice appear on the
        # wire (RFC 6455 section 10.3).
        self.transport.write(frame(opcode, payload, os.urandom(4) if self._client else None, True,
                                   squeezed))

    # -- the end -----------------------------------------------------------------------------------

    def _end(self, linger):
        # type: (bool) -> None
        """Nothing is left to be said: close, the server first (RFC 6455 section 7.1.1).

        Args:     linger: the peer may be sending still.  To close on that would reset the
                      connection, and take away our CLOSE.
        """
        self._state = OVER
        transport = self.transport
        if linger and transport.can_write_eof():
            transport.write_eof()
        elif linger or not self._client:
            transport.close()
        self._hear_on()
        self._watch(self._settings.close_seconds)

    def _hear_on(self):
        # type: () -> None
        """Read, if only to see the end."""
        if self._paused:
            self._paused = False
            if self._state == ENDING:
                self._clock.call_later(0.0, self._go_on)
            elif not self.transport.is_closing():
                self.transport.resume_reading()

    def _cut(self):
        # type: () -> None
        self._state = OVER
        self.transport.abort()

    # -- time --------------------------------------------------------------------------------------

    def _watch(self, seconds):
        # type: (float) -> None
        if self._timer is not None:
            self._timer.cancel()
        self._unsent = self.transport.get_write_buffer_size()
        self._timer = self._clock.call_later(seconds, self._look) if seconds else None

    def _look(self):
        # type: () -> None
        """Is the peer there?"""
        self._timer = None
        unsent = self.transport.get_write_buffer_size()
        takes = unsent < self._unsent
        if self._state != OPEN:
            if takes:
                self._watch(self._settings.close_seconds)
            elif unsent or self._state == ENDING:
                log.info('%s: it takes no part in the end', self)
                self._cut()
            else:
                self._state = OVER
                self.transport.close()
            return
        if self._heard or takes or self._paused:
            self._asked = False
        elif self._asked:
            log.info('%s: not a word in %g seconds', self, 2 * self._settings.ping_seconds)
            self._fault = ConnectionLost(u'the peer does not answer')
            self._cut()
            return
        else:
            self._asked = True
            if not self._full:
                self._write(PING, b'')
        self._heard = False
        self._watch(self._settings.ping_seconds)


_NOBODY = MessageProtocol()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Text, Union
    from carryall.core.future import Future
    from carryall.protocols.websocket.deflate import Deflate
    from carryall.protocols.websocket.wire import Piece
