#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Python's mailbox.mbox reads from an mbox that Dovecot wrote.
#
# One would guess:  both call the format mbox, so a message that is saved by the one is found by the
#                   other, the body's lines that begin with "From " quoted as ">From ".
# What is:          Dovecot quotes nothing. It writes Content-Length and goes by that and by the
#                   *form* of a From_ line (it needs a date). Python goes by the five characters
#                   alone, without a look at the date, the length or the blank line before. One
#                   message with two such lines in its text is three in Python: the first is cut
#                   off, the others have no header. git mailsplit, which looks for a date, finds
#                   one.
# Why it matters:   a script that expires or moves messages of such a mailbox with mailbox.mbox sees
#                   pieces as messages; a flush() after remove() of a piece takes the rest of
#                   somebody's text away. Content-Length, which Dovecot leaves, is then wrong for
#                   Dovecot too. A sentence that begins with "From" is all it takes.
# Seen with:        Dovecot 2.3.19.1 and git 2.39.5 of Debian 12; CPython 3.11.7, 3.12.1, 3.13.0.
#                   2026-11-30.
# Needs:            dovecot and doveadm (dovecot-core), git, python3.
set -eu
for program in dovecot doveadm git python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
user=$(id -un)
group=$(id -gn)
if [ "$(id -u)" = 0 ]; then   # Dovecot does not touch mail as root.
    user=nobody
    group=nogroup
fi
mkdir mail
cat > dovecot.conf <<CONF
base_dir = $folder/run
mail_location = mbox:$folder/mail:INBOX=$folder/mail/inbox
mail_uid = $user
mail_gid = $group
first_valid_uid = 0
first_valid_gid = 0
log_path = /dev/stderr
protocols =
ssl = no
CONF
printf 'From: anna@example.org\r\nSubject: way\r\n\r\nHello,\r\n\r\n' > message
printf 'From here on it is easy.\r\n' >> message
printf 'From the station you walk.\r\nBye\r\n' >> message
chmod -R a+rX "$folder"
[ "$(id -u)" != 0 ] || chown "$user:$group" mail
HOME="$folder/mail" USER="$user" doveadm -c dovecot.conf save -m INBOX "$folder/message"
cat > seen.py <<'PYTHON'
import mailbox
import os
import subprocess
import sys

with open('mail/inbox', 'rb') as stream:
    raw = stream.read()
parts = [(message['Subject'], message.get_payload())
         for message in mailbox.mbox('mail/inbox', create=False)]
os.mkdir('split')
count = subprocess.run(['git', 'mailsplit', '-osplit', 'mail/inbox'],
                       stdout=subprocess.PIPE).stdout.strip().decode()
print('Dovecot', subprocess.run(['dovecot', '--version'],
                                stdout=subprocess.PIPE).stdout.decode().strip(), 'wrote:')
print(raw.decode())
print('Python', sys.version.split()[0], 'reads:')
for part in parts:
    print('  %r' % (part,))
print('git mailsplit counts:', count)
right = (raw.count(b'\nFrom the station') == 1 and b'>From' not in raw
         and b'Content-Length: 64' in raw and count == '1'
         and parts == [('way', 'Hello,\n'), (None, ''), (None, 'Bye\n')])
sys.exit(0 if right else 1)
PYTHON
python3 seen.py
