# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of ASGI: an application on the asyncio guest, and a client of it."""
from __future__ import absolute_import, division, print_function

from carryall import runtimes
from carryall.protocols.http import Settings as HTTPSettings
from carryall.protocols.http import Site
from carryall.services.asgi import Settings, asgi_application
from tests.services.wsgi.wsgikit import Served as WSGIServed

START = {'type': 'http.response.start', 'status': 200,
         'headers': [(b'content-type', b'text/plain')]}


class Served(WSGIServed):
    """An application of a site on a loop of its own.

    Args:     app: the ASGI application.
              backend: of the loop.
    """

    def __init__(self, app, backend='asyncio', **settings):
        self.loop = runtimes.choose(backend)
        self.application = asgi_application(app, self.loop, Settings(**settings))
        self.listener = self.loop.listen_tcp(
            Site(self.application, self.loop, HTTPSettings(head_seconds=60.0)))

    def close(self):
        self.loop.close()


async def answer(send, body=b'', status=200, headers=()):
    """Sends a whole response."""
    await send({'type': 'http.response.start', 'status': status, 'headers': list(headers)})
    await send({'type': 'http.response.body', 'body': body})
