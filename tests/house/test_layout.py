# Copyright the carryall authors.  See LICENSE.
"""The checkout looks as it was given (TST-01),
and every package can be imported by name from a bare one."""
from __future__ import absolute_import, division, print_function

import os

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = ('README.md', 'LICENSE', 'pyproject.toml', 'noxfile.py', 'tox.ini', 'carryall/__init__.py',
         'carryall/__main__.py', 'admin/runtests', 'admin/accepttests', 'admin/check',
         'admin/bench', 'doc/design.md', '.ci/run')
FOLDERS = ('carryall', 'core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands',
           'bin', 'tests', 'acceptance', 'bench', 'dist', 'admin', 'doc')
PACKAGES = ('carryall', 'core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands',
            'tests')


@pytest.mark.parametrize('path', FILES)
def test_each_file_exists_with_content(path):
    """The file is there and says something."""
    assert os.path.isfile(os.path.join(ROOT, path)), '%s is missing' % path
    assert os.path.getsize(os.path.join(ROOT, path)) > 0, '%s is empty' % path


@pytest.mark.parametrize('path', FOLDERS)
def test_each_folder_exists_with_content(path):
    """The folder is there, and git would keep it: it holds a file."""
    assert os.path.isdir(os.path.join(ROOT, path)), '%s/ is missing' % path
    assert os.listdir(os.path.join(ROOT, path)), '%s/ is empty' % path


@pytest.mark.parametrize('path', [path for path in FILES if path.startswith(('admin/', '.ci/'))])
def test_command_is_executable(path):
    """Commands can be started by their names."""
    assert os.access(os.path.join(ROOT, path), os.X_OK), '%s is not executable' % path


@pytest.mark.parametrize('top', PACKAGES)
def test_folders_with_modules_are_packages(top):
    """2.7 and Jython import from a folder only if it has an __init__.py."""
    for folder, _, names in os.walk(os.path.join(ROOT, top)):
        if any(name.endswith('.py') for name in names):
            assert '__init__.py' in names, '%s has no __init__.py' % os.path.relpath(folder, ROOT)
