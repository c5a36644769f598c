# Copyright the carryall authors.  See LICENSE.
"""The selection of ``--quick``: the tests to run before each commit, in less than three minutes.

The rule, in the order in which the files run:

1. The tests of changes since a revision: changed test files, and the tests of changed modules.
   These are named in the docstring after "Tests:", or mirror the module.
2. ``tests/core`` and ``tests/contract``.
3. One file for each protocol: ``test_server.py`` where there is one, else the first by name.

The plug-in tests/support/quick.py narrows them further: one backend for each runtime, three
chunkings of each dialogue. It leaves out tests that claim more time by the marker ``limit``. Files
of part 1 are not narrowed.
"""
import os
import re
import subprocess

from admin.suite import ROOT, Trouble

FOLDERS = ('tests/core', 'tests/contract')
PROTOCOLS = 'tests/protocols'
USUAL = 'test_server.py'
NAMED = re.compile(r'\btests/[\w/]+\.py\b')
DOCSTRING_OCTETS = 8192         # of a module's beginning, where its docstring names its tests


def changed_files(revision):
    """The files that differ from *revision*, untracked ones included; paths below ROOT."""
    differing = _git('diff', '--name-only', '--relative', revision, '--')
    return sorted(set(differing + _git('ls-files', '--others', '--exclude-standard')))


def affected(changed):
    """The test files of part 1, for the paths that changed."""
    found = []
    for path in changed:
        if path.startswith('tests/'):
            if is_test(path):
                found.append(path)
        elif path.endswith('.py'):
            found.extend(_tests_of(path))
    return _unique(path for path in found if os.path.isfile(os.path.join(ROOT, path)))


def selection(changed):
    """(files of part 1, all files in the order in which they run)."""
    first = affected(changed)
    rest = [path for folder in FOLDERS for path in _test_files(folder)]
    return first, _unique(first + rest + _one_for_each_protocol())


def is_test(path):
    """True if pytest takes it for a file of tests."""
    name = os.path.basename(path)
    return name.startswith('test_') and name.endswith('.py')


def _tests_of(path):
    """The test files of the module *path*."""
    try:
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            beginning = file.read(DOCSTRING_OCTETS)
    except OSError:                 # it was removed
        beginning = ''
    named = NAMED.findall(beginning.partition('Tests:')[2].partition('"""')[0])
    if named:
        return named
    folder, name = os.path.split(path)
    return [os.path.join('tests', folder, 'test_' + name)]


def _one_for_each_protocol():
    found = []
    for name in sorted(os.listdir(os.path.join(ROOT, PROTOCOLS))):
        path = PROTOCOLS + '/' + name
        if os.path.isdir(os.path.join(ROOT, path)):
            files = _test_files(path)
            found += ([each for each in files if os.path.basename(each) == USUAL] or files)[:1]
        elif is_test(name):
            found.append(path)
    return found


def _test_files(folder):
    """The test files of a folder and those below it, in pytest's order."""
    found = []
    for where, folders, names in os.walk(os.path.join(ROOT, folder)):
        folders.sort()
        below = os.path.relpath(where, ROOT).replace(os.sep, '/')
        found += [below + '/' + name for name in sorted(names) if is_test(name)]
    return found


def _unique(paths):
    return list(dict.fromkeys(paths))


def _git(*words):
    done = subprocess.run(('git', '-C', ROOT) + words, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise Trouble('git %s: %s' % (words[0], done.stderr.decode('utf-8', 'replace').strip()))
    return done.stdout.decode('utf-8').splitlines()
