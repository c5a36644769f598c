#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What SOCKS 5 clients make of a reply whose bound address is a name or an IPv6 address.
#
# One would guess:  BND.ADDR has three types, as DST.ADDR has (RFC 1928 section 6), and a client of
#                   CONNECT has only to know how long each is, for it does not use it.
# What is:          torsocks reads ten octets whatever the type says. What is left of a longer
#                   reply, 12 octets of an IPv6 address for one, becomes the first data that the
#                   program gets from the other side: curl says "Received HTTP/0.9 when not
#                   allowed", a plain reader gets a piece of the address before the answer.
#                   OpenBSD's nc ends at a name ("unsupported address type") although the connection
#                   stands, and takes both addresses. curl, proxychains4, PySocks, python-socks,
#                   socksio (httpx) and node's socks read all three.
# Why it matters:   a proxy that tells its true outgoing address, as the RFC asks, breaks torsocks'
#                   stream the day it goes out by IPv6; `ssh -o ProxyCommand="nc -X 5 -x ..."` fails
#                   behind one that answers with its name. Hence the many proxies that answer
#                   0.0.0.0:0.
# Seen with:        torsocks 2.4.0, netcat-openbsd 1.219, curl 7.88.1, proxychains4 4.16 of Debian
#                   12; PySocks 1.7.1, python-socks 3.2.1, socksio 1.0.0, node's socks 2.8.11 (node
#                   20.20). 2026-11-30.
# Needs:            nc (netcat-openbsd), torsocks, proxychains4, curl, node, npm, python3.
set -eu
for program in nc torsocks proxychains4 curl node npm python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages PySocks==1.7.1 python-socks==3.2.1 httpx==0.28.1 socksio==1.0.0 2>/dev/null
npm install --silent --no-audit --no-fund --prefix "$folder" socks@2.8.11 >/dev/null 2>&1
cat > get.js <<'JS'
const {SocksClient} = require('socks')
SocksClient.createConnection({
    proxy: {host: '127.0.0.1', port: Number(process.argv[2]), type: 5}, command: 'connect',
    destination: {host: '192.0.2.7', port: 80}, timeout: 10000}).then(({socket}) => {
    socket.pipe(process.stdout)
    socket.write('GET / HTTP/1.0\r\n\r\n')
    socket.resume()
}, error => console.log(String(error)))
JS
cat > get.py <<'PY'
import sys
port, way = int(sys.argv[1]), sys.argv[2]
sys.path.insert(0, 'packages')
if way == 'socksio':
    import httpx
    sys.stdout.write(httpx.get('http://192.0.2.7/', proxy='socks5://127.0.0.1:%d' % port,
                               timeout=10).text)
    sys.exit()
if way == 'plain':                      # under torsocks
    import socket
    connection = socket.create_connection(('192.0.2.7', 80), 10)
elif way == 'PySocks':
    import socks
    connection = socks.socksocket()
    connection.set_proxy(socks.SOCKS5, '127.0.0.1', port)
    connection.connect(('192.0.2.7', 80))
else:
    from python_socks.sync import Proxy
    connection = Proxy.from_url('socks5://127.0.0.1:%d' % port).connect('192.0.2.7', 80, timeout=10)
connection.sendall(b'GET / HTTP/1.0\r\n\r\n')
data = b''
while True:
    more = connection.recv(1000)
    if not more:
        break
    data += more
sys.stdout.buffer.write(data)
PY
cat > seen.py <<'PYTHON'
import socket
import subprocess
import sys
import threading

ANSWER = b'HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nanswer'
KINDS = [('IPv4', b'\x01' + bytes([192, 0, 2, 1]) + b'\x9c\x40'),
         ('IPv6', b'\x04' + socket.inet_pton(socket.AF_INET6, '2001:db8::1') + b'\x9c\x40'),
         ('name', b'\x03\x11proxy.example.org\x9c\x40')]


def serve(listener, bound):
    """A proxy for one connection, and what stands behind it too."""
    with listener.accept()[0] as connection:
        reader = connection.makefile('rb')
        reader.read(reader.read(2)[1])
        connection.sendall(b'\x05\x00')
        kind = reader.read(4)[3]
        reader.read((reader.read(1)[0] if kind == 3 else {1: 4, 4: 16}[kind]) + 2)
        connection.sendall(b'\x05\x00\x00' + bound)
        line = reader.readline()
        while line.strip():
            line = reader.readline()
        if line:
            connection.sendall(ANSWER)


def guarded(listener, bound):
    try:
        serve(listener, bound)
    except OSError:
        pass


def run(command, bound):
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = str(listener.getsockname()[1])
        threading.Thread(target=guarded, args=(listener, bound), daemon=True).start()
        with open('chains.conf', 'w') as conf:
            conf.write('strict_chain\ntcp_read_time_out 10000\n[ProxyList]\nsocks5 127.0.0.1 %s\n'
                       % port)
        done = subprocess.run(command.replace('PORT', port), shell=True,
                              input=b'GET / HTTP/1.0\r\n\r\n', capture_output=True,
                              timeout=60)
    return done.stdout or done.stderr


CURL = 'curl -sS -m 10 http://192.0.2.7/'
GOOD = [b'answer'] * 3
rows = [('torsocks curl', 'torsocks -P PORT ' + CURL, [b'answer', b'HTTP/0.9', b'HTTP/0.9']),
        ('torsocks plain', 'torsocks -P PORT python3 get.py 0 plain',
         [ANSWER] + [bound[7:] + ANSWER for _, bound in KINDS[1:]]),
        ('nc', 'nc -w 10 -X 5 -x 127.0.0.1:PORT 192.0.2.7 80',
         [b'answer', b'answer', b'unsupported address type']),
        ('curl', CURL + ' --socks5 127.0.0.1:PORT', GOOD),
        ('proxychains4', 'proxychains4 -q -f chains.conf ' + CURL, GOOD),
        ('PySocks', 'python3 get.py PORT PySocks', GOOD),
        ('python-socks', 'python3 get.py PORT python-socks', GOOD),
        ('socksio', 'python3 get.py PORT socksio', GOOD), ('node socks', 'node get.js PORT', GOOD)]
changed = 0
for name, command, expected in rows:
    for (kind, bound), part in zip(KINDS, expected):
        seen = run(command, bound)
        right = part in seen and (not part.endswith(ANSWER) or seen == part)
        changed += not right
        print('%-14s %s: %r%s' % (name, kind, seen[:60], '' if right else '   CHANGED'), flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
