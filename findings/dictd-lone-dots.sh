#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# How dictd sends a line of a definition that begins with a dot, and one that is very long.
#
# One would guess:  each line that begins with a dot gets a second one, and no line has more than
#                   1,024 characters (RFC 2229 section 2.4.3).
# What is:          it doubles the dot of a line that is a dot alone, and no other; ".profile" goes
#                   out as it is. A line of 3,000 characters goes out whole.
# Why it matters:   a client that takes the first dot off each line, as those of SMTP and POP3 do,
#                   loses it here; one that keeps it unless there are two reads both. A client
#                   whose buffer has the 6,144 octets of the RFC may lose a definition.
# Seen with:        dictd and dictfmt 1.13.0 of Debian 12; Python 3.11.7.  2026-12-01.
# Needs:            dictd, dictfmt, python3.
set -eu
PATH=$PATH:/usr/sbin
for program in dictd dictfmt python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
python3 -c "print(':word:\n.profile\n.\n' + 'x' * 3000)" |
    dictfmt -j --utf8 -s Sample -u none sample >/dev/null 2>&1
port=$(python3 -c "
import socket
probe = socket.socket()
probe.bind(('127.0.0.1', 0))
print(probe.getsockname()[1])")
cat > dictd.conf <<CONF
access { allow 127.0.0.1 }
database sample { data "$folder/sample.dict" index "$folder/sample.index" }
CONF
dictd -d nodetach -c dictd.conf -p "$port" --listen-to 127.0.0.1 --locale C.UTF-8 \
    --pid-file "$folder/pid" >/dev/null 2>&1 &
server=$!
python3 - "$port" <<'PYTHON'
import socket
import sys
import time

for _ in range(100):
    try:
        connection = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10)
        break
    except OSError:
        time.sleep(0.1)
connection.sendall(b'DEFINE sample word\r\nQUIT\r\n')
said = b''
while True:
    piece = connection.recv(65536)
    if not piece:
        break
    said += piece
lines = said.split(b'\r\n')
dots = [line for line in lines if line[:1] == b'.']
longest = max(len(line) for line in lines)
print('lines that begin with a dot:', dots)
print('characters of the longest line:', longest)
sys.exit(0 if dots == [b'.profile', b'..', b'.'] and longest == 3000 else 1)
PYTHON
