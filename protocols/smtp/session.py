# Copyright the carryall authors.  See LICENSE.
"""What an SMTP server knows of a connection and of a message under way, and what it asks of whoever
takes the mail.

    Settings        what the server offers and bounds; one for all connections of a listener
    SMTPSession     one connection: who the client is
    Transaction     one message: sender, recipients, content
    MailBackend     takes the mail: override what you need

Tests:    tests/protocols/smtp/test_server.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError, UsageError
from carryall.core.line.commandserver import UNPRODUCTIVE_SECONDS
from carryall.core.net.transport import peer, tls
from carryall.protocols.smtp.room import Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence

__all__ = ['MailBackend', 'NotTaken', 'Recipient', 'Room', 'SMTPSession', 'Settings', 'Transaction']

# -- limits ------------------------------------------------------------------
# octets of a message; ours (RFC 5321 section 4.5.3.1.7: 64 KiB at the least)
MAX_SIZE = 32 << 20
MAX_RECIPIENTS = 1000       # of one message; RFC 5321 section 4.5.3.1.8: 100 at the least
IDLE_SECONDS = 300.0        # RFC 5321 section 4.5.3.2.7: five minutes
DATA_IDLE_SECONDS = 180.0   # between two blocks of a message; RFC 5321 section 4.5.3.2.5
MESSAGE_SECONDS = 1800.0    # for the whole of a message; ours
# octets a second that a message must bring after ...; Postfix's smtpd_min_data_rate
MESSAGE_RATE = 500
# ... so long: for what has come at that rate it gets more time; ours
MESSAGE_START_SECONDS = 300.0

REJECT, MEND = 'reject', 'mend'


class Settings(object):
    """What a server offers; keywords of the constructor replace the defaults.

    Attributes:
        hostname: our name in greetings (bytes).
        lmtp: speak LMTP (RFC 2033) and not SMTP.
        esmtp: take EHLO; without it the server speaks RFC 821 alone.
        submission: a message submission server (RFC 6409): nobody sends without AUTH.
        tls: a TLSContext for STARTTLS, or None.
        require_tls: MAIL is refused before STARTTLS.
        mechanisms: names of the SASL mechanisms that may be offered (text); None for all that the
            portal allows.
        clear_auth: whether those that show the password may be used without TLS.
        channel_binding: whether SCRAM is offered in its -PLUS form.  peer: mutt 2.2.12 picks that
            and has nothing to bind by.
        lone_ends: 'reject' or 'mend' messages in which a CR or LF stands alone.
        strict_pipelining: refuse whoever talks before the greeting or does not wait where RFC 2920
            says so.
        strict: refuse what RFC 5321 and RFC 4954 do not allow and Postfix takes with its defaults:
            addresses beyond the grammar, blanks in the name of HELO, parameters and AUTH after
            HELO.
        strict_hello: refuse a HELO that names neither a domain nor an address.
        blank_after_colon: take ``MAIL FROM: <a@b>`` as well.
        greet_seconds: how long the greeting is held back, to find out who does not wait for it.
        vrfy: whether VRFY and EXPN tell anything.
        trusted: a function host -> whether it may use XCLIENT and XFORWARD.
        max_size, max_recipients, idle_seconds, data_idle_seconds, message_seconds: see the limits
        of this module.
        message_rate, message_start_seconds: likewise; 0 octets a second for no least rate.
        unproductive_seconds: from the connection, or the last message, to the end of the next; then
            421.
        room: a Room, shared with other listeners.
        guard: a LoginGuard, or None.
        courier: a Courier for the replies, or None: they leave at once.
    """

    def __init__(self, **given):
        # type: (**Any) -> None
        self.hostname = b'localhost'
        self.lmtp = False
        self.esmtp = True
        self.submission = False
        self.tls = None                 # type: Any
        self.require_tls = False
        self.mechanisms = None          # type: Optional[Sequence[str]]
        self.clear_auth = False
        self.channel_binding = False
        self.lone_ends = REJECT
        self.strict_pipelining = True
        self.strict = False
        self.strict_hello = False
        self.blank_after_colon = True
        self.greet_seconds = 0.0
        self.vrfy = False
        self.trusted = lambda host: False
        self.max_size = MAX_SIZE
        self.max_recipients = MAX_RECIPIENTS
        self.idle_seconds = IDLE_SECONDS
        self.data_idle_seconds = DATA_IDLE_SECONDS
        self.message_seconds = MESSAGE_SECONDS
        self.message_rate = MESSAGE_RATE
        self.message_start_seconds = MESSAGE_START_SECONDS
        self.unproductive_seconds = UNPRODUCTIVE_SECONDS
        self.room = None                # type: Any
        self.guard = None               # type: Any
        self.courier = None             # type: Any
        for name, value in given.items():
            if name not in self.__dict__:
                raise TypeError('there is no setting %s' % name)
            self.__dict__[name] = value
        if self.room is None:
            self.room = Room()
        if self.lone_ends not in (REJECT, MEND):
            raise UsageError(u'lone_ends is reject or mend')


class SMTPSession(object):
    """One connection.

    Attributes:
        address: the client's Address, or what a trusted proxy says it is.
        origin: the host that is really connected (text).
        name: its host name, if a proxy told it (bytes), else None.
        hello: what it calls itself (bytes), None before HELO.
        verb: b'HELO', b'EHLO' or b'LHLO'; None before.
        user: the account that has logged in (text), or None.
        settings: the Settings of the listener.
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
        """What TLS agreed on, or None."""
        return tls(self._transport)

    def host(self):
        # type: () -> str
        """The client's address without its port; '' for a Unix socket."""
        return '' if self.address is None or self.address.port is None else self.address.host

    def protocol(self, utf8=False):
        # type: (bool) -> bytes
        """The word for the Received header (RFC 3848, RFC 6531 section 4.3): SMTP, ESMTPSA, LMTP,
        UTF8SMTPS ..."""
        if self.verb == b'HELO' or self.verb is None:
            return b'SMTP'
        name = b'UTF8' * utf8 + (b'LMTP' if self.verb == b'LHLO' else b'SMTP' if utf8 else b'ESMTP')
        return name + b'S' * (self.tls is not None) + b'A' * (self.user is not None)

    def forget(self, transport):
        # type: (Any) -> None
        """TLS has begun: what was said in clear counts no more (RFC 3207 section 4.2)."""
        self.hello = self.verb = self.user = self.login = None
        self.forwarded = {}
        self._transport = transport


