# Copyright the carryall authors.  See LICENSE.
"""Toolkits that draw nothing: one that watches a descriptor, and a source of Windows messages."""
from __future__ import absolute_import, division, print_function

import heapq
import threading
from collections import deque

from carryall.runtimes.clock import monotonic
from carryall.runtimes.guests.toolkit import Toolkit
from carryall.runtimes.guests.win32 import WM_TIMER

__all__ = ['FakeMessages', 'FakeToolkit']


class FakeToolkit(Toolkit):
    """A toolkit over select(2), with events of its own and modal dialogs.

    Attributes:
        levels: how many loops of its own run, one within the other.
        forgets: whether a quit inside a dialog is lost, as in some toolkits.
    """

    name = 'fake'

    def __init__(self):
        self._watched = None
        self._callback = None
        self._timers = []
        self._timers_made = 0
        self._events = deque()
        self._quitting = False
        self.levels = 0
        self.forgets = False
        self.closed = False

    # -- its own user ------------------------------------------------------------------------------

    def event(self, callback, *args):
        """An event of the toolkit's own."""
        self._events.append((callback, args))

    def dialog(self, is_open):
        """A modal dialog: its own loop until ``is_open()`` is false."""
        self.levels += 1
        try:
            while is_open():
                self.step()
        finally:
            self.levels -= 1
        if self.forgets:
            self._quitting = False

    # -- Toolkit -----------------------------------------------------------------------------------

    def watch(self, descriptor, callback):
        assert self._watched is None, 'it watches already'
        self._watched = descriptor
        self._callback = callback

    def unwatch(self):
        assert self._watched is not None, 'it watches nothing'
        self._watched = None

    def call_later(self, seconds, callback):
        self._timers_made += 1
        timer = [monotonic() + seconds, self._timers_made, callback]
        heapq.heappush(self._timers, timer)
        return timer

    def cancel(self, timer):
        timer[2] = None

    def run(self):
        self._quitting = False
        self.levels += 1
        try:
            while not self._quitting:
                self.step()
        finally:
            self.levels -= 1

    def quit(self):
        self._quitting = True

    def step(self):
        import select
        while self._timers and self._timers[0][2] is None:
            heapq.heappop(self._timers)
        timeout = None
        if self._events:
            timeout = 0
        elif self._timers:
            timeout = max(0, self._timers[0][0] - monotonic())
        watched = [] if self._watched is None else [self._watched]
        assert watched or timeout is not None, 'it would wait for ever'
        ready = select.select(watched, [], [], timeout)[0]
        if ready and self._watched is not None:
            self._callback()
        for _ in range(len(self._events)):
            if self._events:
                callback, args = self._events.popleft()
                callback(*args)
        while self._timers and self._timers[0][0] <= monotonic():
            callback = heapq.heappop(self._timers)[2]
            if callback is not None:
                callback()

    def close(self):
        self.closed = True


class FakeMessages(object):
    """A queue of Windows messages: ``win32.UserMessages`` without a Windows."""

    def __init__(self):
        self.received = None
        self._changed = threading.Condition()
        self._queue = deque()
        self._timers = {}
        self._quit = False

    def post(self, message):
        """Queues one; any thread may."""
        with self._changed:
            self._queue.append(message)
            self._changed.notify_all()

    def set_timer(self, number, milliseconds):
        """A timer that repeats, as those of Windows do."""
        with self._changed:
            self._timers[number] = [monotonic() + milliseconds * 0.001, milliseconds * 0.001]

    def kill_timer(self, number):
        """No more of these."""
        self._timers.pop(number, None)

    def post_quit(self):
        """WM_QUIT comes when nothing else is queued."""
        with self._changed:
            self._quit = True
            self._changed.notify_all()

    def pump(self):
        """Waits for one message and dispatch it."""
        with self._changed:
            while True:
                if self._queue:
                    message = self._queue.popleft()
                    number = 0
                    break
                if self._quit:
                    self._quit = False
                    return False
                now = monotonic()
                due = [each for each, (when, _) in self._timers.items() if when <= now]
                if due:
                    message = WM_TIMER
                    number = due[0]
                    self._timers[number][0] = now + self._timers[number][1]
                    break
                first = min([when for when, _ in self._timers.values()] or [now + 0.05])
                self._changed.wait(min(max(0.001, first - now), 0.05))
        if self.received is not None:
            self.received(message, number)
        return True

    def close(self):
        """The window is destroyed."""
        self.received = None
