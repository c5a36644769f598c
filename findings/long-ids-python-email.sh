#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Python's EmailMessage does with a long message id, and with a subject that it has decoded
# itself.
#
# One would guess:  an id that does not fit into 78 octets is put on a line of its own; RFC 2047
#                   section 5 forbids encoded words in a msg-id or an address, and there is nothing
#                   to encode in plain ASCII. A value that msg['Subject'] gave can be put into
#                   another message.
# What is:          In-Reply-To, References, Content-ID, List-Unsubscribe and any field of one's own
#                   are written as encoded words, `=?utf-8?q?=3CAM0PR...`, as soon as one word of
#                   them does not fit; of the fields with ids only Message-ID is let alone. A
#                   subject with U+2028, U+2029, U+0085, VT, FF or FS in its encoded word, as text
#                   that was pasted from a word processor has, is read; `'Re: ' + msg['Subject']` is
#                   refused with "Header values may not contain linefeed or carriage return
#                   characters", of which it has none (splitlines() is asked).
# Why it matters:   the ids of Microsoft's servers have 70 to 100 octets: an answer that is made
#                   with EmailMessage does not join its thread, a picture with a long Content-ID is
#                   not shown, one-click unsubscription is not found. It cannot be seen in Python,
#                   which decodes what it wrote. And a responder stops at one such subject.
# Seen with:        CPython 3.11.7, 3.12.1, 3.13.0.  2026-11-30.
# Needs:            python3.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > seen.py <<'PYTHON'
import email
import email.policy
import sys
from email.message import EmailMessage

ID = '<AM0PR0402MB345612D5A5D5B5F1E0AAAAAAAAAA@AM0PR0402MB3456.eurprd04.prod.outlook.com>'
changed = 0
print('Python', sys.version.split()[0])
print('the id has %d octets' % len(ID))
for name, expected in (('Message-ID', False), ('In-Reply-To', True), ('References', True),
                       ('Content-ID', True),
                       ('List-Unsubscribe', True)):
    message = EmailMessage(policy=email.policy.SMTP)
    message[name] = ID if name != 'List-Unsubscribe' else '<https://example.org/unsubscribe/%s>' % ('a1' * 30)
    raw = message.as_bytes()
    seen = b'=?utf-8?q?' in raw and b'<' not in raw
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read[name].replace(' ', '') == message[name]
    changed += seen != expected
    print('%-17s %s%s' % (name, raw.strip().decode().partition('\r\n')[0],
                          '' if seen == expected else '   CHANGED'))
for octets in (b'=E2=80=A8', b'=E2=80=A9', b'=C2=85', b'=0B', b'=0C', b'=1C', b'=C2=A0', b'=09'):
    read = email.message_from_bytes(b'Subject: =?utf-8?q?first%sSecond?=\r\n\r\n' % octets,
                                    policy=email.policy.default)
    answer = EmailMessage()
    try:
        answer['Subject'] = 'Re: ' + read['Subject']
        seen = 'taken'
    except ValueError as exc:
        seen = str(exc)
    if octets in (b'=C2=A0', b'=09'):
        right = seen == 'taken'
    else:
        right = 'linefeed or carriage return' in seen
    changed += not right
    print('%-17s %s%s' % (octets.decode(), seen, '' if right else '   CHANGED'))
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
