# Copyright the carryall authors.  See LICENSE.
"""Leader: calls that may block, on the loop's own thread.

    loop.call_bounded(job, then, late)

A job that returns soon costs no change of threads.  If it has not returned within BOUND_SECONDS,
another thread goes on with the loop from the next callback, and the first keeps the job alone.  So
one thread at a time runs callbacks (law L13), and no connection waits longer than that for a job.
From the first call on, a thread of the Leader takes the turns, and the caller of ``run`` waits.  So
a job that never ends is not the main thread's.

    first thread    turn, callback, job ........................ job ends; the thread ends
    watching one         sees the job twice, late(), turn, ...
    new one                   watches

Not here: jobs that often take long; they would run one behind the other, so threads of their own
(services/wsgi/workers.py) are for them.
Tests:    tests/runtimes/test_leader.py
"""
from __future__ import absolute_import, division, print_function

import time
from collections import deque

from carryall.core.compat import FAILURES, ON_JYTHON, PY2, SimpleQueue
from carryall.core.errors import LoopClosed, Unsupported
from carryall.core.future import driven
from carryall.core.logs import get_logger
from carryall.runtimes.pool import start_thread

__all__ = ['BOUND_SECONDS', 'Leader']

BOUND_SECONDS = 0.02        # a job has one to two of them, far above what quick ones need
QUIET_LOOKS = 25            # looks without a new job until the watching thread sleeps

# py2: a thread that waits for a lock hears no signal
POLL_SECONDS = 0.1 if PY2 and not ON_JYTHON else None

# What a job may raise; its thread goes on with the loop
FATAL = FAILURES + (SystemExit, KeyboardInterrupt, GeneratorExit)

log = get_logger('runtimes')


class Replaced(BaseException):
    """Ends the turns of a thread whose job took too long."""


class Leader(object):
    """The threads that take turns of one loop."""

    def __init__(self, loop):
        # type: (Any) -> None
        self._loop = loop
        # The number of the job that runs on the loop's thread.  Who takes it out has the loop:
        # the thread of the job when it returns, or the watching one before.
        self._running = deque()     # type: deque
        self._late = None           # type: Any  # of that job
        self._numbers = 0           # jobs so far
        self._asleep = False
        self._alarm = SimpleQueue()     # type: Any  # wakes the watching thread
        self._ended = SimpleQueue()     # type: Any  # the error, or None, that ended the turns
        self._watches = False
        self._leads = False
        self._closed = False

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
        """Has threads take turns until the loop stops; the caller waits."""
        self._leads = True
        try:
            start_thread(self._lead, ())
            if POLL_SECONDS is not None:
                while self._ended.empty():
                    time.sleep(POLL_SECONDS)
            error = self._ended.get()
        finally:
            self._leads = False
        if error is not None:
            raise error

    def close(self):
        # type: () -> None
        """Ends the watching thread."""
        self._closed = True
        self._alarm.put(None)

    # -- on the thread that has the loop -----------------------------------------------------------

    def _lead(self):
        # type: () -> None
        """Takes turns until the loop stops, or a job takes too long."""
        loop = self._loop
        driven.depth += 1
        error = None                # type: Optional[BaseException]
        try:
            while not loop.stopping:
                loop.run_turn()
        except Replaced:
            return
        except BaseException as exc:    # such as KeyboardInterrupt; the caller of run hears it
            error = exc
        self._ended.put(error)

    def _run(self, job, then, late):
        # type: (Callable[[], Any], Callable[[Any], None], Callable[[], None]) -> None
        if not self._leads:
            if self._loop.running:  # from the end of this turn on it leads
                self._loop.call_soon(self._run, job, then, late)
            return
        running = self._running
        self._late = late
        self._numbers = number = self._numbers + 1
        running.append(number)
        if self._asleep:
            self._asleep = False
            self._alarm.put(None)
        result = None
        try:
            result = job()
        except FATAL:
            log.exception('a bounded call failed')
        try:
            running.popleft()
        except IndexError:
            self._hand_over(then, result)
            raise Replaced()
        self._late = None
        then(result)

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
        running = self._running
        seen = 0
        quiet = 0
        while not self._closed:
            time.sleep(BOUND_SECONDS)
            numbers = self._numbers
            if numbers != seen:
                seen = numbers
                quiet = 0
                continue
            if running:
                try:
                    running.popleft()
                except IndexError:      # it has just returned
                    continue
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
        try:
            late()
        except FAILURES:
            log.exception('a callback failed')
        self._lead()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional
