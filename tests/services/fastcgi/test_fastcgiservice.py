# Copyright the carryall authors.  See LICENSE.
"""The type fastcgi: applications behind another web server."""
from __future__ import absolute_import, division, print_function

from carryall.protocols import fastcgi
from carryall.services.fastcgi.service import TYPE
from tests.services.cgi.behindtests import BehindTests


class TestService(BehindTests):
    """Three kinds of application."""

    kind = TYPE
    protocol = fastcgi
