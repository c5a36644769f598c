#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What SMTP clients make of a reply that is a code alone, and of 251.
#
# One would guess:  `250` and CR LF is as good as `250 ok`: RFC 5321 section 4.2 says that "any
#                   text, including no text at all ... MUST be acceptable", and that the text is not
#                   to be judged. 251 ("User not local; will forward") is one of the two codes for
#                   success that section 4.3.2 gives for RCPT.
# What is:          msmtp gives up at a code alone, "the server sent an invalid reply" (exit 76,
#                   EX_PROTOCOL: not one that scripts try again), swaks too (exit 23, as if MAIL had
#                   been refused). swaks also counts 251 as a refusal of the recipient (exit 24: no
#                   recipient was accepted), msmtp takes it. curl, mutt, Net::SMTP, smtplib,
#                   aiosmtplib and nodemailer take both.
# Why it matters:   swaks is what administrators test a server with: it says that a relay which
#                   announces a forwarding refuses mail. Who writes a small server (a sink, an
#                   appliance) has to put a word behind each code.
# Seen with:        swaks 20201014.0, msmtp 1.8.23, curl 7.88.1, mutt 2.2.12, Perl 5.36's Net::SMTP
#                   of Debian 12; aiosmtplib 5.1.3, nodemailer 10.6.1 (node 20.20), smtplib of
#                   CPython 3.11.7. 2026-11-30.
# Needs:            curl, swaks, msmtp, mutt, perl, node, npm, python3.
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
    connectionTimeout: 10000, socketTimeout: 10000})
const message = {from: 'a@example.org', to: 'b@example.org', subject: 'x', text: 'hello'}
transport.sendMail(message).catch(error => {
    console.log(String(error))
    process.exitCode = 1
})
JS
cat > send.pl <<'PERL'
use Net::SMTP;
my $smtp = Net::SMTP->new('127.0.0.1', Port => $ARGV[0], Timeout => 10) or die;
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
    asyncio.run(aiosmtplib.send(message, hostname='127.0.0.1', port=int(sys.argv[1]), timeout=10))
else:
    import smtplib
    with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=10) as client:
        client.send_message(message)
PY
printf 'From: a@example.org\nTo: b@example.org\nSubject: x\n\nhello\n' > message
cat > seen.py <<'PYTHON'
import socket
import subprocess
import sys
import threading

BARE = {b'MAIL': b'250\r\n', b'RCPT': b'250\r\n', b'DATA': b'354\r\n', b'.': b'250\r\n'}
FORWARD = {b'RCPT': b'251 User not local; will forward to <b@example.net>\r\n'}


def session(connection, replies, said):
    """Takes one message (RFC 5321)."""
    in_data = False
    connection.sendall(b'220 mail.example.org ESMTP\r\n')
    for line in connection.makefile('rb'):
        line = line.rstrip(b'\r\n')
        if in_data:
            in_data = line != b'.'
            if not in_data:
                said.append('end')
                connection.sendall(replies.get(b'.', b'250 taken\r\n'))
            continue
        verb = line[:4].upper()
        if verb == b'DATA':
            in_data = True
        usual = b'221 bye\r\n' if verb == b'QUIT' else b'250 mail.example.org\r\n'
        connection.sendall(replies.get(verb, b'354 go ahead\r\n' if in_data else usual))
        if verb == b'QUIT':
            return


def run(command, replies):
    said = []

    def serve():
        with listener.accept()[0] as connection:
            try:
                session(connection, replies, said)
            except OSError:
                pass

    with socket.create_server(('127.0.0.1', 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        done = subprocess.run(command.replace('PORT', str(listener.getsockname()[1])), shell=True,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        thread.join(10)
    return done.returncode, said == ['end']


TAKEN = (0, True)
rows = [('msmtp',
         'msmtp -C /dev/null --host=127.0.0.1 --port=PORT --timeout=10 -f a@example.org --tls=off'
         ' b@example.org < message',
         (76, False), TAKEN),
        ('swaks',
         'swaks --server 127.0.0.1:PORT -f a@example.org -t b@example.org --timeout 10 -d @message',
         (23, False), (24, False)),
        ('curl',
         'curl -sS -m 10 --mail-from a@example.org --mail-rcpt b@example.org --crlf -T message'
         ' smtp://127.0.0.1:PORT',
         TAKEN, TAKEN),
        ('mutt',
         'mutt -n -F /dev/null -e "set smtp_url=smtp://127.0.0.1:PORT/ from=a@example.org copy=no'
         ' ssl_force_tls=no" -s x'
         ' b@example.org < message', TAKEN, TAKEN),
        ('Net::SMTP', 'perl send.pl PORT', TAKEN, TAKEN),
        ('nodemailer', 'node send.js PORT', TAKEN, TAKEN),
        ('aiosmtplib', 'python3 send.py PORT aiosmtplib', TAKEN, TAKEN),
        ('smtplib', 'python3 send.py PORT smtplib', TAKEN, TAKEN)]
changed = 0
for name, command, bare, forward in rows:
    for what, replies, expected in (('a code alone', BARE, bare), ('251', FORWARD, forward)):
        seen = run(command, replies)
        changed += seen != expected
        print('%-10s %-12s exit %d, %s%s'
              % (name, what, seen[0], 'message sent' if seen[1] else 'nothing sent',
                 '' if seen == expected else '   CHANGED'), flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
