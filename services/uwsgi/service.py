# Copyright the carryall authors.  See LICENSE.
"""The service type ``uwsgi``: an application behind another web server, by uwsgi.

    carryall serve uwsgi -p unix:/run/site.sock --app shop.site:app

Tests:    tests/protocols/uwsgi/test_uwsgiservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.uwsgi import PORT, UWSGIServer
from carryall.services.cgi.applicationserver import ApplicationType

__all__ = ['TYPE']

TYPE = ApplicationType('uwsgi', 'uwsgi', PORT, UWSGIServer)
