# Copyright the carryall authors.  See LICENSE.
"""The examples of socks, portforward, finger, telnet and websocket run,
each client with its server."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall import runtimes
from carryall.commands.catalogue import known_types
from carryall.core.testing import VirtualLoop
from carryall.protocols.simple.echo import Echo, EchoClient

EXAMPLES = os.path.join(os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'doc', 'examples')


class Standing(object):
    """A loop whose ``run`` returns, so that a server's example ends when it has begun to listen."""

    def __init__(self, loop):
        self._loop = loop

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def run(self):
        pass

    def close(self):
        pass


def example(name, loop, monkeypatch):
    monkeypatch.setattr(runtimes, 'choose', lambda: Standing(loop))
    with open(os.path.join(EXAMPLES, name), 'rb') as source:
        data = source.read()
    assert data.count(b'\n') <= 40, 'an example has at most 40 lines'
    eval(compile(data, name, 'exec'), {'__name__': '__main__'})


def test_finger(monkeypatch, capsys):
    loop = VirtualLoop()
    example('finger_server.py', loop, monkeypatch)
    example('finger_client.py', loop, monkeypatch)
    assert capsys.readouterr()[0] == 'Ann Example is in room 5.\n'


def test_telnet(monkeypatch, capsys):
    loop = VirtualLoop()
    example('telnet_server.py', loop, monkeypatch)
    example('telnet_client.py', loop, monkeypatch)
    assert capsys.readouterr()[0] == 'You said hello.\n'


def test_portforward(monkeypatch):
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '127.0.0.1', 7007)
    example('portforward.py', loop, monkeypatch)
    _, client = loop.run_until(loop.connect_tcp(EchoClient, '127.0.0.1', 6666))
    assert loop.run_until(client.echo(b'led on')) == b'led on'


def test_socks_client(monkeypatch, capsys):
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '127.0.0.1', 7007)
    kind = known_types().get('socks')
    kind.make(kind.options.parse([])).start(loop)
    example('socks_client.py', loop, monkeypatch)
    assert capsys.readouterr()[0] == 'there and back\n'


@pytest.mark.parametrize('port, allowed', [(80, True), (25, False)])
def test_socks_server(monkeypatch, port, allowed):
    from carryall.core.errors import ConnectFailed
    from carryall.app.proxies import Proxy, connect_through
    loop = VirtualLoop()
    loop.listen_tcp(Echo, '192.0.2.7', port)
    example('socks_server.py', loop, monkeypatch)
    asked = connect_through(loop, Proxy('socks5', '127.0.0.1'), EchoClient, '192.0.2.7', port)
    if allowed:
        loop.run_until(asked)
    else:
        with pytest.raises(ConnectFailed):
            loop.run_until(asked)


def test_websocket(monkeypatch, capsys):
    loop = VirtualLoop()
    example('websocket_server.py', loop, monkeypatch)
    example('websocket_client.py', loop, monkeypatch)
    assert capsys.readouterr()[0] == 'somebody said: hello\n'
