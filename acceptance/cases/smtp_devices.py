# Copyright the carryall authors.  See LICENSE.
"""carryall mail: a camera, cron in a container (msmtp), a VERP sender and swaks are taken as
Postfix takes them, and refused with --strict."""
import base64

from acceptance.cases.smtp import converse, mails
from acceptance.servers import ports

PROVES = ['SMT-01', 'SMT-14']
NEEDS = ['msmtp', 'swaks']
PACKAGES = {'msmtp': 'msmtp', 'swaks': 'swaks'}

VERP = ('bounce-md_30850198.5f3a1c2e.v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9-'
        'anna.maria.smith=long-name.example@mail.sender.example')
CRON = b'Subject: Cron <root@my_container> backup\n\ndone\n'


def run(stage):
    """A server as it is by default, and a strict one."""
    words = ['-d', 'a.example=boxes', '-u', 'anna=secret', '-u', 'root=secret', '--smtp', '0',
             '--pop3', '0', '--hostname', 'mx.a.example']
    server = stage.start('carryall', 'mail', *words)
    port = ports(server)
    with_camera(stage, port['smtp'])
    with_cron(stage, port['smtp'])
    with_verp(stage, port['smtp'])
    found = mails(stage, port['pop3'], 5)
    for sender in (b'my_camera@192.168.1.64', b'root@a.example', b'root@my_container',
                   VERP.encode(), b'"x..y."@mail_host.example'):
        stage.demand(sum(mail.startswith(b'Return-Path: <' + sender + b'>\r\n')
                         for mail in found) == 1, 'of %r there is not one message: %r', sender,
                     found)
    mails(stage, port['pop3'], 1, 'root')
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-4000:])
    server.stop()
    strict = stage.start('carryall', 'mail', '--strict', *words)
    port = ports(strict)
    cron(stage, port['smtp'], 'root', 'anna@a.example', status=65)
    heard = converse(stage, ('127.0.0.1', port['smtp']), b'HELO IP CAMERA\r\n', b'HELO camera\r\n',
                     b'AUTH LOGIN\r\n', b'QUIT\r\n')
    stage.demand(b'\n501 5.5.4' in heard and b'\n503 5.5.1' in heard, 'a strict server says %r',
                 heard)
    strict.stop()


def with_camera(stage, port):
    """HELO with a blank, AUTH behind it, no brackets, an underscore, a parameter that was not
    offered."""
    heard = converse(stage, ('127.0.0.1', port), b'HELO IP CAMERA\r\n', b'AUTH LOGIN\r\n',
                     base64.b64encode(b'anna') + b'\r\n',
                     base64.b64encode(b'secret') + b'\r\n',
                     b'MAIL FROM: my_camera@192.168.1.64 BODY=8BITMIME\r\n',
                     b'RCPT TO: anna@a.example\r\n')
    codes = [line[:10] for line in heard.split(b'\r\n')]
    stage.demand(codes[-4:] == [b'235 2.7.0 ', b'553 5.7.1 ', b'503 5.5.1 ', b''],
                 'a camera that logged in and is another sender hears %r', heard)
    heard = converse(stage, ('127.0.0.1', port), b'HELO IP CAMERA\r\n',
                     b'MAIL FROM: my_camera@192.168.1.64 BODY=8BITMIME\r\n',
                     b'RCPT TO: anna@a.example\r\n',
                     b'DATA\r\n', b'Subject: Motion\r\n\r\nseen\r\n.\r\n', b'QUIT\r\n')
    stage.demand(b'\n250 2.0.0 Ok: queued as' in heard, 'a camera hears %r', heard)


def with_cron(stage, port):
    """Names without a domain, and the host name of a container."""
    cron(stage, port, 'root', 'anna@a.example')
    cron(stage, port, 'root@my_container', 'anna', 'root')


def cron(stage, port, sender, *recipients, status=0):
    """Mail of cron through msmtp in the place of sendmail."""
    stage.foreign('msmtp', '--host=127.0.0.1', '--port=%d' % port, '--from=' + sender,
                  '--domain=container', *recipients, data=CRON, status=status)


def with_verp(stage, port):
    """A local part of more than 64 octets, and one with dots at the wrong places."""
    for sender in (VERP, 'x..y.@mail_host.example'):
        stage.foreign('swaks', '--server', '127.0.0.1', '--port', port, '--from', sender, '--to',
                      'anna@a.example', '--helo', 'client.example', '--timeout', '60')
