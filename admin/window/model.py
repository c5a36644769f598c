# Copyright the carryall authors.  See LICENSE.
"""The state of a run as its events tell it: runtimes, counts, failures and the matrix.

Pure: it is given the events and the time, and starts nothing.

States of a runtime:  waiting -> running -> finished, or stopped from each of the first two.
States of a failure:  failed -> again -> fixed, or failed once more.
Tests:  tests/house/test_testwindow.py
"""
from __future__ import absolute_import, division, print_function

import collections

from admin.suite.times import folder_of

OUTCOMES = ('passed', 'failed', 'skipped')
WAITING = 'waiting'
RUNNING = 'running'
FINISHED = 'finished'
STOPPED = 'stopped'
FAILED = 'failed'
AGAIN = 'again'
FIXED = 'fixed'
PARTS = ('counts', 'runtimes', 'failures', 'matrix', 'said')    # of what changes() names


class RuntimeRun(object):
    """One runtime's part of the run."""

    def __init__(self, name):
        self.name = name
        self.state = WAITING
        self.expected = None            # number of tests, once they are collected
        self.counts = [0, 0, 0]         # in the order of OUTCOMES
        self.running = ''               # the test that runs
        self.seconds = 0.0              # of the whole run, once it is over
        self.pid = None                 # leader of the process group that runs it

    @property
    def done(self):
        """The number of tests that have ended."""
        return sum(self.counts)


class Failure(object):
    """A test that failed on a runtime, or a run that is no good as a whole (no test)."""

    def __init__(self, number, runtime, test, text):
        self.number = number            # from 1, in the order of the failures
        self.runtime = runtime
        self.test = test
        self.text = text
        self.outcome = 'failed'         # as it is counted
        self.state = FAILED


