# Copyright the carryall authors.  See LICENSE.
"""The manifest of the distributed web."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, AdditionEntry, FeatureEntry, Manifest, TypeEntry,
                                    URLEntry)

MANIFEST = Manifest(
    name='distrib',
    summary='personal web servers behind one front end, as in Twisted',
    needs=['http', 'pb', 'web'],
    types=[TypeEntry('distrib', 'carryall.services.distrib.front',
                     'front end before personal web servers anywhere',
                     words=['--mount', 'a=unix:/x'])],
    urls=[URLEntry('distrib', 'http', 'https')],
    additions=[AdditionEntry('web', 'carryall.services.distrib.weboptions')],
    cases=['distrib_cluster', 'distrib_leak', 'distrib_recipe', 'distrib_twisted', 'distrib_users'],
    readme=[
        ('`bin/carryall web --user`, `web --personal`, `bin/carryall distrib`',
         'one web port, many users and machines: [doc/distrib.md](doc/distrib.md)'),
    ],
    moved={
        'carryall.services.distrib.patience': 'carryall.services.distrib.waittime',
        'carryall.services.distrib.wiring': 'carryall.services.distrib.weboptions',
    },
    paths=['acceptance/peers/distrib.py', 'tests/services/distrib'],
    features=[
        FeatureEntry('DIS-01', DONE,
                     "a front end and personal servers are set up by two taps, as Twisted's README "
                     "describes"),
        FeatureEntry('DIS-02', DONE,
                     "both sides speak with Twisted's own front end and personal servers"),
        FeatureEntry('DIS-04', DONE,
                     'request bodies of any size reach a personal server, in pieces'),
        FeatureEntry('DIS-05', DONE,
                     'a connection to a personal server keeps no references of answered requests'),
        FeatureEntry('DIS-06', DONE,
                     'the socket of a personal server is private, and its owner is verified'),
        FeatureEntry('DIS-07', DONE,
                     'personal servers on other machines, by TCP and TLS, with reconnection'),
        FeatureEntry('DIS-08', DONE, 'each personal server has a runtime and a user of its own'),
    ],
)
