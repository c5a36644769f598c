#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What SOCKS 5 clients do with a user name and no password.
#
# One would guess:  they send the name with an empty password, as curl does for
#                   `socks5h://name@proxy`, or refuse to, since RFC 1929 gives a password one octet
#                   at least.
# What is:          PySocks (behind requests' and urllib3's socks5h://) and python-socks (behind
#                   aiohttp-socks, httpx-socks, websockets) drop the name without a word and offer
#                   "no authentication" alone. httpx's own SOCKS, node's socks, IO::Socket::Socks
#                   and curl send the name.
# Why it matters:   proxies choose by the name: Tor takes each name for a circuit of its own
#                   (IsolateSOCKSAuth) whatever the password is, others an account or an outgoing
#                   address. A program that is moved from curl to requests goes by the shared
#                   circuit, or gets "no acceptable methods" with nothing wrong in its URL. A
#                   password of one blank or letter is the way out.
# Seen with:        PySocks 1.7.1 (requests 2.34.2), python-socks 3.2.1, httpx 0.28.1 (socksio
#                   1.0.0), node's socks 2.8.11 (node 20.20), curl 7.88.1. 2026-11-30.
# Needs:            curl, node, npm, python3.
set -eu
for program in curl node npm python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages PySocks==1.7.1 requests==2.34.2 python-socks==3.2.1 httpx==0.28.1 \
    socksio==1.0.0 2>/dev/null
npm install --silent --no-audit --no-fund --prefix "$folder" socks@2.8.11 >/dev/null 2>&1
cat > get.js <<'JS'
const {SocksClient} = require('socks')
SocksClient.createConnection({
    proxy: {host: '127.0.0.1', port: Number(process.argv[2]), type: 5, userId: 'name'},
    command: 'connect', destination: {host: 'example.org', port: 80}, timeout: 10000
}).then(({socket}) => {
    socket.pipe(process.stdout)
    socket.write('GET / HTTP/1.0\r\n\r\n')
    socket.resume()
}, error => console.log(String(error)))
JS
cat > get.py <<'PY'
import sys
proxy, way = 'socks5h://name@127.0.0.1:' + sys.argv[1], sys.argv[2]
sys.path.insert(0, 'packages')
if way == 'requests':
    import requests
    print(requests.get('http://example.org/', proxies={'http': proxy}, timeout=10).text)
elif way == 'httpx':
    import httpx
    print(httpx.get('http://example.org/', proxy=proxy, timeout=10).text)
elif way == 'PySocks':
    import socks
    connection = socks.socksocket()
    connection.set_proxy(socks.SOCKS5, '127.0.0.1', int(sys.argv[1]), username='name', password='')
    connection.connect(('example.org', 80))
    connection.sendall(b'GET / HTTP/1.0\r\n\r\n')
else:
    from python_socks import ProxyType
    from python_socks.sync import Proxy
    proxy = Proxy(ProxyType.SOCKS5, '127.0.0.1', int(sys.argv[1]), username='name', password='')
    connection = proxy.connect('example.org', 80, timeout=10)
    connection.sendall(b'GET / HTTP/1.0\r\n\r\n')
PY
cat > seen.py <<'PYTHON'
import os
import socket
import subprocess
import sys
import threading


def serve(listener, seen):
    """A proxy for one connection, and what stands behind it too (RFC 1928, 1929)."""
    with listener.accept()[0] as connection:
        reader = connection.makefile('rb')
        methods = reader.read(reader.read(2)[1])
        if 2 in methods:
            connection.sendall(b'\x05\x02')
            name = reader.read(reader.read(2)[1])
            seen.append((name.decode(), reader.read(reader.read(1)[0]).decode()))
            connection.sendall(b'\x01\x00')
        else:
            seen.append('nobody')
            connection.sendall(b'\x05\x00')
        reader.read(reader.read(5)[4] + 2)
        connection.sendall(b'\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00')
        while reader.readline().strip():
            pass
        connection.sendall(b'HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nanswer')


def guarded(listener, seen):
    try:
        serve(listener, seen)
    except OSError:
        pass


NAMED = [('name', '')]
rows = [('curl', 'curl -sS -m 10 -x socks5h://name@127.0.0.1:PORT http://example.org/', NAMED),
        ('httpx', 'python3 get.py PORT httpx', NAMED), ('node socks', 'node get.js PORT', NAMED),
        ('PySocks', 'python3 get.py PORT PySocks', ['nobody']),
        ('requests', 'python3 get.py PORT requests', ['nobody']),
        ('python-socks', 'python3 get.py PORT python-socks', ['nobody'])]
plain = {key: value for key, value in os.environ.items() if not key.lower().endswith('_proxy')}
changed = 0
for name, command, expected in rows:
    seen = []
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=guarded, args=(listener, seen), daemon=True).start()
        subprocess.run(command.replace('PORT', str(listener.getsockname()[1])), shell=True,
                       stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=60, env=plain)
    changed += seen != expected
    print('%-13s logs in as %r%s' % (name, seen, '' if seen == expected else '   CHANGED'),
          flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
