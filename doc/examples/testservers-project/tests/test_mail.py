# Copyright the carryall authors.  See LICENSE.
"""smtplib and poplib against the mail servers."""
import poplib
import smtplib
import ssl
from email.message import EmailMessage

import pytest


def letter():
    """A message with an attachment."""
    message = EmailMessage()
    message['Subject'] = 'Grüße'
    message['From'] = 'ann@here.example'
    message['To'] = 'bob@there.example'
    message.set_content('hello\n')
    message.add_attachment(b'data', 'application', 'pdf', filename='a.pdf')
    return message


def send(server):
    """Sends the letter."""
    with smtplib.SMTP(server.host, server.port, timeout=20) as client:
        client.send_message(letter())


def test_a_message_is_received(smtp_server):
    send(smtp_server)
    message, = smtp_server.wait(1)
    assert message.sender == 'ann@here.example'
    assert message.recipients == ['bob@there.example']
    assert message.subject == 'Grüße'
    assert message.text == 'hello\n'
    assert message.attachments == [('a.pdf', b'data')]


def test_a_recipient_is_refused_twice(smtp_server):
    fault = smtp_server.fail('RCPT', b'451 4.3.0 later', times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(smtp_server)
    send(smtp_server)
    assert fault.hits == 2


def test_a_message_is_too_big(smtp_server):
    smtp_server.fail('message', b'552 5.3.4 too big')
    with pytest.raises(smtplib.SMTPDataError) as told:
        send(smtp_server)
    assert told.value.smtp_code == 552
    assert smtp_server.messages == []


def test_a_reply_is_cut(smtp_server):
    smtp_server.fail('EHLO', cut=True)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_server)


def test_the_server_is_busy(smtp_server):
    smtp_server.fail('connect', b'421 busy')
    with pytest.raises(smtplib.SMTPConnectError):
        send(smtp_server)


def test_a_login_is_demanded(smtp_server):
    smtp_server.restart(login=True)
    with pytest.raises(smtplib.SMTPSenderRefused):
        send(smtp_server)
    with smtplib.SMTP(smtp_server.host, smtp_server.port, timeout=20) as client:
        client.login(*smtp_server.login)
        client.send_message(letter())
    assert smtp_server.wait(1)[0].user == smtp_server.user


def test_starttls_is_verified(smtp_server):
    smtp_server.restart(starttls=True)
    with smtplib.SMTP('localhost', smtp_server.port, timeout=20) as client:
        client.starttls(context=ssl.create_default_context(cafile=smtp_server.ca))
        client.send_message(letter())
    assert smtp_server.wait(1)[0].tls


def test_a_message_is_fetched(pop3_server):
    pop3_server.put(letter())
    client = poplib.POP3(pop3_server.host, pop3_server.port, timeout=20)
    client.user(pop3_server.user)
    client.pass_(pop3_server.password)
    assert b'hello' in client.retr(1)[1]
    client.dele(1)
    client.quit()
    assert pop3_server.held() == []


def test_a_fetch_fails(pop3_server):
    pop3_server.put(b'Subject: x\n\ny\n')
    pop3_server.fail('RETR', b'-ERR gone')
    client = poplib.POP3(pop3_server.host, pop3_server.port, timeout=20)
    client.user(pop3_server.user)
    client.pass_(pop3_server.password)
    with pytest.raises(poplib.error_proto):
        client.retr(1)
    client.close()


def test_what_is_sent_can_be_fetched(mail_server):
    send(mail_server)
    mail_server.wait(1)
    client = poplib.POP3(mail_server.host, mail_server.pop3_port, timeout=20)
    client.user(mail_server.user)
    client.pass_(mail_server.password)
    assert client.stat()[0] == 1
    client.quit()
