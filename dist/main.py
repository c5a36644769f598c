# Copyright the carryall authors.  See LICENSE.
"""``admin/freeze``: make the artifacts, list them, measure them."""
import argparse
import hashlib
import os
import sys
import time

from admin.suite import Trouble as SuiteTrouble
from dist import OUT, ROOT, Trouble
from dist.tools import say

# name, module, function, what it makes
RECIPES = (
    ('wheel', 'dist.wheel', 'make', 'the wheel, and the source distribution beside it'),
    ('pypy', 'dist.pypy', 'make', 'carryall.pyz: one file for PyPy, and for CPython'),
    ('jar', 'dist.jar', 'make',
     'carryall.jar and carryall.sh: needs nothing but a Java 17 runtime'),
    ('binary', 'dist.binary', 'make', 'carryall: one file, nothing else needed'),
    ('folder', 'dist.binary', 'make_folder',
     'carryall-folder/: the same unpacked, for a quicker start'),
    ('servers', 'dist.binary', 'make_servers',
     'carryall-web and others: a small file for one type of server'),
    ('image', 'dist.image', 'make', 'carryall-image/: the jar with its own Java runtime'),
    ('deb', 'dist.deb', 'make', 'carryall_VERSION_all.deb, with systemd units'),
)


def main(argv=None):
    """Runs the command; its exit status."""
    lines = '\n'.join('  %-9s %s' % (name, what) for name, _, _, what in RECIPES)
    parser = argparse.ArgumentParser(
        prog='admin/freeze', formatter_class=argparse.RawDescriptionHelpFormatter,
        description='Make the artifacts, into build/artifacts.  Same input, same bytes: every '
                    'file gets the date of the last commit, or SOURCE_DATE_EPOCH.',
        epilog='artifacts (default: all):\n' + lines)
    parser.add_argument('names', nargs='*', metavar='ARTIFACT')
    parser.add_argument('--list', action='store_true',
                        help='show the checksums of what has been made')
    parser.add_argument('--measure', action='store_true',
                        help='make nothing: measure size and start of what has been made')
    parser.add_argument('--rounds', type=int, default=7, metavar='N',
                        help='starts of each, for --measure (default: 7)')
    parser.add_argument('--write', metavar='FILE',
                        help='with --measure: put the table into this page (doc/artifacts.md)')
    parser.add_argument('--ahead', action='store_true',
                        help='make nothing: list again which classes the start of the jar loads '
                             '(dist/java/ahead.txt)')
    given = parser.parse_args(argv)
    known = [name for name, _, _, _ in RECIPES]
    unknown = [name for name in given.names if name not in known + ['source'] * given.measure]
    if unknown:
        parser.error('there is no artifact %s; there are: %s' % (unknown[0], ', '.join(known)))
    try:
        if given.measure:
            from dist.measure import measure
            return measure(given.names, given.rounds, given.write)
        if given.ahead:
            from dist.jar import take_ahead
            say(os.path.relpath(take_ahead(), ROOT))
            return 0
        if not given.list:
            _make([row for row in RECIPES if row[0] in (given.names or known)])
        show()
        return 0
    except (Trouble, SuiteTrouble) as trouble:
        print('admin/freeze: %s' % trouble, file=sys.stderr)
        return 1


def _make(rows):
    for index, (name, module, function, what) in enumerate(rows):
        say('[%d/%d] %s: %s' % (index + 1, len(rows), name, what))
        begin = time.monotonic()
        getattr(__import__(module, None, None, [function]), function)()
        say('      %.1f s' % (time.monotonic() - begin))


def show():
    """The files that are there, with size and checksum."""
    for name in sorted(os.listdir(OUT)) if os.path.isdir(OUT) else ():
        path = os.path.join(OUT, name)
        if os.path.isdir(path):
            print('%10d  %-64s  %s/' % (size_of(path), '', os.path.relpath(path, ROOT)))
        else:
            with open(path, 'rb') as file:
                checksum = hashlib.sha256(file.read()).hexdigest()
            print('%10d  %s  %s' % (os.path.getsize(path), checksum, os.path.relpath(path, ROOT)))


def size_of(path):
    """Octets of a file, or of all files in a folder; what a link leads to is not counted."""
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(os.lstat(os.path.join(folder, name)).st_size
               for folder, _, names in os.walk(path) for name in names)
