# Copyright the carryall authors.  See LICENSE.
"""SCGI: a web server and an application in processes of their own, either side.

    loop.listen_tcp(lambda: SCGIServer(app, loop), '127.0.0.1', 4000)      # app(request)

    client = yield connect(loop, '127.0.0.1', 4000)
    response = yield client.request(variables)
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.scgi.client import SCGIClient, connect
from carryall.protocols.scgi.errors import SCGIError
from carryall.protocols.scgi.server import SCGIServer
from carryall.protocols.scgi.settings import PORT, Settings
from carryall.protocols.scgi.wire import format_head, parse_head

__all__ = ['PORT', 'SCGIClient', 'SCGIError', 'SCGIServer', 'Settings', 'connect', 'format_head',
           'parse_head']
