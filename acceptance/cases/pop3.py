# Copyright the carryall authors.  See LICENSE.
"""carryall mail: poplib, curl, fetchmail, mpop and mutt fetch mail, in clear, after STLS and under
TLS."""
import os
import poplib
import smtplib
import ssl

from acceptance.servers import certificate, ports

PROVES = ['POP-01', 'POP-02', 'POP-03', 'POP-07', 'X-10']
NEEDS = ['curl', 'fetchmail', 'mpop', 'mutt']
LONG = True
PACKAGES = {'curl': 'curl', 'fetchmail': 'fetchmail', 'mpop': 'mpop', 'mutt': 'mutt'}

TEXT = b'Subject: number %d\r\nFrom: x@far.example\r\n\r\nhello\r\n.\r\n..two\r\n' + b'x' * 2000 \
    + b'\r\nend\r\n'


def run(stage):
    """One server; ten messages, which stay until the last client."""
    server = stage.start('carryall', 'mail', '-d', 'a.example=maildirs', '-u', 'anna=secret',
                         '--smtp', '0', '--pop3', '0', '--pop3s', '0', '-c', certificate(stage))
    port = ports(server)
    client = smtplib.SMTP('127.0.0.1', port['smtp'], timeout=60)
    for number in range(10):
        client.sendmail('x@far.example', ['anna@a.example'], TEXT % number)
    client.quit()
    with_poplib(stage, port)
    with_curl(stage, port)
    with_fetchers(stage, port)
    with_mutt(stage, port)
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-4000:])
    server.stop()


def with_poplib(stage, port):
    """Each command; two sessions; a deletion that is undone by a lost connection."""
    context = ssl.create_default_context(cafile=stage.path('server.pem'))
    clear = poplib.POP3('127.0.0.1', port['pop3'], timeout=60)
    try:
        clear.user('anna')
        stage.demand(False, 'a name is taken without TLS')
    except poplib.error_proto as exc:
        stage.demand(b'STLS' in exc.args[0], 'the refusal is %r', exc)
    capabilities = clear.capa()
    stage.demand('STLS' in capabilities and 'USER' not in capabilities
                 and capabilities['EXPIRE'] == ['NEVER'] and 'AUTH-RESP-CODE' in capabilities,
                 'CAPA: %r', capabilities)
    clear.close()
    first = poplib.POP3('localhost', port['pop3'], timeout=60)
    first.stls(context)
    first.user('anna@a.example')
    first.pass_('secret')
    stage.until(lambda: _count(stage, port, first) == 10, 'ten messages')
    second = poplib.POP3_SSL('localhost', port['pop3s'], context=context, timeout=60)
    second.user('anna')
    try:
        second.pass_('secret')
        stage.demand(False, 'two sessions have one maildrop')
    except poplib.error_proto as exc:
        stage.demand(b'[IN-USE]' in exc.args[0], 'the refusal is %r', exc)
    count, size = first.stat()
    listed = [tuple(map(int, line.split())) for line in first.list()[1]]
    stage.demand(sum(octets for _, octets in listed) == size and len(listed) == count,
                 'LIST and STAT differ')
    for number, octets in listed:
        lines = first.retr(number)[1]
        stage.demand(len(b'\r\n'.join(lines)) + 2 == octets
                     and lines[-4:-2] == [b'.', b'..two'][-2:] or lines[-1] == b'end',
                     'message %d has not %d octets', number, octets)
    top = first.top(3, 2)[1]
    stage.demand(top[-2:] == [b'hello', b'.'], 'TOP gives %r', top[-3:])
    uids = first.uidl()[1]
    for wrong in ('RETR 0', 'RETR 11', 'RETR x', 'DELE +1', 'TOP 1 -1', 'LIST 99'):
        try:
            first._shortcmd(wrong)
            stage.demand(False, '%s is taken', wrong)
        except poplib.error_proto:
            pass
    first.dele(1)
    first.close()                       # without QUIT
    second.user('anna')
    stage.until(lambda: _again(second), 'the maildrop to be free')
    stage.demand(second.uidl()[1] == uids, 'the unique-ids have changed')
    second.quit()


def _count(stage, port, client):
    """Messages; a new session sees what has come since."""
    count = client.stat()[0]
    if count < 10:
        client.quit()
        client.__init__('localhost', port['pop3'], timeout=60)
        client.stls(ssl.create_default_context(cafile=stage.path('server.pem')))
        client.user('anna')
        client.pass_('secret')
    return count


def _again(client):
    try:
        client.pass_('secret')
        return True
    except poplib.error_proto:
        client.user('anna')
        return False


