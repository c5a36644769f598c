# Copyright the carryall authors.  See LICENSE.
"""What the SMTP server asks: who may send to whom, and what becomes of a message.

Mail for our domains is taken from everybody; mail for others from those alone who have logged in,
or who come from a network that was named (RFC 5321 section 7.7: nobody else's mail is relayed).

Tests:    tests/services/mail/test_policy.py
"""
from __future__ import absolute_import, division, print_function

import logging

from carryall.core.compat import to_bytes
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, completed
from carryall.core.logs import escape, get_logger
from carryall.core.net.networks import within
from carryall.protocols.smtp.mailbox import parse_mailbox
from carryall.protocols.smtp.server import SMTPServer
from carryall.protocols.smtp.session import MailBackend
from carryall.services.mail.mailheaders import (count_received, head_of, received, submitted,
                                                with_header)
from carryall.services.mail.envelope import Addressee, Parcel
from carryall.services.mail.reports import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set, Tuple

__all__ = ['Exchange']

# -- limits ------------------------------------------------------------------
# servers that have seen a message before us; RFC 5321 section 6.3: 100 at the least, ours
MAX_RECEIVED = 50
# characters of our name in the names of files: with them a unique-id has at most 70; ours
MAX_HOST = 30
MAX_ADDRESSEES = 20000      # of one message, after aliases; ours

DENIED = b'554 5.7.1 Relay access denied'
UNKNOWN = b'550 5.1.1 There is no such user here'
NOT_YOURS = b'553 5.7.1 This sender address is not yours'
TOO_MANY = b'451 4.7.1 You have sent too much for now, try again later'
LOOPS = b'554 5.4.6 The message goes in circles'

log = get_logger('mail')


