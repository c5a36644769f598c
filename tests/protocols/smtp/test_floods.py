# Copyright the carryall authors.  See LICENSE.
"""An SMTP server answers a flood over many turns (law L21)."""
from __future__ import absolute_import, division, print_function

from tests.protocols.smtp.stage import server
from tests.support.floods import EndedFloodTests, Flood, SharedFloodTests


class TestFloods(SharedFloodTests, EndedFloodTests):
    flood = Flood(server, b'NOOP\r\n', b'250 2.0.0', greeting=b'EHLO a\r\n', count=80)
