# Copyright the carryall authors.  See LICENSE.
"""The channels of blocking threads, whose results look like readiness to the loop.

A *link* is one blocking socket (``sockets.py`` or ``carryall.runtimes.jvm.links``):
    ``read(limit)``      blocks; b'' at the end
    ``check_end()``      raises the error that an end of the stream hides, if any
    ``write_now(data)``  octets taken without blocking; 0 also if the system cannot do that
    ``write_all(data)``  blocks
    ``stop(writing, reset)``  wakes the reader that blocks in it, and if asked the writer;
                              ``close(reset)`` after they have left

Each connection has one reader at a time, which reads one piece for each request.  So the peer is
read no faster than the protocol takes the data.  All state of a channel belongs to the loop's
thread; other threads only post to it.

Tests:    tests/contract/ (all laws, as the backend 'threads')
"""
from __future__ import absolute_import, division, print_function

import threading
from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger
from carryall.core.net.loop import Caps
from carryall.runtimes.pool import ThreadPool
from carryall.runtimes.readiness.output import Output

__all__ = ['Channels', 'HandoverPoller']

MAX_CONNECTIONS = 4096      # open at once; each costs a thread, and further ones are reset
END_SECONDS = 2.0           # that the end of the loop waits for threads that are leaving
READ_BYTES = 65536          # read at once
WRITE_BYTES = 65536         # handed to a writing thread at once
ROOM = 'room'               # posted when no one writes, so that there is room

log = get_logger('runtimes.threads')


class HandoverPoller(object):
    """Waits for what threads post.

    Args:     waker: with ``wait(timeout)``, ``wake()``, ``signal_descriptor()`` and ``close()``.
    """

    name = 'threads'
    max_descriptor = None

    def __init__(self, waker, max_connections=MAX_CONNECTIONS):
        # type: (Any, int) -> None
        self._waker = waker
        self.wake = waker.wake
        self.signal_descriptor = waker.signal_descriptor
        self._posted = deque()      # type: deque
        self._closed = False
        # A reader and at times a writer each, and some that listen.
        self.pool = ThreadPool(2 * max_connections + 64, 'carryall-connection')
        self.max_connections = max_connections
        self.connections = 0

    def watch(self, target):
        # type: (Any) -> None
        """Follows what *target* wants now."""
        target.channel.follow(target)

    def post(self, channel, what, value=None):
        # type: (Any, str, Any) -> None
        """From any thread: *channel* has *value* to hand over."""
        self._posted.append((channel, what, value))
        if self._closed:
            self._drop_posted()
        else:
            self._waker.wake()

    def _drop_posted(self):
        # type: () -> None
        """Closes what was accepted and comes too late for everybody."""
        while self._posted:
            try:
                channel, what, value = self._posted.popleft()
            except IndexError:              # another thread was quicker
                return
            if what == 'read':
                channel._discard(value)

    def dispatch(self, timeout):
        # type: (Optional[float]) -> None
        """Waits *timeout* seconds (None: for ever) at the most,
        and call the targets that got something."""
        posted = self._posted
        self._waker.wait(0 if posted else timeout)
        for _ in range(len(posted)):
            channel, what, value = posted.popleft()
            if what == 'read':
                channel.arrived(value)
            else:
                channel.wrote(value)

    def close(self):
        # type: () -> None
        """Ends the threads that wait for work; those that block in a link end with it."""
        self._closed = True
        # What has not begun holds a link, and lets go of it when it sees that it is closed.
        self.pool.close(drop=False)
        self.pool.join(END_SECONDS)
        self._waker.close()
        self._drop_posted()


class _Reading(object):
    """The base of the channels: a thread that is asked for one piece at a time."""

    busy = False

    def __init__(self, poller, link):
        # type: (HandoverPoller, Any) -> None
        self._poller = poller
        self._link = link
        self._target = None         # type: Any
        self._asked = False         # whether the reader is at work
        self._started = False
        self._item = None           # type: Any  # what it got: a value or an exception
        self._gate = link.new_gate()
        self._closed = False
        # The reader, a writer, and we ourselves hold the link; the last to leave closes it, so that
        # no thread ever blocks in a descriptor that has been given to somebody else meanwhile.
        self._holders = 1
        self._lock = threading.Lock()
        self._reset = False

    def follow(self, target):
        # type: (Any) -> None
        """The poller: *target* has changed what it wants."""
        self._target = target
        if target.wants_read and not self._asked and not self._closed:
            if self._item is not None:
                self._poller.post(self, 'read', self._item)
                self._asked = True          # the item is on its way again
                self._item = None
            else:
                self._ask()

    def _ask(self):
        # type: () -> None
        self._asked = True
        if not self._started:
            self._started = True
            self._hold()
            self._poller.pool.submit(self._read_on)
        else:
            self._gate.open()

    def _read_on(self):
        # type: () -> None
        """The reading thread."""
        try:
            while not self._closed:
                try:
                    item = self._block()
                except FAILURES as exc:     # broken: nothing more can come
                    self._poller.post(self, 'read', exc)
                    return
                self._poller.post(self, 'read', item)
                self._gate.wait()
        finally:
            self._leave()

    def _block(self):
        # type: () -> Any
        raise NotImplementedError

    def arrived(self, item):
        # type: (Any) -> None
        """The loop's thread: the reader has handed over *item*."""
        self._asked = False
        if self._closed:
            self._discard(item)
            return
        self._item = item
        target = self._target
        if target.wants_read:
            target.on_readable()
            if self._item is None and target.wants_read and not self._asked and not self._closed:
                self._ask()

    def _take(self):
        # type: () -> Any
        """The piece that has arrived; None for nothing, and what the thread met is raised."""
        item, self._item = self._item, None
        if isinstance(item, FAILURES):
            raise item
        return item

    def _discard(self, item):
        # type: (Any) -> None
        """Drops what came too late."""

    def _hold(self):
        # type: () -> None
        with self._lock:
            self._holders += 1

    def _leave(self):
        # type: () -> None
        with self._lock:
            self._holders -= 1
            last = not self._holders
        if last:
            self._link.close(self._reset)

    def close(self, reset=False):
        # type: (bool) -> None
        """Closes when the last thread has left, which is at once."""
        if not self._closed:
            self._closed = True
            self._reset = reset
            self._link.stop(self.busy, reset)
            self._gate.open()
            self._discard(self._item)
            self._item = None
            self._leave()


