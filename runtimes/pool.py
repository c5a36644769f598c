# Copyright the carryall authors.  See LICENSE.
"""A pool of threads for calls that block: name look-ups, slow files, other people's code.

A call that does not return in LATE_SECONDS (a file system that is gone, code that never ends) is
late: its thread counts no longer as one of the pool's, and another takes its place.  So calls that
never end do not stop those that would.

Tests:    tests/runtimes/test_pool.py
"""
from __future__ import absolute_import, division, print_function

import threading
from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.errors import Unsupported
from carryall.core.logs import get_logger
from carryall.runtimes.clock import monotonic

__all__ = ['MAX_LATE', 'ThreadPool', 'start_thread']

# -- limits ------------------------------------------------------------------
MAX_THREADS = 16            # calls that block at the same time; further ones wait their turn
MAX_LATE = 240              # late calls whose threads are replaced
LATE_SECONDS = 10.0         # ours: name look-ups may take as long, and more
WATCH_SECONDS = 1.0         # between two looks for late calls, while work waits

log = get_logger('runtimes.pool')


def start_thread(function, args):
    # type: (Callable[..., None], Sequence[Any]) -> None
    """Runs *function* on a daemon thread of its own.

    Raises:   Unsupported: the system has no more threads.
    """
    def run():
        # type: () -> None
        try:
            function(*args)
        except FAILURES:
            log.exception('a thread failed')

    name = getattr(function, '__name__', 'thread')
    thread = threading.Thread(target=run, name='carryall-%s' % name)
    thread.daemon = True
    try:
        thread.start()
    except FAILURES as exc:
        raise Unsupported(u'no thread can be started: %s' % exc, exc)


class ThreadPool(object):
    """Threads that are started when work waits and no one is idle, and that end with ``close()``.

    They are daemon threads: a call that never returns must not keep the program alive.

    Args:     size: calls at the same time.
              max_late: late calls whose threads are replaced;
                        0 for a pool whose calls may take for ever.
    """

    def __init__(self, size=MAX_THREADS, name='carryall-pool', max_late=0,
                 late_seconds=LATE_SECONDS):
        # type: (int, str, int, float) -> None
        self._size = size
        self._name = name
        self._max_late = max_late
        self._late_seconds = late_seconds
        self._work = deque()        # type: deque
        self._idle = 0
        self._threads = 0
        self._numbers = 0           # threads that there ever were
        self._running = {}          # type: Dict[int, threading.Thread]  # number -> thread
        # Number of a thread that is in a call -> since when.
        self._begun = {}  # type: Dict[int, float]
        self._watching = False
        self._closed = False
        lock = threading.Lock()
        self._changed = threading.Condition(lock)
        self._watch_over = threading.Condition(lock)

    @property
    def idle(self):
        # type: () -> int
        """Threads that wait for work now."""
        return self._idle

    def submit(self, call):
        # type: (Callable[[], Any]) -> None
        """Runs *call* without arguments on a thread; what it raises is logged."""
        with self._changed:
            if self._closed:
                raise RuntimeError('the pool is closed')
            self._work.append(call)
            if self._idle >= len(self._work):
                self._changed.notify()
                return
            if self._threads < self._size:
                number = self._another()
            elif self._max_late and not self._watching:
                self._watching = True
                number = 0
            else:
                return
        self._start(number)

    def _another(self):
        # type: () -> int
        """Counts one more thread; its number.  Called with the lock."""
        self._threads += 1
        self._numbers += 1
        return self._numbers

    def _start(self, number):
        # type: (int) -> None
        """Starts a thread; 0 is the one that watches."""
        target = self._run if number else self._watch           # type: Any
        args = (number,) if number else ()                      # type: Tuple[int, ...]
        thread = threading.Thread(target=target, name='%s-%s' % (self._name, number or 'watch'),
                                  args=args)
        thread.daemon = True
        self._running[number] = thread
        try:
            thread.start()
        except FAILURES:                # the system has no more: those that there are go on
            self._running.pop(number, None)
            self._not_started(number)

    def _not_started(self, number):
        # type: (int) -> None
        """Counts a thread no longer that could not be started;
        called while its exception is being handled."""
        with self._changed:
            if number:
                self._threads -= 1
            else:
                self._watching = False
            if not self._threads:
                self._work.clear()      # no one would ever take it
                raise
        log.error('a thread could not be started; %d calls wait', len(self._work))

    def _run(self, number):
        # type: (int) -> None
        while True:
            with self._changed:
                if self._threads > self._size and self._threads > self._size + self._late():
                    self._threads -= 1      # its call was late, and another has taken its place
                    self._running.pop(number, None)
                    return
                self._idle += 1
                while not self._work and not self._closed:
                    self._changed.wait()
                self._idle -= 1
                if not self._work:
                    self._threads -= 1
                    return
                call = self._work.popleft()
                if self._max_late:
                    self._begun[number] = monotonic()
            try:
                call()
            except FAILURES:
                log.exception('a call in the thread pool failed')
            self._begun.pop(number, None)

    def _late(self):
        # type: () -> int
        """How many calls are late, of those that count.  Called with the lock."""
        since = monotonic() - self._late_seconds
        return min(self._max_late,
                   len([begun for begun in list(self._begun.values()) if begun < since]))

    def _watch(self):
        # type: () -> None
        """Starts threads in the place of those whose calls are late, while work waits."""
        while True:
            with self._changed:
                if not self._work or self._closed:
                    self._watching = False
                    return
                missing = min(len(self._work), self._size + self._late() - self._threads)
                numbers = [self._another() for _ in range(missing)]
                late = self._threads - self._size
                if not numbers:
                    self._watch_over.wait(min(WATCH_SECONDS, self._late_seconds / 4))
            for number in numbers:
                self._start(number)
            if numbers:
                log.warning('%d calls in the thread pool have not returned for %d seconds', late,
                            self._late_seconds)

    def close(self, drop=True):
        # type: (bool) -> None
        """Lets the threads end after the calls that they are in; work that has not begun is
        dropped, unless *drop* is false."""
        with self._changed:
            self._closed = True
            if drop:
                self._work.clear()
            self._changed.notify_all()
            self._watch_over.notify_all()

    def join(self, seconds):
        # type: (float) -> None
        """Waits until all threads have ended after ``close()``, *seconds* at the most.

        A daemon thread that still runs when Python 2 takes its modules apart complains on the
        standard error output.
        """
        until = monotonic() + seconds
        for thread in list(self._running.values()):
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - monotonic()))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Sequence, Tuple
