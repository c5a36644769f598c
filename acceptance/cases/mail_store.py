# Copyright the carryall authors.  See LICENSE.
"""carryall mail with a store: accounts by passwd, kill -9, and a full disk under the store alone.

The next server refuses at first, so that messages wait; all that was accepted arrives there.
"""
import os
import random
import smtplib
import socketserver
import sqlite3
import subprocess
import threading
import time

from acceptance.smalldisk import small_disk

PROVES = ['SMT-08', 'DBA-08']
NEEDS = []
TAKES = ['java']
PACKAGES = {'java': ('default-jre-headless', 'libxerial-sqlite-jdbc-java')}
LONG = True

ROUNDS = {'cpython': 5, 'pypy': 3, 'jython': 2}     # a start costs so much on each
ACCOUNT = 'anna@a.example'
PASSWORD = 'battery staple'
FILLER = 3 << 20            # octets that fill the disk


class Sink(socketserver.ThreadingTCPServer):
    """A server of SMTP that notes subjects; while it is busy it refuses all recipients for now."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Client)
        self.busy = True
        self.refused = 0
        self.seen = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def name(self):
        """HOST:PORT."""
        return '%s:%d' % self.server_address


class Client(socketserver.StreamRequestHandler):
    """One connection to the sink."""

    def handle(self):
        """Speaks as much of SMTP as a relay needs."""
        try:
            self._speak()
        except ConnectionError:
            pass                        # the server was killed

    def _speak(self):
        self._say(b'220 sink')
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b'QUIT':
                self._say(b'221 bye')
                return
            if verb == b'RCPT' and self.server.busy:
                self.server.refused += 1
                self._say(b'451 later')
            elif verb == b'DATA':
                self._say(b'354 go on')
                self._take()
                self._say(b'250 taken')
            else:
                self._say(b'250 ok')

    def _take(self):
        for line in self.rfile:
            if line.startswith(b'Subject: '):
                self.server.seen.add(line[9:].strip().decode())
            if line == b'.\r\n':
                return

    def _say(self, line):
        self.wfile.write(line + b'\r\n')


class Sender(threading.Thread):
    """Sends until the server dies, and notes what was accepted."""

    def __init__(self, port, name, taken):
        super().__init__(daemon=True)
        self._port = port
        self._name = name
        self._taken = taken

    def run(self):
        try:
            client = smtplib.SMTP('127.0.0.1', self._port, timeout=30)
            for number in range(1000):
                send(client, '%s-%d' % (self._name, number))
                self._taken.append('%s-%d' % (self._name, number))
        except (OSError, smtplib.SMTPException):
            pass                        # killed


def send(client, subject):
    """One message to the sink."""
    client.sendmail('a@far.example', ['x@next.example'],
                    b'Subject: %s\r\n\r\nhello\r\n' % subject.encode())


def start(stage, location, sink):
    """(the server, its SMTP port)."""
    server = stage.start('carryall', 'mail', '--smtp', '0', '--pop3', '0', '-d', 'a.example=boxes',
                         '--store', location, '--smart-host', sink.name(), '--relay-network',
                         '127.0.0.1', '--retry', '1s')
    return server, int(server.wait_for(r'smtp on 127\.0\.0\.1:(\d+)').group(1))


def run(stage):
    """Accounts, kills, and then the full disk."""
    accounts(stage)
    kills(stage)
    full_disk(stage)


def accounts(stage):
    """An account of the store logs in."""
    location = 'sqlite:' + stage.path('accounts.db')
    done = subprocess.run(stage.runtime.program('carryall') + ['passwd', '--stdin', location,
                                                               ACCOUNT],
                          input=PASSWORD.encode() + b'\n', stdout=subprocess.PIPE,
                          env=stage.runtime.environ(stage.folder), check=False)
    stage.demand(done.returncode == 0 and b'was added' in done.stdout, 'passwd says %r', done)
    sink = Sink()
    server, port = start(stage, location, sink)
    client = smtplib.SMTP('127.0.0.1', port, timeout=60)
    client.login(ACCOUNT, PASSWORD)
    client.sendmail(ACCOUNT, [ACCOUNT], b'Subject: own\r\n\r\nhello\r\n')
    client.quit()
    try:
        smtplib.SMTP('127.0.0.1', port, timeout=60).login(ACCOUNT, 'wrong')
        stage.demand(False, 'a wrong password is taken')
    except smtplib.SMTPAuthenticationError:
        pass
    server.stop()
    sink.shutdown()
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s', server.output)


def kills(stage):
    """kill -9 while messages wait: all that were accepted come to the sink in the end."""
    dice = random.Random(20260202)
    sink = Sink()
    location = 'sqlite:' + stage.path('killed.db')
    taken = []
    for number in range(ROUNDS[stage.runtime.kind]):
        server, port = start(stage, location, sink)
        before = len(taken), sink.refused
        senders = [Sender(port, '%d-%d' % (number, each), taken) for each in range(2)]
        for each in senders:
            each.start()
        wanted = dice.randrange(1, 60)
        stage.until(lambda: len(taken) > before[0] + wanted and sink.refused > before[1],
                    'enough messages')
        server.signal('KILL')
        server.wait()
        for each in senders:
            each.join(60)
    rows = sqlite3.connect(stage.path('killed.db')).execute('SELECT count(*) FROM mail_queue')
    stage.demand(rows.fetchone()[0], 'the index has no rows')
    arrive(stage, location, sink, taken, 'after the kills')
    rows = sqlite3.connect(stage.path('killed.db')).execute('SELECT count(*) FROM mail_queue')
    stage.demand(rows.fetchone()[0] == 0, 'the index keeps rows')


def arrive(stage, location, sink, taken, when):
    """The sink gets all messages from a server that is started for it."""
    sink.busy = False
    server, _ = start(stage, location, sink)
    arrived(stage, sink, taken, when)
    server.stop()
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s', server.output)
    sink.shutdown()


def arrived(stage, sink, taken, when):
    """Waits for all messages."""
    def there():
        time.sleep(0.2)
        return not set(taken) - sink.seen
    stage.until(there, '%d messages %s' % (len(taken), when))


def full_disk(stage):
    """The store's disk is full, that of the messages is not: mail is accepted, waits, and arrives.
    """
    disk = small_disk(stage, 'small', 'size=2m')
    filler = os.path.join(disk, 'filler')
    try:
        location = 'sqlite:' + os.path.join(disk, 'mail.db')
        sink = Sink()
        server, port = start(stage, location, sink)
        try:
            with open(filler, 'wb') as file:
                file.write(b'x' * FILLER)
        except OSError:
            pass                        # full
        client = smtplib.SMTP('127.0.0.1', port, timeout=60)
        taken = ['full-%d' % number for number in range(40)]
        for subject in taken:
            send(client, subject)
        client.close()
        server.wait_for('the index of the queue cannot be written')
        server.signal('KILL')
        server.wait()
        os.remove(filler)
        arrive(stage, location, sink, taken, 'after a full disk')
    finally:
        stage.foreign('umount', '-l', disk)