class Exchange(MailBackend):
    """The backend of all SMTP servers of a service.

    Args:     loop: of the service.
              domains: Domains.
              office: an Office.
              portal: for AUTH, or None.
              hostname: our name (bytes).
              networks: Network objects whose hosts may send everywhere.
              anonymous: whether those who have not logged in may send to our domains.
              sender_login: whether those who have may use their own sender addresses alone.
              rate: messages an hour that one account may send, None for no bound.
              handed: domains (bytes) that are not ours, but for which mail is taken and handed
                  over.
              flush: called with a domain (bytes) by ETRN; how many messages were tried.
    """

    def __init__(self, loop, domains, office, portal, hostname, networks=(), anonymous=True,
                 sender_login=True, rate=None,
                 flush=None, handed=()):
        # type: (...) -> None
        self.portal = portal
        self.origin = to_bytes(domains.default) if domains.default else None
        self.live = set()           # type: Set[SMTPServer]
        self._loop = loop
        self._domains = domains
        self._office = office
        self._hostname = hostname
        self._networks = list(networks)
        self._anonymous = anonymous
        self._sender_login = sender_login
        self._rate = rate
        self._sent = {
            }             # type: Dict[str, List[float]]  # account -> [start of its hour, messages]
        self._flush = flush
        self._handed = frozenset(handed)
        self._names = 0
        self._stamp = str(int(loop.wall() * 1000))
        self._host = _host_part(hostname)

    # -- connections -------------------------------------------------------------------------------

    def factory(self, settings):
        # type: (Any) -> Callable[[], SMTPServer]
        """What makes the protocols of a listener with these Settings."""
        def make():
            # type: () -> SMTPServer
            return _Server(self, self._loop, settings)
        return make

    def drain(self):
        # type: () -> None
        """Let go of the clients that are between two messages."""
        for server in list(self.live):
            server.drain()

    def _may_relay(self, session):
        # type: (Any) -> bool
        return session.user is not None or within(session.host(), self._networks)

    # -- the envelope ------------------------------------------------------------------------------

    def mail(self, session, transaction):
        if session.user is None:
            if not self._anonymous and not self._may_relay(session):
                return b'530 5.7.0 Authentication is required'
            return None
        if self._over_rate(session.user):
            return TOO_MANY
        sender = transaction.sender
        if self._sender_login and sender is not None and not self._domains.may_send_as(session.user,
                                                                                       sender):
            log.info('%s: %s may not send as %s', session.address, escape(session.user),
                     escape(sender.wire()))
            return NOT_YOURS
        return None

    def _over_rate(self, user):
        # type: (str) -> bool
        if self._rate is None:
            return False
        now = self._loop.time()
        begun, count = self._sent.get(user, (now, 0))
        if now - begun >= 3600.0:
            begun, count = now, 0
        self._sent[user] = [begun, count + 1]
        return count >= self._rate

    def rcpt(self, session, transaction, recipient):
        mailbox, parameters = recipient.mailbox, recipient.parameters
        notify = b','.join(parameters.notify)
        handed = mailbox.domain.lower() in self._handed
        if handed or not self._domains.is_ours(mailbox.domain):
            if not handed and (session.settings.lmtp or not self._may_relay(session)):
                log.info('%s: no relay to %s', session.address, escape(mailbox.wire()))
                return DENIED
            recipient.note = [Addressee(mailbox.wire(), None, None, notify,
                                        parameters.orcpt or b'')]
            return None
        found = recipient.note = self._domains.resolve(mailbox, notify, parameters.orcpt or b'')
        if found is None:
            return UNKNOWN
        return _too_many(found, transaction) if len(found) > 1 else None

    # -- the message -------------------------------------------------------------------------------

    def message(self, session, transaction):
        wall = self._loop.wall()
        name = self.new_name(wall)
        message = with_header(transaction.message)
        if count_received(head_of(message)) > MAX_RECEIVED:
            return LOOPS
        sender = transaction.sender.wire() if transaction.sender is not None else b''
        if session.user is not None:
            message = submitted(message, sender, self._hostname, name, wall) + message
        message = received(session, transaction, self._hostname, name, wall) + message
        transaction.message = b''           # one copy is enough of what may wait long
        parameters = transaction.parameters
        parcels = []
        for number, (path, addressees) in enumerate(self._by_sender(sender, transaction)):
            parcels.append(Parcel(name if not number else '%s-%d' % (name, number), path,
                                  addressees, message, wall,
                                  parameters.smtputf8, parameters.body == b'BINARYMIME',
                                  parameters.ret or b'',
                                  parameters.envid or b''))
        if log.isEnabledFor(logging.INFO):
            log.info('%s: %s from <%s>%s, %d octets, to %d', session.address, name, escape(sender),
                     ' by ' + escape(session.user) if session.user else '', len(message),
                     len(transaction.recipients))
        reply = b'250 2.0.0 Ok: taken as ' + to_bytes(name)     # type: Any
        if session.settings.lmtp:
            reply = [reply] * len(transaction.recipients)
        return _after_all([self._office.take(parcel, reply) for parcel in parcels])

    def _by_sender(self, sender, transaction):
        # type: (bytes, Any) -> List[Tuple[bytes, List[Addressee]]]
        """The addressees by the sender that they see (a list with an owner has the owner's), each
        mailbox once.

        One mailbox gets one message, under one name, whatever addresses lead to it: that is what
        makes a second delivery after a crash harmless.
        """
        recipients = transaction.recipients
        owners = [self._domains.owner(recipient.mailbox)
                  for recipient in recipients] if sender else [None] * len(recipients)
        if owners == [None]:                # nearly always
            return [(sender, recipients[0].note)]
        groups = {}                 # type: Dict[bytes, Dict[Any, Addressee]]
        for recipient, owner in zip(recipients, owners):
            group = groups.setdefault(owner or sender, {})
            for addressee in recipient.note:
                group.setdefault((addressee.folder,
                                  b'' if addressee.folder is not None else addressee.address),
                                 addressee)
        return [(path, [group[key] for key in sorted(group, key=repr)]) for path,
                group in sorted(groups.items())]

    def new_name(self, wall):
        # type: (float) -> str
        """A name for a parcel: unique over restarts, and the beginning of its file's name in a
        maildir."""
        self._names += 1
        # The number in eight digits, so that names sort as messages came.
        return '%d.%sQ%08d.%s' % (int(wall), self._stamp, self._names, self._host)

    # -- reports -----------------------------------------------------------------------------------

    def tell(self, waiting, message, verdicts):
        # type: (Any, bytes, List[Any]) -> Future
        """Send a report to the sender of a message in the queue; a Future of when it is durable."""
        wall = self._loop.wall()
        name = self.new_name(wall)
        sender = waiting.parcel.sender
        mailbox = parse_mailbox(sender, loose=True)
        if self._domains.is_ours(mailbox.domain):
            addressees = self._domains.resolve(mailbox, b'NEVER')
        else:
            addressees = [Addressee(sender, None, None, b'NEVER')]
        if not addressees:
            log.warning('%s: the report goes nowhere, for there is no %s', waiting.name,
                        escape(sender))
            return completed(None)
        body = report(waiting.parcel, message, verdicts, self._hostname, name, wall)
        return self._office.take(Parcel(name, b'', addressees, body, wall, waiting.parcel.utf8))

    # -- the rest ----------------------------------------------------------------------------------

    def vrfy(self, session, text):
        text = text.strip(b'<>')
        try:
            mailbox = parse_mailbox(text if b'@' in text else text + b'@'
                                    + to_bytes(self._domains.default or u''), loose=True)
        except RemoteProtocolError:
            return b'501 5.1.3 Bad address syntax'
        if not self._domains.is_ours(mailbox.domain):
            return None
        return UNKNOWN if self._domains.resolve(
            mailbox) is None else b'250 2.1.5 <' + mailbox.wire() + b'>'

    def expn(self, session, text):
        domain = to_bytes(self._domains.default or u'')
        targets = self._domains.aliases.get(text, domain)
        if targets is None:
            return None
        lines = [b'2.1.5 <' + (target if b'@' in target else target + b'@' + domain) + b'>'
                 for target in targets]
        return b'\r\n'.join([b'250-' + line for line in lines[:-1]]
                            + [b'250 ' + lines[-1]]) if lines else None

    def etrn(self, session, node):
        if self._flush is None or not self._may_relay(session):
            return None
        count = self._flush(node.lstrip(b'@').lower())
        return b'253 2.0.0 %d pending messages for this node are tried' % count if count else b'251 2.0.0 No messages wait for this node'


