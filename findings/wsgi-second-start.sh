#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What four WSGI servers send when an application begins its response anew, with exc_info, before
# anything of the first has gone out.
#
# One would guess:  the second call of start_response takes the place of the first (PEP 3333, "The
#                   start_response() Callable": the headers that were set are replaced).
# What is:          waitress and wsgiref send the second set alone. gunicorn and cheroot send the
#                   second status, and the fields of both calls.
# Why it matters:   error handlers of frameworks begin anew so that nothing of the failed page is
#                   left. Behind those two a Set-Cookie, a Content-Type or a Cache-Control of the
#                   failed page stays, and a client may take the first of two Content-Types.
# Seen with:        gunicorn 27.0.1, waitress 3.0.2, cheroot 11.1.2, CPython 3.11.7.  2026-12-01.
# Needs:            python3 with venv.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install -q gunicorn==27.0.1 waitress==3.0.2 cheroot==11.1.2
cat > app.py <<'PYTHON'
import sys


def application(environ, start):
    start('200 OK', [('Content-Type', 'text/html'), ('X-First', 'yes')])
    try:
        raise ValueError('the page has failed')
    except ValueError:
        start('500 Internal Server Error', [('Content-Type', 'text/plain'), ('X-Second', 'yes')],
              sys.exc_info())
    return [b'sorry']
PYTHON
cat > ask.py <<'PYTHON'
import http.client
import socket
import subprocess
import sys
import time

SERVERS = {
    'gunicorn': ['-m', 'gunicorn', '-b', '127.0.0.1:PORT', '--no-control-socket',
                 'app:application'],
    'waitress': ['-m', 'waitress', '--listen=127.0.0.1:PORT', 'app:application'],
    'cheroot': ['-m', 'cheroot', '--bind', '127.0.0.1:PORT', 'app:application'],
    'wsgiref': ['-c', 'from wsgiref.simple_server import make_server; import app; '
                'make_server("127.0.0.1", PORT, app.application).serve_forever()'],
}


def fields(name, words):
    probe = socket.socket()
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
    probe.close()
    child = subprocess.Popen([sys.executable] + [word.replace('PORT', str(port)) for word in words],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(('127.0.0.1', port), 5).close()
                break
            except OSError:
                time.sleep(0.05)
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=10)
        connection.request('GET', '/')
        answer = connection.getresponse()
        answer.read()
        connection.close()
    finally:
        child.terminate()
        child.wait()
    found = [value for key, value in answer.getheaders() if key.lower() == 'content-type']
    seen = (answer.status, found, answer.getheader('X-First'), answer.getheader('X-Second'))
    print('%-9s %s' % (name, seen))
    return seen


both = (500, ['text/html', 'text/plain'], 'yes', 'yes')
second = (500, ['text/plain'], None, 'yes')
results = dict((name, fields(name, words)) for name, words in sorted(SERVERS.items()))
expected = dict((name, both if name in ('cheroot', 'gunicorn') else second) for name in SERVERS)
sys.exit(0 if results == expected else 1)
PYTHON
env/bin/python ask.py
