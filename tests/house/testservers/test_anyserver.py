# Copyright the carryall authors.  See LICENSE.
"""The servers for tests of all other protocols, as objects."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.net.protocol import Protocol
from carryall.testservers import (FingerServer, LocalRunner, PBServer, PortForwardServer,
                                  SimpleServer, SOCKSServer, TCPServer, TelnetServer, TypeServer,
                                  WebSocketServer)
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


def test_finger_tells_of_people_that_are_made_up(runner):
    with FingerServer(runner) as server:
        server.add('ann', name=u'Ann B', plan=u'sail')
        with Client(server.address) as client:
            answer = client.ask(b'ann', b'sail')
        assert b'Ann B' in answer


def test_telnet_lets_its_account_in(runner):
    with TelnetServer(runner, user='ann', password='x') as server:
        assert server.login == ('ann', 'x')
        with Client(server.address) as client:
            client.read(b'.*: ')
            client.ask(b'ann', b'.*: ')
            assert b'Python' in client.ask(b'x', b'.*>>> ')


def test_socks_refuses_on_command(runner):
    with SOCKSServer(runner) as server:
        server.fail(b'\x05*', b'\x05\x07')
        with Client(server.address) as client:
            assert client.ask(b'\x05\x01\x01', b'.*\x07') == b'\x05\x07'


def test_pb_server_answers_a_client(runner):
    with PBServer(runner) as server:
        with Client(server.address) as client:
            assert client.read(b'.*none')


def test_the_small_services_have_a_port_each(runner):
    with SimpleServer(runner) as server:
        with Client((server.host, server.ports['echo'])) as client:
            assert client.ask(b'hello') == b'hello\r\n'
        with Client((server.host, server.ports['daytime'])) as client:
            assert client.rest()


def test_a_relay_starts_when_its_target_is_known(runner):
    with TCPServer(runner) as target:
        with PortForwardServer(runner) as server:
            assert not server.started
            server.forward(target.netloc)
            assert server.port != target.port
            with Client(server.address) as client:
                assert client.ask(b'hello') == b'hello\r\n'


def test_a_websocket_listens(runner):
    with WebSocketServer(runner) as server:
        assert server.url.startswith('ws://127.0.0.1:')
        server.answer(u'ping', u'pong')
        assert server.messages == []
        assert server.connections == 0


def test_any_type_runs_with_words(runner, tmpdir):
    with TypeServer(runner, type='web', words=['--path', tmpdir]) as server:
        assert server.addresses == [server.netloc]


def test_a_lazy_server_starts_when_it_is_asked(runner):
    with LazyServer(runner, type='socks') as server:
        assert not server.started
        assert server.port > 0
        assert server.started
