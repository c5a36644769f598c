# Copyright the carryall authors.  See LICENSE.
"""kill -9 at random moments while mail comes in: nothing that was accepted is lost, torn or
doubled, and nothing stays locked."""
import collections
import hashlib
import poplib
import random
import smtplib
import threading
import time

PROVES = ['SMT-07', 'SMT-08', 'POP-03', 'POP-04']
NEEDS = []
LONG = True

ROUNDS = {'cpython': 200, 'pypy': 60, 'jython': 12}     # a start costs so much on each
# seconds at the most; a cold JVM needs some for its first message
LIFE = {'cpython': 0.4, 'pypy': 0.6, 'jython': 6.0}
SENDERS = 3
LOOK_EVERY = 25


class Sender(threading.Thread):
    """Sends messages as fast as they are taken, until the server dies; notes which were."""

    def __init__(self, number, round_number, port, taken):
        super().__init__(daemon=True)
        self._name = '%d-%d' % (round_number, number)
        self._port = port
        self._taken = taken
        self._dice = random.Random('%s of 20020707' % self._name)

    def run(self):
        count = 0
        try:
            client = smtplib.SMTP('127.0.0.1', self._port, timeout=30)
            client.ehlo('client.example')
            while True:
                count += 1
                name = '%s-%d' % (self._name, count)
                body = (b'%064x\r\n'
                        % self._dice.getrandbits(256)) * self._dice.choice((1, 10, 500))
                digest = hashlib.sha256(body).hexdigest()
                client.sendmail('a@far.example', ['anna@a.example', 'bert@a.example'],
                                b'X-Name: %s\r\nX-Digest: %s\r\n\r\n%s'
                                % (name.encode(), digest.encode(), body))
                self._taken.append(name)
        except (OSError, smtplib.SMTPException):
            pass                        # killed


def look(stage, port, taken, names):
    """Fetches and deletes all mail: whole, nothing twice, and everything that was taken since the
    last look.
    """
    for user in ('anna', 'bert'):
        client = poplib.POP3('127.0.0.1', port, timeout=120)
        client.user(user)
        client.pass_('secret')
        seen = collections.Counter()
        for number in range(client.stat()[0]):
            lines = client.retr(number + 1)[1]
            head = dict(line.split(b': ', 1) for line in lines[:lines.index(b'')]
                        if line.startswith(b'X-'))
            body = b''.join(line + b'\r\n' for line in lines[lines.index(b'') + 1:])
            stage.demand(hashlib.sha256(body).hexdigest().encode() == head[b'X-Digest'],
                         'message %s is torn', head[b'X-Name'])
            seen[head[b'X-Name'].decode()] += 1
            client.dele(number + 1)
        client.quit()
        lost = [name for name in taken if name not in seen]
        twice = [name for name, count in seen.items() if count > 1 or name in names[user]]
        stage.demand(not lost, '%s: %d of %d messages were accepted and are lost, such as %s', user,
                     len(lost), len(taken), lost[:3])
        stage.demand(not twice, '%s: delivered twice: %s', user, twice[:3])
        names[user].update(seen)


def run(stage):
    """All rounds with maildirs, and some with mbox files."""
    rounds = ROUNDS[stage.runtime.kind]
    kill_often(stage, 'maildir', rounds)
    kill_often(stage, 'mbox', max(10, rounds // 4))


def kill_often(stage, mailboxes, rounds):
    """Starts, sends, kills; look at what is there from time to time and at the end."""
    words = ('mail', '--smtp', '0', '--pop3', '0', '-d', 'a.example=' + mailboxes, '-u',
             'anna=secret', '-u', 'bert=secret',
             '--mailboxes', mailboxes)
    dice = random.Random(20020707)
    taken = []
    names = {'anna': set(), 'bert': set()}
    total = 0
    for number in range(1, rounds + 1):
        server = stage.start('carryall', *words)
        port = int(server.wait_for(r'smtp on 127\.0\.0\.1:(\d+)').group(1))
        pop_port = int(server.wait_for(r'pop3 on 127\.0\.0\.1:(\d+)').group(1))
        if number % LOOK_EVERY == 0 or number == rounds:
            total += len(taken)
            look(stage, pop_port, taken, names)
            del taken[:]
        senders = [Sender(each, number, port, taken) for each in range(SENDERS)]
        for each in senders:
            each.start()
        time.sleep(dice.uniform(0.02, LIFE[stage.runtime.kind]))
        server.end()
        for each in senders:
            each.join(60)
    last = stage.start('carryall', *words)
    pop_port = int(last.wait_for(r'pop3 on 127\.0\.0\.1:(\d+)').group(1))
    total += len(taken)
    look(stage, pop_port, taken, names)
    stage.demand(total > rounds, 'only %d messages were accepted in %d rounds', total, rounds)
    stage.demand('Traceback' not in last.output, 'the log has a traceback:\n%s',
                 last.output[-3000:])
    last.stop()
