# Copyright the carryall authors.  See LICENSE.
"""kill -9 at random moments while an IRC network with a store is busy.

No message, topic, account or read marker that was acknowledged is lost.
"""
import os
import random
import socket
import threading
import time

PROVES = ['IRC-04']
NEEDS = []
LONG = True

ROUNDS = {'cpython': 200, 'pypy': 40, 'jython': 8}      # a start costs so much on each
LIFE = {'cpython': 0.8, 'pypy': 1.5, 'jython': 6.0}     # seconds at the most
LOOK_EVERY = 25
CAPABILITIES = 'CAP REQ :echo-message batch message-tags server-time draft/chathistory ' \
    'draft/read-marker\r\nCAP END\r\n'


class Talker:
    """A client of a few lines."""

    def __init__(self, port, nick, account=None):
        self._socket = socket.create_connection(('127.0.0.1', port), timeout=60)
        self._file = self._socket.makefile('rb')
        self.nick = nick
        start = CAPABILITIES if account is None else 'PASS %s:secret\r\n%s' % (account,
                                                                              CAPABILITIES)
        self.send('%sNICK %s\r\nUSER %s 0 * :%s' % (start, nick, nick, nick))
        self.wait_for(' 001 ')

    def send(self, text):
        """Sends lines."""
        self._socket.sendall(text.encode() + b'\r\n')

    def wait_for(self, *parts):
        """The next line that has one of the parts; OSError if the server is gone."""
        while True:
            line = self._file.readline().decode()
            if not line.endswith('\n'):
                raise OSError('the server is gone')
            if line.startswith('PING'):
                self.send('PONG :x')
            if any(part in line for part in parts):
                return line.rstrip('\r\n')

    def close(self):
        """Leaves at once."""
        self._file.close()
        self._socket.close()


class Load(threading.Thread):
    """Does one thing as often as the server acknowledges it, until the server dies."""

    def __init__(self, work, *args):
        super().__init__(daemon=True)
        self._work = work
        self._args = args
        self.start()

    def run(self):
        try:
            self._work(*self._args)
        except OSError:
            pass                        # killed


class Ledger:
    """Attempts, and which of them were acknowledged."""

    def __init__(self):
        self.messages = []
        self.accounts = []
        self.topic = 0
        self.tried_topic = 0
        self.marker = 0
        self.count = 0

    def speak(self, port, name, channel):
        """Says numbers in a channel; the echo acknowledges each."""
        talker = Talker(port, name)
        talker.send('JOIN ' + channel)
        count = 0
        while True:
            count += 1
            text = '%s-%d' % (name, count)
            talker.send('PRIVMSG %s :%s' % (channel, text))
            talker.wait_for(':' + text)
            self.messages.append(text)
            self.count += 1

    def set_topics(self, port, name):
        """Sets topics, each a number greater by one."""
        talker = Talker(port, name)
        talker.send('JOIN #topics')
        talker.wait_for(' 366 ')
        while True:
            self.tried_topic = self.topic + 1
            talker.send('TOPIC #topics :%d' % self.tried_topic)
            talker.wait_for(' TOPIC #topics :%d' % self.tried_topic)
            self.topic = self.tried_topic

    def mark(self, port, name):
        """Moves a marker on by a second each time."""
        talker = Talker(port, name, 'keeper')
        talker.send('JOIN #topics')
        talker.wait_for(' 366 ')
        while True:
            talker.send('MARKREAD #topics timestamp=' + moment(self.marker + 1))
            talker.wait_for('timestamp=' + moment(self.marker + 1))
            self.marker += 1

    def register(self, port, name):
        """Registers accounts."""
        talker = Talker(port, name)
        talker.send('PRIVMSG NickServ :REGISTER secret')
        talker.wait_for('Account %s is registered' % name)
        self.accounts.append(name)


def moment(number):
    """A time that many seconds behind a fixed one."""
    return time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(1767225600 + number))


