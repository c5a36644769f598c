# Copyright the carryall authors.  See LICENSE.
"""The mail server for tests, as an object."""
from __future__ import absolute_import, division, print_function

import email.message
import sys

import pytest

from carryall.testservers import ChildRunner, LocalRunner, MailServer, POP3Server, SMTPServer
from tests.house.testservers.clients import Client, fetched, sent

LETTER = (b'Subject: =?utf-8?q?gr=C3=BCn?=\r\nMIME-Version: 1.0\r\n'
          b'Content-Type: multipart/mixed; boundary=x\r\n\r\n'
          b'--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nh\xc3\xa9\r\n'
          b'--x\r\nContent-Type: text/html\r\n\r\n<p>h</p>\r\n'
          b'--x\r\nContent-Type: application/pdf\r\n'
          b'Content-Disposition: attachment; filename=a.pdf\r\n\r\ndata\r\n--x--\r\n')


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


@pytest.fixture
def mail(runner):
    """A mail server."""
    with MailServer(runner) as made:
        yield made


def test_a_message_has_its_envelope(mail):
    assert sent(mail.address).startswith(b'250 ')
    message, = mail.wait(1)
    assert (message.sender, message.recipients) == (u'a@here', [u'b@there'])
    assert (message.hello, message.protocol, message.user) == (u'me', u'ESMTP', None)
    assert message.client == u'127.0.0.1'
    assert repr(message) == '<from a@here to b@there, 22 octets>'


def test_a_message_is_parsed(mail):
    sent(mail.address, text=LETTER)
    message, = mail.messages
    assert message['Content-Type'].startswith('multipart/mixed')
    assert message.text.strip() == u'h\xe9'
    assert message.html.strip() == u'<p>h</p>'
    assert [(name, data.strip()) for name, data in message.attachments] == [('a.pdf', b'data')]


def test_a_plain_message_has_no_html(mail):
    sent(mail.address)
    assert mail.messages[0].subject == 'hi'
    assert mail.messages[0].html is None


def test_an_account_is_ready(mail):
    assert mail.login == ('user', 'secret') == (mail.user, mail.password)
    assert mail.accounts == {'user': 'secret'}
    with Client((mail.host, mail.pop3_port)) as client:
        client.read()
        client.ask(b'USER user')
        assert client.ask(b'PASS secret').startswith(b'+OK')


def test_accounts_are_chosen(runner):
    with MailServer(runner, accounts=[('ann', 'x'), ('bob', 'y')]) as mail:
        assert mail.login == ('ann', 'x')
        sent(mail.address, b'bob@there')
        assert mail.held('ann') == []
        assert len(mail.held('bob')) == 1


def test_the_fixture_of_pop3_names_that_port(runner):
    with POP3Server(runner) as server:
        assert server.url == 'pop3://127.0.0.1:%d' % server.pop3_port
        server.put(b'Subject: x\n\ny\n')
        assert server.held() == [b'Subject: x\r\n\r\ny\r\n']


def test_a_message_object_is_put(mail):
    message = email.message.Message()
    message['Subject'] = 'put'
    message.set_payload('body\n')
    mail.put(message)
    assert b'Subject: put\r\n' in mail.held()[0]


def test_a_fault_acts_twice(runner):
    with SMTPServer(runner) as mail:
        fault = mail.fail('RCPT', b'451 4.3.0 later', times=2)
        replies = [sent(mail.address)[:3] for _ in range(3)]
        assert replies == [b'451', b'451', b'250']
        assert fault.hits == 2


def test_starttls_is_offered_after_a_restart(mail):
    with Client(mail.address) as client:
        client.read()
        assert b'STARTTLS' not in client.ask(b'EHLO me', br'250 .*\r\n')
    mail.restart(starttls=True)
    with Client(mail.address) as client:
        client.read()
        assert b'STARTTLS' in client.ask(b'EHLO me', br'250 .*\r\n')


def test_a_call_starts_the_mail_service(mail, tmpdir):
    smtp, pop3 = mail('-d', 'a.example=%s' % tmpdir.join('mail'), '--user', 'ann=x')
    host, _, port = smtp.rpartition(':')
    assert sent((host, int(port)), b'ann@a.example').startswith(b'250 ')


def test_mail_is_controlled_from_afar():
    with ChildRunner(sys.executable) as runner:
        with MailServer(runner) as mail:
            mail.fail('RCPT', b'451 4.3.0 later')
            assert sent(mail.address).startswith(b'451 ')
            assert sent(mail.address).startswith(b'250 ')
            assert mail.wait(1)[0].subject == 'hi'


def test_messages_can_be_looked_at(runner):
    with MailServer(runner, pages=True) as mail:
        sent(mail.address)
        assert b'"subject": "hi"' in fetched(mail.pages_url, b'/email')[1]


def test_a_mail_server_has_no_pages_unless_asked(mail):
    with pytest.raises(AttributeError):
        mail.pages_url


def test_a_message_is_sent_on(mail, runner):
    sent(mail.address)
    message, = mail.wait(1)
    with MailServer(runner) as other:
        message.relay(other.host, other.port)
        again, = other.wait(1)
    assert (again.sender, again.recipients, again.subject) == (u'a@here', [u'b@there'], u'hi')


def test_all_messages_are_sent_on_behind_a_login(runner):
    with MailServer(runner, login=True) as real:
        place = '%s:%d' % real.address
        with MailServer(runner, relay=place, relay_login=real.login,
                        relay_rules=['deny *', 'allow *@there']) as mail:
            sent(mail.address)
            again, = real.wait(1)
            assert mail.relay_errors == []
    assert (again.subject, again.user) == (u'hi', u'user')
