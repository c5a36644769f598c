# Copyright the carryall authors.  See LICENSE.
"""``admin/manpages``: write the manual pages, by default into doc/man, and check them."""
import argparse
import os
import shutil
import subprocess
import sys

from admin.manual.page import rendered
from admin.suite import ROOT
from dist.tools import epoch

FOLDER = os.path.join(ROOT, 'doc', 'man')

# What checks a page, if it is installed.
LINTERS = (
    ('mandoc', ['mandoc', '-T', 'lint', '-W', 'warning']),
    ('groff', ['groff', '-m', 'mandoc', '-T', 'utf8', '-ww', '-z']),
)


def main(argv=None):
    """Runs the command; its exit status."""
    parser = argparse.ArgumentParser(prog='admin/manpages', description=__doc__.replace('``', ''))
    parser.add_argument('folder', nargs='?', default=FOLDER,
                        help='where they are written (default: doc/man)')
    parser.add_argument('--check', action='store_true',
                        help='check them with mandoc and groff, where those are installed')
    given = parser.parse_args(argv)
    paths = write(given.folder, epoch())
    print('%d pages in %s' % (len(paths), os.path.relpath(given.folder)))
    faults = [fault for path in paths for fault in lint(path)] if given.check else []
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def write(folder, date):
    """Writes all pages into a folder; their paths."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for name, text in sorted(rendered(date).items()):
        paths.append(os.path.join(folder, name))
        with open(paths[-1], 'w', encoding='ascii', newline='\n') as file:
            file.write(text)
    return paths


def lint(path):
    """The lines that the installed formatters have against a page."""
    found = []
    for program, command in LINTERS:
        if shutil.which(program):
            done = subprocess.run(command + [path], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  check=False, timeout=60)
            found += done.stdout.decode('utf-8', 'replace').splitlines()
            if done.returncode and not found:
                found.append('%s ends with status %d for %s' % (program, done.returncode, path))
    return found
