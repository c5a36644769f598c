#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# On Jython `from urllib import quote` makes ten selectors.
#
# One would guess:  to import a module has no effect but time; the functions that put per cent signs
#                   into text need nothing of the system.
# What is:          urllib imports socket, and Jython's socket makes a group of ten event loops of
#                   netty as it is imported. Each has a selector: epoll and an eventfd each on
#                   Linux, twenty descriptors that nothing closes, in a program that never opens a
#                   connection.
# Why it matters:   a server that looks at its own descriptors, or that has few of them, counts
#                   twenty more because a module far below it quotes a path; and the import takes
#                   several times as long. On CPython 2.7 the same import opens none.
# Seen with:        Debian's jython 2.7.3+repack1-1 on OpenJDK 17.0.15, Linux.  2026-11-30.
set -eu
command -v jython > /dev/null || { echo 'install the Debian package jython first' >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > count.py <<'PYTHON'
import os
import platform


def selectors():
    count = 0
    for name in os.listdir('/proc/self/fd'):
        try:
            count += 'eventpoll' in os.readlink('/proc/self/fd/' + name)
        except OSError:
            pass
    return count


from java.lang import System
print 'jython', platform.python_version(), 'java', System.getProperty('java.version')
print 'selectors before:', selectors()
from urllib import quote
print 'quoted:', quote('a b')
print 'selectors after:', selectors()
PYTHON
jython count.py | tee seen
sed 1d seen > rest
cat > expected <<'EXPECTED'
selectors before: 0
quoted: a%20b
selectors after: 10
EXPECTED
cmp rest expected
