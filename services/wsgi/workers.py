# Copyright the carryall authors.  See LICENSE.
"""Workers: a fixed number of threads with a bounded queue, for the calls of an application.

The loop submits jobs, and a thread runs each.  One thread at a time is woken: one that finds more
jobs than its own wakes the next before it runs it.  So a few threads run many short jobs, and no
job waits for another.  A thread hands results back with `post`: those that come close together wake
the loop once.

Jobs begin in the order in which they came, as long as a thread is free.  Those that wait begin in
the order of their source, and the sources take turns.  So a source with one job waits for one job
of each other source.  Of the queue a source gets as much as it leaves free (core/allowance.py), so
that one alone cannot fill it.

Not here: the pool of the loop (Loop.run_in_thread), which replaces threads that are late.
Tests:    tests/services/wsgi/test_workers.py, test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict, deque

from carryall.core.allowance import Allowance
from carryall.core.compat import FAILURES, Lock, SimpleQueue
from carryall.core.errors import LoopClosed
from carryall.core.logs import get_logger
from carryall.core.net.ip import source_of

__all__ = ['FATAL', 'Workers']

# Whatever application code may raise; a thread must not end with any of them
FATAL = FAILURES + (BaseException,)

log = get_logger('wsgi')


class Workers(object):
    """Threads for the jobs of one application; it belongs to one loop.

    Args:     loop:    the loop; threads are started as they are needed.
              threads: that there are at most.
              waiting: jobs that may wait for a thread.
    """

    def __init__(self, loop, threads, waiting):
        # type: (Any, int, int) -> None
        self._pending = 0           # as far as the loop has looked
        self._ended = deque()       # type: deque   # the places of jobs that have ended
        self._loop = loop
        self._size = threads
        self._most = threads + waiting
        # The jobs that found no free thread, by source.  Of one place a source would get none.
        self._places = Allowance(max(2, self._most))
        self._started = 0
        self._closed = False
        self._jobs = deque()        # type: deque       # for which a thread is free
        self._waiting = Turns()
        # A token for each thread that is to look at the jobs; a false one ends it
        self._tokens = SimpleQueue()    # type: Any
        # True while a token is out.  It is set behind a new job, and cleared by the thread that has
        # the token before it looks: so no job is left.
        self._waking = False
        # The job of each thread that has one, with its place, as a tuple of one
        self._busy = {}             # type: Dict[Callable[[], None], Tuple[Any]]
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
        pending = self.pending
        if pending >= self._most or self._closed:
            return False
        place = None                # type: Optional[Tuple[Any]]
        if pending >= self._size:
            local = address is None or address.port is None
            place = (None if local else source_of(address.host),)       # type: ignore
            if not self._places.take(place[0], 1):
                return False
        if pending >= self._started < self._size:
            self._loop.start_thread(self._work)
            self._started += 1
        self._pending = pending + 1
        if place is None:
            self._jobs.append((job, None))
        else:
            self._waiting.put(place[0], (job, place))
        if not self._waking:
            self._waking = True
            # Behind the events of this turn: threads that run meanwhile would stop the loop at
            # each call of the system, where it lets the lock of the interpreter go
            self._loop.call_soon(self._tokens.put, True)
        return True

    @property
    def pending(self):
        # type: () -> int
        """Jobs that were submitted and have not ended; for the loop's thread."""
        ended = self._ended
        while ended:
            place = ended.popleft()
            self._pending -= 1
            if place is not None:
                self._places.give(place[0], 1)
        return self._pending

    def busy(self):
        # type: () -> List[Callable[[], None]]
        """The jobs that run now."""
        try:
            return list(self._busy)
        except RuntimeError:        # a thread has just changed it
            return []

    def excuse(self, job):
        # type: (Callable[[], None]) -> bool
        """Has another thread take the place of the one that runs *job*; that ends with the job.

        Returns:  False if the job has returned, or does not run on a thread of these.
        """
        found = self._busy.pop(job, None)
        if found is None:
            return False
        self._ended.append(found[0])
        self._started -= 1
        if (self._jobs or self._waiting.sources) and not self._closed:
            self._loop.start_thread(self._work)
            self._started += 1
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
            self._tokens.put(True)      # that of the last jobs may not be out yet
            for _ in range(self._started):
                self._tokens.put(False)

    def _work(self):
        # type: () -> None
        """Runs jobs, on a thread, until the end."""
        jobs = self._jobs
        waiting = self._waiting
        while self._tokens.get():
            self._waking = False
            while True:
                try:
                    job, place = jobs.popleft()
                except IndexError:
                    found = waiting.take()
                    if found is None:   # another thread has it
                        break
                    job, place = found
                    found = None
                if (jobs or waiting.sources) and not self._waking:
                    self._waking = True
                    self._tokens.put(True)
                self._busy[job] = (place,)
                try:
                    job()
                except FATAL:
                    log.exception('a job failed')
                if self._busy.pop(job, None) is None:
                    return          # excused
                job = None          # frees the request before the next one comes
                self._ended.append(place)

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


class Turns(object):
    """A queue whose sources take turns; for all threads.

    Attributes:
        sources: the items of each that were not taken; the first source has the next turn.
    """

    def __init__(self):
        # type: () -> None
        self.sources = OrderedDict()    # type: OrderedDict[Any, deque]
        self._lock = Lock()

    def put(self, source, item):
        # type: (Any, Any) -> None
        """Adds an item of *source*, behind its others."""
        with self._lock:
            items = self.sources.get(source)
            if items is None:
                items = deque()
                self.sources[source] = items
            items.append(item)

    def take(self):
        # type: () -> Any
        """Removes the next item; None if there is none."""
        with self._lock:
            if not self.sources:
                return None
            source, items = self.sources.popitem(last=False)
            item = items.popleft()
            if items:
                self.sources[source] = items
            return item


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple
    from carryall.core.net.transport import Address