def with_curl(stage, port):
    """pop3:// with STLS, pop3s://, APOP, SASL."""
    want = TEXT % 4
    for words in (['--ssl-reqd', 'pop3://localhost:%d/5' % port['pop3']],
                  ['pop3s://localhost:%d/5' % port['pop3s']],
                  ['--login-options', 'AUTH=+APOP', 'pop3://localhost:%d/5' % port['pop3']],
                  ['--login-options', 'AUTH=CRAM-MD5', 'pop3://localhost:%d/5' % port['pop3']],
                  ['--login-options', 'AUTH=PLAIN', 'pop3s://localhost:%d/5' % port['pop3s']]):
        got = stage.foreign('curl', '-sS', '--cacert', 'server.pem', '-u', 'anna:secret', *words)
        stage.demand(got.endswith(want), 'curl %s got %r', words, got[-200:])
    listed = stage.foreign('curl', '-sS', '--cacert', 'server.pem', '-u', 'anna:secret',
                           'pop3s://localhost:%d/' % port['pop3s'])
    stage.demand(len(listed.splitlines()) == 10, 'curl lists %r', listed)


def with_fetchers(stage, port):
    """fetchmail and mpop, which leave the messages."""
    stage.write('fetchmailrc', b'poll localhost service %d protocol pop3 username anna password '
                               b'secret keep fetchall sslproto "" mda "cat >> %s"\n'
                % (port['pop3'], stage.path('fetched').encode()))
    os.chmod(stage.path('fetchmailrc'), 0o600)
    stage.write('fetchmailrc',
                stage.read('fetchmailrc').replace(b'protocol pop3',
                                                  b'protocol apop').replace(b'sslproto ""',
                                                                            b'sslproto ""'))
    os.chmod(stage.path('fetchmailrc'), 0o600)
    stage.foreign('fetchmail', '-f', stage.path('fetchmailrc'), '--nodetach', '--nosyslog',
                  '--pidfile', stage.path('fetchmail.pid'), '--idfile', stage.path('ids'))
    stage.demand(stage.read('fetched').count(b'Subject: number') == 10, 'fetchmail got %d messages',
                 stage.read('fetched').count(b'Subject: number'))
    stage.foreign('mpop', '--host=localhost', '--port=%d' % port['pop3'], '--user=anna',
                  '--passwordeval=echo secret', '--tls=on',
                  '--tls-trust-file=' + stage.path('server.pem'),
                  '--keep=on', '--delivery=mbox,' + stage.path('mpopped'),
                  '--uidls-file=' + stage.path('mpop.ids'))
    stage.demand(stage.read('mpopped').count(b'Subject: number') == 10, 'mpop got %d messages',
                 stage.read('mpopped').count(b'Subject: number'))
    stage.foreign('mpop', '--host=localhost', '--port=%d' % port['pop3s'], '--user=anna',
                  '--passwordeval=echo secret', '--tls=on', '--tls-starttls=off',
                  '--tls-trust-file=' + stage.path('server.pem'), '--keep=off', '--only-new=off',
                  '--delivery=mbox,' + stage.path('mpopped2'),
                  '--uidls-file=' + stage.path('mpop2.ids'))
    stage.demand(stage.read('mpopped2').count(b'Subject: number') == 10,
                 'mpop under TLS got %d messages', stage.read('mpopped2').count(b'Subject: number'))
    left = stage.foreign('curl', '-sS', '--cacert', 'server.pem', '-u', 'anna:secret',
                         'pop3s://localhost:%d/' % port['pop3s'])
    stage.demand(left.strip() == b'', 'mpop deleted them, and there are still %r', left)


def with_mutt(stage, port):
    """mutt reads the maildir itself, which is the store, and what it renames is borne."""
    client = smtplib.SMTP('127.0.0.1', port['smtp'], timeout=60)
    for number in range(3):
        client.sendmail('x@far.example', ['anna@a.example'], TEXT % number)
    client.quit()
    new = stage.path('maildirs', 'anna', 'new')
    stage.until(lambda: len(os.listdir(new)) == 3, 'three messages in the maildir')
    stage.write('muttrc', b'set folder="%s"\nset spoolfile="%s"\nset header_cache=""\nset '
                          b'move=no\nset confirmappend=no\n'
                % ((stage.path('maildirs', 'anna').encode(),) * 2))
    stage.foreign('mutt', '-n', '-F', stage.path('muttrc'), '-f', stage.path('maildirs', 'anna'),
                  '-e', 'push "T.*\\n;C%s\\ny\\n<quit>"' % stage.path('copies'), status=None)
    got = stage.foreign('curl', '-sS', '--cacert', 'server.pem', '-u', 'anna:secret',
                        'pop3s://localhost:%d/2' % port['pop3s'])
    stage.demand(got.endswith(TEXT % 1), 'after mutt, POP3 gives %r', got[-100:])
