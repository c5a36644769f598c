# Copyright the carryall authors.  See LICENSE.
"""The manifest of SMTP."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FuzzEntry, Manifest

MANIFEST = Manifest(
    name='smtp',
    summary='SMTP, submission and LMTP, server and client (RFC 5321, 6409, 2033)',
    face='carryall.protocols.smtp',
    port=25,
    fuzz=[FuzzEntry('tests.fuzz.smtp_targets', ['smtp', 'lmtp', 'smtp-client', 'smtp-grammar'])],
    examples=['smtp_client.py', 'smtp_server.py'],
    cases=['smtp', 'smtp_client', 'smtp_devices'],
    pages=['smtp'],
    moved={
        'carryall.protocols.smtp.addresses': 'carryall.protocols.smtp.mailbox',
        'carryall.protocols.smtp.replies': 'carryall.protocols.smtp',
        'carryall.protocols.smtp.room': 'carryall.protocols.smtp.messagememory',
        'carryall.protocols.smtp.sending': 'carryall.protocols.smtp.transfer',
        'carryall.protocols.smtp.unhurried': 'carryall.protocols.smtp.server',
    },
    paths=['bench/servers/carryall_smtp.py', 'tests/protocols/smtp'],
    features=[
        FeatureEntry('SMT-01', DONE, 'every command of RFC 5321 and of the extensions in use'),
        FeatureEntry('SMT-02', DONE, 'each extension that EHLO announces is tested'),
        FeatureEntry('SMT-04', DONE, 'no message can be smuggled into another'),
        FeatureEntry('SMT-05', DONE, 'the client sends clean lines and stuffs dots'),
        FeatureEntry('SMT-06', DONE, 'submission has ports, log-ins and rules of its own'),
        FeatureEntry('SMT-10', DONE, 'trace fields as RFC 5321 and 3848 say'),
        FeatureEntry('SMT-12', DONE,
                     'the client uses what the server offers, and tells of each recipient'),
        FeatureEntry('SMT-14', DONE, 'swaks, msmtp, curl and Postfix work with ours'),
    ],
)
