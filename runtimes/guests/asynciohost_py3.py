# Copyright the carryall authors.  See LICENSE.
"""HostedAsyncio: an event loop of asyncio that ours drives, whichever ours is.

    hosted = HostedAsyncio(loop)            # loop: epoll, tk, gtk3 ... of ours
    future = hosted.start(main())           # a Future of ours
    loop.run_until(future)
    hosted.close()

Our loop watches the descriptor of asyncio's selector, and has a timer for asyncio's next one.  Each
turn of asyncio is a run of it that stops itself.  For a server of ours alone,
``asyncio_py3.AsyncioLoop`` is the cheaper direction.

Tests:    tests/runtimes/guests/test_asynciohost_py3.py
"""
from __future__ import absolute_import, division, print_function

import asyncio
import selectors

from carryall.core.errors import Unsupported
from carryall.core.future import Future

__all__ = ['HostedAsyncio']

BLIND = ('threads', 'nio', 'virtual')       # backends that watch no descriptors


class _Descriptor:
    """The selector's descriptor as a target of our poller."""

    wants_read = True
    wants_write = False

    def __init__(self, number, callback):
        # type: (int, Callable[[], None]) -> None
        self.channel = self
        self.fileno = lambda: number
        self.on_readable = callback

    def on_writable(self):
        # type: () -> None
        """Never asked for."""


class HostedAsyncio(asyncio.SelectorEventLoop):
    """An asyncio loop within ours.

    Args:     loop: a loop of ours over a poller that can watch descriptors.
    Raises:   Unsupported: this system's selector has no descriptor, or *loop* watches none.
    """

    def __init__(self, loop):
        # type: (Any) -> None
        selector = selectors.DefaultSelector()
        self._ours = None           # type: Any  # set when the base class has begun
        self._step_due = False      # whether our loop will call _step in any case
        self._more = False          # whether callbacks were queued in the turn under way
        self._alarms = set()        # type: Set[Any]
        asyncio.SelectorEventLoop.__init__(self, selector)
        if not hasattr(selector, 'fileno') or loop.backend in BLIND:
            asyncio.SelectorEventLoop.close(self)
            raise Unsupported(u'asyncio has to be watched as a descriptor: not by %s, or not by '
                              u'its %s' % (loop.backend, type(selector).__name__))
        self._ours = loop
        self._target = _Descriptor(selector.fileno(), self._step)
        loop.poller.watch(self._target)

    def start(self, coroutine):
        # type: (Any) -> Future
        """Runs *coroutine* as a task; a Future of ours of what it returns."""
        task = self.create_task(coroutine)
        future = Future(lambda _: task.cancel())

        def done(_task):
            # type: (Any) -> None
            if future.done():
                return
            if task.cancelled():
                future.cancel()
                return
            fault = task.exception()
            if fault is not None:
                future.set_exception(fault)
            else:
                future.set_result(task.result())

        task.add_done_callback(done)
        return future

    # -- what asyncio has to do, and when ----------------------------------------------------------

    def call_soon(self, callback, *args, context=None):
        handle = asyncio.SelectorEventLoop.call_soon(self, callback, *args, context=context)
        self._want_step()
        return handle

    def call_at(self, when, callback, *args, context=None):
        handle = asyncio.SelectorEventLoop.call_at(self, when, callback, *args, context=context)
        if self._ours is not None:
            self._set_alarm(when)
        return handle

    def _set_alarm(self, when):
        # type: (float) -> None
        """Has our loop call when asyncio's timer is due; its clock may be another one than ours."""
        alarm = self._ours.call_later(max(0.0, when - self.time()), self._alarmed, when)
        self._alarms.add(alarm)
        alarm.args += (alarm,)

    def _alarmed(self, when, alarm):
        # type: (float, Any) -> None
        self._alarms.discard(alarm)
        if self.is_closed():
            return
        if when > self.time():
            self._set_alarm(when)
        else:
            self._want_step()

    def _want_step(self):
        # type: () -> None
        if self.is_running():           # it comes in another turn
            self._more = True
        elif not self._step_due and self._ours is not None:
            self._step_due = True
            self._ours.call_soon(self._queued_step)

    def _queued_step(self):
        # type: () -> None
        self._step_due = False
        self._step()

    def _step(self):
        # type: () -> None
        """One turn of asyncio: what is ready, due or queued."""
        if self.is_closed() or self.is_running():
            return
        self._more = False
        asyncio.SelectorEventLoop.call_soon(self, self.stop)
        self.run_forever()
        if self._more and not self.is_closed():
            self._want_step()

    def close(self):
        if self._ours is not None and not self.is_closed():
            for alarm in self._alarms:
                alarm.cancel()
            self._target.wants_read = False
            if not self._ours.closed:
                self._ours.poller.watch(self._target)
        asyncio.SelectorEventLoop.close(self)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Set
