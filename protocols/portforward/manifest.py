# Copyright the carryall authors.  See LICENSE.
"""The manifest of port forwarding."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import FixtureEntry, FuzzEntry, Manifest, TypeEntry

MANIFEST = Manifest(
    name='portforward',
    summary='relays of TCP, UDP and TLS ports, with PROXY headers',
    face='carryall.protocols.portforward',
    types=[TypeEntry('portforward', 'carryall.services.portforward',
                     'relays one port to another place')],
    fixtures=[
        FixtureEntry('portforward_server', 'start', 'portforward', 'Call it with the words of '
                     '`carryall serve portforward`, as -p 0 -d PORT; the addresses.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.session_targets', ['portforward'])],
    examples=['portforward.py'],
    cases=['portforward_serve'],
    pages=['portforward'],
    paths=['services/portforward.py', 'services/targets.py', 'tests/protocols/portforward',
           'tests/services/test_portforward.py'],
)
