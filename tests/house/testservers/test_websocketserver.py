# Copyright the carryall authors.  See LICENSE.
"""The WebSocket server for tests, as an object."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.testservers import LocalRunner, WebSocketServer


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_a_websocket_listens(runner):
    with WebSocketServer(runner) as server:
        assert server.url.startswith('ws://127.0.0.1:')
        server.answer(u'ping', u'pong')
        assert server.messages == []
        assert server.connections == 0
