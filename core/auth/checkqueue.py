# Copyright the carryall authors.  See LICENSE.
"""CheckQueue: costly checks on threads, shared fairly among the sources of clients.

    checks = CheckQueue(at_once=4, waiting=64)
    checks.run(loop, host, function, argument)      a Future of the function's result,
                                                    or LoginUnavailable

Sources (``core.net.ip.source_of``) are served in rotation.  If the queue is full, a new check takes
the place of one of the source that has the most.  That source must have more than the new check's
own; otherwise the new check is refused.  So one source cannot keep the others from being checked,
and may fill the queue while it is alone.  With ``of_source`` it cannot delay them by work that
takes long either.

Tests:    tests/core/auth/test_checkqueue.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict, deque

from carryall.core.auth.credentials import LoginUnavailable
from carryall.core.future import Future, failed
from carryall.core.net.ip import source_of

__all__ = ['TOO_MANY', 'CheckQueue', 'FairQueue']

TOO_MANY = u'too many logins wait to be checked'


class FairQueue(object):
    """Work that waits, by source; each piece is a tuple whose last item is its Future.

    Args:     size: the number of pieces that may wait.
    """

    def __init__(self, size):
        # type: (int) -> None
        self._size = size
        # In the order in which the sources are served next.
        self._sources = OrderedDict()  # type: Dict[Any, deque]
        self._count = 0

    def __len__(self):
        return self._count

    def enter(self, host, work):
        # type: (str, Tuple) -> bool
        """Lets *work* wait; False if the queue is full for its source.

        Work of another source that loses its place for it fails with LoginUnavailable.
        """
        source = source_of(host) if host else None
        if self._count >= self._size:
            self._drop_done()
        displaced = None
        if self._count >= self._size:
            displaced = self._displace(source)
            if displaced is None:
                return False
        mine = self._sources.get(source)
        if mine is None:
            mine = deque()
            self._sources[source] = mine
        mine.append(work)
        self._count += 1
        if displaced is not None:
            # Last, because its callback may enter the queue again at once.
            displaced[-1].set_exception(LoginUnavailable(TOO_MANY))
        return True

    def take(self, full=()):
        # type: (Container[Any]) -> Any
        """The next work whose Future is not done yet; None if nothing waits.

        Args:     full: sources whose work stays.
        """
        while True:
            source = next((each for each in self._sources if each not in full), _NO_SOURCE)
            if source is _NO_SOURCE:
                return None
            works = self._sources.pop(source)
            work = works.popleft()
            self._count -= 1
            if works:
                self._sources[source] = works
            if not work[-1].done():         # a done Future was cancelled
                return work

    def _drop_done(self):
        # type: () -> None
        """Removes the work whose Future was cancelled."""
        for source, works in list(self._sources.items()):
            left = deque(work for work in works if not work[-1].done())
            self._count -= len(works) - len(left)
            if left:
                self._sources[source] = left
            else:
                del self._sources[source]

    def _displace(self, source):
        # type: (Any) -> Optional[Tuple]
        """Removes the last work of the source that has the most, and returns it; None if *source*
        has as many."""
        most = max(self._sources.values(), key=len)
        mine = self._sources.get(source)
        if len(most) <= (len(mine) if mine is not None else 0) + 1:
            return None
        self._count -= 1
        return most.pop()


class CheckQueue(object):
    """Runs work on threads of the loop.

    Args:     at_once: the number of pieces that run at the same time.
              waiting: the number that may wait.
              of_source: the number of these that run for one source at the same time;
                  all unless given.
    """

    def __init__(self, at_once, waiting, of_source=None):
        # type: (int, int, Optional[int]) -> None
        self._free = at_once
        self._waiting = FairQueue(waiting)
        self._most = at_once if of_source is None else of_source
        self._running = {}              # type: Dict[Any, int]  # source -> pieces
        self._full = set()              # type: Set[Any]  # sources that run as many as they may

    def run(self, loop, host, function, *args):
        # type: (Any, str, Callable[..., Any], *Any) -> Future
        """A Future of the result of ``function(*args)``; LoginUnavailable if too many wait."""
        future = Future()
        source = source_of(host) if host else None
        work = source, loop, function, args, future
        if self._free and source not in self._full:
            self._begin(*work)
        elif not self._waiting.enter(host, work):
            return failed(LoginUnavailable(TOO_MANY))
        return future

    def _begin(self, source, loop, function, args, future):
        # type: (Any, Any, Callable[..., Any], Tuple, Future) -> None
        self._free -= 1
        self._count(source, 1)

        def ended(work):
            # type: (Future) -> None
            self._free += 1
            self._count(source, -1)
            following = self._waiting.take(self._full)
            if following is not None:
                self._begin(*following)
            if future.done():           # it was cancelled
                return
            if work.exception() is None:
                future.set_result(work.result())
            else:
                future.set_exception(work.exception())

        loop.run_in_thread(function, *args).add_done_callback(ended)

    def _count(self, source, change):
        # type: (Any, int) -> None
        """Counts a piece that begins or has ended."""
        running = self._running.get(source, 0) + change
        if running:
            self._running[source] = running
        else:
            del self._running[source]
        if running < self._most:
            self._full.discard(source)
        else:
            self._full.add(source)


_NO_SOURCE = object()

# Former names.
Turns = CheckQueue
WaitingRoom = FairQueue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Container, Dict, Optional, Set, Tuple
