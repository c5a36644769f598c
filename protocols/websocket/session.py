# Copyright the carryall authors.  See LICENSE.
"""WebSocket: one connection of either role after its handshake, and the protocol above it
(RFC 6455).

    class Shout(MessageProtocol):
        def message_received(self, message):
            self.websocket.send(message.upper())

A message is bytes (BINARY) or text (TEXT), both ways.  The WebSocket answers pings, and sends one
if the peer is silent.

States:   OPEN, CLOSING, ENDED and CLOSED, with the table TRANSITIONS; see WebSocket.
Not here: the grammar (wire.py), the handshake (server.py, client.py), streams in place of messages
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
                                               GOING_AWAY, INTERNAL, MAX_CONTROL, NO_CODE, NORMAL,
                                               PING, PONG, TEXT, Closing, Control, Receiver,
                                               close_payload, frame, is_close_code)

__all__ = ['CLOSED', 'CLOSING', 'ENDED', 'MessageProtocol', 'OPEN', 'WebSocket']

# -- limits ------------------------------------------------------------------
MIN_SQUEEZED = 64           # octets of a message below which compression is not tried

DEFAULTS = Settings()

# -- states ------------------------------------------------------------------
# Of a WebSocket.  RFC 6455 section 7.1.3 has the first two; its CLOSED is CLOSED here.
OPEN = 'open'               # messages go both ways
CLOSING = 'closing'         # our CLOSE is sent, the peer's is awaited
ENDED = 'ended'             # nothing is said or understood any more; the connection goes
CLOSED = 'closed'           # the connection is gone

# Events that change the state.
OUR_CLOSE = 'our close'     # close() or drain() was called
PEER_CLOSE = 'peer close'   # the peer's CLOSE has come
FAULT = 'fault'             # a broken rule, a failed application, or a peer that does not answer
EOF = 'eof'                 # the peer ended its side of the connection
ABORT = 'abort'             # abort() was called, or close_seconds are over
LOST = 'lost'               # the transport has told that the connection is gone

# (state, event) -> next state.  An event that a state lacks cannot happen in it.
TRANSITIONS = {
    (OPEN, OUR_CLOSE): CLOSING,
    (OPEN, PEER_CLOSE): ENDED,
    (OPEN, FAULT): ENDED,
    (OPEN, EOF): ENDED,
    (OPEN, ABORT): ENDED,
    (OPEN, LOST): CLOSED,
    (CLOSING, PEER_CLOSE): ENDED,
    (CLOSING, FAULT): ENDED,
    (CLOSING, EOF): ENDED,
    (CLOSING, ABORT): ENDED,
    (CLOSING, LOST): CLOSED,
    (ENDED, EOF): ENDED,
    (ENDED, ABORT): ENDED,
    (ENDED, LOST): CLOSED,
    (CLOSED, ABORT): CLOSED,
}

# What becomes of the octets that come.
IDLE = 'idle'               # none wait; the next are taken as they come
TAKING = 'taking'           # some are taken now, further up the stack
RESTING = 'resting'         # more came than the share of a turn; the rest waits for one (law L21)

# What was heard of the peer since the last look of the timer.
HEARD = 'heard'             # something has come
SILENT = 'silent'           # nothing yet
ASKED = 'asked'             # nothing, and a PING of ours is not answered

log = get_logger('http.websocket')


class MessageProtocol(object):
    """The protocol above a WebSocket: start here to write one.

    The calls come as those of a Protocol do: ``connection_made`` first, ``connection_lost`` last.
    They never nest, apart from ``pause_writing`` and ``resume_writing``.

    ``connection_made``, ``message_received``, ``piece_received``, ``pong_received`` and
    ``peer_closing`` may return a Future or (3.x) a coroutine.  Input waits until it is done; it is
    cancelled when the connection is lost.  An exception from a call, or from what it returned, is
    logged and ends the WebSocket with 1011.
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
        """A part of a message; override it to use a message before all of it has come."""
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

    def pong_received(self, data):
        # type: (bytes) -> Any
        """A PONG with the octets of a PING, or one that nothing asked for (RFC 6455 section
        5.5.3).
        """

    def peer_closing(self, code, reason):
        # type: (int, Text) -> Any
        """The peer has sent a CLOSE, which ends both directions; *code* is NO_CODE if it had
        none.
        """

    def connection_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        """The connection is gone: None after our own close or a clean one of the peer, else a
        ConnectionLost.
        """

    def pause_writing(self):
        # type: () -> None
        """More output waits than the high-water mark allows: produce no more for now."""

    def resume_writing(self):
        # type: () -> None
        """The output is at the low-water mark or below: go on."""


