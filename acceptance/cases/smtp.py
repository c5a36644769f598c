# Copyright the carryall authors.  See LICENSE.
"""carryall mail: swaks, smtplib, msmtp, curl and Postfix's smtp-source send mail, in clear, after
STARTTLS and under TLS, and no more."""
import poplib
import re
import smtplib
import socket
import ssl
import time

from acceptance.servers import certificate, ports

PROVES = ['SMT-01', 'SMT-02', 'SMT-04', 'SMT-06', 'SMT-10', 'SMT-14', 'X-10']
NEEDS = ['swaks', 'msmtp', 'curl', 'smtp-source', 'openssl']
LONG = True
# swaks does TLS with a library of Perl that it only suggests.
PACKAGES = {'swaks': ('swaks', 'libnet-ssleay-perl'), 'msmtp': 'msmtp', 'smtp-source': 'postfix',
            'openssl': 'openssl', 'curl': 'curl'}


def mails(stage, port, count, user='anna'):
    """All messages of a user, when so many are there; deleted."""
    found = []

    def there():
        client = poplib.POP3('127.0.0.1', port, timeout=60)
        client.apop(user, 'secret')
        number = client.stat()[0]
        if number >= count:
            for each in range(number):
                found.append(b'\r\n'.join(client.retr(each + 1)[1]) + b'\r\n')
                client.dele(each + 1)
        client.quit()
        return number >= count

    stage.until(there, '%d messages of %s' % (count, user))
    stage.demand(len(found) == count, '%d messages are there, and not %d', len(found), count)
    return found


def run(stage):
    """One server, one client after the other."""
    stage.write('users', b'')
    server = stage.start('carryall', 'mail', '-d', 'a.example=maildirs', '-u', 'anna=secret', '-u',
                         'bert=secret', '--smtp', '0', '--pop3', '0',
                         '--submission', '0', '--submissions', '0', '--lmtp', '0', '-c',
                         certificate(stage), '--clear-auth',
                         '--hostname', 'mx.a.example')
    port = ports(server)
    with_swaks(stage, port)
    with_smtplib(stage, port)
    with_others(stage, port)
    with_rudeness(stage, port)
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-4000:])
    server.stop()


def with_swaks(stage, port):
    """A list of scripts, as SMT-14 has it."""
    base = ['swaks', '--server', '127.0.0.1', '--from', 'x@far.example', '--to', 'anna@a.example',
            '--timeout', '60', '--helo', 'client.example']
    login = ['--auth-user', 'anna', '--auth-password', 'secret']
    sent = 0
    for words in (['--port', port['smtp']], ['--port', port['smtp'], '--tls'],
                  ['--port', port['smtp'], '--protocol', 'SMTP'],
                  ['--port', port['smtp'], '--pipeline'],
                  ['--port', port['lmtp'], '--protocol', 'LMTP'],
                  ['--port', port['submission'], '--tls', '--auth', 'PLAIN', '--from',
                   'anna@a.example'] + login,
                  ['--port', port['submissions'], '--tls-on-connect', '--auth', 'LOGIN', '--from',
                   'anna@a.example'] + login,
                  ['--port', port['submission'], '--auth', 'CRAM-MD5', '--from', 'anna@a.example']
                  + login):
        stage.foreign(*(base + words))
        sent += 1
    mails(stage, port['pop3'], sent)
    for words, status in ((['--port', port['smtp'], '--to', 'nobody@a.example'], 24),
                          (['--port', port['smtp'], '--to', 'x@far.example'], 24),
                          (['--port', port['submission']], 23),
                          (['--port', port['smtp'], '--auth', 'PLAIN', '--auth-user', 'anna',
                            '--auth-password', 'x'], 28)):
        stage.foreign(*(base + words), status=status)


