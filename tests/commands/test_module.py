# Copyright the carryall authors.  See LICENSE.
"""`python -m carryall`, wherever it is started."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.compat import PY2
from tests.commands.processes import LIMIT, ROOT, run

# What pip's editable installation leaves behind: a finder that comes after that of sys.path.
EDITABLE = '''\
import importlib.machinery, importlib.util, os, runpy, sys

ROOT = %r
PLACES = {'carryall': 'carryall', 'carryall.core': 'core', 'carryall.commands': 'commands',
          'carryall.runtimes': 'runtimes', 'carryall.services': 'services',
          'carryall.protocols': 'protocols'}


class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        for package in sorted(PLACES, key=len, reverse=True):
            if name == package or name.startswith(package + '.'):
                rest = name[len(package):].strip('.').split('.') if name != package else []
                base = os.path.join(ROOT, PLACES[package], *rest)
                for path in (os.path.join(base, '__init__.py'), base + '.py'):
                    if os.path.exists(path):
                        return importlib.util.spec_from_file_location(name, path)
        return None


sys.path[:] = [os.getcwd()] + [entry for entry in sys.path
                               if os.path.abspath(entry or '.') != ROOT and 'script' not in entry]
sys.meta_path.append(Finder)
sys.argv[:] = ['carryall', '--version']
runpy.run_module('carryall', run_name='__main__', alter_sys=True)
'''


@pytest.mark.skipif(PY2, reason='2.7 takes no folder without __init__.py for a package')
@pytest.mark.limit(LIMIT)
def test_beside_a_checkout_of_that_name(tmpdir):
    """A folder named carryall in the current one, a checkout, is not taken for the package of an
    editable installation."""
    os.symlink(ROOT, str(tmpdir.join('carryall')))
    script = tmpdir.join('script.py')
    script.write(EDITABLE % ROOT)
    status, output, errors = run(str(script), cwd=tmpdir)
    assert (status, errors) == (0, ''), errors
    assert output.startswith('carryall ')
