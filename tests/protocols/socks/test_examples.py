# Copyright the carryall authors.  See LICENSE.
"""The examples of SOCKS run."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.proxies import Proxy, connect_through
from carryall.commands.catalogue import known_types
from carryall.core.errors import ConnectFailed
from carryall.core.testing import VirtualLoop
from tests.support.echo import Echo, EchoClient
from tests.support.examples import example


def test_the_client_goes_by_way_of_the_service(monkeypatch, capsys):
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '127.0.0.1', 7007)
    kind = known_types().get('socks')
    kind.make(kind.options.parse([])).start(loop)
    example('socks_client.py', loop, monkeypatch)
    assert capsys.readouterr()[0] == 'there and back\n'


def asked(monkeypatch, port):
    """The Future of a connection to a port, by way of the server's example; and its loop."""
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '192.0.2.7', port)
    example('socks_server.py', loop, monkeypatch)
    return loop, connect_through(loop, Proxy('socks5', '127.0.0.1'), EchoClient, '192.0.2.7', port)


def test_the_server_connects_to_an_allowed_port(monkeypatch):
    loop, connected = asked(monkeypatch, 80)
    assert loop.run_until(connected)


def test_the_server_connects_to_no_other_port(monkeypatch):
    loop, connected = asked(monkeypatch, 25)
    with pytest.raises(ConnectFailed):
        loop.run_until(connected)
