# Copyright the carryall authors.  See LICENSE.
"""The progress of a run: one line that changes on a terminal,
a line now and then otherwise."""
import shutil
import sys
import time

from admin.suite.results import OUTCOMES

PLAIN_SECONDS = 30.0        # between two lines when no one sits before a terminal
MARKS = {'passed': 'ok  ', 'failed': 'FAIL', 'skipped': 'skip'}


class Progress:
    """Says what is running, and counts so far."""

    def __init__(self, verbosity, stream=None):
        self._stream = stream or sys.stdout
        self._verbosity = verbosity                 # -1 quiet, 0, 1 a line for each test
        self._live = verbosity >= 0 and self._stream.isatty()
        self._started = time.monotonic()
        self._shown = self._started
        self._drawn = False
        self._first = None                          # result of all

    def say(self, line):
        """One line that stays."""
        if self._verbosity >= 0:
            self._wipe()
            print(line, file=self._stream, flush=True)

    def started(self, run):
        """Tells that a runtime's run has begun."""
        self.say('%s: started' % run.runtime.name)

    def ended(self, run):
        """Tells that a runtime's run is over."""
        counts = tuple(run.report.count(outcome) for outcome in OUTCOMES)
        problems = ''.join('; ' + each.split('\n')[0] for each in run.report.problems)
        self.say('%s: %d passed, %d failed, %d skipped in %d s%s' % (
            (run.runtime.name,) + counts + (run.seconds, problems)))

    def results(self, run, results):
        """New results: each on a line if that was asked for, else only the failures."""
        if results and not self._first:
            self._first = results[0]
            self.say('first result %.1f s after the start, on %s' % (
                time.monotonic() - self._started, self._first.runtime))
        for result in results:
            if self._verbosity > 0 or result.outcome == 'failed':
                self.say('%s %-11s %s%s' % (MARKS[result.outcome], result.runtime, result.test,
                                            ' (%s)' % result.reason if result.reason else ''))

    def tick(self, runs, waiting):
        """Called often: show the state, if it is time to."""
        if self._live:
            self._draw(self._state(runs, waiting))
        elif time.monotonic() - self._shown >= PLAIN_SECONDS:
            self.say(self._state(runs, waiting))
            self._shown = time.monotonic()

    def close(self):
        """Removes the line that changes."""
        self._wipe()

    def over(self, status, text=''):
        """The end of the command, whose *text* says why it could not do its work."""
        self._wipe()
        if text:
            print('admin/runtests: %s' % text, file=sys.stderr)

    def _state(self, runs, waiting):
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        parts = ['%d:%02d' % (minutes, seconds)]
        for run in runs:
            report = run.report
            failed = report.count('failed')
            parts.append('%s %d/%s%s' % (report.runtime, len(report.results),
                                         report.expected or '?', ', %d FAILED' % failed if failed
                                         else ''))
        if waiting:
            parts.append('waiting: ' + ' '.join(waiting))
        return '  '.join(parts)

    def _draw(self, text):
        width = shutil.get_terminal_size().columns - 1
        self._stream.write('\r' + text[:width].ljust(width))
        self._stream.flush()
        self._drawn = True

    def _wipe(self):
        if self._drawn:
            self._stream.write('\r' + ' ' * (shutil.get_terminal_size().columns - 1) + '\r')
            self._drawn = False
