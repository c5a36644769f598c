# Copyright the carryall authors.  See LICENSE.
"""Stream: the binary messages of a WebSocket as a transport for any Protocol.

    WebSocketServer(lambda request: Stream(loop, Echo()), loop)     a server's, see server.py
    connect_stream(loop, 'ws://a.example/x', Echo)                  a client's, see client.py

The boundaries of the messages have no meaning; a text is refused with 1003.  The peer's CLOSE ends
both directions: ``eof_received`` is called, but its result cannot keep our side open.  There is no
half close.  After a CLOSE with the code of a failure, such as 1011, ``connection_lost`` has an
error.

Tests:    tests/protocols/websocket/test_messagestream.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES, range
from carryall.core.errors import ConnectionLost
from carryall.core.future import completed, failed
from carryall.core.logs import get_logger
from carryall.core.net.segment import FileSegment
from carryall.protocols.websocket.messagetransport import MessageTransport
from carryall.protocols.websocket.wire import CLEAN_CODES, INTERNAL, TEXT, UNSUPPORTED

__all__ = ['Stream']

# -- limits ------------------------------------------------------------------
MESSAGE_BYTES = 65536       # octets of one message that we send; the RFC is silent
BURST_BYTES = 1 << 20       # octets of files in one turn of the loop; the RFC is silent

log = get_logger('http.websocket')


class Stream(MessageTransport):
    """One stream.

    Args:     clock: the loop.
              protocol: a Protocol, which gets this as its transport.
    """

    def __init__(self, clock, protocol):
        # type: (Any, Any) -> None
        MessageTransport.__init__(self, protocol)
        self._clock = clock
        # a file that is being sent, and the bytes and FileSegments behind it
        self._queue = deque()       # type: deque
        self._queued = 0            # octets in it
        self._full = False          # true if the WebSocket has enough
        self._pumping = False

    # -- the WebSocket calls -----------------------------------------------------------------------

    def piece_received(self, piece):
        if piece.kind == TEXT:
            self.websocket.fail(UNSUPPORTED, u'a text on a stream of octets')
        elif piece.data:
            self.protocol.data_received(piece.data)

    def peer_closing(self, code, reason):
        if code in CLEAN_CODES:
            self.protocol.eof_received()

    def connection_lost(self, exc):
        self._drop_queue()
        MessageTransport.connection_lost(self, exc)

    def pause_writing(self):
        self._full = True
        self.protocol.pause_writing()

    def resume_writing(self):
        self._full = False
        if self._queue:
            self._pump()
        if not self._full and not self.close_asked:
            self.protocol.resume_writing()

    # -- the protocol calls ------------------------------------------------------------------------

    def write(self, data):
        if type(data) is not bytes:
            raise TypeError('write() takes bytes, not %s' % type(data).__name__)
        if self._queue:
            if not self.close_asked:
                self._queue.append(data)
                self._queued += len(data)
        elif len(data) <= MESSAGE_BYTES:
            if data:
                self.websocket.send(data)
        else:
            for at in range(0, len(data), MESSAGE_BYTES):
                self.websocket.send(data[at:at + MESSAGE_BYTES])

    def write_file(self, source, offset, count):
        if self.is_closing():
            return failed(ConnectionLost(u'the connection was closed before the file was sent'))
        if not count:
            return completed(0)
        segment = FileSegment(source, offset, count)
        self._queue.append(segment)
        self._queued += count
        self._pump()
        return segment.future

    def _pump(self):
        # type: () -> None
        """Sends from the queue while the WebSocket takes it."""
        if self._pumping:
            return
        self._pumping = True
        budget = BURST_BYTES
        try:
            while self._queue and budget > 0 and not self._full and not self.websocket.is_closing():
                budget -= self._send_next()
        finally:
            self._pumping = False
        if not self._queue:
            if self.close_asked:
                self.websocket.close()
        elif not self._full and not self.websocket.is_closing():
            self._pumping = True
            self._clock.call_later(0.0, self._pump_on)

    def _pump_on(self):
        # type: () -> None
        self._pumping = False
        if self._queue:
            self._pump()

    def _send_next(self):
        # type: () -> int
        """Sends a piece of the head of the queue; returns its size."""
        head = self._queue[0]
        if not isinstance(head, FileSegment):
            self._queue.popleft()
            self._queued -= len(head)
            for at in range(0, len(head), MESSAGE_BYTES):
                self.websocket.send(head[at:at + MESSAGE_BYTES])
            return len(head)
        error = None                # type: Optional[BaseException]
        try:
            data = head.read(MESSAGE_BYTES)
        except FAILURES as exc:
            log.exception('%s: a file cannot be read', self)
            data = b''
            error = exc
        if not data:
            log.error('%s: %s', self, head.ended_early())       # the promised octets cannot be sent
            self._queue.popleft()
            self.close_asked = True
            self._drop_queue()
            self.websocket.fail(INTERNAL, u'a file ended early', error)
            return 0
        head.advance(len(data))
        self._queued -= len(data)
        self.websocket.send(data)
        if not head.left:
            self._queue.popleft()
            head.future.set_result(head.count)
        return len(data)

    def _drop_queue(self):
        # type: () -> None
        items, self._queue = self._queue, deque()
        self._queued = 0
        for item in items:
            if isinstance(item, FileSegment) and not item.future.done():
                item.future.set_exception(
                    ConnectionLost(u'the connection was closed before the file was sent'))

    def close(self):
        self.close_asked = True
        if not self._queue:
            self.websocket.close()

    def abort(self):
        self._drop_queue()
        MessageTransport.abort(self)

    def get_write_buffer_size(self):
        return self._queued + self.websocket.transport.get_write_buffer_size()

    # -- for TLS inside it -------------------------------------------------------------------------

    def set_protocol(self, protocol):
        # type: (Any) -> None
        """Hands the stream to another protocol; neither is told."""
        self.protocol = protocol

    def get_protocol(self):
        # type: () -> Any
        """The protocol that has the stream."""
        return self.protocol


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
