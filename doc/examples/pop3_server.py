# Copyright the carryall authors.  See LICENSE.
"""A POP3 server on port 8110 with one mailbox in memory.

Log in as anna with the password secret.
"""
from carryall import runtimes
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.protocols.pop3 import MaildropService, MemoryAccount, POP3Server, Settings


class Boxes(Realm):
    """Gives each account the same maildrop."""

    box = MemoryAccount([b'Subject: one\r\n\r\nhello\r\n', b'Subject: two\r\n\r\nhello again\r\n'])

    def avatar(self, name, credentials, mind):
        """The maildrop of an account."""
        return self.box


loop = runtimes.choose()
service = MaildropService(Portal(Boxes(), [MemoryChecker({u'anna': b'secret'})]))
settings = Settings(clear_auth=True, apop=True)     # only this machine connects, so without TLS
loop.listen_tcp(lambda: POP3Server(service, loop, settings), port=8110)
loop.run()
