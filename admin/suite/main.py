# Copyright the carryall authors.  See LICENSE.
"""The order of things in ``admin/runtests``: find, install and run two at a time, show."""
import os
import runpy
import shutil
import signal
import sys
import time

from admin.suite import LOGS, ROOT, Trouble
from admin.suite import (events, interpreters, linecounts, matrix, options, quick, results,
                         setup, times)
from admin.suite.preparation import Preparation, slowest_first
from admin.suite.progress import Progress
from admin.suite.run import Run
from admin.window import main as window

POLL_SECONDS = 0.25
WIDE = 180                  # columns of the matrix when the output is no terminal
EXPECTED = os.path.join(ROOT, 'tests', 'contract', 'expected.py')


def main(argv=None):
    """Runs the command; returns its exit status."""
    words = sys.argv[1:] if argv is None else argv
    given = options.parse(words)
    if given.window or given.plain:
        return window.main(words)
    if window.by_default(words):
        return window.main(['--window'])
    _end_on_term()
    if given.events:
        events.end_with_input()
    progress = events.Events() if given.events else Progress(given.verbose - given.quiet)
    try:
        status = _work(given, progress)
        text = ''
    except Trouble as trouble:
        status = 2
        text = str(trouble)
    except KeyboardInterrupt:
        status = 130
        text = ''
    progress.over(status, text)
    return status


def _work(given, progress):
    """Does what the options say; returns the exit status."""
    if given.last:
        return _show_last(given)
    if given.compare:
        return _compare(*given.compare)
    found = interpreters.find()
    preparation = _set_up(given, found, progress.say) if given.setup else None
    if given.list:
        if preparation:
            preparation.join()
            found = preparation.found
        return _list(found)
    if given.coverage:
        linecounts.clear()
    work = _Work(given, [] if preparation else _selected(given, found), preparation,
                 progress.say)
    reports = _run_all(given, work, progress)
    reports = _missing(given, preparation.found if preparation else found) + reports
    _check_backends(given, reports)
    if given.events:
        for report in reports:
            progress.problems(report)
    else:
        _show_end(given, reports)
    results.save(reports, results.LAST)
    if given.json:
        results.save(reports, given.json)
    if not given.events:
        print(matrix.closing(reports), flush=True)
    return 1 if results.totals(reports)[1] else 0


def _show_end(given, reports):
    _show(reports)
    _show_times(given, reports)
    if given.coverage:
        for line in linecounts.lines(linecounts.table()):
            print(line)
        print()


def _end_on_term():
    """SIGTERM interrupts, as Ctrl-C does: what was started is ended."""
    def interrupt(number, frame):
        # Once: what follows the first must not break off its work.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def _show_last(given):
    reports = results.load()
    _show(reports)
    _show_times(given, reports)
    print(matrix.closing(reports), flush=True)
    return 1 if results.totals(reports)[1] else 0


def _compare(before, after):
    lines = results.differences(results.load(before), results.load(after))
    for line in lines:
        print(line)
    print('%d differences' % len(lines), flush=True)
    return 1 if lines else 0


def _show_times(given, reports):
    if given.slowest:
        for line in times.lines(reports, given.slowest):
            print(line)


def _set_up(given, found, say):
    """Begins to install what is missing."""
    wanted = given.require or interpreters.KINDS
    missing = [kind for kind in wanted if not any(each.name == kind for each in found)]
    preparation = Preparation(found, missing, lambda there: _selected(given, there), say)
    preparation.start()
    return preparation


def _selected(given, found):
    """The runtimes that this call is about."""
    by_name = {each.name: each for each in found}
    for name in given.runtime:
        if name not in by_name:
            raise Trouble('there is no runtime %s here; there are: %s' % (name, ', '.join(by_name)))
    return [by_name[name] for name in given.runtime] or interpreters.default(found)


def _list(found):
    plain = interpreters.default(found)
    for runtime in found:
        print('%-13s %d.%d  %-15s %s' % ((runtime.name,) + runtime.version + (
            'in a plain run' if runtime in plain else 'with --runtime',
            'ready' if setup.folder_for(runtime) else 'has not all it needs yet: say --setup')))
    return 0


