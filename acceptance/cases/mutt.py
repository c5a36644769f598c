# Copyright the carryall authors.  See LICENSE.
"""mutt with its defaults sends by SMTPS and reads by POP3S;
both log in by what mutt itself picks."""
import os

from acceptance.servers import certificate, ports

PROVES = ['SMT-01', 'POP-01', 'X-06']
NEEDS = ['mutt', 'script']
PACKAGES = {'mutt': 'mutt', 'script': 'bsdutils'}

SETTINGS = """
set folder="%(folder)s"
set from="anna@a.example"
set certificate_file="%(folder)s/server.pem"
set smtp_url="smtps://anna@localhost:%(submissions)d/"
set smtp_pass="secret"
set pop_user="anna"
set pop_pass="secret"
set pop_delete=no
set copy=no
set wait_key=no
set quit=yes
"""


def run(stage):
    """One message, there and back; mutt 2.2.12 picks SCRAM, by GNU SASL."""
    server = stage.start('carryall', 'mail', '-d', 'a.example=maildirs', '-u', 'anna=secret',
                         '--smtp', '0', '--pop3', 'none',
                         '--pop3s', '0', '--submissions', '0', '-c', certificate(stage))
    port = ports(server)
    stage.write('muttrc', (SETTINGS % dict(port, folder=stage.folder)).encode())
    mutt(stage, ['-s', 'hello', 'anna@a.example'], b'from mutt\n')
    new = stage.path('maildirs', 'anna', 'new')
    stage.until(lambda: os.path.isdir(new) and len(os.listdir(new)) == 1,
                'the message of mutt in the maildir')
    said = mutt(stage, ['-f', 'pops://anna@localhost:%d/' % port['pop3s'], '-e',
                        'push "<pipe-message>cat > read<enter><quit>"'])
    stage.demand(os.path.exists(stage.path('read')), 'mutt read nothing: %r', said[-2000:])
    message = stage.read('read')
    stage.demand(b'\nSubject: hello\n' in message and message.endswith(b'\nfrom mutt\n'),
                 'mutt read %r', message)
    stage.demand(server.output.count('login of anna by SCRAM-SHA-256') == 2, 'the logins: %s',
                 server.output[-2000:])
    server.stop()


def mutt(stage, words, data=b''):
    """Runs mutt at a terminal, with a home of its own; what it shows."""
    line = b' '.join([b'exec mutt -n -F muttrc'] + [quoted(word) for word in words])
    stage.write('input', data)
    stage.write('words', line + (b' < input\n' if data else b'\n'))
    return stage.foreign('env', 'HOME=' + stage.folder, 'TERM=vt100', 'script', '-qec', 'sh words',
                         '/dev/null')


def quoted(word):
    """A word for the shell."""
    return b"'" + word.encode().replace(b"'", b"'\\''") + b"'"
