#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What Python frameworks send to a client that says `gzip;q=0`, `GZIP` or `*` in Accept-Encoding.
#
# One would guess:  a weight of 0 is a refusal (RFC 9110 section 12.4.2), names of codings have no
#                   case (8.4.1), and `*` is whatever is not named (12.5.3): identity, gzip, either.
# What is:          Starlette, Django, Tornado and aiohttp look for the letters "gzip" in the field:
#                   who refuses it gets it, and so does who takes "ungzip" alone at Starlette,
#                   Tornado and aiohttp.  GZIP is not found by Starlette, Django and Tornado.
#                   CherryPy reads weights, and answers 406 to `*`, to GZIP and to ungzip, though
#                   plain text needs no naming.
# Why it matters:   a device or a proxy that cannot inflate says so in the one way there is, and
#                   gets octets that it cannot read; a crawler's `Accept-Encoding: *` sees a
#                   CherryPy site that has nothing to offer.
# Seen with:        Starlette 1.10.0, Django 5.2.19, Tornado 6.6.1, aiohttp 3.14.5, CherryPy
#                   18.10.0; Python 3.11.7.  2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages starlette==1.10.0 django==5.2.19 tornado==6.6.1 aiohttp==3.14.5 \
    cherrypy==18.10.0 2>/dev/null
cat > seen.py <<'PYTHON'
import asyncio
import io
import sys
import types

sys.path.insert(0, 'packages')
from importlib.metadata import version

import aiohttp.web
import cherrypy
import django
import tornado.httpserver
import tornado.netutil
import tornado.web
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse

BODY = b'hello ' * 1000


def by_wsgi(application, field):
    seen = []
    environ = {'REQUEST_METHOD': 'GET', 'SCRIPT_NAME': '', 'PATH_INFO': '/', 'QUERY_STRING': '',
               'SERVER_NAME': 'localhost', 'SERVER_PORT': '80', 'SERVER_PROTOCOL': 'HTTP/1.1',
               'HTTP_HOST': 'localhost', 'REMOTE_ADDR': '127.0.0.1',
               'HTTP_ACCEPT_ENCODING': field, 'wsgi.version': (1, 0), 'wsgi.url_scheme': 'http',
               'wsgi.input': io.BytesIO(), 'wsgi.errors': sys.stderr,
               'wsgi.multithread': False, 'wsgi.multiprocess': False, 'wsgi.run_once': False}
    b''.join(application(environ, lambda *words: seen.extend(words)))
    if not seen[0].startswith('200'):
        return seen[0][:3]
    return dict((name.lower(), value) for name, value in seen[1]).get('content-encoding', 'plain')


class Root:
    @cherrypy.expose
    def index(self):
        cherrypy.response.headers['Content-Type'] = 'text/plain'
        return BODY


cherrypy.config.update({'log.screen': False})
cherrypy_application = cherrypy.Application(Root(), '', {'/': {'tools.gzip.on': True}})
urls = sys.modules['urls'] = types.ModuleType('urls')
urls.urlpatterns = [path('', lambda request: HttpResponse(BODY))]
settings.configure(ALLOWED_HOSTS=['*'], ROOT_URLCONF='urls', SECRET_KEY='x',
                   MIDDLEWARE=['django.middleware.gzip.GZipMiddleware'])
django.setup()
from django.core.wsgi import get_wsgi_application
django_application = get_wsgi_application()


def by_starlette(field):
    seen = []

    async def send(message):
        seen.append(message)
    scope = {'type': 'http', 'method': 'GET', 'path': '/',
             'headers': [(b'accept-encoding', field.encode())]}
    asyncio.run(GZipMiddleware(PlainTextResponse(BODY))(scope, None, send))
    return dict(seen[0]['headers']).get(b'content-encoding', b'plain').decode()


async def ask(port, field):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(b'GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: %s\r\n'
                 b'Connection: close\r\n\r\n' % field.encode())
    head = (await reader.readuntil(b'\r\n\r\n')).decode().lower()
    writer.close()
    return head.partition('content-encoding: ')[2].partition('\r')[0] or 'plain'


class Hello(tornado.web.RequestHandler):
    def get(self):
        self.set_header('Content-Type', 'text/plain')
        self.write(BODY)


def by_tornado(field):
    async def session():
        application = tornado.web.Application([('/', Hello)], compress_response=True)
        server = tornado.httpserver.HTTPServer(application)
        sockets = tornado.netutil.bind_sockets(0, '127.0.0.1')
        server.add_sockets(sockets)
        try:
            return await ask(sockets[0].getsockname()[1], field)
        finally:
            server.stop()
    return asyncio.run(session())


async def hello(request):
    response = aiohttp.web.Response(body=BODY)
    response.enable_compression()
    return response


def by_aiohttp(field):
    async def session():
        runner = aiohttp.web.ServerRunner(aiohttp.web.Server(hello))
        await runner.setup()
        await aiohttp.web.TCPSite(runner, '127.0.0.1', 0).start()
        try:
            return await ask(runner.addresses[0][1], field)
        finally:
            await runner.cleanup()
    return asyncio.run(session())


FIELDS = ('gzip', 'gzip;q=0, identity', 'ungzip', 'GZIP', '*')
EXPECTED = [('starlette', by_starlette, ['gzip', 'gzip', 'gzip', 'plain', 'plain']),
            ('django', lambda field: by_wsgi(django_application, field),
             ['gzip', 'gzip', 'plain', 'plain', 'plain']),
            ('tornado', by_tornado, ['gzip', 'gzip', 'gzip', 'plain', 'plain']),
            ('aiohttp', by_aiohttp, ['gzip', 'gzip', 'gzip', 'gzip', 'plain']),
            ('cherrypy', lambda field: by_wsgi(cherrypy_application, field),
             ['gzip', 'plain', '406', '406', '406'])]
print('Python %s' % sys.version.split()[0])
print('%-17s %s' % ('', '  '.join(FIELDS)))
changed = 0
for name, get, expected in EXPECTED:
    seen = [get(field) for field in FIELDS]
    changed += seen != expected
    cells = '  '.join(cell.ljust(len(field)) for cell, field in zip(seen, FIELDS)).rstrip()
    print('%-17s %s%s' % (name + ' ' + version(name), cells,
                          '' if seen == expected else '   CHANGED'))
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
