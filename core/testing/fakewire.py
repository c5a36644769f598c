# Copyright the carryall authors.  See LICENSE.
"""FakeTransport: a stream connection whose other end is the test, or another FakeTransport.

It keeps the laws of a real one (L1 to L12).  ``clog()`` imitates a peer that does not read, and
``lose()`` one that breaks the connection.

Tests:    tests/core/testing/test_fakewire.py, tests/contract/ (by way of the virtual loop)
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import ConnectionLost, FileFailed, LocalProtocolError
from carryall.core.future import Future, failed
from carryall.core.metrics import UNWATCHED
from carryall.core.net.transport import Address, DatagramTransport, Transport, WaterMarks

__all__ = ['FakeDatagramTransport', 'FakeTransport']

PEER = Address('192.0.2.1', 40000)      # RFC 5737: an address for examples
HERE = Address('192.0.2.2', 7007)
# Of one FakeTransport on the way to another, as a system's buffers have an end.
WINDOW_BYTES = 262144

# states of a connection; a state counts as closed from _CLOSING on, as over from _OVER on
_OPEN, _CLOSING, _OVER, _ABORTED = range(4)
# states of our half: open, to be ended behind what is unsent, ended
_WRITING, _ENDING, _ENDED = range(3)
# states of the peer's half: open, ended, and the protocol was told so
_COMING, _FED, _TOLD = range(3)


class FakeTransport(Transport):
    """One connection in memory.

    Args:     loop: a VirtualLoop; one is made if it is left out (``wire.loop``).

    Attributes:
        protocol: what was connected.
        written: all bytes written since the last ``take()`` that the peer has taken; another
            FakeTransport takes no more at once than WINDOW_BYTES.
        eof_written, closed, aborted: what the protocol did with its side;
                                      ``closed`` also after an abort.
        ended: eof_written or closed; what the peer sees as the end.
        reading: whether the protocol reads.
        eof_fed: whether the peer has ended its side.
        lost: what ``connection_lost`` was called with, as a list: [] while it was not.
    """

    def __init__(self, loop=None, peername=PEER, sockname=HERE, tls=None, counters=None):
        # type: (Any, Optional[Address], Optional[Address], Any, Any) -> None
        if loop is None:
            from carryall.core.testing.fakeloop import VirtualLoop
            loop = VirtualLoop()
        self.loop = loop
        self.protocol = None        # type: Any
        # Of what is written, joined when it is asked for.
        self._pieces = []  # type: List[bytes]
        self._taken_size = 0        # bytes in them
        self._state = _OPEN
        self._ours = _WRITING
        self._theirs = _COMING
        self.reading = False
        self.lost = []              # type: List[Optional[BaseException]]
        self._counters = counters if counters is not None and counters.watched else UNWATCHED
        self._info = {'peername': peername, 'sockname': sockname, 'tls': tls, 'turns': loop.turns,
                      'counters': counters}
        self._marks = WaterMarks()
        self._unsent = deque()      # type: deque  # of (bytes, the future of a file or None)
        self._unsent_start = 0      # what of the first of them has been taken
        self._unsent_size = 0
        self._clogged = False
        self._held = deque()        # type: deque  # of bytes, fed while the protocol did not read
        self._far = None            # type: Optional[FakeTransport]
        self._delivering = False

    @property
    def eof_written(self):
        # type: () -> bool
        """See the attributes of the class."""
        return self._ours == _ENDED

    @property
    def closed(self):
        # type: () -> bool
        """See the attributes of the class."""
        return self._state >= _CLOSING

    @property
    def aborted(self):
        # type: () -> bool
        """See the attributes of the class."""
        return self._state == _ABORTED

    @property
    def eof_fed(self):
        # type: () -> bool
        """See the attributes of the class."""
        return self._theirs >= _FED

    # -- the test's side ---------------------------------------------------------------------------

    def connect(self, protocol):
        # type: (Any) -> FakeTransport
        """Gives it to *protocol* and calls its ``connection_made``; returns the transport."""
        self.protocol = protocol
        self.loop.follow(self)
        self.reading = True
        self._call('connection_made', self)
        return self

    def pair(self, far):
        # type: (FakeTransport) -> None
        """Makes *far* the other end: what one sends, the other receives."""
        self._far = far
        far._far = self

    def feed(self, data):
        # type: (bytes) -> None
        """The peer sends *data*; it is held back while the protocol does not read."""
        if data and self._state < _OVER and self._theirs == _COMING:
            self._held.append(data)
            self._deliver()

    def feed_eof(self):
        # type: () -> None
        """The peer will send no more."""
        self._end_theirs()
        self._deliver()

    def lose(self, exc=None):
        # type: (Optional[BaseException]) -> None
        """The peer resets the connection; a ConnectionLost unless another fault is given."""
        if self._state < _OVER:
            self._finish(None if self.closed and self._theirs != _TOLD else exc
                         or ConnectionLost(u'the connection was lost: reset'))

    @property
    def ended(self):
        # type: () -> bool
        """See the attributes of the class."""
        return self.closed or self.eof_written

    @property
    def written(self):
        # type: () -> bytes
        """See the attributes of the class."""
        if len(self._pieces) > 1:
            self._pieces = [b''.join(self._pieces)]
        return self._pieces[0] if self._pieces else b''

    def take(self):
        # type: () -> bytes
        """The bytes written since the last call."""
        data = self.written
        self._pieces = []
        self._taken_size = 0
        return data

    def clog(self):
        # type: () -> None
        """The peer stops reading: what is written from now on waits."""
        self._clogged = True

    def unclog(self):
        # type: () -> None
        """The peer reads again, all that waits."""
        self._clogged = False
        self.drain(None)

    def drain(self, count):
        # type: (Optional[int]) -> None
        """The peer reads *count* bytes of what waits (None: all)."""
        left = self._unsent_size if count is None else count
        while self._unsent and left > 0:
            data, future = self._unsent[0]
            start = self._unsent_start
            if len(data) - start > left:
                self._unsent_start += left
                data = data[start:start + left]
                future = None
            else:
                self._unsent.popleft()
                self._unsent_start = 0
                data = data[start:] if start else data
            left -= len(data)
            self._unsent_size -= len(data)
            self._pieces.append(data)
            self._taken_size += len(data)
            self._counters.sent.value += len(data)
            if future is not None and not future.done():
                future.set_result(future.count)
        if self._marks.paused and self._unsent_size <= self._marks.low:
            self._marks.paused = False
            if self._state == _OPEN:
                self._call('resume_writing')
        self._sent()

    # -- the protocol's side -----------------------------------------------------------------------

    def write(self, data):
        if type(data) is not bytes:
            raise TypeError('write() takes bytes, not %s' % type(data).__name__)
        self._send(data, None)

    def write_file(self, source, offset, count):
        future = _Counted()
        future.count = count
        if self._state != _OPEN or self._ours != _WRITING:
            return failed(ConnectionLost(u'the connection was closed before the file was sent'))
        source.seek(offset)
        try:
            data = source.read(count)
        except FAILURES as exc:
            future.set_exception(FileFailed(u'a file cannot be read: %s' % exc, exc))
            self.abort()
            return future
        if len(data) < count:
            fault = LocalProtocolError(u'the file ended %d bytes before its count'
                                       % (count - len(data)))
            future.set_exception(fault)
            self.abort()
        elif not count:
            future.set_result(0)
        else:
            self._send(data, future)
        return future

    def _send(self, data, future):
        # type: (bytes, Optional[_Counted]) -> None
        if self._state != _OPEN or self._ours != _WRITING or not data:
            return
        self._unsent.append((data, future))
        self._unsent_size += len(data)
        if not self._clogged:
            self.drain(self._room())
        if self._unsent and not self._marks.paused and self._unsent_size > self._marks.high:
            self._marks.paused = True
            self._call('pause_writing')

    def _room(self):
        # type: () -> Optional[int]
        """How many bytes the far end takes now; None: the test is the far end,
        and takes them all."""
        return None if self._far is None or self._far._state >= _OVER else max(
            0, WINDOW_BYTES - self._taken_size)

    def write_eof(self):
        self._ours = max(self._ours, _ENDING)
        self._sent()

    def can_write_eof(self):
        return True

    def set_protocol(self, protocol):
        # type: (Any) -> None
        """Hands the connection to another protocol, without a word to either."""
        self.protocol = protocol

    def get_protocol(self):
        # type: () -> Any
        """The protocol that has the connection."""
        return self.protocol

    def _sent(self):
        # type: () -> None
        """Does what waited for the last byte to be taken; hands on to the far end if there is
        one."""
        if self._far is not None and self._taken_size and self._state < _OVER:
            self._far.schedule()
        if self._unsent:
            return
        if self._ours == _ENDING and self._state == _OPEN:
            self._ours = _ENDED
            if self._far is not None:
                self._far.schedule()
            if self._theirs == _TOLD:
                self.close()
        if self._state == _CLOSING:
            self._finish(None)

    def close(self):
        if self._state == _OPEN:
            self._state = _CLOSING
            self.reading = False
            self._sent()

    def abort(self):
        if self._state < _OVER:
            self._finish(None, _ABORTED)

    def is_closing(self):
        return self.closed

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        if self._state == _OPEN:
            self.reading = True
            self.schedule()

    def is_reading(self):
        return self.reading

    def set_write_buffer_limits(self, high=None, low=None):
        self._marks.set(high, low)

    def get_write_buffer_size(self):
        return self._unsent_size

    def get_extra_info(self, name, default=None):
        return self._info.get(name, default)

    def __str__(self):
        return 'the connection with %s' % (self._info['peername'],)

    # -- how it goes on ----------------------------------------------------------------------------

    def schedule(self):
        # type: () -> None
        """Delivers on the next turn what has come from the other end."""
        self.loop.call_soon(self._deliver)

    def _deliver(self):
        # type: () -> None
        """Hands on what is there, as far as the protocol reads."""
        if self._delivering or self.protocol is None:
            return
        self._delivering = True
        try:
            self._pull()
            while self._held and self.reading and self._state < _OVER:
                data = self._held.popleft()
                self._counters.received.value += len(data)
                self._call('data_received', data)
                self._pull()
            if self._theirs == _FED and not self._held and self.reading:
                self._theirs = _TOLD
                keep = self._call('eof_received')
                if self._state < _OVER and (not keep or self.eof_written):
                    self.close()
        finally:
            self._delivering = False

    def _pull(self):
        # type: () -> None
        """Takes what the far end has written, unless we do not read: then it stays there,
        and its buffer fills."""
        far = self._far
        if far is None or self._state >= _OVER:
            return
        far._clogged = not self.reading
        if far._taken_size and self.reading:
            self._held.append(far.take())
        if not far._clogged and far._unsent:
            far.drain(far._room())
        if (far.eof_written or far.closed and not far.aborted) and not far._unsent \
                and not far._taken_size:
            self._end_theirs()

    def _end_theirs(self):
        # type: () -> None
        self._theirs = max(self._theirs, _FED)

    def _call(self, name, *args):
        # type: (str, *Any) -> Any
        try:
            return getattr(self.protocol, name)(*args)
        except FAILURES as exc:
            self.loop.report_failure('%s of %s' % (name, self), exc)
            self.abort()
            return None

    def _finish(self, exc, state=_OVER):
        # type: (Optional[BaseException], int) -> None
        self._state = state
        self.reading = False
        for _data, future in self._unsent:
            if future is not None and not future.done():
                future.set_exception(ConnectionLost(
                    u'the connection was closed before the file was sent'))
        self._unsent.clear()
        self._unsent_size = 0
        self.loop.call_soon(self._tell_lost, exc)

    def _tell_lost(self, exc):
        # type: (Optional[BaseException]) -> None
        self.loop.forget(self)
        self.lost.append(exc)
        self._call('connection_lost', exc)
        far = self._far
        if far is not None and far._state < _OVER:
            if self.aborted:
                far.lose()
            else:
                far.unclog()                # the system takes what no one will read
                far.schedule()


class _Counted(Future):
    __slots__ = ('count',)


class FakeDatagramTransport(DatagramTransport):
    """A datagram socket whose network is the test.

    Attributes:
        sent: the (data, addr) that were sent, in order.
        closed: whether the protocol closed it.
    """

    def __init__(self, loop=None, sockname=HERE, peername=None):
        # type: (Any, Address, Optional[Address]) -> None
        if loop is None:
            from carryall.core.testing.fakeloop import VirtualLoop
            loop = VirtualLoop()
        self.loop = loop
        self.protocol = None        # type: Any
        self.sent = []              # type: List[Tuple[bytes, Optional[Address]]]
        self.groups = []            # type: List[str]
        self.closed = False
        self._info = {'sockname': sockname, 'peername': peername}

    def connect(self, protocol):
        # type: (Any) -> FakeDatagramTransport
        """Gives it to *protocol*; returns the transport."""
        self.protocol = protocol
        protocol.connection_made(self)
        return self

    def feed(self, data, addr=PEER):
        # type: (bytes, Address) -> None
        """A packet comes from *addr*."""
        if not self.closed:
            try:
                self.protocol.datagram_received(data, addr)
            except FAILURES as exc:
                self.loop.report_failure('a datagram callback', exc)

    def sendto(self, data, addr=None):
        if type(data) is not bytes:
            raise TypeError('sendto() takes bytes, not %s' % type(data).__name__)
        if not self.closed:
            self.sent.append((data, addr))

    def join_group(self, group, interface=None):
        self.groups.append(group)

    def leave_group(self, group, interface=None):
        self.groups.remove(group)

    def close(self):
        if not self.closed:
            self.closed = True
            self.loop.call_soon(self.protocol.connection_lost, None)

    abort = close

    def get_extra_info(self, name, default=None):
        return self._info.get(name, default)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
