# Copyright the carryall authors.  See LICENSE.
"""Applications behind uwsgi, by suffix."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.uwsgi import UWSGIServer
from carryall.services.uwsgi import uwsgiprograms
from tests.services.cgi.suffixtests import SuffixTests


class TestUWSGIPrograms(SuffixTests):
    """The option, and an application that is asked."""

    kind = uwsgiprograms
    option = '--uwsgi'
    server = UWSGIServer
