#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# A Debian package whose archives Python's tarfile wrote can be looked at, but not installed.
#
# One would guess:  a .deb that `dpkg-deb --info`, `--contents` and `--extract` read without a word
#                   is one that dpkg installs.
# What is:          dpkg refuses it: "unsupported PAX tar header type 'x'".  dpkg-deb hands the
#                   archive to tar(1); dpkg reads it by itself, and knows ustar and GNU headers
#                   alone.  tarfile writes PAX since Python 3.8, and a PAX header for each file that
#                   add() takes from the disk, ASCII names and all: add() keeps the time as a float,
#                   and a float gets a header of its own, also one of a whole second.
# Why it matters:   the checks of a build job pass and the package fails at its first user.
#                   format=tarfile.GNU_FORMAT mends it, and so does an int for TarInfo.mtime.
# Seen with:        dpkg 1.21.22 (Debian 12), tarfile of CPython 3.11.7.  2026-11-30.
set -eu
for program in dpkg dpkg-deb python3; do
    command -v $program > /dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > make.py <<'PYTHON'
import io
import os
import sys
import tarfile

CONTROL = ('Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: A <a@host.example>\n'
           'Description: a thing\n')


def whole(info):
    info.mtime = int(info.mtime)
    return info


def archive(path, name, form, keep):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w:gz', format=form) as tar:
        tar.add(path, name, filter=keep)
    return out.getvalue()


def package(path, form=tarfile.DEFAULT_FORMAT, keep=None):
    members = [('debian-binary', b'2.0\n'),
               ('control.tar.gz', archive('control', './control', form, keep)),
               ('data.tar.gz', archive('tree', '.', form, keep))]
    with open(path, 'wb') as out:
        out.write(b'!<arch>\n')
        for name, data in members:
            head = '%-16s%-12d%-6d%-6d%-8s%-10d`\n' % (name, 0, 0, 0, '100644', len(data))
            out.write(head.encode() + data + b'\n' * (len(data) % 2))


os.makedirs('tree/usr/share/thing')
for path, text in (('tree/usr/share/thing/file', 'hello\n'), ('control', CONTROL)):
    with open(path, 'w') as out:
        out.write(text)
for top, folders, files in os.walk('.'):
    for name in folders + files:
        os.utime(os.path.join(top, name), (86400, 86400))
package('default.deb')
package('whole-seconds.deb', keep=whole)
package('gnu.deb', form=tarfile.GNU_FORMAT)
print('Python %s' % sys.version.split()[0])
PYTHON
python3 make.py
dpkg --version | head -n 1
word() { if "$@" > log 2>&1; then echo yes; else echo no; fi; }
for name in default whole-seconds gnu; do
    info=$(word dpkg-deb --info $name.deb)
    contents=$(word dpkg-deb --contents $name.deb)
    extract=$(word dpkg-deb --extract $name.deb out-$name)
    mkdir -p root-$name/db/info root-$name/db/updates
    : > root-$name/db/status
    unpack=$(word dpkg --force-not-root --force-bad-path --log=/dev/null --root="$PWD/root-$name" \
        --admindir="$PWD/root-$name/db" --unpack $name.deb)
    why=$(grep -o "unsupported PAX tar header type 'x'" log || true)
    seen="info $info, contents $contents, extract $extract, dpkg --unpack $unpack"
    echo "$name: $seen${why:+, $why}"
done | tee seen
cat > expected <<'EXPECTED'
default: info yes, contents yes, extract yes, dpkg --unpack no, unsupported PAX tar header type 'x'
whole-seconds: info yes, contents yes, extract yes, dpkg --unpack yes
gnu: info yes, contents yes, extract yes, dpkg --unpack yes
EXPECTED
cmp seen expected
