# Copyright the carryall authors.  See LICENSE.
"""``admin/manifests``: writes the generated files, compares them, removes a protocol."""
import argparse
import os
import sys

from admin.catalogue import features, loading, manifests, removal, tables
from admin.checks import faces
from admin.checks.tree import Tree
from admin.suite import ROOT, Trouble


GENERATED = ('README.md', 'app/databaseschemes.py', 'app/proxyschemes.py',
             'carryall/formermodules.py', 'commands/catalogue.py', 'doc/design.md',
             'doc/features.md', 'runtimes/host/latemodules.py', 'services/web/additions.py',
             'services/web/programkinds.py')


def generated(found=None):
    """Path to text of each generated file.

    Args:     found: the manifests; those of this checkout unless given.
    """
    found = manifests.read() if found is None else found
    return {'README.md': features.readme(found, _read('README.md')),
            'app/databaseschemes.py': loading.database_schemes(found),
            'app/proxyschemes.py': loading.proxy_schemes(found),
            'carryall/formermodules.py': loading.former_modules(found),
            'commands/catalogue.py': tables.catalogue(found),
            'doc/design.md': faces.page(Tree(ROOT)),
            'doc/features.md': features.page(found),
            'runtimes/host/latemodules.py': loading.late(Tree(ROOT), found),
            'services/web/additions.py': loading.additions(found, 'web'),
            'services/web/programkinds.py': loading.program_kinds(found)}


def stale(found=None):
    """(path, text) of each generated file that differs from the manifests."""
    return [row for row in sorted(generated(found).items()) if _read(row[0]) != row[1]]


def main(argv=None):
    """Runs the command; its exit status."""
    parser = argparse.ArgumentParser(prog='admin/manifests', description=(
        'Write what is generated from the manifests: %s.' % ', '.join(GENERATED)))
    parser.add_argument('--check', action='store_true', help='write nothing: name what is stale')
    parser.add_argument('--remove', metavar='NAME', help=(
        'first remove a protocol, service or program from this tree, and what needs it'))
    given = parser.parse_args(argv)
    try:
        found = removal.remove(given.remove) if given.remove else None
        wrong = stale(found)
        for path, text in wrong:
            if given.check:
                print('%s differs from the manifests; admin/manifests writes it' % path)
            else:
                _write(path, text)
                print('wrote %s' % path)
    except Trouble as trouble:
        print('admin/manifests: %s' % trouble, file=sys.stderr)
        return 2
    return 1 if wrong and given.check else 0


def _read(path):
    """The text of a file; empty if it is missing."""
    full = os.path.join(ROOT, *path.split('/'))
    if not os.path.exists(full):
        return ''
    with open(full, encoding='utf-8') as file:
        return file.read()


def _write(path, text):
    with open(os.path.join(ROOT, *path.split('/')), 'w', encoding='utf-8', newline='\n') as file:
        file.write(text)
