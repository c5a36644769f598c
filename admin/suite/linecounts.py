# Copyright the carryall authors.  See LICENSE.
"""Which lines of the product the tests run, on each runtime: ``admin/runtests --coverage``.

coverage.py measures in the process of pytest, its threads included; programs that tests start are
not measured.  Its last version with data in JSON serves Python 2.7 and Jython, which has no SQLite.
A line counts as one that could run if the Python of this command takes it for a statement.
"""
import collections
import glob
import json
import os
import shutil
import sys

from admin.suite import ROOT, Trouble
from admin.suite import pins, setup

DATA = os.path.join(ROOT, 'build', 'coverage')
PRODUCT = ('core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands', 'carryall')
DEEPER = ('runtimes', 'protocols', 'services')      # a row for each of their folders
# What runs under a type checker alone
EXCLUDED = r'^if TYPE_CHECKING'
OLD_FORMAT = "!coverage.py: This is a private format, don't read it directly!"
FACTOR = 8                  # by which a run is given longer: a tracer in Python takes its time

Table = collections.namedtuple('Table', 'rows runtimes')


def install(runtime, say):
    """Makes the private folder with coverage.py for *runtime*, unless it is there; returns it."""
    wanted = pins.coverage_for(runtime.version)
    name = 'coverage-%s-%d.%d' % ((runtime.kind,) + runtime.version)
    with setup.alone(name):
        folder = setup.ready(name, [wanted])
        if folder:
            return folder
        say('installing %s for %s into build/test-env/%s' % (wanted, runtime.name, name))
        with setup.new_folder(name, [wanted]) as folder:
            if runtime.version < (3,):
                setup.take_out_of_source(folder, wanted, 'coverage')
            else:
                setup.install_wheels(folder, runtime, runtime.kind == 'cpython', [wanted])
    return setup.ready(name, [wanted])


def words(runtime):
    """The words between the interpreter's options and those of pytest."""
    if runtime.start_pytest != ['-m', 'pytest']:
        raise Trouble('--coverage cannot measure %s; it can jython' % runtime.name)
    return ['-m', 'coverage', 'run', '--rcfile=' + os.path.join(DATA, 'settings'), '-m', 'pytest']


def environment(runtime):
    """The additional environment of a run."""
    found = {'COVERAGE_FILE': _data_of(runtime.name)}
    if runtime.kind == 'cpython' and runtime.version >= (3, 12):
        found['COVERAGE_CORE'] = 'sysmon'           # without a call of Python for each line
    return found


def clear():
    """Removes the data of the last run, and writes the settings."""
    shutil.rmtree(DATA, ignore_errors=True)
    os.makedirs(DATA)
    with open(os.path.join(DATA, 'settings'), 'w') as file:
        file.write('[run]\ninclude =\n')
        for part in PRODUCT:
            file.write('    %s/*\n' % os.path.join(ROOT, part))


def _data_of(name):
    return os.path.join(DATA, name + '.data')


def executed(path, coverage):
    """{path in the tree: set of lines} of one file of data."""
    with open(path, 'rb') as file:
        start = file.read(len(OLD_FORMAT))
        old = start == OLD_FORMAT.encode('ascii')
        lines = json.loads(file.read().decode('utf-8'))['lines'] if old else None
    if not old:
        data = coverage.CoverageData(path)
        data.read()
        lines = {name: data.lines(name) or [] for name in data.measured_files()}
    found = collections.defaultdict(set)
    for name, numbers in lines.items():
        # A folder may be reached by the link in carryall/.
        found[os.path.relpath(os.path.realpath(name), ROOT)].update(numbers)
    return found


def statements(path, coverage):
    """The lines of a file that can run."""
    measure = coverage.Coverage(data_file=None, config_file=False)
    measure.exclude(EXCLUDED)
    return set(measure.analysis2(os.path.join(ROOT, path))[1])


def table():
    """A Table of what the last run has measured."""
    folder = setup.ready('coverage-cpython-%d.%d' % sys.version_info[:2],
                         [pins.coverage_for(sys.version_info[:2])])
    if folder is None:
        raise Trouble('--coverage needs the runtime cpython too')
    sys.path.insert(0, folder)
    import coverage         # not part of the tools of the suite
    runs = {os.path.basename(path)[:-len('.data')]: executed(path, coverage)
            for path in sorted(glob.glob(os.path.join(DATA, '*.data')))}
    runtimes = sorted(runs, key=lambda name: (not name.startswith('cpython'), name))
    rows = collections.OrderedDict()
    for path in _files():
        lines = statements(path, coverage)
        if not lines:
            continue
        row = rows.setdefault(_row_of(path), [0] + [0] * (len(runtimes) + 1))
        row[0] += len(lines)
        together = set()
        for place, name in enumerate(runtimes):
            done = runs[name].get(path, set()) & lines
            row[1 + place] += len(done)
            together |= done
        row[-1] += len(together)
    return Table(rows, runtimes)


def _files():
    for part in PRODUCT:
        for folder, folders, names in os.walk(os.path.join(ROOT, part)):
            folders[:] = sorted(each for each in folders if each not in PRODUCT)
            for name in sorted(names):
                if name.endswith('.py'):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def _row_of(path):
    parts = path.split(os.sep)
    deep = parts[0] in DEEPER and len(parts) > 2
    return '/'.join(parts[:2]) if deep else parts[0]


def lines(found):
    """The text of a Table."""
    width = max([len(name) for name in found.rows] + [len('all')])
    heads = found.runtimes + ['any']
    yield 'Lines that ran, per cent of all statements'
    yield '%-*s  %10s %s' % (width, '', 'statements',
                             ' '.join('%*s' % (max(7, len(head)), head) for head in heads))
    total = [sum(column) for column in zip(*found.rows.values())]
    for name, row in list(found.rows.items()) + [('all', total)]:
        yield '%-*s  %10d %s' % (width, name, row[0], ' '.join(
            '%*s' % (max(7, len(head)), '%.1f' % (100.0 * count / row[0]))
            for head, count in zip(heads, row[1:])))
