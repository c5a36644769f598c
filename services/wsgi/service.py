# Copyright the carryall authors.  See LICENSE.
"""The service type ``wsgi``: one application of PEP 3333.

    carryall wsgi shop.site:app
    carryall wsgi shop:make_app() --reload
    mktap wsgi shop.site:app --folder /srv/shop && twistd -f wsgi.tap

Tests:    tests/services/wsgi/test_service.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.objectnames import load_object
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Integer, Text
from carryall.app.servicetypes import ServerType
from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.services.wsgi.appserver import APP, LISTENING, OPTIONS, AppServer
from carryall.services.wsgi.settings import Settings
from carryall.services.wsgi.wsgiapplication import WSGIApplication

__all__ = ['SCHEMA', 'TYPE', 'WSGIService']

MAX_THREADS = 1000          # the most threads that make sense
MAX_WAITING = 1000000       # the most requests that may wait for one

USUAL = u'application'      # the name in PEP 3333's examples


class WSGIService(AppServer):
    """A site with one WSGI application.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        AppServer.__init__(self, 'wsgi', options)
        self._application = None    # type: Any

    def start(self, loop):
        self.serve_app(loop, self.application(loop))

    def application(self, loop):
        # type: (Any) -> WSGIApplication
        """The application for a Site; `release` ends it."""
        options = self.options
        settings = Settings(threads=options.threads, waiting=options.waiting,
                            spools=not options.stream_uploads,
                            script_name=to_bytes(options.script_name))
        app = load_object(options.app, USUAL, options.folder)
        self._application = WSGIApplication(app, loop, settings)
        return self._application

    def release(self):
        if self._application is not None:
            self._application.close()
        AppServer.release(self)


def _check(options):
    # type: (OptionValues) -> None
    name = options.script_name
    if name and (not name.startswith(u'/') or name.endswith(u'/')):
        raise UsageError(u'--script-name is a path such as /shop, without a slash at its end')


SCHEMA = Schema(OPTIONS + [
    Option('threads', Integer(1, MAX_THREADS), default='8',
           help='calls of the application at the same time'),
    Option('waiting', Integer(0, MAX_WAITING), default='256',
           help='requests that may wait for a thread, half of them for one client; further ones '
                'are answered with 503'),
    Flag('stream-uploads',
         help='call the application before the body of a request is complete; a slow client then '
              'holds a thread'),
    Option('script-name', Text(0, 255, 'PATH'), default='',
           help='path that leads to the application, such as /shop'),
], [APP], check=_check, examples=[
    ('carryall wsgi shop.site:app', 'the application app of shop/site.py, on port 8000'),
    ('carryall wsgi "shop:make_app()" --reload',
     'what make_app() returns; again after each change of a file'),
])


class WSGIType(ServerType):
    """The type ``wsgi``."""

    name = 'wsgi'
    summary = 'an application of WSGI (PEP 3333)'
    version = 1
    options = SCHEMA
    service = WSGIService
    listening = LISTENING

    def watched_folder(self, options):
        return options.folder if options.reload else None


TYPE = WSGIType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.optionvalues import OptionValues