class _Server(SMTPServer):
    """A server that its exchange knows while it lives, to let it go in good time."""

    def connection_made(self, transport):
        self.backend.live.add(self)
        SMTPServer.connection_made(self, transport)

    def connection_lost(self, exc):
        self.backend.live.discard(self)
        SMTPServer.connection_lost(self, exc)


def _too_many(found, transaction):
    # type: (List[Addressee], Any) -> Optional[bytes]
    """The refusal of a list whose members are too many, with those that the message has already."""
    if len(found) > MAX_ADDRESSEES:
        return b'554 5.5.3 The message goes to too many'
    count = len(found) + sum(len(recipient.note) for recipient in transaction.recipients)
    return b'452 4.5.3 Too many recipients' if count > MAX_ADDRESSEES else None


def _after_all(futures):
    # type: (List[Future]) -> Future
    """Not ``gather``: where one fails the others are not to be taken back."""
    whole = futures[0]
    for future in futures[1:]:
        whole = whole.then(lambda _, future=future: future)      # type: ignore
    return whole


def _host_part(hostname):
    # type: (bytes) -> str
    """The host's name as it may stand in a file's name."""
    text = hostname.decode('ascii', 'replace')
    return str(''.join(char if char.isalnum() and char < u'\x80' or char in u'.-' else '_'
                       for char in text))[:MAX_HOST]
