# Copyright the carryall authors.  See LICENSE.
"""A guest on asyncio: the event loop of another program drives ours; it may be uvloop.

    loop = AsyncioLoop(asyncio.get_running_loop())      # in a program that runs asyncio already
    loop.listen_tcp(...)

    loop = runtimes.choose('asyncio'); loop.run()       # or with an asyncio loop of its own

The host only tells which sockets are ready (uvloop: that some are) and when timers are due.  The
transports are those of the readiness family, so that all laws hold.  Asyncio's own transports keep
only some: they send after close, and its timers have no order.  A coroutine of an application runs
as a Task of the host, and may wait for futures of both.

Tests:    tests/contract/ (all laws, as the backend 'asyncio'), tests/runtimes/test_choice.py
"""
from __future__ import absolute_import, division, print_function

import asyncio
try:
    import uvloop
except ImportError:
    uvloop = None           # asyncio's own loop is slower, and does as well

from carryall.core.errors import Cancelled, Unsupported
from carryall.core.future import Future, TaskHost, provide_tasks
from carryall.core.logs import get_logger
from carryall.runtimes.guests.guestloop import best_poller
from carryall.runtimes.readiness import bsd
from carryall.runtimes.readiness.readinessloop import ReadinessLoop
from carryall.runtimes.readiness.pollers import Waker

__all__ = ['AsyncioLoop', 'NestedPoller']

_BaseHost = asyncio.SelectorEventLoop if uvloop is None else uvloop.Loop       # type: Any

END_SECONDS = 2.0           # that tasks may take to clean up when the loop is closed

log = get_logger('runtimes.asyncio')


class _HostPoller(object):
    """A Poller that leaves the waiting to the host."""

    name = 'asyncio'
    max_descriptor = None

    def __init__(self, host):
        # type: (Any) -> None
        self._host = host
        self._wanted = {}           # type: Dict[int, Tuple[bool, bool]]
        self._waker = None          # type: Optional[Waker]

    def watch(self, target):
        # type: (Any) -> None
        """Follows what *target* wants now."""
        descriptor = target.channel.fileno()
        had_read, had_write = self._wanted.get(descriptor, (False, False))
        read = target.wants_read
        write = target.wants_write
        try:
            # Removed and added again even where it was watched: the target may be another one.
            if read:
                self._host.add_reader(descriptor, target.on_readable)
            elif had_read:
                self._host.remove_reader(descriptor)
            if write:
                self._host.add_writer(descriptor, target.on_writable)
            elif had_write:
                self._host.remove_writer(descriptor)
        except NotImplementedError:
            raise Unsupported(u'the asyncio loop %s cannot watch sockets; a SelectorEventLoop can'
                              % type(self._host).__name__)
        if read or write:
            self._wanted[descriptor] = (read, write)
        else:
            self._wanted.pop(descriptor, None)

    def dispatch(self, timeout):
        # type: (Optional[float]) -> None
        """Nothing: the host calls the targets."""

    def wake(self):
        # type: () -> None
        """Nothing: see ``AsyncioLoop.wake``."""

    def signal_descriptor(self):
        # type: () -> int
        """The descriptor for the interpreter's byte for each signal that comes,
        to end the host's wait."""
        if self._waker is None:
            self._waker = Waker()
            self.watch(self._waker)
        return self._waker.signal_descriptor()

    def close(self):
        # type: () -> None
        """Watches nothing any more."""
        for descriptor, (read, write) in list(self._wanted.items()):
            if read:
                self._host.remove_reader(descriptor)
            if write:
                self._host.remove_writer(descriptor)
        self._wanted.clear()
        if self._waker is not None:
            self._waker.close()


class NestedPoller(object):
    """A poller of ours with a descriptor, which is all that the host watches.

    peer: uvloop stops watching a socket on which an error waits, and tells that once.  What came
    before the error would never be read, nor the error.
    """

    name = 'asyncio'
    max_descriptor = None

    def __init__(self, host):
        # type: (Any) -> None
        self._host = host
        self._poller = best_poller()
        self.watch = self._poller.watch
        self.signal_descriptor = self._poller.signal_descriptor
        host.add_reader(self._poller.descriptor(), self._poller.dispatch, 0)

    def dispatch(self, timeout):
        # type: (Optional[float]) -> None
        """Nothing: the host calls."""

    def wake(self):
        # type: () -> None
        """Nothing: see ``AsyncioLoop.wake``."""

    def close(self):
        # type: () -> None
        """Watches nothing any more."""
        if not self._host.is_closed():
            self._host.remove_reader(self._poller.descriptor())
        self._poller.close()


