# Copyright the carryall authors.  See LICENSE.
"""The servers for tests of any protocol, as objects."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.protocol import Protocol
from carryall.testservers import LocalRunner, TCPServer, TypeServer
from carryall.testservers.anyserver import LazyServer
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


class Shout(Protocol):
    """Sends back what comes, louder."""

    def data_received(self, data):
        self.transport.write(data.upper())


def test_tcp_answers_what_it_is_told(runner):
    with TCPServer(runner, greeting=u'hello\r\n') as server:
        server.answer('PING', b'PONG\r\n')
        with Client(server.address) as client:
            client.read()
            assert client.ask(b'PING') == b'PONG\r\n'
            assert server.connections == 1
            assert server.send(b'news\r\n') == 1
            assert client.read() == b'news\r\n'
        assert server.received == b'PING\r\n'
        assert server.wait(1) == [b'PING\r\n']


def test_tcp_takes_a_protocol(runner):
    with TCPServer(runner, factory=Shout) as server:
        with Client(server.address) as client:
            assert client.ask(b'ping') == b'PING\r\n'


def test_tcp_is_called_with_a_protocol(runner):
    with TCPServer(runner) as server:
        with Client(server(Shout)) as client:
            assert client.ask(b'ping') == b'PING\r\n'


def test_any_type_runs_with_words(runner, tmpdir):
    with TypeServer(runner, type='web', words=['--path', tmpdir]) as server:
        assert server.addresses == [server.netloc]


def test_a_lazy_server_starts_when_it_is_asked(runner, tmpdir):
    with LazyServer(runner, type='web', words=['--path', tmpdir]) as server:
        assert not server.started
        assert server.port > 0
        assert server.started
