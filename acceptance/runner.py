# Copyright the carryall authors.  See LICENSE.
"""Finds the cases, runs each on each side (an artifact on a runtime),
and ends with the matrix of cases by sides."""
import argparse
import importlib
import os
import pkgutil
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import acceptance.cases
from acceptance import foreign, interactive, pytestpeer, steps, twistedpeer
from acceptance.artifacts import ARTIFACTS, ROOT, NotMade, sides
from acceptance.stage import Failed, Missing, Stage
from admin.suite import interpreters
from admin.suite.setup import apt_install, install_runtimes

# Program -> Debian package, of what several cases use; a case names its own in PACKAGES.
PROGRAMS = {
    'busybox': 'busybox', 'curl': 'curl', 'danted': 'dante-server', 'expect': 'expect',
    'git': 'git', 'finger': 'finger', 'in.fingerd': 'fingerd', 'java': 'default-jre-headless',
    'lftp': 'lftp', 'microsocks': 'microsocks', 'nc': 'netcat-openbsd', 'ncftpget': 'ncftp',
    'openssl': 'openssl', 'socat': 'socat', 'ssh': 'openssh-client', 'ssh-keygen': 'openssh-client',
    'sshd': 'openssh-server', 'telnet': 'inetutils-telnet', 'telnetd': 'inetutils-telnetd',
    'tnftp': 'tnftp', 'vsftpd': 'vsftpd', 'wget': 'wget', 'whois': 'whois'}

MAX_JOBS = 16               # runs at the same time
PROGRESS_SECONDS = 0.25     # between two looks at what has ended
CASE_SECONDS = 300.0        # a whole case; three times as long when it is LONG or on a JVM


def arguments():
    """The options."""
    parser = argparse.ArgumentParser(prog='admin/accepttests', description=(
        'Start real servers, from the source or from an artifact, on every runtime, and drive them '
        'with foreign clients '
        '(curl, wget, nc, Python\'s own) and with ours.  Each case has a name; name some to run '
        'only those.'))
    parser.add_argument('cases', nargs='*', metavar='CASE', help='run only these (default: all; '
                                                                 '--list names them)')
    parser.add_argument('--list', action='store_true', help='name the cases, what they prove and '
                                                            'what they need')
    parser.add_argument('--steps', action='store_true',
                        help='only the steps of the acceptance tests of 2002, in their order; '
                             'those that no case replaces yet are named')
    parser.add_argument('--quick', action='store_true', help='leave out the cases that take long')
    parser.add_argument('--artifact', action='append', metavar='NAME',
                        choices=sorted(ARTIFACTS) + ['all'],
                        help='%s; may be repeated (default: source)' % ', '.join(
                            sorted(ARTIFACTS) + ['all']))
    parser.add_argument('--runtime', action='append', metavar='NAME',
                        help='cpython, cpython2.7, cpython3.8 ..., pypy or jython; may be repeated '
                             '(default: cpython, pypy, jython)')
    parser.add_argument('--require-all', action='store_true',
                        help='fail when a runtime, an artifact or a foreign program is missing, '
                             'instead of saying so')
    parser.add_argument('--setup', action='store_true',
                        help='first install missing runtimes and programs (Debian, root), and make '
                             'missing artifacts')
    parser.add_argument('--jobs', type=_positive, default=1, metavar='N',
                        help='run N at the same time (default: 1); those that need the same fixed '
                             'port wait for each other')
    parser.add_argument('-i', '--interactive', action='store_true',
                        help='ask before each case, show what it serves, ask whether it worked and '
                             'for comments, and end with a summary of them')
    parser.add_argument('-b', '--batch', action='store_true',
                        help='ask nothing, which is the default; wins over -i')
    return parser.parse_args()


def _positive(word):
    if not word.isdigit() or not 1 <= int(word) <= MAX_JOBS:
        raise argparse.ArgumentTypeError('%s is no number from 1 to %d' % (word, MAX_JOBS))
    return int(word)


def all_cases():
    """The modules of the cases: those of the steps of 2002 in their order, then by their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(acceptance.cases.__path__))
    return steps.in_order([importlib.import_module('acceptance.cases.' + name)
                           for name in names])


def name_of(case):
    """The case's name: that of its file."""
    return case.__name__.rpartition('.')[2].replace('_', '-')


