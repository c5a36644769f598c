# Copyright the carryall authors.  See LICENSE.
"""The manifest of finger."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, CommandEntry, FeatureEntry, FixtureEntry, FuzzEntry,
                                    Manifest, TypeEntry, UsageEntry)

MANIFEST = Manifest(
    name='finger',
    summary='finger, server and client (RFC 1288)',
    face='carryall.protocols.finger',
    port=79,
    needs=['testservers', 'whois'],
    types=[TypeEntry('finger', 'carryall.services.finger.service',
                     'information about users (RFC 1288), and whois (RFC 3912)')],
    commands=[
        CommandEntry('finger', 'carryall.commands.finger', 'ask about a person: finger USER@HOST',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('finger_server', 'carryall.testservers.fingerserver:FingerServer', '',
                     'finger for people that finger_server.add(...) makes up.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.finger_targets', ['finger', 'finger-client'])],
    examples=['finger_client.py', 'finger_server.py'],
    cases=['finger_serve'],
    pages=['finger'],
    readme=[
        ('`bin/carryall finger --folder people`, `bin/carryall finger anna@HOST`',
         'information about users, served and asked for: [what is '
         'kept](doc/conformance/finger.md)'),
    ],
    paths=['carryall/testservers/fingerserver.py', 'services/finger',
           'tests/commands/test_fingerclient.py', 'tests/house/testservers/test_fingerserver.py',
           'tests/protocols/finger', 'tests/services/test_finger.py',
           'tests/services/test_fingerpipes.py'],
    features=[
        FeatureEntry('FIN-01', DONE,
                     'the server answers for one person or all, with plans, and may forward'),
        FeatureEntry('FIN-02', DONE, 'a tap for finger'),
        FeatureEntry('FIN-03', DONE, 'a client command whose output is clean, and WebFinger'),
        FeatureEntry('FIN-04', DONE, "Debian's finger, whois and fingerd work with ours"),
    ],
)
