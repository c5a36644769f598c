#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What SMTP clients make of a server that writes its EHLO keywords in lower case.
#
# One would guess:  it makes no difference: they "MUST always be recognized and processed in a
#                   case-insensitive manner" (RFC 5321 section 4.1.1.1, and 2.4).
# What is:          curl compares octets. With `250-starttls` and `250-auth PLAIN` it sees neither:
#                   `--ssl` goes on in clear without a word, `--ssl-reqd` says that STARTTLS is not
#                   supported, and `--user` is ignored: the message is sent without logging in, and
#                   the exit status is 0 if the server takes it. swaks finds neither (with -a "Host
#                   did not advertise authentication", exit 28; with -tlso the message goes in
#                   clear). msmtp, mutt, smtplib, aiosmtplib, nodemailer and Net::SMTP log in.
# Why it matters:   a script that posts through curl with a password relies on being refused without
#                   one; behind such a server the message goes out unauthenticated and, with --ssl,
#                   unencrypted. Only --ssl-reqd notices.
# Seen with:        curl 7.88.1, swaks 20201014.0, msmtp 1.8.23, mutt 2.2.12, Perl 5.36's Net::SMTP
#                   with Authen::SASL 2.16 of Debian 12; aiosmtplib 5.1.3, nodemailer 10.6.1 (node
#                   20.20), smtplib of CPython 3.11.7. 2026-11-30.
# Needs:            curl, swaks, msmtp, mutt, perl with Authen::SASL, node, npm, python3.
set -eu
for program in curl swaks msmtp mutt perl node npm python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages aiosmtplib==5.1.3 2>/dev/null
npm install --silent --no-audit --no-fund --prefix "$folder" nodemailer@10.6.1 >/dev/null 2>&1
cat > send.js <<'JS'
const transport = require('nodemailer').createTransport({
    host: '127.0.0.1', port: Number(process.argv[2]), ignoreTLS: true,
    auth: {user: 'u', pass: 'p'}, connectionTimeout: 10000, socketTimeout: 10000})
const message = {from: 'a@example.org', to: 'b@example.org', subject: 'x', text: 'hello'}
transport.sendMail(message).catch(error => {
    console.log(String(error))
    process.exitCode = 1
})
JS
cat > send.pl <<'PERL'
use Net::SMTP;
my $smtp = Net::SMTP->new('127.0.0.1', Port => $ARGV[0], Timeout => 10) or die;
$smtp->auth('u', 'p') or die 'auth';
$smtp->mail('a@example.org') && $smtp->to('b@example.org')
    && $smtp->data("Subject: x\n\nhello\n") or die 'send';
$smtp->quit;
PERL
cat > send.py <<'PY'
import sys
sys.path.insert(0, 'packages')
from email.message import EmailMessage
message = EmailMessage()
message['From'], message['To'] = 'a@example.org', 'b@example.org'
message.set_content('hello')
if sys.argv[2] == 'aiosmtplib':
    import asyncio
    import aiosmtplib
    asyncio.run(aiosmtplib.send(message, hostname='127.0.0.1', port=int(sys.argv[1]), username='u',
                                password='p', timeout=10,
                                start_tls=False))
else:
    import smtplib
    with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=10) as client:
        client.login('u', 'p')
        client.send_message(message)
PY
printf 'From: a@example.org\nTo: b@example.org\nSubject: x\n\nhello\n' > message
cat > seen.py <<'PYTHON'
import socket
import subprocess
import sys
import threading

EHLO = b'250-mail.example.org\r\n250-%s\r\n250-8BITMIME\r\n250 %s PLAIN\r\n'
CURL = ('curl -sS -m 10 %s --user u:p --mail-from a@example.org --mail-rcpt b@example.org --crlf'
        ' -T message smtp://127.0.0.1:PORT')
SWAKS = 'swaks --server 127.0.0.1:PORT -f a@example.org -t b@example.org --timeout 10 -d @message'
MSMTP = ('msmtp -C /dev/null --host=127.0.0.1 --port=PORT --timeout=10 -f a@example.org'
         ' --auth=plain --user=u --passwordeval="echo p" --tls=off b@example.org < message')
MUTT = ('mutt -n -F /dev/null -e "set smtp_url=smtp://u:p@127.0.0.1:PORT/ from=a@example.org copy=no ssl_starttls=no'
        ' ssl_force_tls=no" -s x b@example.org < message')


def session(connection, ehlo, said):
    """Takes one message, with a login or without (RFC 5321, 4954)."""
    in_data = False
    connection.sendall(b'220 mail.example.org ESMTP\r\n')
    for line in connection.makefile('rb'):
        line = line.rstrip(b'\r\n')
        if in_data:
            in_data = line != b'.'
            if not in_data:
                connection.sendall(b'250 taken\r\n')
            continue
        verb = line[:4].upper()
        said.append(verb.decode())
        if verb == b'EHLO':
            connection.sendall(ehlo)
        elif verb == b'AUTH':
            if line.upper() == b'AUTH PLAIN':
                connection.sendall(b'334 \r\n')
                line = b''
                while not line.endswith(b'\n'):
                    line += connection.recv(100)
            connection.sendall(b'235 in\r\n')
        elif verb == b'DATA':
            in_data = True
            connection.sendall(b'354 go ahead\r\n')
        elif verb == b'STAR':
            connection.sendall(b'454 not now\r\n')
        elif verb == b'QUIT':
            connection.sendall(b'221 bye\r\n')
            return
        else:
            connection.sendall(b'250 ok\r\n')


def run(command, ehlo):
    said = []

    def serve():
        with listener.accept()[0] as connection:
            try:
                session(connection, ehlo, said)
            except OSError:
                pass

    with socket.create_server(('127.0.0.1', 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        done = subprocess.run(command.replace('PORT', str(listener.getsockname()[1])), shell=True,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        thread.join(10)
    return done.returncode, 'STAR' in said, 'AUTH' in said, 'DATA' in said


# Exit status, STARTTLS tried, logged in, message sent; in upper case and in lower.
rows = [('curl', CURL % '', (0, False, True, True), (0, False, False, True)),
        ('curl --ssl', CURL % '--ssl', (0, True, True, True), (0, False, False, True)),
        ('curl --ssl-reqd', CURL % '--ssl-reqd', (64, True, False, False),
         (64, False, False, False)),
        ('swaks -a', SWAKS + ' -a PLAIN -au u -ap p', (0, False, True, True),
         (28, False, False, False)),
        ('swaks -tlso', SWAKS + ' -tlso', (0, True, False, True), (0, False, False, True))]
rows += [(name, command, (0, False, True, True), (0, False, True, True)) for name, command in (
    ('msmtp', MSMTP), ('mutt', MUTT), ('Net::SMTP', 'perl send.pl PORT'),
    ('nodemailer', 'node send.js PORT'),
    ('aiosmtplib', 'python3 send.py PORT aiosmtplib'), ('smtplib', 'python3 send.py PORT smtplib'))]
changed = 0
for name, command, upper, lower in rows:
    seen = run(command, EHLO % (b'STARTTLS', b'AUTH')), run(command, EHLO % (b'starttls', b'auth'))
    right = seen == (upper, lower)
    changed += not right
    for case, (status, tls, login, sent) in zip(('upper', 'lower'), seen):
        print('%-16s %s case: exit %d, %sSTARTTLS, %slogin, %s%s'
              % (name, case, status, '' if tls else 'no ', '' if login else 'no ',
                 'message sent' if sent else 'nothing sent', '' if right else '   CHANGED'),
              flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
