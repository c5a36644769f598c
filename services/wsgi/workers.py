# Copyright the carryall authors.  See LICENSE.
"""Workers: a fixed number of threads with a bounded queue, for the calls of an application.

The loop submits jobs, and a thread runs each.  A thread hands results back with `post`: those that
come close together wake the loop once.  Of the queue a source gets as much as it leaves free
(core/allowance.py), so that one alone cannot fill it.

Not here: the pool of the loop (Loop.run_in_thread), which replaces threads that are late.
Tests:    tests/services/wsgi/test_workers.py, test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

from collections import deque

from carryall.core.allowance import Allowance
from carryall.core.compat import FAILURES, SimpleQueue
from carryall.core.errors import LoopClosed
from carryall.core.logs import get_logger
from carryall.core.net.ip import source_of

__all__ = ['FATAL', 'Workers']

# Whatever application code may raise; a thread must not end with any of them
FATAL = FAILURES + (SystemExit, KeyboardInterrupt, GeneratorExit)

log = get_logger('wsgi')


class Workers(object):
    """Threads for the jobs of one application; it belongs to one loop.

    Args:     loop:    the loop; threads are started as they are needed.
              threads: that there are at most.
              waiting: jobs that may wait for a thread.

    Attributes:
        pending: jobs that were submitted and have not ended.
    """

    def __init__(self, loop, threads, waiting):
        # type: (Any, int, int) -> None
        self.pending = 0
        self._loop = loop
        self._size = threads
        self._most = threads + waiting
        # The jobs that found no free thread, by source.  Of one place a source would get none.
        self._places = Allowance(max(2, self._most))
        self._started = 0
        self._closed = False
        self._jobs = SimpleQueue()      # type: Any
        self._results = deque()         # type: deque
        # True if the loop will look at the results; a thread sets it, the loop clears it
        self._called = False

    def submit(self, job, address=None):
        # type: (Callable[[], None], Optional[Address]) -> bool
        """Has a thread call *job*; false if too many wait, in all or of its source, or after
        `close`.

        Args:     address: of the client; None for the source of all Unix sockets.
        Raises:   Unsupported: there is no thread, and none can be started.
        """
        if self.pending >= self._most or self._closed:
            return False
        place = None                # type: Optional[Tuple[Any]]
        if self.pending >= self._size:
            local = address is None or address.port is None
            place = (None if local else source_of(address.host),)       # type: ignore
            if not self._places.take(place[0], 1):
                return False
        if self.pending >= self._started < self._size:
            self._loop.start_thread(self._work)
            self._started += 1
        self.pending += 1
        self._jobs.put((job, place))
        return True

    def post(self, callback, *args):
        # type: (Callable[..., None], *Any) -> None
        """Calls *callback* on the loop's thread; for the jobs, from any thread."""
        self._results.append((callback, args))
        if not self._called:
            self._called = True
            try:
                self._loop.call_soon_threadsafe(self._collect)
            except LoopClosed:      # the process ends, and the connections are gone
                self._results.clear()

    def close(self):
        # type: () -> None
        """Lets the threads end after the jobs that they have."""
        if not self._closed:
            self._closed = True
            for _ in range(self._started):
                self._jobs.put((None, None))

    def _work(self):
        # type: () -> None
        """Runs jobs, on a thread, until the end."""
        jobs = self._jobs
        while True:
            job, place = jobs.get()
            if job is None:
                return
            try:
                job()
            except FATAL:
                log.exception('a job failed')
            job = None              # frees the request before the next one comes
            self.post(self._ended, place)

    def _ended(self, place):
        # type: (Optional[Tuple[Any]]) -> None
        self.pending -= 1
        if place is not None:
            self._places.give(place[0], 1)

    def _collect(self):
        # type: () -> None
        """Calls back for all results, on the loop's thread."""
        # Cleared first: a result that is added from here on calls again, or is taken below
        self._called = False
        results = self._results
        for _ in range(len(results)):
            callback, args = results.popleft()
            try:
                callback(*args)
            except FAILURES:
                log.exception('a result could not be delivered')


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple
    from carryall.core.net.transport import Address
