# Copyright the carryall authors.  See LICENSE.
"""The suite's own additions to pytest; see ``tests/support``."""
from __future__ import absolute_import, division, print_function

from tests.support import interpreter

# A module comes before those that import it, for pytest to rewrite its assertions.
pytest_plugins = ['tests.support.attributes', 'tests.support.quick', 'tests.support.backends',
                  'tests.support.identifiers', 'tests.support.limits', 'tests.support.logwatch',
                  'tests.support.results']

if interpreter.PY2:
    collect_ignore_glob = ['*_py3.py']
