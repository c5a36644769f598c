#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What mutt, built with GNU SASL as Debian builds it, does with a POP3 server that offers SCRAM with
# channel binding too.
#
# One would guess:  a client that has no channel binding passes the -PLUS mechanisms by (RFC 5802
#                   section 6: it sends "n" with the plain one), or falls back to the plain SCRAM
#                   that stands beside it in the list.
# What is:          it picks SCRAM-SHA-256-PLUS from the list `SCRAM-SHA-256-PLUS SCRAM-SHA-256`,
#                   under TLS 1.2 and 1.3 alike, finds that it has nothing to bind by ("a
#                   tls-exporter channel binding was not provided"), cancels with `*`, and never
#                   tries SCRAM-SHA-256. GNU SASL counts -PLUS as usable whatever its caller can
#                   supply, and mutt supplies no binding of any kind.
# Why it matters:   a mail server that begins to offer -PLUS, quite by the RFCs (9266 and 5802),
#                   locks these users out as long as USER and PASS are not taken. There is no
#                   server's choice of binding that helps; not to offer is.
# Seen with:        mutt 2.2.12 and libgsasl 2.2.0 of Debian 12; Python 3.11.7.  2026-11-30.
# Needs:            mutt, script (bsdutils), openssl, python3.
set -eu
for program in mutt script openssl python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout key.pem -out cert.pem -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost >/dev/null 2>&1
cat > seen.py <<'PYTHON'
import os
import socket
import ssl
import subprocess
import sys
import threading

RC = ('set folder="."\nset certificate_file="cert.pem"\nset pop_user="anna"\n'
      'set pop_pass="secret"\nset quit=yes\n')


def serve(listener, version, said):
    """One POP3 session (RFC 5034), as far as the client comes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain('cert.pem', 'key.pem')
    context.minimum_version = context.maximum_version = version
    with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
        connection.sendall(b'+OK ready\r\n')
        for line in connection.makefile('rb'):
            said.append(line.strip())
            if line.startswith(b'CAPA'):
                connection.sendall(b'+OK\r\nSASL SCRAM-SHA-256-PLUS SCRAM-SHA-256\r\n.\r\n')
            elif line.startswith(b'AUTH'):
                connection.sendall(b'+ \r\n')
            elif line.startswith(b'QUIT'):
                connection.sendall(b'+OK\r\n')
                return
            else:
                connection.sendall(b'-ERR\r\n')


def session(version):
    said = []
    with socket.create_server(('127.0.0.1', 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, version, said), daemon=True)
        thread.start()
        with open('muttrc', 'w') as rc:
            rc.write(RC)
        command = 'mutt -n -F muttrc -f pops://anna@localhost:%d/ -e "push <quit>"' % listener.getsockname()[1]
        subprocess.run(['script', '-qec', command, '/dev/null'], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL,
                       env=dict(os.environ, HOME=os.getcwd(), TERM='vt100'), timeout=60)
        thread.join(10)
    return [line for line in said if line.startswith((b'AUTH', b'*'))]


print(subprocess.run(['mutt', '-v'], stdout=subprocess.PIPE).stdout.decode().splitlines()[0])
seen = [session(ssl.TLSVersion.TLSv1_2), session(ssl.TLSVersion.TLSv1_3)]
for version, lines in zip(('1.2', '1.3'), seen):
    print('under TLS %s mutt says: %s' % (version, b', '.join(lines).decode('ascii', 'replace')))
sys.exit(0 if all(lines == [b'AUTH SCRAM-SHA-256-PLUS', b'*'] for lines in seen) else 1)
PYTHON
python3 seen.py
