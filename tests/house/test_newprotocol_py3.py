# Copyright the carryall authors.  See LICENSE.
"""The steps of doc/howto/new-protocol.md work, and a protocol can be removed again."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from admin.checks.tree import Tree
from admin.suite import ROOT

HOWTO = os.path.join(ROOT, 'doc', 'howto', 'new-protocol.md')
TOPS = ('acceptance', 'admin', 'app', 'apps', 'bench', 'bin', 'carryall', 'commands', 'core',
        'dist', 'doc', 'protocols', 'runtimes', 'services', 'tests')
CHECKS = ('catalogue', 'layers', 'late_imports', 'licence_line', 'names', 'tables')

# Removes the package of the manifest argv[1], and all that the manifest names.
REMOVE = '''
import os, shutil, sys
sys.path.insert(0, os.getcwd())
from admin.catalogue.manifests import read
module, manifest = [row for row in read() if row[1].name == sys.argv[1]][0]
paths = [os.path.dirname(module.partition('.')[2].replace('.', '/'))] + list(manifest.paths)
paths += ['doc/examples/' + each for each in manifest.examples]
paths += ['doc/conformance/%s.md' % each for each in manifest.pages]
paths += ['acceptance/cases/%s.py' % each for each in manifest.cases]
for path in paths:
    shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
'''


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
    environ['PYTHONDONTWRITEBYTECODE'] = '1'
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


def whole(folder, known):
    """Check that the copy is complete: imports, manifests, types, no finding that is not known."""
    said = run(folder, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
               'tests/house/test_manifests.py', 'tests/house/test_imports.py')
    assert ' passed' in said
    run(folder, 'admin/manifests', '--check')
    assert findings(folder) - known == set()
    return run(folder, 'bin/carryall', 'types')


def test_the_page_has_the_commands():
    assert len(walk()) == 3


@pytest.mark.limit(600)
def test_the_walk_of_the_page_works_and_can_be_undone(copy):
    before = files(copy)
    known = findings(copy)
    for words in walk():
        run(copy, *words)
    assert 'sample' in whole(copy, known)
    after = files(copy)
    added = set(after) - set(before)
    changed = [path for path, data in before.items() if after.get(path) != data]
    assert len(added) > 15
    assert sorted(changed) == ['commands/catalogue.py', 'doc/features.md']
    run(copy, '-c', REMOVE, 'sample')
    run(copy, 'admin/manifests')
    assert files(copy) == before


def test_a_name_that_is_taken_is_refused(copy):
    done = subprocess.run([sys.executable, 'admin/new-protocol', 'ftp'], cwd=str(copy),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 2
    assert b'protocols/ftp/__init__.py exists' in done.stdout


@pytest.mark.limit(600)
@pytest.mark.parametrize('name', ['metrics'])
def test_a_package_can_be_taken_out_and_the_rest_stays_green(copy, name):
    known = findings(copy)
    run(copy, '-c', REMOVE, name)
    run(copy, 'admin/manifests')
    assert not re.search(r'^%s ' % name, whole(copy, known), re.MULTILINE)
    run(copy, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'tests/commands/test_main.py',
        'tests/commands/test_reference.py')
