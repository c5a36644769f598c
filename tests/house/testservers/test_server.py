# Copyright the carryall authors.  See LICENSE.
"""Common parts of all servers for tests: places, options, an end, faults."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import CarryallError, UsageError
from carryall.testservers import HTTPServer, LocalRunner, NotArrived, TCPServer
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_a_server_has_a_host_a_port_and_a_url(runner):
    with TCPServer(runner) as server:
        assert server.host == '127.0.0.1'
        assert server.port > 0
        assert server.url == 'tcp://127.0.0.1:%d' % server.port
        assert server.address == (server.host, server.port)
        assert repr(server) == '<TCPServer at %s>' % server.url


def test_a_server_that_has_not_started_has_no_port():
    server = TCPServer()
    with pytest.raises(RuntimeError):
        server.port
    assert not server.started


def test_a_closed_server_takes_no_connection(runner):
    with TCPServer(runner) as server:
        address = server.address
    with pytest.raises(Exception):
        Client(address)


def test_a_server_is_closed_twice_without_harm(runner):
    server = TCPServer(runner).start()
    server.close()
    server.close()


def test_a_stopped_server_is_restarted_on_its_port(runner):
    with TCPServer(runner) as server:
        port = server.port
        server.stop()
        with pytest.raises(Exception):
            Client(server.address)
        server.restart(greeting='hello\r\n')
        assert server.port == port
        with Client(server.address) as client:
            assert client.read() == b'hello\r\n'


def test_a_port_can_be_asked_for(runner):
    with TCPServer(runner) as first:
        port = first.port
    with TCPServer(runner, port=port) as second:
        assert second.port == port


def test_a_port_that_is_taken_is_told(runner):
    with TCPServer(runner) as first:
        with pytest.raises(CarryallError):
            TCPServer(runner, port=first.port).start()


def test_servers_without_a_runner_share_one_and_leave_nothing():
    import threading
    before = threading.active_count()
    with TCPServer() as first:
        with TCPServer() as second:
            assert first.port != second.port
            assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_an_unknown_option_is_told():
    with pytest.raises(TypeError) as told:
        TCPServer(nonsense=1)
    assert 'greeting' in str(told.value)


def test_a_port_is_a_number():
    with pytest.raises(TypeError):
        TCPServer(port='8080')


def test_a_missing_folder_is_told_at_the_start(runner, tmpdir):
    with pytest.raises(UsageError) as told:
        HTTPServer(runner, path=tmpdir.join('none')).start()
    assert 'none' in told.value.message


def test_a_failed_start_gives_the_shared_runner_back(tmpdir):
    import threading
    before = threading.active_count()
    with pytest.raises(UsageError):
        HTTPServer(path=str(tmpdir.join('none'))).start()
    assert threading.active_count() == before


def test_a_relative_path_begins_at_the_current_folder(runner, tmpdir):
    tmpdir.mkdir('site').join('a.txt').write('a')
    with tmpdir.as_cwd():
        with HTTPServer(runner, path='site') as server:
            assert server.values['path'] == os.path.join(str(tmpdir), 'site')


@pytest.mark.parametrize('text, value', [('yes', True), ('On', True), ('1', True), ('no', False)])
def test_a_flag_is_read_from_text(text, value):
    assert TCPServer.read_option('echo', text) is value


@pytest.mark.parametrize('option, text', [('echo', 'maybe'), ('port', 'x'), ('nonsense', '1'),
                                          ('factory', 'a')])
def test_an_option_that_cannot_be_read_is_told(option, text):
    with pytest.raises(UsageError):
        TCPServer.read_option(option, text)


def test_options_come_from_the_environment():
    environ = {'CARRYALL_TCP_SERVER_PORT': '2525', 'CARRYALL_TCP_SERVER_ECHO': 'no'}
    assert TCPServer.from_environment(environ) == {'port': 2525, 'echo': False}


def test_a_fault_acts_and_is_counted(runner):
    with TCPServer(runner) as server:
        fault = server.fail('PING', b'no\r\n', times=2)
        assert fault.hits == 0
        for _ in range(2):
            with Client(server.address) as client:
                assert client.ask(b'PING') == b'no\r\n'
        with Client(server.address) as client:
            assert client.ask(b'PING') == b'PING\r\n'
        assert fault.hits == 2


def test_a_fault_ends_with_its_context(runner):
    with TCPServer(runner) as server:
        with server.fail(reply=b'no', times=None):
            pass
        with Client(server.address) as client:
            assert client.ask(b'PING') == b'PING\r\n'


def test_a_fault_that_cannot_be_is_told(runner):
    with TCPServer(runner) as server:
        with pytest.raises(UsageError):
            server.fail('PING')


def test_missing_data_raises_not_arrived(runner):
    with TCPServer(runner) as server:
        with pytest.raises(NotArrived) as told:
            server.wait(2, timeout=0.05)
    assert str(told.value) == '0 of 2 pieces of data came within 0.05 seconds'
    assert isinstance(told.value, AssertionError)


def test_a_reset_forgets(runner):
    with TCPServer(runner) as server:
        with Client(server.address) as client:
            client.ask(b'one')
        server.reset()
        assert server.received == b''
