# Copyright the carryall authors.  See LICENSE.
"""The command line of ``admin/runtests``."""
import argparse
import os

from admin.suite import ROOT, Trouble

EPILOG = '''
examples:
  admin/runtests --setup              install what is missing, then run everything; the first
                                      command on a new machine
  admin/runtests                      run everything on every runtime that is found
  admin/runtests --window             the same in a window; jython admin/runtests --window opens
                                      that of Swing
  admin/runtests --quick              run a selection before each commit, in less than three
                                      minutes
  admin/runtests --last --slowest 20  where the time of the last run went
  admin/runtests --list               show the runtimes, and which of them a plain run takes
  admin/runtests --runtime cpython --runtime jython tests/core
                                      one folder on two runtimes
  admin/runtests --module carryall.core.future
                                      the tests of one module
  admin/runtests --runtime pypy --backend epoll -k half_close -x
                                      stop at the first failure
  admin/runtests --rerun-failed       what failed last time, where it failed
  admin/runtests --coverage --runtime cpython --runtime jython tests/core
                                      which lines these tests run, on each

Runtimes are called cpython (the Python that runs this command), cpython2.7, cpython3.13 ..., pypy
and jython; jython-bare, jython-java21 and jython-java25 are Jython on other Javas, and run only if
named.  The output of each lies in build/test-logs/NAME.log, or in the folder that
CARRYALL_TEST_LOGS names.  A test may take 20 seconds (100 on Jython), a whole run 10 minutes (20 on
Jython); CARRYALL_TEST_SCALE=2 doubles both.

exit status: 0 all passed; 1 something failed, or a required runtime or backend is missing;
2 the command line is wrong.
'''


def parse(argv):
    """The options of one call."""
    parser = argparse.ArgumentParser(
        prog='admin/runtests',
        description='Run the test suite on every runtime of this machine; end with one matrix.',
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    _add_selection(parser.add_argument_group('which tests'))
    _add_places(parser.add_argument_group('where'))
    _add_manner(parser.add_argument_group('how'))
    options = parser.parse_args(argv)
    if options.verbose and options.quiet:
        parser.error('-v and -q contradict each other')
    if options.quick and (options.paths or options.file or options.module or options.rerun_failed):
        parser.error('--quick chooses the tests itself')
    if options.since and not options.quick:
        parser.error('--since belongs to --quick')
    if options.text and (options.window or options.plain):
        parser.error('-t contradicts --window and --plain')
    if (options.window or options.plain) and (options.list or options.last or options.compare):
        parser.error('--window and --plain show a run')
    if options.jobs < 1:
        parser.error('--jobs must be at least 1')
    options.require = [name for name in options.require.split(',') if name]
    return options


def _add_selection(which):
    """The options that choose tests."""
    which.add_argument('paths', nargs='*', metavar='PATH',
                       help='files, folders or node ids (default: all of tests/)')
    which.add_argument('--file', action='append', default=[], metavar='PATH', help='as PATH')
    which.add_argument('--module', action='append', default=[], metavar='NAME',
                       help='the tests of a module (carryall.core.future) or a test module '
                            '(tests.core.test_future)')
    which.add_argument('-k', metavar='WORDS', help='only tests whose names match, as in pytest')
    which.add_argument('--quick', action='store_true',
                       help='what to run before each commit: the tests of what changed, the core, '
                            'the contract and a file for each protocol, on one backend')
    which.add_argument('--since', metavar='REV',
                       help='with --quick: changed means since this revision (default: HEAD)')
    which.add_argument('--rerun-failed', action='store_true',
                       help='only what failed in the last run')


def _add_places(where):
    """The options that choose runtimes."""
    where.add_argument('--runtime', action='append', default=[], metavar='NAME',
                       help='run on this one (may be given again)')
    where.add_argument('--backend', action='append', default=[], metavar='NAME',
                       help='of the tests that run on each backend, only this one (may be given '
                            'again)')
    where.add_argument('--others', metavar='PATH', action='append', default=[],
                       help='on the CPythons 3 beside the one that runs this, only these files and '
                            'folders (may be given again)')
    where.add_argument('--require', metavar='NAMES', default='',
                       help='fail unless these run: cpython,pypy,jython')
    where.add_argument('--setup', action='store_true', help='first install what is missing: PyPy '
                                                            'and Jython as Debian '
                       'packages when root, pytest for each runtime and the tools of the house '
                       'into build/test-env')
    where.add_argument('--list', action='store_true', help='show the runtimes, run nothing')


def _add_manner(how):
    """The options for the manner of running and of showing."""
    how.add_argument('-x', action='store_true', help='stop everything at the first failure')
    how.add_argument('-v', '--verbose', action='store_true', help='a line for each test')
    how.add_argument('-q', '--quiet', action='store_true', help='nothing before the end')
    how.add_argument('-w', '--window', action='store_true',
                     help='show the run in a window: Tk, or Swing if Jython runs this command; '
                          'without a display, in sentences on the terminal')
    how.add_argument('-t', '--text', action='store_true',
                     help='open no window; without any option, on a terminal with a display, a '
                          'window is opened')
    how.add_argument('--plain', action='store_true',
                     help='for screen readers: sentences on the terminal, and with --window also '
                          'a window of plain text')
    how.add_argument('--events', action='store_true',
                     help='for a program that shows the run: write each event as a JSON line, and '
                          'end with the standard input')
    how.add_argument('--jobs', type=int, default=2, metavar='N',
                     help='runtimes at the same time (default: 2)')
    how.add_argument('--slowest', type=int, default=0, metavar='N',
                     help='show the time by folder and runtime, and the N slowest tests')
    how.add_argument('--coverage', action='store_true',
                     help='measure which lines run, and show a table; takes several times as long')
    how.add_argument('--plain-asserts', action='store_true',
                     help='let pytest not rewrite the asserts, which is half of the time that it '
                          'needs to find the tests: a failure shows the local variables instead')
    how.add_argument('--last', action='store_true',
                     help='run nothing: show the results of the last run again')
    how.add_argument('--compare', nargs=2, metavar='FILE',
                     help='run nothing: name the tests that only one of two runs (--json) ran')
    how.add_argument('--deadline', type=float, metavar='SECONDS', help='of each whole run')
    how.add_argument('--json', metavar='FILE', help='write every result there')


def tests_of(options):
    """The arguments that tell pytest which tests to run; Trouble for one that does not exist."""
    paths = options.paths + options.file + [_path_of_module(name) for name in options.module]
    for path in paths + options.others:
        if not os.path.exists(os.path.join(ROOT, path.split('::')[0])):
            raise Trouble('there is no %s' % path)
    return [_from_root(path) for path in paths] or ['tests']


def _from_root(path):
    """A path or a node id, whose file is named from the root of the checkout."""
    file, colons, rest = path.partition('::')
    return os.path.relpath(os.path.join(ROOT, file), ROOT) + colons + rest


def _path_of_module(name):
    """The path of the tests of a module: tests/core/test_future.py for carryall.core.future."""
    parts = name.split('.')
    if parts[0] == 'tests':
        path = os.path.join(*parts)
    else:
        path = os.path.join('tests', *parts[parts[0] == 'carryall':])
        folder, last = os.path.split(path)
        path = path if os.path.isdir(os.path.join(ROOT, path)) else os.path.join(
            folder, 'test_' + last)
    return path if os.path.isdir(os.path.join(ROOT, path)) else path + '.py'
