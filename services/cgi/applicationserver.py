# Copyright the carryall authors.  See LICENSE.
"""ApplicationServer: an application, or a folder of files, behind another web server.

    carryall serve fastcgi -p unix:/run/site.sock --app shop.site:app       nginx: fastcgi_pass
    carryall serve scgi --path site                                         nginx: scgi_pass
    carryall serve uwsgi --wsgi shop.site:application                       nginx: uwsgi_pass

The types fastcgi, scgi and uwsgi are this service with three protocols.

Tests:    tests/services/cgi/behindtests.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.listeningoptions import ListeningOptions
from carryall.app.objectnames import ObjectName, load_object
from carryall.app.options import Flag, Option, Schema
from carryall.app.optiontypes import Path
from carryall.app.service import OneServer
from carryall.app.servicetypes import ServerType
from carryall.core.errors import UsageError
from carryall.services.web.static import StaticFiles
from carryall.services.wsgi.wsgiapplication import WSGIApplication

__all__ = ['ApplicationServer', 'ApplicationType']


def _listening(port):
    # type: (int) -> ListeningOptions
    """The group of the options about listening."""
    return ListeningOptions(
        'port', u'tcp:%d' % port, kinds=('tcp', 'unix'), repeat=True, interface='', per_address=0,
        help='port or endpoint to listen on, such as %d or unix:/run/site.sock; only the web '
             'server may reach it' % port)


def _check(options):
    # type: (OptionValues) -> None
    given = [name for name in ('app', 'wsgi', 'path') if getattr(options, name) is not None]
    if len(given) > 1:
        raise UsageError(u'--%s and --%s exclude each other' % (given[0], given[1]))
    if not given:
        options.path = os.path.abspath(u'.')


def _schema(group, name, port):
    # type: (ListeningOptions, str, int) -> Schema
    """The options of a type."""
    command = 'carryall serve ' + name
    return Schema([
        group,
        Option('app', ObjectName(), help='application of carryall, called with each request'),
        Option('wsgi', ObjectName(), help='application of WSGI (PEP 3333)'),
        Option('path', Path('folder'), aliases=('root', 'directory'),
               help='folder of files to serve; this one unless an application is given'),
        Option('folder', Path('folder'),
               help='where the modules of the application are; the current folder unless given'),
        Flag('listing', default=True, help='list a folder without an index'),
    ], check=_check, examples=[
        (command + ' --app shop.site:app', 'an application of carryall, on port %d' % port),
        (command + ' -p unix:/run/site.sock --wsgi shop:application',
         'an application of WSGI, on a Unix socket for %s_pass of nginx' % name)])


class ApplicationServer(OneServer):
    """A server for one web server before it.

    Args:     name: of the type.
              options: of its type.
              group: its ListeningOptions.
              server: makes the protocol of a connection: server(app, loop).
    """

    def __init__(self, name, options, group, server):
        # type: (str, OptionValues, ListeningOptions, Any) -> None
        OneServer.__init__(self, name)
        self._options = options
        self._group = group
        self._make = server
        self._app = None            # type: Any

    def start(self, loop):
        options = self._options
        if options.app is not None:
            self._app = load_object(options.app, u'app', options.folder)
        elif options.wsgi is not None:
            self._app = WSGIApplication(load_object(options.wsgi, u'application', options.folder),
                                        loop)
        else:
            if not os.path.isdir(options.path):
                raise UsageError(u'folder %s is missing' % options.path)
            self._app = StaticFiles(options.path, loop.wall, listing=options.listing,
                                    turns=loop.turns)
        app = self._app
        self.serve(loop, self._group.server(self.name, options, lambda: self._make(app, loop)))

    def release(self):
        if isinstance(self._app, WSGIApplication):
            self._app.close()


class ApplicationType(ServerType):
    """A type of service behind another web server.

    Args:     name: of the type.
              spelled: the protocol, for readers.
              port: to listen on by default.
              server: makes the protocol of a connection: server(app, loop).
    """

    def __init__(self, name, spelled, port, server):
        # type: (str, str, int, Any) -> None
        self.name = name
        self.summary = 'an application behind another server, by ' + spelled
        self.listening = _listening(port)
        self.options = _schema(self.listening, name, port)
        self._server = server

    def make(self, options):
        return ApplicationServer(self.name, options, self.listening, self._server)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.optionvalues import OptionValues
