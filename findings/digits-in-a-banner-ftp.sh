#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What FTP clients make of a greeting or a login message of several lines, one of which begins with
# a number.
#
# One would guess:  the reply ends with the line that has the *same* code and a blank. RFC 959
#                   section 4.2 gives the very example (`123-First line`, `234 A line beginning with
#                   numbers`, `123 The last line`), and RFC 2389's FEAT and every STAT count on free
#                   text in between.
# What is:          curl, wget, Net::FTP and aioftp end the reply at any line of three digits and a
#                   blank, and take that number for the server's answer. "100 files a day" in a
#                   greeting is `Got a 100 ftp-server response when 220 was expected` with curl;
#                   "550 files an hour at most" after the login is `Access denied: 550` (exit 67, as
#                   for a wrong password) and `Login incorrect` with wget. ftplib, ncftp, tnftp,
#                   basic-ftp and (for a greeting) lftp read it as the RFC says.
# Why it matters:   an administrator who tests a message of the day with one client locks out the
#                   users of the other half, and these are told that their password is wrong. A
#                   server that puts the code or a blank before each inner line pleases them all.
# Seen with:        curl 7.88.1, wget 1.21.3, lftp 4.9.2, ncftp 3.2.6, tnftp 20210827 and Perl
#                   5.36's Net::FTP of Debian 12, aioftp 0.28.3, basic-ftp 6.2.6 (node 20.20),
#                   ftplib of CPython 3.11.7. 2026-11-30.
# Needs:            curl, wget, lftp, ncftpget, tnftp, perl, node, npm, python3.
set -eu
for program in curl wget lftp ncftpget tnftp perl node npm python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages aioftp==0.28.3 2>/dev/null
npm install --silent --no-audit --no-fund --prefix "$folder" basic-ftp@6.2.6 >/dev/null 2>&1
cat > get.js <<'JS'
const {Client} = require('basic-ftp')
const {Writable} = require('stream')
const client = new Client(10000)
let text = ''
const sink = new Writable({write(data, encoding, done) { text += data; done() }})
client.access({host: '127.0.0.1', port: Number(process.argv[2]), user: 'u', password: 'p'})
    .then(() => client.downloadTo(sink, 'x'))
    .then(() => process.stdout.write(text), error => console.log(String(error)))
    .finally(() => client.close())
JS
cat > get.pl <<'PERL'
use Net::FTP;
my $ftp = Net::FTP->new('127.0.0.1', Port => $ARGV[0], Timeout => 10, Passive => 1)
    or die "greeting: $@";
$ftp->login('u', 'p') or die 'login: ' . $ftp->message;
$ftp->get('x', \*STDOUT) or die 'get: ' . $ftp->message;
PERL
cat > seen.py <<'PYTHON'
import asyncio
import ftplib
import socket
import subprocess
import sys
import threading

sys.path.insert(0, 'packages')
import aioftp

GREETING, LOGIN = b'220 ready\r\n', b'230 in\r\n'
BANNER = b'220-Welcome.\r\n100 files a day are yours.\r\n220 ready\r\n'
RULES = b'230-Rules:\r\n550 files an hour at most.\r\n230 in\r\n'


def session(connection, greeting, login):
    """Serves one file, x, in passive mode."""
    data = None
    plain = {b'USER': b'331 password\r\n', b'PASS': login, b'PWD': b'257 "/"\r\n',
             b'TYPE': b'200 ok\r\n',
             b'STRU': b'200 ok\r\n', b'SYST': b'215 UNIX Type: L8\r\n', b'SIZE': b'213 6\r\n',
             b'CWD': b'250 ok\r\n'}
    connection.sendall(greeting)
    for line in connection.makefile('rb'):
        verb = line.split()[0].upper()
        if verb in (b'EPSV', b'PASV'):
            data = socket.create_server(('127.0.0.1', 0))
            port = data.getsockname()[1]
            connection.sendall(b'229 ok (|||%d|)\r\n' % port if verb == b'EPSV' else
                               b'227 ok (127,0,0,1,%d,%d)\r\n' % (port >> 8, port & 255))
        elif verb == b'RETR':
            connection.sendall(b'150 here\r\n')
            with data, data.accept()[0] as channel:
                channel.sendall(b'hello\n')
            connection.sendall(b'226 done\r\n')
        elif verb == b'QUIT':
            connection.sendall(b'221 bye\r\n')
            return
        else:
            connection.sendall(plain.get(verb, b'502 no\r\n'))


def guarded(connection, greeting, login):
    try:
        with connection:
            session(connection, greeting, login)
    except OSError:
        pass


def serve(listener, greeting, login):
    while True:
        connection = listener.accept()[0]
        threading.Thread(target=guarded, args=(connection, greeting, login), daemon=True).start()


def by_program(command):
    def get(port):
        done = subprocess.run(command.replace('PORT', str(port)), shell=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=60)
        return (done.stdout or done.stderr).decode('utf-8', 'replace').strip()
    return get


def by_ftplib(port):
    client, parts = ftplib.FTP(), []
    client.connect('127.0.0.1', port, 10)
    client.login('u', 'p')
    client.retrbinary('RETR x', parts.append)
    client.quit()
    return b''.join(parts).decode().strip()


def by_aioftp(port):
    async def get():
        client = aioftp.Client(socket_timeout=10)
        await client.connect('127.0.0.1', port)
        await client.login('u', 'p')
        async with client.download_stream('x') as stream:
            return (await stream.read()).decode().strip()
    try:
        return asyncio.run(get())
    except aioftp.StatusCodeError as exc:
        return str(exc)


GOOD = 'hello'
rows = [('curl', by_program('curl -sS -m 10 ftp://u:p@127.0.0.1:PORT/x'), 'Got a 100',
         'Access denied: 550'),
        ('wget', by_program('wget -T 10 -t 1 -nv -O - ftp://u:p@127.0.0.1:PORT/x'),
         'Error in server response',
         'Login incorrect'),
        ('Net::FTP', by_program('perl get.pl PORT'), 'greeting: ', 'login: '),
        ('aioftp', by_aioftp, 'but got 100', 'but got 550'),
        ('ftplib', by_ftplib, GOOD, GOOD),
        ('basic-ftp', by_program('node get.js PORT'), GOOD, GOOD),
        ('ncftpget', by_program('ncftpget -t 10 -r 1 -V -u u -p p -P PORT -c 127.0.0.1 x'), GOOD,
         GOOD),
        ('tnftp', by_program('tnftp -q 10 -o - ftp://u:p@127.0.0.1:PORT/x'), GOOD, GOOD),
        ('lftp', by_program('lftp -c "set net:timeout 10; set net:max-retries 1; '
                            'open -u u,p ftp://127.0.0.1:PORT; cat x"'),
         GOOD, None)]
changed = 0
for place, greeting, login in (('greeting', BANNER, LOGIN), ('login', GREETING, RULES)):
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=serve, args=(listener, greeting, login), daemon=True).start()
        for name, get, banner, rules in rows:
            expected = banner if place == 'greeting' else rules
            if expected is None:
                continue
            seen = get(listener.getsockname()[1])
            right = expected in seen
            changed += not right
            print('%-8s %-9s %r%s' % (place, name, seen[:90], '' if right else '   CHANGED'),
                  flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
