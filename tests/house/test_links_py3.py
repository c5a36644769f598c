# Copyright the carryall authors.  See LICENSE.
"""The import name resolves for tools that do not run `carryall/__init__.py`,
and without links too."""
import os
import shutil
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARTS = ('app', 'apps', 'commands', 'core', 'protocols', 'runtimes', 'services')

# Imports modules of every part by the import name,
# and prints the name of each file that two modules share.
ONCE = '''
import collections, os, sys
import carryall.commands.main, carryall.services.web.service, carryall.protocols.http
import carryall.runtimes
files = collections.defaultdict(list)
for name, module in sorted(sys.modules.items()):
    path = getattr(module, '__file__', None)
    if path and name.split('.')[0] in ('carryall',) + tuple(sys.argv[1:]):
        files[os.path.realpath(path)].append(name)
print([names for names in files.values() if len(names) > 1])
'''


def copied(folder, instead):
    """A copy of the product in *folder*, with *instead* called for each link of `carryall/`."""
    for name in PARTS:
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name),
                        ignore=shutil.ignore_patterns('__pycache__', '*.pyc', '*.class'))
    os.mkdir(os.path.join(folder, 'carryall'))
    for name in os.listdir(os.path.join(ROOT, 'carryall')):
        path = os.path.join(ROOT, 'carryall', name)
        if os.path.islink(path):
            instead(path, os.path.join(folder, 'carryall', name))
        elif os.path.isfile(path):
            shutil.copy(path, os.path.join(folder, 'carryall', name))
    return folder


def kept(path, target):
    os.symlink(os.readlink(path), target)


def as_text(path, target):
    """Git writes the link's text into a file where it cannot make links."""
    with open(target, 'w', encoding='utf-8') as file:
        file.write(os.readlink(path))


def left_out(path, target):
    """A zip archive may lose links."""


@pytest.mark.parametrize('name', PARTS)
def test_a_link_leads_to_each_part(name):
    assert os.readlink(os.path.join(ROOT, 'carryall', name)) == '../' + name


@pytest.mark.parametrize('instead', [kept, as_text, left_out])
def test_every_module_is_imported_once(instead, tmp_path):
    folder = copied(str(tmp_path), instead)
    done = subprocess.run([sys.executable, '-c', ONCE] + list(PARTS), cwd=folder, check=True,
                          stdout=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=folder))
    assert done.stdout.strip() == b'[]'


def test_a_tool_that_only_looks_at_files_finds_a_module():
    """mypy, ctags and editors follow the name `carryall.core.net.loop` to a file."""
    assert os.path.isfile(os.path.join(ROOT, 'carryall', 'core', 'net', 'loop.py'))
