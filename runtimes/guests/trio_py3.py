# Copyright the carryall authors.  See LICENSE.
"""trio and our loop, in both directions.

    async with trio.open_nursery() as nursery:      # trio drives ours
        loop = GuestLoop(TrioToolkit())
        nursery.start_soon(serve, loop)
        ...
        await wait(future)                          # a Future of ours
        loop.stop()                                 # ends serve()

    loop = GuestLoop(TrioToolkit()); loop.run()     # with a trio of its own

    future = run_trio(loop, main, *args)            # ours, whichever it is, drives trio

One task waits for our descriptor and for our next timer.  The other direction is trio's own guest
mode, in which a thread waits for what trio waits for.

Tests:    tests/runtimes/guests/test_trio_py3.py,
          tests/contract/ (as the backend 'trio')
"""
from __future__ import absolute_import, division, print_function

import math

import trio

from carryall.core.future import Future
from carryall.runtimes.guests.toolkit import Toolkit

__all__ = ['TrioToolkit', 'run_trio', 'serve', 'wait']


class _Timer:
    """A callback that waits for its time on trio's clock."""

    def __init__(self, when, callback):
        # type: (float, Callable[[], None]) -> None
        self.when = when
        self.callback = callback


class TrioToolkit(Toolkit):
    """A task of trio that waits for our loop."""

    name = 'trio'
    takes_signals = True        # trio shares the wake-up for signals with no other

    def __init__(self):
        # type: () -> None
        self._descriptor = None     # type: Optional[int]
        self._ready = None          # type: Any
        self._timers = []           # type: List[_Timer]
        self._waits = None          # type: Any  # the CancelScope of the wait that is under way
        self._quitting = False

    def watch(self, descriptor, callback):
        self._descriptor = descriptor
        self._ready = callback
        self._look_again()

    def unwatch(self):
        self._descriptor = None
        self._look_again()

    def call_later(self, seconds, callback):
        try:
            when = trio.current_time() + seconds
        except RuntimeError:        # trio does not run yet: our loop looks at its own clock then
            when = -math.inf
        timer = _Timer(when, callback)
        self._timers.append(timer)
        self._look_again()
        return timer

    def cancel(self, timer):
        if timer in self._timers:
            self._timers.remove(timer)

    def _look_again(self):
        # type: () -> None
        if self._waits is not None:
            self._waits.cancel()

    async def serve(self):
        # type: () -> None
        """Waits and calls, until ``quit``."""
        self._quitting = False
        while not self._quitting:
            now = trio.current_time()
            deadline = min((timer.when for timer in self._timers), default=math.inf)
            ready = False
            if deadline > now:
                with trio.CancelScope(deadline=deadline) as self._waits:
                    if self._descriptor is None:
                        await trio.sleep_forever()
                    await trio.lowlevel.wait_readable(self._descriptor)
                    ready = True
                self._waits = None
            else:
                await trio.lowlevel.checkpoint()
            if ready and self._descriptor is not None:
                self._ready()
            now = trio.current_time()
            for timer in [each for each in self._timers if each.when <= now]:
                if timer in self._timers:
                    self._timers.remove(timer)
                    timer.callback()

    def run(self):
        trio.run(self.serve)

    def quit(self):
        self._quitting = True
        self._look_again()


async def serve(loop):
    # type: (GuestLoop) -> None
    """A task of trio in which a guest of trio runs, until its ``stop`` or until it is cancelled."""
    loop.attach()
    try:
        await loop.toolkit.serve()
    finally:
        loop.detach()


async def wait(future):
    # type: (Future) -> Any
    """The result of a Future of ours, for a task of trio; cancelling the task cancels it."""
    done = trio.Event()
    future.add_done_callback(lambda _: done.set())
    try:
        await done.wait()
    finally:
        future.cancel()
    return future.result()


def run_trio(loop, function, *args):
    # type: (Any, Any, *Any) -> Future
    """Runs the async *function* under trio, driven by *loop*; a Future of what it returns.

    Cancelling the Future has no effect on the function, which should have a cancel scope.
    """
    future = Future()

    def ended(outcome):
        # type: (Any) -> None
        try:
            result = outcome.unwrap()
        except Exception as exc:
            future.set_exception(exc)
        else:
            future.set_result(result)

    trio.lowlevel.start_guest_run(
        function, *args, run_sync_soon_threadsafe=loop.call_soon_threadsafe,
        run_sync_soon_not_threadsafe=loop.call_soon, done_callback=ended,
        host_uses_signal_set_wakeup_fd=True)
    return future


TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.runtimes.guests.guestloop import GuestLoop
    from typing import Any, Callable, List, Optional