def _poller_for(host):
    # type: (Any) -> Any
    """The poller that does with a host."""
    if uvloop is not None and isinstance(host, uvloop.Loop):
        return NestedPoller(host)
    return _HostPoller(host)


# True since 3.12: a task can run at once, up to its first wait
_HAS_EAGER_TASKS = hasattr(asyncio, 'eager_task_factory')
_get_running_loop = asyncio.get_running_loop


class _OwnHost(_BaseHost):      # type: ignore
    """The event loop that we make ourselves; uvloop's if that is installed.

    It starts tasks at once, as 3.12 does.  A new task asks its loop to call its first step soon;
    here that step is taken and called.
    """

    _takes = False
    _taken = None               # type: Any

    def call_soon(self, callback, *args, context=None):
        """The same as in any host, but for the first step of a task that `start_task` makes."""
        if self._takes:
            self._takes = False
            self._taken = callback, args, context
            return None
        return _BaseHost.call_soon(self, callback, *args, context=context)

    def start_task(self, coroutine):
        """A task that has run up to its first wait; inside another task one that begins later."""
        if asyncio.current_task(self) is not None:
            return self.create_task(coroutine)
        self._takes = True
        try:
            task = asyncio.Task(coroutine, loop=self)
        finally:
            self._takes = False
        taken, self._taken = self._taken, None
        if taken is not None:
            callback, args, context = taken
            if context is None:
                callback(*args)
            else:
                context.run(callback, *args)
        return task


class AsyncioLoop(ReadinessLoop):
    """Our loop inside an asyncio loop.

    Args:     host: the asyncio loop; without one a new one is made, and closed with ours.  It is
                    uvloop's if that is installed.
              poller: makes the poller for the host; by default the one that does with it.
    """

    has_bounded_calls = False       # type: ignore  # its thread is the host's

    def __init__(self, host=None, poller=None):
        # type: (Any, Any) -> None
        self._own_host = host is None
        self._host = _OwnHost() if host is None else host
        ReadinessLoop.__init__(self, (poller or _poller_for)(self._host), bsd)
        self.wake = self._wake_host        # type: ignore
        if host is None and not _HAS_EAGER_TASKS:
            self.start_task = self._host.start_task
        self._turn_due = False              # whether the host will call us in any case
        self._alarm = None                  # type: Any  # the host's timer for our next one
        self._alarm_at = None               # type: Optional[float]

    # -- turns, when the host gives them -----------------------------------------------------------

    def call_soon(self, callback, *args):
        handle = ReadinessLoop.call_soon(self, callback, *args)
        if not self._turn_due:
            self._turn_due = True
            self._host.call_soon(self._guest_turn)
        return handle

    def call_at_end(self, callback):
        ReadinessLoop.call_at_end(self, callback)
        if not self._turn_due:
            self._turn_due = True
            self._host.call_soon(self._guest_turn)

    def call_soon_threadsafe(self, callback, *args):
        handle = ReadinessLoop.call_soon(self, callback, *args)
        self._wake_host()           # by its own door: the host's call_soon is not for other threads
        return handle

    def call_at(self, when, callback, *args):
        handle = ReadinessLoop.call_at(self, when, callback, *args)
        self._set_alarm()
        return handle

    def _guest_turn(self):
        # type: () -> None
        self._turn_due = False
        if self.closed:
            return
        if self.running and self.stopping:    # what is queued now is for the next run() (law L17)
            self._set_alarm()
            return
        last = self.at_end
        self.run_queued()
        if last is not None:
            self.at_end = None
            last()
        if self.queued and not self._turn_due:
            self._turn_due = True
            self._host.call_soon(self._guest_turn)
        self._set_alarm()

    def _set_alarm(self):
        # type: () -> None
        """Has the host call us when the next timer is due."""
        when = self.next_timer()
        if when == self._alarm_at:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None
        if when is not None:
            wait = max(0, when - self.time())
            self._alarm = self._host.call_later(wait, self._alarmed)
        self._alarm_at = when

    def _alarmed(self):
        # type: () -> None
        # The host's clock may be coarser than ours and call early;
        # what is not due then waits for the next alarm.
        self._alarm = None
        self._alarm_at = None
        self._guest_turn()

    def _wake_host(self):
        # type: () -> None
        try:
            self._host.call_soon_threadsafe(self._guest_turn)
        except RuntimeError:                # the host is closed: no one is left to wake
            pass

    def run_turn(self):
        self.run_queued()

    # -- life --------------------------------------------------------------------------------------

    def run(self):
        self.check_open()
        if self.running or self._host.is_running():
            raise RuntimeError('the loop runs already')
        self.running = True
        try:
            if not self.stopping:
                if self.queued or self.at_end is not None:
                    self._host.call_soon(self._guest_turn)
                self._host.run_forever()
        finally:
            self.stopping = False
            self.running = False

    @property
    def turning(self):
        return self.running or self._host.is_running()

    def stop(self):
        self.stopping = True
        if self.running:
            self._host.call_soon_threadsafe(self._host.stop)

    def stop_for(self, _future):
        self.stop()

    def release(self):
        if self._alarm is not None:
            self._alarm.cancel()
        ReadinessLoop.release(self)
        if self._own_host:
            self._end_tasks()
            self._host.close()

    def _end_tasks(self):
        # type: () -> None
        """Cancels the tasks that still run on a host of ours, and lets them clean up."""
        tasks = asyncio.all_tasks(self._host)
        for task in tasks:
            task.cancel()
        if tasks:
            # Under a time limit, for our loop is closed: what waits for it would wait for ever.
            _, left = self._host.run_until_complete(asyncio.wait(tasks, timeout=END_SECONDS))
            for task in left:
                log.error('a coroutine did not end when it was cancelled: %s', repr(task))
        self._host.run_until_complete(self._host.shutdown_asyncgens())

    # -- futures of both kinds ---------------------------------------------------------------------

    def wrap(self, future):
        # type: (Any) -> asyncio.Future
        """A future of asyncio that completes as *future* (one of ours) does."""
        return _wrapped(self._host, future)