def chosen(options, cases):
    """The cases that the options ask for."""
    known = {name_of(case): [case] for case in cases}
    for case in steps.of_steps(cases):
        known.setdefault(case.AS_OF_OLD, []).append(case)
    unknown = [name for name in options.cases if name not in known]
    if unknown:
        sys.stderr.write('admin/accepttests: there is no case %s; --list names them.\n'
                         % unknown[0])
        sys.exit(2)
    if options.cases:
        return [case for name in options.cases for case in known[name]]
    if options.steps:
        cases = steps.of_steps(cases)
    return [case for case in cases if not (options.quick and getattr(case, 'LONG', False))]


def show_list(cases):
    """A line for each case."""
    for case in cases:
        print('%-20s %s  [%s]%s%s%s' % (
            name_of(case), case.__doc__.strip().split('\n')[0], ' '.join(case.PROVES),
            ', needs ' + ' '.join(case.NEEDS) if case.NEEDS else '',
            ', long' if getattr(case, 'LONG', False) else '',
            ', was ' + case.AS_OF_OLD if hasattr(case, 'AS_OF_OLD') else ''))


def runtimes(options):
    """The runtimes of this run; a missing one ends it under --require-all."""
    everything = {one.name: one for one in interpreters.find()}
    wanted = options.runtime or list(interpreters.KINDS)
    unknown = [name for name in wanted if not name.startswith(interpreters.KINDS)]
    if unknown:
        sys.stderr.write('admin/accepttests: %s is no runtime; there are %s.\n'
                         % (unknown[0], ', '.join(sorted(everything))))
        sys.exit(2)
    missing = [name for name in wanted if name not in everything]
    for name in missing:
        print('%s: not found%s' % (name, '' if options.require_all else '; left out'))
    if missing and options.require_all:
        sys.exit(1)
    return [everything[name] for name in wanted if name in everything]


def all_sides(options, found, folder):
    """Artifact -> its sides; an artifact that is not there is said,
    and ends the run under --require-all."""
    wanted = options.artifact or ['source']
    wanted = list(ARTIFACTS) if 'all' in wanted else wanted
    result = {}
    failed = False
    for artifact in wanted:
        progress('installing %s' % artifact)
        try:
            result[artifact] = sides(artifact, found, folder)
        except NotMade as exc:
            progress('')
            print('%s%s' % (exc, '' if options.require_all else '; left out'))
            failed = True
    progress('')
    if failed and options.require_all:
        sys.exit(1)
    return {artifact: each for artifact, each in result.items() if each}


def set_up(options, cases):
    """Installs the runtimes and the foreign programs that are missing,
    and makes the artifacts that are asked for."""
    there = {one.name for one in interpreters.find()}
    install_runtimes([kind for kind in interpreters.KINDS if kind not in there], print)
    packages = {package for case in cases for package in packages_of(case)}
    aside = {name: row for case in cases for name, row in getattr(case, 'UNPACKED', {}).items()
             if not shutil.which(name)}
    packages = sorted(packages.union(
        *[foreign.missing(libraries) for _packages, libraries in aside.values()]))
    if packages:
        print('installing %s' % ' '.join(packages), flush=True)
        apt_install(packages)
    for name, (packages, _libraries) in sorted(aside.items()):
        foreign.unpack(name, packages, print)
    for name in sorted({name for case in cases for name in getattr(case, 'PYTHON', ())}
                       & set(foreign.PINS)):
        foreign.install_python(name, print)
    if any('twisted' in getattr(case, 'PYTHON', ()) for case in cases):
        twistedpeer.install(print)
    if any('pytest' in getattr(case, 'PYTHON', ()) for case in cases):
        pytestpeer.install(print)
    if any('peer-suites' in getattr(case, 'PYTHON', ()) for case in cases):
        foreign.install_suites(print)
    artifacts = list(ARTIFACTS) if 'all' in (options.artifact or ()) else options.artifact or []
    recipes = sorted({recipe for artifact in artifacts for recipe in ARTIFACTS[artifact][2]})
    if recipes:
        subprocess.run([sys.executable, ROOT + '/admin/freeze'] + recipes, stdin=subprocess.DEVNULL,
                       check=True)


