# Copyright the carryall authors.  See LICENSE.
"""The same 13 octets of ours by each way in: a callable, WSGI, ASGI, a resource script, a page
script.

    carryall_apps_py3.py hello|wsgi|asgi|rpy|epy [--backend NAME]
"""
from __future__ import absolute_import, division, print_function

import os
import shutil
import sys
import tempfile

from ours import announce, chosen_loop, listen, options
from carryall.protocols.http import Response, Settings, Site
from carryall.services.web.options import SCHEMA
from carryall.services.web.programs import make_programs
from carryall.services.web.static import StaticFiles

BODY = b'Hello, world!'
IDLE_SECONDS = 300.0
THREADS = 8

RPY = b'''
class Hello:
    isLeaf = 1

    def render(self, request):
        return b'Hello, world!'

resource = Hello()
'''
EPY = b"request.write(b'Hello, world!')\n"


def hello(request):
    """The smallest application."""
    return Response(200, [(b'Content-Type', b'text/plain')], BODY)


def wsgi(environ, start_response):
    """The smallest WSGI application."""
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '13')])
    return [BODY]


async def asgi(scope, receive, send):
    """The smallest ASGI application."""
    await send({'type': 'http.response.start', 'status': 200,
                'headers': [(b'content-type', b'text/plain'), (b'content-length', b'13')]})
    await send({'type': 'http.response.body', 'body': BODY})


def scripts(loop, folder):
    """The web server for a folder with the two scripts."""
    for name, source in (('index.rpy', RPY), ('page.epy', EPY)):
        path = os.path.join(folder, name)
        with open(path, 'wb') as target:
            target.write(source)
        os.chmod(path, 0o644)
    made = SCHEMA.parse(['--path', folder])
    return StaticFiles(folder, loop.wall, programs=make_programs(made, loop))


def application(kind, loop, folder):
    """The application of that kind."""
    if kind == 'wsgi':
        from carryall.services.wsgi import Settings as WSGISettings
        from carryall.services.wsgi import WSGIApplication
        return WSGIApplication(wsgi, loop, WSGISettings(threads=THREADS))
    if kind == 'asgi':
        from carryall.services.asgi import asgi_application
        return asgi_application(asgi, loop)
    return scripts(loop, folder) if kind in ('rpy', 'epy') else hello


def main(argv):
    """Serves until killed."""
    chosen = options(argv)
    loop = chosen_loop(chosen)
    folder = tempfile.mkdtemp()
    try:
        app = application(chosen.kind, loop, folder)
        announce(listen(loop, Site(app, loop, Settings(
            idle_seconds=IDLE_SECONDS, server=b'carryall')), chosen))
        loop.run()
    finally:
        shutil.rmtree(folder)


if __name__ == '__main__':
    main(sys.argv[1:])
