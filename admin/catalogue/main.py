# Copyright the carryall authors.  See LICENSE.
"""``admin/manifests``: write what is generated from the manifests, or compare it."""
import argparse
import os
import sys

from admin.catalogue import features, loading, manifests, tables
from admin.checks.tree import Tree
from admin.suite import ROOT, Trouble


GENERATED = ('app/proxyschemes.py', 'carryall/formermodules.py', 'commands/catalogue.py',
             'doc/features.md', 'runtimes/host/latemodules.py', 'services/web/additions.py')


def generated():
    """Path to text of each generated file."""
    found = manifests.read()
    return {'app/proxyschemes.py': loading.proxy_schemes(found),
            'carryall/formermodules.py': loading.former_modules(found),
            'commands/catalogue.py': tables.catalogue(found),
            'doc/features.md': features.page(found),
            'runtimes/host/latemodules.py': loading.late(Tree(ROOT), found),
            'services/web/additions.py': loading.additions(found, 'web')}


def stale():
    """The paths of generated files that differ from the manifests."""
    return [path for path, text in sorted(generated().items()) if _read(path) != text]


def main(argv=None):
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(prog='admin/manifests', description=(
        'Write what is generated from the manifests: %s.' % ', '.join(GENERATED)))
    parser.add_argument('--check', action='store_true', help='write nothing: name what is stale')
    given = parser.parse_args(argv)
    try:
        wrong = stale()
        for path in wrong:
            if given.check:
                print('%s differs from the manifests; admin/manifests writes it' % path)
            else:
                _write(path, generated()[path])
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
