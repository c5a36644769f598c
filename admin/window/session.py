# Copyright the carryall authors.  See LICENSE.
"""The actions of a user: run, run again, stop, close.

It joins the model and the children; a view calls ``poll`` some 20 times a second.  A second run of
failed tests has a child and a folder of logs of its own, so it may go on beside the first.
"""
from __future__ import absolute_import, division, print_function

import os
import time

from admin.window import children
from admin.window.model import AGAIN, FIXED, OUTCOMES, Model

POLL_MILLISECONDS = 50
TURN_SECONDS = 0.02         # for events in one call of poll; then the view draws
EVENTS = 200                # between two looks at the clock
LOGS = 'CARRYALL_TEST_LOGS'
CLOSING_SECONDS = 20.0      # until a window is gone, whatever its children do


class Session(object):
    """The run that a window shows.

    Args:  words: the options and tests of ``admin/runtests``; start: makes a child of a command
           line and of a dict of environment variables; clock: gives seconds.
    """

    def __init__(self, words, start=children.Child, clock=time.time):
        self.model = Model()
        self.trouble = ''               # a sentence, if a child could not be started
        self._words = list(words)
        self._start = start
        self._clock = clock
        self._child = None
        self._again = None              # the child of a second run
        self._failures = []             # that it runs
        self._waiting = []              # lists of failures, each of one runtime
        self._closing = None            # when closing began
        self._asked_to_close = False

    @property
    def busy(self):
        """True while a child runs."""
        return bool(self._child or self._again)

    def now(self):
        """The time of the session's clock."""
        return self._clock()

    def run_all(self):
        """Begins from the start, unless something runs."""
        if self.busy or self._closing is not None:
            return
        self.model.begin(self.now())
        self._child = self._begun(self._words, {})
        if self._child is None:
            self.model.take({'event': 'over', 'status': 2, 'text': self.trouble}, self.now())

    def run_again(self, failures):
        """Runs these failures again, those of one runtime at a time."""
        chosen = [each for each in failures if each.state != AGAIN]
        if not chosen or self._closing is not None:
            return
        self.model.run_again(chosen)
        by_runtime = {}
        for failure in chosen:
            by_runtime.setdefault((failure.runtime, not failure.test), []).append(failure)
        self._waiting += [by_runtime[key] for key in sorted(by_runtime)]
        self._next_again()

    def run_failed_again(self):
        """Runs all again that has failed and was not mended."""
        self.run_again(self.model.open_failures())

    def stop(self):
        """Ends all children; what waits is not run."""
        for failures in self._waiting:
            self.model.take_again({'event': 'over', 'status': 130, 'text': 'It was stopped.'},
                                  failures)
        self._waiting = []
        for child in (self._child, self._again):
            if child:
                child.stop(self.now())
        if self._child:
            self.model.stop(self.now())

    def close(self):
        """Begins to close: stops all, and takes no more orders."""
        if self._closing is None:
            self._closing = self.now()
        self.stop()

    def ask_to_close(self, number=None, frame=None):
        """Closes at the next ``poll``: for another thread, and as the handler of a signal."""
        self._asked_to_close = True

    @property
    def closed(self):
        """True when no child is left after ``close``."""
        if self._closing is None:
            return False
        return not self.busy or self.now() - self._closing > CLOSING_SECONDS

    def kill(self):
        """Ends what is left, at once."""
        for child in (self._child, self._again):
            if child:
                child.kill()
        self._child = None
        self._again = None

    def exit_status(self):
        """The exit status of the window: 0 if all that was run passed in the end."""
        if self.model.counts()[OUTCOMES.index('failed')]:
            return 1
        mended = [each for each in self.model.failures if each.state == FIXED]
        if self.model.status == 1 and mended:
            return 0
        return 130 if self.model.status is None else self.model.status

    def poll(self):
        """Takes in what has come, for a moment; never waits."""
        if self._asked_to_close:
            self.close()
        end = time.time() + TURN_SECONDS
        more = True
        while more and time.time() < end:
            more = False
            if self._child:
                more = self._take(self._child)
            if self._again:
                more = self._take_again(self._again) or more
        for child in (self._child, self._again):
            if child:
                child.press(self.now())

    def _take(self, child):
        events = child.events(EVENTS)
        for event in events:
            self.model.take(event, self.now())
        if child.over:
            self._child = None
            if self.model.active:
                self.model.take({'event': 'over', 'status': child.status, 'text': (
                    'The program that runs the tests ended with status %r.' % child.status)},
                    self.now())
        return bool(events)

    def _take_again(self, child):
        events = child.events(EVENTS)
        for event in events:
            self.model.take_again(event, self._failures)
        if child.over:
            self._again = None
            self.model.take_again({'event': 'over', 'status': child.status}, self._failures)
            self._next_again()
        return bool(events)

    def _next_again(self):
        if self._again or not self._waiting:
            return
        self._failures = self._waiting.pop(0)
        words = ['--runtime', self._failures[0].runtime]
        words += [failure.test for failure in self._failures if failure.test]
        self._again = self._begun(words, {LOGS: os.path.join(children.ROOT, 'build', 'test-logs',
                                                             'again')})
        if self._again is None:
            self.model.take_again({'event': 'over', 'status': 2, 'text': self.trouble},
                                  self._failures)
            self._next_again()

    def _begun(self, words, variables):
        try:
            return self._start(children.command(words), variables)
        except (IOError, OSError) as exc:
            self.trouble = 'The tests cannot be started: %s needs Python 3.8 or newer (%s).' % (
                'admin/runtests', exc)
            return None
