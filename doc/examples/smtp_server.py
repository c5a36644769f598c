# Copyright the carryall authors.  See LICENSE.
"""An SMTP server on port 8025 that prints the mail it takes; try it with: carryall sendmail -s
127.0.0.1:8025 a@b.example"""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.smtp.server import SMTPServer
from carryall.protocols.smtp.session import MailBackend, Settings


class Printer(MailBackend):
    """Each method answers None for "yes", or with the reply that says no; or with a Future of
    either."""

    def rcpt(self, session, transaction, recipient):
        """Mail for everybody at b.example."""
        return None if recipient.mailbox.domain == b'b.example' else b'550 5.1.1 There is nobody of that name'

    def message(self, session, transaction):
        """With this 250 the message is ours."""
        print(transaction.sender, [recipient.mailbox for recipient in transaction.recipients])
        print(transaction.message.decode('utf-8', 'replace'))
        return b'250 2.0.0 Printed'


loop = runtimes.choose()
settings = Settings(hostname=b'printer.example')
loop.listen_tcp(lambda: SMTPServer(Printer(), loop, settings), port=8025)
loop.run()
