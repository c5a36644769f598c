#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Python's smtplib.LMTP does with a message for two recipients.
#
# One would guess:  the class exists for the one thing in which LMTP differs: after the message the
#                   server answers once for each accepted recipient (RFC 2033 section 4.2), so that
#                   sendmail() can return who was refused.
# What is:          it reads one reply, whatever the number of recipients. A full mailbox that is
#                   second is never reported: sendmail() returns {}, "all delivered". The reply
#                   waits on the connection and becomes the answer to the *next* MAIL: the next
#                   message, with another recipient, is refused with SMTPSenderRefused and the words
#                   of the first. When both replies are 250, the next message fails with
#                   `SMTPDataError: (250, b'ok')`: each command has got the answer to the one before
#                   it.
# Why it matters:   delivery to Dovecot's, Cyrus' or Postfix' LMTP loses mail silently; it cannot be
#                   seen by testing with one recipient a message, which is the only use that works.
# Seen with:        CPython 3.11.7, 3.12.1, 3.13.0.  2026-11-30.
# Needs:            python3.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > seen.py <<'PYTHON'
import smtplib
import socket
import sys
import threading


def serve(listener):
    """Delivers for everybody except `full` (RFC 2033)."""
    with listener.accept()[0] as connection:
        recipients, in_data = [], False
        connection.sendall(b'220 mail LMTP\r\n')
        for line in connection.makefile('rb'):
            line = line.rstrip(b'\r\n')
            if in_data:
                if line == b'.':
                    in_data = False
                    for name in recipients:
                        connection.sendall(
                            b'552 5.2.2 %s: mailbox full\r\n' % name if b'full' in name
                            else b'250 2.1.5 %s: delivered\r\n' % name)
                continue
            verb = line[:4].upper()
            if verb == b'LHLO':
                connection.sendall(b'250-mail\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n')
            elif verb == b'DATA':
                in_data = True
                connection.sendall(b'354 go ahead\r\n')
            elif verb == b'QUIT':
                connection.sendall(b'221 bye\r\n')
                return
            else:
                recipients = recipients + [line[8:]] if verb == b'RCPT' else []
                connection.sendall(b'250 ok\r\n')


def session(*messages):
    seen = []
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        client = smtplib.LMTP('127.0.0.1', listener.getsockname()[1], timeout=10)
        for recipients in messages:
            try:
                seen.append(client.sendmail('me@example.org', recipients,
                                            'Subject: x\r\n\r\nhello\r\n'))
            except smtplib.SMTPException as exc:
                seen.append((type(exc).__name__,) + exc.args[:2])
        client.close()
    return seen


anna, full, zoe = 'anna@example.org', 'full@example.org', 'zoe@example.org'
rows = [([[anna, full], [zoe]],
         [{}, ('SMTPSenderRefused', 552, b'5.2.2 <full@example.org>: mailbox full')]),
        ([[anna, zoe], [zoe]], [{}, ('SMTPDataError', 250, b'ok')])]
print('Python', sys.version.split()[0])
changed = 0
for messages, expected in rows:
    seen = session(*messages)
    for recipients, result in zip(messages, seen):
        print('  to %s: %r' % (' and '.join(recipients), result))
    if seen != expected:
        changed = 1
        print('CHANGED, it was %r' % (expected,))
    print()
sys.exit(changed)
PYTHON
python3 seen.py
