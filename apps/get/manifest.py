# Copyright the carryall authors.  See LICENSE.
"""The manifest of `carryall get`."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, CommandEntry, FeatureEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='get',
    summary='a command that fetches a URL',
    needs=['http', 'web'],
    commands=[
        CommandEntry('get', 'carryall.commands.get', 'fetch a URL',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    cases=['get', 'https_get', 'https_scan'],
    readme=[
        ('`bin/carryall get URL`', 'fetch, resume, follow, with a bound on everything'),
    ],
    paths=['tests/commands/test_clienttls.py', 'tests/commands/test_get.py'],
    features=[
        FeatureEntry('HTC-06', DONE, 'carryall get fetches URLs, by HTTPS and through proxies too'),
    ],
)