class _Work:
    """The runs to make: those of *ready*, and of what *preparation* makes ready meanwhile."""

    def __init__(self, given, ready, preparation, say):
        self.runs = []
        self._given = given
        self._say = say
        self._preparation = preparation
        self._tests = options.tests_of(given)
        self._narrowing = []            # pytest's options
        if given.quick:
            whole, self._tests = quick.selection(quick.changed_files(given.since or 'HEAD'))
            self._narrowing = ['--quick'] + ['--whole=' + path for path in whole]
        self._again = results.failed_last_time() if given.rerun_failed else None
        self._waiting = []
        self._add(ready)

    def over(self):
        """True if no further run can come."""
        return not self._waiting and (self._preparation is None or self._preparation.over())

    def next(self):
        """The run to start now, of those that can be the slowest; None if there is none yet."""
        return self._waiting.pop(0) if self._waiting else None

    def look(self):
        """Takes over what has become ready."""
        if self._preparation:
            self._preparation.check()
            self._add(self._preparation.take())

    def names(self):
        """The runtimes that wait."""
        return [run.runtime.name for run in self._waiting]

    def _add(self, runtimes):
        new = [run for run in map(self._run_on, runtimes) if run]
        self.runs.extend(new)
        ordered = slowest_first(run.runtime for run in self._waiting + new)
        by_name = {run.runtime.name: run for run in self._waiting + new}
        self._waiting = [by_name[runtime.name] for runtime in ordered]

    def _run_on(self, runtime):
        """The run on that runtime; None if it has nothing to do there."""
        given = self._given
        ours = given.others if given.others and _is_another(runtime) else self._tests
        chosen = ours if self._again is None else self._again.get(runtime.name, [])
        folder = setup.folder_for(runtime)
        if not folder:
            raise Trouble('%s has no pytest yet; say: admin/runtests --setup' % runtime.name)
        if chosen == []:
            return None
        arguments = _pytest_arguments(given, runtime) + self._narrowing + (chosen or ours)
        measured = linecounts.install(runtime, self._say) if given.coverage else None
        return Run(runtime, folder, arguments, given.deadline, measured)


def _is_another(runtime):
    """True if it is a CPython 3 beside the one that runs this."""
    return runtime.kind == 'cpython' and runtime.name != 'cpython' and runtime.version >= (3,)


def _pytest_arguments(given, runtime):
    arguments = ['-q', '--tb=short']
    # On Jython nothing is saved: it takes as long to compile the one as the other.
    if given.plain_asserts and runtime.kind != 'jython':
        arguments += ['--assert=plain', '--showlocals']
    arguments += ['-k', given.k] if given.k else []
    arguments += ['-x'] if given.x else []
    return arguments + ['--backend=' + name for name in given.backend]


def _missing(given, found):
    """A report for each required runtime that does not run."""
    running = {each.name for each in _selected(given, found)}
    reports = []
    for name in given.require:
        if name not in interpreters.KINDS and not name.startswith('cpython'):
            raise Trouble('--require: there is no kind of runtime called %s' % name)
        if name not in running:
            report = results.Report(name)
            report.problem('is required and does not run; is it installed?  (as root, --setup '
                           'installs PyPy and Jython)')
            reports.append(report)
    return reports


def _run_all(given, work, progress):
    """Makes the runs, some at the same time; returns their reports."""
    os.makedirs(LOGS, exist_ok=True)
    active = []
    try:
        while active or not work.over():
            work.look()
            _start_some(given, work, active, progress)
            time.sleep(POLL_SECONDS)
            for run in list(active):
                progress.results(run, run.poll())
                if run.done:
                    active.remove(run)
                    progress.ended(run)
                    if given.x and (run.report.failed() or run.report.problems):
                        return _stop_all(work.runs, active)
            progress.tick(active, work.names())
    finally:
        for run in active:
            run.stop('interrupted', seconds=0.0)
        progress.close()
    return [run.report for run in work.runs]


def _start_some(given, work, active, progress):
    """Starts runs that wait, as long as there is room."""
    while len(active) < given.jobs:
        run = work.next()
        if run is None:
            return
        run.start()
        active.append(run)
        progress.started(run)


def _stop_all(work, active):
    """Ends what still runs; the reports of what has ended, whose failure is why."""
    for run in list(active):
        run.stop('stopped at the first failure')
        active.remove(run)
    return [run.report for run in work if run.report.results or run.report.problems]


def _check_backends(given, reports):
    """A backend that must not be skipped and has no test that passed is a failure of the run."""
    if given.quick or given.paths or given.file or given.module or given.k or given.backend \
            or given.rerun_failed or given.x:
        return
    if not os.path.exists(EXPECTED):
        return
    expected = runpy.run_path(EXPECTED)['EXPECTED']
    for report in reports:
        passed = {result.backend for result in report.results if result.outcome == 'passed'}
        for backend in expected.get(report.interpreter, ()):
            if backend not in passed:
                why = report.backends.get(backend, 'it is not known here')
                report.problem('no test passed on the backend %s, which must not be skipped: %s' % (
                    backend, why or 'it is there'))


def _show(reports):
    for line in matrix.failures(reports):
        print(line)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE
    for report in reports:
        print('%-11s %s' % (report.runtime, report.about or 'did not run'))
    print()
    for line in matrix.matrix(reports, width) + matrix.skips(reports):
        print(line)
    print()
