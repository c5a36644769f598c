# Copyright the carryall authors.  See LICENSE.
"""irssi, weechat, sic and ii enter a channel of ours with SASL or without, speak, and hear."""
import os

from acceptance.cases.irc_kill import Talker

PROVES = ['IRC-01', 'IRC-03', 'IRC-08']
NEEDS = ['irssi', 'weechat-headless', 'sic', 'ii', 'tmux']
PACKAGES = {'irssi': 'irssi', 'weechat-headless': 'weechat-headless', 'sic': 'sic', 'ii': 'ii',
            'tmux': 'tmux'}
LONG = True

IRSSI = """
servers = ( { address = "127.0.0.1"; chatnet = "bench"; port = "%(port)d";
    autoconnect = "yes"; } );
chatnets = { bench = { type = "IRC"; nick = "irssi1"; sasl_mechanism = "PLAIN";
    sasl_username = "ann"; sasl_password = "secret"; }; };
channels = ( { name = "#tea"; chatnet = "bench"; autojoin = "Yes"; } );
settings = { core = { real_name = "irssi"; user_name = "irssi"; nick = "irssi1"; }; };
"""


def run(stage):
    """Each client is heard by one of a few lines, and answers it where it can."""
    server = stage.start('carryall', 'serve', 'irc', '-p', 'tcp:0', '--user', 'ann=secret',
                         '--clear-logins', '--max-per-address', '100')
    port = server.address()[1]
    witness = Talker(port, 'witness')
    witness.send('JOIN #tea')
    witness.wait_for(' 366 ')
    speak_by_sic(stage, port, witness)
    speak_by_ii(stage, port, witness)
    speak_by_weechat(stage, port, witness)
    speak_by_irssi(stage, port, witness)
    witness.close()
    stage.demand('Traceback' not in server.output, 'the log: %s', server.output[-2000:])
    server.stop()


def speak_by_sic(stage, port, witness):
    """sic has no CAP: it sends NICK and USER, and a line whenever it can read one."""
    place = stage.path('words')
    os.mkfifo(place)
    stage.launch(['sh', '-c', 'exec sic -h 127.0.0.1 -p %d -n sic1 < %s' % (port, place)])
    with open(place, 'w') as words:
        words.write(':j #tea\n')
        words.flush()
        witness.wait_for(':sic1!')
        words.write('hello from sic\n')
        words.flush()
        witness.wait_for('PRIVMSG #tea :hello from sic')


def speak_by_ii(stage, port, witness):
    """ii has a folder for each channel."""
    stage.launch(['ii', '-i', stage.path('ii'), '-s', '127.0.0.1', '-p', str(port), '-n', 'ii1'])
    place = stage.path('ii', '127.0.0.1')
    stage.until(lambda: os.path.exists(os.path.join(place, 'in')), 'the folder of ii')
    with open(os.path.join(place, 'in'), 'w') as target:
        target.write('/j #tea\n')
    channel = os.path.join(place, '#tea')
    stage.until(lambda: os.path.exists(os.path.join(channel, 'in')), 'the channel of ii')
    with open(os.path.join(channel, 'in'), 'w') as target:
        target.write('hello from ii\n')
    witness.wait_for('PRIVMSG #tea :hello from ii')
    witness.send('PRIVMSG #tea :hello to ii')
    stage.until(lambda: b'hello to ii' in stage.read('ii/127.0.0.1/#tea/out'),
                'the message in the file of ii')


def speak_by_weechat(stage, port, witness):
    """weechat asks for capabilities."""
    stage.launch([
        'weechat-headless', '-d', stage.path('weechat'),
        '-r', '/server add tea 127.0.0.1/%d' % port,
        '-r', '/set irc.server.tea.nicks weechat1',
        # A semicolon without the backslash would end the command of this option.
        '-r', '/set irc.server.tea.command /quote JOIN #tea\\;'
              '/quote PRIVMSG #tea :hello from weechat',
        '-r', '/connect tea'])
    witness.wait_for('PRIVMSG #tea :hello from weechat')
    witness.send('WHOIS weechat1')
    witness.wait_for(' 318 ')


def speak_by_irssi(stage, port, witness):
    """irssi logs in by SASL, under a terminal."""
    home = stage.path('irssi')
    os.makedirs(home)
    stage.write('irssi/config', (IRSSI % {'port': port}).encode())
    tmux = ['tmux', '-L', 'carryall-irssi-%d' % port, '-f', '/dev/null']
    stage.foreign(*tmux + ['new-session', '-d', '-x', '100', '-y', '30', '-s', 'irssi',
                           'env TERM=screen irssi --home=' + home])
    try:
        witness.wait_for('irssi1!', 'irssi1_!')
        stage.foreign(*tmux + ['send-keys', '-t', 'irssi', '/msg #tea hello from irssi', 'Enter'])
        witness.wait_for('PRIVMSG #tea :hello from irssi')
        witness.send('WHOIS irssi1')
        line = witness.wait_for(' 330 ', ' 318 ')
        stage.demand(' 330 ' in line and ' ann ' in line, 'irssi did not log in: %s', line)
    finally:
        stage.foreign(*tmux + ['kill-server'])