def packages_of(case):
    """The Debian packages that are missing for the programs of a case."""
    known = dict(PROGRAMS)
    known.update(getattr(case, 'PACKAGES', {}))
    found = []
    for program in list(case.NEEDS) + list(getattr(case, 'TAKES', ())):
        row = known.get(program, ())
        names = [row] if isinstance(row, str) else list(row)
        # A program that is installed may still lack what it needs.
        found += names if not shutil.which(program) else foreign.missing(names[1:])
    return found


def run_one(case, side, others, over=None):
    """(outcome, why) of one case on one side; in a thread of its own,
    so that a case that hangs ends as well.

    When the Event *over* is set, its programs are ended and it has failed.
    """
    over = over or threading.Event()
    stage = Stage(side, others)
    outcome = []
    worker = threading.Thread(target=lambda: outcome.append(_outcome(case, stage)), daemon=True)
    begin = time.monotonic()
    limit = CASE_SECONDS * (3.0 if getattr(case, 'LONG', False)
                            or any(one.kind == 'jython' for one in others) else 1.0)
    worker.start()
    try:
        while worker.is_alive() and time.monotonic() - begin < limit and not over.is_set():
            worker.join(0.2)
        if over.is_set():
            return 'failed', 'it was interrupted'
        if not outcome:
            frame = sys._current_frames().get(worker.ident)
            where = ''.join(traceback.format_stack(frame)) if frame else ''
            return 'failed', 'it took more than %d s; it stands at\n%s%s' \
                % (limit, where, stage.stacks())
        return outcome[0]
    finally:
        stage.clear()


def _outcome(case, stage):
    try:
        missing = [program for program in case.NEEDS if not shutil.which(program)]
        if missing:
            raise Missing(missing[0])
        case.run(stage)
        return 'passed', ''
    except Missing as exc:
        return 'skipped', '%s is not installed' % exc
    except Failed as exc:
        return 'failed', str(exc)
    except Exception:
        return 'failed', traceback.format_exc()


def turns(cases, by_artifact):
    """(case, side, others) of each run.

    A case that goes through the sides itself has one run for each artifact.  It gets the sides of
    that artifact, and the first side of the next one, so that each meets another.
    """
    found = []
    order = list(by_artifact)
    for case in cases:
        for index, (artifact, own) in enumerate(by_artifact.items()):
            strangers = [by_artifact[order[(index + 1) % len(order)]][0]] if len(order) > 1 else []
            if getattr(case, 'EACH_RUNTIME', True):
                found += [(case, side, own + strangers) for side in own]
            else:
                found.append((case, own[0], own + strangers))
    return found