class Model(object):
    """All that a view shows; ``take`` changes it, ``changes`` tells a view what to draw again."""

    def __init__(self):
        self.runtimes = collections.OrderedDict()       # name -> RuntimeRun
        self.failures = []
        self.matrix = {}                # (folder, runtime) -> [passed, failed, skipped]
        self.folders = []               # rows of the matrix, sorted
        self.said = []                  # lines for which no other place is
        self.status = None              # exit status, once the run is over
        self.began = None
        self.ended = None
        self._changed = set(PARTS)
        self._takers = {'plan': self._plan, 'started': self._started, 'collected': self._collected,
                        'running': self._running, 'test': self._test, 'problem': self._problem,
                        'finished': self._finished, 'said': self._line, 'over': self._over}

    # -- what the views ask ------------------------------------------------------------------------

    def changes(self):
        """The parts that have changed since the last call."""
        changed = self._changed
        self._changed = set()
        return changed

    @property
    def active(self):
        """True while the run goes on."""
        return self.began is not None and self.ended is None

    def seconds(self, now):
        """Seconds since the run began, or that it took."""
        if self.began is None:
            return 0.0
        return (now if self.ended is None else self.ended) - self.began

    def counts(self):
        """[passed, failed, skipped] over all runtimes."""
        runs = self.runtimes.values()
        return [sum(run.counts[index] for run in runs) for index in range(len(OUTCOMES))]

    def remaining(self):
        """The number of tests still to come; those of a runtime that has not collected are guessed.

        Returns:  (number, True if it is exact).
        """
        known = [run.expected for run in self.runtimes.values() if run.expected is not None]
        guess = sum(known) // len(known) if known else 0
        left = 0
        exact = True
        for run in self.runtimes.values():
            if run.state in (FINISHED, STOPPED):
                continue
            if run.expected is None:
                exact = False
                left += guess
            else:
                left += max(0, run.expected - run.done)
        return left, exact

    def open_failures(self):
        """The failures that no rerun has mended."""
        return [failure for failure in self.failures if failure.state != FIXED]

    # -- what the session tells --------------------------------------------------------------------

    def begin(self, now):
        """Forgets everything: a new run starts at the time *now*."""
        self.__init__()
        self.began = now

    def take(self, event, now):
        """Takes one event of the run in; one that is unknown changes nothing."""
        taker = self._takers.get(event.get('event'))
        if taker:
            taker(event, now)

    def stop(self, now):
        """Notes that the run was stopped before its end."""
        for run in self.runtimes.values():
            if run.state in (WAITING, RUNNING):
                run.state = STOPPED
                run.running = ''
        if self.ended is None:
            self.ended = now
        self._changed.update(PARTS)

    def run_again(self, failures):
        """Notes that these failures are being run again."""
        for failure in failures:
            failure.state = AGAIN
        self._changed.add('failures')

    def take_again(self, event, failures):
        """Takes in one event of a second run of *failures*, all of one runtime."""
        kind = event.get('event')
        if kind == 'test':
            for failure in failures:
                if failure.state == AGAIN and failure.test in ('', event['test']):
                    self._decide(failure, event['outcome'], event['text'])
        elif kind == 'problem':
            for failure in failures:
                if failure.state == AGAIN:
                    self._decide(failure, 'failed', event['text'])
        elif kind == 'over':
            text = event.get('text') or 'The second run ended before the test had a result.'
            for failure in failures:
                if failure.state == AGAIN:
                    self._decide(failure, 'failed', text)

    def _decide(self, failure, outcome, text):
        """Gives a failure the outcome of its second run."""
        self._changed.update(('failures', 'counts', 'runtimes', 'matrix'))
        if outcome != failure.outcome:
            self._count(failure, failure.outcome, -1)
            self._count(failure, outcome, 1)
            failure.outcome = outcome
        if outcome == 'failed':
            failure.state = FAILED
            failure.text = text
        else:
            failure.state = FIXED

    def _count(self, failure, outcome, number):
        index = OUTCOMES.index(outcome)
        if failure.runtime in self.runtimes:
            self.runtimes[failure.runtime].counts[index] += number
        if failure.test:
            self._cell(failure.test, failure.runtime)[index] += number

    # -- the events --------------------------------------------------------------------------------

    def _run_of(self, event):
        name = event['runtime']
        if name not in self.runtimes:
            self.runtimes[name] = RuntimeRun(name)
            self._changed.update(('runtimes', 'matrix'))
        return self.runtimes[name]

    def _plan(self, event, now):
        for name in event['runtimes']:
            self._run_of({'runtime': name})

    def _started(self, event, now):
        run = self._run_of(event)
        run.state = RUNNING
        run.pid = event['pid']
        self._changed.add('runtimes')

    def _collected(self, event, now):
        self._run_of(event).expected = event['count']
        self._changed.update(('runtimes', 'counts'))

    def _running(self, event, now):
        self._run_of(event).running = event['test']
        self._changed.add('runtimes')

    def _test(self, event, now):
        run = self._run_of(event)
        outcome = OUTCOMES.index(event['outcome'])
        run.counts[outcome] += 1
        self._cell(event['test'], run.name)[outcome] += 1
        self._changed.update(('counts', 'runtimes', 'matrix'))
        if event['outcome'] == 'failed':
            self._fail(run.name, event['test'], event['text'])

    def _problem(self, event, now):
        run = self._run_of(event)
        run.counts[OUTCOMES.index('failed')] += 1
        self._changed.update(('counts', 'runtimes'))
        self._fail(run.name, '', event['text'])

    def _fail(self, runtime, test, text):
        self.failures.append(Failure(len(self.failures) + 1, runtime, test, text))
        self._changed.add('failures')

    def _finished(self, event, now):
        run = self._run_of(event)
        run.state = FINISHED
        run.running = ''
        run.seconds = event['seconds']
        run.pid = None
        self._changed.update(('runtimes', 'counts'))

    def _line(self, event, now):
        self.said.append(event['text'])
        self._changed.add('said')

    def _over(self, event, now):
        self.status = event['status']
        if event.get('text'):
            self._line(event, now)
        self.stop(now)

    def _cell(self, test, runtime):
        folder = folder_of(test)
        if (folder, runtime) not in self.matrix:
            self.matrix[folder, runtime] = [0, 0, 0]
            if folder not in self.folders:
                self.folders = sorted(self.folders + [folder])
        return self.matrix[folder, runtime]
