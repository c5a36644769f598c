# Copyright the carryall authors.  See LICENSE.
"""twistd as another user, its code unreadable to that one, and in another root folder: each type of
service does its work there."""
import ftplib
import http.client
import os
import poplib
import pwd
import shutil
import smtplib
import socket
import ssl

from acceptance.stage import ROOT, Missing, receive_all

PROVES = ['TAP-10']
NEEDS = []
LONG = True
USER = 'www-data'
# Of the checkout, what a server runs from.
CODE = ('app', 'apps', 'bin', 'carryall', 'commands', 'core', 'protocols', 'runtimes', 'services')
NAMES = b'127.0.0.1 localhost inner.example\n::1 ip6-localhost\n'


def run(stage):
    """As a user without root's rights everywhere; in another root, with and without them,
    where the runtime can."""
    if os.geteuid() != 0:
        raise Missing('the rights of root, to give them up')
    try:
        account = pwd.getpwnam(USER)
    except KeyError:
        raise Missing('the user ' + USER)
    # A folder that only root may enter holds the code; that of the server is beside it.
    private = stage.path('private')
    os.chmod(stage.folder, 0o711)
    os.mkdir(private, 0o700)
    for name in CODE:
        shutil.copytree(os.path.join(ROOT, name), os.path.join(private, name), symlinks=True)
    _furnish(stage)
    _give_to(stage, account.pw_uid, account.pw_gid)
    ports = _make_tap(stage, stage.path('root'))
    _serve_in(stage, ports, stage.path('root'), private, ['--uid', USER])
    if stage.runtime.kind == 'jython':
        said = stage.call('twistd', '--chroot', stage.path('root'), '-f', 'none.tap', status=2)
        stage.demand('a JVM loads its classes' in said, 'a JVM refuses a new root so: %s', said)
        return
    ports = _make_tap(stage, '')
    _serve_in(stage, ports, '', private, ['--chroot', stage.path('root'), '--uid', USER])
    _in_the_background(stage, ports, private)
    _give_to(stage, 0, 0)
    _serve_in(stage, ports, '', private, ['--chroot', stage.path('root')])
    _without_an_account(stage)


def _furnish(stage):
    """The folder that becomes the root: files, accounts, mailboxes,
    and the names that a resolver looks for there."""
    stage.write('root/site/index.html', b'<p>inside</p>\n')
    stage.write('root/pub/readme.txt', b'read me\n')
    stage.write('root/etc/hosts', NAMES)
    stage.write('root/etc/nsswitch.conf', b'hosts: files\n')
    stage.write('root/people/anna/plan', b'to be inside\n')
    stage.write('root/people/anna/.plan', b'to be inside\n')
    stage.write('root/passwd', b'anna:x:1000:1000:Anna:/home/anna:/bin/sh\n')
    stage.foreign(*stage.command('carryall', 'passwd', '--stdin', 'root/users', 'anna'),
                  data=b'secret\n')
    stage.call('carryall', 'cert', 'make', '-o', 'root/site.pem', 'localhost', '127.0.0.1')
    os.mkdir(stage.path('root', 'mail'))


def _give_to(stage, uid, gid):
    """The folder and all that is in it."""
    for folder, _, names in os.walk(stage.path('root')):
        for name in [''] + names:
            os.chown(os.path.join(folder, name), uid, gid)


def _make_tap(stage, root):
    """One tap with a service of each type; its paths begin at *root*.  Type -> port."""
    ports = dict((name, stage.free_port()) for name in (
        'web', 'https', 'ftp', 'smtp', 'pop3', 'socks', 'telnet', 'finger', 'echo', 'daytime',
        'metrics', 'portforward', 'pb', 'distrib'))
    at = root + '/'

    def tcp(name):
        return 'tcp:%d:interface=127.0.0.1' % ports[name]
    rows = (
        ('web', '--path', at + 'site', '--port', tcp('web'), '--https', tcp('https'), '-c',
         at + 'site.pem', '--privkey', at + 'site.key', '--logfile', at + 'access.log',
         '--log-format', 'json', '--webfinger', 'localhost', '--webfinger-passwd', at + 'passwd'),
        ('ftp', '--port', tcp('ftp'), '--root', at + 'pub', '--passwords', at + 'users',
         '--logfile', at + 'xferlog'),
        ('mail', '--smtp', tcp('smtp'), '--pop3', tcp('pop3'), '--domain',
         'inner.example=' + at + 'mail', '--user', 'anna=secret', '-c', at + 'site.pem', '--key',
         at + 'site.key'),
        ('socks', '-p', tcp('socks'), '--password-file', at + 'users'),
        ('telnet', '-p', tcp('telnet'), '--password-file', at + 'users', '--transcript',
         at + 'transcript'),
        ('finger', '-p', tcp('finger'), '--folder', at + 'people'),
        ('simple', '--tcp', 'echo:%d' % ports['echo'], '--tcp', 'daytime:%d' % ports['daytime']),
        ('metrics', '-p', tcp('metrics')),
        ('portforward', '-p', tcp('portforward'), '--host', _far_name(root), '-d', ports['web']),
        ('pb', '-p', tcp('pb'), '--anonymous'),
        ('distrib', '-p', tcp('distrib'), '-m', 'mine=unix:' + at + 'none.sock'))
    if os.path.exists(stage.path('all.tap')):
        os.remove(stage.path('all.tap'))
    for row in rows:
        how = ('--append', 'all.tap') if os.path.exists(stage.path('all.tap')) \
            else ('-o', 'all.tap')
        stage.call('mktap', *how, *row)
    return ports


