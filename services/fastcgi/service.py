# Copyright the carryall authors.  See LICENSE.
"""The service type ``fastcgi``: an application behind another web server, by FastCGI.

    carryall serve fastcgi -p unix:/run/site.sock --app shop.site:app

Tests:    tests/services/fastcgi/test_fastcgiservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.fastcgi import PORT, FastCGIServer
from carryall.services.cgi.applicationserver import ApplicationType

__all__ = ['TYPE']

TYPE = ApplicationType('fastcgi', 'FastCGI', PORT, FastCGIServer)
