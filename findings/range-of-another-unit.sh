#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What the file servers of Python's web frameworks make of a Range that is valid and not the usual
# one.
#
# One would guess:  a range in a unit that the server does not know is ignored and the whole file
#                   comes with 200, as RFC 9110 section 14.2 says (MUST ignore); two ranges give
#                   both, or one, or the whole; Range of a HEAD means nothing; and who can answer
#                   `bytes=4-` can answer `bytes=-3`.
# What is:          `Range: items=0-1` is 416 with Flask, Bottle, Quart and aiohttp, 400 with
#                   Starlette, and CherryPy answers 206 with the *octets* 0-1. `bytes=0-1,8-9` is
#                   416 with Flask, Quart and aiohttp, 400 with Falcon. `bytes=-3`, the last three
#                   octets, is 500 with Quart. `bytes=8-99` of ten octets, which reaches beyond the
#                   end and must give the rest, is 416 with BlackSheep. HEAD with a Range is 206
#                   nearly everywhere. WebOb, Tornado and Twisted ignore the unit that they do not
#                   know.
# Why it matters:   PDF viewers ask for two ranges, readers of zip files for the last octets (the
#                   directory of an archive is there), and a client that tries a unit of its own
#                   counts on being ignored. From these frameworks each gets an error for a file
#                   that is there; from nginx 1.22.1 all of them work (HEAD is 206 there too).
# Seen with:        Flask 3.1.3 (Werkzeug 3.1), Starlette 1.10.0, Bottle 0.13.4, Falcon 4.4.0, WebOb
#                   1.8.11, CherryPy 18.10.0, Quart 0.22.0, BlackSheep 2.6.4, aiohttp 3.14.5,
#                   Tornado 6.6.1, Twisted 26.10.0; Python 3.11.7. 2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages flask==3.1.3 starlette==1.10.0 bottle==0.13.4 falcon==4.4.0 webob==1.8.11 \
    cherrypy==18.10.0 quart==0.22.0 blacksheep==2.6.4 aiohttp==3.14.5 tornado==6.6.1 \
    twisted==26.10.0 2>/dev/null
mkdir files
printf 0123456789 > files/x.txt
cat > seen.py <<'PYTHON'
import asyncio
import io
import logging
import os
import socket
import sys
import threading
import warnings

sys.path.insert(0, 'packages')
warnings.simplefilter('ignore')
logging.disable(logging.CRITICAL)
from importlib.metadata import version

FILES = os.path.abspath('files')
ASKED = [('GET', 'bytes=2-4'), ('GET', 'items=0-1'), ('GET', 'bytes=0-1,8-9'), ('GET', 'bytes=-3'),
         ('GET', 'bytes=8-99'),
         ('HEAD', 'bytes=2-4')]
SEEN = {
    'flask': '206 416 416 206 206 206', 'starlette': '206 400 206 206 206 206',
    'bottle': '206 416 206 206 206 206',
    'falcon': '206 200 400 206 206 206', 'webob': '206 200 206 206 206 206',
    'cherrypy': '206 206 206 206 206 206',
    'quart': '206 416 416 500 206 206', 'blacksheep': '206 200 206 206 416 200',
    'aiohttp': '206 416 416 206 206 206',
    'tornado': '206 200 200 206 206 206', 'twisted': '206 200 206 206 206 200'}


def wsgi(app):
    """A WSGI application as a function of method and range that gives the status."""
    def ask(method, wanted):
        statuses = []
        environ = {'REQUEST_METHOD': method, 'SCRIPT_NAME': '', 'PATH_INFO': '/x.txt',
                   'QUERY_STRING': '', 'SERVER_NAME': 'h',
                   'SERVER_PORT': '80', 'SERVER_PROTOCOL': 'HTTP/1.1', 'HTTP_HOST': 'h',
                   'REMOTE_ADDR': '127.0.0.1',
                   'HTTP_RANGE': wanted, 'wsgi.version': (1, 0), 'wsgi.url_scheme': 'http',
                   'wsgi.input': io.BytesIO(),
                   'wsgi.errors': io.StringIO(), 'wsgi.multithread': False,
                   'wsgi.multiprocess': False, 'wsgi.run_once': False}
        pieces = app(environ, lambda status, fields, error=None: statuses.append(int(status[:3])))
        for _ in pieces:
            pass
        getattr(pieces, 'close', lambda: None)()
        return statuses[-1]
    return ask


