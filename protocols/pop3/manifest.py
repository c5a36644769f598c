# Copyright the carryall authors.  See LICENSE.
"""The manifest of POP3."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import DONE, FeatureEntry, FuzzEntry, Manifest

MANIFEST = Manifest(
    name='pop3',
    summary='POP3, server and client (RFC 1939, 2449, 2595, 5034)',
    face='carryall.protocols.pop3',
    port=110,
    fuzz=[FuzzEntry('tests.fuzz.pop3_targets', ['pop3', 'pop3-client'])],
    examples=['pop3_client.py', 'pop3_server.py'],
    cases=['pop3', 'pop3_client'],
    pages=['pop3'],
    paths=['tests/protocols/pop3'],
    features=[
        FeatureEntry('POP-01', DONE, 'every command of RFC 1939 and of the extensions in use'),
        FeatureEntry('POP-02', DONE, 'APOP with its own timestamp, and passwords under TLS'),
        FeatureEntry('POP-03', DONE,
                     'deletions hold with QUIT alone, and a mailbox has one session'),
        FeatureEntry('POP-05', DONE, 'a client with all commands, which fetches what is new'),
        FeatureEntry('POP-07', DONE,
                     'fetchmail, mpop, mutt and curl work with ours, ours with Dovecot'),
    ],
)