def with_smtplib(stage, port):
    """Python's own: large, 8-bit, UTF-8 addresses, a thousand recipients, pieces of BDAT."""
    client = smtplib.SMTP('127.0.0.1', port['smtp'], timeout=120, local_hostname='client.example')
    client.ehlo()
    for name in ('size', '8bitmime', 'pipelining', 'chunking', 'binarymime', 'smtputf8', 'dsn',
                 'enhancedstatuscodes', 'starttls', 'auth', 'help'):
        stage.demand(name in client.esmtp_features, 'EHLO does not name %s', name)
    big = b'Subject: big\r\n\r\n' + b'.' * 70 + b'\r\n' + (b'0123456789abcdef' * 4
                                                           + b'\r\n') * 80000
    client.sendmail('x@far.example', ['anna@a.example'], big)
    eight = 'Subject: eight\r\n\r\ngr\xfc\xdfe\r\n'.encode('utf-8')
    client.sendmail('x@far.example', ['anna@a.example'], eight, mail_options=['BODY=8BITMIME'])
    client.sendmail('x\xfc@far.example', ['anna@a.example'], eight,
                    mail_options=['SMTPUTF8', 'BODY=8BITMIME'])
    refused = client.sendmail('x@far.example',
                              ['anna+%d@a.example' % number for number in range(999)]
                              + ['nobody@a.example'], b'Subject: many\r\n\r\n')
    stage.demand(list(refused) == ['nobody@a.example'], 'of 1000 recipients it refuses %r',
                 list(refused)[:5])
    client.docmd('MAIL', 'FROM:<x@far.example> BODY=BINARYMIME')
    client.docmd('RCPT', 'TO:<anna@a.example>')
    client.send(b'BDAT 6\r\nab\r\n\r\n')
    client.getreply()
    client.send(b'BDAT 8 LAST\r\n\x00\xff\n\r\r\n.\n')
    code, text = client.getreply()
    stage.demand(code == 250, 'BDAT gives %d %s', code, text)
    client.quit()
    # A thousand addresses of one user give one message: they lead to one mailbox.
    found = {}
    for mail in mails(stage, port['pop3'], 5):
        found.setdefault(re.search(rb'^Subject: (\w+)', mail, re.M).group(1) if b'Subject' in mail
                         else b'', []).append(mail)
    stage.demand(found[b'big'][0].endswith(big[16:]), 'the message of 5 MiB has other bytes')
    stage.demand(len(found[b'many']) == 1 and len(found[b'eight']) == 2
                 and all(mail.endswith(eight[15:]) for mail in found[b'eight']),
                 'something else is there')
    stage.demand(b'with UTF8SMTP id' in found[b'eight'][0] + found[b'eight'][1],
                 'the protocol of an SMTPUTF8 message')
    context = ssl.create_default_context(cafile=stage.path('server.pem'))
    secure = smtplib.SMTP_SSL('localhost', port['submissions'], context=context, timeout=60)
    secure.login('anna', 'secret')
    try:
        secure.sendmail('bert@a.example', ['anna@a.example'], b'')
        stage.demand(False, 'anna may send as bert')
    except smtplib.SMTPSenderRefused as exc:
        stage.demand(exc.smtp_code == 553, 'the refusal is %r', exc)
    secure.quit()


