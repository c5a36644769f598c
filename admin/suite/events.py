# Copyright the carryall authors.  See LICENSE.
"""``admin/runtests --events``: each event of a run as a JSON line, for the program that shows it.

Events, by their ``event``:
    plan        runtimes: the names of the runs that are known by now
    started     runtime, pid: the leader of a process group of its own
    collected   runtime, count
    running     runtime, test: now and then, the test that runs
    test        runtime, test, outcome (passed, failed, skipped), seconds, backend, reason, text
    problem     runtime, text: why the run as a whole is no good; counts as a failure
    finished    runtime, seconds
    said        text: one line of what a terminal would show
    over        status: the exit status that follows; text, if the command could not do its work

The program that shows them holds the standard input open; its end ends the run and all that it
started.
"""
import json
import os
import signal
import sys
import threading

SHOWN = ('test', 'outcome', 'seconds', 'backend', 'reason', 'text')


class Events:
    """The methods of ``progress.Progress``, which write events."""

    def __init__(self, stream=None):
        self._stream = stream or sys.stdout
        self._planned = []
        self._collected = set()
        self._running = {}                          # runtime -> the test that was told last
        self._problems = {}                         # runtime -> how many were told

    def say(self, line):
        """Writes a line that belongs to no runtime."""
        self._write('said', text=line)

    def started(self, run):
        """Writes that a runtime's run has its process."""
        self._write('started', runtime=run.runtime.name, pid=run.pid)

    def results(self, run, results):
        """Writes new results of a run."""
        self._look(run)
        for result in results:
            fields = {name: getattr(result, name) for name in SHOWN}
            self._write('test', runtime=result.runtime, **fields)

    def ended(self, run):
        """Writes that a runtime's run is over, and why it is no good."""
        self._look(run)
        self.problems(run.report)
        self._write('finished', runtime=run.runtime.name, seconds=round(run.seconds, 1))

    def problems(self, report):
        """Writes the problems of a report that were not written before."""
        told = self._problems.get(report.runtime, 0)
        for problem in report.problems[told:]:
            self._write('problem', runtime=report.runtime, text=problem)
        self._problems[report.runtime] = len(report.problems)

    def tick(self, runs, waiting):
        """Writes what has changed since the last call, which was a moment ago."""
        names = [run.runtime.name for run in runs] + waiting
        new = [name for name in names if name not in self._planned]
        if new:
            self._planned += new
            self._write('plan', runtimes=self._planned)
        for run in runs:
            self._look(run)

    def close(self):
        """Writes all that waits."""
        self._stream.flush()

    def over(self, status, text=''):
        """Writes the last event."""
        self._write('over', status=status, text=text)

    def _look(self, run):
        report = run.report
        if report.expected is not None and report.runtime not in self._collected:
            self._collected.add(report.runtime)
            self._write('collected', runtime=report.runtime, count=report.expected)
        if report.running and report.running != self._running.get(report.runtime):
            self._running[report.runtime] = report.running
            self._write('running', runtime=report.runtime, test=report.running)

    def _write(self, event, **fields):
        self._stream.write(json.dumps(dict(fields, event=event), sort_keys=True) + '\n')
        self._stream.flush()


def end_with_input(descriptor=0):
    """Interrupts this process when its standard input ends."""
    def watch():
        # Not through sys.stdin: a thread that waits in a buffered read breaks the end of Python.
        while os.read(descriptor, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
