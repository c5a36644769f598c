# Copyright the carryall authors.  See LICENSE.
"""The fuzz targets: each protocol's servers, clients and grammars, with seed scripts and words to
insert.

A Target's ``run(script, way)`` plays a script cut in a *way* (``runs.cuts``) and gives what came of
it, or raises Fault.
"""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import manifests
from carryall.commands.catalogue import MANIFESTS

__all__ = ['FAMILIES', 'TARGETS', 'family']

TARGETS = {}
FAMILIES = {}       # name of a manifest -> the names of its targets


def _add(manifest):
    for entry in manifest.fuzz:
        module = __import__(entry.module, None, None, ['ALL'])
        known = dict((target.name, target) for target in module.ALL)
        for name in entry.names:
            TARGETS[name] = known[name]
            FAMILIES.setdefault(manifest.name, []).append(name)


for _manifest in manifests(MANIFESTS):
    _add(_manifest)


def family(name):
    """The targets of a protocol, or the one of that name; KeyError if there is none."""
    return [TARGETS[each] for each in FAMILIES.get(name, [name])]