def _far_name(root):
    """A name that the new root's own file of hosts has, or one that every machine has."""
    return 'localhost' if root else 'inner.example'


def _command(stage, private, words):
    """The command line of twistd, its code in the private folder where it comes from a checkout."""
    stage.variables = dict((name, private) for name in ('PYTHONPATH', 'JYTHONPATH')
                           if stage.runtime.environ(stage.folder).get(name) == ROOT)
    return [word.replace(ROOT, private) if word.startswith(ROOT) else word
            for word in stage.command('twistd', *words)]


def _serve_in(stage, ports, root, private, words):
    """Starts the tap in the foreground, uses each of its services, and lets it end."""
    rundir = ['--rundir', root] if root else []
    server = stage.launch(_command(stage, private, ['-n', '-l', '-', '--drain', '1', '--pidfile',
                                                    'all.pid', '-f', 'all.tap'] + words + rundir))
    server.wait_for(r'run: listening: pb on [^\n]*\n[^\n]*run: listening|Traceback|twistd: ')
    stage.demand('run: listening: pb' in server.output, '%s: it does not come up: %s', words,
                 server.output)
    label = '%s in %s: ' % (' '.join(words), root or 'the new root')
    if '--uid' in words:
        _is_that_user(stage, server, label)
    _drive(stage, ports, server, label, _far_name(root))
    server.signal('HUP')
    _drive(stage, ports, server, label + 'after HUP: ', _far_name(root))
    server.stop()
    for bad in ('Traceback', 'No module', 'ImportError', 'libgcc_s', 'LookupError'):
        stage.demand(bad not in server.output, '%s%s is in the log:\n%s', label, bad, server.output)


def _is_that_user(stage, server, label):
    """All groups of the account and no other; it is the process that serves which counts."""
    account = pwd.getpwnam(USER)
    wanted = sorted(os.getgrouplist(USER, account.pw_gid))
    with open('/proc/%d/status' % server.family()[-1]) as file:
        rows = dict(line.split(':', 1) for line in file)
    stage.demand(rows['Uid'].split() == [str(account.pw_uid)] * 4, '%sthe uids are %s', label,
                 rows['Uid'])
    stage.demand(rows['Gid'].split() == [str(account.pw_gid)] * 4, '%sthe gids are %s', label,
                 rows['Gid'])
    got = sorted(int(word) for word in rows['Groups'].split())
    stage.demand(got == wanted, '%sthe groups are %s and not %s', label, got, wanted)


def _drive(stage, ports, server, label, name):
    """One thing of each service that it does late."""
    for use in (_web, _ftp, _mail, lambda stage, ports: _socks(stage, ports, name), _telnet, _small,
                _others):
        try:
            use(stage, ports)
        except (OSError, EOFError, ftplib.Error, poplib.error_proto, smtplib.SMTPException,
                http.client.HTTPException) as exc:
            stage.demand(False, '%s%s fails with %r; the log:\n%s', label, use.__name__, exc,
                         server.output)


def _get(port, path, context=None):
    """(status, body)."""
    if context is None:
        client = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    else:
        client = http.client.HTTPSConnection('127.0.0.1', port, timeout=30, context=context)
    client.request('GET', path)
    answer = client.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        client.close()


def _say(stage, port, data):
    """All that a server says to some octets."""
    with stage.connect(('127.0.0.1', port)) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return receive_all(sock)


def _web(stage, ports):
    stage.demand(_get(ports['web'], '/') == (200, b'<p>inside</p>\n'), 'web')
    stage.demand(_get(ports['web'], '/none')[0] == 404, 'an error page')
    context = ssl._create_unverified_context()
    stage.demand(_get(ports['https'], '/', context) == (200, b'<p>inside</p>\n'), 'web by TLS')
    got = _get(ports['https'], '/.well-known/webfinger?resource=acct:anna@localhost', context)
    stage.demand(got[0] == 200 and b'anna@localhost' in got[1], 'WebFinger says %r', got)


