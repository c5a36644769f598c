# Copyright the carryall authors.  See LICENSE.
"""MailServer, SMTPServer and POP3Server for tests: what is sent to one can be fetched again.

    with MailServer() as mail:
        smtplib.SMTP(mail.host, mail.port).sendmail('a@here', ['b@there'], 'Subject: hi\\n\\nhello')
        message, = mail.wait(1)
        assert message.recipients == ['b@there']
        assert message.subject == 'hi'

Tests:    tests/house/testservers/test_mailserver.py
"""
from __future__ import absolute_import, division, print_function

import smtplib

from carryall.core.compat import native, text_type, to_bytes
from carryall.testservers.server import WAIT_SECONDS, Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['MailServer', 'POP3Server', 'ReceivedMessage', 'SMTPServer']


class ReceivedMessage(object):
    """A message with its envelope.

    Attributes:
        sender: of the envelope; '' for a report.
        recipients: of the envelope, a list.
        data: the message as it came, bytes with CRLF.
        user: the account that was logged in, or None.
        tls: True if it came under TLS.
        hello, protocol, client: the client's own name, such as ESMTPSA, and its address.
    """

    def __init__(self, row):
        # type: (Dict[str, Any]) -> None
        self.sender = row['sender']
        self.recipients = list(row['recipients'])
        self.data = row['data']
        self.user = row['user']
        self.tls = row['tls']
        self.hello = row['hello']
        self.protocol = row['protocol']
        self.client = row['client']
        self._parsed = None         # type: Any

    @property
    def parsed(self):
        # type: () -> Any
        """The email.message.Message."""
        if self._parsed is None:
            self._parsed = _mailparts().parse(self.data)
        return self._parsed

    def __getitem__(self, name):
        """A header field of the message; None if it has none."""
        return self.parsed[name]

    @property
    def subject(self):
        # type: () -> Optional[str]
        """The Subject field."""
        return self.parsed['Subject']

    @property
    def text(self):
        # type: () -> Optional[str]
        """The text of the first part of text/plain; None if there is none."""
        return _mailparts().text_of(self.parsed, 'text/plain')

    @property
    def html(self):
        # type: () -> Optional[str]
        """The text of the first part of text/html; None if there is none."""
        return _mailparts().text_of(self.parsed, 'text/html')

    @property
    def attachments(self):
        # type: () -> List[Tuple[str, bytes]]
        """(name, content) of each part that has a file name."""
        return _mailparts().attachments_of(self.parsed)

    def relay(self, host, port=25):
        # type: (str, int) -> None
        """Sends it on to a server, with its envelope."""
        client = smtplib.SMTP(host, port)
        try:
            client.sendmail(str(self.sender), [str(each) for each in self.recipients], self.data)
        finally:
            client.quit()

    def __repr__(self):
        return '<from %s to %s, %d octets>' % (self.sender, ', '.join(self.recipients),
                                               len(self.data))