def history(talker, channel):
    """The texts of a channel, all of them."""
    found = []
    before = None
    while True:
        talker.send('CHATHISTORY LATEST %s * 100' % channel if before is None
                    else 'CHATHISTORY BEFORE %s msgid=%s 100' % (channel, before))
        begin = talker.wait_for(' BATCH +')
        name = begin.split(' BATCH +')[1].split(' ')[0]
        page = []
        while True:
            line = talker.wait_for('batch=' + name, ' BATCH -' + name)
            if ' BATCH -' in line:
                break
            page.append(line)
        if not page:
            return found
        found = [line.partition(' :')[2].partition(' :')[2] or line.rpartition(' :')[2]
                 for line in page] + found
        before = page[0].split('msgid=')[1].split(';')[0].split(' ')[0]


def look(stage, port, ledger, channel):
    """Demands that everything acknowledged is there."""
    talker = Talker(port, 'looker', 'keeper')
    talker.send('JOIN ' + channel)
    talker.wait_for(' 366 ')
    texts = history(talker, channel)
    there = set(texts)
    lost = [text for text in ledger.messages if text not in there]
    stage.demand(not lost, '%d of %d messages are lost, such as %s', len(lost),
                 len(ledger.messages), lost[:3])
    stage.demand(len(there) == len(texts), 'a message is there twice')
    talker.send('JOIN #topics')
    marker = talker.wait_for('MARKREAD #topics')
    stage.demand(moment(ledger.marker) in marker or moment(ledger.marker + 1) in marker
                 or not ledger.marker, 'the marker is %s, not %s', marker, moment(ledger.marker))
    talker.send('TOPIC #topics')
    topic = talker.wait_for(' 332 ', ' 331 ').rpartition(':')[2]
    stage.demand(topic in (str(ledger.topic), str(ledger.tried_topic)) or not ledger.topic,
                 'the topic is %s, not %d', topic, ledger.topic)
    for name in ledger.accounts:
        talker.send('PRIVMSG NickServ :INFO ' + name)
        answer = talker.wait_for('Account %s' % name, 'not registered')
        stage.demand('not registered' not in answer, 'the account %s is lost', name)
    talker.close()
    del ledger.messages[:]
    del ledger.accounts[:]


def prepare(port):
    """An account, and a channel of it that is registered."""
    talker = Talker(port, 'keeper')
    talker.send('PRIVMSG NickServ :REGISTER secret')
    talker.wait_for('Account keeper is registered')
    talker.send('JOIN #topics\r\nMODE #topics -t\r\nPRIVMSG ChanServ :REGISTER #topics')
    talker.wait_for('The channel #topics is yours')
    talker.close()


def kill_often(stage, rounds):
    """Starts, works, kills; looks at what is there from time to time and at the end."""
    place = 'sqlite:' + os.path.join(stage.folder, 'irc.db')
    words = ('serve', 'irc', '-p', 'tcp:0', '--store', place, '--clear-logins', '--history',
             '100000', '--burst', '100000', '--rate', '100000')
    dice = random.Random(20020707)
    ledger = Ledger()
    server = stage.start('carryall', *words)
    prepare(server.address()[1])
    server.end()
    channel = '#load0'
    total = 0
    for number in range(1, rounds + 1):
        server = stage.start('carryall', *words)
        port = server.address()[1]
        if number % LOOK_EVERY == 0:
            total += len(ledger.messages)
            look(stage, port, ledger, channel)
            channel = '#load%d' % number
        loads = [Load(ledger.speak, port, 's%d-%d' % (number, each), channel)
                 for each in range(3)]
        loads.append(Load(ledger.set_topics, port, 't%d' % number))
        loads.append(Load(ledger.mark, port, 'm%d' % number))
        loads.append(Load(ledger.register, port, 'a%d' % number))
        time.sleep(dice.uniform(0.05, LIFE[stage.runtime.kind]))
        server.end()
        for each in loads:
            each.join(60)
    last = stage.start('carryall', *words)
    total += len(ledger.messages)
    look(stage, last.address()[1], ledger, channel)
    stage.demand(total > rounds, 'only %d messages were acknowledged in %d rounds', total, rounds)
    stage.demand(ledger.topic > 0, 'no topic was acknowledged')
    stage.demand('Traceback' not in last.output, 'the log has a traceback:\n%s',
                 last.output[-3000:])
    last.stop()


def run(stage):
    """As many rounds as the runtime allows."""
    kill_often(stage, ROUNDS[stage.runtime.kind])
