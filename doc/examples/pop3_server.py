# Copyright the carryall authors.  See LICENSE.
"""A POP3 server on port 8110 with one mailbox in memory; log in as anna with the password
secret."""
from carryall import runtimes
from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.protocols.pop3.maildrop import MemoryAccount
from carryall.protocols.pop3.server import POP3Server, Settings


class Boxes(Realm):
    """Whoever logs in gets the account's maildrop."""

    box = MemoryAccount([b'Subject: one\r\n\r\nhello\r\n', b'Subject: two\r\n\r\nhello again\r\n'])

    def avatar(self, name, credentials, mind):
        """There is one."""
        return self.box


loop = runtimes.choose()
portal = Portal(Boxes(), [MemoryChecker({u'anna': b'secret'})])
settings = Settings(clear_auth=True, apop=True)     # this machine only, so without TLS
loop.listen_tcp(lambda: POP3Server(portal, loop, settings), port=8110)
loop.run()
