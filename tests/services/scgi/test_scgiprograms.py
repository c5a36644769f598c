# Copyright the carryall authors.  See LICENSE.
"""Applications behind SCGI, by suffix."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.scgi import SCGIServer
from carryall.services.scgi import scgiprograms
from tests.services.cgi.suffixtests import SuffixTests


class TestSCGIPrograms(SuffixTests):
    """The option, and an application that is asked."""

    kind = scgiprograms
    option = '--scgi'
    server = SCGIServer
