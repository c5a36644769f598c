# Copyright the carryall authors.  See LICENSE.
"""The manifest of the mail service."""
from __future__ import absolute_import, division, print_function

from carryall.core.manifest import (DONE, BinaryEntry, FeatureEntry, FixtureEntry, FuzzEntry,
                                    KindEntry, Manifest, StoreEntry, TypeEntry)

MANIFEST = Manifest(
    name='mail',
    summary='mail for domains: SMTP, maildirs, POP3, relaying and a durable queue',
    needs=['databases', 'dns', 'http', 'pop3', 'smtp', 'testservers'],
    types=[TypeEntry('mail', 'carryall.services.mail.service',
                     'mail: SMTP, maildirs, POP3, and a durable queue',
                     ['lmtp', 'pop3', 'smtp', 'smtpd', 'smtps', 'submission'],
                     words=['-d', 'a.example=x', '--submission', '587', '--lmtp', '24'])],
    stores=[StoreEntry('mail', 'carryall.services.mail.mailstore')],
    fixtures=[
        FixtureEntry('mail_server', 'carryall.testservers.mailserver:MailServer', '',
                     'SMTP and POP3, with one account, and the messages that came.'),
        FixtureEntry('smtp_server', 'carryall.testservers.mailserver:SMTPServer', '',
                     'As mail_server.'),
        FixtureEntry('pop3_server', 'carryall.testservers.mailserver:POP3Server', '',
                     'As mail_server; its host and port are those of POP3.'),
    ],
    kinds=[KindEntry('mail', 'carryall.services.testservers.mailcatcher')],
    fuzz=[FuzzEntry('tests.fuzz.mail_targets', ['mail-grammar'])],
    cases=['mail', 'mail_kill', 'mail_store', 'mail_stuck', 'mutt', 'pipes'],
    binaries=[BinaryEntry('mail', ['--domain', 'a.example=SITE', '--user', 'anna=secret',
                                   '--smtp', 'tcp:0', '--pop3', 'none'])],
    readme=[
        ('`bin/carryall mail -d a.example=boxes -u anna=secret`',
         'mail: SMTP and LMTP in, maildirs, POP3 out, a durable queue to other servers'),
    ],
    moved={
        'carryall.services.mail.headers': 'carryall.services.mail.mailheaders',
        'carryall.services.mail.parcel': 'carryall.services.mail.envelope',
        'carryall.services.mail.relay': 'carryall.services.mail.mailrelay',
    },
    paths=['carryall/testservers/mailserver.py', 'services/testservers/relayrules.py',
           'tests/house/testservers/test_mailserver.py', 'tests/services/mail',
           'tests/services/testservers/test_mailcatcher.py',
           'tests/services/testservers/test_relayrules.py'],
    features=[
        FeatureEntry('POP-04', DONE, 'mailboxes are maildirs, or mbox files'),
        FeatureEntry('SMT-07', DONE,
                     'mail is delivered to maildirs, mbox files, LMTP, pipes and aliases'),
        FeatureEntry('SMT-08', DONE, 'a queue that survives a crash, retries, and reports'),
    ],
)
