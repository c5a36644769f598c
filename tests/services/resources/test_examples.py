# Copyright the carryall authors.  See LICENSE.
"""The example of resources runs."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.protocol import Protocol
from carryall.core.testing import VirtualLoop
from tests.support.examples import example


class _Client(Protocol):
    """Gathers what comes."""

    heard = b''

    def data_received(self, data):
        self.heard += data


@pytest.mark.parametrize('target, status, body', [
    (b'/', b'200', b'<p>welcome</p>'), (b'/goods', b'200', b'<p>2 goods</p>'),
    (b'/goods/tea', b'200', b'<p>3 each</p>'), (b'/goods/gold', b'404', b'<p>sold out</p>'),
    (b'/health', b'204', b'')])
def test_the_tree_answers(monkeypatch, target, status, body):
    loop = VirtualLoop()
    example('resource_tree.py', loop, monkeypatch)
    client = _Client()
    loop.connect_tcp(lambda: client, '127.0.0.1', 7011).add_done_callback(
        lambda future: future.result()[0].write(
            b'GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' % target))
    loop.advance(1.0)
    assert client.heard.startswith(b'HTTP/1.1 ' + status)
    assert client.heard.endswith(b'\r\n\r\n' + body)
