# Copyright the carryall authors.  See LICENSE.
"""Pollers of BSD sockets: one small class for each of select, poll, epoll and kqueue.

All are level-triggered.  A target is unregistered while it wants nothing.  Otherwise a broken
connection would be reported all the time, and a paused reader would spin on it.

Tests:    tests/runtimes/test_pollers.py, tests/contract/ (over every one of them;
          kqueue over a fake on Linux)
"""
from __future__ import absolute_import, division, print_function

import errno
import select
import socket

from carryall.runtimes.faults import RETRY, errno_of

__all__ = ['EpollPoller', 'KqueuePoller', 'PollPoller', 'SelectPoller', 'Waker']

WAKE_BYTES = 4096       # what is read at once of the wake-ups that have piled up
MAX_SELECT = 1023       # the highest descriptor that select(2) takes (FD_SETSIZE - 1)


class Waker(object):
    """A pair of sockets: a byte written to one makes the other readable."""

    wants_read = True
    wants_write = False

    def __init__(self):
        # type: () -> None
        self.channel, self._far = _socket_pair()
        self._woken = False

    def wake(self):
        # type: () -> None
        """Makes it readable; any thread may, and a signal handler."""
        # Set only after what was queued (see call_soon_threadsafe) and cleared before the queue is
        # looked at, so a wake-up that is left out here is one that the loop has not yet acted on.
        if not self._woken:
            self._woken = True
            try:
                self._far.send(b'\0')
            except (socket.error, ValueError):
                # Full, which wakes as well; or closed, and no one is left to wake.
                pass

    def on_readable(self):
        # type: () -> None
        """Swallows the bytes."""
        try:
            self.channel.recv(WAKE_BYTES)
        except socket.error as exc:
            if errno_of(exc) not in RETRY:
                raise
        self._woken = False

    def on_writable(self):
        # type: () -> None
        """Never asked for."""

    def signal_descriptor(self):
        # type: () -> int
        """The descriptor for the interpreter's byte for each signal that comes."""
        return self._far.fileno()

    def close(self):
        # type: () -> None
        """Closes both ends."""
        self.channel.close()
        self._far.close()


def _socket_pair():
    # type: () -> Tuple[socket.socket, socket.socket]
    if hasattr(socket, 'socketpair'):
        near, far = socket.socketpair()
    else:  # py2: Windows has none; two ends of a loopback connection serve
        door = socket.socket()
        door.bind(('127.0.0.1', 0))
        door.listen(1)
        far = socket.create_connection(door.getsockname())
        near = door.accept()[0]
        door.close()
    near.setblocking(False)
    far.setblocking(False)
    return near, far


class _Poller(object):
    """The base of the pollers: the targets that are registered, under which descriptor,
    for what."""

    def __init__(self):
        # type: () -> None
        self._targets = {}          # type: Dict[int, Any]
        self.max_descriptor = None  # type: Optional[int]
        self._waker = Waker()
        self.wake = self._waker.wake
        self.signal_descriptor = self._waker.signal_descriptor

    def watch(self, target):
        # type: (Any) -> None
        """Follows what *target* wants now: ``wants_read``, ``wants_write``, both,
        or (unregistering) neither."""
        descriptor = target.channel.fileno()
        known = descriptor in self._targets
        if target.wants_read or target.wants_write:
            self._targets[descriptor] = target
            self._set(descriptor, target.wants_read, target.wants_write, known)
        elif known:
            del self._targets[descriptor]
            self._drop(descriptor)

    def _set(self, descriptor, read, write, known):
        # type: (int, bool, bool, bool) -> None
        raise NotImplementedError

    def _drop(self, descriptor):
        # type: (int) -> None
        raise NotImplementedError

    def dispatch(self, timeout):
        # type: (Optional[float]) -> None
        """Waits *timeout* seconds (None: for ever) at the most,
        and call the targets that are ready."""
        raise NotImplementedError

    def descriptor(self):
        # type: () -> Optional[int]
        """The descriptor that is readable while a target is ready; None if the system has none."""
        return None

    def wait(self):
        # type: () -> None
        """Waits until a target is ready, or ``wake`` was called, and calls none; for a thread
        other than the loop's."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Releases the descriptors of the poller itself."""
        self._targets.clear()
        self._waker.close()


class SelectPoller(_Poller):
    """select(2): everywhere, with a limit of 1024 descriptors on most systems,
    and a cost linear in their number."""

    name = 'select'

    def __init__(self):
        # type: () -> None
        _Poller.__init__(self)
        self.max_descriptor = MAX_SELECT
        self._readers = set()       # type: Set[int]
        self._writers = set()       # type: Set[int]
        self.watch(self._waker)

    def _set(self, descriptor, read, write, known):
        (self._readers.add if read else self._readers.discard)(descriptor)
        (self._writers.add if write else self._writers.discard)(descriptor)

    def _drop(self, descriptor):
        self._readers.discard(descriptor)
        self._writers.discard(descriptor)

    def wait(self):
        try:
            # Copies: the loop's thread may change the sets meanwhile, and wakes this one then.
            writers = list(self._writers)
            select.select(list(self._readers), writers, writers)
        except (select.error, OSError) as exc:
            # Closed under the wait, which so has ended as it does for a wake-up.
            if errno_of(exc) not in (errno.EINTR, errno.EBADF):
                raise

    def dispatch(self, timeout):
        try:
            # The third set: Windows tells of a refused connect there and nowhere else.
            readable, writable, failed = select.select(self._readers, self._writers, self._writers,
                                                       timeout)
        except (select.error, OSError) as exc:
            if errno_of(exc) != errno.EINTR:        # py2: a signal ends it early
                raise
            return
        targets = self._targets
        for descriptor in readable:
            target = targets.get(descriptor)
            if target is not None:
                target.on_readable()
        for descriptor in set(writable).union(failed):
            target = targets.get(descriptor)
            if target is not None:
                target.on_writable()


