#!/bin/sh
# One would guess that a Python which imported os before chroot(2) can still make random numbers in
# the new root: Linux has getrandom(2), which needs no file, and CPython calls it. PyPy opens
# /dev/urandom at each call of os.urandom(). In a root folder without dev/urandom it raises
# NotImplementedError ("/dev/urandom (or equivalent) not found"), though it worked a moment before.
# It matters to servers that load everything, then change their root: salts, session keys and file
# names fail at the first client. A descriptor of /dev/urandom that was opened before still works.
# Seen with: PyPy 7.3.11 (Python 3.9.16, Debian 12), CPython 3.11. Needs root, to change the root
# folder.
# Date: 2026-11-30
set -eu
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 2; }
root=$(mktemp -d)
trap 'rmdir "$root"' EXIT
code='
import os, sys
os.urandom(1)
kept = open("/dev/urandom", "rb", 0)
os.chroot(sys.argv[1])
try:
    print("os.urandom: %d octets" % len(os.urandom(4)))
except NotImplementedError as exc:
    print("os.urandom: NotImplementedError: %s" % exc)
print("kept descriptor: %d octets" % len(kept.read(4)))
'
for program in pypy3 python3; do
    "$program" --version
    said=$("$program" -c "$code" "$root")
    echo "$said"
    case "$program:$said" in
        pypy3:*NotImplementedError*"kept descriptor: 4"*) ;;
        python3:"os.urandom: 4 octets"*) ;;
        *) echo "this has changed"; exit 1 ;;
    esac
done
