# Copyright the carryall authors.  See LICENSE.
"""The package list is the tree's, and carryall works when it is installed;
nox and tox read their files (TST-05)."""
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from admin.checks.tree import PRODUCT, Tree
from admin.suite import ROOT, setup

VERSION = ('import carryall, carryall.core.net.loop as m; print(carryall.__version__, m.__name__, '
           'm.__file__)')


def run(command, folder, **environment):
    """The output of a command, which must succeed."""
    done = subprocess.run(command, cwd=str(folder), env=dict(os.environ, **environment),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode('utf-8', 'replace')
    assert done.returncode == 0, '%s\n%s' % (' '.join(command), said)
    return said


@pytest.fixture(scope='module')
def tools():
    """The folder with nox, tox and setuptools."""
    if os.environ.get('CARRYALL_TEST_RUNTIME', 'cpython') != 'cpython':
        pytest.skip('it is about the tools of the house: the runtime cpython runs it')
    folder = setup.tools('house')
    if not folder:
        pytest.skip('nox, tox and setuptools are not in build/test-env: admin/runtests --setup')
    return folder


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    """A copy of what the project consists of, to build in."""
    folder = tmp_path_factory.mktemp('source')
    for path in Tree(ROOT).everything():
        if path.split('/')[0] in PRODUCT + ('pyproject.toml', 'setup.py', 'LICENSE', 'README.md'):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.join(ROOT, path), str(folder / path))
    (folder / 'README.md').touch()
    (folder / 'doc' / 'man').mkdir(parents=True)
    # What admin/manpages makes
    (folder / 'doc' / 'man' / 'carryall.1').write_text('.Dd September 13, 2020\n')
    return folder


@pytest.fixture(scope='module')
def python(tmp_path_factory, tools):
    """The Python of a new environment."""
    folder = tmp_path_factory.mktemp('venv')
    run([sys.executable, '-m', 'venv', '.'], folder, PYTHONPATH='')
    return str(folder / ('Scripts' if os.name == 'nt' else 'bin') / 'python')


def pip_install(python, tools, *what):
    """Installs with what is at hand: no index is asked."""
    run([python, '-m', 'pip', 'install', '--no-build-isolation', '--no-index', '--no-deps',
         '--force-reinstall'] + list(what),
        os.path.dirname(python), PYTHONPATH=tools)


@pytest.mark.limit(120)
@pytest.mark.parametrize('how', ['plain', 'editable'])
def test_pip_installs_modules_and_command(python, tools, source, tmp_path, how):
    """``pip install .`` and ``pip install -e .`` both give the modules under their names,
    and the command."""
    pip_install(python, tools, *(['-e', str(source)] if how == 'editable' else [str(source)]))
    said = run([python, '-c', VERSION], tmp_path, PYTHONPATH='').split()
    assert said[1] == 'carryall.core.net.loop'
    assert said[2].startswith(str(source)) == (how == 'editable'), said
    installed = os.path.join(os.path.dirname(python), 'carryall')
    assert said[0] in run([installed, '--version'], tmp_path, PYTHONPATH='')


@pytest.mark.limit(120)
def test_the_wheel_holds_every_module(python, tools, source, tmp_path):
    """The wheel holds every module under carryall/, nothing else at the top,
    and is for Python 2 and 3."""
    run([python, '-m', 'pip', 'wheel', '--no-build-isolation', '--no-index', '--no-deps', '-w',
         str(tmp_path), str(source)],
        tmp_path, PYTHONPATH=tools)
    name, = os.listdir(str(tmp_path))
    assert name.endswith('-py2.py3-none-any.whl'), name
    held = zipfile.ZipFile(str(tmp_path / name)).namelist()
    modules = sorted(each for each in held if each.endswith('.py'))
    expected = [path if path.startswith('carryall/') else 'carryall/' + path
                for path in Tree(str(source)).files(*PRODUCT)]
    assert modules == sorted(expected)
    assert {each.split('/')[0].split('-')[0] for each in held} == {'carryall'}
    assert any(each.endswith('LICENSE') for each in held)
    assert any(each.endswith('.data/data/share/man/man1/carryall.1') for each in held)
    entries, = [each for each in held if each.endswith('entry_points.txt')]
    entries = zipfile.ZipFile(str(tmp_path / name)).read(entries).decode('ascii')
    assert 'carryall = carryall.__main__:main' in entries
    assert 'carryall.pytest_plugin = carryall.pytest_plugin' in entries


@pytest.mark.limit(60)
@pytest.mark.parametrize('words', [[], ['-p', 'carryall.pytest_plugin']])
def test_the_plugin_is_loaded_once_where_carryall_is_installed(tmp_path, words):
    """pytest may find it by its entry point, by its name, or by both."""
    with open(os.path.join(ROOT, 'pyproject.toml'), encoding='utf-8') as file:
        entry = re.search(r'^\[project\.entry-points\.pytest11\]\n"?([^"\s]+)"? = "([^"]+)"',
                          file.read(), re.MULTILINE)
    info = tmp_path / 'site' / 'carryall-1.dist-info'
    info.mkdir(parents=True)
    (info / 'METADATA').write_text('Metadata-Version: 2.1\nName: carryall\nVersion: 1\n')
    (info / 'entry_points.txt').write_text('[pytest11]\n%s = %s\n' % entry.groups())
    (tmp_path / 'test_it.py').write_text('def test_it(http_server):\n    assert '
                                         'http_server(path=".")\n')
    paths = os.pathsep.join([str(tmp_path / 'site'), ROOT, os.environ.get('PYTHONPATH', '')])
    said = run([sys.executable, '-m', 'pytest', '-q'] + words + ['test_it.py'], tmp_path,
               PYTHONPATH=paths, PYTEST_DISABLE_PLUGIN_AUTOLOAD='')
    assert '1 passed' in said


@pytest.mark.limit(60)
def test_nox_lists_the_sessions(tools):
    """nox reads noxfile.py, and the sessions are there."""
    said = run([sys.executable, '-m', 'nox', '--list'], ROOT, PYTHONPATH=tools)
    for name in ('tests-3.8', 'tests-3.13', 'py27', 'pypy', 'jython', 'lint', 'types', 'docs',
                 'accept', 'bench', 'freeze'):
        assert re.search(r'^[*-] %s ' % re.escape(name), said, re.MULTILINE), \
            '%s is missing:\n%s' % (name, said)


@pytest.mark.limit(60)
def test_tox_lists_the_sessions(tools, tmp_path):
    """tox reads tox.ini, with the same sessions; those of 2.7,
    PyPy and Jython run from one of Python 3."""
    said = run([sys.executable, '-m', 'tox', 'config', '--workdir', str(tmp_path), '-k', 'commands',
                'base_python', '-e',
                'py38,py313,on_py27,on_pypy,on_jython,lint,types,docs,accept,bench,freeze'], ROOT,
               PYTHONPATH=tools)
    sections = dict(re.findall(r'\[testenv:(\w+)\]\n(.*?)(?=\n\[|\Z)', said, re.DOTALL))
    assert len(sections) == 11, said
    assert 'commands = python -m pytest' in sections['py38'] \
        and 'base_python = py38' in sections['py38'], said
    assert '--runtime jython' in sections['on_jython'] \
        and 'base_python = python3' in sections['on_jython'], said
