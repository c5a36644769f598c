# Copyright the carryall authors.  See LICENSE.
"""One runtime's run: pytest in a process of its own, watched from its start to its last line."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

from admin.suite import LOGS, ROOT
from admin.suite import linecounts
from admin.suite.results import Report

# Of a whole run; times CARRYALL_TEST_SCALE.  They end a run that hangs, not one that is slow.
DEADLINE_SECONDS = {'jython': 2400.0}
OTHER_DEADLINE_SECONDS = 1500.0
LAST_WORDS_SECONDS = 5.0                    # between asking for the stacks and killing
GOOD = (0, 1, 5)  # pytest's exit status: all passed, some failed, there were none
LOG_TAIL = 40                               # lines shown of the log of a run that broke


def _take_signals():
    """In the child: SIGINT and SIGHUP do what they usually do.

    A shell ignores SIGINT for what it starts in the background, and nohup SIGHUP.  The servers that
    tests start would inherit that, and Java never takes an ignored signal back.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Run:
    """pytest on one runtime; ``poll()`` until ``done``."""

    def __init__(self, runtime, folder, arguments, deadline=None, measured=None):
        scale = float(os.environ.get('CARRYALL_TEST_SCALE') or 1)
        self.runtime = runtime
        self.report = Report(runtime.name)
        self.done = False
        self.seconds = 0.0
        self.deadline = deadline or scale * DEADLINE_SECONDS.get(
            runtime.kind, OTHER_DEADLINE_SECONDS)
        self.log = os.path.join(LOGS, runtime.name + '.log')
        self._events = os.path.join(LOGS, runtime.name + '.jsonl')
        self._command = runtime.command + (linecounts.words(runtime) if measured
                                           else runtime.start_pytest)
        self._command += ['--results=' + self._events, '--continue-on-collection-errors']
        self._command += arguments
        self._environment = dict(os.environ, PYTEST_DISABLE_PLUGIN_AUTOLOAD='1',
                                 CARRYALL_TEST_RUNTIME=runtime.name,
                                 PYTHONNOUSERSITE='1', **runtime.environment(folder))
        if measured:                            # the folder that has coverage.py
            self.deadline *= linecounts.FACTOR
            self._environment.update(linecounts.environment(runtime))
            self._environment.update(runtime.environment(os.pathsep.join([folder, measured])))
        self._process = None
        self._reader = None
        self._rest = b''

    @property
    def pid(self):
        """The pid of the process, which leads a process group; None before ``start``."""
        return self._process.pid if self._process else None

    def start(self):
        """Starts the process."""
        open(self._events, 'wb').close()
        # Not pytest's own: it removes those of earlier runs, of any runtime, and on Jython it
        # cannot remove links.
        self._scratch = tempfile.mkdtemp(prefix='carryall-')
        self._command.append('--basetemp=' + os.path.join(self._scratch, 't'))
        self._reader = open(self._events, 'rb')
        self._started = time.monotonic()
        with open(self.log, 'wb') as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment,
                                             stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=subprocess.STDOUT, start_new_session=True,
                                             preexec_fn=_take_signals)

    def poll(self):
        """Takes in what was reported since the last call, and notices the end;
        returns the new results."""
        status = self._process.poll()
        known = len(self.report.results)
        self._read()
        self.seconds = time.monotonic() - self._started
        self.report.seconds = self.seconds
        if status is not None:
            self._finish(status)
        elif self.seconds > self.deadline:
            self.stop('took longer than its deadline of %d seconds' % self.deadline)
        return self.report.results[known:]

    def stop(self, why, seconds=LAST_WORDS_SECONDS):
        """Ends the process; *why* becomes a problem of this run.

        Args:  seconds: for its last words, the stacks of its threads; 0.0 for none.
        """
        if self.done:
            return
        if seconds:
            # Java writes all stacks on SIGQUIT and lives; faulthandler writes them on SIGABRT;
            # 2.7 just ends.
            self._signal(signal.SIGQUIT if self.runtime.kind == 'jython' else signal.SIGABRT)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._read()
        self._close()
        self.report.problem(why + self._where())

    def _finish(self, status):
        self._signal(signal.SIGKILL)            # what it started and left behind
        self._close()
        if not self.report.ended or status not in GOOD:
            self.report.problem('ended with status %d%s, see %s\n%s' % (
                status, self._where(), os.path.relpath(self.log, ROOT), self._tail()))

    def _close(self):
        self.done = True
        self._reader.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _where(self):
        if self.report.running:
            return ' in ' + self.report.running
        if self.report.expected is None:
            return ' before the first test'
        left = self.report.expected - len(self.report.results)
        return ', with %d tests not run' % left if left > 0 else ''

    def _tail(self):
        with open(self.log, 'rb') as log:
            lines = log.read().decode('utf-8', 'replace').splitlines()
        return '\n'.join('    ' + line for line in lines[-LOG_TAIL:])

    def _signal(self, number):
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def _read(self):
        lines = (self._rest + self._reader.read()).split(b'\n')
        self._rest = lines.pop()
        for line in lines:
            self.report.take(json.loads(line.decode('ascii')))
