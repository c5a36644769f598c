# Copyright the carryall authors.  See LICENSE.
"""HTTP: messages, their semantics, a server and a client (RFC 9110, 9112).

    from carryall.protocols.http import Response, Site

    loop.listen_tcp(Site(lambda request: Response(200, body=b'Hello\\n'), loop), '127.0.0.1', 8080)

The client has a face of its own, carryall.protocols.http.client, so that a server does not load it.
The grammar of the fields is carryall.protocols.http.fields, that of the messages
carryall.protocols.http.message.
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.errors import HTTPError
from carryall.protocols.http.fields.headerfields import Headers, MutableHeaders
from carryall.protocols.http.message.messagebody import Body
from carryall.protocols.http.message.response import (FileBody, Response, Upgrade,
                                                      method_not_allowed, plain_response)
from carryall.protocols.http.server.httpsite import Site
from carryall.protocols.http.server.request import Request
from carryall.protocols.http.server.server import HTTPServer
from carryall.protocols.http.settings import Leniency, Limits, Settings

__all__ = ['Body', 'FileBody', 'HTTPError', 'HTTPServer', 'Headers', 'Leniency', 'Limits',
           'MutableHeaders', 'PORT',
           'Request', 'Response', 'Settings', 'Site', 'TLS_PORT', 'Upgrade', 'method_not_allowed',
           'plain_response']

PORT = 80
TLS_PORT = 443
