# Copyright the carryall authors.  See LICENSE.
"""The type uwsgi: applications behind another web server."""
from __future__ import absolute_import, division, print_function

from carryall.protocols import uwsgi
from carryall.services.uwsgi.service import TYPE
from tests.services.cgi.behindtests import BehindTests


class TestService(BehindTests):
    """Three kinds of application."""

    kind = TYPE
    protocol = uwsgi
