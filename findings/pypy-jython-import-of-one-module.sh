#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Whose __import__ an import statement calls.
#
# One would guess:  that of the module's own __builtins__, as the reference of the import statement
#                   and CPython have it: a dict with another __import__ there changes the imports of
#                   one module alone.
# What is:          PyPy and Jython leave that dict unread, for imports and for any other name such
#                   as len, and use the module builtins (__builtin__), which all modules share.
# Why it matters:   loaders of plug-ins, sandboxes of templates and servers that give each site its
#                   own modules put a dict there.  On PyPy and Jython their imports go to the shared
#                   modules, without any error: what one site keeps in a module, the next one sees.
#                   The cure on PyPy: one function in builtins that looks into the globals it is
#                   given; on Jython: a PySystemState for each site.
# Seen with:        CPython 3.11.7, Debian's PyPy 7.3.11 (3.9.16), jython 2.7.3.  2026-12-01.
# Needs:            python3, pypy3, jython.
set -eu
for program in python3 pypy3 jython; do
    command -v "$program" > /dev/null || { echo "install $program first" >&2; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > try.py <<'PYTHON'
import platform


def of_the_module(*_args, **_named):
    return 'the module'


space = {'__builtins__': {'__import__': of_the_module, 'len': of_the_module}}
try:
    exec('import json as found', space)
except ImportError:
    space['found'] = 'the process, which failed'
imported = space['found'] if isinstance(space['found'], str) else 'the process'
try:
    exec('found = len([])', space)
except NameError:
    space['found'] = 'none'
length = space['found'] if isinstance(space['found'], str) else 'the process'
print('%-8s %-8s import: %-14s len: %s' % (platform.python_implementation(),
                                           platform.python_version(), imported, length))
PYTHON
unset PYTHONPATH JYTHONPATH || :
for program in python3 pypy3 jython; do
    "$program" try.py
done | tee seen
grep -q '^CPython .*import: the module' seen
grep -q '^PyPy .*import: the process' seen
grep -q '^Jython .*import: the process' seen
