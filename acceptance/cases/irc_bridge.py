# Copyright the carryall authors.  See LICENSE.
"""A bridge of 10,000 lines between our words server, ngircd and InspIRCd.

Their order is kept, and nothing is lost.
"""
import re

from acceptance import ircservers
from acceptance.cases.irc_kill import Load, Talker

PROVES = ['WRD-07']
NEEDS = ['ngircd', 'inspircd']
PACKAGES = {'ngircd': 'ngircd', 'inspircd': 'inspircd'}
LONG = True

LINES = {'cpython': 5000, 'pypy': 5000, 'jython': 5000}     # of each of the two networks
GROUP = 50                  # lines before the speaker waits for the bridge
TEXT = re.compile(r'(from-\w+)-(\d+)')


def run(stage):
    """A speaker on each of the two networks, and a listener on all three servers."""
    count = LINES[stage.runtime.kind]
    ports = {'ngircd': ircservers.ngircd(stage), 'inspircd': ircservers.inspircd(stage)}
    words = ['serve', 'words', '-p', 'tcp:0', '-i', 'tcp:0', '-w', 'tcp:0', '--user',
             'ann=battery-staple', '--tendril-rate', '100000']
    for port in ports.values():
        words += ['--tendril', '127.0.0.1:%d/tea=tea' % port]
    server = stage.start('carryall', *words)
    server.wait_for('words-web on 127.0.0.1:')
    ports['ours'] = int(re.search(r'words-irc on 127\.0\.0\.1:(\d+)', server.output).group(1))
    listeners = {name: enter(port, 'ann', 'ann' if name == 'ours' else None)
                 for name, port in ports.items()}
    wait_for_bridges(listeners['ours'])
    heard = {name: {} for name in ports}
    loads = [Load(listen, listeners[name], heard[name], 2 * count)
             for name in ports]
    speakers = [Load(speak, ports[name], 'from-' + name, count, heard['ours'])
                for name in ('ngircd', 'inspircd')]
    for load in speakers + loads:
        load.join(900)
    wanted = list(range(count))
    for name, networks in (('ours', ('ngircd', 'inspircd')), ('ngircd', ('inspircd', 'ngircd')),
                           ('inspircd', ('ngircd', 'inspircd'))):
        for network in networks:
            got = heard[name].get('from-' + network, [])
            stage.demand(got == wanted, '%s has %d of %d lines of %s, the first wrong one %s', name,
                         len(got), count, network,
                         [pair for pair in zip(got, wanted) if pair[0] != pair[1]][:1])
    stage.demand('drops lines' not in server.output, 'the bridge drops lines')
    stage.demand('Traceback' not in server.output, 'the log: %s', server.output[-2000:])
    server.stop()


def enter(port, nick, account=None):
    """A client in the channel."""
    talker = Talker(port, nick) if account is None else LoggedIn(port, nick)
    talker.send('JOIN #tea')
    talker.wait_for(' 366 ')
    return talker


class LoggedIn(Talker):
    """A client with PASS."""

    def send(self, text):
        """The password goes in front of all."""
        if text.startswith('CAP REQ'):
            text = 'PASS battery-staple\r\nNICK ' + text.rpartition('NICK ')[2]
        Talker.send(self, text)


def wait_for_bridges(talker):
    """Waits until both bridges are in the group, and on their networks."""
    for name in ('tendril', 'tendril1'):
        while True:
            talker.send('NAMES #tea')
            if re.search(r'[ :@]%s( |$)' % name, talker.wait_for(' 353 ')):
                break


def listen(talker, heard, count):
    """Notes the numbers of each speaker, in the order of their coming."""
    left = count
    while left:
        line = talker.wait_for('from-')
        found = TEXT.search(line.partition(' PRIVMSG ')[2])
        if found is not None:
            heard.setdefault(found.group(1), []).append(int(found.group(2)))
            left -= 1


def speak(port, name, count, heard):
    """Says numbers; waits for the bridge from time to time, as a network would make it."""
    talker = Talker(port, 'speaker')    # ngircd takes nine letters
    talker.send('JOIN #tea')
    talker.wait_for(' 366 ')
    while True:                 # the bridge comes when it comes
        talker.send('NAMES #tea')
        if 'tendril' in talker.wait_for(' 353 '):
            break
    for number in range(count):
        talker.send('PRIVMSG #tea :%s-%d' % (name, number))
        if number % GROUP == GROUP - 1:
            talker.send('PING x')
            talker.wait_for('PONG')
            while len(heard.get(name, ())) < number - 2 * GROUP:
                talker.send('PING x')
                talker.wait_for('PONG')
    talker.send('PING x')
    talker.wait_for('PONG')
