# Copyright the carryall authors.  See LICENSE.
"""Named pipes where users may put them: each server answers who asks for one,
and everybody else, at once."""
import ftplib
import os
import poplib
import smtplib
import socket
import time
import urllib.error
import urllib.request

PROVES = ['SMT-07', 'POP-03', 'WEB-02']
NEEDS = []

USERS = 20                  # more than the pool has threads
SECONDS = 15.0              # for an answer; times three on Jython


def run(stage):
    """One server after the other."""
    mail(stage)
    finger(stage)
    web(stage)
    ftp(stage)
    password_file(stage)


def in_time(stage, what, ask):
    """Calls *ask* and demands that it comes back soon; what it gives."""
    begun = time.monotonic()
    found = ask()
    seconds = time.monotonic() - begun
    allowed = SECONDS * (3 if stage.runtime.kind == 'jython' else 1)
    stage.demand(seconds < allowed, '%s took %.1f seconds', what, seconds)
    return found


def put(path, data=b'hello\n'):
    """Writes a file, and the folders above it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as target:
        target.write(data)


def pipe(path):
    """Makes a named pipe, and the folders above it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.mkfifo(path, 0o644)


def fetched(port, user):
    """The number of messages of a user, after all were read."""
    client = poplib.POP3('127.0.0.1', port, timeout=120)
    client.user(user)
    client.pass_('secret')
    count = client.stat()[0]
    for number in range(count):
        client.retr(number + 1)
    client.quit()
    return count


def mail(stage):
    """Pipes in the mailboxes of twenty users."""
    users = ['u%d' % number for number in range(USERS)]
    for user in users:
        os.makedirs(stage.path('mail', user, 'tmp'))
        for folder in ('new', 'cur'):
            pipe(stage.path('mail', user, folder, '1.pipe'))
    os.chmod(stage.path('mail'), 0o700)
    words = [word for user in users for word in ('-u', user + '=secret')]
    server = stage.start('carryall', 'mail', '--smtp', '0', '--pop3', '0', '-d',
                         'a.example=mail', *words)
    smtp = int(server.wait_for(r'smtp on 127\.0\.0\.1:(\d+)').group(1))
    pop = int(server.wait_for(r'pop3 on 127\.0\.0\.1:(\d+)').group(1))
    for user in users:
        stage.demand(in_time(stage, 'the log-in of ' + user, lambda: fetched(pop, user)) == 0,
                     'a pipe is a message')

    def send():
        client = smtplib.SMTP('127.0.0.1', smtp, timeout=120)
        client.sendmail('s@far.example', [user + '@a.example' for user in users],
                        b'Subject: x\r\n\r\nx\r\n')
        client.quit()

    in_time(stage, 'a message to all', send)
    for user in users:
        stage.until(lambda: fetched(pop, user) == 1, 'the message of ' + user)
    server.stop()


def asked(port, data):
    """The answer of a server on a port to *data* until it ends."""
    with socket.create_connection(('127.0.0.1', port), timeout=120) as sock:
        sock.sendall(data)
        return b''.join(iter(lambda: sock.recv(4096), b''))


def finger(stage):
    """Plans and whois records that are pipes."""
    put(stage.path('people', 'ann', 'name'), b'Ann\n')
    pipe(stage.path('people', 'ann', 'plan'))
    pipe(stage.path('records', 'example.org'))
    server = stage.start('carryall', 'finger', '--folder', 'people', '-p', '0', '--whois', '0',
                         '--records', 'records')
    port = int(server.wait_for(r'finger on 127\.0\.0\.1:(\d+)').group(1))
    whois = int(server.wait_for(r'whois on 127\.0\.0\.1:(\d+)').group(1))
    for _ in range(USERS):
        answer = in_time(stage, 'a query', lambda: asked(port, b'ann\r\n'))
        stage.demand(b'No Plan.' in answer, 'finger says %r', answer)
    answer = in_time(stage, 'a query of whois', lambda: asked(whois, b'example.org\r\n'))
    stage.demand(b'No match' in answer, 'whois says %r', answer)
    server.stop()


def web(stage):
    """A file of a site that is a pipe."""
    put(stage.path('site', 'a.txt'))
    pipe(stage.path('site', 'pipe.txt'))
    server = stage.start('carryall', 'web', '--path', 'site', '-p', '0')
    port = int(server.wait_for(r'on 127\.0\.0\.1:(\d+)').group(1))

    def get(name):
        try:
            return urllib.request.urlopen('http://127.0.0.1:%d/%s' % (port, name),
                                          timeout=120).status
        except urllib.error.HTTPError as exc:
            return exc.code

    for _ in range(USERS):
        stage.demand(in_time(stage, 'a pipe', lambda: get('pipe.txt')) == 404, 'a pipe is served')
    stage.demand(in_time(stage, 'a file', lambda: get('a.txt')) == 200,
                 'the file beside it is not served')
    server.stop()


def ftp(stage):
    """A pipe is neither sent nor written to."""
    put(stage.path('pub', 'a.txt'))
    pipe(stage.path('pub', 'pipe.txt'))
    server = stage.start('carryall', 'ftp', '--root', 'pub', '-p', '0')
    port = int(server.wait_for(r'on 127\.0\.0\.1:(\d+)').group(1))
    client = ftplib.FTP(timeout=120)
    client.connect('127.0.0.1', port)
    client.login()
    for _ in range(USERS):
        try:
            in_time(stage, 'a pipe', lambda: client.retrbinary('RETR pipe.txt', lambda data: None))
            stage.demand(False, 'a pipe is sent')
        except ftplib.error_perm as exc:
            stage.demand(str(exc).startswith('550 '), 'the refusal is %s', exc)
    in_time(stage, 'a file', lambda: client.retrbinary('RETR a.txt', lambda data: None))
    client.quit()
    server.stop()


def password_file(stage):
    """A password file that a pipe has taken the place of: its accounts are told at once,
    others log in."""
    put(stage.path('secret', 'users'), b'# no user yet\n')
    os.makedirs(stage.path('box'), mode=0o700)
    server = stage.start('carryall', 'mail', '--smtp', '0', '--pop3', '0', '-d', 'a.example=box',
                         '-u', 'anna=secret', '--passwordfile', 'secret/users')
    port = int(server.wait_for(r'pop3 on 127\.0\.0\.1:(\d+)').group(1))
    os.remove(stage.path('secret', 'users'))
    pipe(stage.path('secret', 'users'))

    def refused():
        try:
            fetched(port, 'bert')
        except poplib.error_proto as exc:
            return str(exc)
        return ''

    for _ in range(3):
        stage.demand('-ERR' in in_time(stage, 'a log-in', refused), 'bert is let in')
        stage.demand(in_time(stage, 'the log-in of anna', lambda: fetched(port, 'anna')) == 0,
                     'anna has mail')
    server.stop()