def asgi(app):
    """The same of an ASGI application."""
    def ask(method, wanted):
        sent = []

        async def call():
            scope = {'type': 'http', 'asgi': {'version': '3.0'}, 'http_version': '1.1',
                     'method': method, 'scheme': 'http',
                     'path': '/x.txt', 'raw_path': b'/x.txt', 'query_string': b'', 'root_path': '',
                     'state': {},
                     'headers': [(b'host', b'h'), (b'range', wanted.encode())],
                     'client': ('127.0.0.1', 1), 'server': ('h', 80)}
            waiting = [{'type': 'http.request', 'body': b'', 'more_body': False}]

            async def receive():
                if waiting:
                    return waiting.pop()
                await asyncio.sleep(5)
                return {'type': 'http.disconnect'}

            async def send(message):
                sent.append(message)
            await asyncio.wait_for(app(scope, receive, send), 10)
        asyncio.run(call())
        return [message['status'] for message in sent
                if message['type'] == 'http.response.start'][0]
    return ask


def tcp(port):
    """The same of a server."""
    def ask(method, wanted):
        with socket.create_connection(('127.0.0.1', port), 10) as connection:
            connection.sendall(b'%s /x.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n'
                               b'Range: %s\r\n\r\n' % (method.encode(), wanted.encode()))
            return int(connection.recv(65536)[9:12])
    return ask


def on_a_loop(start):
    """What *start*, a coroutine function, serves on an asyncio loop in a thread."""
    ports = []
    there = threading.Event()

    def run():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        ports.append(loop.run_until_complete(start()))
        there.set()
        loop.run_forever()
    threading.Thread(target=run, daemon=True).start()
    there.wait(10)
    return tcp(ports[0])


def flask():
    import flask
    app = flask.Flask('x')
    app.route('/x.txt')(lambda: flask.send_file(FILES + '/x.txt'))
    return wsgi(app)


def starlette():
    from starlette.staticfiles import StaticFiles
    return asgi(StaticFiles(directory=FILES))


def bottle():
    import bottle
    app = bottle.Bottle()
    app.route('/x.txt', ['GET', 'HEAD'], lambda: bottle.static_file('x.txt', root=FILES))
    return wsgi(app)


def falcon():
    import falcon
    app = falcon.App()
    app.add_static_route('/', FILES)
    return wsgi(app)


def webob():
    from webob.static import DirectoryApp
    return wsgi(DirectoryApp(FILES))


def cherrypy():
    import cherrypy
    cherrypy.config.update({'log.screen': False, 'environment': 'embedded'})
    return wsgi(cherrypy.Application(object(), '',
                                     {'/': {'tools.staticdir.on': True,
                                            'tools.staticdir.dir': FILES}}))


def quart():
    import quart
    app = quart.Quart('x')

    async def view():
        return await quart.send_file(FILES + '/x.txt', conditional=True)
    app.add_url_rule('/x.txt', 'view', view)
    return asgi(app)


def blacksheep():
    from blacksheep import Application
    app = Application()
    app.serve_files(FILES)
    asyncio.run(app.start())
    return asgi(app)


def aiohttp():
    from aiohttp import web

    async def start():
        app = web.Application()
        app.router.add_static('/', FILES)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, '127.0.0.1', 0).start()
        return runner.addresses[0][1]
    return on_a_loop(start)


def tornado():
    from tornado import httpserver, netutil, web

    async def start():
        sockets = netutil.bind_sockets(0, '127.0.0.1')
        httpserver.HTTPServer(web.Application([(r'/(.*)', web.StaticFileHandler,
                                                {'path': FILES})])).add_sockets(sockets)
        return sockets[0].getsockname()[1]
    return on_a_loop(start)


def twisted():
    from twisted.internet import reactor
    from twisted.web import server, static
    port = reactor.listenTCP(0, server.Site(static.File(FILES)), interface='127.0.0.1')
    threading.Thread(target=lambda: reactor.run(installSignalHandlers=False), daemon=True).start()
    return tcp(port.getHost().port)


print('%-20s' % '', '  '.join('%-13s' % (wanted if method == 'GET' else method + ' ' + wanted)
                              for method, wanted in ASKED))
changed = 0
for name, expected in SEEN.items():
    ask = globals()[name]()
    statuses = [str(ask(method, wanted)) for method, wanted in ASKED]
    same = ' '.join(statuses) == expected
    changed += not same
    print('%-20s' % (name + ' ' + version(name)), '  '.join('%-13s' % status for status
                                                            in statuses),
          '' if same else 'CHANGED, it was ' + expected, flush=True)
os._exit(1 if changed else 0)
PYTHON
python3 seen.py
