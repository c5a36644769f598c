# Copyright the carryall authors.  See LICENSE.
"""The manifest of `carryall fetchmail`."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='fetchmail',
    summary='a command that fetches mail by POP3 into a maildir',
    needs=['mail', 'pop3'],
    commands=[
        CommandEntry('fetchmail', 'carryall.commands.fetchmail',
                     'fetch new mail by POP3 into a maildir',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    readme=[
        ('`bin/carryall fetchmail`', 'fetch new mail by POP3 into a maildir'),
    ],
    paths=['tests/commands/test_fetchmail.py'],
)
