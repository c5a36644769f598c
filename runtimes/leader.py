# Copyright the carryall authors.  See LICENSE.
"""Leader: calls that may block, on the loop's own thread.

    loop.call_bounded(job, then, late)

A job that returns soon costs no change of threads.  If it has not returned within BOUND_SECONDS,
another thread goes on with the loop from the next callback, and the first keeps the job alone.  So
one thread at a time runs callbacks (law L13), and no connection waits longer than that for a job.
From the first call of a run on, a thread of the Leader takes the turns, and the caller of ``run``
waits.  So a job that never ends is not the main thread's, which signals need.

Ctrl-C, where no one has taken that signal, is raised in the main thread.  There it ends the wait,
not the turns: the turn that is under way ends first, and ``run`` raises it then.  A second one
raises at once, and the loop cannot be used any more.

    first thread    turn, callback, job ........................ job ends; the thread ends
    watching one         sees the job twice, late(), turn, ...
    new one                   watches

Not here: jobs that often take long; they would run one behind the other, so threads of their own
(services/wsgi/workers.py) are for them.
Tests:    tests/runtimes/test_leader.py
"""
from __future__ import absolute_import, division, print_function

import os
import time

from carryall.core.compat import FAILURES, ON_JYTHON, PY2, SimpleQueue
from carryall.core.errors import LoopClosed, Unsupported
from carryall.core.future import driven
from carryall.core.logs import get_logger
from carryall.runtimes.pool import start_thread

__all__ = ['BOUND_SECONDS', 'Leader']

BOUND_SECONDS = 0.02        # a job has one to two of them, far above what quick ones need
QUIET_LOOKS = 25            # looks without a new job until the watching thread sleeps
FIRST = -1                  # the number of no job, for the first thread of a run

RETRY_SECONDS = 0.1         # until another thread is asked for, when the system had none

# py2, and Windows: a thread that waits for a lock hears no signal
POLL_SECONDS = 0.1 if not ON_JYTHON and (PY2 or os.name == 'nt') else None

# Whatever there is to catch; on Jython what Java throws is no BaseException
ALL = FAILURES + (BaseException,)

log = get_logger('runtimes')


# Of the turns that threads take: none is, they are, or Ctrl-C ends them
ENDED = 'ended'
TAKEN = 'taken'
GIVEN_UP = 'given up'


class Replaced(BaseException):
    """Ends the turns of a thread whose job took too long."""