def with_others(stage, port):
    """msmtp, curl, smtp-source."""
    message = b'Subject: %s\n\nhello\n.\n..\nend\n'
    stage.foreign('msmtp', '--host=127.0.0.1', '--port=%d' % port['smtp'], '--from=x@far.example',
                  '--domain=client.example', 'anna@a.example', data=message % b'msmtp')
    stage.foreign('msmtp', '--host=localhost', '--port=%d' % port['submission'],
                  '--from=anna@a.example', '--tls=on',
                  '--tls-trust-file=' + stage.path('server.pem'),
                  '--auth=plain', '--user=anna', '--passwordeval=echo secret', 'anna@a.example',
                  data=message % b'msmtptls')
    stage.write('message', (message % b'curl').replace(b'\n', b'\r\n'))
    stage.foreign('curl', '-sS', 'smtp://127.0.0.1:%d/client.example' % port['smtp'], '--mail-from',
                  'x@far.example', '--mail-rcpt', 'anna@a.example', '-T', 'message')
    stage.foreign('curl', '-sS', '--ssl-reqd', '--cacert', 'server.pem', '-u', 'anna:secret',
                  'smtp://localhost:%d/client.example' % port['submission'],
                  '--mail-from', 'anna@a.example', '--mail-rcpt', 'anna@a.example', '-T', 'message')
    stage.foreign('curl', '-sS', '--cacert', 'server.pem', '-u', 'anna:secret',
                  'smtps://localhost:%d/client.example' % port['submissions'],
                  '--mail-from', 'anna@a.example', '--mail-rcpt', 'anna@a.example', '-T', 'message')
    for mail in mails(stage, port['pop3'], 5):
        stage.demand(mail.endswith(b'\r\n\r\nhello\r\n.\r\n..\r\nend\r\n'),
                     'dots or lines were lost: %r', mail)
    stage.foreign('smtp-source', '-s', 10, '-m', 100, '-l', 3000, '-f', 'x@far.example', '-t',
                  'anna@a.example', '127.0.0.1:%d' % port['smtp'])
    stage.foreign('smtp-source', '-d', '-s', 5, '-m', 50, '-f', 'x@far.example', '-t',
                  'bert@a.example', '127.0.0.1:%d' % port['smtp'])
    mails(stage, port['pop3'], 100)
    mails(stage, port['pop3'], 50, 'bert')


def converse(stage, address, *pieces):
    """Sends each piece when the last was answered; all that came."""
    with stage.connect(address) as sock:
        heard = sock.recv(65536)
        for piece in pieces:
            try:
                sock.sendall(piece)
                heard += sock.recv(65536)
            except OSError:
                break
        try:
            sock.shutdown(socket.SHUT_WR)
            while True:
                more = sock.recv(65536)
                if not more:
                    break
                heard += more
        except OSError:
            pass
        return heard


def with_rudeness(stage, port):
    """Clients that smuggle or talk too soon, and data that comes in clear behind STARTTLS."""
    address = ('127.0.0.1', port['smtp'])
    start = (b'EHLO c.example\r\n', b'MAIL FROM:<x@far.example>\r\nRCPT TO:<anna@a.example>\r\n',
             b'DATA\r\n')
    second = (b'MAIL FROM:<evil@far.example>\r\nRCPT TO:<anna@a.example>\r\nDATA\r\nSubject: '
              b'smuggled\r\n\r\n.\r\n')
    for end in (b'\n.\n', b'\n.\r\n', b'\r\n.\n', b'\r.\r', b'\r.\r\n', b'\r\n.\r'):
        heard = converse(stage, address,
                         *(start + (b'Subject: first\r\n\r\nx' + end + second, b'QUIT\r\n')))
        stage.demand(heard.count(b'354 ') == 1 and b'550 5.6.11' in heard, '%r ends a message: %r',
                     end, heard)
    heard = converse(stage, address, b'EHLO c.example\r\nMAIL FROM:<x@far.example>\r\n')
    stage.demand(b'554 5.5.0' in heard, 'who does not wait gets %r', heard)
    heard = converse(stage, address, b'EHLO c.example\r\n',
                     b'STARTTLS\r\nMAIL FROM:<evil@far.example>\r\n')
    stage.demand(b'554 5.5.0' in heard and b'220 2.0.0' not in heard, 'behind STARTTLS: %r', heard)
    tricklers = [stage.connect(address) for _ in range(8)]
    for sock in tricklers:
        sock.recv(65536)
        for piece in (b'EHLO c.example\r\n', start[1], b'BDAT 33554432 LAST\r\nx'):
            sock.sendall(piece)
            if not piece.startswith(b'BDAT'):
                sock.recv(65536)
    begun = time.time()
    heard = converse(stage, address,
                     *(start + (b'Subject: beside eight that trickle\r\n\r\nx\r\n.\r\n',
                                b'QUIT\r\n')))
    stage.demand(b'\n250 2.0.0 Ok: queued' in heard and time.time() - begun < 10.0,
                 'beside eight that trickle BDAT a client hears %r', heard)
    for sock in tricklers:
        sock.close()
    heard = converse(stage, address, b'x' * 100000 + b'\r\n')
    stage.demand(b'500 5.5.6' in heard, 'a long line gets %r', heard[-100:])
