# Copyright the carryall authors.  See LICENSE.
"""Toolkit: the contract of a foreign event loop that drives ours, and a thread for those that can
watch no descriptor.

A toolkit is one small class.  It watches one descriptor, has one-shot timers, and can be run and
told to quit.  That the poller's own descriptor is enough for all connections is the work of
``guestloop``.

Tests:    tests/runtimes/guests/
"""
from __future__ import absolute_import, division, print_function

import threading

from carryall.core.compat import FAILURES

__all__ = ['NoToolkit', 'Toolkit', 'Waiter']

NESTED_SECONDS = 0.05       # ours: a turn that takes longer may have opened a dialog


class Toolkit(object):
    """The event loop of another program, as a guest needs it.

    All but ``post`` are called on its own thread alone.

    Attributes:
        name: of the backend: 'tk', 'gtk3' ...
        watches: whether it can watch a descriptor.  One that cannot must have ``post``.
        one_thread: whether its loop runs on the thread that made it alone.
        takes_signals: whether a signal ends its wait, and it has the interpreter tell it.
    """

    name = ''
    watches = True
    one_thread = False
    takes_signals = False

    def watch(self, descriptor, callback):
        # type: (int, Callable[[], None]) -> None
        """Calls *callback* as long as *descriptor* is readable, in nested loops too."""
        raise NotImplementedError

    def unwatch(self):
        # type: () -> None
        """Forgets the descriptor."""
        raise NotImplementedError

    def post(self, callback):
        # type: (Callable[[], None]) -> None
        """Calls *callback* once, soon; any thread may ask for it."""
        raise NotImplementedError

    def call_later(self, seconds, callback):
        # type: (float, Callable[[], None]) -> Any
        """Calls *callback* once after *seconds*; returns what ``cancel`` takes."""
        raise NotImplementedError

    def cancel(self, timer):
        # type: (Any) -> None
        """Forgets a timer that has not fired."""
        raise NotImplementedError

    def guard(self, lost, exits):
        # type: (Callable[[], None], Callable[[], None]) -> None
        """Has the end of the display told, which must not end the process if that can be helped.

        Called whenever the toolkit begins to give turns.

        Args:     lost: called then, if the toolkit's loop goes on.
                  exits: called then, if it does not: the process ends once that returns.
        """

    def has_ended(self):
        # type: () -> bool
        """True if ``run`` returned because the display is gone, and no loop of its runs again."""
        return False

    def prepare(self):
        # type: () -> None
        """Announces ``run``: a ``quit`` from now on ends it."""

    def run(self):
        # type: () -> None
        """Serves its events until ``quit``, or until its user ends it."""
        raise NotImplementedError

    def quit(self):
        # type: () -> None
        """Ends its loop: the one of ``run``, or the one that the application runs itself."""
        raise NotImplementedError

    def step(self):
        # type: () -> None
        """Waits for an event of its own (the descriptor and the timers count), and serves it."""
        raise NotImplementedError

    def close(self):
        # type: () -> None
        """Gives back what it has made itself."""


class NoToolkit(Toolkit):
    """Takes the place of a toolkit that has ended: nothing is asked of that any more."""

    def __init__(self, name):
        # type: (str) -> None
        self.name = name

    def watch(self, descriptor, callback):
        pass

    def unwatch(self):
        pass

    def call_later(self, seconds, callback):
        return None

    def cancel(self, timer):
        pass

    def quit(self):
        pass


class Waiter(object):
    """A thread that waits for a poller, and has a toolkit call us when there is something.

    Args:     wait: returns when the poller has something, or was woken.
              wake: ends ``wait``.
              post: has the toolkit call a function on its own thread.
              turn: called there.
              has_more: tells whether callbacks wait that a turn under way has not reached.

    Attributes:
        waits: whether the thread may be inside ``wait``.
    """

    def __init__(self,
                 wait,      # type: Callable[[], None]
                 wake,      # type: Callable[[], None]
                 post,      # type: Callable[[Callable[[], None]], None]
                 turn,      # type: Callable[[], None]
                 has_more   # type: Callable[[], bool]
                 ):
        # type: (...) -> None
        self._wait = wait
        self._wake = wake
        self._post = post
        self._turn = turn
        self._has_more = has_more
        self._changed = threading.Condition()
        self._open = False
        self.waits = False
        self._started = False       # whether the turn that was posted has begun
        self._done = False          # and ended
        self._turning = None        # type: Any  # the thread on which a turn is under way
        self._thread = None         # type: Optional[threading.Thread]
        self._ended = False

    def open(self):
        # type: () -> None
        """From now on, the toolkit is called."""
        with self._changed:
            self._open = True
            self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name='carryall-waiter')
            self._thread.daemon = True
            self._thread.start()

    def shut(self):
        # type: () -> None
        """From now on, it is not.

        When this returns, the thread does not touch the poller, and no other thread is in a turn.
        """
        with self._changed:
            self._open = False
            self._changed.notify_all()
            while self.waits or self._turning not in (None, threading.current_thread()):
                self._wake()
                self._changed.wait(NESTED_SECONDS)

    def close(self):
        # type: () -> None
        """Ends the thread."""
        self._ended = True
        self.shut()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _called(self):
        # type: () -> None
        """The toolkit calls, as it was asked to."""
        with self._changed:
            self._started = True
            is_open = self._open
            before = self._turning
            if is_open:
                self._turning = threading.current_thread()
            self._changed.notify_all()
        try:
            if is_open:
                self._turn()
        finally:
            with self._changed:
                self._turning = before
                self._done = True
                self._changed.notify_all()

    def _work(self):
        # type: () -> None
        while True:
            with self._changed:
                while not self._open and not self._ended:
                    self._changed.wait()
                if self._ended:
                    return
                self.waits = True
                self._started = False
                self._done = False
            try:
                # A dialog may keep the turn under way from what is queued.
                if self._turning is None or not self._has_more():
                    self._wait()
            finally:
                with self._changed:
                    self.waits = False
                    self._changed.notify_all()
            if not self._open:
                continue
            try:
                self._post(self._called)
            except FAILURES:            # the toolkit has gone, and no one is left to be called
                with self._changed:
                    self._open = False
                continue
            with self._changed:
                while self._open and not self._started:
                    self._changed.wait()
                if self._open and not self._done:
                    # If it takes long, a dialog may be open: its loop takes the next call.
                    self._changed.wait(NESTED_SECONDS)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
