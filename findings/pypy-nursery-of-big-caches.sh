#!/bin/sh
# One would guess that the young generation of PyPy has a fixed size, some 4 MB, so that a server
# that makes and drops small objects stays about as small as on CPython.
# PyPy reads "cache size" in /proc/cpuinfo at its start and takes half of it, without an upper
# bound.  On processors of servers that field tells the whole last-level cache, which many cores
# share: 32 to 500 MB today.  Each process then fills so much memory with dead objects before its
# first collection, and eight workers do it eight times, in a container with a limit too.
# It matters to whoever measures the memory of a server on PyPy, or sets a limit for it: the same
# program and version take 10 MB on one machine and 250 MB on the next.
# What helps: PYPY_GC_NURSERY=4M in the environment, before the start; there is no call for it.
# Seen with: PyPy 7.3.11 (Python 3.9.16, Debian 12).
# Date: 2026-12-01
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
pypy3 -c 'import platform, sys; print("PyPy %d.%d.%d" % sys.pypy_version_info[:3])'
cache=$(awk -F: '/^cache size/ {print $2 * 1024; exit}' /proc/cpuinfo)
churn='
import resource
ring = [None] * 64
for number in range(12000000):
    ring[number % 64] = [number, str(number)]
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
'
PYPYLOG="gc-set-nursery-size:$folder/log" pypy3 -c "$churn" > "$folder/large"
nursery=$(awk '/^nursery size/ {size = $3} END {print size}' "$folder/log")
PYPYLOG="gc-set-nursery-size:$folder/log4" PYPY_GC_NURSERY=4M pypy3 -c "$churn" > "$folder/small"
asked=$(awk '/^nursery size/ {size = $3} END {print size}' "$folder/log4")
echo "cache size of the first processor: $cache octets"
echo "young generation, by itself: $nursery octets; most memory $(cat "$folder/large") MB"
echo "young generation, as asked: $asked octets; most memory $(cat "$folder/small") MB"
if [ "$cache" -le 2097152 ]; then
    echo "the caches of this machine are too small to see it"
    exit 1
fi
[ "$nursery" -eq $((cache / 2)) ] && [ "$asked" -eq 4194304 ] ||
    { echo "this has changed"; exit 1; }