class _Tasks(TaskHost):
    """The tasks of whatever loop of asyncio runs this thread.

    A coroutine has to be one: timeouts, task groups and most libraries ask for the current task.
    """

    def start(self, awaitable):
        host = _running()
        if host is None:
            return None
        task = host.create_task(awaitable if asyncio.iscoroutine(awaitable)
                                else _awaiting(awaitable))
        future = Future(lambda _: task.cancel())
        task.add_done_callback(lambda done: _complete(future, done))
        return future

    def run(self, coroutine):
        try:
            host = _get_running_loop()
        except RuntimeError:
            return None
        if _HAS_EAGER_TASKS:
            return asyncio.Task(coroutine, loop=host, eager_start=True)
        if type(host) is _OwnHost:
            return host.start_task(coroutine)
        return host.create_task(coroutine)

    def wait(self, future):
        host = _running()
        if host is None or asyncio.current_task(host) is None:
            return None
        return _wrapped(host, future).__await__()

    def is_here(self):
        return _running() is not None


def _running():
    # type: () -> Any
    """The loop of asyncio that runs this thread; None if there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


async def _awaiting(awaitable):
    # type: (Any) -> Any
    """A coroutine that waits for what is none: a step of an asynchronous generator."""
    return await awaitable


def _complete(future, task):
    # type: (Future, asyncio.Task) -> None
    """Completes a Future of ours as a finished Task of asyncio."""
    if task.cancelled():
        future.cancel()
        return
    exc = task.exception()              # asked for, or asyncio logs that it was not
    if future.done():
        if exc is not None:
            log.error('a cancelled coroutine failed: %r', exc)
    elif exc is not None:
        future.set_exception(exc)
    else:
        future.set_result(task.result())


def _wrapped(host, future):
    # type: (Any, Any) -> asyncio.Future
    """A future of asyncio that completes as *future* (one of ours) does."""
    theirs = host.create_future()

    def arrived(ours):
        # type: (Any) -> None
        if theirs.done():
            return
        exc = ours.exception()
        if isinstance(exc, Cancelled):
            theirs.cancel()
        elif exc is not None:
            theirs.set_exception(exc)
        else:
            theirs.set_result(ours.result())

    future.add_done_callback(arrived)
    theirs.add_done_callback(lambda done: done.cancelled() and future.cancel())
    return theirs


provide_tasks(_Tasks())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Tuple
