# Copyright the carryall authors.  See LICENSE.
"""The steps of doc/howto/new-protocol.md work, and a protocol can be removed again."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from admin.catalogue.ownership import SUITE, Ownership
from admin.checks.tree import Tree
from admin.suite import ROOT

HOWTO = os.path.join(ROOT, 'doc', 'howto', 'new-protocol.md')
TOPS = ('acceptance', 'admin', 'app', 'apps', 'bench', 'bin', 'carryall', 'commands', 'core',
        'dist', 'doc', 'protocols', 'runtimes', 'services', 'tests')
CHECKS = ('catalogue', 'faces', 'layers', 'late_imports', 'licence_line', 'names', 'needs',
          'tables')
# Packages whose removal is tried: one always, all if the variable is set (six minutes).
ALWAYS = ('finger',)
ON_DEMAND = ('dict', 'dns', 'ftp', 'ident', 'metrics', 'pop3', 'portforward', 'simple', 'telnet',
             'websocket')
DEMANDED = os.environ.get('CARRYALL_TEST_REMOVALS')

@pytest.fixture(autouse=True)
def only_once(house_runtime):
    """About the tools, not about the interpreter."""
    house_runtime()


@pytest.fixture
def copy(tmp_path):
    """A copy of the tree."""
    for path in Tree(ROOT).everything():
        if path.split('/')[0] in TOPS or '/' not in path:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.join(ROOT, path), str(tmp_path / path))
    return tmp_path


def run(folder, *words, statuses=(0,)):
    """The output of a command in the copy, which has to succeed."""
    environ = {name: value for name, value in os.environ.items()
               if not name.startswith(('PYTHONPATH', 'PYTEST_'))}
    # The commands share bytecode, which is no part of the copy.
    environ.pop('PYTHONDONTWRITEBYTECODE', None)
    environ['PYTHONPYCACHEPREFIX'] = str(folder) + '-bytecode'
    done = subprocess.run([sys.executable] + list(words), cwd=str(folder), env=environ,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode('utf-8', 'replace')
    assert done.returncode in statuses, '%s\n%s' % (' '.join(words), said[-6000:])
    return said


def files(folder):
    """Path to bytes of every file of the copy."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob('*')
            if path.is_file() and '__pycache__' not in path.parts
            and '.pytest_cache' not in path.parts}


def walk():
    """The commands of the page that run to an end, as lists of words."""
    with open(HOWTO, encoding='utf-8') as file:
        blocks = re.findall(r'```text\n(.*?)```', file.read(), re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.replace('python3 ', '', 1).replace('NAME', 'sample').split() for line in lines
            if line.startswith(('admin/new-protocol', 'python3 -m pytest'))]


def findings(folder):
    """The findings of the project's checks in the copy."""
    said = run(folder, 'admin/check', *CHECKS, statuses=(0, 1))
    return {line for line in said.splitlines() if ': [' in line}


def whole(folder):
    """Checks that the copy is complete: imports, manifests, generated files, types.

    The project's checks find nothing in it that they do not find in the tree.
    """
    said = run(folder, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
               'tests/house/test_manifests.py', 'tests/house/test_imports.py')
    assert ' passed' in said
    found = findings(folder)
    assert not found or found <= findings(ROOT)
    return run(folder, 'bin/carryall', 'types')


def test_the_page_has_the_commands():
    assert len(walk()) == 3


@pytest.mark.limit(600)
def test_the_walk_of_the_page_works_and_can_be_undone(copy):
    before = files(copy)
    for words in walk():
        run(copy, *words)
    assert 'sample' in whole(copy)
    after = files(copy)
    added = set(after) - set(before)
    changed = [path for path, data in before.items() if after.get(path) != data]
    assert len(added) > 15
    assert sorted(changed) == ['README.md', 'commands/catalogue.py', 'doc/design.md',
                               'doc/features.md']
    run(copy, 'admin/manifests', '--remove', 'sample')
    assert files(copy) == before


@pytest.mark.limit(120)
def test_a_name_that_is_taken_is_refused(copy):
    done = subprocess.run([sys.executable, 'admin/new-protocol', 'ftp'], cwd=str(copy),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 2
    assert b'protocols/ftp/__init__.py exists' in done.stdout


def names_of(ownership):
    """The names of the packages that can be removed."""
    needed = ownership.needed(SUITE) | {SUITE}
    return sorted(name for name in ownership.entries if name not in needed)


def test_packages_that_the_suite_does_not_need_can_be_removed():
    ownership = Ownership(Tree(ROOT))
    assert ownership.entries[SUITE].needs == ('http', 'testservers', 'web')
    assert set(ALWAYS + ON_DEMAND) <= set(names_of(ownership))


def test_the_servers_for_tests_need_no_protocol_but_http():
    assert Ownership(Tree(ROOT)).needed(SUITE) == {'http', 'testservers', 'web'}


@pytest.mark.limit(120)
def test_a_package_that_the_suite_needs_is_not_removed(copy):
    done = subprocess.run([sys.executable, 'admin/manifests', '--remove', 'http'], cwd=str(copy),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 2
    assert b'http cannot be removed: the suite needs it' in done.stdout
    assert (copy / 'protocols' / 'http').is_dir()


@pytest.mark.limit(600)
@pytest.mark.parametrize('name', ALWAYS + (ON_DEMAND if DEMANDED else ()))
def test_a_package_can_be_removed_and_the_rest_stays_green(copy, name):
    said = run(copy, 'admin/manifests', '--remove', name)
    assert not [line for line in said.splitlines() if line.startswith('removed')
                and (copy / line.partition(' ')[2]).exists()]
    assert not re.search(r'^%s ' % name, whole(copy), re.MULTILINE)
    if DEMANDED:
        run(copy, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--collect-only', 'tests')
        run(copy, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests/house/testservers',
            'tests/services/testservers')
    run(copy, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests/commands/test_main.py',
        'tests/commands/test_reference.py', 'tests/fuzz', 'tests/app')
