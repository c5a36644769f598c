# Copyright the carryall authors.  See LICENSE.
"""The service type ``fastcgi``: an application behind another web server, by FastCGI.

    carryall serve fastcgi -p unix:/run/site.sock --app shop.site:app

Tests:    tests/services/fastcgi/test_fastcgiservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.servicetypes import ServerType
from carryall.protocols.fastcgi import PORT, FastCGIServer
from carryall.services.cgi.applicationserver import ApplicationServer, listening, schema

__all__ = ['LISTENING', 'SCHEMA', 'TYPE', 'FastCGIService']

LISTENING = listening(PORT)
SCHEMA = schema(LISTENING, [
    ('carryall serve fastcgi --app shop.site:app', 'an application of carryall, on port 9000'),
    ('carryall serve fastcgi -p unix:/run/site.sock --wsgi shop:application',
     'an application of WSGI, on a Unix socket for fastcgi_pass of nginx'),
])


class FastCGIService(ApplicationServer):
    """The service.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        ApplicationServer.__init__(self, 'fastcgi', options, LISTENING, FastCGIServer)


class FastCGIType(ServerType):
    """The type ``fastcgi``."""

    name = 'fastcgi'
    summary = 'an application behind another server, by FastCGI'
    version = 1
    options = SCHEMA
    service = FastCGIService
    listening = LISTENING


TYPE = FastCGIType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues
