# Copyright the carryall authors.  See LICENSE.
"""The manifest of whois."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, FuzzEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='whois',
    summary='whois, server and client (RFC 3912)',
    face='carryall.protocols.whois',
    port=43,
    commands=[
        CommandEntry('whois', 'carryall.commands.whois',
                     'ask for the holder of a name or a network',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fuzz=[FuzzEntry('tests.fuzz.whois_targets', ['whois', 'whois-client'])],
    readme=[
        ('`bin/carryall whois NAME`', 'ask who has a domain or a network'),
    ],
    paths=['tests/commands/test_whoisclient.py', 'tests/protocols/whois'],
)
