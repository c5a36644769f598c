# Copyright the carryall authors.  See LICENSE.
"""The manifest of Telnet."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, AdditionEntry, BinaryEntry, CommandEntry, FeatureEntry,
                                    FixtureEntry, FuzzEntry, Manifest, TypeEntry, UsageEntry)

MANIFEST = Manifest(
    name='telnet',
    summary='Telnet, server and client, and a Python console (RFC 854, 855, 1143)',
    face='carryall.protocols.telnet',
    port=23,
    needs=['testservers'],
    types=[TypeEntry('telnet', 'carryall.services.console.service', 'Python console over Telnet',
                     ['manhole'])],
    additions=[AdditionEntry('web', 'carryall.services.console.webconsole')],
    commands=[
        CommandEntry('telnet', 'carryall.commands.telnet',
                     'connect a terminal: telnet HOST [PORT]',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('telnet_server', 'carryall.testservers.telnetserver:TelnetServer', '',
                     'A Python console over Telnet, with one account.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.telnet_targets', ['telnet', 'telnet-client', 'console'])],
    examples=['telnet_client.py', 'telnet_server.py'],
    cases=['telnet_client', 'telnet_console'],
    pages=['telnet'],
    binaries=[BinaryEntry('telnet', ['--port', 'tcp:0', '--username', 'anna',
                                     '--password', 'secret'])],
    readme=[
        ('`bin/carryall telnet -w secret`, `bin/carryall telnet HOST`',
         'a Python console over Telnet; a terminal at a Telnet server: [what is '
         'kept](doc/conformance/telnet.md)'),
    ],
    moved={
        'carryall.services.console.completion': 'carryall.services.console.namecompletion',
    },
    paths=['carryall/telnetlib.py', 'carryall/testservers/telnetserver.py', 'services/console',
           'tests/commands/test_telnet.py', 'tests/house/test_telnetlib.py',
           'tests/house/testservers/test_telnetserver.py', 'tests/protocols/telnet',
           'tests/services/console'],
    features=[
        FeatureEntry('TEL-01', DONE, 'options are negotiated without loops'),
        FeatureEntry('TEL-02', DONE, 'negotiation is bounded, and delays no log-in'),
        FeatureEntry('TEL-03', DONE, 'the service asks for a name and a password'),
        FeatureEntry('TEL-04', DONE, 'a Python console with history, completion and interruption'),
        FeatureEntry('TEL-05', DONE, 'runs over Telnet, in clear and under TLS'),
        FeatureEntry('TEL-06', DONE, 'a role that may look and change nothing'),
        FeatureEntry('TEL-07', DONE, 'a replacement of telnetlib, and a client command'),
        FeatureEntry('TEL-08', DONE, 'inetutils, busybox and expect work with ours'),
    ],
)
