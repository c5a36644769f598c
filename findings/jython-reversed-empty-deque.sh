#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# An empty deque, read backwards.
#
# One would guess:  reversed() of an empty deque gives nothing, as for a list, and as in CPython and
#                   PyPy.
# What is:          Jython 2.7.3 raises IndexError as soon as the first element is asked for; of a
#                   deque with elements it gives them all.
# Why it matters:   chat clients, consoles and logs keep their last lines in a deque and draw them
#                   from the end.  The first drawing, before any line has come, ends the program; in
#                   a server, the connection.  The cure: reversed(list(lines)).
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
from collections import deque

try:
    empty = list(reversed(deque()))
except IndexError:
    empty = 'IndexError'
print('%-8s %-8s empty: %-12s two: %s' % (platform.python_implementation(),
                                          platform.python_version(), empty,
                                          list(reversed(deque([1, 2])))))
PYTHON
unset PYTHONPATH JYTHONPATH || :
for program in python3 pypy3 jython; do
    "$program" try.py
done | tee seen
grep -q '^CPython .*empty: \[\]  .*two: \[2, 1\]' seen
grep -q '^PyPy .*empty: \[\]  .*two: \[2, 1\]' seen
grep -q '^Jython .*empty: IndexError  .*two: \[2, 1\]' seen
