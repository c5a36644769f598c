# Copyright the carryall authors.  See LICENSE.
"""WSGI: applications of PEP 3333 on every runtime.

    from carryall.services.wsgi import WSGIApplication

    site = Site(WSGIApplication(app, loop), loop)
"""
from __future__ import absolute_import, division, print_function

from carryall.services.wsgi.settings import Settings
from carryall.services.wsgi.wsgiapplication import WSGIApplication

__all__ = ['Settings', 'WSGIApplication']
