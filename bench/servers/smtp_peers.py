# Copyright the carryall authors.  See LICENSE.
"""Peers of the smtp bench: aiosmtpd and Twisted, each with a sink or a maildir; prints its port.

    smtp_peers.py aiosmtpd|twisted sink|FOLDER
"""
import os
import sys


def run_aiosmtpd(where):
    """aiosmtpd's SMTP on an asyncio loop; its own handlers."""
    import asyncio
    from aiosmtpd.handlers import Mailbox, Sink
    from aiosmtpd.smtp import SMTP
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    taker = Sink() if where == 'sink' else Mailbox(where)
    server = loop.run_until_complete(
        loop.create_server(lambda: SMTP(taker, loop=loop), '127.0.0.1', 0, backlog=1024))
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.run_forever()


def run_twisted(where):
    """twisted.mail's ESMTP; a sink, or a maildir as its MaildirMailbox writes it."""
    from twisted.internet import defer, reactor
    from twisted.internet.protocol import ServerFactory
    from twisted.mail import maildir, smtp
    from zope.interface import implementer
    if where != 'sink':
        where = os.fsencode(where)
        if not os.path.isdir(where):
            maildir.initializeMaildir(where)
        box = maildir.MaildirMailbox(where)

    @implementer(smtp.IMessage)
    class Message:
        def __init__(self):
            self.lines = []

        def lineReceived(self, line):
            self.lines.append(line)

        def eomReceived(self):
            if where == 'sink':
                return defer.succeed(None)
            import io
            return box.appendMessage(io.BytesIO(b'\n'.join(self.lines) + b'\n'))

        def connectionLost(self):
            self.lines = None

    @implementer(smtp.IMessageDelivery)
    class Delivery:
        def receivedHeader(self, helo, origin, recipients):
            return b'Received: by bench'

        def validateFrom(self, helo, origin):
            return origin

        def validateTo(self, user):
            return Message

    class Factory(ServerFactory):
        def buildProtocol(self, address):
            protocol = smtp.ESMTP()
            protocol.factory = self
            protocol.delivery = Delivery()
            protocol.portal = None
            return protocol

    port = reactor.listenTCP(0, Factory(), backlog=1024, interface='127.0.0.1')
    print(port.getHost().port, flush=True)
    reactor.run()


if __name__ == '__main__':
    {'aiosmtpd': run_aiosmtpd, 'twisted': run_twisted}[sys.argv[1]](sys.argv[2])
