# Copyright the carryall authors.  See LICENSE.
"""The small services for tests, as an object."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.testservers import LocalRunner, SimpleServer
from tests.house.testservers.clients import Client


@pytest.fixture(scope='module')
def runner():
    """One for all tests here."""
    with LocalRunner() as made:
        yield made


def test_the_small_services_have_a_port_each(runner):
    with SimpleServer(runner) as server:
        with Client((server.host, server.ports['echo'])) as client:
            assert client.ask(b'hello') == b'hello\r\n'
        with Client((server.host, server.ports['daytime'])) as client:
            assert client.rest()
