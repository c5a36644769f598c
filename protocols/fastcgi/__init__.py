# Copyright the carryall authors.  See LICENSE.
"""FastCGI 1.0: a web server and an application in processes of their own, either side.

    loop.listen_tcp(lambda: FastCGIServer(app, loop), '127.0.0.1', 9000)      # app(request)

    client = yield connect(loop, '127.0.0.1', 9000)
    response = yield client.request(variables)
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.fastcgi.client import FastCGIClient, connect
from carryall.protocols.fastcgi.errors import FastCGIError
from carryall.protocols.fastcgi.server import FastCGIServer
from carryall.protocols.fastcgi.settings import PORT, Settings
from carryall.protocols.fastcgi.wire import RecordReader, format_pairs, format_record, parse_pairs

__all__ = ['FastCGIClient', 'FastCGIError', 'FastCGIServer', 'PORT', 'RecordReader', 'Settings',
           'connect', 'format_pairs', 'format_record', 'parse_pairs']
