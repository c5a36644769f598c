# Copyright the carryall authors.  See LICENSE.
"""NamedLocks: locks of threads by name, such as those of sessions.

    locks = NamedLocks(loop.time)
    if locks.acquire(name):
        try:
            ...
        finally:
            locks.release(name)

A thread waits ``WAIT_SECONDS`` at most, and few threads wait for one name.  So a client with many
requests of one session does not take all threads of a server.

Tests:    tests/runtimes/host/test_namedlocks.py
"""
from __future__ import absolute_import, division, print_function

import threading

__all__ = ['MAX_WAITING', 'NamedLocks', 'WAIT_SECONDS']

# -- limits ------------------------------------------------------------------
WAIT_SECONDS = 30.0         # that a thread waits for one lock
MAX_WAITING = 3             # threads that wait for one name: less than half of a server's eight


class NamedLocks(object):
    """Locks that exist as long as a thread has them or waits for them.

    Args:     time: gives seconds that never go back.
              seconds: that ``acquire`` waits at most.
              waiting: threads that wait for one name at most.
    """

    def __init__(self, time, seconds=WAIT_SECONDS, waiting=MAX_WAITING):
        # type: (Callable[[], float], float, int) -> None
        self._time = time
        self._seconds = seconds
        self._most = waiting
        self._changed = threading.Condition()
        self._known = {}            # type: Dict[Any, _Lock]

    def acquire(self, name):
        # type: (Any) -> bool
        """True if the caller has the lock now; false if too many wait, or it takes too long."""
        with self._changed:
            lock = self._known.get(name)
            if lock is None:
                self._known[name] = _Lock()
                return True
            if lock.waiting >= self._most:
                return False
            lock.waiting += 1
            end = self._time() + self._seconds
            while lock.is_held:
                left = end - self._time()
                if left <= 0:
                    break
                self._changed.wait(left)
            lock.waiting -= 1
            if lock.is_held:
                return False
            lock.is_held = True
            return True

    def release(self, name):
        # type: (Any) -> None
        """Gives the lock back, from whatever thread."""
        with self._changed:
            lock = self._known[name]
            lock.is_held = False
            if lock.waiting:
                self._changed.notify_all()
            else:
                del self._known[name]

    def __len__(self):
        return len(self._known)


class _Lock(object):

    __slots__ = ('is_held', 'waiting')

    def __init__(self):
        # type: () -> None
        self.is_held = True
        self.waiting = 0


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict
