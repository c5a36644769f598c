# Copyright the carryall authors.  See LICENSE.
"""The service type ``scgi``: an application behind another web server, by SCGI.

    carryall serve scgi -p unix:/run/site.sock --app shop.site:app

Tests:    tests/protocols/scgi/test_scgiservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.scgi import PORT, SCGIServer
from carryall.services.cgi.applicationserver import ApplicationType

__all__ = ['TYPE']

TYPE = ApplicationType('scgi', 'SCGI', PORT, SCGIServer)