class Leader(object):
    """The threads that take turns of one loop.

    Attributes:
        wanted: whether ``turn_until_stop`` must be called, since a call waits for it.
        leads:  whether threads of this take the turns.
    """

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop
        # The number of the job that runs on the loop's thread.  Who takes it out has the loop: the
        # thread of the job when it returns, or the watching one before.  No thread may take that of
        # another job, so these are no queue.  (pop() of such a dict is atomic on every runtime.)
        self._running = {}          # type: Dict[int, bool]
        self._late = None           # type: Any  # of that job
        self._numbers = 0           # jobs so far
        self._asleep = False
        self._alarm = SimpleQueue()     # type: Any  # wakes the watching thread
        self._ended = SimpleQueue()     # type: Any  # wakes the caller of run
        self._turns = ENDED
        self._error = None          # type: Optional[BaseException]  # that ended them
        self._watches = False
        self._closed = False
        self._waiting = []          # type: List[Any]  # calls, until this leads
        self.wanted = False
        self.leads = False

    def call(self, job, then, late):
        # type: (Callable[[], Any], Callable[[Any], None], Callable[[], None]) -> None
        """As ``Loop.call_bounded``.

        Raises:   Unsupported: no thread can be started.
        """
        if not self._watches:
            start_thread(self._watch, ())
            self._watches = True
        self._loop.call_soon(self._run, job, then, late)

    def turn_until_stop(self):
        # type: () -> None
        """Has threads take turns until the loop stops; the caller waits.

        If the system has no thread, it returns at once, and asks again later.
        """
        self.wanted = False
        self._ended = SimpleQueue()
        self._turns = TAKEN
        self._error = None
        self.leads = True
        self._running[FIRST] = True
        try:
            start_thread(self._lead_first, ())
            self._wait()
        except ALL as exc:          # KeyboardInterrupt, and whatever a handler of signals raises
            if not self._running.pop(FIRST, False):     # that thread has begun
                self._end_turns()
            self.leads = False
            if not isinstance(exc, Unsupported):
                raise
            log.error('%s', exc)
            self._loop.call_later(RETRY_SECONDS, self._want)
        self.leads = False
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _want(self):
        # type: () -> None
        self.wanted = bool(self._waiting)

    def _wait(self):
        # type: () -> None
        """Waits for the end of the turns."""
        if POLL_SECONDS is not None:
            while self._ended.empty():
                time.sleep(POLL_SECONDS)
        self._ended.get()

    def _end_turns(self):
        # type: () -> None
        """Has the turns end: the caller will close the loop, which no other thread may have."""
        self._loop.stop()
        if self._turns != ENDED:
            # If they end just now, the wait is over at once.
            self._turns = GIVEN_UP
            self._wait()            # a second one is raised here, and the loop runs for ever

    def close(self):
        # type: () -> None
        """Ends the watching thread."""
        self._closed = True
        self._alarm.put(None)

    # -- on the thread that has the loop -----------------------------------------------------------

    def _lead_first(self):
        # type: () -> None
        """Begins, unless the caller of ``run`` waits no more."""
        if self._running.pop(FIRST, False):
            self._lead()

    def _lead(self, late=None):
        # type: (Optional[Callable[[], None]]) -> None
        """Takes turns until the loop stops, or a job takes too long.

        Args:     late: of the job that has; the turn that was under way is gone on with.
        """
        loop = self._loop
        driven.depth += 1
        try:
            if late is None:
                for call in self._waiting:
                    loop.call_soon(self._run, *call)
                del self._waiting[:]
            else:
                try:
                    late()
                except FAILURES as exc:
                    loop.report_failure('a callback', exc)
                loop.run_turn()     # also if it stops: the turn is finished (law L17)
            while not (loop.stopping or self._turns == GIVEN_UP):
                loop.run_turn()
        except Replaced:
            return
        except ALL as exc:          # such as SystemExit; the caller of run hears it
            self._error = exc
        self._turns = ENDED
        self._ended.put(None)

    def _run(self, job, then, late):
        # type: (Callable[[], Any], Callable[[Any], None], Callable[[], None]) -> None
        if not self.leads:
            if self._loop.running:  # from the end of this turn on it leads
                self._waiting.append((job, then, late))
                self.wanted = True
            return
        if not self._watches and not self._watch_again():
            self._loop.call_later(RETRY_SECONDS, self._run, job, then, late)
            return
        self._late = late
        number = self._numbers + 1
        self._numbers = number
        self._running[number] = True
        if self._asleep:
            self._asleep = False
            self._alarm.put(None)
        result = None
        try:
            result = job()
        except ALL:     # any that went on would end the turns, which may be another thread's now
            log.exception('a bounded call failed')
        if not self._running.pop(number, False):
            self._hand_over(then, result)
            raise Replaced()
        self._late = None
        then(result)

    def _watch_again(self):
        # type: () -> bool
        """Starts another watching thread, as there was none; false if there is none still."""
        try:
            start_thread(self._watch, ())
        except Unsupported:
            return False
        self._watches = True
        return True

    def _hand_over(self, then, result):
        # type: (Callable[[Any], None], Any) -> None
        """Gives the loop, which another thread has now, what the job has returned."""
        try:
            self._loop.call_soon_threadsafe(then, result)
        except LoopClosed:
            pass

    # -- on the watching thread --------------------------------------------------------------------

    def _watch(self):
        # type: () -> None
        """Looks whether a job takes long; then this thread leads."""
        seen = 0
        quiet = 0
        while not self._closed:
            time.sleep(BOUND_SECONDS)
            numbers = self._numbers
            if numbers != seen:
                seen = numbers
                quiet = 0
                continue
            if self._running.pop(seen, False):
                self._take_over()
                return
            quiet += 1
            if quiet >= QUIET_LOOKS:
                self._asleep = True
                if numbers == self._numbers:
                    self._alarm.get()
                self._asleep = False
                quiet = 0

    def _take_over(self):
        # type: () -> None
        log.debug('a call takes longer than %d ms: another thread goes on',
                  int(BOUND_SECONDS * 1000))
        late, self._late = self._late, None
        try:
            start_thread(self._watch, ())
        except Unsupported as exc:
            self._watches = False       # the next call tries it again
            log.error('%s', exc)
        self._lead(late)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional
