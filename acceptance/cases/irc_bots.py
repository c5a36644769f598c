# Copyright the carryall authors.  See LICENSE.
"""Bots of pydle and irc repeat a hundred lines on our server, and ircII speaks there."""
import os
import shutil
import sys

from acceptance import foreign
from acceptance.cases.irc_kill import Talker
from acceptance.stage import ROOT

PROVES = ['IRC-01', 'IRC-08']
NEEDS = ['ircII', 'tmux']
PACKAGES = {'ircII': 'ircii', 'tmux': 'tmux'}
PYTHON = ['pydle', 'irc']
LONG = True

LINES = 100


def run(stage):
    """Each library, one after the other; then ircII."""
    server = stage.start('carryall', 'serve', 'irc', '-p', 'tcp:0', '--burst', '100000', '--rate',
                         '100000')
    port = server.address()[1]
    talker = Talker(port, 'asker')
    talker.send('JOIN #tea')
    talker.wait_for(' 366 ')
    for name in PYTHON:
        repeat(stage, port, talker, name)
    speak_by_ircii(stage, port, talker)
    talker.close()
    stage.demand('Traceback' not in server.output, 'the log: %s', server.output[-2000:])
    server.stop()


def repeat(stage, port, talker, name):
    """A bot repeats all lines in their order."""
    program = stage.path('bots_py3.py')
    shutil.copy(os.path.join(ROOT, 'acceptance', 'peers', 'bots_py3.py'), program)
    bot = stage.launch(['env', 'PYTHONPATH=' + foreign.python_path(name), sys.executable, program,
                        name, str(port)], foreign=True)
    talker.wait_for(':%s!' % name)
    for number in range(LINES):
        talker.send('PRIVMSG #tea :say %s-%d \u2615' % (name, number))
    for number in range(LINES):
        line = talker.wait_for(':%s!' % name)
        stage.demand(line.endswith(':%s: %s-%d \u2615' % (name, name, number)), '%s: %s', name,
                     line)
    bot.end()
    talker.wait_for(':%s!' % name)


def speak_by_ircii(stage, port, talker):
    """ircII under a terminal."""
    home = stage.path('ircii')
    os.makedirs(home)
    tmux = ['tmux', '-L', 'carryall-ircii-%d' % port, '-f', '/dev/null']
    stage.foreign(*tmux + ['new-session', '-d', '-x', '100', '-y', '30', '-s', 'ircii',
                           'env TERM=screen HOME=%s ircII -q ircii1 127.0.0.1:%d' % (home, port)])
    try:
        talker.send('MONITOR + ircii1')
        talker.wait_for(' 730 ')
        stage.foreign(*tmux + ['send-keys', '-t', 'ircii', '/join #tea', 'Enter'])
        talker.wait_for(':ircii1!')
        stage.foreign(*tmux + ['send-keys', '-t', 'ircii', 'hello from ircII', 'Enter'])
        talker.wait_for('PRIVMSG #tea :hello from ircII')
        talker.send('PRIVMSG #tea :hello to ircII')
        stage.until(lambda: b'hello to ircII' in stage.foreign(
            *tmux + ['capture-pane', '-p', '-t', 'ircii']), 'the line on the screen of ircII')
    finally:
        stage.foreign(*tmux + ['kill-server'])
