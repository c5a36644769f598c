# Copyright the carryall authors.  See LICENSE.
"""The mail server for tests: SMTP keeps each message, POP3 gives them back to the accounts.

A message is for the account that has the name of the recipient, with its domain or without, else
for the first account.

Tests:    tests/services/testservers/test_mailcatcher.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.auth.checkers import MemoryChecker
from carryall.core.auth.portal import Portal, Realm
from carryall.core.compat import native, text_type, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import Future, completed, failed
from carryall.core.line.transparency import normalised
from carryall.protocols import pop3, smtp
from carryall.services.testservers.controlled import ControlledService
from carryall.services.testservers.relayrules import MailRelay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Sequence

__all__ = ['MailCatcher', 'make']

ACCOUNTS = ((u'user', u'secret'),)
ENCRYPTION = (u'', u'starttls', u'implicit')
PROTOCOLS = (u'smtp', u'pop3', u'http')

# What a fault names to act on the end of a message.
MESSAGE = b'MESSAGE'

NEEDS_AUTH = b'530 5.7.0 Authentication required'
UNKNOWN = b'550 5.1.1 No such user here'
STORED = b'250 2.0.0 Ok: message %d'


class MailCatcher(ControlledService):
    """SMTP and POP3 on two ports.

    Options:  protocols: those to serve, the principal first; http shows the messages.
              smtp_port, pop3_port, http_port: of those that are not the principal.
              accounts: pairs of name and password.
              login: a client must log in before MAIL.
              require_tls: MAIL before STARTTLS is refused.
              secure_login: passwords in clear are refused without TLS.
              strict: recipients without an account are refused.
              max_size: octets of a message.
              folder: each message is also written there, as N.eml.
              relay: HOST:PORT of a server that messages are sent on to; ``relay_rules`` and
                  ``relay_to`` as MailRelay has them, ``relay_login`` a pair, ``relay_tls`` its
                  policy.
    """

    known = {'protocols': PROTOCOLS[:2], 'smtp_port': 0, 'pop3_port': 0, 'http_port': 0,
             'accounts': ACCOUNTS,
             'login': False, 'require_tls': False, 'secure_login': False, 'strict': False,
             'max_size': 32 << 20, 'hostname': u'localhost', 'folder': None, 'relay': None,
             'relay_rules': (), 'relay_to': None, 'relay_login': None, 'relay_tls': smtp.MAY}
    by_lines = True
    # A message is kept before the reply to it.
    direct = ControlledService.direct + ('came',)

    def __init__(self, given):
        # type: (Dict[str, Any]) -> None
        self.accounts = []          # type: List[Account]
        self._number = 0
        self._relay = None          # type: Any
        ControlledService.__init__(self, 'mail', given)

    def change(self, given):
        ControlledService.change(self, given)
        values = self.values
        if values['tls'] not in ENCRYPTION:
            raise UsageError(u'"%s" is none of starttls and implicit' % values['tls'])
        protocols = values['protocols']
        if not protocols or not set(protocols) <= set(PROTOCOLS):
            raise UsageError(u'a mail server speaks %s' % u', '.join(PROTOCOLS))
        named = dict((account.name, account) for account in self.accounts)
        self.accounts = []
        for name, password in values['accounts']:
            account = named.get(_text(name)) or Account(_text(name))
            account.password = to_bytes(password)
            self.accounts.append(account)
        if not self.accounts:
            raise UsageError(u'a mail server has one account or more')
        if values['folder'] is not None and not os.path.isdir(values['folder']):
            raise UsageError(u'there is no folder %s' % values['folder'])

    def listeners(self, loop):
        values = self.values
        portal = Portal(_Accounts(self.accounts), [MemoryChecker(
            dict((account.name, account.password) for account in self.accounts))])
        implicit = values['tls'] == u'implicit'
        context = self.context() if values['tls'] == u'starttls' else None
        self._relay = self._relay_of(loop)
        hostname = to_bytes(values['hostname'])
        clear = not values['secure_login']
        sending = smtp.Settings(hostname=hostname, tls=context, clear_auth=clear,
                                submission=bool(values['login']), max_size=values['max_size'],
                                require_tls=bool(values['require_tls']), strict_pipelining=False)
        fetching = pop3.Settings(hostname=hostname, tls=context, clear_auth=clear, apop=True)
        backend = _Backend(self, loop, portal)
        drops = pop3.MaildropService(portal)
        factories = {u'smtp': lambda: smtp.SMTPServer(backend, loop, sending),
                     u'pop3': lambda: pop3.POP3Server(drops, loop, fetching),
                     u'http': None}     # type: Dict[str, Any]
        if u'http' in values['protocols']:
            # Most servers for mail need no HTTP.
            from carryall.protocols.http import Site
            from carryall.services.testservers.mailpages import PAGES, MailPages
            factories[u'http'] = Site(MailPages(self), loop, PAGES)
        return [(native(name), factories[name], implicit) for name in values['protocols']]

    def _relay_of(self, loop):
        # type: (Any) -> Any
        """The MailRelay of the options; None without one."""
        values = self.values
        if values['relay'] is None:
            return None
        login = values['relay_login']
        if login is not None:
            login = (_text(login[0]), to_bytes(login[1]))
        return MailRelay(loop, values['relay'], values['relay_rules'], values['relay_to'], login,
                         native(values['relay_tls']))

    # -- told from outside -----------------------------------------------------------------------

    def calls(self):
        found = ControlledService.calls(self)
        found.update(put=self.put, held=self.held, relay_errors=self.relay_errors)
        return found

    def relay_errors(self):
        # type: () -> List[str]
        """Texts about the messages that could not be sent on."""
        return [] if self._relay is None else list(self._relay.errors)

    def put(self, data, account=None):
        # type: (bytes, Any) -> None
        """Puts a message into a maildrop, that of the first account unless another is named."""
        for each in self.accounts:
            if account is None or each.name == _text(account):
                each.add(normalised(data))
                return
        raise UsageError(u'there is no account %s' % account)

    def held(self, account=None):
        # type: (Any) -> List[bytes]
        """The messages that a maildrop holds, lines ended by CRLF."""
        for each in self.accounts:
            if account is None or each.name == _text(account):
                return list(each.messages)
        raise UsageError(u'there is no account %s' % account)

    def forget(self):
        ControlledService.forget(self)
        for account in self.accounts:
            account.clear()

    # -- for the backend -------------------------------------------------------------------------

    def account_of(self, address):
        # type: (bytes) -> Any
        """The account of a recipient; None if it has none."""
        name = address.decode('utf-8', 'replace')
        local = name.rpartition(u'@')[0]
        for account in self.accounts:
            if account.name in (name, local) or account.name.partition(u'@')[0] == local:
                return account
        return None

    def deliver(self, session, transaction):
        # type: (Any, Any) -> int
        """Keeps a message that came by SMTP; its number."""
        sender = transaction.sender
        recipients = [each.mailbox.wire() for each in transaction.recipients]
        for account in _without_twins([self.account_of(each) or self.accounts[0]
                                       for each in recipients]):
            account.add(bytes(transaction.message))
        self._number += 1
        row = {
            'number': self._number,
            'sender': u'' if sender is None else _text(sender.wire()),
            'recipients': [_text(each) for each in recipients],
            'data': bytes(transaction.message),
            'hello': _text(session.hello or b''),
            'protocol': _text(session.protocol(transaction.parameters.smtputf8)),
            'user': session.user, 'tls': session.tls is not None,
            'client': text_type(session.host())}
        if self.values['folder'] is not None:
            _save(self.values['folder'], row['data'])
        self.keep(row)
        if self._relay is not None:
            self._relay.take(row)
        return self._number


def _text(value):
    # type: (Any) -> str
    return value if isinstance(value, text_type) else value.decode('utf-8', 'replace')


def _save(folder, data):
    # type: (str, bytes) -> None
    """Writes a message into a folder, under the next free number."""
    number = 1
    while os.path.exists(os.path.join(folder, '%d.eml' % number)):
        number += 1
    path = os.path.join(folder, '%d.eml' % number)
    with open(path + '.part', 'wb') as target:
        target.write(data)
    os.rename(path + '.part', path)


def _without_twins(values):
    # type: (Sequence[Any]) -> List[Any]
    found = []                      # type: List[Any]
    for value in values:
        if value not in found:
            found.append(value)
    return found


class _Backend(smtp.MailBackend):
    """Accepts everything, but what the options refuse."""

    def __init__(self, catcher, loop, portal):
        # type: (MailCatcher, Any, Any) -> None
        self.portal = portal
        self._catcher = catcher
        self._loop = loop

    def rcpt(self, session, transaction, recipient):
        catcher = self._catcher
        if catcher.values['strict'] and catcher.account_of(recipient.mailbox.wire()) is None:
            return UNKNOWN
        return None

    def message(self, session, transaction):
        faults = self._catcher.faults
        fault = faults.take(MESSAGE)
        if fault is None:
            return STORED % self._catcher.deliver(session, transaction)
        connection = faults.present
        if fault.ends_at_once():
            connection.output.end(fault)
            return Future()
        if fault.reply is not None:
            connection.output.arm(fault)
            return fault.reply.rstrip(b'\r\n')
        connection.output.arm(fault)
        return STORED % self._catcher.deliver(session, transaction)


class _Accounts(Realm):
    """Gives each name its account."""

    def __init__(self, accounts):
        # type: (Sequence[Account]) -> None
        self._accounts = dict((account.name, account) for account in accounts)

    def avatar(self, name, credentials, mind):
        return self._accounts[name]


class Account(pop3.Account):
    """An account and its maildrop, each message with a unique-id of its own.

    Attributes:
        name, password: text and bytes.
        messages: bytes, lines ended by CRLF.
        uids: as many.
        locked: true while a session has it.
    """

    def __init__(self, name):
        # type: (str) -> None
        self.name = name
        self.password = b''
        self.messages = []          # type: List[bytes]
        self.uids = []              # type: List[bytes]
        self.locked = False
        self._number = 0

    def add(self, message):
        # type: (bytes) -> None
        """One more message."""
        self._number += 1
        self.messages.append(message)
        self.uids.append(b'%d' % self._number)

    def clear(self):
        # type: () -> None
        """Drops all messages."""
        del self.messages[:]
        del self.uids[:]

    def remove(self, uids):
        # type: (Sequence[bytes]) -> None
        """Drops some."""
        rows = [row for row in zip(self.messages, self.uids) if row[1] not in uids]
        self.messages = [row[0] for row in rows]
        self.uids = [row[1] for row in rows]

    def open_maildrop(self, loop):
        if self.locked:
            return failed(pop3.Busy(u'another session has the maildrop'))
        self.locked = True
        return completed(_Maildrop(self))


class _Maildrop(pop3.Maildrop):
    """An account's messages as they are when it is opened."""

    def __init__(self, account):
        # type: (Account) -> None
        self._account = account
        self._messages = list(account.messages)
        self.sizes = [len(message) for message in self._messages]
        self.uids = list(account.uids)

    def read(self, number):
        return _Pieces(self._messages[number])

    def commit(self, numbers):
        self._account.remove([self.uids[number] for number in numbers])
        return completed(None)

    def close(self):
        self._account.locked = False


class _Pieces(pop3.Pieces):
    """A message in memory, piece by piece."""

    def __init__(self, message):
        # type: (bytes) -> None
        self._message = message
        self._at = 0

    def next(self):
        piece = self._message[self._at:self._at + pop3.PIECE]
        self._at += pop3.PIECE
        return completed(piece)

    def close(self):
        self._message = b''


def make(given):
    # type: (Dict[str, Any]) -> MailCatcher
    """A stopped server with these options."""
    return MailCatcher(dict((native(name), value) for name, value in given.items()))
