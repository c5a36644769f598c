# Copyright the carryall authors.  See LICENSE.
"""Finds the cases, runs each on each runtime, and ends with the matrix of cases by runtime."""
import argparse
import importlib
import pkgutil
import shutil
import sys
import time
import traceback

import acceptance.cases
from acceptance.stage import Failed, Missing, Stage
from admin.suite import interpreters
from admin.suite.setup import apt_install, install_runtimes

PROGRAMS = {'curl': 'curl', 'wget': 'wget', 'nc': 'netcat-openbsd'}      # program -> Debian package


def arguments():
    """The options."""
    parser = argparse.ArgumentParser(prog='admin/accepttests', description=(
        'Start real servers on every runtime and drive them with foreign clients (curl, wget, nc, Python\'s own) and '
        'with ours.  Each case has a name; name some to run only those.'))
    parser.add_argument('cases', nargs='*', metavar='CASE', help='run only these (default: all; --list names them)')
    parser.add_argument('--list', action='store_true', help='name the cases, what they prove and what they need')
    parser.add_argument('--quick', action='store_true', help='leave out the cases that take long')
    parser.add_argument('--runtime', action='append', metavar='NAME', help='cpython, pypy or jython; may be repeated')
    parser.add_argument('--require-all', action='store_true',
                        help='fail when a runtime or a foreign program is missing, instead of saying so')
    parser.add_argument('--setup', action='store_true', help='install missing runtimes and programs first (Debian, root)')
    parser.add_argument('-b', '--batch', action='store_true', help='accepted as of old: nothing is ever asked')
    return parser.parse_args()


def all_cases():
    """The modules of the cases, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(acceptance.cases.__path__))
    return [importlib.import_module('acceptance.cases.' + name) for name in names]


def name_of(case):
    """The case's name: that of its file."""
    return case.__name__.rpartition('.')[2].replace('_', '-')


def chosen(options, cases):
    """The cases that the options ask for."""
    known = {name_of(case): case for case in cases}
    unknown = [name for name in options.cases if name not in known]
    if unknown:
        sys.stderr.write('admin/accepttests: there is no case %s; --list names them.\n' % unknown[0])
        sys.exit(2)
    if options.cases:
        return [known[name] for name in options.cases]
    return [case for case in cases if not (options.quick and getattr(case, 'LONG', False))]


def show_list(cases):
    """A line for each case."""
    for case in cases:
        print('%-20s %s  [%s]%s%s' % (name_of(case), case.__doc__.strip().split('\n')[0], ' '.join(case.PROVES),
                                      ', needs ' + ' '.join(case.NEEDS) if case.NEEDS else '',
                                      ', long' if getattr(case, 'LONG', False) else ''))


def runtimes(options):
    """The runtimes of this run, one of each kind; a missing one ends it under --require-all."""
    found = [one for one in interpreters.find() if one.name in interpreters.KINDS]
    if options.runtime:
        unknown = sorted(set(options.runtime) - set(interpreters.KINDS))
        if unknown:
            sys.stderr.write('admin/accepttests: %s is no runtime; there are cpython, pypy and jython.\n' % unknown[0])
            sys.exit(2)
        found = [one for one in found if one.name in options.runtime]
    missing = sorted(set(options.runtime or interpreters.KINDS) - {one.name for one in found})
    for name in missing:
        print('%s: not found%s' % (name, '' if options.require_all else '; left out'))
    if missing and options.require_all:
        sys.exit(1)
    return found


def set_up():
    """Install the runtimes and the foreign programs that are missing."""
    there = {one.name for one in interpreters.find()}
    install_runtimes([kind for kind in interpreters.KINDS if kind not in there], print)
    packages = [package for program, package in sorted(PROGRAMS.items()) if not shutil.which(program)]
    if packages:
        print('installing %s' % ' '.join(packages))
        apt_install(packages)


def run_one(case, runtime, others):
    """(outcome, why) of one case on one runtime."""
    stage = Stage(runtime, others)
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
    finally:
        stage.clear()


def main():
    """Run, show, and return the exit status."""
    options = arguments()
    cases = chosen(options, all_cases())
    if options.list:
        show_list(cases)
        return 0
    if options.setup:
        set_up()
    found = runtimes(options)
    results = {}
    begin = time.monotonic()
    for case in cases:
        for runtime in found if getattr(case, 'EACH_RUNTIME', True) else found[:1]:
            progress('%s on %s' % (name_of(case), runtime.name))
            started = time.monotonic()
            outcome, why = run_one(case, runtime, found)
            if outcome == 'skipped' and options.require_all:
                outcome = 'failed'
            results[name_of(case), runtime.name] = outcome, why
            progress('')
            print('%-7s %-24s %-8s %5.1f s%s' % (outcome, name_of(case), runtime.name, time.monotonic() - started,
                                                 ''.join('\n        ' + line for line in why.split('\n') if line)))
            sys.stdout.flush()
    return summary(cases, found, results, time.monotonic() - begin)


def progress(text):
    """One live line on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write('\r\x1b[K' + text)
        sys.stderr.flush()


def summary(cases, found, results, seconds):
    """The matrix, the count, and the exit status."""
    print('\n%-24s %s' % ('', ' '.join('%-8s' % one.name for one in found)))
    for case in cases:
        row = [results.get((name_of(case), one.name), ('-', ''))[0] for one in found]
        print('%-24s %s' % (name_of(case), ' '.join('%-8s' % cell for cell in row)))
    count = [sum(outcome == word for outcome, _ in results.values()) for word in ('passed', 'failed', 'skipped')]
    print('\n%d s, logs of failures above' % seconds if count[1] else '\n%d s' % seconds)
    print('%d passed, %d failed, %d skipped' % tuple(count))
    return 1 if count[1] or not count[0] else 0
