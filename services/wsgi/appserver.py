# Copyright the carryall authors.  See LICENSE.
"""AppServer: the service of one application that an option names, with its access log.

Tests:    tests/services/wsgi/test_service.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.listeningoptions import ListeningOptions
from carryall.app.options import Argument, Flag, Option
from carryall.app.optiontypes import Choice, Integer, Path
from carryall.app.objectnames import ObjectName
from carryall.app.service import OneServer
from carryall.core.activity import activity_of
from carryall.core.files.fileuser import opened
from carryall.protocols.http import Settings as HTTPSettings
from carryall.protocols.http import Site
from carryall.services.web.accesslog import FORMATS, AccessLog, RequestLines

__all__ = ['APP', 'AppServer', 'DEFAULT_PORT', 'LISTENING', 'OPTIONS']

DEFAULT_PORT = u'tcp:8000'
MAX_BODY = 1 << 50          # the largest body that can be allowed

LISTENING = ListeningOptions('port', DEFAULT_PORT, repeat=True, connections=None, interface='',
                             help='port or endpoint to listen on, such as 8000, unix:PATH or '
                                  'tls:8443:certificate=site.pem; 8000 on 127.0.0.1 unless given')
APP = Argument('app', ObjectName(), help='the application, such as shop.site:app;'
                                         ' shop:make_app() calls a function for it')
OPTIONS = [
    LISTENING,
    Option('folder', Path('folder'), help='where its modules are; the current folder unless given'),
    Option('max-body', Integer(0, MAX_BODY, 'octets'), default='1073741824',
           help='octets of the body of a request; larger ones are answered with 413'),
    Option('logfile', Path('new'), short='l', help='write a line for each response to this file'),
    Option('log-format', Choice(FORMATS), default='combined', help='format of the lines'),
    Flag('reload', help='start again whenever a Python file in the folder changes, for '
                        'development'),
]                           # type: List[Any]


class AppServer(OneServer):
    """A site with one application.

    Args:     name:    of the service.
              options: as the schema gives them.
    """

    def __init__(self, name, options):
        # type: (str, OptionValues) -> None
        OneServer.__init__(self, name)
        self.options = options
        self._log = None            # type: Optional[AccessLog]

    def serve_app(self, loop, app):
        # type: (Any, Any) -> None
        """Serves *app*, an application of a Site."""
        options = self.options
        if options.logfile is not None:
            self._log = opened(loop, lambda: AccessLog(options.logfile, loop, options.log_format))
        self.serve(loop, LISTENING.server(self.name, options, self.site_of(loop, app)))

    def site_of(self, loop, app):
        # type: (Any, Any) -> Any
        """The factory of the protocols of connections."""
        activity = activity_of(loop)
        lines = self._log if activity is None else RequestLines(activity, self._log)
        return Site(app, loop, HTTPSettings(body_bytes=self.options.max_body), access_log=lines)

    def reload(self):
        """Reopens the log."""
        OneServer.reload(self)
        if self._log is not None:
            self._log.reopen()

    def release(self):
        log, self._log = self._log, None
        if log is not None:
            log.close()


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional
    from carryall.app.optionvalues import OptionValues
