# Copyright the carryall authors.  See LICENSE.
"""The manifest of the conversation on IRC."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='irctalk',
    summary='a conversation on IRC in a terminal, with direct connections',
    needs=['irc'],
    commands=[CommandEntry('irc', 'carryall.commands.ircclient', 'talk on IRC: irc HOST [#CHANNEL]',
                           usages=(UsageEntry(trailer='TRAILER'),))],
    readme=[("`bin/carryall irc HOST '#CHANNEL'`",
             'a conversation on IRC, on the whole screen or in lines; files and chats by DCC')],
    paths=['commands/ircclient.py', 'tests/apps/irctalk', 'tests/commands/test_ircclient.py'],
)
