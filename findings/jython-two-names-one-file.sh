#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Jython does with a file name that is not ASCII where no locale is set.
#
# One would guess:  octets go to the system as they are, as on CPython 2.7; or, with Java in between
#                   and its "Malformed input or input contains unmappable characters", an error.
# What is:          in the C locale open() writes `?` for each letter that ASCII lacks.  Two names
#                   that differ in such a letter are one file: the second open() for writing empties
#                   the first's, and reading the first gives the second's content, all without an
#                   error. The arguments of subprocess turn into `?` as well.  os.mkdir, os.stat,
#                   os.rename and os.remove, which take another way through Java, raise EINVAL for
#                   the same names, and os.path.exists is false of the file just written.
# Why it matters:   a container has no LANG unless somebody gives it one: a server for uploads that
#                   was right in its author's shell loses files there.  Java's -Dfile.encoding does
#                   not help, for names go by the locale; LC_ALL=C.UTF-8 does.
# Seen with:        Debian's jython 2.7.3+repack1-1, OpenJDK 17.0.15; CPython 3.11.7 for comparison.
#                   2026-11-30.
set -eu
command -v jython > /dev/null || { echo 'install the Debian package jython first' >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > try.py <<'PYTHON'
import errno
import os
import platform
import subprocess
from java.lang import System

print 'jython', platform.python_version(), 'java', System.getProperty('java.version')
ACUTE, GRAVE = 'caf\xc3\xa9', 'caf\xc3\xa8'
os.mkdir('folder')
for name in (ACUTE, GRAVE):
    with open('folder/' + name, 'wb') as out:
        out.write('I am ' + name)
print 'files', ' '.join(sorted(os.listdir('folder'))).encode('string-escape')
with open('folder/' + ACUTE, 'rb') as got:
    print 'in the first', got.read().encode('string-escape')
print 'exists', os.path.exists('folder/' + ACUTE)
try:
    os.stat('folder/' + ACUTE)
    print 'stat finds it'
except OSError as exc:
    print 'stat says', errno.errorcode[exc.errno]
print 'printf prints', subprocess.check_output(['printf', '%s', ACUTE]).encode('string-escape')
PYTHON
for locale in C C.UTF-8; do
    echo "LC_ALL=$locale"
    LC_ALL=$locale jython -Dfile.encoding=UTF-8 try.py
    rm -rf folder
done > seen
cat seen
grep -v ^jython seen > rest
cat > expected <<'EXPECTED'
LC_ALL=C
files caf?
in the first I am caf\xc3\xa8
exists False
stat says EINVAL
printf prints caf?
LC_ALL=C.UTF-8
files caf\xc3\xa8 caf\xc3\xa9
in the first I am caf\xc3\xa9
exists True
stat finds it
printf prints caf\xc3\xa9
EXPECTED
cmp rest expected
