#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Which cookies survive in a cookies.txt that one program writes and another reads.
#
# One would guess:  the Netscape cookie file is one format: --save-cookies, --cookie-jar and
#                   Python's MozillaCookieJar are made so that one can log in by one and go on with
#                   another.
# What is:          of the twelve ways between Python, curl, wget and aria2 two are whole.  curl
#                   marks an HttpOnly cookie with "#HttpOnly_" before the line, which wget and aria2
#                   take for a comment.  A session cookie has an empty time in Python's file and 0
#                   in the others': curl, wget and aria2 lose the first, Python the second,
#                   ignore_discard or not.  wget writes host:port as the domain unless the port is
#                   80 or 443, and nobody but wget sends these cookies again.  aria2 writes no first
#                   line, so that Python refuses the whole file.
# Why it matters:   what is lost is the login: it is a session cookie, HttpOnly, or both.  Nothing
#                   is said but by Python.
# Seen with:        Debian 12's curl 7.88.1, wget 1.21.3 and aria2 1.36.0; http.cookiejar of CPython
#                   3.11.7.  2026-11-30.
set -eu
for program in curl wget aria2c python3; do
    command -v $program > /dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > seen.py <<'PYTHON'
import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request

SET = (b'Set-Cookie: session=1\r\nSet-Cookie: lasting=1; Max-Age=3600\r\n'
       b'Set-Cookie: hidden=1; Max-Age=3600; HttpOnly\r\n')
listener = socket.create_server(('127.0.0.1', 0))
url = 'http://127.0.0.1:%d/' % listener.getsockname()[1]
asked = []


def serve():
    """One request a connection: /set gives three cookies."""
    while True:
        with listener.accept()[0] as connection:
            connection.settimeout(10)
            data = b''
            while b'\r\n\r\n' not in data:
                more = connection.recv(4096)
                if not more:
                    break
                data += more
            asked.append(sorted(re.findall(r'(session|lasting|hidden)=1', data.decode())))
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n'
                               + (SET if b' /set' in data else b'') + b'\r\nok')


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL,
                   env=dict(os.environ, HOME=os.getcwd()), timeout=60)


def by_python(jar, page):
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(url + page, timeout=10).read()


def save_python(name):
    jar = http.cookiejar.MozillaCookieJar(name)
    by_python(jar, 'set')
    jar.save(ignore_discard=True)


def load_python(name):
    jar = http.cookiejar.MozillaCookieJar(name)
    jar.load(ignore_discard=True)
    by_python(jar, 'get')


def save_curl(name):
    run('curl', '-s', '-c', name, url + 'set')


def load_curl(name):
    run('curl', '-s', '-b', name, url + 'get')


def save_wget(name):
    run('wget', '-q', '-O', 'out', '--keep-session-cookies', '--save-cookies', name, url + 'set')


def load_wget(name):
    run('wget', '-q', '-O', 'out', '--load-cookies', name, url + 'get')


def save_aria2(name):
    run('aria2c', '-q', '--allow-overwrite=true', '-o', 'out', '--save-cookies', name, url + 'set')


def load_aria2(name):
    run('aria2c', '-q', '--allow-overwrite=true', '-o', 'out', '--load-cookies', name, url + 'get')


PROGRAMS = ('python', 'curl', 'wget', 'aria2')
ALL = ['hidden', 'lasting', 'session']
HL, LS = ['hidden', 'lasting'], ['lasting', 'session']
EXPECTED = {'python': [ALL, HL, HL, HL], 'curl': [HL, ALL, LS, LS],
            'wget': [[], [], ALL, []], 'aria2': ['LoadError', ALL, ALL, ALL]}
print('Python %s' % sys.version.split()[0])
for words in (['curl', '--version'], ['wget', '--version'], ['aria2c', '--version']):
    print(subprocess.run(words, stdout=subprocess.PIPE).stdout.decode().split('\n')[0][:40])
threading.Thread(target=serve, daemon=True).start()
changed = 0
for writer in PROGRAMS:
    globals()['save_' + writer](writer + '.txt')
    for reader, expected in zip(PROGRAMS, EXPECTED[writer]):
        del asked[:]
        try:
            globals()['load_' + reader](writer + '.txt')
            seen = asked[-1]
        except http.cookiejar.LoadError:
            seen = 'LoadError'
        changed += seen != expected
        print('%-6s writes, %-6s sends %s%s' % (writer, reader, seen,
                                                '' if seen == expected else '   CHANGED'))
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
