#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What FTP clients do with MLSD's type in capitals, without it, and with a symbolic link.
#
# One would guess:  `type=FILE` is a file, for "the value of the type fact is a case independent
#                   string" (RFC 3659 section 7.5.1); a server may leave out any fact (section 7.2:
#                   `[facts] SP pathname`), and a client that cannot tell shows the name; a link is
#                   an entry as any other.
# What is:          basic-ftp's downloadToDir() passes over every entry that is not `type=file` or
#                   `type=dir` to the letter: a folder's copy ends in success without the file.
#                   aioftp's list() ends with KeyError: 'type' at the first entry without it, and
#                   calls a FILE neither file nor folder. lftp does not take an MLSD without types
#                   nor the RFC's own example of a link (`OS.unix=slink:/foobar`) and asks LIST and
#                   NLST in its place (`OS.unix=symlink` it takes). ncftp's ls leaves out both forms
#                   of a link and an entry without any facts. ftplib hands everything on; an entry
#                   without facts has one, {'': ''}.
# Why it matters:   ProFTPD, and most who copied it, send `OS.unix=symlink`: ncftp's users do not
#                   see links at all, with LIST they would. Who writes a server writes lower case,
#                   and type always.
# Seen with:        basic-ftp 6.2.6 (node 20.20), aioftp 0.28.3, ftplib of CPython 3.11.7; lftp
#                   4.9.2, ncftp 3.2.6 of Debian 12. 2026-11-30.
# Needs:            lftp, ncftp, node, npm, python3.
set -eu
for program in lftp ncftp node npm python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages aioftp==0.28.3 2>/dev/null
npm install --silent --no-audit --no-fund --prefix "$folder" basic-ftp@6.2.6 >/dev/null 2>&1
cat > copy.js <<'JS'
const {Client} = require('basic-ftp')
const client = new Client(10000)
client.access({host: '127.0.0.1', port: Number(process.argv[2]), user: 'u', password: 'p'})
    .then(() => client.downloadToDir(process.argv[3]))
    .then(() => console.log(require('fs').readdirSync(process.argv[3]).join(' ')),
          error => console.log(String(error)))
    .finally(() => client.close())
JS
cat > seen.py <<'PYTHON'
import asyncio
import ftplib
import re
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, 'packages')
import aioftp

FEATURES = b'211-Features\r\n MLST Type*;Size*;Modify*;Perm*;\r\n SIZE\r\n EPSV\r\n211 end\r\n'
PLAIN = {b'USER': b'331 password\r\n', b'PASS': b'230 in\r\n', b'PWD': b'257 "/"\r\n',
         b'CWD': b'250 ok\r\n', b'TYPE': b'200 ok\r\n',
         b'STRU': b'200 ok\r\n', b'SYST': b'215 UNIX Type: L8\r\n', b'SIZE': b'213 6\r\n',
         b'FEAT': FEATURES}


def session(connection, listing, said):
    """Has MLSD (RFC 3659), and empty LIST and NLST."""
    data = None
    connection.sendall(b'220 ready\r\n')
    for line in connection.makefile('rb'):
        verb = line.split()[0].upper()
        if verb in (b'EPSV', b'PASV'):
            data = socket.create_server(('127.0.0.1', 0))
            port = data.getsockname()[1]
            connection.sendall(b'229 ok (|||%d|)\r\n' % port if verb == b'EPSV' else
                               b'227 ok (127,0,0,1,%d,%d)\r\n' % (port >> 8, port & 255))
        elif verb in (b'MLSD', b'LIST', b'NLST', b'RETR'):
            said.append(verb.decode())
            connection.sendall(b'150 here\r\n')
            with data, data.accept()[0] as channel:
                channel.sendall({b'MLSD': listing, b'RETR': b'hello\n'}.get(verb, b''))
            connection.sendall(b'226 done\r\n')
        elif verb == b'QUIT':
            connection.sendall(b'221 bye\r\n')
            return
        else:
            connection.sendall(PLAIN.get(verb, b'502 no\r\n'))


def guarded(listener, listing, said):
    try:
        with listener.accept()[0] as connection:
            session(connection, listing, said)
    except OSError:
        pass


def output(command):
    return subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60).stdout.decode()


def by_basic_ftp(port):
    return output('node copy.js %d %s' % (port, tempfile.mkdtemp(dir='.'))).strip()


def by_aioftp(port):
    async def names():
        client = aioftp.Client(socket_timeout=10)
        await client.connect('127.0.0.1', port)
        await client.login('u', 'p')
        return ' '.join(str(path) for path, _ in sorted(await client.list()))
    try:
        return asyncio.run(names())
    except KeyError as exc:
        return repr(exc)


def by_ftplib(port):
    client = ftplib.FTP()
    client.connect('127.0.0.1', port, 10)
    client.login('u', 'p')
    names = ' '.join(name for name, _ in client.mlsd())
    client.quit()
    return names


def by_lftp(port):
    listed = output('lftp -c "set net:timeout 10; open -u u,p ftp://127.0.0.1:%d; cls -1"' % port)
    return ' '.join(sorted(listed.replace('@', '').split()))


def by_ncftp(port):
    text = output('printf "ls -1\\nquit\\n" | ncftp -u u -p p -P %d 127.0.0.1' % port)
    return ' '.join(sorted(set(re.findall(r'^(entry|other)\s*$', text, re.M))))


ALL, LESS = 'entry other', 'other'
MISSING = "KeyError('type')"
ASKED, NONE = LESS + ', asks LIST NLST', ', asks LIST NLST'
#        the entry                          basic-ftp  aioftp   lftp   ncftp  ftplib
rows = [(b'type=file;size=6; entry',        ALL,       ALL,     ALL,   ALL,   ALL),
        (b'type=FILE;size=6; entry',        LESS,      ALL,     ALL,   ALL,   ALL),
        (b'size=6; entry',                  LESS,      MISSING, NONE,  ALL,   ALL),
        (b' entry',                         LESS,      MISSING, ASKED, LESS,  ALL),
        (b'type=OS.unix=slink:/x; entry',   LESS,      ALL,     ASKED, LESS,  ALL),
        (b'type=OS.unix=symlink; entry',    LESS,      ALL,     ALL,   LESS,  ALL)]
clients = [('basic-ftp', by_basic_ftp), ('aioftp', by_aioftp), ('lftp', by_lftp),
           ('ncftp', by_ncftp), ('ftplib', by_ftplib)]
changed = 0
for line, *expected in rows:
    for (name, names), result in zip(clients, expected):
        said = []
        with socket.create_server(('127.0.0.1', 0)) as listener:
            threading.Thread(target=guarded, daemon=True,
                             args=(listener, line + b'\r\ntype=file;size=6; other\r\n',
                                   said)).start()
            seen = names(listener.getsockname()[1])
        asked = [verb for verb in said if verb in ('LIST', 'NLST')]
        seen += ', asks ' + ' '.join(asked) if asked else ''
        changed += seen != result
        print('%-30s %-10s %s%s' % (line.decode(), name, seen,
                                    '' if seen == result else '   CHANGED'), flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 -W ignore seen.py 2>/dev/null
