# Copyright the carryall authors.  See LICENSE.
"""A guest of Swing, on Jython: Java's event dispatch thread drives our loop.

    loop = GuestLoop(SwingToolkit()).attach()       # on the event dispatch thread
    loop = GuestLoop(SwingToolkit()); loop.run()    # from any thread

All callbacks run on the event dispatch thread.

A Selector can be waited for by a thread alone, so one waits, and hands each turn over with
``invokeLater``.  Between ``run`` and ``run`` nothing of ours happens on the dispatch thread, so the
thread that called it may use the loop then.

The dispatch thread runs itself.  So ours cannot drive theirs here: ``run`` waits for it.

Tests:    tests/runtimes/guests/test_jython_swing.py, tests/contract/ (as the backend 'swing')
"""
from __future__ import absolute_import, division, print_function

from java.awt import Toolkit as AwtToolkit
from java.util.concurrent import Semaphore
from javax.swing import SwingUtilities, Timer

from carryall.runtimes.guests.toolkit import Toolkit

__all__ = ['SwingToolkit']


class SwingToolkit(Toolkit):
    """Java's event dispatch thread."""

    name = 'swing'
    watches = False

    def __init__(self):
        # type: () -> None
        self._queue = AwtToolkit.getDefaultToolkit().getSystemEventQueue()
        self._inner = None          # type: Any  # the SecondaryLoop of run() on the dispatch thread
        self._ended = Semaphore(0)  # what run() on another thread waits for

    def post(self, callback):
        SwingUtilities.invokeLater(callback)

    def call_later(self, seconds, callback):
        timer = Timer(int(seconds * 1000 + 0.999), lambda _event: callback())
        timer.setRepeats(False)
        timer.start()
        return timer

    def cancel(self, timer):
        timer.stop()

    def prepare(self):
        self._ended.drainPermits()

    def run(self):
        if SwingUtilities.isEventDispatchThread():
            self._inner = self._queue.createSecondaryLoop()
            try:
                self._inner.enter()
            finally:
                self._inner = None
        else:
            self._ended.acquire()

    def quit(self):
        if self._inner is not None:
            self._inner.exit()
        else:
            self._ended.release()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
