# Copyright the carryall authors.  See LICENSE.
"""The rules of the mail service: the senders and recipients that are allowed, and the processing of
messages.

Mail for our domains is accepted from everybody.  Mail for others is accepted from clients that have
logged in, or that connect from a listed network (RFC 5321 section 7.7).

Tests:    tests/services/mail/test_policy.py
"""
from __future__ import absolute_import, division, print_function

import logging

from carryall.core.compat import to_bytes
from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Future, completed
from carryall.core.logs import escape, get_logger
from carryall.core.net.networks import within
from carryall.core.ratelimit import KeyedRateLimit
from carryall.core.activity import TOLD, activity_of, source_of
from carryall.formernames import former_class
from carryall.protocols.smtp import MailBackend, parse_mailbox
from carryall.services.mail.envelope import Addressee, Envelope
from carryall.services.mail.mailheaders import (count_received, head_of, received, submitted,
                                                with_header)
from carryall.services.mail.reports import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Text, Tuple
    from carryall.protocols.smtp import Recipient, SMTPSession, Transaction
    from carryall.services.mail.queue import QueueEntry

__all__ = ['MailPolicy']

# -- limits ------------------------------------------------------------------
# Servers that have seen a message before us; RFC 5321 section 6.3 asks for 100, which lets a
# message that loops go twice as far.
MAX_RECEIVED = 50
MAX_HOST = 30               # characters of our name in names of files; unique-ids stay within 70
MAX_ADDRESSEES = 20000      # of one message, after aliases; default
HOUR = 3600.0               # seconds
MAX_ACCOUNTS = 65536        # whose messages are counted at the same time

DENIED = b'554 5.7.1 Relay access denied'
NEEDS_AUTH = b'530 5.7.0 Authentication required'
UNKNOWN = b'550 5.1.1 No such user here'
NOT_OWNED = b'553 5.7.1 Sender address rejected: not owned by user'
TOO_FAST = b'451 4.7.1 Message rate limit exceeded, try again later'
TOO_MANY_HOPS = b'554 5.4.6 Too many hops'
TOO_MANY = b'452 4.5.3 Too many recipients'
TOO_LONG_LIST = b'554 5.5.3 Too many recipients'

log = get_logger('mail')


