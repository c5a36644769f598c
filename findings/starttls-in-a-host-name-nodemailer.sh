#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What nodemailer takes for an extension in the answer to EHLO.
#
# One would guess:  the first line of the answer is the server's name and a greeting, the keyword of
#                   an extension is the first word of each line after it (RFC 5321 section 4.1.1.1).
# What is:          it looks for `[ -]STARTTLS` and its like anywhere in the whole answer. A server
#                   whose *name* is mx-starttls.example.org, or that greets with "no STARTTLS on
#                   this port", gets a STARTTLS that it did not offer; its refusal ends the attempt,
#                   and nothing is sent (`ignoreTLS` helps). With mx-dsn.example.org a message with
#                   a `dsn` gets MAIL parameters that were not offered. curl 7.88.1, msmtp 1.8.23,
#                   mutt 2.2.12, swaks, Net::SMTP, smtplib and aiosmtplib send to a server of such a
#                   name.
# Why it matters:   a host may be called what it is for: every node application is then unable to
#                   send through it, with an error that speaks of TLS ("Error upgrading connection
#                   with STARTTLS"), while all other programs do.
# Seen with:        nodemailer 10.6.1 (node 20.20).  2026-11-30.
# Needs:            node, npm, python3.
set -eu
for program in node npm python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" nodemailer@10.6.1 >/dev/null 2>&1
cat > send.js <<'JS'
const options = {host: '127.0.0.1', port: Number(process.argv[2]), connectionTimeout: 10000,
    socketTimeout: 10000}
const message = {from: 'a@example.org', to: 'b@example.org', subject: 'x', text: 'hello',
    dsn: {id: 'i', notify: 'never'}}
if (process.argv[3]) options[process.argv[3]] = true
require('nodemailer').createTransport(options).sendMail(message)
    .then(() => console.log('sent'), error => console.log(error.message))
JS
cat > seen.py <<'PYTHON'
import socket
import subprocess
import sys
import threading


def session(connection, greeting, said):
    """Takes one message and knows neither STARTTLS nor DSN."""
    in_data = False
    connection.sendall(b'220 mail ESMTP\r\n')
    for line in connection.makefile('rb'):
        line = line.rstrip(b'\r\n')
        if in_data:
            in_data = line != b'.'
            if not in_data:
                connection.sendall(b'250 taken\r\n')
            continue
        said.append(line.decode())
        verb = line[:4].upper()
        if verb == b'EHLO':
            connection.sendall(b'250-%s\r\n250 8BITMIME\r\n' % greeting)
        elif verb == b'DATA':
            in_data = True
            connection.sendall(b'354 go ahead\r\n')
        elif verb in (b'MAIL', b'RCPT') and line.endswith(b'>'):
            connection.sendall(b'250 ok\r\n')
        elif verb == b'QUIT':
            connection.sendall(b'221 bye\r\n')
            return
        else:
            connection.sendall(b'555 not offered\r\n')


def run(greeting, option):
    said = []

    def serve():
        with listener.accept()[0] as connection:
            try:
                session(connection, greeting, said)
            except OSError:
                pass

    with socket.create_server(('127.0.0.1', 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        done = subprocess.run(['node', 'send.js', str(listener.getsockname()[1]), option],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=60)
        thread.join(10)
    return done.stdout.decode().strip(), [line.split(':')[0] for line in said
                                          if not line.startswith('EHLO')]


SENT = ('sent', ['MAIL FROM', 'RCPT TO', 'DATA'])
TLS = ('Error upgrading connection with STARTTLS: 555 not offered', ['STARTTLS'])
rows = [(b'mx.example.org', '', SENT), (b'mx-starttls.example.org', '', TLS),
        (b'mx.example.org no STARTTLS on this port', '', TLS), (b'mx-starttls.example.org',
                                                                'ignoreTLS', SENT),
        (b'mx-dsn.example.org', '', ('Mail command failed: 555 not offered', ['MAIL FROM']))]
changed = 0
for greeting, option, expected in rows:
    seen = run(greeting, option)
    changed += seen != expected
    print('250-%-40s %-16s %r%s' % (greeting.decode(), option, seen, '' if seen == expected
                                    else '   CHANGED'), flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
