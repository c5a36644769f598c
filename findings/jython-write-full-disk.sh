#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# On Jython, os.write to a full disk says that the descriptor is bad.
#
# One would guess:  os.write raises OSError with ENOSPC, as os.write does everywhere else; a server
#                   tells "no room, try again" from a bug in itself by that number.
# What is:          it raises OSError with EBADF, "Bad file descriptor". The descriptor is good: on
#                   a full file system the same one can be truncated and written to again. A file
#                   object over it has the true text, and no number (errno is None).
# Why it matters:   a retry loop that reopens on EBADF turns a full disk into a busy loop, and code
#                   that treats EBADF as a bug of its own gives up; a test for errno.ENOSPC never
#                   holds on Jython, with os.write or with files.
# Seen with:        Debian's jython 2.7.3+repack1-1, OpenJDK 17; /dev/full of Linux stands for the
#                   full disk. 2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v jython > /dev/null || { echo 'install the Debian package jython first' >&2; exit 2; }
cat > try.py <<'PYTHON'
import errno
import io
import os
import platform

print 'jython', platform.python_version()
handle = os.open('/dev/full', os.O_WRONLY)
try:
    os.write(handle, 'x')
except OSError as exc:
    print 'os.write says', errno.errorcode[exc.errno]
try:
    io.open(handle, 'wb', 0, closefd=False).write('x')
except IOError as exc:
    print 'io over the same descriptor says', exc, 'errno', exc.errno
os.close(handle)
PYTHON
jython try.py > seen
python3 - >> seen <<'PYTHON'
import errno
import os
handle = os.open('/dev/full', os.O_WRONLY)
try:
    os.write(handle, b'x')
except OSError as exc:
    print('CPython says', errno.errorcode[exc.errno])
PYTHON
cat seen
sed 1d seen > rest
cat > expected <<'EXPECTED'
os.write says EBADF
io over the same descriptor says No space left on device errno None
CPython says ENOSPC
EXPECTED
cmp rest expected
