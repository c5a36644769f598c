# Copyright the carryall authors.  See LICENSE.
"""HTTP: messages, their semantics, a server and a client (RFC 9110, 9112).

    from carryall.protocols.http import Response, Site

    loop.listen_tcp(Site(lambda request: Response(200, body=b'Hello\\n'), loop), '127.0.0.1', 8080)
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http.fields.headers import Headers, MutableHeaders
from carryall.protocols.http.message.limits import Limits
from carryall.protocols.http.server.request import Request
from carryall.protocols.http.message.response import FileBody, Response, method_not_allowed, plain_response
from carryall.protocols.http.server.site import Site
from carryall.protocols.http.message.wire import Leniency

__all__ = ['FileBody', 'Headers', 'Leniency', 'Limits', 'MutableHeaders', 'Request', 'Response', 'Site',
           'method_not_allowed', 'plain_response']
