# Copyright the carryall authors.  See LICENSE.
"""The manifest of the distributed web."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import Manifest, TypeEntry

MANIFEST = Manifest(
    name='distrib',
    summary='personal web servers behind one front end, as Twisted spreads them',
    types=[TypeEntry('distrib', 'carryall.services.distrib.front',
                     'front end before personal web servers anywhere',
                     words=['--mount', 'a=unix:/x'])],
    cases=['distrib_cluster', 'distrib_leak', 'distrib_recipe', 'distrib_twisted', 'distrib_users'],
    paths=['acceptance/peers/distrib.py', 'tests/services/distrib'],
)