class MailPolicy(MailBackend):
    """The backend of all SMTP servers of a service.

    Args:     loop: of the service.
              domains: Domains.
              delivery: a Delivery.
              portal: for AUTH, or None.
              hostname: our name (bytes).
              networks: Network objects whose hosts may send everywhere.
              anonymous: clients that have not logged in may send to our domains.
              sender_login: an account may use its own sender addresses alone.
              rate: messages an hour that one account may send; None: no limit.
              handed: domains (bytes) that are not ours, but whose mail is accepted and handed over.
              flush: called with a domain (bytes) by ETRN; returns how many messages are tried.
    """

    def __init__(self, loop, domains, delivery, portal, hostname, networks=(), anonymous=True,
                 sender_login=True, rate=None, flush=None, handed=()):
        # type: (...) -> None
        self.portal = portal
        self.origin = to_bytes(domains.default) if domains.default else None
        self._loop = loop
        self._domains = domains
        self._delivery = delivery
        self._hostname = hostname
        self._networks = list(networks)
        self._anonymous = anonymous
        self._sender_login = sender_login
        self._rate = None if rate is None else KeyedRateLimit(loop, rate / HOUR, rate,
                                                              MAX_ACCOUNTS)
        self._flush = flush
        self._handed = frozenset(handed)
        self._activity = activity_of(loop)
        self._names = 0
        self._stamp = str(int(loop.wall() * 1000))
        self._host = _host_part(hostname)

    def _may_relay(self, session):
        # type: (SMTPSession) -> bool
        return session.user is not None or within(session.host(), self._networks)

    # -- the transaction -----------------------------------------------------

    def mail(self, session, transaction):
        user = session.user
        if user is None:
            return None if self._anonymous or self._may_relay(session) else NEEDS_AUTH
        if self._rate is not None and not self._rate.take(user):
            return TOO_FAST
        sender = transaction.sender
        if self._sender_login and sender is not None:
            if not self._domains.may_send_as(user, sender):
                log.info('%s: %s may not send as %s', session.address, escape(user),
                         escape(sender.wire()))
                return NOT_OWNED
        return None

    def rcpt(self, session, transaction, recipient):
        mailbox = recipient.mailbox
        notify = b','.join(recipient.parameters.notify)
        orcpt = recipient.parameters.orcpt or b''
        handed = mailbox.domain.lower() in self._handed
        if handed or not self._domains.is_ours(mailbox.domain):
            if not handed and (session.settings.lmtp or not self._may_relay(session)):
                log.info('%s: relay to %s denied', session.address, escape(mailbox.wire()),
                         extra=TOLD)
                self._tell(session, u'RCPT TO:<%s>' % escape(mailbox.wire()), DENIED)
                return DENIED
            recipient.note = [Addressee(mailbox.wire(), None, None, notify, orcpt)]
            return None
        found = self._domains.resolve(mailbox, notify, orcpt)
        recipient.note = found
        if found is None:
            self._tell(session, u'RCPT TO:<%s>' % escape(mailbox.wire()), UNKNOWN)
            return UNKNOWN
        return _excess(found, transaction) if len(found) > 1 else None

    # -- the message ---------------------------------------------------------

    def message(self, session, transaction):
        wall = self._loop.wall()
        name = self.new_name(wall)
        message = with_header(transaction.message)
        if count_received(head_of(message)) > MAX_RECEIVED:
            return TOO_MANY_HOPS
        sender = transaction.sender.wire() if transaction.sender is not None else b''
        if session.user is not None:
            message = submitted(message, sender, self._hostname, name, wall) + message
        message = received(session, transaction, self._hostname, name, wall) + message
        transaction.message = b''           # one copy is enough of a message that may wait long
        if log.isEnabledFor(logging.INFO):
            log.info('%s: %s from <%s>%s, %d octets, to %d', session.address, name, escape(sender),
                     ' by ' + escape(session.user) if session.user else '', len(message),
                     len(transaction.recipients), extra=TOLD)
        reply = b'250 2.0.0 Ok: queued as ' + to_bytes(name)        # type: Any
        if session.settings.lmtp:
            reply = [reply] * len(transaction.recipients)
        envelopes = self._envelopes(name, sender, transaction, message, wall)
        stored = _all_of([self._delivery.accept(envelope, reply) for envelope in envelopes])
        if self._activity is not None:
            count = len(transaction.recipients)
            what = u'message from <%s> to %s' % (escape(sender), u'%d recipients' % count
                                                 if count != 1 else u'<%s>' % escape(
                                                     transaction.recipients[0].mailbox.wire()))
            self._tell_when(stored, session, what, len(message))
        return stored

    def _tell_when(self, stored, session, what, octets):
        # type: (Future, SMTPSession, Text, int) -> None
        """Tells of a message once it is stored, or is not."""
        began = self._loop.time()

        def told(done):
            # type: (Future) -> None
            if done.exception() is not None:
                self._tell(session, what, u'failed', octets)
                return
            answer = done.result()
            first = answer[0] if isinstance(answer, list) else answer
            self._tell(session, what, first, octets, self._loop.time() - began)

        stored.add_done_callback(told)

    def _tell(self, session, what, reply, octets=None, seconds=None):
        # type: (SMTPSession, Text, Any, Optional[int], Optional[float]) -> None
        """Tells the Activity, if there is one; a reply that begins with 2 is good."""
        if self._activity is None:
            return
        source = source_of(session.address, session.user)
        text = escape(reply)
        self._activity.record(u'lmtp' if session.settings.lmtp else u'smtp', source, what, text,
                              octets, seconds, text.startswith(u'2'))

    def _envelopes(self, name, sender, transaction, message, wall):
        # type: (str, bytes, Transaction, bytes, float) -> List[Envelope]
        """An envelope for each sender that addressees see."""
        parameters = transaction.parameters
        envelopes = []
        for number, (path, addressees) in enumerate(self._by_sender(sender, transaction)):
            envelopes.append(Envelope(
                '%s-%d' % (name, number) if number else name, path, addressees, message, wall,
                parameters.smtputf8, parameters.body == b'BINARYMIME', parameters.ret or b'',
                parameters.envid or b''))
        return envelopes

    def _by_sender(self, sender, transaction):
        # type: (bytes, Transaction) -> List[Tuple[bytes, List[Addressee]]]
        """The addressees by the sender that they see: a list with an owner has the owner's.

        Each mailbox is there once: it gets one message, under one name, whatever addresses lead to
        it.  That makes a second delivery after a crash harmless.
        """
        recipients = transaction.recipients
        owners = [None] * len(recipients)           # type: List[Optional[bytes]]
        if sender:
            owners = [self._domains.owner(recipient.mailbox) for recipient in recipients]
        if owners == [None]:                        # nearly always
            return [(sender, recipients[0].note)]
        groups = {}                                 # type: Dict[bytes, Dict[Any, Addressee]]
        for recipient, owner in zip(recipients, owners):
            group = groups.setdefault(owner or sender, {})
            for addressee in recipient.note:
                address = addressee.address if addressee.folder is None else b''
                group.setdefault((addressee.folder, address), addressee)
        return [(path, [group[key] for key in sorted(group, key=repr)])
                for path, group in sorted(groups.items())]

    def new_name(self, wall):
        # type: (float) -> str
        """A name for a message: unique across restarts; file names in maildirs begin with
        it."""
        self._names += 1
        # The number has eight digits, so that names sort in the order of the messages.
        return '%d.%sQ%08d.%s' % (int(wall), self._stamp, self._names, self._host)

    # -- reports -------------------------------------------------------------

    def send_report(self, entry, message, verdicts):
        # type: (QueueEntry, bytes, List[Any]) -> Future
        """Sends a report to the sender of a queued message; a Future of its durability."""
        wall = self._loop.wall()
        name = self.new_name(wall)
        sender = entry.envelope.sender
        mailbox = parse_mailbox(sender, loose=True)
        if self._domains.is_ours(mailbox.domain):
            addressees = self._domains.resolve(mailbox, b'NEVER')
        else:
            addressees = [Addressee(sender, None, None, b'NEVER')]
        if not addressees:
            log.warning('%s: the report is dropped, for there is no mailbox %s', entry.name,
                        escape(sender))
            return completed(None)
        body = report(entry.envelope, message, verdicts, self._hostname, name, wall)
        return self._delivery.accept(Envelope(name, b'', addressees, body, wall,
                                              entry.envelope.utf8))

    # -- other commands ------------------------------------------------------

    def vrfy(self, session, text):
        text = text.strip(b'<>')
        if b'@' not in text:
            text += b'@' + to_bytes(self._domains.default or u'')
        try:
            mailbox = parse_mailbox(text, loose=True)
        except RemoteProtocolError:
            return b'501 5.1.3 Bad address syntax'
        if not self._domains.is_ours(mailbox.domain):
            return None
        if self._domains.resolve(mailbox) is None:
            return UNKNOWN
        return b'250 2.1.5 <' + mailbox.wire() + b'>'

    def expn(self, session, text):
        domain = to_bytes(self._domains.default or u'')
        targets = self._domains.aliases.get(text, domain)
        if not targets:
            return None
        lines = []
        for target in targets:
            address = target if b'@' in target else target + b'@' + domain
            lines.append(b'2.1.5 <' + address + b'>')
        return b'\r\n'.join([b'250-' + line for line in lines[:-1]] + [b'250 ' + lines[-1]])

    def etrn(self, session, node):
        if self._flush is None or not self._may_relay(session):
            return None
        count = self._flush(node.lstrip(b'@').lower())
        if count:
            return b'253 2.0.0 OK, %d pending messages for node started' % count
        return b'251 2.0.0 OK, no messages waiting for node'


def _excess(found, transaction):
    # type: (List[Addressee], Transaction) -> Optional[bytes]
    """The refusal of a list with too many members, counting earlier recipients; else None."""
    if len(found) > MAX_ADDRESSEES:
        return TOO_LONG_LIST
    count = len(found) + sum(len(recipient.note) for recipient in transaction.recipients)
    return TOO_MANY if count > MAX_ADDRESSEES else None


def _all_of(futures):
    # type: (List[Future]) -> Future
    """A Future of the last result; unlike ``gather`` it cancels none if another fails."""
    whole = futures[0]
    for future in futures[1:]:
        whole = whole.then(lambda _, future=future: future)      # type: ignore
    return whole


def _host_part(hostname):
    # type: (bytes) -> str
    """The host's name with characters that names of files may have."""
    text = hostname.decode('ascii', 'replace')
    plain = ''.join(char if char.isalnum() and char < u'\x80' or char in u'.-' else '_'
                    for char in text)
    return str(plain)[:MAX_HOST]


# -- former names ------------------------------------------------------------

Exchange = former_class('carryall.services.mail.policy.Exchange', MailPolicy)
