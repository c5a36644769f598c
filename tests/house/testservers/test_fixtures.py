# Copyright the carryall authors.  See LICENSE.
"""The fixtures of pytest give the servers as objects."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import pytest_plugin
from carryall.pytest_plugin import (      # noqa: F401  fixtures
    FIXTURES, http_server_module, tcp_server)
from carryall.testservers import Server
from tests.house.testservers.clients import Client, fetched


# A database has no port unless it is served.
PORTLESS = ('database',)
WAITING = [row[0] for row in FIXTURES if row[1].endswith((':LazyServer', ':PortForwardServer'))]

for _name in [row[0] for row in FIXTURES]:          # of every protocol that is here
    globals()[_name] = getattr(pytest_plugin, _name)


@pytest.mark.parametrize('name', [row[0] for row in FIXTURES if row[0] != 'https_server'])
def test_each_fixture_is_a_server(request, name):
    server = request.getfixturevalue(name)
    assert isinstance(server, Server)
    # Those that need words or a target start when they have them.
    assert server.started == (name not in WAITING)
    if server.started and name not in PORTLESS:
        assert server.port > 0


def test_the_object_is_that_of_the_protocol(tcp_server):        # noqa: F811
    tcp_server.fail('PING', b'no\r\n')
    with Client(tcp_server.address) as client:
        assert client.ask(b'PING') == b'no\r\n'
    with Client(tcp_server.address) as client:
        assert client.ask(b'PING') == b'PING\r\n'
    assert tcp_server.wait(1) == [b'PING\r\n']


def test_servers_of_one_test_are_apart(tcp_server, http_server):        # noqa: F811
    assert tcp_server.port != http_server.port


_ports = []


@pytest.mark.parametrize('turn', [1, 2])
def test_a_server_of_the_module_lives_on(http_server_module, turn):     # noqa: F811
    if turn == 1:
        http_server_module.respond('/a', b'told')
    _ports.append(http_server_module.port)
    assert fetched(http_server_module.url, b'/a') == (200, b'told')
    assert len(set(_ports)) == 1


class Config(object):
    """The part of pytest's configuration that the plug-in asks for."""

    def __init__(self, *lines):
        self._lines = list(lines)

    def getoption(self, name):
        """No word."""

    def getini(self, name):
        """The lines of the ini file."""
        return {'carryall_runtime': '', 'carryall_options': self._lines}[name]


def test_options_of_the_ini_file_are_read():
    pytest_plugin.pytest_configure(Config('tcp_server.port = 2525', 'http_server.path = site'))


@pytest.mark.parametrize('line', ['nonsense', 'nonsense.port = 1', 'tcp_server.nonsense = 1',
                                  'tcp_server.port = x', 'tcp_server.echo = maybe',
                                  'tcp_server'])
def test_a_wrong_option_is_told_before_any_test(line):
    with pytest.raises(pytest.UsageError) as told:
        pytest_plugin.pytest_configure(Config(line))
    assert str(told.value).startswith('carryall_options: ')
