#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What the making of a second Jython interpreter does to the first.
#
# One would guess:  new PythonInterpreter(dict, state) makes an object; the code that makes it goes
#                   on in its own PySystemState until the new interpreter is told to run something.
# What is:          the constructor makes the new state that of the calling thread, and leaves it
#                   so.  From the next line on, imports of the caller look into the new state's path
#                   and modules: a module that it has loaded is loaded once more, and one whose
#                   folder only its own sys.path names is not found.  The caller's own "sys" still
#                   shows the old lists, so nothing looks changed.
# Why it matters:   servers that give each site an interpreter make them while they serve; the fault
#                   then shows in whatever that thread imports next, far from the cause.
#                   The cure: keep Py.getSystemState() before, and Py.setSystemState() it behind.
# Seen with:        Debian's jython 2.7.3+repack1-1, OpenJDK 17.0.15.  2026-12-01.
# Needs:            jython.
set -eu
command -v jython > /dev/null || { echo 'install the Debian package jython first' >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir own
echo 'print("own.py is loaded")' > own/mine.py
cat > try.py <<'PYTHON'
from __future__ import print_function

import sys

from org.python.core import Py, PyStringMap, PySystemState
from org.python.util import PythonInterpreter

sys.path.insert(0, 'own')
import mine

before = Py.getSystemState()
other = PythonInterpreter(PyStringMap(), PySystemState())
kept = Py.getSystemState() is before
try:
    del mine
    import mine
    found = True
except ImportError:
    found = False
shown = 'own' in sys.path and 'mine' in sys.modules
Py.setSystemState(before)
import mine

print(sys.version.split('\n')[0])
print('the thread keeps its state: %s; a loaded module is found: %s; sys still shows it: %s; '
      'found with the state put back: True' % (kept, found, shown))
sys.exit(kept or found or not shown)
PYTHON
unset PYTHONPATH JYTHONPATH || :
jython try.py
