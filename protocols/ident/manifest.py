# Copyright the carryall authors.  See LICENSE.
"""The manifest of ident."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, BinaryEntry, CommandEntry, FeatureEntry, FixtureEntry,
                                    FuzzEntry, Manifest, TypeEntry, UsageEntry)

MANIFEST = Manifest(
    name='ident',
    summary='ident, server and client (RFC 1413)',
    face='carryall.protocols.ident',
    port=113,
    types=[TypeEntry('ident', 'carryall.services.ident.service',
                     'owners of connections of this machine (RFC 1413)')],
    commands=[
        CommandEntry('ident', 'carryall.commands.identclient', 'ask which user owns a connection',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('ident_server', 'carryall.testservers.anyserver:LazyServer', 'ident',
                     'ident on a free port; call it with --user NAME or --hidden.'),
    ],
    fuzz=[FuzzEntry('tests.fuzz.ident_targets', ['ident', 'ident-client', 'ident-grammar'])],
    examples=['ident_client.py', 'ident_server.py'],
    cases=['ident_serve'],
    pages=['ident'],
    binaries=[BinaryEntry('ident', ['--port', 'tcp:0'], request='1, 2\r\n')],
    readme=[('`bin/carryall serve ident`, `bin/carryall ident`',
             'which user owns a connection: [what is kept](doc/conformance/ident.md)')],
    moved={
        'carryall.protocols.simple.ident': 'carryall.protocols.ident',
    },
    paths=['commands/identclient.py', 'services/ident', 'tests/commands/test_identclient.py',
           'tests/protocols/ident', 'tests/services/ident'],
    features=[
        FeatureEntry('IDN-01', DONE, 'a server that knows the owners of connections on Linux'),
        FeatureEntry('IDN-02', DONE, 'a client, and a command for it'),
    ],
)
