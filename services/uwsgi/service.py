# Copyright the carryall authors.  See LICENSE.
"""The service type ``uwsgi``: an application behind another web server, by uwsgi.

    carryall serve uwsgi -p unix:/run/site.sock --app shop.site:app

Tests:    tests/protocols/uwsgi/test_uwsgiservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.servicetypes import ServerType
from carryall.protocols.uwsgi import PORT, UWSGIServer
from carryall.services.cgi.applicationserver import ApplicationServer, listening, schema

__all__ = ['LISTENING', 'SCHEMA', 'TYPE', 'UWSGIService']

LISTENING = listening(PORT)
SCHEMA = schema(LISTENING, [
    ('carryall serve uwsgi --app shop.site:app', 'an application of carryall, on port 3031'),
    ('carryall serve uwsgi -p unix:/run/site.sock --wsgi shop:application',
     'an application of WSGI, on a Unix socket for uwsgi_pass of nginx'),
])


class UWSGIService(ApplicationServer):
    """The service.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        ApplicationServer.__init__(self, 'uwsgi', options, LISTENING, UWSGIServer)


class UWSGIType(ServerType):
    """The type ``uwsgi``."""

    name = 'uwsgi'
    summary = 'an application behind another server, by uwsgi'
    version = 1
    options = SCHEMA
    service = UWSGIService
    listening = LISTENING


TYPE = UWSGIType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from carryall.app.optionvalues import OptionValues