class MailServer(Server):
    """SMTP and POP3; ``host``, ``port`` and ``url`` are those of SMTP.

    Options:  tls: TLS from the first octet.
              starttls: STARTTLS and STLS are offered.
              accounts: {name: password}; one is there if nothing is said.
              login: a client must log in before it sends.
              require_tls: a client must use STARTTLS before it sends.
              secure_login: a client must use TLS before it logs in.
              strict: recipients without an account are refused.
              max_size: octets of a message.
              pages: the messages can be looked at, at ``pages_url``; see
                  carryall.services.testservers.mailpages.
              folder: each message is also written there, as a file N.eml.
              relay: HOST:PORT of a real server that messages are sent on to.
              relay_rules: texts such as `deny *` and `allow *@example.org`; the last one that
                  matches a recipient decides.  relay_to: an address that gets all of them instead.
              relay_login: (name, password) at that server.  relay_tls: none, may, must or wrapped.
              smtp_port, pop3_port, http_port: of those that are not principal; the principal one
                  has ``port``.
    """

    kind = 'mail'
    name = 'mail_server'
    scheme = 'smtp'
    protocols = ('smtp', 'pop3')
    options = {'tls': bool, 'starttls': bool, 'accounts': None, 'login': bool,
               'require_tls': bool, 'secure_login': bool, 'strict': bool,
               'max_size': int, 'smtp_port': int, 'pop3_port': int, 'http_port': int, 'pages': bool,
               'hostname': 'text', 'folder': 'path', 'relay': 'text', 'relay_to': 'text',
               'relay_rules': None, 'relay_login': None, 'relay_tls': 'text'}

    def told(self, options):
        found = Server.told(self, options)
        accounts = found.get('accounts')
        if accounts is not None:
            rows = accounts.items() if hasattr(accounts, 'items') else accounts
            found['accounts'] = [[_text(name), _text(password)] for name, password in rows]
        for name in ('relay_rules', 'relay_login'):
            if found.get(name) is not None:
                found[name] = [_text(each) for each in found[name]]
        pages = ('http',) if found.pop('pages', self.values.get('pages')) else ()
        found['protocols'] = [text_type(name) for name in self.protocols + pages]
        return found

    # -- where and who -------------------------------------------------------------------------

    @property
    def smtp_port(self):
        # type: () -> int
        """The port of SMTP."""
        return self.place('smtp')[2]

    @property
    def pop3_port(self):
        # type: () -> int
        """The port of POP3."""
        return self.place('pop3')[2]

    @property
    def pages_url(self):
        # type: () -> str
        """The URL of the page with all messages, if there are ``pages``; without a slash at the
        end."""
        _, host, port = self.place('http')
        scheme = 'https' if self.values.get('tls') else 'http'
        return ('%s://[%s]:%d' if ':' in host else '%s://%s:%d') % (scheme, native(host), port)

    @property
    def accounts(self):
        # type: () -> Dict[str, str]
        """{name: password} of those who may log in."""
        given = self.values.get('accounts')
        if given is None:
            return {'user': 'secret'}
        return dict(given.items() if hasattr(given, 'items') else given)

    @property
    def login(self):
        # type: () -> Tuple[str, str]
        """(name, password) of the first account."""
        given = self.values.get('accounts')
        rows = [('user', 'secret')] if given is None else given
        return tuple(list(rows.items() if hasattr(rows, 'items') else rows)[0])

    @property
    def user(self):
        # type: () -> str
        """The name of the first account."""
        return self.login[0]

    @property
    def password(self):
        # type: () -> str
        """Its password."""
        return self.login[1]

    # -- messages ------------------------------------------------------------------------------

    @property
    def messages(self):
        # type: () -> List[ReceivedMessage]
        """The messages that came by SMTP, in order."""
        return [ReceivedMessage(row) for row in self.ask('came')]

    def wait(self, count=1, timeout=WAIT_SECONDS):
        # type: (int, float) -> List[ReceivedMessage]
        """The messages, once there are *count*; NotArrived if that takes too long."""
        return [ReceivedMessage(row) for row in self.came(count, timeout, 'messages')]

    @property
    def relay_errors(self):
        # type: () -> List[str]
        """Texts about the messages that could not be sent on."""
        return list(self.ask('relay_errors'))

    def put(self, message, account=None):
        # type: (Any, Optional[str]) -> None
        """Puts a message into a maildrop: bytes, text, or an email.message.Message.

        Args:     account: the first one if not given.
        """
        if hasattr(message, 'as_bytes'):
            message = message.as_bytes()
        elif hasattr(message, 'as_string'):                 # py2
            message = message.as_string()
        self.ask('put', data=to_bytes(message), account=_text(account))

    def held(self, account=None):
        # type: (Optional[str]) -> List[bytes]
        """The messages that a maildrop holds now, by SMTP and by ``put``."""
        return list(self.ask('held', account=_text(account)))

    # -- as a function -------------------------------------------------------------------------

    def __call__(self, *words):
        # type: (*Any) -> List[str]
        """The addresses of one more server: ``carryall serve mail`` with these words."""
        from carryall.testservers.anyserver import TypeServer
        return self.another(TypeServer, type='mail', words=words).addresses


class SMTPServer(MailServer):
    """The same; its fixture is smtp_server."""

    name = 'smtp_server'


class POP3Server(MailServer):
    """The same; ``host``, ``port`` and ``url`` are those of POP3."""

    name = 'pop3_server'
    scheme = 'pop3'
    protocols = ('pop3', 'smtp')


def _mailparts():
    # type: () -> Any
    """The module that reads messages; it loads much of the package email."""
    from carryall.services.testservers import mailparts
    return mailparts


def _text(value):
    # type: (Any) -> Any
    if value is None or isinstance(value, text_type):
        return value
    return value.decode('utf-8')
