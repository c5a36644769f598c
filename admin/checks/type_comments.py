# Copyright the carryall authors.  See LICENSE.
"""The type comments of core, runtimes and the protocols are right, says mypy.

mypy follows the links of ``carryall/``.  In a tree without links it is shown build/mypy-farm, a
folder of links that looks like the installed package.  Its options are in pyproject.toml.
"""
import os
import re
import subprocess
import sys

from admin.checks.tree import Finding, linked
from admin.suite import Trouble, setup

PACKAGES = ('core', 'runtimes', 'protocols')
LINE = re.compile(r'carryall/(?P<path>[^:]+):(?P<line>\d+)(?::\d+)?: (?P<message>(?:error|note): '
                  r'.*)')


def set_up():
    """Installs mypy for this Python."""
    setup.install_tools('types', print)


def check(tree):
    """Runs mypy over the packages."""
    folder = setup.tools('types')
    if not folder:
        raise Trouble('mypy is not there yet; say: admin/check --types --setup')
    root = tree.root
    if not os.path.exists(tree.full('carryall/core/__init__.py')):
        root = linked(tree, 'build/mypy-farm')
    packages = [option for name in PACKAGES if os.path.exists(tree.full(name + '/__init__.py'))
                for option in ('-p', 'carryall.' + name)]
    done = subprocess.run(
        [sys.executable, '-m', 'mypy', '--config-file', tree.full('pyproject.toml'), '--cache-dir',
         tree.full('build/mypy-cache'),
         '--no-error-summary'] + packages, cwd=root, env=dict(os.environ, PYTHONPATH=folder),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode('utf-8', 'replace')
    for match in map(LINE.match, said.splitlines()):
        if match and not match.group('message').startswith('note'):
            yield Finding(match.group('path'), int(match.group('line')), match.group('message'))
    if done.returncode not in (0, 1):
        yield Finding('pyproject.toml', 1, 'mypy ended with status %d: %s'
                      % (done.returncode, said))
