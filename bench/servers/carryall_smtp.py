# Copyright the carryall authors.  See LICENSE.
"""Our SMTP server with a sink behind it, for the smtp bench; prints its port."""
from __future__ import absolute_import, division, print_function

import sys

from carryall import runtimes
from carryall.protocols.smtp import MailBackend, SMTPServer, Settings


class Sink(MailBackend):
    """Takes everything, and keeps nothing."""

    def rcpt(self, session, transaction, recipient):
        """Everybody is here."""

    def message(self, session, transaction):
        """Gone."""
        return b'250 2.0.0 Ok'


loop = runtimes.choose()
settings = Settings(hostname=b'bench.example')
sink = Sink()
listener = loop.listen_tcp(lambda: SMTPServer(sink, loop, settings), '127.0.0.1', 0)
print(listener.address.port)
sys.stdout.flush()
loop.add_signal_handler('TERM', loop.stop)
loop.run()
