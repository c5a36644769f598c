# Copyright the carryall authors.  See LICENSE.
"""The manifest of Telnet."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, FixtureEntry, FuzzEntry, Manifest, TypeEntry, UsageEntry

MANIFEST = Manifest(
    name='telnet',
    summary='Telnet, server and client, and a Python console (RFC 854, 855, 1143)',
    face='carryall.protocols.telnet',
    port=23,
    types=[TypeEntry('telnet', 'carryall.services.console.service', 'Python console over Telnet',
                     ['manhole'])],
    commands=[
        CommandEntry('telnet', 'carryall.commands.telnet',
                     'connect a terminal: telnet HOST [PORT]',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('telnet_server', 'start', 'telnet', 'Call it with the words of '
                     '`carryall serve telnet`, as -p 0 -u NAME -w PASSWORD; the addresses.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.session_targets', ['telnet', 'telnet-client', 'console'])],
    examples=['telnet_client.py', 'telnet_server.py'],
    cases=['telnet_client', 'telnet_console'],
    pages=['telnet'],
    binaries=['telnet'],
    paths=['services/console', 'tests/protocols/telnet', 'tests/services/console'],
)
