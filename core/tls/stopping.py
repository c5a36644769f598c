# Copyright the carryall authors.  See LICENSE.
"""TLS is taken off a connection in place: our close_notify, the peer's, and then both go on in clear (law L18).

    what was written before     goes out under TLS, and then our close_notify
    what is written after       waits for the peer's close_notify, then goes in clear (a close does not wait for it)
    what comes before theirs    is delivered as ever: it came under TLS
    what comes behind it        is delivered when the protocol has been told (``tls_stopped``)

Nothing more is read from below between the peer's close_notify and the end, so what is in flight is one piece of the stream
at the most.  A protocol that pauses its reading puts all of this off until it reads again.

Tests:    tests/core/tls/test_stopping.py, tests/contract/test_l18_stop_tls.py (over every backend)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, LocalProtocolError
from carryall.core.future import Future
from carryall.core.net.segment import FileSegment

__all__ = ['CLOSING', 'OPEN', 'OVER', 'SHAKING', 'STOPPING', 'Stopping', 'stop_tls']

STOP_SECONDS = 30.0         # how long the peer's close_notify is waited for; ours
MAX_DOUBTFUL = 65536        # octets kept of which it is not clear yet whether they are TLS: more than a record has

SHAKING, OPEN, STOPPING, CLOSING, OVER = range(5)

# The types that a record may begin with (RFC 8446 section 5.1); no command of a text protocol does.
_RECORDS = (b'\x14', b'\x15', b'\x16', b'\x17')


class Stopping(object):
    """This part of a TLSConnection."""

    # Of few connections, and so not in the constructor.
    _stopped = None             # type: Any  # the Future of it
    _lenient = False
    _said = False               # our close_notify is on its way
    _clear = ()                 # type: Any  # bytes and FileSegments that were written since
    _rest = None                # type: Optional[bytes]  # what came behind the peer's close_notify; None before it
    _doubtful = b''             # what came since the last that made sense, for the lenient
    _end_below = False          # the stream has ended meanwhile

    def stop_tls(self, lenient):
        # type: (Any, bool) -> Future
        """``Loop.stop_tls``."""
        if self._state != OPEN or self._ended:
            raise LocalProtocolError(u'TLS can be stopped only while it is open, and once')
        self._state = STOPPING
        self._lenient = lenient
        self._clear = []
        self._stopped = Future()
        if not self._queue:
            self._say_end()
        return self._stopped

    def _say_end(self):
        # type: (Any) -> None
        """All that was written before is sealed."""
        self._said = True
        self._session.finish()
        self._flush()
        if self._timer is not None:
            self._timer.cancel()
        if not self._lenient:
            self._timer = self._loop.call_later(STOP_SECONDS, self._stop_expired)
        if self._close_asked:
            self._close_clear()
        else:
            self._loop.call_soon(self._deliver)     # theirs may have come already; callbacks do not nest (L3)

    def _close_clear(self):
        # type: (Any) -> None
        """A close: what was written goes out, whatever the peer does with it."""
        if self._said:
            self._release()
            self.transport.close()

    def _stop_expired(self):
        # type: (Any) -> None
        if self._paused or self._rest is not None:  # it is not the peer that we wait for
            self._timer = self._loop.call_later(STOP_SECONDS, self._stop_expired)
        else:
            self._broken(ConnectionLost(u'the peer did not stop TLS within %g seconds' % STOP_SECONDS))

    def _receive_last(self, data):
        # type: (Any, bytes) -> None
        """What comes while TLS stops."""
        if self._lenient and self._said:
            self._doubtful += data
        try:
            plain = self._receive(data)
        except FAILURES as exc:
            # peer: curl sends no close_notify after CCC unless told to, but its next command, in clear.
            if not self._doubtful or self._doubtful[:1] in _RECORDS:
                self._broken(exc)
                return
            plain = b''
            self._take()                            # an alert about it
            self._rest = self._doubtful
        if plain:
            self._doubtful = b''
            if self._paused or self._held:
                self._held += plain
            else:
                self._data_received(plain)
        elif len(self._doubtful) > MAX_DOUBTFUL:
            self._broken(ConnectionLost(u'the peer neither stops TLS nor goes on with it'))
        if self._state == STOPPING:
            if self._session.pending and not self._said:
                self._flush()
            self._turn_clear()

    def _turn_clear(self):
        # type: (Any) -> None
        """Both have said it: the protocol above gets the transport below, and what came behind the peer's."""
        if self._rest is None and self._session.ended:
            self._rest = self._session.rest()
        if self._rest is None:
            return
        if self._paused or self._held or not self._said:
            self.transport.pause_reading()
            return
        below, inner, rest = self.transport, self._inner, self._rest
        self._state = OVER
        self._info = None
        if self._timer is not None:
            self._timer.cancel()
        self._session.over()
        self._receive = self._seal = self._take = self._data_received = None
        self._release()             # it may be asked to pause by that
        self._inner = None
        below.set_protocol(inner)
        try:
            inner.tls_stopped(below)
            if self._told and not self._below_full:
                inner.resume_writing()
            below.resume_reading()
            if rest and not below.is_closing():
                inner.data_received(rest)
            if self._end_below and not inner.eof_received():
                below.close()
        finally:
            self._stopped.set_result(None)

    def _release(self):
        # type: (Any) -> None
        """What was written after our close_notify goes to the transport below, in clear."""
        clear, self._clear, self._queued = self._clear, (), 0
        for item in clear:
            if isinstance(item, FileSegment):
                self.transport.write_file(item.source, item.offset, item.left).add_done_callback(_tell(item.future))
            else:
                self.transport.write(item)


def _tell(waiting):
    # type: (Future) -> Callable[[Future], None]
    """Completes *waiting* as the future that it is called with."""
    def tell(future):
        # type: (Future) -> None
        if future.exception() is None:
            waiting.set_result(future.result())
        else:
            waiting.set_exception(future.exception())
    return tell


def stop_tls(transport, lenient=False):
    # type: (Any, bool) -> Future
    """``Loop.stop_tls``."""
    while not isinstance(transport, Stopping):
        transport = getattr(transport, 'lower', None)       # policies that stand between
        if transport is None:
            raise LocalProtocolError(u'the connection is not under TLS')
    return transport.stop_tls(lenient)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