class StreamChannel(_Reading):
    """One stream connection."""

    def __init__(self, poller, link, connected=True):
        # type: (HandoverPoller, Any, bool) -> None
        _Reading.__init__(self, poller, link)
        self.connected = connected
        self.busy = False           # whether a thread still writes what was taken
        self._outcome = None        # type: Any  # of the connect: True or an exception
        poller.connections += 1

    # -- connecting --------------------------------------------------------------------------------

    def begin_connect(self):
        # type: () -> None
        """Connects on a thread."""
        self._hold()

        def work():
            # type: () -> None
            try:
                if not self._closed:
                    self._link.connect()
                outcome = True          # type: Any
            except FAILURES as exc:
                outcome = exc
            self._poller.post(self, 'write', outcome)
            self._leave()

        self._poller.pool.submit(work)

    def finish_connect(self):
        # type: () -> bool
        """True when the connection is made, False while it is on its way;
        raises what went wrong."""
        if self.connected:
            return True
        if self._outcome is None:
            return False
        if self._outcome is not True:
            raise self._link.connect_fault(self._outcome)
        self.connected = True
        return True

    # -- reading -----------------------------------------------------------------------------------

    def follow(self, target):
        self._target = target
        if not self.connected:
            return
        _Reading.follow(self, target)
        if target.wants_write and not self.busy and not self._closed:
            self._poller.post(self, 'write', ROOM)

    def _block(self):
        data = self._link.read(READ_BYTES)
        if not data:
            self._link.check_end()
        return data

    def read(self, _limit):
        # type: (int) -> Optional[bytes]
        """Bytes; b'' at the end; None when there is nothing now."""
        return self._take()

    # -- writing -----------------------------------------------------------------------------------

    def write(self, data):
        # type: (Any) -> int
        """How many bytes were taken: by the system, or by a thread that now writes them."""
        if self.busy:
            return 0
        sent = self._link.write_now(data)
        if sent or not data:
            return sent
        piece = data[:WRITE_BYTES]
        if not isinstance(piece, bytes):
            piece = piece.tobytes()
        self.busy = True
        self._hold()
        self._poller.pool.submit(lambda: self._write_on(piece))
        return len(piece)

    def _write_on(self, piece):
        # type: (bytes) -> None
        """The writing thread."""
        fault = None
        try:
            self._link.write_all(piece)
        except FAILURES as exc:
            fault = exc
        finally:
            self._poller.post(self, 'write', fault)
            self._leave()

    def wrote(self, outcome):
        # type: (Any) -> None
        """The loop's thread: there is room, a thread has written, or a connect is decided."""
        if self._closed:
            return
        if not self.connected:
            self._outcome = outcome
        elif outcome is not ROOM:
            self.busy = False
            if outcome is not None:
                self._target.write_failed(outcome)
                return
        target = self._target
        if target is not None and target.wants_write:
            target.on_writable()
            # The system took a part, and no thread writes the rest:
            # no one else would say when to go on.
            if target.wants_write and not self.busy and not self._closed:
                self._poller.post(self, 'write', ROOM)

    def new_output(self):
        # type: () -> Output
        """A queue for what does not fit now."""
        return HandoverOutput(self)

    @staticmethod
    def is_retry(_exc):
        # type: (BaseException) -> bool
        """Never: "not now" is a value here and no exception."""
        return False

    def lost_fault(self, exc):
        # type: (BaseException) -> Any
        """The ConnectionLost that a failed read or write means."""
        return self._link.lost_fault(exc)

    def shut_down_write(self):
        # type: () -> None
        """Tells the peer that nothing more comes."""
        self._link.shut_down_write()

    def peername(self):
        # type: () -> Any
        """The other end's Address."""
        return self._link.peername()

    def sockname(self):
        # type: () -> Any
        """Our own end's Address."""
        return self._link.sockname()

    def peer_credentials(self):
        # type: () -> Any
        """(pid, uid, gid) of the process at the other end of a Unix socket, or None."""
        return self._link.peer_credentials()

    def close(self, reset=False):
        if not self._closed:
            self._poller.connections -= 1
        _Reading.close(self, reset)


