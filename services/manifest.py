# Copyright the carryall authors.  See LICENSE.
"""The manifest of finger, whois and port forwarding."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, FixtureEntry, FuzzEntry, Manifest, TypeEntry, UsageEntry

MANIFEST = Manifest(
    name='finger',
    summary='finger (RFC 1288), whois (RFC 3912) and port forwarding',
    types=[
        TypeEntry('finger', 'carryall.services.finger',
                  'tells of people (RFC 1288), and whois (RFC 3912)'),
        TypeEntry('portforward', 'carryall.services.portforward',
                  'relays one port to another place'),
    ],
    commands=[
        CommandEntry('finger', 'carryall.commands.finger', 'ask about a person: finger USER@HOST',
                     usages=[UsageEntry(trailer='TRAILER')]),
        CommandEntry('whois', 'carryall.commands.whois', 'ask who has a name or a network',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('finger_server', 'start', 'finger', 'Call it with the words of '
                     '`carryall serve finger`, as --folder FOLDER --port tcp:0; the addresses.'),
        FixtureEntry('portforward_server', 'start', 'portforward', 'Call it with the words of '
                     '`carryall serve portforward`, as -p 0 -d PORT; the addresses.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.session_targets', [
        'finger', 'finger-client', 'whois', 'portforward'])],
    examples=['finger_client.py', 'finger_server.py', 'portforward.py'],
    cases=['finger_serve', 'portforward_serve'],
    pages=['finger', 'portforward'],
    paths=['services/finger', 'services/fingerusers.py', 'services/portforward',
           'tests/services/test_finger.py',
           'tests/services/test_fingerusers.py', 'tests/services/test_portforward.py'],
)
