# Copyright the carryall authors.  See LICENSE.
"""uwsgi: a web server and an application in processes of their own, either side.

    loop.listen_tcp(lambda: UWSGIServer(app, loop), '127.0.0.1', 3031)      # app(request)

    client = yield connect(loop, '127.0.0.1', 3031)
    response = yield client.request(variables)
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.uwsgi.client import UWSGIClient, connect
from carryall.protocols.uwsgi.errors import UWSGIError
from carryall.protocols.uwsgi.server import UWSGIServer
from carryall.protocols.uwsgi.settings import PORT, Settings
from carryall.protocols.uwsgi.wire import format_head, parse_head

__all__ = ['PORT', 'UWSGIClient', 'UWSGIError', 'UWSGIServer', 'Settings', 'connect', 'format_head',
           'parse_head']
