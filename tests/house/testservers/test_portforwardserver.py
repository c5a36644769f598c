# Copyright the carryall authors.  See LICENSE.
"""The relay for tests, as an object."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.testservers import LocalRunner, PortForwardServer, TCPServer
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_a_relay_starts_when_its_target_is_known(runner):
    with TCPServer(runner) as target:
        with PortForwardServer(runner) as server:
            assert not server.started
            server.forward(target.netloc)
            assert server.port != target.port
            with Client(server.address) as client:
                assert client.ask(b'hello') == b'hello\r\n'
