# Copyright the carryall authors.  See LICENSE.
"""ASGIApplication: an application of ASGI 3 as the application of a Site.

    site = Site(ASGIApplication(app, loop), loop)

Tests:    tests/services/asgi/test_asgiapplication_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import completed, run_task
from carryall.protocols.websocket import ANY_ORIGIN, Offer, WebSocketServer
from carryall.protocols.websocket import Settings as SocketSettings
from carryall.services.asgi.asgicall_py3 import ASGICall
from carryall.services.asgi.asgiscope import Scopes
from carryall.services.asgi.asgisocket_py3 import ASGISocket
from carryall.services.asgi.lifespan_py3 import Lifespan
from carryall.services.asgi.settings import Settings

__all__ = ['ASGIApplication']

DEFAULTS = Settings()

# The application decides about origins, whose field it sees
SOCKETS = SocketSettings(origins=[ANY_ORIGIN])


class ASGIApplication(object):
    """Called with a Request, it returns the Response, or a Future of it.

    Args:     app:      the ASGI application.
              loop:     the loop of the site.  Applications that use asyncio need its guest.
              settings: a Settings.
              sockets:  the Settings of its WebSockets.
    """

    def __init__(self, app, loop, settings=DEFAULTS, sockets=SOCKETS):
        self.app = app
        self.settings = settings
        self._loop = loop
        self._scopes = Scopes(settings.root_path)
        # Of the guest's own host, or of whatever host runs
        self._start = getattr(loop, 'start_task', run_task)
        self._server = WebSocketServer(None, loop, sockets)
        self._lifespan = None

    def __call__(self, request):
        scopes = self._scopes
        section = scopes.section(request.headers, request.version)
        if section.upgrades:
            return self.serve(request)
        return ASGICall(self.app, request, scopes.scope('http', request, section), self.settings,
                        self._loop).begin(self._start)

    def serve(self, request, root=None, rest=None):
        """Answers *request*; *root* and *rest* as of Scopes.http."""
        if request.headers.get(b'upgrade', b'').lower() != b'websocket':
            scope = self._scopes.http(request, root, rest)
            return ASGICall(self.app, request, scope, self.settings, self._loop).begin(self._start)
        offer = self._server.judge(request)
        if type(offer) is not Offer:
            return offer
        scope = self._scopes.websocket(request, offer.subprotocols, root, rest)
        return ASGISocket(self.app, request, scope, self._server, offer, self.settings,
                          self._loop).begin()

    def start(self):
        """Begins the lifespan; a Future of its startup."""
        self._lifespan = Lifespan(self.app, self._scopes.lifespan(), self.settings, self._loop)
        return self._lifespan.start()

    def stop(self):
        """Ends the lifespan; a Future of its shutdown."""
        lifespan, self._lifespan = self._lifespan, None
        return completed(None) if lifespan is None else lifespan.stop()
