# Copyright the carryall authors.  See LICENSE.
"""The service type ``asgi``: one application of ASGI 3, on the asyncio guest.

    carryall asgi shop.site:app
    mktap asgi shop.site:app --folder /srv/shop && twistd -f asgi.tap

Tests:    tests/services/asgi/test_service_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.objectnames import load_object
from carryall.app.options import Option, Schema
from carryall.app.optiontypes import Choice, Text
from carryall.app.service import DRAIN_SECONDS
from carryall.app.servicetypes import ServerType
from carryall.core.compat import PY2
from carryall.core.errors import UsageError
from carryall.core.logs import get_logger
from carryall.services.asgi import WHY_NOT, asgi_application, check_language
from carryall.services.asgi.settings import Settings
from carryall.services.wsgi.appserver import APP, LISTENING, OPTIONS, AppServer

__all__ = ['ASGIService', 'SCHEMA', 'TYPE']

USUAL = u'app'              # the name that the documents of ASGI use

log = get_logger('asgi')


class ASGIService(AppServer):
    """A site with one ASGI application.

    Args:     options: as SCHEMA gives them.
    """

    backend = 'asyncio'

    def __init__(self, options):
        # type: (OptionValues) -> None
        AppServer.__init__(self, 'asgi', options)
        self._application = None    # type: Any

    def start(self, loop):
        self.serve_app(loop, self.application(loop))

    def application(self, loop):
        # type: (Any) -> Any
        """The application for a Site, which has started unless the loop runs already."""
        check_language()
        options = self.options
        app = load_object(options.app, USUAL, options.folder)
        application = asgi_application(app, loop, Settings(root_path=options.root_path))
        if options.lifespan == u'auto':
            started = application.start()
            if not loop.running:
                loop.run_until(started)     # before a client can connect
            else:
                started.add_done_callback(_tell_failure)
        self._application = application
        return application

    def stop(self, seconds=DRAIN_SECONDS):
        application, self._application = self._application, None
        stopped = AppServer.stop(self, seconds)
        return stopped if application is None else stopped.then(lambda _: application.stop())


def _tell_failure(future):
    # type: (Any) -> None
    if future.exception() is not None:
        log.error('the application did not start: %s', future.exception())


def _check(options):
    # type: (OptionValues) -> None
    path = options.root_path
    if path and (not path.startswith(u'/') or path.endswith(u'/')):
        raise UsageError(u'--root-path is a path such as /shop, without a slash at its end')


SCHEMA = Schema(OPTIONS + [
    Option('root-path', Text(0, 255, 'PATH'), default='',
           help='path that leads to the application, such as /shop'),
    Option('lifespan', Choice(('auto', 'off')), default='auto',
           help='off: the application is not told of start and stop'),
], [APP], check=_check, examples=[
    ('carryall asgi shop.site:app', 'the application app of shop/site.py, on port 8000'),
    ('carryall asgi shop.site:app --reload', 'the same, again after each change of a file'),
])


class ASGIType(ServerType):
    """The type ``asgi``."""

    name = 'asgi'
    summary = 'an application of ASGI 3, for Python 3'
    version = 1
    options = SCHEMA
    service = ASGIService
    listening = LISTENING

    def watched_folder(self, options):
        return options.folder if options.reload else None

    def check(self, options):
        """Python 3 is needed."""
        return ServerType.check(self, options) + ([WHY_NOT] if PY2 else [])


TYPE = ASGIType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.optionvalues import OptionValues