class PollPoller(_Poller):
    """poll(2): no limit on descriptors, a cost linear in their number."""

    name = 'poll'
    _poll = None                    # type: Any

    def __init__(self):
        # type: () -> None
        _Poller.__init__(self)
        # Descriptor -> on_readable of its target.
        self._readers = {}  # type: Dict[int, Callable[[], None]]
        self._make()
        self.watch(self._waker)

    def _make(self):
        # type: () -> None
        self._poll = select.poll()
        self._in = select.POLLIN
        self._out = select.POLLOUT

    def _set(self, descriptor, read, write, known):
        self._readers[descriptor] = self._targets[descriptor].on_readable
        mask = (self._in if read else 0) | (self._out if write else 0)
        if known:
            self._poll.modify(descriptor, mask)
        else:
            self._poll.register(descriptor, mask)

    def _drop(self, descriptor):
        del self._readers[descriptor]
        self._poll.unregister(descriptor)

    def _wait(self, timeout):
        # type: (Optional[float]) -> List[Tuple[int, int]]
        # Whole milliseconds, rounded up: rounding down would turn the last millisecond before a
        # timer into a spin.
        return self._poll.poll(None if timeout is None else int(timeout * 1000 + 0.999))

    def dispatch(self, timeout):
        try:
            events = self._wait(timeout)
        except (select.error, IOError) as exc:
            if errno_of(exc) != errno.EINTR:        # py2: a signal ends it early
                raise
            return
        get = self._targets.get
        readers = self._readers
        only_in = self._in
        only_out = self._out
        for descriptor, mask in events:
            if mask == only_in and descriptor in readers:       # nearly always
                readers[descriptor]()
                continue
            target = get(descriptor)
            if target is None:                      # closed by a callback of this very turn
                continue
            if mask == only_out:
                target.on_writable()
            else:  # both, or an error or hang-up, which either of them will meet
                target.on_readable()
                if get(descriptor) is target:
                    target.on_writable()


class EpollPoller(PollPoller):
    """epoll(7): the cost is linear in what is ready, not in what is open."""

    name = 'epoll'

    def _make(self):
        # type: () -> None
        self._poll = select.epoll()
        self._in = select.EPOLLIN
        self._out = select.EPOLLOUT

    def _wait(self, timeout):
        return self._poll.poll(-1 if timeout is None else int(timeout * 1000 + 0.999) * 0.001)

    def descriptor(self):
        return self._poll.fileno()

    def wait(self):
        # Not by epoll itself: of two that wait there, only one is told.
        _wait_for(self._poll.fileno())

    def close(self):
        PollPoller.close(self)
        self._poll.close()


class KqueuePoller(_Poller):
    """kqueue(2) of the BSDs and macOS."""

    name = 'kqueue'
    MAX_EVENTS = 1024           # taken from the kernel at once

    def __init__(self):
        # type: () -> None
        _Poller.__init__(self)
        self._queue = select.kqueue()        # type: ignore  # not on every system
        self._wanted = {}           # type: Dict[int, Tuple[bool, bool]]
        self.watch(self._waker)

    def _set(self, descriptor, read, write, known):
        had_read, had_write = self._wanted.get(descriptor, (False, False))
        changes = []
        for filter_, had, want in ((select.KQ_FILTER_READ, had_read, read),
                                   (select.KQ_FILTER_WRITE, had_write, write)):
            if had != want:
                changes.append(select.kevent(descriptor, filter_, select.KQ_EV_ADD if want
                                             else select.KQ_EV_DELETE))
        if read or write:
            self._wanted[descriptor] = (read, write)
        else:
            self._wanted.pop(descriptor, None)
        if changes:
            self._queue.control(changes, 0)

    def _drop(self, descriptor):
        self._set(descriptor, False, False, True)

    def dispatch(self, timeout):
        try:
            events = self._queue.control(None, self.MAX_EVENTS, timeout)
        except (select.error, OSError) as exc:
            if errno_of(exc) != errno.EINTR:        # py2: a signal ends it early
                raise
            return
        get = self._targets.get
        for event in events:
            target = get(event.ident)
            if target is None:                      # closed by a callback of this very turn
                continue
            if event.filter == select.KQ_FILTER_READ:
                target.on_readable()
            else:
                target.on_writable()

    def descriptor(self):
        return self._queue.fileno()

    def wait(self):
        _wait_for(self._queue.fileno())

    def close(self):
        _Poller.close(self)
        self._queue.close()


def _wait_for(descriptor):
    # type: (int) -> None
    """Waits until *descriptor* is readable, for any time."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    try:
        poll.poll()
    except (select.error, OSError) as exc:
        if errno_of(exc) != errno.EINTR:            # py2: a signal ends it early
            raise


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set, Tuple
