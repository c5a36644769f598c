#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What fetchmail and mpop make of a POP3 server that cannot let anybody in for now.
#
# One would guess:  they tell `-ERR [SYS/TEMP]` from `-ERR [AUTH]`: RFC 3206 was written so that a
#                   client does not ask its user for another password when a disk is away, and CAPA
#                   says AUTH-RESP-CODE. The same for RFC 2449's [IN-USE] and [LOGIN-DELAY].
# What is:          fetchmail says "Authorization failure" and exits with 3 for both, without the
#                   server's words; [IN-USE] and [LOGIN-DELAY] are "lock busy! Is another session
#                   active?", 9, though after [LOGIN-DELAY] none is. mpop exits with 77, EX_NOPERM,
#                   for all four, but shows the words. Neither has EX_TEMPFAIL for it.
# Why it matters:   a server that does what the RFC wants, when its storage is away, makes cron mail
#                   every user that the password is wrong. Scripts around fetchmail cannot tell by
#                   the status; those around mpop must look for "[SYS/TEMP]" in the text.
# Seen with:        fetchmail 6.4.37 and mpop 1.4.18 of Debian 12.  2026-11-30.
# Needs:            fetchmail, mpop, python3.
set -eu
for program in fetchmail mpop python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" FETCHMAILHOME="$folder" LC_ALL=C
mkdir -p maildir/cur maildir/new maildir/tmp
cat > seen.py <<'PYTHON'
import os
import socket
import subprocess
import sys
import threading

FETCHMAILRC = ('poll 127.0.0.1 protocol pop3 port %d auth password timeout 10\n'
               ' user u password p sslproto "" mda "cat"\n')
MPOPRC = ('account default\nhost 127.0.0.1\nport %d\nuser u\npassword p\nauth user\n'
          'tls off\ntimeout 10\nuidls_file uidls\ndelivery maildir maildir\n')


def session(connection, refusal):
    """Refuses the password in the words given (RFC 1939, 2449, 3206)."""
    connection.sendall(b'+OK ready\r\n')
    for line in connection.makefile('rb'):
        verb = line[:4].upper()
        if verb == b'CAPA':
            connection.sendall(b'+OK\r\nUSER\r\nUIDL\r\nTOP\r\n'
                               b'RESP-CODES\r\nAUTH-RESP-CODE\r\n.\r\n')
        elif verb == b'PASS':
            connection.sendall(b'-ERR ' + refusal + b'\r\n')
        else:
            connection.sendall(b'+OK\r\n')
            if verb == b'QUIT':
                return


def guarded(listener, refusal):
    try:
        with listener.accept()[0] as connection:
            session(connection, refusal)
    except OSError:
        pass


def run(name, refusal):
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=guarded, args=(listener, refusal), daemon=True).start()
        with open(name + 'rc', 'w') as rc:
            rc.write((FETCHMAILRC if name == 'fetchmail' else MPOPRC) % listener.getsockname()[1])
        os.chmod(name + 'rc', 0o600)
        command = ['mpop', '-C', 'mpoprc']
        if name == 'fetchmail':
            command = ['fetchmail', '-f', 'fetchmailrc', '--nosyslog', '--nodetach', '--pidfile',
                       'pid']
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60)
    text = done.stdout.decode()
    return (done.returncode, refusal.decode() in text,
            'uthorization failure' in text or 'authentication failed' in text, 'lock busy' in text)


# Exit status; the server's words are shown; it speaks of the password; of a lock.
rows = [(b'[AUTH] wrong password', (3, False, True, False), (77, True, True, False)),
        (b'[SYS/TEMP] the disk is away', (3, False, True, False), (77, True, True, False)),
        (b'[IN-USE] another session has it', (9, True, False, True), (77, True, True, False)),
        (b'[LOGIN-DELAY] try in a minute', (9, True, False, True), (77, True, True, False))]
changed = 0
for refusal, fetchmail, mpop in rows:
    for name, expected in (('fetchmail', fetchmail), ('mpop', mpop)):
        seen = run(name, refusal)
        changed += seen != expected
        status, words, password, lock = seen
        topic = 'a lock' if lock else 'neither'
        print('%-33s %-9s exit %d, speaks of %s, %s%s'
              % (refusal.decode(), name, status, 'the password' if password else topic,
                 'with the server\'s words' if words else 'without its words',
                 '' if seen == expected else '   CHANGED'), flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
