#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Java, and so Jython, makes of a TZ that POSIX defines.
#
# One would guess:  TZ means the same to each program of a machine: java takes it from the
#                   environment.
# What is:          POSIX counts hours to the west: GMT-3 is three hours *ahead* of Greenwich.  Java
#                   takes GMT-3 for a name of its own, in which it is three hours behind: the clocks
#                   of two programs on one machine are six hours apart.  UTC-3 is no such name, so
#                   Java asks the C library, and is right.  For a zone with a rule for summer time
#                   it takes the winter's offset alone, and stays there all year.
# Why it matters:   GMT+5 and GMT-3 are what scripts and small systems without a zone database set.
#                   Local times in log lines, in a directory listing of FTP or in the Date of mail
#                   are wrong by twice the offset, and no library of Java's warns.
# Seen with:        Debian's jython 2.7.3+repack1-1 on OpenJDK 17.0.15; date of coreutils 9.1.
#                   2026-11-30.
set -eu
for program in jython date; do
    command -v $program > /dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > local.py <<'PYTHON'
import time
for moment in (1704067200, 1720000000):
    print time.strftime('%H:%M', time.localtime(moment)),
PYTHON
jython -c "
import platform
from java.lang import System
print 'jython', platform.python_version(), 'java', System.getProperty('java.version')"
for zone in GMT-3 GMT+5 UTC-3 CET-1CEST,M3.5.0,M10.5.0/3; do
    system=$(for moment in 1704067200 1720000000; do TZ=$zone date -d @$moment +%H:%M; done | xargs)
    java=$(TZ=$zone jython local.py | xargs)
    echo "TZ=$zone: January and July by date $system, by Jython $java"
done | tee seen
cat > expected <<'EXPECTED'
TZ=GMT-3: January and July by date 03:00 12:46, by Jython 21:00 06:46
TZ=GMT+5: January and July by date 19:00 04:46, by Jython 05:00 14:46
TZ=UTC-3: January and July by date 03:00 12:46, by Jython 03:00 12:46
TZ=CET-1CEST,M3.5.0,M10.5.0/3: January and July by date 01:00 11:46, by Jython 01:00 10:46
EXPECTED
cmp seen expected
