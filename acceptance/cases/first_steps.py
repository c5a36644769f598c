# Copyright the carryall authors.  See LICENSE.
"""The first steps of a newcomer, with an empty home and a PATH of system folders.

They are help and wrong words, then web, FTP and mail on a terminal.  Each server is used once and
ended by Ctrl-C.
"""
import os
import re
import smtplib
import sys

from acceptance.stage import ROOT

PROVES = ['TAP-14', 'TST-07']
NEEDS = ['curl']

PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
HELP_LINES = 60
WIDTH = 80


def run(stage):
    """The steps, in the order in which they are typed."""
    home = stage.path('home')
    os.mkdir(home)
    stage.variables = {'PATH': PATH, 'HOME': home}
    stage.write('site/index.html', b'the first page\n')
    asks(stage)
    slips(stage)
    web(stage)
    ftp(stage)
    mail(stage)
    left = os.listdir(home)
    stage.demand(left == [], 'the home of the user has %s now', left)


def asks(stage):
    """The version, and the help in its two layers."""
    said = stage.call('carryall', '--version')
    stage.demand(re.match(r'carryall [0-9.]+ on [^\n]+\n\Z', said), 'its version is %r', said)
    short = stage.call('carryall', status=2)
    stage.demand(stage.call('carryall', 'help') == short, 'help and no word at all differ')
    for text in (short, stage.call('carryall', 'help', 'web')):
        lines = text.split('\n')
        stage.demand(len(lines) <= HELP_LINES, 'a help has %d lines:\n%s', len(lines), text)
        stage.demand(max(map(len, lines)) < WIDTH, 'a help is too wide:\n%s', text)


def slips(stage):
    """Each wrong line gets one sentence, with a way on, and status 2."""
    for words, hint in ((['wbe'], 'did you mean "web"?'), (['smtp'], '"mail" does its work'),
                        (['web', '--prot', '8080'], 'did you mean --port?'),
                        (['web', 'stie'], 'there is no folder')):
        said = stage.call('carryall', *words, status=2)
        stage.demand(hint in said and said.count('\n') == 1, '%s gives:\n%s', words, said)


def on_a_terminal(stage, *words):
    """A server of ours on a terminal, and its first line."""
    player = [sys.executable, os.path.join(ROOT, 'acceptance', 'peers', 'terminal.py')]
    server = stage.start('carryall', *words, before=player)
    first = server.wait_for(r'\A[^\n]*\(Ctrl-C stops it\)\r?\n').group().strip()
    return server, first


def ended(stage, server):
    """Ctrl-C ends a server with status 0 and without a traceback."""
    server.signal('INT')
    status = server.wait()
    stage.demand(status == 0 and 'Traceback' not in server.output,
                 'Ctrl-C ends it with status %r:\n%s', status, server.output)


def web(stage):
    """A folder as a bare word; the port is taken for the next."""
    port = stage.free_port()
    server, first = on_a_terminal(stage, 'web', 'site', str(port))
    url = 'http://127.0.0.1:%d/' % port
    stage.demand(first.startswith('web: %s  folder ' % url), 'its first line is %r', first)
    got = stage.foreign('curl', '-sS', url)
    stage.demand(got == b'the first page\n', 'it served %r', got)
    server.wait_for(r'\n[^\n]*127\.0\.0\.1 GET /: [^\n]*200')
    said = stage.call('carryall', 'web', 'site', str(port), status=1)
    stage.demand(re.search(r'; try -p \d+', said) and said.count('\n') == 1,
                 'a port in use gives:\n%s', said)
    ended(stage, server)


def ftp(stage):
    """The working folder, for everybody to read."""
    port = stage.free_port()
    server, first = on_a_terminal(stage, 'ftp', '-p', str(port))
    stage.demand(first.startswith('ftp: ftp://127.0.0.1:%d/ ' % port), 'its first line is %r',
                 first)
    got = stage.foreign('curl', '-sS', 'ftp://127.0.0.1:%d/site/index.html' % port)
    stage.demand(got == b'the first page\n', 'it served %r', got)
    server.wait_for(r'\n[^\n]* RETR /site/index.html: ')
    ended(stage, server)


def mail(stage):
    """A domain with one account, and a message to it."""
    port = stage.free_port()
    server, first = on_a_terminal(stage, 'mail', '-d', 'example.org=mail', '--user', 'ann',
                                  '--smtp', str(port), '--pop3', 'none')
    stage.demand(re.match('mail: smtp 127.0.0.1:%d  user ann@example.org, password .+'
                          % port, first), 'its first line is %r', first)
    with smtplib.SMTP('127.0.0.1', port, timeout=server.seconds) as client:
        client.sendmail('bob@example.net', ['ann@example.org'], 'Subject: hello\n\nhello\n')
    server.wait_for(r'\n[^\n]*bob@example\.net')
    ended(stage, server)
