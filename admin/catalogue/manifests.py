# Copyright the carryall authors.  See LICENSE.
"""The manifests of a checkout: where they are, and what they hold."""
import importlib
import os

from admin.checks.tree import Tree
from admin.suite import ROOT, Trouble
from carryall.core.manifest import Manifest

TOPS = ('apps', 'commands', 'protocols', 'services')
NAME = 'manifest.py'


def modules(root=ROOT):
    """The dotted names of all manifests, sorted."""
    paths = [path for path in Tree(root).everything()
             if path.split('/')[0] in TOPS and os.path.basename(path) == NAME]
    return ['carryall.' + path[:-len('.py')].replace('/', '.') for path in sorted(paths)]


def read():
    """The manifests of this checkout, as (dotted name, Manifest), sorted by the dotted name."""
    found = []
    for module in modules():
        manifest = getattr(importlib.import_module(module), 'MANIFEST', None)
        if not isinstance(manifest, Manifest):
            raise Trouble('%s does not define MANIFEST' % module)
        found.append((module, manifest))
    return found
