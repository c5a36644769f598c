# Copyright the carryall authors.  See LICENSE.
"""Tests of BSD sockets are not collected on a JVM, and the other way round."""
from __future__ import absolute_import, division, print_function

from tests.support import interpreter

if interpreter.JYTHON:
    collect_ignore = ['test_pollers.py', 'test_kqueue.py', 'test_faults.py', 'test_names.py']
    collect_ignore_glob = ['*_py3.py']
else:
    # It takes the place of what tests/conftest.py says.
    collect_ignore_glob = ['test_jython_*.py'] + (['*_py3.py'] if interpreter.PY2 else [])
