# Copyright the carryall authors.  See LICENSE.
"""Limnoria, a bot of others, obeys 2,000 commands on our server and on ngircd.

The answers are the same.
"""
import random
import sys

from acceptance import foreign, ircservers
from acceptance.cases.irc_kill import Talker

PROVES = ['IRC-01', 'IRC-08']
NEEDS = ['ngircd']
PACKAGES = {'ngircd': 'ngircd'}
PYTHON = ['supybot']
LONG = True

COMMANDS = 2000
SLOW = ('calc', 'convert', 'levenshtein')     # answered by a process or thread
SETTINGS = """supybot.nick: limbot
supybot.ident: limbot
supybot.user: Limnoria
supybot.networks: there
supybot.networks.there.servers: 127.0.0.1:%(port)d
supybot.networks.there.channels: #bots
supybot.networks.there.ssl: False
supybot.protocols.irc.throttleTime: 0.0
supybot.reply.whenAddressedBy.chars: @
supybot.abuse.flood.command: False
supybot.abuse.flood.command.invalid: False
supybot.log.stdout: False
supybot.directories.conf: %(folder)s/conf
supybot.directories.data: %(folder)s/data
supybot.directories.log: %(folder)s/logs
supybot.directories.backup: %(folder)s/backup
supybot.plugins: Misc Math String Utilities Format Channel
supybot.plugins.Misc: True
supybot.plugins.Math: True
supybot.plugins.String: True
supybot.plugins.Utilities: True
supybot.plugins.Format: True
supybot.plugins.Channel: True
"""


def run(stage):
    """The same commands on both."""
    ours = stage.start('carryall', 'serve', 'irc', '-p', 'tcp:0', '--burst', '100000', '--rate',
                       '100000')
    answers = asked(stage, ours.address()[1], 'ours')
    stage.demand('Traceback' not in ours.output, 'the log: %s', ours.output[-2000:])
    ours.stop()
    others = asked(stage, ircservers.ngircd(stage), 'ngircd')
    different = [pair for pair in zip(answers, others) if pair[0] != pair[1]]
    stage.demand(len(answers) == len(others) == COMMANDS, '%d and %d answers', len(answers),
                 len(others))
    stage.demand(not different, '%d answers differ, such as %s', len(different), different[:3])


def asked(stage, port, name):
    """The answers of the bot to all commands, on the server at a port."""
    folder = stage.path('limnoria-' + name)
    stage.write('limnoria-%s/bot.conf' % name,
                (SETTINGS % {'port': port, 'folder': folder}).encode())
    bot = stage.launch(['env', 'PYTHONPATH=' + foreign.python_path('supybot'), sys.executable, '-c',
                        'from supybot.scripts.limnoria import main; main()', '--allow-root',
                        folder + '/bot.conf'], cwd=folder, foreign=True)
    talker = Talker(port, 'asker')
    talker.send('JOIN #bots')
    talker.wait_for(' 366 ')
    wait_for_member(talker)
    found = []
    for number, command in enumerate(commands()):
        # A second command tells that the answer to the first is whole; sums come from a process,
        # and may come behind it.
        talker.send('PRIVMSG #bots :@' + command)
        talker.send('PRIVMSG #bots :@echo done-%d' % number)
        lines = []
        is_done = False
        while not is_done or command.startswith(SLOW) and not lines:
            line = talker.wait_for(':limbot!')
            if 'done-%d' % number in line:
                is_done = True
                continue
            # Without what the servers differ in: tags, and the name of the host.
            lines.append(line.partition(':limbot!')[2].partition(' ')[2])
        found.append(lines)
    talker.close()
    bot.end()
    return found


def wait_for_member(talker):
    """Waits until the bot is in the channel."""
    while True:
        talker.send('NAMES #bots')
        line = talker.wait_for(' 353 ')
        talker.wait_for(' 366 ')
        if 'limbot' in line:
            return
        talker.send('PING pause')
        talker.wait_for('PONG')


def commands():
    """2,000 commands, the same each time."""
    dice = random.Random(20020707)
    texts = ['tea', 'two lumps', 'Milk & honey', '\xfcber', '#bots', ':colon', '\x02bold\x02',
             'x' * 300]
    kinds = [lambda: 'calc %d * %d' % (dice.randrange(1000), dice.randrange(1000)),
             lambda: 'echo %s $nick $channel' % dice.choice(texts),
             lambda: 'md5 "%s"' % dice.choice(texts), lambda: 'len "%s"' % dice.choice(texts),
             lambda: 'upper "%s"' % dice.choice(texts), lambda: 'channel nicks',
             lambda: 'levenshtein %s tea' % dice.choice(texts[:1]),
             lambda: 'repeat %d "%s"' % (dice.randrange(1, 9), dice.choice(texts[:6])),
             lambda: 'nosuchcommand', lambda: 'list %s' % dice.choice(['Math', 'Format', 'Misc']),
             lambda: 'bold %s' % dice.choice(texts[:3]), lambda: 'more',
             lambda: 'calc 1 /', lambda: 'convert %d miles to km' % dice.randrange(100)]
    return [dice.choice(kinds)() for _ in range(COMMANDS)]
