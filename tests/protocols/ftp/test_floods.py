# Copyright the carryall authors.  See LICENSE.
"""An FTP server answers a flood over many turns (law L21)."""
from __future__ import absolute_import, division, print_function

from tests.protocols.ftp.stage import make_site
from tests.support.floods import EndedFloodTests, Flood, SharedFloodTests


class TestFloods(SharedFloodTests, EndedFloodTests):
    flood = Flood(lambda loop: make_site(loop)(), b'NOOP\r\n', b'200 ')
