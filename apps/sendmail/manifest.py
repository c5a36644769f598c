# Copyright the carryall authors.  See LICENSE.
"""The manifest of `carryall sendmail`."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='sendmail',
    summary='a command that sends a message from stdin',
    needs=['mail', 'smtp'],
    commands=[
        CommandEntry('sendmail', 'carryall.commands.sendmail', 'send a message from stdin',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    readme=[
        ('`bin/carryall sendmail`', 'send a message from stdin'),
    ],
    paths=['tests/commands/test_sendmail.py'],
)
