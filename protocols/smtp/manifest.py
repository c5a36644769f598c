# Copyright the carryall authors.  See LICENSE.
"""The manifest of SMTP."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import CommandEntry, FuzzEntry, Manifest, UsageEntry

MANIFEST = Manifest(
    name='smtp',
    summary='SMTP, submission and LMTP, server and client (RFC 5321, 6409, 2033)',
    face='carryall.protocols.smtp',
    port=25,
    commands=[
        CommandEntry('sendmail', 'carryall.commands.sendmail', 'send a message from stdin',
                     usages=[UsageEntry(trailer='TRAILER')]),
    ],
    fuzz=[FuzzEntry('tests.fuzz.mail_targets', ['smtp', 'lmtp', 'smtp-client', 'smtp-grammar'])],
    examples=['smtp_client.py', 'smtp_server.py'],
    cases=['smtp', 'smtp_client', 'smtp_devices'],
    pages=['smtp'],
    paths=['tests/commands/test_sendmail.py', 'tests/protocols/smtp'],
)
