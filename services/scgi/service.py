# Copyright the carryall authors.  See LICENSE.
"""The service type ``scgi``: an application behind another web server, by SCGI.

    carryall serve scgi -p unix:/run/site.sock --app shop.site:app

Tests:    tests/protocols/scgi/test_scgiservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.servicetypes import ServerType
from carryall.protocols.scgi import PORT, SCGIServer
from carryall.services.cgi.applicationserver import ApplicationServer, listening, schema

__all__ = ['LISTENING', 'SCHEMA', 'TYPE', 'SCGIService']

LISTENING = listening(PORT)
SCHEMA = schema(LISTENING, [
    ('carryall serve scgi --app shop.site:app', 'an application of carryall, on port 4000'),
    ('carryall serve scgi -p unix:/run/site.sock --wsgi shop:application',
     'an application of WSGI, on a Unix socket for scgi_pass of nginx'),
])


class SCGIService(ApplicationServer):
    """The service.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        ApplicationServer.__init__(self, 'scgi', options, LISTENING, SCGIServer)


class SCGIType(ServerType):
    """The type ``scgi``."""

    name = 'scgi'
    summary = 'an application behind another server, by SCGI'
    version = 1
    options = SCHEMA
    service = SCGIService
    listening = LISTENING


TYPE = SCGIType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues
