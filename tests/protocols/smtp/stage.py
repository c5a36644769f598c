# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of SMTP: a backend that keeps everything, and servers on it."""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.future import Future
from carryall.core.testing import FakeTransport, VirtualLoop
from carryall.core.tls import Identity, TLSContext
from carryall.protocols.smtp import MailBackend, SMTPServer, Settings


class Kept(MailBackend):
    """Takes mail for every name but ``nobody``, and keeps it."""

    def __init__(self, later=False, accounts=None):
        self.mails = []
        self.later = later
        self.waiting = []
        self.refusal = None
        self.gone = 0
        if accounts is not None:
            self.portal = Portal(Realm(), [MemoryChecker(accounts)])

    def connected(self, session):
        return self.refusal

    def mail(self, session, transaction):
        if transaction.sender is not None and transaction.sender.local == b'spammer':
            return b'550 5.7.1 Not from you'
        return None

    def rcpt(self, session, transaction, recipient):
        if recipient.mailbox.local == b'nobody':
            return b'550 5.1.1 No such user here'
        return None

    def message(self, session, transaction):
        sender = transaction.sender.wire() if transaction.sender is not None else b''
        recipients = [recipient.mailbox.wire() for recipient in transaction.recipients]
        self.mails.append((sender, recipients, transaction.message))
        reply = b'250 2.0.0 Ok: kept'
        if session.settings.lmtp:
            reply = [b'250 2.0.0 Ok' if name != b'full@b.example' else b'452 4.2.2 Full'
                     for name in recipients]
        if not self.later:
            return reply
        future = Future()
        self.waiting.append((future, reply))
        return future

    def closed(self, session):
        self.gone += 1


def server(loop, backend=None, **given):
    """A server with *given* settings; pipelining at will unless said, for the laws of chunking."""
    given.setdefault('hostname', b'mx.example')
    given.setdefault('strict_pipelining', False)
    service = backend or Kept()
    for name in ('guard', 'memory'):
        if name in given:
            setattr(service, name, given.pop(name))
    return SMTPServer(service, loop, Settings(**given))


def serving(backend=None, **given):
    """A factory for ``play`` and ``transcript``."""
    return lambda loop: server(loop, backend, **given)


def connected(backend=None, loop=None, **given):
    """(loop, wire, server) of a connection that was greeted."""
    loop = loop or VirtualLoop()
    made = server(loop, backend, **given)
    wire = FakeTransport(loop).connect(made)
    loop.advance()
    wire.take()
    return loop, wire, made


TLS = TLSContext(Identity('server.pem'))      # NullTLS reads no file
HELLO = b'EHLO client.example\r\n'
ENVELOPE = HELLO + b'MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\n'
