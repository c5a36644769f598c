# Copyright the carryall authors.  See LICENSE.
"""An account is made, irssi logs in with it, and meets a bot of ours in a channel.

The web page that makes accounts, im and t-im come with their programs.
"""
import os
import textwrap

from acceptance.stage import ROOT

PROVES = ['IRC-01', 'IRC-06', 'TST-03']
NEEDS = ['expect', 'irssi']
PACKAGES = {'irssi': 'irssi'}
PORTS = [6667]
LONG = True
AS_OF_OLD = 'runWordsTest'

SETTINGS = '''
servers = (
  {
    address = "127.0.0.1";
    port = "6667";
    chatnet = "ours";
    use_tls = "no";
    autoconnect = "yes";
  }
);
chatnets = {
  ours = {
    type = "IRC";
    nick = "ann";
    sasl_mechanism = "plain";
    sasl_username = "ann";
    sasl_password = "tea for two";
  };
};
settings = { core = { real_name = "Ann"; user_name = "ann"; nick = "ann"; }; };
'''
EXPECT = r'''
set timeout 20
set env(TERM) vt100
proc want {pattern code} {
    expect {
        -re $pattern {}
        timeout { exit $code }
        eof { exit [expr $code + 100] }
    }
}
spawn irssi --home %(home)s
stty rows 40 columns 120 < $spawn_out(slave,name)
want "SASL authentication succeeded" 11
send "/join #tea\r"
want "parrot" 12
send "two lumps\r"
want "You said: two lumps" 13
send "/quit tea is over\r"
expect {
    timeout { exit 20 }
    eof {}
}
'''


def run(stage):
    """The walk of 2002, as far as IRC goes."""
    accounts = account(stage)
    server = stage.start('carryall', 'serve', 'irc', '--password-file', accounts, '--clear-logins')
    server.address()
    bot = stage.script(os.path.join(ROOT, 'doc', 'examples', 'irc_echo_bot.py'))
    stage.until(lambda: members(stage), 'the bot in #tea')
    stage.write('irssi/config', SETTINGS.encode('ascii'))
    script = stage.write('irssi.exp', (EXPECT % {'home': stage.path('irssi')}).encode('ascii'))
    talk = stage.launch(['expect', script], foreign=True)
    talk.seconds *= 3
    status = talk.wait()
    stage.demand(status == 0, 'irssi ended with %d:\n%s\n%s', status, talk.output, server.output)
    bot.end()
    server.stop()


def account(stage):
    """A file with the account of ann, as its owner makes it."""
    path = stage.path('accounts')
    stage.foreign(*stage.command('carryall', 'passwd', '--stdin', path, 'ann'),
                  data=b'tea for two\n')
    return path


def members(stage):
    """True if somebody is in #tea."""
    with stage.connect(('127.0.0.1', 6667)) as connection:
        connection.sendall(b'NICK looks\r\nUSER l 0 * :L\r\nNAMES #tea\r\nQUIT\r\n')
        said = b''
        while True:
            piece = connection.recv(4096)
            if not piece:
                return b'parrot' in said
            said += piece


def show(stage):
    """A server for a person's own client."""
    server = stage.start('carryall', 'serve', 'irc', '--password-file', account(stage),
                         '--clear-logins')
    server.address()
    stage.script(os.path.join(ROOT, 'doc', 'examples', 'irc_echo_bot.py'))
    return textwrap.dedent('''\
        Log in with a client of IRC on 127.0.0.1, port 6667, as ann with the password
        "tea for two", and join #tea.  A parrot there repeats what you say.''')