def give_back_signals():
    """Our children get each signal as a terminal's would, though we were started to ignore it: by
    nohup, or by a script's &.

    What is ignored stays so in a child, and a JVM leaves it at that;
    what is caught is the default again.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, _noticed)


def _noticed(number, frame):
    """Nothing, as before."""


def main():
    """Runs, shows, and returns the exit status."""
    options = arguments()
    give_back_signals()
    cases = chosen(options, all_cases())
    if options.setup:
        set_up(options, cases)
    if options.list:
        show_list(cases)
        return 0
    if options.steps:
        for name, what in steps.without_case(cases):
            print('%s: no case replaces it yet (%s)' % (name, what))
    found = runtimes(options)
    folder = tempfile.mkdtemp(prefix='carryall-artifacts-')
    os.chmod(folder, 0o755)  # a case that serves as other users starts the artifact as them
    begin = time.monotonic()
    try:
        by_artifact = all_sides(options, found, folder)
        if options.interactive and not options.batch:
            results = interactive.run(turns(cases, by_artifact), name_of, run_one)
        else:
            results = run_all(turns(cases, by_artifact), options.require_all, options.jobs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return summary(cases, by_artifact, results, time.monotonic() - begin)


def run_all(runs, require_all, jobs=1):
    """Runs them all, *jobs* at a time, telling of each as it ends; (case's name,
    side's name) -> (outcome, why)."""
    work = _Work(runs, require_all)
    workers = [threading.Thread(target=work.go_on, daemon=True)
               for _ in range(min(jobs, len(runs)))]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            time.sleep(PROGRESS_SECONDS)
            work.show_progress()
    finally:
        work.over.set()         # interrupted: nothing that was started is left
        for worker in workers:
            worker.join()
        progress('')
    return work.results


class _Work:
    """The state that threads running cases share."""

    def __init__(self, runs, require_all):
        self.results = {}
        self.over = threading.Event()
        self._require_all = require_all
        self._waiting = list(runs)
        self._count = len(runs)
        self._active = {}           # index of a run -> (label, ports, when it began)
        self._changed = threading.Condition()

    def go_on(self):
        """One thread: run what may run next, until nothing is left."""
        while True:
            taken = self._take()
            if taken is None:
                return
            index, (case, side, others) = taken
            started = self._active[index][2]
            try:
                outcome, why = run_one(case, side, others, self.over)
            except Exception:
                outcome = 'failed'
                why = traceback.format_exc()
            if outcome == 'skipped' and self._require_all:
                outcome = 'failed'
            self._ended(index, case, side, outcome, why, time.monotonic() - started)

    def _take(self):
        """(index, run) of the first that waits and needs no port that is in use;
        None when there are none left."""
        with self._changed:
            while self._waiting and not self.over.is_set():
                used = {port for _label, ports, _begin in self._active.values() for port in ports}
                for run in self._waiting:
                    ports = getattr(run[0], 'PORTS', ())
                    if not used.intersection(ports):
                        self._waiting.remove(run)
                        index = self._count - len(self._waiting)
                        label = '[%d/%d] %s on %s' % (index, self._count, name_of(run[0]),
                                                      run[1].name)
                        self._active[index] = label, ports, time.monotonic()
                        return index, run
                self._changed.wait(1.0)
            return None

    def _ended(self, index, case, side, outcome, why, seconds):
        with self._changed:
            del self._active[index]
            self.results[name_of(case), side.name] = outcome, why
            progress('')
            print('%-7s %-24s %-14s %5.1f s%s' % (outcome, name_of(case), side.name, seconds,
                                                  ''.join('\n        ' + line for line in why.split(
                                                      '\n') if line)), flush=True)
            self._changed.notify_all()

    def show_progress(self):
        """The live line: what runs, and for how long."""
        with self._changed:
            now = time.monotonic()
            progress(', '.join('%s  %d s' % (label, now - begin)
                               for label, _ports, begin in self._active.values()))


def progress(text):
    """One live line on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write('\r\x1b[K' + text)
        sys.stderr.flush()


def summary(cases, by_artifact, results, seconds):
    """The matrix, what differs between the artifacts, the count, and the exit status."""
    columns = [side for each in by_artifact.values() for side in each]
    width = max([7] + [len(side.name) for side in columns])
    print('\n%-24s %s' % ('', ' '.join(side.name.ljust(width) for side in columns)))
    for case in cases:
        row = [results.get((name_of(case), side.name), ('.', ''))[0] for side in columns]
        print('%-24s %s' % (name_of(case), ' '.join(cell.ljust(width) for cell in row)))
    print("\n'.': the case goes through the sides by itself, and counts where its result stands")
    for line in differences(cases, by_artifact, results):
        print(line)
    count = [sum(outcome == word for outcome, _ in results.values())
             for word in ('passed', 'failed', 'skipped')]
    print('%d s%s' % (seconds, ', logs of failures above' if count[1] else ''))
    print('%d passed, %d failed, %d skipped' % tuple(count))
    return 1 if count[1] or not count[0] else 0


def differences(cases, by_artifact, results):
    """Lines that say which artifacts are not alike."""
    if len(by_artifact) < 2:
        return []
    lines = []
    for case in cases:
        by_outcome = {}
        for artifact, each in by_artifact.items():
            outcomes = sorted({results[name_of(case), side.name][0] for side in each
                               if (name_of(case), side.name) in results})
            by_outcome.setdefault(' and '.join(outcomes), []).append(artifact)
        if len(by_outcome) > 1:
            lines.append('%s: %s' % (name_of(case), '; '.join('%s: %s' % (', '.join(names), outcome)
                                                              for outcome, names in sorted(
                                                                  by_outcome.items()))))
    return ['not the same for every artifact: ' + line for line in lines] \
        or ['the same for all %d artifacts' % len(by_artifact)]
