# Copyright the carryall authors.  See LICENSE.
"""The manifest of finger."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (CommandEntry, FixtureEntry, FuzzEntry, Manifest, TypeEntry,
                                    UsageEntry)

MANIFEST = Manifest(
    name='finger',
    summary='finger, server and client (RFC 1288)',
    face='carryall.protocols.finger',
    port=79,
    types=[TypeEntry('finger', 'carryall.services.finger',
                     'tells of people (RFC 1288), and whois (RFC 3912)')],
    commands=[
        CommandEntry('finger', 'carryall.commands.finger', 'ask about a person: finger USER@HOST',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('finger_server', 'start', 'finger', 'Call it with the words of '
                     '`carryall serve finger`, as --folder FOLDER --port tcp:0; the addresses.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.session_targets', ['finger', 'finger-client'])],
    examples=['finger_client.py', 'finger_server.py'],
    cases=['finger_serve'],
    pages=['finger'],
    paths=['services/finger.py', 'services/fingerusers.py', 'tests/services/test_finger.py',
           'tests/services/test_fingerusers.py', 'tests/protocols/finger'],
)