class Recipient(object):
    """One recipient of a message: its Mailbox and its RcptParameters; ``note`` is the backend's."""

    __slots__ = ('mailbox', 'parameters', 'note')

    def __init__(self, mailbox, parameters):
        # type: (Any, Any) -> None
        self.mailbox = mailbox
        self.parameters = parameters
        self.note = None            # type: Any


class Transaction(object):
    """One message.

    Attributes:
        sender: a Mailbox, None for the null sender.
        parameters: MailParameters.
        recipients: the Recipients that were taken, in order.
        message: its octets, lines ended by CRLF, when it has come.
    """

    __slots__ = ('sender', 'parameters', 'recipients', 'message')

    def __init__(self, sender, parameters):
        # type: (Any, Any) -> None
        self.sender = sender
        self.parameters = parameters
        self.recipients = []        # type: List[Recipient]
        self.message = b''


class NotTaken(CarryallError):
    """A message that could not be stored: the client keeps it.

    ``reply`` is the line for the client, None for the general one.
    """

    def __init__(self, message, reply=None, cause=None):
        # type: (str, Optional[bytes], Optional[BaseException]) -> None
        CarryallError.__init__(self, message, cause)
        self.reply = reply


class MailBackend(object):
    """Takes the mail.  Each method may give its answer or a Future of it; a reply is a line for the
    peer, as bytes.

    Attributes:
        portal: a Portal for AUTH, or None.
        origin: the domain of addresses that have none; None: our host name.
    """

    portal = None                   # type: Any
    origin = None                   # type: Optional[bytes]

    def connected(self, session):
        # type: (SMTPSession) -> Any
        """A client is there: None to greet it, or the reply that turns it away."""
        return None

    def mail(self, session, transaction):
        # type: (SMTPSession, Transaction) -> Any
        """None to take the sender, or the reply that refuses it."""
        return None

    def rcpt(self, session, transaction, recipient):
        # type: (SMTPSession, Transaction, Recipient) -> Any
        """None to take the recipient, or the reply that refuses it."""
        return b'550 5.1.1 No such user here'

    def message(self, session, transaction):
        # type: (SMTPSession, Transaction) -> Any
        """The message is there: the reply; under LMTP a list with one for each recipient.

        With a reply of 250 it is ours: whatever happens from now on, it must not be lost (RFC 5321
            section 6.1).  Raise
        NotTaken, or fail the Future with it, for a message that cannot be stored.  A Future is not
        cancelled if the client goes meanwhile, for the memory of a message counts until it is done.
        """
        return b'451 4.3.0 Nobody takes the mail here'

    def vrfy(self, session, text):
        # type: (SMTPSession, bytes) -> Any
        """The reply to VRFY; None for "cannot say"."""
        return None

    def expn(self, session, text):
        # type: (SMTPSession, bytes) -> Any
        """The reply to EXPN; None for "there is no such list"."""
        return None

    def etrn(self, session, node):
        # type: (SMTPSession, bytes) -> Any
        """The reply to ETRN (RFC 1985); None for "not for this node"."""
        return None

    def closed(self, session):
        # type: (SMTPSession) -> None
        """The connection is over."""
