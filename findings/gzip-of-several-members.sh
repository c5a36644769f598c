#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What HTTP clients make of a body in gzip that has more than one member.
#
# One would guess:  gunzip gives all of them one behind the other, as RFC 1952 section 2.2 says and
#                   as zcat does; RFC 9110's content coding "gzip" is that format.
# What is:          httpx, httplib2, Twisted, wget, wget2 and aria2 give the first member and call
#                   it a success; curl prints it and ends with 23, a write error.  requests,
#                   aiohttp, Tornado, lynx, w3m and links give all.
# Why it matters:   logs that are appended to in compressed form, the output of bgzip and of several
#                   gzip files put together are such files; a server that has the .gz and sends it
#                   as it is loses most of it in half of all clients, and none of these says so.
# Seen with:        httpx 0.28.1, httplib2 0.32.1, Twisted 26.10.0, requests 2.34.2, aiohttp 3.14.5,
#                   Tornado 6.6.1, Python 3.11.7; Debian 12's curl 7.88.1, wget 1.21.3, wget2
#                   1.99.1, aria2 1.36.0, lynx 2.9.0dev.12, w3m 0.5.3, links 2.28 (any that is
#                   missing is passed over).  2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages httpx==0.28.1 httplib2==0.32.1 twisted==26.10.0 requests==2.34.2 \
    aiohttp==3.14.5 tornado==6.6.1 2>/dev/null
cat > by_twisted.py <<'PYTHON'
import sys

sys.path.insert(0, 'packages')
from twisted.internet import defer, task
from twisted.web.client import Agent, ContentDecoderAgent, GzipDecoder, readBody


@defer.inlineCallbacks
def main(reactor):
    agent = ContentDecoderAgent(Agent(reactor), [(b'gzip', GzipDecoder)])
    response = yield agent.request(b'GET', sys.argv[1].encode())
    body = yield readBody(response)
    sys.stdout.write(body.decode())


task.react(main)
PYTHON
cat > seen.py <<'PYTHON'
import asyncio
import gzip
import os
import shutil
import socket
import subprocess
import sys
import threading

sys.path.insert(0, 'packages')
from importlib.metadata import version

import aiohttp
import httplib2
import httpx
import requests
from tornado.httpclient import AsyncHTTPClient

BODY = b''.join(map(gzip.compress, (b'first ', b'second ', b'third')))
ANSWER = (b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n'
          b'Content-Length: %d\r\nConnection: close\r\n\r\n' % len(BODY)) + BODY
listener = socket.create_server(('127.0.0.1', 0))
url = 'http://127.0.0.1:%d/' % listener.getsockname()[1]


def serve(connection):
    with connection:
        data = b''
        while b'\r\n\r\n' not in data:
            more = connection.recv(4096)
            if not more:
                return
            data += more
        connection.sendall(ANSWER)


def accept():
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60,
                          env=dict(os.environ, HOME=os.getcwd()))
    end = '' if done.returncode == 0 else ' (ends with %d)' % done.returncode
    return done.stdout.decode() + end


def by_aiohttp():
    async def get():
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await response.text()
    return asyncio.run(get())


def by_tornado():
    async def get():
        return (await AsyncHTTPClient().fetch(url)).body.decode()
    return asyncio.run(get())


def by_aria2():
    left = run('aria2c', '-q', '--http-accept-gzip=true', '-o', 'aria2.out', url)
    with open('aria2.out') as got:
        return got.read() + left


ALL, FIRST = 'first second third', 'first '
LIBRARIES = [('httpx', lambda: httpx.get(url).text, FIRST),
             ('httplib2', lambda: httplib2.Http().request(url)[1].decode(), FIRST),
             ('twisted', lambda: run(sys.executable, 'by_twisted.py', url), FIRST),
             ('requests', lambda: requests.get(url).text, ALL),
             ('aiohttp', by_aiohttp, ALL), ('tornado', by_tornado, ALL)]
PROGRAMS = [('wget', lambda: run('wget', '-q', '--compression=auto', '-O-', url), FIRST),
            ('wget2', lambda: run('wget2', '-q', '-O-', url), FIRST), ('aria2c', by_aria2, FIRST),
            ('curl', lambda: run('curl', '-s', '--compressed', url), FIRST + ' (ends with 23)'),
            ('lynx', lambda: run('lynx', '-dump', url).strip(), ALL),
            ('w3m', lambda: run('w3m', '-dump', url).strip(), ALL),
            ('links', lambda: run('links', '-dump', url).strip(), ALL)]
changed = 0
for name, ask, expected in LIBRARIES + PROGRAMS:
    if (name, ask, expected) in LIBRARIES:
        about = version(name)
    elif shutil.which(name):
        about = run(name, '-version' if name in ('w3m', 'links') else '--version').split('\n')[0]
    else:
        print('%-9s is not here' % name)
        continue
    seen = ask()
    changed += seen != expected
    print('%-9s %-22r %s%s' % (name, seen, about[:50], '' if seen == expected else '   CHANGED'))
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
