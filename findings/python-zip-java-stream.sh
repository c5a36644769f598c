#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Zip archives of Python that Java's stream reader cannot read, or finds empty without a word.
#
# One would guess:  what Java's ZipFile, Python and unzip read, Java's ZipInputStream reads as well:
#                   it is the same package of the same JDK.
# What is:          ZipInputStream goes by the headers in front of the members alone.  zipfile,
#                   writing to what cannot seek (a pipe, a socket, a response), puts the lengths
#                   behind a member; stored, which is its default, that is a ZipException, deflated
#                   it is read.  A zipapp with its interpreter's line (-p) has no member at all to
#                   it: the end comes at once, and no exception.  JarInputStream and `jar t` of
#                   stdin read so.
# Why it matters:   an archive that a Python server streams with zipfile's defaults is broken for
#                   Java clients that do not save it to a file first; a .pyz is an empty archive to
#                   them.
# Seen with:        zipfile and zipapp of CPython 3.11.7; OpenJDK 17.0.15 by Debian's jython
#                   2.7.3+repack1-1.  2026-11-30.
set -eu
for program in jython python3; do
    command -v $program > /dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > make.py <<'PYTHON'
import io
import os
import sys
import zipapp
import zipfile


class Pipe(io.RawIOBase):
    """Takes octets, and cannot seek."""

    def __init__(self, path):
        self._out = open(path, 'wb')

    def writable(self):
        return True

    def write(self, data):
        return self._out.write(bytes(data))

    def close(self):
        self._out.close()
        super().close()


for name, method in (('stored', zipfile.ZIP_STORED), ('deflated', zipfile.ZIP_DEFLATED)):
    with Pipe(name + '-pipe.zip') as out, zipfile.ZipFile(out, 'w', method) as archive:
        archive.writestr('one.txt', b'hello')
    with zipfile.ZipFile(name + '-file.zip', 'w', method) as archive:
        archive.writestr('one.txt', b'hello')
os.mkdir('tree')
with open('tree/__main__.py', 'w') as out:
    out.write('print("hello")\n')
zipapp.create_archive('tree', 'line.pyz', interpreter='/usr/bin/env python3')
zipapp.create_archive('tree', 'plain.pyz')
print('Python ' + sys.version.split()[0])
PYTHON
cat > read.py <<'PYTHON'
import sys
import zipfile
from java.io import FileInputStream
from java.lang import System
from java.util.zip import ZipException, ZipFile, ZipInputStream

print 'Java', System.getProperty('java.version')
for name in sys.argv[1:]:
    stream, members = ZipInputStream(FileInputStream(name)), 0
    try:
        while stream.getNextEntry() is not None:
            members += 1
        streamed = '%d by stream' % members
    except ZipException as exc:
        streamed = exc.getMessage()
    print '%-18s %d by zipfile, %d by ZipFile, %s' % (
        name, len(zipfile.ZipFile(name).namelist()), ZipFile(name).size(), streamed)
PYTHON
python3 make.py
jython read.py stored-file.zip stored-pipe.zip deflated-file.zip deflated-pipe.zip plain.pyz \
    line.pyz > seen
cat seen
sed 1d seen > rest
cat > expected <<'EXPECTED'
stored-file.zip    1 by zipfile, 1 by ZipFile, 1 by stream
stored-pipe.zip    1 by zipfile, 1 by ZipFile, only DEFLATED entries can have EXT descriptor
deflated-file.zip  1 by zipfile, 1 by ZipFile, 1 by stream
deflated-pipe.zip  1 by zipfile, 1 by ZipFile, 1 by stream
plain.pyz          1 by zipfile, 1 by ZipFile, 1 by stream
line.pyz           1 by zipfile, 1 by ZipFile, 0 by stream
EXPECTED
cmp rest expected
