# Copyright the carryall authors.  See LICENSE.
"""The examples of WebSocket run."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import VirtualLoop
from tests.support.examples import example


def test_the_client_shows_the_answer_of_the_server(monkeypatch, capsys):
    loop = VirtualLoop()
    example('websocket_server.py', loop, monkeypatch)
    example('websocket_client.py', loop, monkeypatch)
    assert capsys.readouterr()[0] == 'somebody said: hello\n'