def _ftp(stage, ports):
    client = ftplib.FTP()
    client.connect('127.0.0.1', ports['ftp'], 30)
    client.login('anna', 'secret')
    with open(os.path.join(ROOT, 'LICENSE'), 'rb') as source:
        client.storbinary('STOR licence.txt', source)
    stage.demand('readme.txt' in client.nlst(), 'the listing')
    found = []
    client.retrbinary('RETR readme.txt', found.append)
    stage.demand(b''.join(found) == b'read me\n', 'the file is %r', found)
    client.delete('licence.txt')
    client.quit()


def _mail(stage, ports):
    client = smtplib.SMTP('127.0.0.1', ports['smtp'], timeout=30)
    client.ehlo('client.example')
    client.starttls(context=ssl._create_unverified_context())
    client.login('anna', 'secret')
    client.sendmail('anna@inner.example', ['anna@inner.example'],
                    b'Subject: inside\r\n\r\nhello\r\n')
    client.quit()

    def there():
        box = poplib.POP3('127.0.0.1', ports['pop3'], timeout=30)
        box.stls(ssl._create_unverified_context())
        box.user('anna')
        box.pass_('secret')
        count = box.stat()[0]
        for number in range(count):
            stage.demand(b'Subject: inside' in box.retr(number + 1)[1], 'the message')
            box.dele(number + 1)
        box.quit()
        return count
    stage.until(there, 'the message')


def _socks(stage, ports, name):
    """To a name, which the server has to look up in the new root."""
    with stage.connect(('127.0.0.1', ports['socks'])) as sock:
        sock.sendall(b'\5\1\2')
        stage.demand(sock.recv(2) == b'\5\2', 'a log-in is wanted')
        sock.sendall(b'\1\4anna\6secret')
        stage.demand(sock.recv(2) == b'\1\0', 'the log-in')
        sock.sendall(b'\5\1\0\3' + bytes([len(name)]) + name.encode() + ports['echo'].to_bytes(
            2, 'big'))
        reply = sock.recv(10)
        stage.demand(reply[:2] == b'\5\0', 'a name is answered %r', reply)
        sock.sendall(b'through')
        stage.demand(sock.recv(7) == b'through', 'what is relayed')


def _telnet(stage, ports):
    with stage.connect(('127.0.0.1', ports['telnet'])) as sock:
        said = b''
        for wanted, words in ((b'username: ', b'anna\r\n'), (b'password: ', b'secret\r\n'),
                              (b'>>> ', b'1 // 0\r\n'),
                              (b'ZeroDivisionError', b'6 * 7\r\n'), (b'42', b'help\r\n'),
                              (b'>>> ', b'exit()\r\n')):
            while wanted not in said:
                more = sock.recv(4096)
                stage.demand(more, 'the console ends after %r', said)
                said += more
            said = said.partition(wanted)[2]
            sock.sendall(words)


def _small(stage, ports):
    stage.demand(_say(stage, ports['echo'], b'hello') == b'hello', 'echo')
    stage.demand(_say(stage, ports['daytime'], b'').strip(), 'daytime')
    got = _say(stage, ports['finger'], b'anna\r\n')
    stage.demand(b'to be inside' in got, 'finger says %r', got)


def _others(stage, ports):
    got = _get(ports['metrics'], '/metrics')
    stage.demand(got[0] == 200 and b'carryall_' in got[1], 'metrics')
    got = _get(ports['portforward'], '/')
    stage.demand(got == (200, b'<p>inside</p>\n'), 'portforward to a name gives %r', got)
    got = _get(ports['distrib'], '/mine/')
    stage.demand(got[0] in (502, 503, 504), 'distrib without a personal server says %r', got)
    with stage.connect(('127.0.0.1', ports['pb'])) as sock:
        stage.demand(sock.recv(64), 'pb')


def _in_the_background(stage, ports, private):
    """The parent ends with 0 when it serves; the log,
    the pid file and the crash file lie in the new root."""
    process = stage.launch(_command(
        stage, private, ['-f', 'all.tap', '--chroot', stage.path('root'), '--uid', USER]))
    status = process.wait()
    stage.demand(status == 0, 'in the background it ends with %r: %s', status, process.output)
    pid = int(stage.read('root/twistd.pid'))
    stage.demand(_get(ports['web'], '/') == (200, b'<p>inside</p>\n'), 'in the background')
    os.kill(pid, 15)
    stage.until(lambda: not os.path.exists('/proc/%d' % pid), 'the end of the server')
    stage.demand(b'Traceback' not in stage.read('root/twistd.log'), 'the log: %s',
                 stage.read('root/twistd.log'))
    stage.demand(not os.path.exists(stage.path('root', 'twistd.pid')),
                 'the pid file is left behind')


def _without_an_account(stage):
    """A number that no account has: no group of root's is kept in silence."""
    said = stage.call('twistd', '-n', '-f', 'all.tap', '--uid', '54321', status=2)
    stage.demand('no account has the number 54321' in said, 'a number without a group gives: %s',
                 said)
