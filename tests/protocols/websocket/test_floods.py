# Copyright the carryall authors.  See LICENSE.
"""A WebSocket answers a flood over many turns (law L21)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.websocket import CONTINUATION, TEXT, WebSocket
from tests.protocols.websocket.websocket_kit import Echoing, masked
from tests.support.floods import Flood, SharedFloodTests


class TestFloods(SharedFloodTests):
    flood = Flood(lambda loop: WebSocket(Echoing(), loop), masked(TEXT, b'hello'), b'hello')

    def test_empty_frames_count_too(self):
        loop, wire = self.connected()
        wire.feed(masked(TEXT, b'he', False) + masked(CONTINUATION, b'', False) * 5000 + masked(
            CONTINUATION, b'llo'))
        assert not wire.take()
        loop.advance(0.1)
        assert b'hello' in wire.take()
