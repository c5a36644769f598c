#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Python's http.client takes 103 Early Hints (and 102 Processing) for the answer.
#
# One would guess:  an interim response is passed over, for RFC 9110 section 15.2 says that a client
#                   MUST be able to parse 1xx responses it did not ask for. curl, wget, node, httpx
#                   and aiohttp do.
# What is:          http.client passes over 100 alone. With any other 1xx everything built on it
#                   returns that as the whole answer, without a body: urllib3 and requests say 103
#                   and '' (response.ok is true), httplib2 an empty body, urllib.request raises
#                   HTTPError. The real 200 that follows is left unread on the connection; only
#                   because pools look for unread octets before they reuse one does the next request
#                   not get it.
# Why it matters:   a site that begins to send hints (a CDN's switch) breaks its API for these
#                   clients, and nothing fails loudly: `if response.ok` goes on with an empty text.
# Seen with:        Python 3.11.7, 3.12.1 and 3.13.0; requests 2.34.2, urllib3 2.8.0, httplib2
#                   0.32.1; httpx 0.28.1, aiohttp 3.14.5 and curl 7.88.1 for comparison. 2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages requests==2.34.2 urllib3==2.8.0 httplib2==0.32.1 httpx==0.28.1 \
    aiohttp==3.14.5 2>/dev/null
cat > seen.py <<'PYTHON'
import asyncio
import http.client
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

sys.path.insert(0, 'packages')
import aiohttp
import httplib2
import httpx
import requests
import urllib3

listener = socket.create_server(('127.0.0.1', 0))
url = 'http://127.0.0.1:%d/' % listener.getsockname()[1]
HINT = b'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n'
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nanswer'


def serve(connection):
    """A hint and an answer for each request."""
    data = b''
    while True:
        while b'\r\n\r\n' not in data:
            more = connection.recv(65536)
            if not more:
                return
            data += more
        data = data.partition(b'\r\n\r\n')[2]
        connection.sendall(HINT + ANSWER)


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()


def by_http_client():
    connection = http.client.HTTPConnection('127.0.0.1', listener.getsockname()[1], timeout=10)
    connection.request('GET', '/')
    response = connection.getresponse()
    return response.status, response.read().decode()


def by_urllib():
    try:
        return urllib.request.urlopen(url, timeout=10).status, ''
    except urllib.error.HTTPError as exc:
        return 'HTTPError', str(exc.code)


def by_urllib3():
    response = urllib3.PoolManager().request('GET', url, timeout=10, retries=False)
    return response.status, response.data.decode()


def by_requests():
    response = requests.get(url, timeout=10)
    return response.status_code, response.text, response.ok


def by_httplib2():
    response, content = httplib2.Http(timeout=10).request(url)
    return response.status, content.decode()


def by_httpx():
    response = httpx.get(url, timeout=10)
    return response.status_code, response.text


def by_aiohttp():
    async def get():
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status, await response.text()
    return asyncio.run(get())


def by_curl():
    return 200, subprocess.run(['curl', '--silent', '--max-time', '10', url], capture_output=True,
                               text=True).stdout


RIGHT = (200, 'answer')
rows = [('http.client', sys.version.split()[0], by_http_client, (103, '')),
        ('urllib.request', sys.version.split()[0], by_urllib, ('HTTPError', '103')),
        ('urllib3', urllib3.__version__, by_urllib3, (103, '')),
        ('requests', requests.__version__, by_requests, (103, '', True)),
        ('httplib2', httplib2.__version__, by_httplib2, (103, '')),
        ('httpx', httpx.__version__, by_httpx, RIGHT),
        ('aiohttp', aiohttp.__version__, by_aiohttp, RIGHT)]
if shutil.which('curl'):
    version = subprocess.run(['curl', '--version'], capture_output=True,
                             text=True).stdout.split()[1]
    rows.append(('curl', version, by_curl, RIGHT))
changed = 0
for name, version, ask, expected in rows:
    seen = ask()
    changed += seen != expected
    print('%-15s %-8s %r%s' % (name, version, seen, '' if seen == expected
                               else '   CHANGED, it was %r' % (expected,)))
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
