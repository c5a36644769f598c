# Copyright the carryall authors.  See LICENSE.
"""An HTTP server answers a flood over many turns (law L21)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.http import Response
from tests.protocols.http.stage import GET, site
from tests.support.floods import EndedFloodTests, Flood


def server(loop):
    return site(lambda request: Response(200, body=b'x'))(loop)


class TestFloods(EndedFloodTests):
    flood = Flood(server, GET, b'HTTP/1.1 200', queues=True)
