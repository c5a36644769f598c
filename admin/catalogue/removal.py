# Copyright the carryall authors.  See LICENSE.
"""Removes a protocol, service or program from a tree, with all that needs it by the manifests."""
import os

from admin.catalogue import manifests
from admin.catalogue.ownership import SUITE, Ownership
from admin.checks.tree import Tree
from admin.suite import ROOT, Trouble


def remove(name):
    """Removes the files of a manifest and of its dependents.

    Returns:  the manifests that are left, as ``admin.catalogue.manifests.read`` gives them.
    Raises:   Trouble: there is no such manifest, or the suite needs it.
    """
    ownership = Ownership(Tree(ROOT))
    if name not in ownership.entries:
        raise Trouble('no manifest is called %s; there are %s'
                      % (name, ', '.join(sorted(ownership.entries))))
    gone = ownership.dependents(name)
    if SUITE in gone:
        raise Trouble('%s cannot be removed: the suite needs it' % name)
    left = [row for row in manifests.read() if row[1].name not in gone]
    for path in ownership.files(gone):
        os.unlink(os.path.join(ROOT, *path.split('/')))
        print('removed %s' % path)
    for top in sorted({path for each in gone for path in ownership.entries[each].files}):
        _remove_empty(os.path.join(ROOT, *top.split('/')))
    return left


def _remove_empty(top):
    """Removes a folder and those in it, unless there are files; compiled ones do not count."""
    for folder, _, names in os.walk(top, topdown=False):
        if os.path.basename(folder) == '__pycache__' or all(
                name.endswith(('.pyc', '.class')) for name in names):
            for name in names:
                os.unlink(os.path.join(folder, name))
            if not os.listdir(folder):
                os.rmdir(folder)
