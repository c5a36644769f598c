# Copyright the carryall authors.  See LICENSE.
"""A pool of threads for calls that block: name look-ups, slow files, other people's code.

Tests:    tests/runtimes/test_pool.py
"""
from __future__ import absolute_import, division, print_function

import threading
from collections import deque

from carryall.core.compat import FAILURES
from carryall.core.logs import get_logger

__all__ = ['ThreadPool']

MAX_THREADS = 16            # calls that block at the same time; further ones wait their turn

log = get_logger('runtimes.pool')


class ThreadPool(object):
    """Threads that are started when work waits and nobody is idle, and that end with ``close()``.

    They are daemon threads: a call that never returns must not keep the program alive.
    """

    def __init__(self, size=MAX_THREADS, name='carryall-pool'):
        # type: (int, str) -> None
        self._size = size
        self._name = name
        self._work = deque()        # type: deque
        self._idle = 0
        self._threads = 0
        self._closed = False
        self._changed = threading.Condition(threading.Lock())

    def submit(self, call):
        # type: (Callable[[], Any]) -> None
        """Run *call* without arguments on a thread; what it raises is logged."""
        with self._changed:
            if self._closed:
                raise RuntimeError('the pool is closed')
            self._work.append(call)
            if self._idle >= len(self._work):
                self._changed.notify()
                return
            if self._threads >= self._size:
                return
            self._threads += 1
            number = self._threads
        thread = threading.Thread(target=self._run, name='%s-%d' % (self._name, number))
        thread.daemon = True
        thread.start()

    def _run(self):
        # type: () -> None
        while True:
            with self._changed:
                self._idle += 1
                while not self._work and not self._closed:
                    self._changed.wait()
                self._idle -= 1
                if not self._work:
                    self._threads -= 1
                    return
                call = self._work.popleft()
            try:
                call()
            except FAILURES:
                log.exception('a call in the thread pool failed')

    def close(self, drop=True):
        # type: (bool) -> None
        """Let the threads end after the calls that they are in; work that has not begun is dropped, unless *drop* is false."""
        with self._changed:
            self._closed = True
            if drop:
                self._work.clear()
            self._changed.notify_all()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
