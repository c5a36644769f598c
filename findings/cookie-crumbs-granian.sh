#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Granian over HTTP/2 hands each cookie on as a field of its own, and frameworks then lose or glue
# them.
#
# One would guess:  an application sees the same cookies whatever server it runs under. Chrome and
#                   Firefox send each cookie as a field of its own in HTTP/2 ("crumbs", for the
#                   compression), and RFC 9113 section 8.2.3 has whoever passes such a request on to
#                   something that is not HTTP/2 join them first, by "; ".
# What is:          Hypercorn joins them. Granian's ASGI scope has three fields `cookie`. Of a=1,
#                   b=2, c=3 Litestar then has a alone, Falcon has c alone, and Django has one
#                   cookie, a, with the value "1,b=2,c=3". Starlette and Quart join by themselves;
#                   Granian's own WSGI side joins too.
# Why it matters:   a session cookie that is not the first (or the last) is gone: users of browsers
#                   are logged out when TLS, and with it HTTP/2, is switched on at Granian; curl and
#                   most test clients send one field, so no test fails.
# Seen with:        Granian 2.8.9, Hypercorn 0.18.0, Starlette 1.10.0, Quart 0.22.0, Django 5.2.19,
#                   Litestar 2.25.0, Falcon 4.4.0; Python 3.11.7. 2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages granian==2.8.9 hypercorn==0.18.0 h2==4.4.1 starlette==1.10.0 quart==0.22.0 \
    django==5.2.19 litestar==2.25.0 falcon==4.4.0 2>/dev/null
cat > apps.py <<'PYTHON'
def shown(cookies):
    return ' '.join('%s=%s' % pair for pair in sorted(cookies.items()))


from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def starlette_view(request):
    return PlainTextResponse(shown(request.cookies))
starlette = Starlette(routes=[Route('/', starlette_view)])

import quart as quart_package
quart = quart_package.Quart('x')


@quart.route('/')
async def quart_view():
    return shown(quart_package.request.cookies)

import django as django_package
from django.conf import settings
settings.configure(ALLOWED_HOSTS=['*'], ROOT_URLCONF=__name__, SECRET_KEY='x')
django_package.setup()
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path('', lambda request: HttpResponse(shown(request.COOKIES)))]
django = get_asgi_application()

from litestar import Litestar, Request, get


@get('/')
async def litestar_view(request: Request) -> str:
    return shown(request.cookies)
litestar = Litestar([litestar_view])

import falcon.asgi


class Resource:
    async def on_get(self, request, response):
        response.text = shown(request.cookies)
falcon_app = falcon.asgi.App()
falcon_app.add_route('/', Resource())
falcon = falcon_app


async def scope(scope, receive, send):
    if scope['type'] == 'http':
        fields = [value for name, value in scope['headers'] if name == b'cookie']
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})
        await send({'type': 'http.response.body', 'body': b' | '.join(fields)})
PYTHON
cat > seen.py <<'PYTHON'
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, 'packages')
from importlib.metadata import version

import h2.connection
import h2.events

ALL = 'a=1 b=2 c=3'
SEEN = {('hypercorn', 'scope'): 'a=1; b=2; c=3', ('granian', 'scope'): 'a=1 | b=2 | c=3',
        ('hypercorn', 'starlette'): ALL, ('granian', 'starlette'): ALL,
        ('hypercorn', 'quart'): ALL, ('granian', 'quart'): ALL,
        ('hypercorn', 'django'): ALL, ('granian', 'django'): 'a=1,b=2,c=3',
        ('hypercorn', 'litestar'): ALL, ('granian', 'litestar'): 'a=1',
        ('hypercorn', 'falcon'): ALL, ('granian', 'falcon'): 'c=3'}
START = {'hypercorn': 'from hypercorn.__main__ import main; import sys; '
                      'sys.argv = ["hypercorn", "-b", "127.0.0.1:%d", "apps:%s"]; main()',
         'granian': 'from granian.cli import entrypoint; import sys; '
                    'sys.argv = ["granian", "--interface", "asgi", "--http", "2",'
                    ' "--port", "%d", "apps:%s"]; entrypoint()'}


def ask(port):
    """The body of the answer to a request with three cookies.

    Each is a field of its own, as browsers send them.
    """
    fields = [(':method', 'GET'), (':path', '/'), (':scheme', 'http'), (':authority', 'h'),
              ('cookie', 'a=1'), ('cookie', 'b=2'), ('cookie', 'c=3')]
    with socket.create_connection(('127.0.0.1', port), 10) as connection:
        engine = h2.connection.H2Connection()
        engine.initiate_connection()
        engine.send_headers(1, fields, end_stream=True)
        connection.sendall(engine.data_to_send())
        body = b''
        while True:
            for event in engine.receive_data(connection.recv(65536)):
                if isinstance(event, h2.events.DataReceived):
                    body += event.data
                elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset,
                                        h2.events.ConnectionTerminated)):
                    return body.decode()
            connection.sendall(engine.data_to_send())


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


changed = 0
for (server, app), expected in SEEN.items():
    port = free_port()
    process = subprocess.Popen([sys.executable, '-c', START[server] % (port, app)],
                               env=dict(os.environ, PYTHONPATH='packages:.'),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(80):
            time.sleep(0.25)
            try:
                seen = ask(port)
                break
            except ConnectionRefusedError:
                seen = 'nothing'
    finally:
        process.terminate()
        process.wait()
    changed += seen != expected
    about = version(app) if app != 'scope' else ''
    print('%-17s %-17s %s%s' % (server + ' ' + version(server), app + ' ' + about, seen,
                                '' if seen == expected else '   CHANGED, it was ' + expected),
                                flush=True)
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