class WebSocket(Protocol):
    """One connection.

    Its ``state`` follows TRANSITIONS:

    | state | our close | CLOSE of the peer, fault, end of input, abort | connection lost |
    |---|---|---|---|
    | OPEN | CLOSING | ENDED | CLOSED |
    | CLOSING | CLOSING | ENDED | CLOSED |
    | ENDED | ENDED | ENDED | CLOSED |

    Messages are sent and delivered in OPEN alone.  In CLOSING frames are still read, up to the
    peer's CLOSE.  In ENDED the peer has close_seconds to end the connection.

    Args:     above: a MessageProtocol.
              clock: the loop.
              settings: a Settings.
              client: true on the client's side, which masks.
              deflate: the Deflate that was agreed on, or None.
              subprotocol: the one that was agreed on (bytes), or None.

    Attributes:
        above, subprotocol: as given.
        state: OPEN, CLOSING, ENDED or CLOSED.
        close_code, close_reason: of the peer's CLOSE.  The code is None while the connection lasts,
            and ABNORMAL if it ended without a CLOSE.
        failure: the exception of the application that ended it; None if there was none.
    """

    def __init__(self, above, clock, settings=DEFAULTS, client=False, deflate=None,
                 subprotocol=None):
        # type: (Any, Any, Settings, bool, Optional[Deflate], Optional[bytes]) -> None
        self.above = above
        self.subprotocol = subprotocol
        self.state = OPEN
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
        self._input = IDLE          # or TAKING, RESTING
        self._paused = False        # true while the application wants no input
        self._full = False          # true while the transport has more output than its mark
        self._fault = None          # type: Optional[BaseException]     # for connection_lost
        self._working = []          # type: List[Future]   # of calls that are not done
        # The data of the peer's last PING, to be answered when there is room.
        self._ping = None           # type: Optional[bytes]
        self._liveness = SILENT     # or HEARD, ASKED
        self._unsent = 0            # octets that waited for the peer at the last look
        self._timer = None          # type: Any

    def __str__(self):
        return ('the WebSocket of %s'
                % (peer(self.transport) if self.transport is not None else 'nobody',))

    def _change(self, event):
        # type: (str) -> None
        """Goes to the next state; a KeyError is a fault of this module."""
        self.state = TRANSITIONS[self.state, event]

    # -- for the application ---------------------------------------------------------------------

    def send(self, message):
        # type: (Union[bytes, Text]) -> None
        """Sends one message: text, or binary if it is bytes.  After the end it is dropped.

        Raises:   TypeError: it is neither.
        """
        kind = BINARY
        if type(message) is not bytes:
            if not isinstance(message, text_type):
                raise TypeError('a message is bytes or text, not %s' % type(message).__name__)
            kind = TEXT
            message = message.encode('utf-8')
        if self.state != OPEN:
            return
        if self._deflater is not None and len(message) >= MIN_SQUEEZED:
            self._write(kind, self._deflater.compress(message), True)
        else:
            self._write(kind, message)

    def ping(self, data=b''):
        # type: (bytes) -> None
        """Sends a PING, which ``pong_received`` of a peer's PONG answers.

        Raises:   LocalProtocolError: *data* has more than 125 octets.
        """
        if len(data) > MAX_CONTROL:
            raise LocalProtocolError(u'a PING has at most %d octets' % MAX_CONTROL)
        if self.state == OPEN:
            self._write(PING, data)

    def close(self, code=NORMAL, reason=u''):
        # type: (Optional[int], Text) -> None
        """Sends the waiting output and a CLOSE; the connection ends with the CLOSE of the peer.

        Args:     code: one that may be sent (RFC 6455 section 7.4).  With None the CLOSE has
                        neither a code nor a reason.

        Raises:   LocalProtocolError: the code may not be sent.
        """
        if code is not None and not is_close_code(code):
            raise LocalProtocolError(u'no CLOSE can have the code %d' % code)
        if self.state == OPEN:
            payload = close_payload(code, reason)
            self._change(OUR_CLOSE)
            self._write(CLOSE, payload)
            self._hear_on()
            self._watch(self._settings.close_seconds)

    def drain(self):
        # type: () -> None
        """The server stops: tell the peer, which may connect again."""
        self.close(GOING_AWAY)

    def fail(self, code, why, cause=None):
        # type: (int, Text, Optional[BaseException]) -> None
        """Ends the WebSocket at once with a CLOSE of *code*; *why* is for our log, *cause* for
        ``connection_lost``.
        """
        if self.state not in (OPEN, CLOSING):
            return
        log.info('%s: ended with %d: %s', self, code, why)
        if self.state == OPEN:
            self._fault = ConnectionLost(why, cause)
            self._write(CLOSE, close_payload(code))
        self._change(FAULT)
        self._end(True)

    def abort(self):
        # type: () -> None
        """Closes the connection at once, and drops the unsent output."""
        self._fault = None
        self._change(ABORT)
        self.transport.abort()

    def is_closing(self):
        # type: () -> bool
        """True if no more can be sent."""
        return self.state != OPEN or self.transport.is_closing()

    def pause_reading(self):
        # type: () -> None
        """Delivers nothing until ``resume_reading``."""
        if self.state == OPEN:
            self._paused = True
            self.transport.pause_reading()

    def resume_reading(self):
        # type: () -> None
        """Delivers again, from a later turn on."""
        if self._paused:
            self._paused = False
            self._clock.call_later(0.0, self._go_on)

    def is_reading(self):
        # type: () -> bool
        """True if it is neither paused nor closing."""
        return not self._paused and not self.is_closing()

    # -- the transport calls -----------------------------------------------------------------------

    def connection_made(self, transport):
        self.transport = transport
        self._watch(self._settings.ping_seconds)
        self._call(self.above.connection_made, self)

    def data_received(self, data):
        self._liveness = HEARD
        if self.state in (OPEN, CLOSING):
            self._receiver.receive_data(data)
            if not self._paused and self._input == IDLE:
                self._call(self._take)

    def eof_received(self):
        if self.state == OPEN:
            self._fault = ConnectionLost(u'the peer ended the connection without a CLOSE')
        self._change(EOF)
        return False

    def connection_lost(self, exc):
        if self._timer is not None:
            self._timer.cancel()
        if self.state == OPEN and self._fault is None:
            self._fault = exc if exc is not None else ConnectionLost(u'the connection was closed')
        if self.close_code is None:
            self.close_code = ABNORMAL
        self._change(LOST)
        for future in list(self._working):
            future.cancel()
        above, self.above = self.above, _NOTHING
        above.connection_lost(self._fault)

    def pause_writing(self):
        self._full = True
        self._call(self.above.pause_writing)

    def resume_writing(self):
        self._full = False
        ping, self._ping = self._ping, None
        if ping is not None and self.state == OPEN:
            self._write(PONG, ping)
        if not self._full:
            self._call(self.above.resume_writing)

    # -- input -------------------------------------------------------------------------------------

    def _take(self, steps=0):
        # type: (int) -> None
        """Takes events out of the input, unless the application pauses."""
        next_event = self._receiver.next_event
        self._input = TAKING
        try:
            while not self._paused and self.state in (OPEN, CLOSING):
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
                elif self.state == OPEN:        # after our CLOSE the peer's messages are dropped
                    working = self.above.piece_received(event)
                    if working is not None:
                        self._wait_for(working)
                steps += 1
                if steps >= FREE_STEPS and self._is_over(steps):
                    return
        finally:
            if self._input == TAKING:
                self._input = IDLE

    def _is_over(self, steps):
        # type: (int) -> bool
        """True if this turn's share is spent; the rest is taken in a later turn (law L21)."""
        if self._paused or not self._receiver.more:
            return False
        if not turn_is_over(self.transport, steps, self._rested):
            return False
        self._input = RESTING
        self.transport.pause_reading()
        return True

    def _rested(self):
        # type: () -> None
        """The loop gives it another turn."""
        self._input = IDLE
        self._go_on(MAX_STEPS)

    def _go_on(self, steps=0):
        # type: (int) -> None
        """Continues in a later turn."""
        if self._paused or self._input != IDLE:
            return
        self._call(self._take, steps)
        if not self._paused and self._input == IDLE and not self.transport.is_closing():
            self.transport.resume_reading()

    def _take_control(self, event):
        # type: (Control) -> None
        """A PING or PONG (RFC 6455 sections 5.5.2 and 5.5.3)."""
        if self.state != OPEN:
            return
        if event.opcode == PONG:
            working = self.above.pong_received(event.data)
            if working is not None:
                self._wait_for(working)
        elif self._full:
            self._ping = event.data         # of several that wait, the last is answered
        else:
            self._write(PONG, event.data)

    def _take_close(self, event):
        # type: (Closing) -> None
        """The peer's CLOSE (RFC 6455 sections 5.5.1 and 7.1.5)."""
        self.close_code = event.code if event.code is not None else NO_CODE
        self.close_reason = event.reason
        if self.state == OPEN:
            if self.close_code not in CLEAN_CODES:
                self._fault = ConnectionLost(u'the peer closed with the code %d' % self.close_code)
            working = self.above.peer_closing(self.close_code, event.reason)
            if working is not None:
                self._wait_for(working)
        if self.state == OPEN:
            self._write(CLOSE, close_payload(event.code))
        if self.state in (OPEN, CLOSING):
            self._change(PEER_CLOSE)
        self._end(False)

    # -- the application ---------------------------------------------------------------------------

    def _call(self, callback, *args):
        # type: (Callable, *Any) -> None
        """Calls the application, or our code that does; an exception ends the WebSocket with
        1011.
        """
        try:
            working = callback(*args)
            if working is not None:
                self._wait_for(working)
        except FAILURES as exc:
            self._failed(exc)

    def _wait_for(self, working):
        # type: (Any) -> None
        """Delivers nothing until *working*, a Future or coroutine of the application, is done."""
        future = as_future(working)
        self._working.append(future)
        if future.done():               # a pause that the application asked for stays
            self._worked(future, self._paused)
        else:
            self.pause_reading()
            future.add_done_callback(self._worked)

    def _worked(self, future, paused=False):
        # type: (Future, bool) -> None
        self._working.remove(future)
        error = future.exception()
        if error is not None and not (isinstance(error, Cancelled)
                                      and self.state in (ENDED, CLOSED)):
            self._failed(error)
        elif not self._working and not paused:
            self.resume_reading()

    def _failed(self, error):
        # type: (BaseException) -> None
        """The application raised *error*: tell the peer 1011, that the fault is ours (RFC 6455
        section 7.4.1).
        """
        self.failure = error
        log.error('%s: the application failed', self,
                  exc_info=(type(error), error, getattr(error, '__traceback__', None)))
        self.fail(INTERNAL, u'the application failed', error)

    # -- output ------------------------------------------------------------------------------------

    def _write(self, opcode, payload, squeezed=False):
        # type: (int, bytes, bool) -> None
        # An unpredictable key, so that no page can choose the octets on the wire (RFC 6455 section
        # 10.3).
        self.transport.write(frame(opcode, payload, os.urandom(4) if self._client else None, True,
                                   squeezed))

    # -- the end -----------------------------------------------------------------------------------

    def _end(self, linger):
        # type: (bool) -> None
        """Nothing is left to be sent: close, the server first (RFC 6455 section 7.1.1).

        Args:     linger: the peer may still be sending.  A close would then reset the connection,
                          and the peer could lose our CLOSE.
        """
        transport = self.transport
        if linger and transport.can_write_eof():
            transport.write_eof()
        elif linger or not self._client:
            transport.close()
        self._hear_on()
        self._watch(self._settings.close_seconds)

    def _hear_on(self):
        # type: () -> None
        """Reads on, to see the end of the connection."""
        if self._paused:
            self._paused = False
            if self.state == CLOSING:
                self._clock.call_later(0.0, self._go_on)
            elif not self.transport.is_closing():
                self.transport.resume_reading()

    # -- time --------------------------------------------------------------------------------------

    def _watch(self, seconds):
        # type: (float) -> None
        """Looks after the peer in *seconds*; 0: never."""
        if self._timer is not None:
            self._timer.cancel()
        self._unsent = self.transport.get_write_buffer_size()
        self._timer = self._clock.call_later(seconds, self._look) if seconds else None

    def _look(self):
        # type: () -> None
        """The timer: ping a silent peer, and cut one that does not answer."""
        self._timer = None
        unsent = self.transport.get_write_buffer_size()
        takes = unsent < self._unsent
        if self.state == OPEN:
            self._look_for_life(takes)
        elif takes:
            self._watch(self._settings.close_seconds)
        elif unsent or self.state == CLOSING:
            log.info('%s: the peer does not complete the close', self)
            self._change(ABORT)
            self.transport.abort()
        else:
            self.transport.close()

    def _look_for_life(self, takes):
        # type: (bool) -> None
        if self._liveness == HEARD or takes or self._paused:
            self._liveness = SILENT
        elif self._liveness == SILENT:
            self._liveness = ASKED
            if not self._full:
                self._write(PING, b'')
        else:
            log.info('%s: not a word in %g seconds', self, 2 * self._settings.ping_seconds)
            self._fault = ConnectionLost(u'the peer does not answer')
            self._change(FAULT)
            self.transport.abort()
            return
        self._watch(self._settings.ping_seconds)


_NOTHING = MessageProtocol()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional, Text, Union
    from carryall.core.future import Future
    from carryall.protocols.websocket.deflate import Deflate
    from carryall.protocols.websocket.wire import Piece
