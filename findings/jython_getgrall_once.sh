#!/bin/sh
# One would guess that grp.getgrall() gives all groups each time it is called, as it does on CPython
# and PyPy. On Jython the first call of a process gives them all and every later one gives an empty
# list: it goes through getgrent(3) to the end and never begins anew. setgrent() of jnr-posix, which
# Jython brings along, mends it. It matters to whoever looks up the groups of a user to give up
# rights: the second look finds no group at all, without an error.
# Seen with: Jython 2.7.3 (Debian 12, OpenJDK 17).
# Date: 2026-11-30
set -eu
code='
import grp, sys
from jnr.posix import POSIXFactory
first, second = len(grp.getgrall()), len(grp.getgrall())
POSIXFactory.getPOSIX().setgrent()
third = len(grp.getgrall())
print("Jython %s: first call %d groups, second %d, after setgrent %d"
      % (sys.version.split()[0], first, second, third))
sys.exit(0 if first > 0 and second == 0 and third == first else 1)
'
jython -c "$code" || { echo "this has changed"; exit 1; }
