# Copyright the carryall authors.  See LICENSE.
"""A POP3 server answers a flood over many turns (law L21)."""
from __future__ import absolute_import, division, print_function

from tests.protocols.pop3.test_server import server
from tests.support.floods import EndedFloodTests, Flood, SharedFloodTests


class TestFloods(SharedFloodTests, EndedFloodTests):
    flood = Flood(server, b'CAPA\r\n', b'\r\n.\r\n')
