# Copyright the carryall authors.  See LICENSE.
"""The state of an SMTP connection and of its mail transaction, and the service behind a server.

    SMTPSession     one connection: the client and what it has said about itself
    Transaction     one mail transaction: sender, recipients, message (RFC 5321 section 3.3)
    MailBackend     the service: a subclass accepts senders, recipients and messages

Tests:    tests/protocols/smtp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.net.transport import peer, tls
from carryall.protocols.smtp.errors import NotTaken
from carryall.protocols.smtp.messagememory import MessageMemory
from carryall.protocols.smtp.settings import Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional

__all__ = ['MailBackend', 'MessageMemory', 'NotTaken', 'Recipient', 'SMTPSession', 'Settings',
           'Transaction']


class SMTPSession(object):
    """One connection.

    Attributes:
        address: the client's Address, or the one that a trusted proxy gives for it.
        origin: the host that is really connected (text).
        name: the client's host name as a proxy gives it (bytes), else None.
        hello: the name that the client gives itself (bytes), None before HELO.
        verb: b'HELO', b'EHLO' or b'LHLO'; None before.
        user: the account that has logged in (text), or None.
        login: the portal's Session of that login, or None.
        settings: the Settings of the listener.
        forwarded: the attributes of XFORWARD, name to value.
    """

    __slots__ = ('address', 'origin', 'name', 'hello', 'verb', 'user', 'login', 'settings',
                 'forwarded', '_transport')

    def __init__(self, transport, settings):
        # type: (Any, Settings) -> None
        self.address = peer(transport)
        self.origin = self.host()
        self.name = None            # type: Optional[bytes]
        self.hello = None           # type: Optional[bytes]
        self.verb = None            # type: Optional[bytes]
        self.user = None            # type: Optional[str]
        self.login = None           # type: Any
        self.settings = settings
        self.forwarded = {}         # type: Dict[bytes, bytes]
        self._transport = transport

    @property
    def tls(self):
        # type: () -> Any
        """The TLSInfo of the connection, or None."""
        return tls(self._transport)

    def host(self):
        # type: () -> str
        """The client's address without its port; '' for a Unix socket."""
        return '' if self.address is None or self.address.port is None else self.address.host

    def protocol(self, utf8=False):
        # type: (bool) -> bytes
        """The protocol of the Received field: SMTP, ESMTPSA, LMTP, UTF8SMTPS ...

        Source:   RFC 3848, RFC 6531 section 4.3
        """
        if self.verb == b'HELO' or self.verb is None:
            return b'SMTP'
        name = b'ESMTP'
        if self.verb == b'LHLO':
            name = b'LMTP'
        elif utf8:
            name = b'SMTP'
        secured = b'S' * (self.tls is not None)
        authenticated = b'A' * (self.user is not None)
        return b'UTF8' * utf8 + name + secured + authenticated

    def forget(self, transport):
        # type: (Any) -> None
        """Drops all that the client told before TLS (RFC 3207 section 4.2)."""
        self.hello = None
        self.verb = None
        self.user = None
        self.login = None
        self.forwarded = {}
        self._transport = transport


class Recipient(object):
    """One recipient of a transaction: its Mailbox and its RcptParameters; ``note`` is the
    service's."""

    __slots__ = ('mailbox', 'parameters', 'note')

    def __init__(self, mailbox, parameters):
        # type: (Any, Any) -> None
        self.mailbox = mailbox
        self.parameters = parameters
        self.note = None            # type: Any


class Transaction(object):
    """One mail transaction.

    Attributes:
        sender: a Mailbox, None for the null sender.
        parameters: MailParameters.
        recipients: the accepted Recipients, in order.
        message: its octets, lines ended by CRLF, once it has come.
    """

    __slots__ = ('sender', 'parameters', 'recipients', 'message')

    def __init__(self, sender, parameters):
        # type: (Any, Any) -> None
        self.sender = sender
        self.parameters = parameters
        self.recipients = []        # type: List[Recipient]
        self.message = b''


class MailBackend(object):
    """The service behind a server.

    Each method returns its answer or a Future of it.  A reply is a line for the client, as bytes.

    Attributes:
        portal: a Portal for AUTH, or None.
        guard: a LoginGuard, or None.
        memory: the MessageMemory of all incoming messages; None: one is made for this service.
        courier: a Courier, which sends the replies of a turn at its end; None: they leave at once.
        origin: the domain of addresses without one (bytes); None: the host name of the settings.
    """

    portal = None                   # type: Any
    guard = None                    # type: Any
    memory = None                   # type: Optional[MessageMemory]
    courier = None                  # type: Any
    origin = None                   # type: Optional[bytes]

    def connected(self, session):
        # type: (SMTPSession) -> Any
        """None to greet the client, or the reply that turns it away."""
        return None

    def mail(self, session, transaction):
        # type: (SMTPSession, Transaction) -> Any
        """None to accept the sender, or the reply that refuses it."""
        return None

    def rcpt(self, session, transaction, recipient):
        # type: (SMTPSession, Transaction, Recipient) -> Any
        """None to accept the recipient, or the reply that refuses it."""
        return b'550 5.1.1 Mailbox unavailable'

    def message(self, session, transaction):
        # type: (SMTPSession, Transaction) -> Any
        """The reply to a message; under LMTP a list with one reply for each recipient.

        With a reply of 250 the service takes responsibility for the message: it must not be lost
        from then on (RFC 5321 section 6.1).  To refuse one that cannot be stored, raise NotTaken or
        fail the Future with it.  The Future is not cancelled if the client leaves, because the
        memory of a message counts until it is done.
        """
        return b'451 4.3.0 Requested action aborted: local error in processing'

    def vrfy(self, session, text):
        # type: (SMTPSession, bytes) -> Any
        """The reply to VRFY; None for 252, "cannot VRFY"."""
        return None

    def expn(self, session, text):
        # type: (SMTPSession, bytes) -> Any
        """The reply to EXPN; None if the list is unknown."""
        return None

    def etrn(self, session, node):
        # type: (SMTPSession, bytes) -> Any
        """The reply to ETRN (RFC 1985); None if no mail is queued for such nodes."""
        return None

    def closed(self, session):
        # type: (SMTPSession) -> None
        """Called when the connection has ended."""
