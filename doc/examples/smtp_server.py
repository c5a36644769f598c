# Copyright the carryall authors.  See LICENSE.
"""An SMTP server on port 8025 that prints the messages it accepts.

Try it with: carryall sendmail -s 127.0.0.1:8025 a@b.example
"""
from __future__ import print_function

from carryall import runtimes
from carryall.protocols.smtp import MailBackend, SMTPServer, Settings


class Printer(MailBackend):
    """A method returns None to accept, the reply that refuses, or a Future of either."""

    def rcpt(self, session, transaction, recipient):
        """Accepts mail for each address at b.example."""
        return None if recipient.mailbox.domain == b'b.example' else b'550 5.1.1 No such user here'

    def message(self, session, transaction):
        """Takes responsibility for the message by a reply of 250."""
        print(transaction.sender, [recipient.mailbox for recipient in transaction.recipients])
        print(transaction.message.decode('utf-8', 'replace'))
        return b'250 2.0.0 Ok: printed'


loop = runtimes.choose()
settings = Settings(hostname=b'printer.example')
loop.listen_tcp(lambda: SMTPServer(Printer(), loop, settings), port=8025)
loop.run()
