# Copyright the carryall authors.  See LICENSE.
"""The example of port forwarding runs."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import VirtualLoop
from tests.support.echo import Echo, EchoClient
from tests.support.examples import example


def test_the_relay_leads_to_its_target(monkeypatch):
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '127.0.0.1', 7007)
    example('portforward.py', loop, monkeypatch)
    _, client = loop.run_until(loop.connect_tcp(EchoClient, '127.0.0.1', 6666))
    assert loop.run_until(client.echo(b'led on')) == b'led on'