class HandoverOutput(Output):
    """The queue of one channel."""

    __slots__ = ()
    pieces = staticmethod(memoryview)

    def write(self, piece):
        return self.channel.write(piece)

    def write_file(self, segment):
        return None                 # sendfile would block the loop


class ListeningChannel(_Reading):
    """A thread that accepts."""

    def __init__(self, poller, link):
        # type: (HandoverPoller, Any) -> None
        _Reading.__init__(self, poller, link)
        self.address = link.address
        self._full = False

    def _block(self):
        return self._link.accept()

    def accept(self):
        # type: () -> Optional[StreamChannel]
        """The next connection; None when there is none now."""
        try:
            link = self._take()
        except FAILURES:
            self._started = False           # its thread has ended; the next ask starts another
            raise
        if link is None:
            return None
        if self._poller.connections >= self._poller.max_connections:
            link.close(True)
            if not self._full:
                self._full = True
                log.warning('%s: connections are reset: %d are open, and each costs a thread',
                            self.address, self._poller.connections)
            return None
        self._full = False
        return StreamChannel(self._poller, link)

    def is_out_of_resources(self, exc):
        # type: (BaseException) -> bool
        """True if accepting failed for want of descriptors or memory, and will work again later."""
        return self._link.is_out_of_resources(exc)

    def _discard(self, item):
        if item is not None and hasattr(item, 'stop'):
            item.close(True)


class DatagramChannel(_Reading):
    """A thread that receives packets."""

    def follow(self, target):
        _Reading.follow(self, target)
        if target.wants_write and not self._closed:
            self._poller.post(self, 'write', ROOM)

    def _block(self):
        try:
            return self._link.receive()
        except FAILURES as exc:
            if self._closed:
                raise
            return (exc,)           # an earlier packet could not be delivered; the socket lives on

    def receive(self, _limit):
        # type: (int) -> Any
        """The next packet and where it came from; None when there is none now.

        Raises what an earlier one met.
        """
        item = self._take()
        if item is not None and len(item) == 1:
            raise item[0]
        return item

    def send(self, data, address):
        # type: (bytes, Any) -> bool
        """Sends one packet: UDP has room, or drops."""
        return self._link.send(data, address)

    def wrote(self, _outcome):
        # type: (Any) -> None
        """There may be room."""
        if not self._closed and self._target.wants_write:
            self._target.on_writable()

    def lost_fault(self, exc):
        # type: (BaseException) -> Any
        """The error for a failed packet."""
        return self._link.lost_fault(exc)

    def peername(self):
        # type: () -> Any
        """The Address it is connected to, or None."""
        return self._link.peername()

    def sockname(self):
        # type: () -> Any
        """Our own Address."""
        return self._link.sockname()

    def set_group(self, group, interface, join):
        # type: (str, Optional[str], bool) -> None
        """Joins or leave a multicast group."""
        self._link.set_group(group, interface, join)


class Channels(object):
    """Opens channels for one loop.

    Args:     poller: the HandoverPoller of the loop.
              links: the module that opens blocking links.
    """

    def __init__(self, poller, links):
        # type: (HandoverPoller, Any) -> None
        self._poller = poller
        self._links = links

    def capabilities(self, **more):
        # type: (**Any) -> Caps
        """The capabilities of blocking sockets here, joined with the loop's."""
        return self._links.capabilities(
            sendfile=u'a file is read and written in pieces: to copy it at once would block the '
                     u'loop', **more)

    def listen_tcp(self, host, port, backlog, reuse_port):
        # type: (str, int, int, bool) -> ListeningChannel
        """Listens on a TCP port; raises ListenFailed."""
        return ListeningChannel(self._poller,
                                self._links.listen_tcp(host, port, backlog, reuse_port))

    def listen_unix(self, path, mode, backlog):
        # type: (str, int, int) -> ListeningChannel
        """Listens on a Unix socket; raises ListenFailed."""
        return ListeningChannel(self._poller, self._links.listen_unix(path, mode, backlog))

    def connect(self, address, local=None):
        # type: (Any, Any) -> StreamChannel
        """Begins to connect to an Address."""
        channel = StreamChannel(self._poller, self._links.connecting(address, local),
                                connected=False)
        channel.begin_connect()
        return channel

    def open_udp(self, host, port, remote, reuse_port):
        # type: (str, int, Any, bool) -> DatagramChannel
        """Opens a UDP socket; raises ListenFailed."""
        return DatagramChannel(self._poller, self._links.open_udp(host, port, remote, reuse_port))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional
