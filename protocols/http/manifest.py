# Copyright the carryall authors.  See LICENSE.
"""The manifest of HTTP."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, FixtureEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='http',
    summary='HTTP/1.1, server and client (RFC 9110, 9111, 9112)',
    face='carryall.protocols.http',
    port=80,
    commands=[
        CommandEntry('get', 'carryall.commands.get', 'fetch a URL',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fixtures=[
        FixtureEntry('http_server', 'http', '',
                     'Call it with app= or path=; the URL, without a slash at its end.'),
        FixtureEntry('https_server', 'https', '',
                     'As http_server, over TLS; carryall_ca is the file to trust.'),
    ],
    cases=['get', 'https_get', 'https_scan'],
    paths=['tests/commands/test_get.py', 'tests/protocols/http'],
)
